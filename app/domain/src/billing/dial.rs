//! Bills by the dial alone: of a meter that sends nothing, which a person reads now and then. Reads are seldom taken at the first
//! instant of a billing period: between two of them a dial is taken to have moved evenly, and behind the last as fast as before. What a
//! bill took the dial to show at its end is where the next one begins, so that an estimate is made up for by the next read.

use super::ShownBy;
use crate::calendar::Instant;
use crate::metering::register::difference;
use crate::money::div_half_up;

/// Seconds that a read may be off and still count as taken at an instant.
pub const SLACK: i64 = 6 * 3_600;
/// Reads nearer to each other than this say little about how fast a dial moves: seconds.
const LEAST: i64 = 20 * 86_400;

/// A dial.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Dial {
    /// Digits of whole units before it starts again at zero.
    pub digits: u32,
    /// The power of ten of its numbers.
    pub exponent: i8,
    /// Whether it turns back when power is sent to the grid; any other dial that stands lower than before was estimated too high.
    pub both_ways: bool,
}

/// What a dial showed at the ends of some days.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moved {
    /// Where the bill begins.
    pub start: i64,
    /// Where it ends: what the next one begins with.
    pub end: i64,
    /// How far it moved; less than nothing only for a dial that turns both ways.
    pub used: i64,
    /// How the start is known.
    pub start_by: ShownBy,
    /// How the end is.
    pub end_by: ShownBy,
    /// Whether both ends are reads.
    pub read: bool,
    /// Whether the end is known: read, or between two reads.
    pub known: bool,
}

impl Dial {
    /// How far it moves until it starts again at zero.
    fn turn(self) -> Option<i64> {
        let places = u32::try_from(i64::from(self.digits) - i64::from(self.exponent)).ok()?;
        10_i64.checked_pow(places)
    }

    /// Some units further on, within the dial's turn.
    fn moved(self, from: i64, by: i64) -> i64 {
        let to = from.saturating_add(by);
        self.turn().map_or(to, |turn| to.rem_euclid(turn))
    }

    /// How far it moved. Nearly a whole turn is a step back: what was estimated may have turned over before the dial did.
    #[must_use]
    pub fn between(self, from: i64, to: i64) -> i64 {
        let moved = difference(from, to, self.digits, self.exponent);
        match self.turn() {
            Some(turn) if moved >= turn / 2 => moved - turn,
            _ => moved,
        }
    }

    /// What it showed at an instant by its reads, in order of time, and whether that is a read itself; `None` before the first and
    /// behind the last of them.
    #[must_use]
    pub fn shown(self, reads: &[(Instant, i64)], at: Instant) -> Option<(i64, bool)> {
        let off = |r: &(Instant, i64)| (r.0 - at).num_seconds().abs();
        if let Some(near) = reads.iter().filter(|r| off(r) <= SLACK).min_by_key(|r| off(r)) {
            return Some((near.1, true));
        }
        let i = reads.partition_point(|r| r.0 <= at);
        let (before, after) = (reads.get(i.checked_sub(1)?)?, reads.get(i)?);
        let (passed, whole) = ((at - before.0).num_seconds(), (after.0 - before.0).num_seconds());
        Some((self.moved(before.1, part(self.between(before.1, after.1), passed, whole)), false))
    }

    /// What it will have shown behind its last read, if it moved on as fast as over the last weeks before that.
    fn expected(self, reads: &[(Instant, i64)], at: Instant) -> Option<i64> {
        let i = reads.partition_point(|r| r.0 <= at);
        let (last, earlier) = reads[..i].split_last()?;
        let from = earlier.iter().rposition(|r| (last.0 - r.0).num_seconds() >= LEAST)?;
        let took = (last.0 - reads[from].0).num_seconds();
        // Read by read, so that it may have turned over more than once.
        let own = &reads[from..i];
        let moved = own.windows(2).map(|w| self.between(w[0].1, w[1].1)).fold(0, i64::saturating_add);
        Some(self.moved(last.1, part(moved.max(0), (at - last.0).num_seconds(), took)))
    }

    /// How far it moved from an instant to another. `handed` is what the bill before ended with; without one, as for whoever has just moved
    /// in, a start that was not read is estimated as an end is: between two reads, else by how fast it moved before. `None` where
    /// its reads do not say.
    #[must_use]
    pub fn used(self, reads: &[(Instant, i64)], from: Instant, to: Instant, handed: Option<i64>) -> Option<Moved> {
        let first = self.shown(reads, from);
        let by = |read: bool| if read { ShownBy::Read } else { ShownBy::Between };
        let (start, start_by) = match (handed, first) {
            (Some(handed), first) if first != Some((handed, true)) => (handed, ShownBy::Carried),
            (_, Some((value, read))) => (value, by(read)),
            (_, None) => (self.expected(reads, from)?, ShownBy::AsBefore),
        };
        let last = self.shown(reads, to);
        let (end, end_by) = match last {
            Some((value, read)) => (value, by(read)),
            None => (self.expected(reads, to)?, ShownBy::AsBefore),
        };
        let used = self.between(start, end);
        let read = start_by.is_read() && end_by.is_read();
        let known = last.is_some();
        if used < 0 && !self.both_ways {
            // It was estimated too high before: nothing is billed until it comes by.
            return Some(Moved { start, end: start, used: 0, start_by, end_by: start_by, read: false, known });
        }
        Some(Moved { start, end, used, start_by, end_by, read, known })
    }
}

