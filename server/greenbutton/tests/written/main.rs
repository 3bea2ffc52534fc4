//! What is written, judged from outside: by the standard's schema, by our own checks of what the schema lets pass, and by the
//! reader of such files.

mod document;
mod rules;
mod schema;
mod there_and_back;

use chrono::{NaiveDate, TimeDelta};
use domain::calendar::{DayRange, Instant, Zone};
use domain::metering::Quality;
use domain::money::{Cents, FineAmount};
use domain::quantity::{Commodity, Decimal, Direction, Unit};
use greenbutton::{Channel, Feed, Head, ItemKind, Summary, SummaryLine, UsagePoint, Value};

fn day(text: &str) -> NaiveDate {
    text.parse().expect("a date")
}

fn instant(text: &str) -> Instant {
    text.parse().expect("an instant")
}

fn city() -> Zone {
    Zone::iana("America/Los_Angeles").expect("a zone")
}

fn head(now: &str) -> Head<'static> {
    Head { origin: "https://my.example.org", account: 71, title: "Usage & bills", now: instant(now) }
}

fn point<'a>(key: i64, commodity: Commodity, zone: &'a Zone) -> UsagePoint<'a> {
    UsagePoint {
        key,
        commodity,
        zone,
        title: "Electricity <main>",
        tariff: Some("E-1"),
        active: true,
        since: instant("2025-01-05T08:00:00Z"),
        summaries: true,
    }
}

fn channel(direction: Direction, unit: Unit, exponent: i8, seconds: u32) -> Channel<'static> {
    Channel { direction, unit, exponent, seconds, dial: None, title: "Delivered", costs: false }
}

/// The intervals of a local day; `value` says what each has.
fn values(
    zone: &Zone,
    day: NaiveDate,
    seconds: u32,
    mut value: impl FnMut(usize) -> Option<(i64, Quality)>,
) -> Vec<Value> {
    let (mut at, end) = zone.bounds(day);
    let mut out = Vec::new();
    for i in 0.. {
        if at >= end {
            break;
        }
        if let Some((value, quality)) = value(i) {
            out.push(Value { start: at, value, quality, cost: None });
        }
        at += TimeDelta::seconds(i64::from(seconds));
    }
    out
}

/// A feed of three services over a range, with gaps, every quality, costs, and a bill for each of two services.
fn everything(range: DayRange, now: &str) -> String {
    let zone = city();
    let qualities = [
        Quality::Validated,
        Quality::Raw,
        Quality::Verified,
        Quality::Estimated,
        Quality::Edited,
        Quality::Questionable,
    ];
    let mut feed = Feed::new(Vec::new(), &head(now)).expect("a feed");
    feed.usage_point(&point(3, Commodity::Electricity, &zone)).expect("written");
    let delivered = Channel { costs: true, ..channel(Direction::Delivered, Unit::KilowattHour, -3, 900) };
    feed.channel(&delivered).expect("written");
    for day in range.days() {
        // The first hour of each day is missing, and one reading at noon.
        let mut found = values(&zone, day, 900, |i| (i >= 4 && i != 48).then(|| (100 + i as i64, qualities[i % 6])));
        found.iter_mut().for_each(|v| v.cost = Some(FineAmount(v.value * 21)));
        feed.block(day, &found).expect("written");
    }
    feed.channel(&channel(Direction::Received, Unit::KilowattHour, -3, 900)).expect("written");
    for day in range.days() {
        feed.block(day, &values(&zone, day, 900, |i| Some(((i as i64 - 40).max(0), Quality::Validated))))
            .expect("written");
    }
    feed.summary(&bill("Power & more", &zone, range, Unit::KilowattHour)).expect("written");
    feed.usage_point(&point(4, Commodity::Gas, &zone)).expect("written");
    feed.channel(&channel(Direction::Delivered, Unit::Therm, -5, 3600)).expect("written");
    for day in range.days() {
        feed.block(day, &values(&zone, day, 3600, |i| Some((i as i64 * 137, Quality::Raw)))).expect("written");
    }
    feed.summary(&bill("Gas", &zone, range, Unit::Therm)).expect("written");
    feed.usage_point(&point(5, Commodity::Water, &zone)).expect("written");
    feed.channel(&channel(Direction::Delivered, Unit::Ccf, -2, 3600)).expect("written");
    feed.channel(&channel(Direction::Delivered, Unit::Gallon, 0, 3600)).expect("written");
    for day in range.days() {
        feed.block(day, &values(&zone, day, 3600, |i| Some((i as i64, Quality::Validated)))).expect("written");
    }
    feed.summary(&bill("Water", &zone, range, Unit::Ccf)).expect("written");
    String::from_utf8(feed.finish().expect("finished")).expect("UTF-8")
}

fn bill<'a>(title: &'a str, zone: &Zone, range: DayRange, unit: Unit) -> Summary<'a> {
    static LINES: std::sync::LazyLock<Vec<SummaryLine>> = std::sync::LazyLock::new(|| {
        let line = |kind, note: &str, amount, quantity: Option<Decimal>| SummaryLine {
            kind,
            note: note.to_owned(),
            amount: Cents(amount),
            quantity: quantity.map(|q| (q, Unit::KilowattHour)),
        };
        vec![
            line(ItemKind::Usage, "Energy, \"first\" tier", 4_321, Some(Decimal::new(259_450, -3))),
            line(ItemKind::Delivery, &"long ".repeat(100), 500, None),
            line(ItemKind::GenerationCredit, "Sent\u{7}back", -321, Some(Decimal::new(12, 0))),
            line(ItemKind::Tax, "Tax", 225, None),
        ]
    });
    Summary {
        key: 900,
        part: 0,
        title,
        period: (zone.start_of(range.from), zone.start_of(range.to)),
        issued: zone.start_of(range.to) + TimeDelta::days(3),
        total: Cents(4_725),
        delivered: Decimal::new(259_450_000, -6),
        unit,
        estimated: false,
        tariff: "E-1",
        lines: &LINES,
    }
}

/// A week that has the day of 23 hours, one with the day of 25 hours.
fn weeks() -> [DayRange; 2] {
    [("2026-03-05", "2026-03-12"), ("2025-10-30", "2025-11-06")]
        .map(|(from, to)| DayRange::new(day(from), day(to)).expect("forwards"))
}
