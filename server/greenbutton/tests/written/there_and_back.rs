//! What is read from a feed is what was written into it.

use std::io::Cursor;

use intake::data::{ChannelData, Point};
use proptest::prelude::*;

use super::*;

fn read(text: &str) -> Vec<ChannelData> {
    let feed = intake::greenbutton::read(&mut Cursor::new(text.as_bytes())).expect("a feed");
    feed.channels
}

/// Start, amount in a finer power of ten than any, quality, cost.
type Row = (i64, i128, Quality, Option<i64>);

fn exact(value: i64, exponent: i8) -> i128 {
    i128::from(value) * 10i128.pow(u32::try_from(exponent + 12).expect("no finer than 10^-12"))
}

fn rows_read(channel: &ChannelData) -> Vec<Row> {
    let row = |p: &Point| (p.start, exact(p.value, channel.exponent), p.quality, p.cost);
    channel.points.iter().map(row).collect()
}

fn rows_written(values: &[Value], exponent: i8) -> Vec<Row> {
    values.iter().map(|v| (v.start.timestamp(), exact(v.value, exponent), v.quality, v.cost.map(|c| c.0))).collect()
}

#[test]
fn services_directions_and_units_come_back() {
    let found: Vec<_> = read(&everything(weeks()[0], "2026-05-21T19:00:00Z"))
        .iter()
        .map(|c| (c.commodity, c.direction, c.unit, c.points.len(), c.currency))
        .collect();
    let (electricity, delivered) = (Some(Commodity::Electricity), Some(Direction::Delivered));
    assert_eq!(
        found,
        [
            (electricity, delivered, Some(Unit::KilowattHour), 6 * 91 + 87, Some("USD")),
            (electricity, Some(Direction::Received), Some(Unit::KilowattHour), 6 * 96 + 92, None),
            (Some(Commodity::Gas), delivered, Some(Unit::Therm), 7 * 24 - 1, None),
            (Some(Commodity::Water), delivered, Some(Unit::Gallon), 7 * 24 - 1, None),
        ]
    );
}

fn kinds() -> impl Strategy<Value = (Commodity, Unit, i8)> {
    prop_oneof![
        (-6i8..=0).prop_map(|e| (Commodity::Electricity, Unit::KilowattHour, e)),
        (-8i8..=1).prop_map(|e| (Commodity::Gas, Unit::Therm, e)),
        (-4i8..=1).prop_map(|e| (Commodity::Gas, Unit::Ccf, e)),
        (-3i8..=3).prop_map(|e| (Commodity::Water, Unit::Gallon, e)),
        (-3i8..=0).prop_map(|e| (Commodity::Water, Unit::CubicFoot, e)),
    ]
}

fn qualities() -> impl Strategy<Value = Quality> {
    prop::sample::select(vec![
        Quality::Missing,
        Quality::Raw,
        Quality::Validated,
        Quality::Verified,
        Quality::Estimated,
        Quality::Edited,
        Quality::Questionable,
        Quality::NotInstalled,
    ])
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn any_channel_comes_back(
        (commodity, unit, exponent) in kinds(),
        seconds in prop::sample::select(vec![300u32, 900, 1800, 3600]),
        first in 0u64..700,
        days in 1u64..4,
        cells in prop::collection::vec((-1_000_000i64..1_000_000_000, qualities(), prop::option::of(-9_000i64..9_000_000)), 1..60),
    ) {
        let zone = city();
        let from = day("2025-01-01") + chrono::Days::new(first);
        let range = DayRange { from, to: from + chrono::Days::new(days) };
        let mut feed = Feed::new(Vec::new(), &head("2026-12-31T00:00:00Z")).expect("a feed");
        feed.usage_point(&UsagePoint { summaries: false, ..point(9, commodity, &zone) }).expect("written");
        feed.channel(&Channel { costs: true, ..channel(Direction::Delivered, unit, exponent, seconds) }).expect("written");
        let (mut written, mut n) = (Vec::new(), 0);
        for day in range.days() {
            let mut found = values(&zone, day, seconds, |_| {
                n += 1;
                Some((cells[n % cells.len()].0, cells[n % cells.len()].1))
            });
            for (i, v) in found.iter_mut().enumerate() {
                v.cost = cells[i % cells.len()].2.map(FineAmount);
            }
            feed.block(day, &found).expect("written");
            written.extend(found.into_iter().filter(|v| v.quality.has_value()));
        }
        let text = String::from_utf8(feed.finish().expect("finished")).expect("UTF-8");
        if written.is_empty() {
            prop_assert!(!text.contains("<entry>"));
            return Ok(());
        }
        super::rules::check(&text);
        let found = read(&text);
        prop_assert_eq!(found.len(), 1);
        prop_assert_eq!(found[0].commodity, Some(commodity));
        let asked = if unit == Unit::Ccf { (Unit::CubicFoot, exponent + 2) } else { (unit, exponent) };
        prop_assert_eq!(found[0].unit, Some(asked.0));
        prop_assert_eq!(rows_read(&found[0]), rows_written(&written, asked.1));
        prop_assert!(found[0].points.iter().all(|p| p.seconds == seconds));
    }
}
