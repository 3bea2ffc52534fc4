//! Every text that a person reads, by area. Messages are written in Fluent files (`en/*.ftl`) and become functions:
//! `locales::home::balance_due(lang, amount)`, arguments in alphabetical order, whole numbers that choose a form as `i64`. A language is one more folder with the same keys.

use std::fmt::{Display, Write as _};

/// The language a person reads.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Lang {
    /// American English.
    #[default]
    En,
}

impl Lang {
    /// The BCP 47 tag, for the `lang` attribute.
    #[must_use]
    pub const fn tag(self) -> &'static str {
        match self {
            Self::En => "en-US",
        }
    }
}

pub mod bill;
pub mod format;
pub mod lines;

fn put(out: &mut String, value: &dyn Display) {
    write!(out, "{value}").expect("writing to a string does not fail");
}

include!(concat!(env!("OUT_DIR"), "/messages.rs"));

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_with_a_number_takes_the_right_form() {
        assert_eq!(common::days(Lang::En, 1), "1 day");
        assert_eq!(common::days(Lang::En, 29), "29 days");
    }
}
