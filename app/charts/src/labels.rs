//! Labels under the axis: the caller offers several sets, finest first, and the first one that fits is taken.

use crate::metrics;

/// Text size of all labels, in pixels.
pub(crate) const TEXT: u32 = 13;

/// Where a label stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Anchor {
    /// Under the middle of its slot.
    Middle,
    /// From the start of its slot on, with a small mark there.
    Start,
}

/// A label under the axis.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct XLabel {
    /// The slot it belongs to.
    pub slot: u32,
    /// What it says.
    pub text: String,
    /// Where it stands.
    pub anchor: Anchor,
}

/// A label with its place, in tenths of a pixel.
#[derive(Clone, Debug)]
pub(crate) struct Placed {
    pub(crate) x: i32,
    pub(crate) tick: Option<i32>,
    pub(crate) text: String,
}

/// The first set of which no two labels come closer than 8 px; the last one with the labels that do not fit left out.
pub(crate) fn choose(sets: &[Vec<XLabel>], left: i32, right: i32, end: i32, slots: u32) -> Vec<Placed> {
    let mut best = Vec::new();
    for set in sets {
        let (placed, dropped) = place(set, left, right, end, slots);
        let fits = dropped == 0;
        best = placed;
        if fits {
            break;
        }
    }
    best
}

fn place(set: &[XLabel], left: i32, right: i32, end: i32, slots: u32) -> (Vec<Placed>, usize) {
    let slots = i64::from(slots.max(1));
    let (mut free_from, mut out, mut dropped) = (0, Vec::with_capacity(set.len()), 0);
    for label in set {
        let width = i32::try_from(metrics::width(&label.text, TEXT * 10)).unwrap_or(i32::MAX / 4);
        let at = |s: i64| {
            let offset = i64::from(right - left) * s / (2 * slots);
            left + i32::try_from(offset).unwrap_or(0)
        };
        let slot = i64::from(label.slot);
        let (wanted, tick) = match label.anchor {
            Anchor::Middle => (at(2 * slot + 1) - width / 2, None),
            Anchor::Start => (at(2 * slot) + 30, Some(at(2 * slot))),
        };
        // Labels stay inside the picture; one that begins a stretch and has no room to the right is left out.
        if label.anchor == Anchor::Start && wanted + width > end {
            continue;
        }
        let x = wanted.clamp(0, (end - width).max(0));
        if x < free_from {
            dropped += 1;
            continue;
        }
        free_from = x + width + 80;
        out.push(Placed { x, tick, text: label.text.clone() });
    }
    (out, dropped)
}
