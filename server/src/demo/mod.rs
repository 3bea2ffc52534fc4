//! The demo town: a city that never was, made from a seed and a date, whose data come in through the same doors as a real
//! city's.

pub mod cmep;
pub mod dice;
pub mod homes;
pub mod load;
pub mod people;
pub mod town;
pub mod weather;
