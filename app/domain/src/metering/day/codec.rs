//! The packed form.
//!
//! ```text
//! format (1)   start, minutes since 1970, zigzag varint   interval code   slots, varint   exponent
//! peak, zigzag varint   quality (one byte, or 0xff and: missing, not installed, estimated, questionable, runs)   values
//! ```
//! A run is a varint of `length << 3 | quality`. Only slots with a value take part in the values.

use chrono::DateTime;

use super::bits::{put_varint, take_varint, unzigzag, zigzag};
use super::{DayBlock, MAX_SLOTS, values};
use crate::calendar::Instant;
use crate::metering::Quality;

const FORMAT: u8 = 1;
const MIXED: u8 = 0xff;
/// Interval lengths that take one byte; others are spelled out behind a zero.
const LENGTHS: [u32; 6] = [900, 3600, 1800, 300, 60, 86_400];

/// Why bytes are not a block.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BlockError {
    /// It ends before its time.
    #[error("the block is cut off")]
    CutOff,
    /// Written by a later program, or no block at all.
    #[error("format {0} is not known")]
    UnknownFormat(u8),
    /// A field has a value that cannot be.
    #[error("the block's {0} cannot be")]
    Impossible(&'static str),
}

/// What the beginning of a block says: enough for charts of days, without unpacking a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Head {
    /// The first instant of the day.
    pub start: Instant,
    /// The length of an interval.
    pub interval_seconds: u32,
    /// How many intervals the day has.
    pub slots: u32,
    /// The power of ten of the values.
    pub exponent: i8,
    /// The largest value; 0 where there is none.
    pub peak: i64,
    /// Slots without a value.
    pub missing: u32,
    /// Slots when there was no meter.
    pub not_installed: u32,
    /// Slots estimated or edited.
    pub estimated: u32,
    /// Slots that failed a check.
    pub questionable: u32,
}

impl Head {
    /// As many bytes as a head can have: reading this much of a stored block is enough.
    pub const MAX_BYTES: usize = 48;

    /// Reads the head alone; the bytes may be cut off after [`Head::MAX_BYTES`].
    ///
    /// # Errors
    /// [`BlockError`] where the bytes do not begin a block.
    pub fn read(bytes: &[u8]) -> Result<Self, BlockError> {
        read_head(bytes).map(|(head, _, _)| head)
    }

    /// How many slots have a value.
    #[must_use]
    pub const fn present(&self) -> u32 {
        self.slots.saturating_sub(self.missing).saturating_sub(self.not_installed)
    }

    /// The end of the last interval.
    #[must_use]
    pub fn end(&self) -> Instant {
        let seconds = i64::from(self.slots) * i64::from(self.interval_seconds);
        DateTime::from_timestamp(self.start.timestamp().saturating_add(seconds), 0).unwrap_or(self.start)
    }
}

pub(super) fn encode(block: &DayBlock, out: &mut Vec<u8>) {
    out.push(FORMAT);
    put_varint(out, zigzag(block.start.timestamp().div_euclid(60)));
    match LENGTHS.iter().position(|l| *l == block.interval_seconds) {
        Some(i) => out.push(u8::try_from(i + 1).unwrap_or(0)),
        None => {
            out.push(0);
            put_varint(out, u64::from(block.interval_seconds));
        }
    }
    put_varint(out, block.len() as u64);
    out.push(block.exponent.cast_unsigned());
    let quality = &block.quality;
    let first = quality.first().copied().unwrap_or(Quality::Missing);
    if quality.iter().all(|q| *q == first) {
        let peak = if first.has_value() { block.values.iter().copied().max().unwrap_or(0) } else { 0 };
        put_varint(out, zigzag(peak));
        out.push(first as u8);
        if first.has_value() {
            values::encode(&block.values, out);
        }
        return;
    }
    let present: Vec<i64> = block.values.iter().zip(quality).filter(|(_, q)| q.has_value()).map(|(v, _)| *v).collect();
    put_varint(out, zigzag(present.iter().copied().max().unwrap_or(0)));
    out.push(MIXED);
    for count in [
        block.count(|q| q == Quality::Missing),
        block.count(|q| q == Quality::NotInstalled),
        block.count(Quality::is_estimate),
        block.count(|q| q == Quality::Questionable),
    ] {
        put_varint(out, count as u64);
    }
    for run in quality.chunk_by(|a, b| a == b) {
        put_varint(out, (run.len() as u64) << 3 | u64::from(run[0] as u8));
    }
    values::encode(&present, out);
}

