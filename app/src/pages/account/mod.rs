//! What belongs to the person and the account itself.

mod activity;
mod settings;

pub use activity::Activity;
pub use settings::Settings;
