//! Bytes that nobody meant: real and made-up files with bits flipped, pieces cut, doubled and spliced, and plain noise, to every
//! reader. None may panic, hang, or answer with more than the file holds.
//!
//! `METERSIDE_FUZZ` says how many cases each reader gets; a million each is the figure to hold:
//! `METERSIDE_FUZZ=1000000 cargo test --release -p intake --test fuzz`.

use std::fmt::Write as _;
use std::io::{self, Read as _, Write as _};
use std::time::{Duration, Instant};

use domain::calendar::Zone;
use flate2::Compression;
use flate2::write::GzEncoder;
use intake::sniff::{self, Options};
use intake::{Flow, IntervalBlock, Problem, RegisterBlock, Sink};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

/// No file of a few kilobytes takes longer, on any machine.
const SLOWEST: Duration = Duration::from_secs(5);
/// What the memory of the test may come to, whatever was read.
const MOST_KILOBYTES: u64 = 600_000;

#[expect(clippy::disallowed_methods, reason = "the test is told how long to go on by the environment")]
fn cases() -> u32 {
    std::env::var("METERSIDE_FUZZ").ok().and_then(|n| n.parse().ok()).unwrap_or(400)
}

/// The most memory that this process ever held, where the system tells.
fn peak_kilobytes() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|l| l.strip_prefix("VmHWM:"))?;
    line.trim().strip_suffix("kB")?.trim().parse().ok()
}

/// What a reader hands on, counted.
#[derive(Default)]
struct Counted {
    values: usize,
    problems: usize,
}

impl Sink for Counted {
    fn intervals(&mut self, block: &IntervalBlock<'_>) -> Flow {
        self.values += block.readings.len();
        Flow::Go
    }

    fn registers(&mut self, block: &RegisterBlock<'_>) -> Flow {
        self.values += block.reads.len();
        Flow::Go
    }

    fn problem(&mut self, problem: &Problem<'_>) -> Flow {
        assert!(problem.message.len() < 4096, "a message is for people: {} bytes", problem.message.len());
        self.problems += 1;
        Flow::Go
    }
}

/// What is done to a file.
#[derive(Clone, Debug)]
enum Hurt {
    Flip(prop::sample::Index, u8),
    Put(prop::sample::Index, u8),
    Cut(prop::sample::Index, u16),
    Double(prop::sample::Index, u16),
    Move(prop::sample::Index, prop::sample::Index, u8),
    Word(prop::sample::Index, usize),
    Truncate(prop::sample::Index),
}

/// What readers trip over.
const WORDS: [&[u8]; 24] = [
    b",",
    b"\n",
    b"\r",
    b"\"",
    b"\0",
    b"<",
    b">",
    b"&",
    b"&#x0;",
    b"]]>",
    b"<!DOCTYPE x [<!ENTITY a \"aaaa\">]>",
    b"-",
    b".",
    b"9223372036854775807",
    b"-9223372036854775808",
    b"99999999999999999999999",
    b"1e308",
    b"NaN",
    b"\xff\xfe",
    b"\xc3\xa9",
    b"200101010130",
    b"00000000",
    b"202603080230",
    b"202611010130",
];

fn hurt() -> impl Strategy<Value = Hurt> {
    let at = any::<prop::sample::Index>;
    prop_oneof![
        (at(), 0u8..8).prop_map(|(i, b)| Hurt::Flip(i, b)),
        (at(), any::<u8>()).prop_map(|(i, b)| Hurt::Put(i, b)),
        (at(), 1u16..300).prop_map(|(i, n)| Hurt::Cut(i, n)),
        (at(), 1u16..300).prop_map(|(i, n)| Hurt::Double(i, n)),
        (at(), at(), 1u8..80).prop_map(|(i, j, n)| Hurt::Move(i, j, n)),
        (at(), 0..WORDS.len()).prop_map(|(i, w)| Hurt::Word(i, w)),
        at().prop_map(Hurt::Truncate),
    ]
}

