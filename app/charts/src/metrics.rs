//! How wide a text is, by a table of our own: close to the system's sans-serif faces, and the same everywhere.

/// Widths of the printable ASCII characters in thousandths of the font size.
const ASCII: [u16; 95] = [
    278, 278, 355, 556, 556, 889, 667, 191, 333, 333, 389, 584, 278, 333, 278, 278, // space to /
    556, 556, 556, 556, 556, 556, 556, 556, 556, 556, 278, 278, 584, 584, 584, 556, // 0 to ?
    1015, 667, 667, 722, 722, 667, 611, 778, 722, 278, 500, 667, 556, 833, 722, 778, // @ to O
    667, 778, 722, 667, 611, 722, 667, 944, 667, 667, 611, 278, 278, 278, 469, 556, // P to _
    333, 556, 556, 500, 556, 556, 278, 556, 556, 222, 222, 500, 222, 833, 556, 556, // ` to o
    556, 556, 333, 500, 278, 556, 500, 722, 500, 500, 500, 334, 260, 334, 584, // p to ~
];

/// The width of a text set in `size` (any unit), in the same unit, with a little to spare.
pub(crate) fn width(text: &str, size: u32) -> u32 {
    let thousandths: u32 = text
        .chars()
        .map(|c| {
            let i = (c as usize).wrapping_sub(32);
            u32::from(ASCII.get(i).copied().unwrap_or(700))
        })
        .sum();
    // A twentieth more than the table says: faces differ.
    (thousandths * size / 1_000) * 21 / 20
}

#[cfg(test)]
mod tests {
    use super::width;

    #[test]
    fn wider_texts_are_wider() {
        assert!(width("100", 130) > width("10", 130));
        assert!(width("W", 130) > width("i", 130));
        assert_eq!(width("", 130), 0);
        assert!(width("–", 130) > 0);
    }
}
