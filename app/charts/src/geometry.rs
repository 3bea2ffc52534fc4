//! Where the bars are in the picture, for whatever lies over it: crosshair, card, keyboard.

use serde::{Deserialize, Serialize};

/// A chart's plot box and bars. Lengths are tenths of the picture's own pixels (its `viewBox` has whole ones).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Geometry {
    /// The picture's width in whole pixels.
    pub width: u32,
    /// The picture's height in whole pixels.
    pub height: u32,
    /// The plot's left edge, tenths.
    pub left: i32,
    /// The plot's right edge, tenths.
    pub right: i32,
    /// The plot's upper edge, tenths.
    pub top: i32,
    /// The plot's lower edge, tenths.
    pub bottom: i32,
    /// Where zero is, tenths from above.
    pub zero: i32,
    /// How many stretches of time lie side by side.
    pub slots: u32,
    /// How many of them are drawn as one mark; more than one where there is no room for each.
    pub per_mark: u32,
    /// The upper end of each mark, tenths from above; the zero line where there is none.
    pub tops: Vec<i32>,
}

impl Geometry {
    /// From where to where a slot reaches across, in pixels.
    #[must_use]
    pub fn slot(&self, index: usize) -> (f64, f64) {
        let width = f64::from(self.right - self.left) / f64::from(self.slots.max(1));
        let index = u32::try_from(index).unwrap_or(u32::MAX).min(self.slots.saturating_sub(1));
        let from = f64::from(self.left) + width * f64::from(index);
        (from / 10.0, (from + width) / 10.0)
    }

    /// The slot at a distance from the left edge of the picture, in its pixels; the nearest one where it is outside the plot.
    /// `None` where there are no slots.
    #[must_use]
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped to the slots before the cast")]
    pub fn slot_at(&self, x: f64) -> Option<usize> {
        if self.slots == 0 || x.is_nan() {
            return None;
        }
        let share = (x * 10.0 - f64::from(self.left)) / f64::from((self.right - self.left).max(1));
        let last = f64::from(self.slots - 1);
        Some((share * f64::from(self.slots)).floor().clamp(0.0, last) as usize)
    }

    /// The upper end of the mark that a slot is in, in pixels from above.
    #[must_use]
    pub fn top_of(&self, index: usize) -> f64 {
        let mark = index / usize::try_from(self.per_mark.max(1)).unwrap_or(1);
        f64::from(self.tops.get(mark).copied().unwrap_or(self.zero)) / 10.0
    }
}