impl Hurt {
    fn apply(&self, bytes: &mut Vec<u8>) {
        if bytes.is_empty() {
            return;
        }
        let n = bytes.len();
        match self {
            Self::Flip(i, bit) => bytes[i.index(n)] ^= 1 << bit,
            Self::Put(i, byte) => bytes.insert(i.index(n), *byte),
            Self::Cut(i, length) => drop(bytes.drain(i.index(n)..n.min(i.index(n) + usize::from(*length)))),
            Self::Double(i, length) => {
                let piece = bytes[i.index(n)..n.min(i.index(n) + usize::from(*length))].to_vec();
                let at = i.index(n);
                bytes.splice(at..at, piece);
            }
            Self::Move(i, j, length) => {
                let piece = bytes[i.index(n)..n.min(i.index(n) + usize::from(*length))].to_vec();
                let at = j.index(n);
                bytes.splice(at..n.min(at + piece.len()), piece);
            }
            Self::Word(i, word) => {
                let at = i.index(n);
                bytes.splice(at..at, WORDS[*word].iter().copied());
            }
            Self::Truncate(i) => bytes.truncate(i.index(n)),
        }
    }
}

/// Reads bytes every way there is, and holds what comes out against what went in.
fn look(bytes: &[u8], zone: &Zone) {
    let watch = Instant::now();
    drop(sniff::format_of(bytes));
    let mut counted = Counted::default();
    drop(sniff::stream(bytes, zone, &mut counted));
    // Every value takes at least a digit and a comma; every problem a line, a handful of remarks aside.
    assert!(counted.values <= bytes.len(), "{} values of {} bytes", counted.values, bytes.len());
    assert!(counted.problems <= bytes.len() + 1000, "{} problems of {} bytes", counted.problems, bytes.len());
    if let Ok(loaded) = sniff::load(bytes, &Options { zone: zone.clone(), limit: Some(1 << 24) }) {
        let held: usize = loaded.channels.iter().map(|c| c.points.len()).sum();
        assert!(held <= bytes.len(), "{held} values held of {} bytes", bytes.len());
        for channel in &loaded.channels {
            drop(channel.totals());
            drop(channel.findings());
        }
    }
    assert!(watch.elapsed() < SLOWEST, "{} bytes took {:?}", bytes.len(), watch.elapsed());
}

/// Runs the cases of one reader over its samples; one in sixteen is noise behind how such a file begins.
fn batter(samples: &[Vec<u8>], head: &'static [u8]) {
    assert!(!samples.is_empty() && samples.iter().all(|s| s.len() > 40), "there is something to hurt");
    let zone = Zone::iana("America/Los_Angeles").expect("a zone");
    let damaged = (any::<prop::sample::Index>(), prop::collection::vec(hurt(), 1..8));
    let noise = prop::collection::vec(any::<u8>(), 0..600);
    let case = prop_oneof![15 => damaged.prop_map(Ok), 1 => noise.prop_map(Err)];
    let config = Config { cases: cases(), failure_persistence: None, ..Config::default() };
    let run = TestRunner::new(config).run(&case, |case| {
        let bytes = match case {
            Ok((i, hurts)) => {
                let mut bytes = samples[i.index(samples.len())].clone();
                for h in &hurts {
                    h.apply(&mut bytes);
                }
                bytes
            }
            Err(noise) => [head, &noise].concat(),
        };
        look(&bytes, &zone);
        Ok(())
    });
    if let Err(error) = run {
        panic!("{error}");
    }
    if let Some(peak) = peak_kilobytes() {
        assert!(peak < MOST_KILOBYTES, "the memory grew to {peak} kB");
    }
}

