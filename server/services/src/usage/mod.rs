//! Usage: what the usage page, its download and Home show of a service. The data come from [`crate::usage_data`]; here they
//! become bars, sentences' numbers and the ranges to go to next.

mod bars;
mod choices;
mod costs;
mod download;
mod now;
mod patterns;
mod periods;
mod show;

pub use download::{Download, download};
pub use now::services_now;
pub use patterns::patterns;
pub use periods::{Period, periods};
pub use show::show;
