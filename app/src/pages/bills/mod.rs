//! Bills: the list, one bill by line, whether it is what the meter said, why it is different.

mod detail;
mod lines;
mod list;
mod proof;
mod why;
mod words;

pub use detail::Bill;
pub use list::{Bills, asked_words};
pub use proof::Proof;
pub use why::Why;

pub(super) use words::price;
