//! Usage: what the usage page, its downloads and Home show of a service. The data come from [`crate::usage_data`]; here they
//! become bars, sentences' numbers and the ranges to go to next.

mod bars;
mod beside;
mod choices;
mod compared;
mod costs;
mod download;
mod export;
mod gaps;
mod held;
mod markers;
mod meters;
mod now;
mod patterns;
mod periods;
mod readings;
mod show;
mod summaries;

pub use compared::compared;
pub use download::{Download, csv, download};
pub use export::green_button;
pub use greenbutton::MEDIA_TYPE as GREEN_BUTTON_TYPE;
pub use markers::{Typed as TypedMarker, add_marker, change_marker, list_markers, remove_marker, show_marker};
pub use meters::meters;
pub use now::services_now;
pub use patterns::patterns;
pub use periods::{Period, periods};
pub use readings::readings;
pub use show::show;
