//! The `meterside` program: portal, command line, jobs, demo.

pub mod portal;
pub mod serve;
