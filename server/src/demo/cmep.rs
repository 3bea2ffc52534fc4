//! Writes the town's readings as a head end sends them: CMEP, `MEPMD01` of version 20080501.
//!
//! One record a meter, channel and local day, of at most 96 readings; a reading's time is the END of its interval in local
//! time, and only the first of a record is written: the others follow by the interval, so that the hour that comes twice in
//! autumn is never in doubt. `KWH` is delivered to the customer, `GKWH` received from the customer (generated); the dials are
//! `KWHREG`, `GKWHREG`, `THERMREG` and `GALREG`. Flags: `R0` as measured, `E0` estimated by the sender; what is lost is left
//! out. The meter's number is field 8, and field 6 as well.

use std::io::{self, Write};

use chrono::{DateTime, Datelike, Timelike};
use domain::calendar::Zone;
use domain::quantity::Commodity;

use super::homes::Meter;
use super::load::{ESTIMATED, LOST};

/// No record has more readings.
const LONGEST: usize = 96;

/// Writes records to a stream.
pub struct Writer<'z, W> {
    out: W,
    zone: &'z Zone,
    line: Vec<u8>,
    /// Interval readings written.
    pub intervals: u64,
    /// Dial readings written.
    pub reads: u64,
}

/// Intervals in a row, all of one channel and one day.
#[derive(Clone, Copy, Debug)]
pub struct Stretch<'a> {
    /// Start of the first interval, in UTC seconds.
    pub start: i64,
    /// Amounts in the register's power of ten.
    pub values: &'a [i64],
    /// Their flags, as many.
    pub flags: &'a [u8],
    /// When the sender wrote it, in UTC seconds.
    pub sent: i64,
}

impl<'z, W: Write> Writer<'z, W> {
    /// Writes to a stream, which it does not buffer: each record is one write.
    pub fn new(out: W, zone: &'z Zone) -> Self {
        Self { out, zone, line: Vec::with_capacity(2048), intervals: 0, reads: 0 }
    }

    /// The stream, with everything written.
    ///
    /// # Errors
    /// If the stream fails.
    pub fn finish(mut self) -> io::Result<W> {
        self.out.flush()?;
        Ok(self.out)
    }

    /// Writes a stretch of intervals, leaving out what is lost.
    ///
    /// # Errors
    /// If the stream fails.
    pub fn intervals(&mut self, meter: &Meter, received: bool, stretch: Stretch<'_>) -> io::Result<()> {
        let step = i64::from(meter.seconds());
        let count = stretch.values.len().min(stretch.flags.len());
        let mut from = 0;
        while from < count {
            if stretch.flags[from] == LOST {
                from += 1;
                continue;
            }
            let run = stretch.flags[from..count].iter().take(LONGEST).take_while(|f| **f != LOST).count();
            self.head(meter, received, false, stretch.sent);
            number(&mut self.line, run as u64);
            for i in from..from + run {
                self.line.push(b',');
                if i == from {
                    self.stamp(stretch.start + (i as i64 + 1) * step);
                }
                self.line.extend_from_slice(if stretch.flags[i] == ESTIMATED { b",E0," } else { b",R0," });
                decimal(&mut self.line, stretch.values[i], meter.exponent());
            }
            self.end()?;
            self.intervals += run as u64;
            from += run;
        }
        Ok(())
    }

    /// Writes what a dial shows at an instant.
    ///
    /// # Errors
    /// If the stream fails.
    pub fn dial(&mut self, meter: &Meter, received: bool, at: i64, value: i64, sent: i64) -> io::Result<()> {
        self.head(meter, received, true, sent);
        self.line.extend_from_slice(b"1,");
        self.stamp(at);
        self.line.extend_from_slice(b",R0,");
        decimal(&mut self.line, value, meter.exponent());
        self.reads += 1;
        self.end()
    }

    fn head(&mut self, meter: &Meter, received: bool, register: bool, sent: i64) {
        let (commodity, unit, interval): (_, &[u8], &[u8]) = match (meter.commodity, received) {
            (Commodity::Electricity, false) => (b'E', b"KWH", b"00000015"),
            (Commodity::Electricity, true) => (b'E', b"GKWH", b"00000015"),
            (Commodity::Gas, _) => (b'G', b"THERM", b"00000100"),
            (Commodity::Water, _) => (b'W', b"GAL", b"00000100"),
        };
        self.line.extend_from_slice(b"MEPMD01,20080501,HEADEND,ALDERBAY:1,,");
        self.line.extend_from_slice(meter.number.as_bytes());
        self.line.push(b',');
        self.stamp(sent);
        self.line.push(b',');
        self.line.extend_from_slice(meter.number.as_bytes());
        self.line.extend_from_slice(b",OK,");
        self.line.push(commodity);
        self.line.push(b',');
        self.line.extend_from_slice(unit);
        self.line.extend_from_slice(if register { b"REG,1.0," } else { b",1.0," });
        self.line.extend_from_slice(if register { b"00000000" } else { interval });
        self.line.push(b',');
    }

    fn end(&mut self) -> io::Result<()> {
        self.line.push(b'\n');
        self.out.write_all(&self.line)?;
        self.line.clear();
        Ok(())
    }

    /// `CCYYMMDDHHMM`, local.
    fn stamp(&mut self, at: i64) {
        let local = self.zone.to_local(DateTime::from_timestamp(at, 0).unwrap_or_default());
        let year = local.year().unsigned_abs();
        for two in [year / 100, year % 100, local.month(), local.day(), local.hour(), local.minute()] {
            self.line.extend_from_slice(&[digit(two / 10), digit(two)]);
        }
    }
}

const fn digit(n: u32) -> u8 {
    b'0' + (n % 10) as u8
}

fn number(line: &mut Vec<u8>, mut n: u64) {
    let mut digits = [0; 20];
    let mut at = digits.len();
    loop {
        at -= 1;
        digits[at] = b'0' + (n % 10) as u8;
        n /= 10;
        if n == 0 {
            break;
        }
    }
    line.extend_from_slice(&digits[at..]);
}

/// An amount in thousandths as `1.234`, or a whole one.
fn decimal(line: &mut Vec<u8>, value: i64, exponent: i8) {
    let n = value.unsigned_abs();
    if value < 0 {
        line.push(b'-');
    }
    if exponent == 0 {
        return number(line, n);
    }
    number(line, n / 1000);
    let rest = (n % 1000) as u32;
    line.extend_from_slice(&[b'.', digit(rest / 100), digit(rest / 10), digit(rest)]);
}
