//! Readers of usage files. Bytes go in as a stream, typed readings come out: of a city's feeds record by record through a
//! [`Sink`], so that memory does not grow with the file; of one person's file as [`data::ChannelData`]. Nothing here knows a
//! database.

mod block;
mod bounds;
pub mod cmep;
mod csv_files;
pub mod data;
mod findings;
pub mod greenbutton;
pub mod inspect;
mod local;
pub mod nem12;
mod repeated;
pub mod senders;
pub mod sniff;

pub use block::{
    Channel, Flow, IntakeError, IntervalBlock, Problem, ProblemCode, Read, Reading, RegisterBlock, Sink, Summary,
};
