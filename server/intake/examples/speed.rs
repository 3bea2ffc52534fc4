//! How fast files are read: a year of quarter-hours of a hundred meters in CMEP, and a Green Button feed of many meters, both
//! made in memory. `cargo run --release -p intake --example speed`

use std::fmt::Write as _;
use std::time::Instant;

use chrono::{DateTime, TimeDelta};
use domain::calendar::Zone;
use intake::sniff::{Options, load};
use intake::{Flow, IntervalBlock, Problem, RegisterBlock, Sink};

/// Counts what comes in, as a store that takes no time.
#[derive(Default)]
struct Counter {
    intervals: usize,
    sum: i64,
    problems: usize,
}

impl Sink for Counter {
    fn intervals(&mut self, block: &IntervalBlock<'_>) -> Flow {
        self.intervals += block.readings.len();
        self.sum = block.readings.iter().fold(self.sum, |sum, r| sum.wrapping_add(r.value));
        Flow::Go
    }
    fn registers(&mut self, _: &RegisterBlock<'_>) -> Flow {
        Flow::Go
    }
    fn problem(&mut self, _: &Problem<'_>) -> Flow {
        self.problems += 1;
        Flow::Go
    }
}

/// A year of days, each with a record of every meter, `each` quarter-hours a record.
fn cmep(zone: &Zone, each: usize) -> String {
    let start = DateTime::from_timestamp(1_767_254_400, 0).expect("1 January 2026, midnight in California");
    let stamps: Vec<String> = (1..=365 * 96)
        .map(|n| zone.to_local(start + TimeDelta::minutes(n * 15)).format("%Y%m%d%H%M").to_string())
        .collect();
    let mut out = String::new();
    for (day, stamps) in stamps.chunks(each).enumerate() {
        for meter in 0..100 {
            write!(
                out,
                "MEPMD01,20080501,CITY,,CITY,SP{meter:05},{},E{meter:07},OK,E,KWH,1.0,00000015,{}",
                stamps[0],
                stamps.len()
            )
            .expect("a string takes all");
            for (i, stamp) in stamps.iter().enumerate() {
                write!(out, ",{stamp},R0,{}.{:03}", (day + i) % 3, (meter * 7 + i * 13) % 1000)
                    .expect("a string takes all");
            }
            out.push('\n');
        }
    }
    out
}

/// A feed of so many meters, each with its own entries and links and four readings.
fn green_button(meters: usize) -> String {
    let mut out =
        "<?xml version=\"1.0\"?><feed xmlns=\"http://www.w3.org/2005/Atom\" xmlns:e=\"http://naesb.org/espi\">\n"
            .to_owned();
    for n in 0..meters {
        let up = format!("RetailCustomer/1/UsagePoint/{n}");
        let mut entry = |links: &[(&str, String)], content: &str| {
            out.push_str("<entry><id>urn:uuid:0</id>");
            for (rel, href) in links {
                write!(out, "<link rel=\"{rel}\" href=\"{href}\"/>").expect("a string takes all");
            }
            writeln!(out, "<content>{content}</content></entry>").expect("a string takes all");
        };
        entry(
            &[("self", up.clone()), ("related", format!("{up}/MeterReading"))],
            "<e:UsagePoint><e:ServiceCategory><e:kind>0</e:kind></e:ServiceCategory></e:UsagePoint>",
        );
        entry(
            &[
                ("self", format!("{up}/MeterReading/1")),
                ("up", format!("{up}/MeterReading")),
                ("related", format!("{up}/MeterReading/1/IntervalBlock")),
                ("related", format!("ReadingType/{n}")),
            ],
            "<e:MeterReading/>",
        );
        entry(
            &[("self", format!("ReadingType/{n}"))],
            "<e:ReadingType><e:commodity>1</e:commodity><e:flowDirection>1</e:flowDirection>\
             <e:powerOfTenMultiplier>0</e:powerOfTenMultiplier><e:uom>72</e:uom></e:ReadingType>",
        );
        let readings: String = (0..4)
            .map(|i| {
                let start = 1_777_593_600 + i * 900;
                format!(
                    "<e:IntervalReading><e:timePeriod><e:duration>900</e:duration><e:start>{start}</e:start></e:timePeriod>\
                     <e:value>{}</e:value></e:IntervalReading>",
                    n + i
                )
            })
            .collect();
        entry(
            &[
                ("self", format!("{up}/MeterReading/1/IntervalBlock/1")),
                ("up", format!("{up}/MeterReading/1/IntervalBlock")),
            ],
            &format!("<e:IntervalBlock>{readings}</e:IntervalBlock>"),
        );
    }
    out.push_str("</feed>\n");
    out
}

fn say(what: &str, bytes: usize, values: usize, since: Instant) {
    let seconds = since.elapsed().as_secs_f64();
    #[expect(clippy::cast_precision_loss, reason = "a measurement of a few digits")]
    let (megabytes, values_a_second) = (bytes as f64 / 1e6, values as f64 / seconds);
    println!(
        "{what}: {megabytes:.1} MB, {values} values in {seconds:.2} s: {:.0} MB/s, {values_a_second:.0} values/s",
        megabytes / seconds
    );
}

fn main() {
    let zone = Zone::iana("America/Los_Angeles").expect("a known zone");
    for (what, each) in [("CMEP, a record a day", 96), ("CMEP, a record an hour", 4)] {
        let text = cmep(&zone, each);
        let since = Instant::now();
        let mut counter = Counter::default();
        intake::cmep::read(&mut text.as_bytes(), &zone, &mut counter).expect("memory can be read");
        assert_eq!((counter.intervals, counter.problems), (3_504_000, 0));
        say(what, text.len(), counter.intervals, since);
    }
    for meters in [4_500, 18_000] {
        let text = green_button(meters);
        let since = Instant::now();
        let loaded = load(text.as_bytes(), &Options { zone: Zone::utc(), limit: None }).expect("a feed");
        assert_eq!((loaded.channels.len(), loaded.findings.len()), (meters, 0));
        say(&format!("Green Button, {meters} meters"), text.len(), meters * 4, since);
    }
}
