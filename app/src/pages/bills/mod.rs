//! Bills: the list, one bill by line, whether it is what the meter said, why it is different.

mod detail;
mod lines;
mod list;
mod proof;
mod versions;
mod why;

use locales::bill as words;
pub(super) use locales::bill::price;

pub use detail::Bill;
pub use list::{Bills, asked_words, due_lines};
pub use proof::Proof;
pub use versions::{Held, Versions};
pub use why::Why;

pub(crate) use versions::hold_text;
#[cfg(feature = "ssr")]
pub(crate) use versions::{both, correction, hold_reason};