fn part(amount: i64, passed: i64, whole: i64) -> i64 {
    let product = i128::from(amount) * i128::from(passed);
    i64::try_from(div_half_up(product, i128::from(whole.max(1)))).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;
    use proptest::prelude::*;

    use super::*;

    const WATER: Dial = Dial { digits: 4, exponent: 0, both_ways: false };

    fn day(n: i64) -> Instant {
        "2026-01-01T08:00:00Z".parse::<Instant>().expect("a time") + TimeDelta::days(n)
    }

    fn reads(of: &[(i64, i64)]) -> Vec<(Instant, i64)> {
        of.iter().map(|(d, v)| (day(*d), *v)).collect()
    }

    #[test]
    fn between_two_reads_a_dial_moves_evenly() {
        let known = reads(&[(0, 1_000), (30, 1_300), (60, 1_360)]);
        assert_eq!(WATER.shown(&known, day(30)), Some((1_300, true)));
        assert_eq!(WATER.shown(&known, day(10)), Some((1_100, false)));
        assert_eq!((WATER.shown(&known, day(-1)), WATER.shown(&known, day(61))), (None, None));
        let moved = WATER.used(&known, day(10), day(40), None).expect("known");
        assert_eq!((moved.used, moved.read, moved.known), (220, false, true));
        let read = WATER.used(&known, day(0), day(30), Some(1_000)).expect("known");
        assert_eq!((read.used, read.read), (300, true));
    }

    #[test]
    fn what_was_estimated_is_made_up_for() {
        let first = reads(&[(0, 1_000), (30, 1_300)]);
        // The second read was missed: 300 as before.
        let missed = WATER.used(&first, day(30), day(60), Some(1_300)).expect("expected");
        assert_eq!((missed.used, missed.end, missed.known), (300, 1_600, false));
        // It was 900 in two months: 600 are left for the second.
        let all = reads(&[(0, 1_000), (30, 1_300), (90, 2_200)]);
        let made_up = WATER.used(&all, day(60), day(90), Some(missed.end)).expect("known");
        assert_eq!((made_up.used, made_up.read), (600, false));
        // Or only 100: nothing is billed, and the next bill begins where that one did.
        let less = reads(&[(0, 1_000), (30, 1_300), (90, 1_400)]);
        let none = WATER.used(&less, day(60), day(90), Some(missed.end)).expect("known");
        assert_eq!((none.used, none.end), (0, 1_600));
        assert_eq!(WATER.used(&first[..1], day(0), day(30), None), None, "one read says nothing about the next");
    }

    #[test]
    fn a_start_that_was_not_read_is_estimated_as_an_end_is() {
        let ends = |m: Moved| (m.start, m.start_by, m.end, m.end_by, m.known);
        let around = reads(&[(0, 1_000), (30, 1_300), (60, 1_360)]);
        let between = WATER.used(&around, day(40), day(60), None).expect("known");
        assert_eq!(ends(between), (1_320, ShownBy::Between, 1_360, ShownBy::Read, true));
        let behind = WATER.used(&around[..2], day(40), day(60), None).expect("expected");
        assert_eq!(ends(behind), (1_400, ShownBy::AsBefore, 1_600, ShownBy::AsBefore, false));
        // The next read makes up for it: 60 - 40 less than what was billed so far bills nothing.
        let carried = WATER.used(&around, day(60), day(90), Some(behind.end));
        assert_eq!(carried.map(|m| (m.start_by, m.used)), Some((ShownBy::Carried, 0)));
        assert_eq!(WATER.used(&around[..1], day(40), day(60), None), None, "one read does not say how fast");
    }

    #[test]
    fn a_dial_turns_over_and_some_turn_back() {
        let over = reads(&[(0, 9_900), (30, 100)]);
        assert_eq!(WATER.used(&over, day(0), day(30), None).map(|m| m.used), Some(200));
        assert_eq!(WATER.shown(&over, day(15)), Some((0, false)));
        // An estimate may have turned over before the dial does.
        let soon = reads(&[(0, 9_700), (30, 9_900), (60, 9_950)]);
        let early = WATER.used(&soon, day(30), day(60), Some(100)).expect("known");
        assert_eq!((early.used, early.end), (0, 100));
        let solar = Dial { both_ways: true, ..WATER };
        let back = reads(&[(0, 5_000), (30, 4_800)]);
        let moved = solar.used(&back, day(0), day(30), None).expect("known");
        assert_eq!((moved.used, moved.end), (-200, 4_800));
    }

    proptest! {
        /// However reads come, bills that follow each other add up to what the dial moved from first to last.
        #[test]
        fn nothing_is_billed_twice_or_lost(steps in prop::collection::vec((0i64..400, any::<bool>()), 2..24), start in 990_000i64..1_000_000) {
            let dial = Dial { digits: 6, ..WATER };
            let mut value = start;
            let mut all = vec![(day(0), start)];
            let (mut handed, mut billed, mut moved, mut at_end) = (None, 0, 0, false);
            for (month, (used, seen)) in (0_i64..).zip(&steps) {
                let to = day(30 * (month + 1));
                value = dial.moved(value, *used);
                moved += used;
                // The first two are always read.
                let seen = *seen || month < 2;
                if seen {
                    all.push((to, value));
                }
                let m = dial.used(&all, day(30 * month), to, handed).expect("a bill");
                prop_assert!(m.used >= 0);
                billed += m.used;
                handed = Some(m.end);
                at_end = seen && m.end == value;
            }
            if at_end {
                prop_assert_eq!(billed, moved);
            }
        }
    }
}
