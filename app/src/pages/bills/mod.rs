//! Bills: the list, and one bill by line.

mod detail;
mod lines;
mod list;
mod words;

pub use detail::Bill;
pub use list::Bills;
