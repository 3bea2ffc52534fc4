//! Own usage files: bring one along, confirm what it says, see it beside this home.

mod data_set;
mod list;
mod preview;

pub use data_set::DataSet;
pub(super) use data_set::{key, most};
pub use list::Compare;
pub use preview::Preview;

use locales::{Lang, compare as text};

/// A length of time.
fn length_text(lang: Lang, seconds: u32) -> String {
    match (seconds / 60, seconds / 3_600, (seconds + 43_200) / 86_400) {
        (minutes, 0, _) => text::length_minutes(lang, minutes),
        (_, 1, _) => text::length_hour(lang).to_owned(),
        // Days of 23 and 25 hours are days.
        (_, hours, _) if hours < 23 => text::length_hours(lang, hours),
        (_, _, ..=1) => text::length_day(lang).to_owned(),
        (_, _, days) => text::length_days(lang, days),
    }
}

/// A zone as people call it.
fn zone_text(lang: Lang, name: &str) -> String {
    match name {
        "America/New_York" => text::zone_eastern(lang),
        "America/Chicago" => text::zone_central(lang),
        "America/Denver" => text::zone_mountain(lang),
        "America/Phoenix" => text::zone_arizona(lang),
        "America/Los_Angeles" => text::zone_pacific(lang),
        "America/Anchorage" => text::zone_alaska(lang),
        "Pacific/Honolulu" => text::zone_hawaii(lang),
        "America/Halifax" => text::zone_atlantic(lang),
        "Europe/London" => text::zone_london(lang),
        "Europe/Berlin" => text::zone_berlin(lang),
        "Australia/Brisbane" => text::zone_brisbane(lang),
        "Australia/Sydney" => text::zone_sydney(lang),
        "UTC" => text::zone_utc(lang),
        other => return other.replace('_', " "),
    }
    .to_owned()
}