pub(super) fn decode(bytes: &[u8]) -> Result<DayBlock, BlockError> {
    let (head, uniform, mut rest) = read_head(bytes)?;
    let mut block = DayBlock::empty(head.start, head.interval_seconds, head.slots as usize, head.exponent);
    if let Some(quality) = uniform {
        block.quality.fill(quality);
        if quality.has_value() {
            let mut next = block.values.iter_mut();
            values::decode(rest, head.slots as usize, |v| {
                if let Some(slot) = next.next() {
                    *slot = v;
                }
            })
            .ok_or(BlockError::CutOff)?;
        }
        return Ok(block);
    }
    let mut at = 0;
    while at < block.len() {
        let run = take_varint(&mut rest).ok_or(BlockError::CutOff)?;
        let quality = Quality::from_code((run & 7) as u8).ok_or(BlockError::Impossible("quality"))?;
        let end = usize::try_from(run >> 3)
            .ok()
            .and_then(|n| at.checked_add(n))
            .filter(|end| *end > at && *end <= block.len())
            .ok_or(BlockError::Impossible("run of qualities"))?;
        block.quality[at..end].fill(quality);
        at = end;
    }
    let counts = (
        block.count(|q| q == Quality::Missing),
        block.count(|q| q == Quality::NotInstalled),
        block.count(Quality::is_estimate),
        block.count(|q| q == Quality::Questionable),
    );
    if counts
        != (head.missing as usize, head.not_installed as usize, head.estimated as usize, head.questionable as usize)
    {
        return Err(BlockError::Impossible("count of qualities"));
    }
    let present = block.count(Quality::has_value);
    let quality = &block.quality;
    let mut next = block.values.iter_mut().zip(quality).filter(|(_, q)| q.has_value()).map(|(v, _)| v);
    values::decode(rest, present, |v| {
        if let Some(slot) = next.next() {
            *slot = v;
        }
    })
    .ok_or(BlockError::CutOff)?;
    Ok(block)
}

/// The head, the one quality of all slots if there is one, and what follows.
fn read_head(bytes: &[u8]) -> Result<(Head, Option<Quality>, &[u8]), BlockError> {
    let mut rest = bytes;
    let format = take_byte(&mut rest)?;
    if format != FORMAT {
        return Err(BlockError::UnknownFormat(format));
    }
    let minutes = unzigzag(take(&mut rest)?);
    let start =
        minutes.checked_mul(60).and_then(|s| DateTime::from_timestamp(s, 0)).ok_or(BlockError::Impossible("start"))?;
    let interval_seconds = match usize::from(take_byte(&mut rest)?) {
        0 => u32::try_from(take(&mut rest)?).ok().filter(|s| *s > 0),
        code => LENGTHS.get(code - 1).copied(),
    }
    .ok_or(BlockError::Impossible("interval"))?;
    let slots = u32::try_from(take(&mut rest)?)
        .ok()
        .filter(|n| *n as usize <= MAX_SLOTS)
        .ok_or(BlockError::Impossible("number of slots"))?;
    let exponent = take_byte(&mut rest)?.cast_signed();
    let peak = unzigzag(take(&mut rest)?);
    let mut head = Head {
        start,
        interval_seconds,
        slots,
        exponent,
        peak,
        missing: 0,
        not_installed: 0,
        estimated: 0,
        questionable: 0,
    };
    let code = take_byte(&mut rest)?;
    if code == MIXED {
        let mut count = || -> Result<u32, BlockError> {
            u32::try_from(take(&mut rest)?)
                .ok()
                .filter(|n| *n <= slots)
                .ok_or(BlockError::Impossible("count of qualities"))
        };
        head.missing = count()?;
        head.not_installed = count()?;
        head.estimated = count()?;
        head.questionable = count()?;
        return Ok((head, None, rest));
    }
    let quality = Quality::from_code(code).ok_or(BlockError::Impossible("quality"))?;
    match quality {
        Quality::Missing => head.missing = slots,
        Quality::NotInstalled => head.not_installed = slots,
        Quality::Estimated | Quality::Edited => head.estimated = slots,
        Quality::Questionable => head.questionable = slots,
        Quality::Raw | Quality::Validated | Quality::Verified => {}
    }
    Ok((head, Some(quality), rest))
}

fn take(bytes: &mut &[u8]) -> Result<u64, BlockError> {
    take_varint(bytes).ok_or(BlockError::CutOff)
}

fn take_byte(bytes: &mut &[u8]) -> Result<u8, BlockError> {
    let (first, rest) = bytes.split_first().ok_or(BlockError::CutOff)?;
    *bytes = rest;
    Ok(*first)
}