/// Pieces of real files, small enough to be read thousands of times a second.
#[expect(clippy::disallowed_methods, reason = "real files lie where the environment says")]
fn real(names: &[&str]) -> Vec<Vec<u8>> {
    const SMALL: u64 = 2_000;
    let Ok(folder) = std::env::var("METERSIDE_TEST_DATA") else {
        eprintln!("METERSIDE_TEST_DATA is not set: no real samples of {names:?}");
        return Vec::new();
    };
    names
        .iter()
        .map(|name| {
            let path = std::path::Path::new(&folder).join("samples").join(name);
            let mut piece = Vec::new();
            let file = std::fs::File::open(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
            file.take(SMALL).read_to_end(&mut piece).expect("it reads");
            piece
        })
        .collect()
}

fn own(text: &str) -> Vec<u8> {
    text.as_bytes().to_vec()
}

#[test]
fn cmep() {
    let mut line = "MEPMD01,20080501,CITY,,CITY,SP1,202611011515,E1,OK,E,KWH,1.0,00000015,8".to_owned();
    for (i, stamp) in ["0115", "0130", "0145", "0200", "0115", "0130", "0145", "0200"].iter().enumerate() {
        write!(line, ",20261101{stamp},{},{i}.{i}25", ["R0", "E0", "N0", ""][i % 4]).expect("text");
    }
    let mut samples = vec![
        own(&format!("{line}\n{line}\n")),
        own("MEPMD01,1,C,,C,S,2,W1,OK,W,GALREG,10.0,00000100,3,202606020100,R0,8,,R0,9,202606020300,R0,3\n"),
    ];
    samples.extend(real(&["cmep/cmep.dat"]));
    batter(&samples, b"MEPMD01,20080501,CITY,,CITY,SP1,202611011515,E1,OK,E,KWH,1.0,00000015,");
}

#[test]
fn nem12() {
    let mut samples = vec![include_bytes!("fixtures/day.nem12").to_vec()];
    samples.extend(real(&[
        "nem12/Example_NEM12_actual_interval.csv",
        "nem12/Example_NEM12_multiple_quality.csv",
        "nem12/Example_NEM12_substituted_interval.csv",
        "nem12/Example_NEM13_consumption_data.csv",
    ]));
    batter(&samples, b"100,NEM12,200506081149,A,B\n200,M,E1,1,E1,N1,S,kWh,30,20050610\n300,20050310,");
}

#[test]
fn green_button() {
    let solar = include_bytes!("fixtures/prefixed_solar.xml");
    let mut samples = vec![solar[..solar.len().min(6_000)].to_vec()];
    samples.extend(real(&["greenbutton/Gas.xml", "greenbutton/Water.xml", "greenbutton/test_usage_data_01.xml"]));
    batter(&samples, b"<feed xmlns=\"http://naesb.org/espi\"><entry><content><IntervalBlock>");
}

#[test]
fn our_own_csv() {
    batter(
        &[include_bytes!("fixtures/own.csv").to_vec()],
        b"meter,commodity,direction,unit,start,seconds,value,quality\n",
    );
}

#[test]
fn csv_of_others() {
    let edison = include_bytes!("fixtures/edison.csv");
    let mut samples = vec![
        edison[..edison.len().min(3_000)].to_vec(),
        own(
            "Meter Number,Date,Start Time,Duration,Consumption\nM1,3/8/2026,1:00 AM,15,0.5\nM1,3/8/2026,3:00 AM,15,1.5\n",
        ),
        own("TYPE,DATE,START TIME,END TIME,USAGE,COST,NOTES\nElectric usage,2026-05-01,00:00,00:14,0.3,$0.10,\n"),
    ];
    samples.extend(real(&["ami_flat/beacon-360-report.csv", "ami_flat/itron_roseville_rows.csv"]));
    batter(&samples, b"start,value\n2026-05-01T00:00:00Z,");
}

#[test]
fn gzip() {
    let mut samples = Vec::new();
    for text in [&include_bytes!("fixtures/own.csv")[..], include_bytes!("fixtures/day.nem12")] {
        let mut packed = GzEncoder::new(Vec::new(), Compression::default());
        packed.write_all(text).expect("it packs");
        samples.push(packed.finish().expect("it ends"));
    }
    let zone = Zone::utc();
    let damaged = (any::<prop::sample::Index>(), prop::collection::vec(hurt(), 1..5));
    let config = Config { cases: cases(), failure_persistence: None, ..Config::default() };
    let run = TestRunner::new(config).run(&damaged, |(i, hurts)| {
        let mut bytes = samples[i.index(samples.len())].clone();
        for h in &hurts {
            h.apply(&mut bytes);
        }
        let watch = Instant::now();
        drop(sniff::stream(&bytes[..], &zone, &mut Counted::default()));
        drop(sniff::load(&bytes[..], &Options { zone: zone.clone(), limit: Some(1 << 20) }));
        prop_assert!(watch.elapsed() < SLOWEST);
        Ok(())
    });
    if let Err(error) = run {
        panic!("{error}");
    }
}

/// One byte so many times, packed as they are asked for: four gigabytes come to four megabytes.
struct Same {
    byte: u8,
    left: u64,
    packer: Option<GzEncoder<Vec<u8>>>,
    out: io::Cursor<Vec<u8>>,
}

impl Same {
    fn new(byte: u8, times: u64, before: &[u8]) -> Self {
        let mut packer = GzEncoder::new(Vec::new(), Compression::best());
        packer.write_all(before).expect("it packs");
        Self { byte, left: times, packer: Some(packer), out: io::Cursor::new(Vec::new()) }
    }
}

impl io::Read for Same {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            let n = self.out.read(buffer)?;
            if n > 0 {
                return Ok(n);
            }
            let Some(packer) = &mut self.packer else { return Ok(0) };
            if self.left == 0 {
                self.out = io::Cursor::new(self.packer.take().expect("it was there").finish()?);
                continue;
            }
            let n = self.left.min(1 << 20);
            packer.write_all(&vec![self.byte; usize::try_from(n).expect("a megabyte")])?;
            self.left -= n;
            self.out = io::Cursor::new(std::mem::take(packer.get_mut()));
        }
    }
}

