//! Words for what was found and done.

use contract::exceptions::{Deed, ExceptionView};
use domain::metering::Quality;
use domain::metering::vee::like::Method;
use domain::metering::vee::{Rule, Severity};
use domain::quantity::Unit;
use locales::{Lang, staff_readings as words};

use crate::components::amount_text;

/// A rule's name.
pub(super) fn rule_name(lang: Lang, rule: Rule) -> &'static str {
    match rule {
        Rule::Reverse => words::name_reverse(lang),
        Rule::Zero => words::name_zero(lang),
        Rule::Stuck => words::name_stuck(lang),
        Rule::Inactive => words::name_inactive(lang),
        Rule::Sum => words::name_sum(lang),
        Rule::Spike => words::name_spike(lang),
        Rule::Negative => words::name_negative(lang),
        Rule::High => words::name_high(lang),
        Rule::Low => words::name_low(lang),
        Rule::Billed => words::name_billed(lang),
        Rule::Gap => words::name_gap(lang),
        Rule::Silent => words::name_silent(lang),
        Rule::Sibling => words::name_sibling(lang),
        Rule::Duplicate => words::name_duplicate(lang),
        Rule::IntervalSize => words::name_interval_size(lang),
        Rule::LongEstimate => words::name_long_estimate(lang),
        Rule::Refused => words::name_refused(lang),
        Rule::UnknownMeter => words::name_unknown_meter(lang),
        Rule::ReaderBroken => words::name_reader_broken(lang),
        Rule::ReaderTamper => words::name_reader_tamper(lang),
        Rule::ReaderNoAccess => words::name_reader_no_access(lang),
        Rule::ReaderNoRead => words::name_reader_no_read(lang),
        Rule::ReaderOutOfBand => words::name_reader_out_of_band(lang),
        Rule::ReaderRemark => words::name_reader_remark(lang),
    }
}

/// How a value was estimated, in a word or two.
pub(super) fn method_name(lang: Lang, method: Method) -> &'static str {
    match method {
        Method::Interpolated => words::method_interpolated(lang),
        Method::LikeDays => words::method_like_days(lang),
        Method::LikeDaysScaled => words::method_like_days_scaled(lang),
        Method::DialSpread => words::method_dial_spread(lang),
    }
}

/// What was found, with its figures.
pub(super) fn why(lang: Lang, view: &ExceptionView) -> String {
    let (found, against, limit) = view.figures.unwrap_or_default();
    let (exponent, unit) = view.evidence.as_ref().map_or((0, Unit::KilowattHour), |e| (e.exponent, e.unit));
    let amount = |v: i64| amount_text(lang, v, exponent, unit);
    match view.line.rule {
        Rule::Reverse => words::why_reverse(lang, amount(found)),
        Rule::Zero => words::why_zero(lang, amount(against), found),
        Rule::Stuck => words::why_stuck(lang, amount(against), found),
        Rule::Inactive => words::why_inactive(lang, amount(found), amount(limit)),
        Rule::Sum => words::why_sum(lang, amount(against), amount(found), amount(limit)),
        Rule::Spike => words::why_spike(lang, amount(against), amount(found), amount(limit)),
        Rule::Negative => words::why_negative(lang, amount(found)),
        Rule::High => words::why_high(lang, amount(against), amount(found), amount(limit)),
        Rule::Low => words::why_low(lang, amount(against), amount(found), amount(limit)),
        Rule::Billed => words::why_billed(lang, amount(against), amount(found)),
        Rule::Gap => words::why_gap(lang, against, found),
        Rule::Silent => words::why_silent(lang, found),
        Rule::Sibling => words::why_sibling(lang).to_owned(),
        Rule::Duplicate => words::why_duplicate(lang, amount(against), amount(found)),
        Rule::IntervalSize => words::why_interval_size(lang).to_owned(),
        Rule::LongEstimate => words::why_long_estimate(lang, found),
        Rule::Refused => words::why_refused(lang).to_owned(),
        Rule::UnknownMeter => words::why_unknown_meter(lang).to_owned(),
        Rule::ReaderBroken
        | Rule::ReaderTamper
        | Rule::ReaderNoAccess
        | Rule::ReaderNoRead
        | Rule::ReaderOutOfBand
        | Rule::ReaderRemark => words::why_reader(lang).to_owned(),
    }
}

/// How soon someone has to look.
pub(super) fn severity(lang: Lang, severity: Severity) -> &'static str {
    match severity {
        Severity::Urgent => words::urgent(lang),
        Severity::Bill => words::before_bill(lang),
        Severity::Note => words::note_only(lang),
    }
}

/// How a value is known.
pub(super) fn quality(lang: Lang, quality: Quality) -> &'static str {
    match quality {
        Quality::Missing => words::quality_missing(lang),
        Quality::NotInstalled => words::quality_not_installed(lang),
        Quality::Raw => words::quality_raw(lang),
        Quality::Validated => words::quality_validated(lang),
        Quality::Verified => words::quality_verified(lang),
        Quality::Estimated => words::quality_estimated(lang),
        Quality::Edited => words::quality_edited(lang),
        Quality::Questionable => words::quality_questionable(lang),
    }
}

/// What was done.
pub(super) fn deed(lang: Lang, deed: Deed) -> &'static str {
    match deed {
        Deed::Cured => words::deed_cured(lang),
        Deed::Accepted => words::deed_accepted(lang),
        Deed::Estimated => words::deed_estimated(lang),
        Deed::Edited => words::deed_edited(lang),
        Deed::Reread => words::deed_reread(lang),
        Deed::Visit => words::deed_visit(lang),
        Deed::Undone => words::deed_undone(lang),
    }
}
