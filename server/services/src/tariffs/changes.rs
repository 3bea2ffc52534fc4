//! What changes between two texts of a tariff file.

use std::time::Duration;

use contract::prices::{FileLine, LineChange};
use similar::{ChangeTag, TextDiff};

/// Lines that stay are shown this far from one that changes.
const AROUND: usize = 3;
/// For two files with nothing in common a shortest list of changes is not looked for longer than this.
const AT_MOST: Duration = Duration::from_millis(500);

/// The lines that differ with some around them, place by place. Empty where none does. How lines end is no difference: a form sends
/// them with other ends than a file has.
pub(super) fn changes(old: &str, new: &str) -> Vec<Vec<FileLine>> {
    let (old, new): (Vec<&str>, Vec<&str>) = (old.lines().collect(), new.lines().collect());
    let diff = TextDiff::configure().timeout(AT_MOST).diff_slices(&old, &new);
    let groups = diff.grouped_ops(AROUND);
    groups.iter().map(|ops| ops.iter().flat_map(|op| diff.iter_changes(op)).map(|c| line(&c)).collect()).collect()
}

fn line(c: &similar::Change<&str>) -> FileLine {
    let change = match c.tag() {
        ChangeTag::Equal => LineChange::Same,
        ChangeTag::Delete => LineChange::Removed,
        ChangeTag::Insert => LineChange::Added,
    };
    let at = c.new_index().or_else(|| c.old_index()).unwrap_or(0);
    let number = u64::try_from(at).unwrap_or(u64::MAX).saturating_add(1);
    FileLine { change, number, text: c.value().to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_differs_is_shown_with_what_is_around_it() {
        let old: String = (1..=30).map(|i| format!("line {i}\n")).collect();
        let new = old.replace("line 10\n", "line ten\nline ten and a half\n");
        let said = |places: Vec<Vec<FileLine>>| -> Vec<Vec<String>> {
            let sign = |l: &FileLine| match l.change {
                LineChange::Same => " ",
                LineChange::Removed => "-",
                LineChange::Added => "+",
            };
            places.iter().map(|p| p.iter().map(|l| format!("{}{} {}", sign(l), l.number, l.text)).collect()).collect()
        };
        let seen = said(changes(&old, &new));
        assert_eq!(seen.len(), 1);
        assert_eq!(
            seen[0],
            [
                " 7 line 7",
                " 8 line 8",
                " 9 line 9",
                "-10 line 10",
                "+10 line ten",
                "+11 line ten and a half",
                " 12 line 11",
                " 13 line 12",
                " 14 line 13",
            ]
        );
        assert!(changes(&old, &old.replace('\n', "\r\n")).is_empty());
    }
}
