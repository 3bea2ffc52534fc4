//! The embedded typeface and how wide its letters are.

use ttf_parser::Face;

/// Noto Sans; see `fonts/README.md`.
pub(crate) const REGULAR: &[u8] = include_bytes!("../fonts/NotoSans-Regular.ttf");
/// The bold cut.
pub(crate) const BOLD: &[u8] = include_bytes!("../fonts/NotoSans-Bold.ttf");

/// What stands for a letter that the typeface does not have.
const UNKNOWN: char = '\u{fffd}';

/// Both cuts, to measure with.
pub(crate) struct Faces {
    regular: Face<'static>,
    bold: Face<'static>,
}

impl Faces {
    pub(crate) fn new() -> Self {
        let read = |data| Face::parse(data, 0).expect("the embedded fonts are whole");
        Self { regular: read(REGULAR), bold: read(BOLD) }
    }

    /// The text as it can be drawn: control characters are spaces, a minus, which the typeface lacks, is a dash as wide, other
    /// letters that it lacks are a sign for that.
    pub(crate) fn drawable(&self, text: &str) -> String {
        let known = |c: char| self.regular.glyph_index(c).is_some() && self.bold.glyph_index(c).is_some();
        let like = |c: char| match c {
            '\u{2212}' => '–',
            c if c.is_control() => ' ',
            c => c,
        };
        text.chars().map(like).map(|c| if known(c) { c } else { UNKNOWN }).collect()
    }

    /// How wide a drawable text is, in the unit of `size`. There is no kerning in the embedded fonts, so letters just add up.
    pub(crate) fn width(&self, text: &str, size: f32, bold: bool) -> f32 {
        let face = if bold { &self.bold } else { &self.regular };
        let advance = |c| face.glyph_index(c).and_then(|g| face.glyph_hor_advance(g)).unwrap_or(0);
        let units: u32 = text.chars().map(|c| u32::from(advance(c))).sum();
        #[expect(clippy::cast_precision_loss, reason = "a line has far fewer units than a float counts exactly")]
        let units = units as f32;
        units * size / f32::from(face.units_per_em())
    }

    /// Breaks a drawable text into lines of at most `width`, between words where that is possible. At least one line.
    pub(crate) fn wrap(&self, text: &str, size: f32, bold: bool, width: f32) -> Vec<String> {
        let mut lines = vec![String::new()];
        let fits = |t: &str| self.width(t, size, bold) <= width;
        for word in text.split(' ').filter(|w| !w.is_empty()) {
            let line = lines.last_mut().expect("never empty");
            let longer = if line.is_empty() { word.to_owned() } else { format!("{line} {word}") };
            if fits(&longer) {
                *line = longer;
                continue;
            }
            if !line.is_empty() {
                lines.push(String::new());
            }
            // A word of more than a line is broken where it must be.
            for c in word.chars() {
                let line = lines.last_mut().expect("never empty");
                line.push(c);
                if line.chars().count() > 1 && !fits(line) {
                    line.pop();
                    lines.push(c.to_string());
                }
            }
        }
        lines
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_the_typeface_lacks_has_a_sign() {
        let f = Faces::new();
        assert_eq!(f.drawable("Zoë Nguyễn, 19.3¢ × 2 – ok"), "Zoë Nguyễn, 19.3¢ × 2 – ok");
        assert_eq!(f.drawable("−$0.05"), "–$0.05");
        assert_eq!(f.drawable("a\u{7}電b\u{1f600}"), "a \u{fffd}b\u{fffd}");
    }

    proptest! {
        #[test]
        fn lines_fit_and_lose_no_letter(text in "\\PC{0,200}", width in 30.0f32..300.0) {
            let f = Faces::new();
            let text = f.drawable(&text);
            let lines = f.wrap(&text, 9.0, false, width);
            let letters = |t: &str| t.chars().filter(|c| *c != ' ').collect::<String>();
            prop_assert_eq!(letters(&lines.concat()), letters(&text));
            for line in &lines {
                prop_assert!(f.width(line, 9.0, false) <= width || line.chars().count() == 1, "{line}");
            }
        }
    }
}
