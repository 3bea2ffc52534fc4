//! What residents are warned of.

/// Water that has run in every hour: how long, and the least of any hour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SteadyFlow {
    /// How many hours in a row up to the last, as far as was looked back.
    pub hours: u32,
    /// The least in any of these hours, in the unit of the values.
    pub least: i64,
    /// Which of the values is the first of the run.
    pub first: usize,
}

/// Hours of flow without a pause before anyone is told. Utilities use 24 to 48; a day and a half spares those who water at night once.
pub const STEADY_HOURS: u32 = 36;

/// Looks back from the latest hour for flow without a pause. `hours` are oldest first; `None` (no reading) neither proves nor
/// breaks a run, but a run must have [`STEADY_HOURS`] hours with readings. `floor` is the smallest flow that counts.
#[must_use]
pub fn steady_flow(hours: &[Option<i64>], floor: i64) -> Option<SteadyFlow> {
    let mut run = SteadyFlow { hours: 0, least: i64::MAX, first: hours.len() };
    for (i, value) in hours.iter().enumerate().rev() {
        match value {
            None => {}
            Some(v) if *v >= floor => {
                run.hours += 1;
                run.least = run.least.min(*v);
                run.first = i;
            }
            Some(_) => break,
        }
    }
    (run.hours >= STEADY_HOURS).then_some(run)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flow_without_a_pause_is_seen_and_a_pause_ends_it() {
        let mut hours = vec![Some(0); 10];
        hours.extend([Some(12); 40]);
        assert_eq!(steady_flow(&hours, 3), Some(SteadyFlow { hours: 40, least: 12, first: 10 }));
        hours[30] = None;
        assert_eq!(steady_flow(&hours, 3), Some(SteadyFlow { hours: 39, least: 12, first: 10 }));
        hours[48] = Some(0);
        assert_eq!(steady_flow(&hours, 3), None);
        assert_eq!(steady_flow(&[None; 100], 3), None);
    }
}
