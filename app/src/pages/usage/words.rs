//! Sentences of the usage page around the chart.

use chrono::NaiveTime;
use contract::usage::{Grain, UsageView};
use locales::{Lang, format, usage as text};

/// How far the readings reach and how good they are.
pub(super) fn freshness(model: &UsageView, lang: Lang) -> String {
    let Some(through) = model.freshness.through else { return String::new() };
    let local = model.zone.to_local(through);
    let mut out = if local.time() == NaiveTime::MIN {
        let day = local.date().pred_opt().unwrap_or(local.date());
        text::through_day(lang, format::day(lang, day))
    } else {
        text::through_time(lang, format::day(lang, local.date()), format::time(lang, local))
    };
    let quarter_hours = model.grains.iter().any(|g| g.grain == Grain::QuarterHour);
    let mut add = |n: u32, fine: fn(Lang, i64) -> String, coarse: fn(Lang, i64) -> String| {
        if n > 0 {
            out.push(' ');
            out.push_str(&if quarter_hours { fine(lang, i64::from(n)) } else { coarse(lang, i64::from(n)) });
        }
    };
    add(model.freshness.estimated, text::estimated_quarter_hours, text::estimated_hours);
    add(model.freshness.missing, text::missing_quarter_hours, text::missing_hours);
    let behind = model.freshness.last_day.is_some_and(|last| (model.today - last).num_days() > 3);
    if behind && model.query.range.to >= model.today {
        out.push(' ');
        out.push_str(text::late(lang));
    }
    out
}

/// What is shown in place of dates that could not be.
pub(super) fn instead(model: &UsageView, lang: Lang) -> String {
    let date = |day: Option<chrono::NaiveDate>| day.map(|d| format::date(lang, d)).unwrap_or_default();
    text::problem_instead(
        lang,
        date(model.freshness.first_day),
        date(model.freshness.last_day),
        format::range(lang, model.query.range),
    )
}