#[test]
fn gigabytes_of_packed_nothing_are_refused_at_once_and_in_little_memory() {
    const FOUR_GIGABYTES: u64 = 4 << 30;
    let zone = Zone::utc();
    let blank = " ".repeat(5_000);
    let rows = "7,".repeat(3_000);
    let record = "MEPMD01,1,C,,C,S,2,W1,OK,W,GAL,1.0,00000100,1,202606020100,R0,8\n".repeat(100);
    for (byte, begins, said) in [
        (0, String::new(), "binary"),
        (0, rows, "longer than 1 MB"),
        (0, format!("start,value\n2026-05-01T00:00:00Z,1\n{blank}"), "longer than 1 MB"),
        (0, format!("<feed xmlns=\"http://naesb.org/espi\"><entry>{blank}"), "longer than 1 MB"),
        (0, format!("100,NEM12,200506081149,A,B\n200,M,E1,1,E1,N1,S,kWh,30,20050610\n{blank}"), "longer than 1 MB"),
        (0, record.clone(), "more than 500 times its size"),
        (b'\n', record.clone(), "more than 500 times its size"),
    ] {
        let watch = Instant::now();
        let mut source = Same::new(byte, FOUR_GIGABYTES, begins.as_bytes());
        let error = sniff::stream(&mut source, &zone, &mut Counted::default()).expect_err("no usage file").to_string();
        assert!(error.contains(said), "{error}");
        assert!(source.left > FOUR_GIGABYTES - (128 << 20), "{} bytes were left: {error}", source.left);
        assert!(watch.elapsed() < Duration::from_secs(10), "{:?} {error}", watch.elapsed());
    }
    let mut endless = record.as_bytes().chain(io::repeat(b'7'));
    let error = sniff::stream(&mut endless, &zone, &mut Counted::default()).expect_err("it never ends").to_string();
    assert!(error.contains("longer than 1 MB"), "{error}");
    if let Some(peak) = peak_kilobytes() {
        assert!(peak < MOST_KILOBYTES, "the memory grew to {peak} kB");
    }
}

#[test]
fn an_honest_file_that_packs_well_is_read() {
    let day =
        "MEPMD01,1,C,,C,S,2,W1,OK,W,GAL,1.0,00000100,24,202606020100,R0,0".to_owned() + &",,R0,0".repeat(23) + "\n";
    let mut packed = GzEncoder::new(Vec::new(), Compression::fast());
    for meter in 0..90_000 {
        packed.write_all(day.replace("W1", &format!("W{meter}")).as_bytes()).expect("it packs");
    }
    let packed = packed.finish().expect("it ends");
    let mut counted = Counted::default();
    sniff::stream(&packed[..], &Zone::utc(), &mut counted).expect("nothing but zeros is a file too");
    assert_eq!((counted.values, counted.problems), (24 * 90_000, 0));
}
