//! Bills: the run that makes them, and what people ask about them.

mod batch;
pub mod changed;
mod clock;
pub mod costs;
pub mod due;
pub mod forecast;
mod gather;
pub mod holds;
pub mod nightly;
mod paper;
mod prepare;
pub mod printing;
mod proof;
pub mod rebill;
pub mod run;
pub mod shadow;
pub mod show;
mod versions;
pub mod waiting;
mod why;

#[cfg(test)]
mod batch_tests;
#[cfg(test)]
mod beside_tests;
#[cfg(test)]
mod changed_tests;
#[cfg(test)]
mod correct_tests;
#[cfg(test)]
mod dial_tests;
#[cfg(test)]
mod handover_tests;
#[cfg(test)]
mod history_tests;
#[cfg(test)]
mod paper_tests;
#[cfg(test)]
mod proof_tests;
#[cfg(test)]
mod run_tests;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod waiting_tests;

pub use costs::{BilledSpan, Period, costs, periods, to_micro};
pub use due::{due, summaries};
pub use gather::Hold;
pub use nightly::schedule;
pub use paper::{Paper, duplicate, paper};
pub use proof::proof;
pub use run::{Options, Report, run};
pub use show::{list, show};
pub use versions::versions;
pub use why::why;
