//! Exceptions: what the checks, refused records and meter readers found, judged by history behind ingest and settled by
//! employees from one work list. Values are never overwritten: whatever is estimated, edited or taken back becomes a
//! version of its day with a delivery of its own that says who made it.

mod act;
mod change;
mod estimate;
mod review;
mod route;
mod show;

pub use act::{Action, act, undo};
pub(crate) use estimate::off_dial;
pub use review::{JOB, Reviewed, review};
pub use route::{RouteResult, route_results};
pub use show::{list, open_count, show};

use std::sync::Arc;

use domain::calendar::Zone;
use domain::ids::RegisterId;
use domain::metering::vee::Rules;

/// A register with what its values are judged and estimated by.
pub(crate) struct Target {
    register: RegisterId,
    exponent: i8,
    interval_seconds: u32,
    dial_digits: u32,
    zone: Arc<Zone>,
    rules: Rules,
}

#[cfg(test)]
mod review_tests;
#[cfg(test)]
mod tests;
