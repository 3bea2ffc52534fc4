//! Bills: the run that makes them, and what people ask about them.

pub mod due;

pub use due::{due, summaries};
