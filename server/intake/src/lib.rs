//! Readers of usage files. Bytes go in as a stream, typed readings come out through a [`Sink`], record by record, so that
//! memory does not grow with the file. Nothing here knows a database.

mod block;
pub mod cmep;
mod local;

pub use block::{
    Channel, Flow, IntakeError, IntervalBlock, Problem, ProblemCode, Read, Reading, RegisterBlock, Sink, Summary,
};
