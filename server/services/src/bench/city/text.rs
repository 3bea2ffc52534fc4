//! What the meters of a city send: a file a day, a record for each meter and day, some of them a day late.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use chrono::{Datelike, TimeDelta};
use domain::calendar::Zone;
use domain::quantity::Commodity;

use super::super::files::ZONE;
use super::{CityPlan, day};
use crate::{Fault, zones};

/// Days whose values are counted for the entropy: more would find the same.
const COUNTED: u32 = 14;

/// One day's file.
pub(super) struct Written {
    pub path: PathBuf,
    pub values: i64,
    pub bytes: u64,
}

/// How often values and differences occur in what was sent, by commodity.
#[derive(Default)]
pub(super) struct Entropy {
    of: HashMap<Commodity, Counts>,
}

#[derive(Default)]
struct Counts {
    values: HashMap<i64, u64>,
    steps: HashMap<i64, u64>,
    count: u64,
}

impl Entropy {
    /// The smaller of both entropies, over the mix.
    #[expect(clippy::cast_precision_loss, reason = "a figure for people")]
    pub(super) fn bytes_per_interval(&self) -> f64 {
        let bits = |all: &HashMap<i64, u64>| {
            let n: u64 = all.values().sum();
            all.values().map(|c| *c as f64 / n as f64).map(|p| -p * p.log2()).sum::<f64>()
        };
        let total: u64 = self.of.values().map(|c| c.count).sum();
        let all: f64 = self.of.values().map(|c| bits(&c.values).min(bits(&c.steps)) * c.count as f64).sum();
        all / 8.0 / total.max(1) as f64
    }

    fn take(&mut self, commodity: Commodity, values: &[i64]) {
        let counts = self.of.entry(commodity).or_default();
        let mut last = 0;
        for v in values {
            *counts.values.entry(*v).or_default() += 1;
            *counts.steps.entry(v - last).or_default() += 1;
            last = *v;
        }
        counts.count += values.len() as u64;
    }
}

/// Writes the files.
pub(super) struct Writer<'a> {
    folder: &'a Path,
    plan: CityPlan,
    zone: Arc<Zone>,
    entropy: Entropy,
}

impl<'a> Writer<'a> {
    pub(super) fn new(folder: &'a Path, plan: CityPlan) -> Result<Self, Fault> {
        Ok(Self { folder, plan, zone: zones::stored(ZONE)?, entropy: Entropy::default() })
    }

    pub(super) fn entropy(self) -> Entropy {
        self.entropy
    }

    /// The file of a day: what its meters sent, and before that what was late of the day before.
    pub(super) fn day(&mut self, d: u32) -> Result<Written, Fault> {
        let failed = |e: std::io::Error| Fault::Other(format!("cannot write to {}: {e}", self.folder.display()));
        let plan = self.plan;
        let path = self.folder.join(format!("city-{d}.cmep"));
        let mut file = std::io::BufWriter::with_capacity(1 << 18, std::fs::File::create(&path).map_err(failed)?);
        let (mut values, mut bytes, mut line, mut day_values) = (0, 0, String::with_capacity(4096), Vec::new());
        for (of, late) in [(d.checked_sub(1), true), (Some(d), false)] {
            let Some(of) = of else { continue };
            let stamps = [self.stamps(of, 15), self.stamps(of, 60)];
            for m in (0..plan.meters).filter(|m| plan.is_late(*m, of) == late) {
                let commodity = CityPlan::commodity(m);
                let quarters = commodity == Commodity::Electricity;
                let stamps = &stamps[usize::from(!quarters)];
                measure(m, of, commodity, stamps.len(), &mut day_values);
                record(&mut line, m, commodity, stamps, &day_values);
                file.write_all(line.as_bytes()).map_err(failed)?;
                values += i64::try_from(stamps.len()).unwrap_or(0);
                bytes += line.len() as u64;
                if d < COUNTED {
                    self.entropy.take(commodity, &day_values);
                }
            }
        }
        file.flush().map_err(failed)?;
        Ok(Written { path, values, bytes })
    }

    /// The ends of a day's intervals as the head end writes them.
    fn stamps(&self, d: u32, minutes: i64) -> Vec<String> {
        let (start, end) = self.zone.bounds(day(d));
        (1..=(end - start).num_minutes() / minutes)
            .map(|i| self.zone.to_local(start + TimeDelta::minutes(minutes * i)).format("%Y%m%d%H%M").to_string())
            .collect()
    }
}

