//! The demo town: a city that never was, made from a seed and a date, whose data come in through the same doors as a real
//! city's.

pub mod books;
pub mod cmep;
pub mod dice;
pub mod homes;
pub mod later;
pub mod load;
pub mod master;
pub mod people;
pub mod seed;
mod serve;
pub mod town;
pub mod weather;

pub use serve::{DemoOptions, run};
