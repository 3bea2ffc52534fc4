//! Readings to look at: the work list of exceptions, and one exception with its evidence.

mod charts;
mod detail;
mod list;
mod words;

pub use detail::exception_page;
pub use list::readings_page;