impl CityPlan {
    fn is_late(self, m: u32, d: u32) -> bool {
        scramble(m, d, 3) % 100 < u64::from(self.late_percent)
    }
}

fn scramble(m: u32, d: u32, salt: u64) -> u64 {
    let mut x = (u64::from(m) << 32 | u64::from(d) << 8 | salt).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    x ^= x >> 29;
    x = x.wrapping_mul(0xbf58_476d_1ce4_e5b9);
    x ^ (x >> 32)
}

/// What a meter counted on a day. Electricity is a base load with a fridge, a morning and an evening, more of it in winter, now
/// and then an oven or a car; water is nothing, then a shower; gas is a pilot light, and heating in the cold months.
fn measure(m: u32, d: u32, commodity: Commodity, slots: usize, out: &mut Vec<i64>) {
    out.clear();
    let mut random = scramble(m, d, 1) | 1;
    let home = scramble(m, 0, 2);
    let cold = i64::from(matches!(day(d).month(), 11 | 12 | 1..=3));
    for slot in 0..slots {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        let (hour, noise) = (slot * 24 / slots, (random % 64).cast_signed());
        let rare = random >> 32 & 0xff;
        out.push(match commodity {
            Commodity::Electricity => {
                let base = (30 + home % 90).cast_signed() + noise / 4;
                let fridge = if (slot as u64 + home).is_multiple_of(3) { 18 } else { 0 };
                let time = match hour {
                    6..9 => 90 + noise,
                    17..22 => 160 + 40 * cold + 2 * noise,
                    _ => 0,
                };
                let car = if home.is_multiple_of(9) && (1..4).contains(&hour) { 1_750 } else { 0 };
                base + fridge + time + car + if rare < 3 { 500 + noise } else { 0 }
            }
            Commodity::Water => match hour {
                6..9 | 18..22 if rare < 110 => 2 + noise / 2,
                _ if rare < 20 => 1 + noise / 8,
                _ => 0,
            },
            Commodity::Gas => match hour {
                6..9 | 17..22 => 12 + 140 * cold + noise * (1 + cold),
                _ if rare < 60 => 5 + noise / 8,
                _ => 0,
            },
        });
    }
}

fn record(line: &mut String, m: u32, commodity: Commodity, stamps: &[String], values: &[i64]) {
    let number = CityPlan::number(m);
    let what = match commodity {
        Commodity::Electricity => "E,KWH,1.0,00000015",
        Commodity::Water => "W,GAL,1.0,00000100",
        Commodity::Gas => "G,THM,1.0,00000100",
    };
    line.clear();
    // Writing to a String cannot fail.
    let _ = write!(line, "MEPMD01,20080501,CITY,C:1,1,{number},202401010000,{number},OK,{what},{}", stamps.len());
    for (stamp, v) in stamps.iter().zip(values) {
        let _ = match commodity {
            Commodity::Water => write!(line, ",{stamp},R0,{v}"),
            _ => write!(line, ",{stamp},R0,{}.{:03}", v / 1000, v % 1000),
        };
    }
    line.push('\n');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entropy_is_that_of_the_shorter_description() {
        let mut e = Entropy::default();
        // Four values as often as each other are two bits each; three steps up and one down are 0.811 bits.
        e.take(Commodity::Water, &[0, 1, 2, 3].repeat(1000));
        assert!((e.bytes_per_interval() * 8.0 - 0.811).abs() < 0.01, "{}", e.bytes_per_interval());
        let mut still = Entropy::default();
        still.take(Commodity::Gas, &[7; 1000]);
        assert!(still.bytes_per_interval().abs() < 1e-9);
    }

    #[test]
    fn every_value_is_sent_once_on_time_or_a_day_late() {
        let folder = tempfile::tempdir().expect("a folder");
        let plan = CityPlan { meters: 40, days: 3, late_percent: 20, reads: 0, minutes: None, review: false };
        let mut writer = Writer::new(folder.path(), plan).expect("a zone");
        let days: Vec<Written> = (0..3).map(|d| writer.day(d).expect("written")).collect();
        let sent: i64 = days.iter().map(|d| d.values).sum();
        let of = |m: u32| if CityPlan::commodity(m) == Commodity::Electricity { 96 } else { 24 };
        let due: i64 = (0..40).map(|m| of(m) * if plan.is_late(m, 2) { 2 } else { 3 }).sum();
        assert_eq!(sent, due);
        assert!(days.iter().all(|d| std::fs::metadata(&d.path).expect("it is there").len() == d.bytes));
        assert!((0..40).any(|m| plan.is_late(m, 0)), "nothing is late");
    }
}
