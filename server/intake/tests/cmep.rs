//! CMEP records: what is read, what is refused, and that nothing makes the reader fall over.

use domain::calendar::Zone;
use domain::metering::Quality;
use intake::{Flow, IntervalBlock, Problem, RegisterBlock, Sink};
use proptest::prelude::*;

/// Start or instant, and value.
type Values = Vec<(i64, i64)>;

#[derive(Debug, Default)]
struct Seen {
    intervals: Vec<(String, u32, i8, Values)>,
    registers: Vec<(String, i8, Values)>,
    problems: Vec<(u64, &'static str)>,
    estimated: usize,
}

impl Sink for Seen {
    fn intervals(&mut self, block: &IntervalBlock<'_>) -> Flow {
        self.estimated += block.readings.iter().filter(|r| r.quality == Quality::Estimated).count();
        let readings = block.readings.iter().map(|r| (r.start, r.value)).collect();
        self.intervals.push((block.channel.meter.to_owned(), block.seconds, block.exponent, readings));
        Flow::Go
    }
    fn registers(&mut self, block: &RegisterBlock<'_>) -> Flow {
        let reads = block.reads.iter().map(|r| (r.at, r.value)).collect();
        self.registers.push((block.channel.meter.to_owned(), block.exponent, reads));
        Flow::Go
    }
    fn problem(&mut self, problem: &Problem<'_>) -> Flow {
        self.problems.push((problem.line, problem.code.slug()));
        Flow::Go
    }
}

fn read(text: &[u8]) -> Seen {
    let zone = Zone::iana("America/Los_Angeles").expect("a known zone");
    let mut seen = Seen::default();
    intake::cmep::read(&mut &*text, &zone, &mut seen).expect("memory can be read");
    seen
}

const HEAD: &str = "MEPMD01,20080501,CITY,,CITY,SP1,202606031515";

#[test]
fn intervals_are_stamped_at_their_end_in_local_time() {
    let seen =
        read(format!("{HEAD},W1,OK,W,GAL,1.0,00000100,3,202606020100,R0,8,,E,13,202606020300,R0,2.5\n").as_bytes());
    let midnight = 1_780_383_600; // 2 June 2026, 00:00 Pacific daylight time
    assert_eq!(
        seen.intervals,
        [("W1".to_owned(), 3600, -1, vec![(midnight, 80), (midnight + 3600, 130), (midnight + 7200, 25)])]
    );
    assert_eq!(seen.estimated, 1);
}

#[test]
fn an_empty_meter_is_named_by_field_six_and_registers_are_told_apart() {
    let seen = read(format!("{HEAD},,OK,E,KWHREG,1.0,00000000,1,202606020000,R0,4711\r\n").as_bytes());
    assert_eq!(seen.registers, [("SP1".to_owned(), 0, vec![(1_780_383_600, 4711)])]);
}

#[test]
fn a_constant_multiplies_exactly() {
    let seen = read(format!("{HEAD},G1,OK,G,THM,0.0105,00000100,1,202606020100,R0,3.2\n").as_bytes());
    assert_eq!(seen.intervals[0].2, -5);
    assert_eq!(seen.intervals[0].3[0].1, 3360);
}

#[test]
fn the_long_day_has_a_hundred_quarter_hours() {
    let mut line = format!("{HEAD},E1,OK,E,KWH,1.0,00000015,100");
    for n in 1..=100 {
        // Clock readings of 1 November 2026: 0:15 to 2:00, once more 1:15 to 2:00, then on to midnight.
        let minutes = if n <= 8 { n * 15 } else { n * 15 - 60 };
        let minutes = if n == 8 { 60 } else { minutes };
        let (day, minutes) = if minutes == 1440 { (2, 0) } else { (1, minutes) };
        line.push_str(&format!(",202611{day:02}{:02}{:02},R0,0.1", minutes / 60, minutes % 60));
    }
    let seen = read(line.as_bytes());
    assert_eq!(seen.problems, []);
    let starts: Vec<i64> = seen.intervals[0].3.iter().map(|r| r.0).collect();
    assert!(starts.windows(2).all(|w| w[1] - w[0] == 900), "{starts:?}");
    assert_eq!(starts.len(), 100);
}

/// The clock readings at the ends of the hundred quarter-hours of 1 November 2026.
fn long_day() -> Vec<String> {
    let stamp = |n: i64| {
        let minutes = if n < 8 { n * 15 } else { n * 15 - 60 };
        let (day, minutes) = if minutes == 1440 { (2, 0) } else { (1, minutes) };
        format!("202611{day:02}{:02}{:02}", minutes / 60, minutes % 60)
    };
    (1..=100).map(stamp).collect()
}

fn record(meter: &str, stamps: &[String]) -> String {
    let triples: String = stamps.iter().map(|s| format!(",{s},R0,1")).collect();
    format!("{HEAD},{meter},OK,E,KWH,1.0,00000015,{}{triples}", stamps.len())
}

/// Meter and start of every reading, in time order.
fn starts(records: &[String]) -> Vec<(String, i64)> {
    let seen = read(records.join("\n").as_bytes());
    assert_eq!(seen.problems, []);
    let mut out: Vec<(String, i64)> =
        seen.intervals.iter().flat_map(|(m, _, _, v)| v.iter().map(|r| (m.clone(), r.0))).collect();
    out.sort();
    out
}

#[test]
fn the_repeated_hour_reads_the_same_however_it_is_cut_into_records() {
    let day = long_day();
    let whole = starts(&[record("A", &day), record("B", &day)]);
    assert_eq!(whole.len(), 200);
    assert!(whole.windows(2).all(|w| w[0] != w[1]), "{whole:?}");
    let cut = |n: usize| -> Vec<Vec<String>> {
        ["A", "B"].iter().map(|meter| day.chunks(n).map(|c| record(meter, c)).collect()).collect()
    };
    for n in [1, 2, 3, 4, 5, 8, 24] {
        let by_meter = cut(n).concat();
        assert_eq!(starts(&by_meter), whole, "{n} values a record, meter by meter");
        let (a, b) = (&cut(n)[0], &cut(n)[1]);
        let interleaved: Vec<String> = a.iter().zip(b).flat_map(|(a, b)| [a.clone(), b.clone()]).collect();
        assert_eq!(starts(&interleaved), whole, "{n} values a record, meters in turn");
    }
}

#[test]
fn late_and_repeated_deliveries_do_not_move_the_repeated_hour() {
    let day = long_day();
    let whole = starts(&[record("A", &day)]);
    let single: Vec<String> = day.iter().map(|s| record("A", std::slice::from_ref(s))).collect();
    // An earlier day comes late, in the middle of the repeated hour.
    let mut late = single.clone();
    late.insert(7, record("A", &["202610301200".to_owned(), "202610301215".to_owned()]));
    assert_eq!(starts(&late)[2..], whole);
    // The whole day is sent anew, and the two hours alone, once more.
    for again in [&single[..], &single[3..11]] {
        let mut found = starts(&[&single[..], again].concat());
        found.dedup();
        assert_eq!(found, whole);
    }
}

#[test]
fn eleven_quarter_hours_in_records_of_their_own_are_eleven() {
    let day = long_day();
    let single: Vec<String> = day[..11].iter().map(|s| record("A", std::slice::from_ref(s))).collect();
    let mut found = starts(&single);
    found.dedup();
    assert_eq!(found.len(), 11);
    assert_eq!(found, starts(&[record("A", &day[..11])]));
}

#[test]
fn a_bad_record_is_refused_alone() {
    let good = format!("{HEAD},W1,OK,W,GAL,1.0,00000100,1,202606020100,R0,8");
    let bad = [
        format!("{HEAD},W1,OK,W,GAL,1.0,00000100,2,202606020100,R0,8"),
        format!("{HEAD},W1,OK,W,GAL,1.0,00000100,1,202606020100,R0,eight"),
        format!("{HEAD},W1,OK,W,GAL,1.0,00000100,1,202606310100,R0,8"),
        format!("{HEAD},W1,OK,X,GAL,1.0,00000100,1,202606020100,R0,8"),
        format!("{HEAD},W1,OK,W,GAL,1.0,0000010,1,202606020100,R0,8"),
        format!("{HEAD},W1,OK,E,KWH,1.0,00000015,1,202603080230,R0,8"),
        "MEPMD02,20080501".to_owned(),
        "MLA01,1,2,3,4,5,6,7,8,9,10,11,12,13,14".to_owned(),
    ];
    let text = [good.clone(), bad.join("\n"), good].join("\n");
    let seen = read(text.as_bytes());
    assert_eq!(seen.intervals.len(), 2);
    assert_eq!(
        seen.problems,
        [
            (2, "count"),
            (3, "number"),
            (4, "time"),
            (5, "unit"),
            (6, "interval"),
            (7, "skipped-hour"),
            (8, "fields"),
            (9, "not-read")
        ]
    );
}

#[test]
fn a_record_may_end_in_commas_but_not_in_values_that_were_not_counted() {
    let good = format!("{HEAD},W1,OK,W,GAL,1.0,00000100,1,202606020100,R0,8");
    let text = [format!("{good},"), format!("{good},,,"), format!("{good},7"), format!("{good},,R0,9")].join("\n");
    let seen = read(text.as_bytes());
    assert_eq!(seen.problems, [(3, "count"), (4, "count")]);
    assert_eq!(seen.intervals.len(), 2);
}

proptest! {
    #[test]
    fn arbitrary_bytes_do_no_harm(bytes in proptest::collection::vec(any::<u8>(), 0..2000)) {
        read(&bytes);
    }

    #[test]
    fn damaged_records_do_no_harm(at in 0usize..200, byte in any::<u8>(), cut in 0usize..200) {
        let mut line = format!("{HEAD},W1,OK,W,GAL,1.0,00000100,3,202606020100,R0,8,,E,13,202606020300,R0,2.5\n").into_bytes();
        let n = line.len();
        line[at % n] = byte;
        line.truncate(n - cut % n);
        let seen = read(&line);
        prop_assert!(seen.intervals.len() + seen.registers.len() + seen.problems.len() <= 3);
    }
}

#[test]
fn each_sender_is_read_as_agreed_with_it() {
    use intake::senders::{Agreement, Agreements, Meaning};
    let pacific = Zone::iana("America/Los_Angeles").expect("a known zone");
    let denver = Zone::iana("America/Denver").expect("a known zone");
    let units = [
        ("KWHR".to_owned(), Meaning::parse("electricity received kWh").expect("it is right")),
        ("DIAL".to_owned(), Meaning::parse("water delivered gal register").expect("it is right")),
    ];
    let agreement = Agreement { zone: Some(denver), stamps_start: true, units: units.into_iter().collect() };
    let agreements = Agreements([("HILLS".to_owned(), agreement)].into_iter().collect());
    let record = |sender: &str, what: &str, interval: &str| {
        format!("MEPMD01,20080501,{sender},,CITY,SP1,202606031515,X1,OK,{what},1.0,{interval},1,202606020100,R0,8\n")
    };
    let text = record("CITY", "E,KWH", "00000100")
        + &record("HILLS", "E,KWHR", "00000100")
        + &record("HILLS", "W,DIAL", "00000000")
        + &record("CITY", "E,KWHR", "00000100");
    struct Way(Seen, Vec<Option<domain::quantity::Direction>>);
    impl Sink for Way {
        fn intervals(&mut self, block: &IntervalBlock<'_>) -> Flow {
            self.1.push(block.channel.direction);
            self.0.intervals(block)
        }
        fn registers(&mut self, block: &RegisterBlock<'_>) -> Flow {
            self.0.registers(block)
        }
        fn problem(&mut self, problem: &Problem<'_>) -> Flow {
            self.0.problem(problem)
        }
    }
    let mut seen = Way(Seen::default(), Vec::new());
    intake::cmep::read_as_agreed(&mut text.as_bytes(), &pacific, &agreements, &mut seen).expect("memory can be read");
    let midnight = 1_780_383_600; // 2 June 2026, 00:00 Pacific daylight time; 01:00 in Denver
    let starts: Vec<_> = seen.0.intervals.iter().map(|i| i.3[0].0).collect();
    // The city stamps the end, the hills the start; a unit that was agreed with one sender only is not known of another.
    assert_eq!(starts, [midnight, midnight, midnight]);
    use domain::quantity::Direction::{Delivered, Received};
    assert_eq!(seen.1, [Some(Delivered), Some(Received), None]);
    assert_eq!(seen.0.registers, [("X1".to_owned(), 0, vec![(midnight, 8)])]);
}

#[test]
fn what_came_before_the_file_settles_the_repeated_hour_of_its_first_value() {
    struct Asked(Seen, Option<i64>, usize);
    impl Sink for Asked {
        fn intervals(&mut self, block: &IntervalBlock<'_>) -> Flow {
            self.0.intervals(block)
        }
        fn registers(&mut self, block: &RegisterBlock<'_>) -> Flow {
            self.0.registers(block)
        }
        fn problem(&mut self, problem: &Problem<'_>) -> Flow {
            self.0.problem(problem)
        }
        fn known_until(&mut self, channel: &intake::Channel<'_>, register: bool) -> Option<i64> {
            assert_eq!((channel.meter, register), ("E1", false));
            self.2 += 1;
            self.1
        }
    }
    let zone = Zone::iana("America/Los_Angeles").expect("a known zone");
    let head = "MEPMD01,20080501,CITY,,CITY,SP1,202611011515,E1,OK,E,KWH,1.0,00000015";
    let two = 1_793_523_600; // 1 November 2026, 09:00 UTC: two o'clock, which is one o'clock again
    let read = |until: Option<i64>, stamp: &str| {
        let mut seen = Asked(Seen::default(), until, 0);
        let text = format!("{head},1,{stamp},R0,1\n");
        intake::cmep::read(&mut text.as_bytes(), &zone, &mut seen).expect("memory can be read");
        (seen.0.intervals[0].3[0].0 + 900, seen.2)
    };
    // A file for each quarter of an hour: the first pass, the second, and the first one again where nothing came before.
    assert_eq!(read(Some(two - 3_600), "202611010115"), (two - 2_700, 1));
    assert_eq!(read(Some(two), "202611010115"), (two + 900, 1));
    assert_eq!(read(Some(two + 900), "202611010130"), (two + 1_800, 1));
    assert_eq!(read(None, "202611010115"), (two - 2_700, 1));
    // At any other time nothing is asked.
    assert_eq!(read(Some(two), "202611010315"), (two + 4_500 + 3_600, 0));
}
