//! A bill run that waits for a person: the notice, what its shadow run came to, and the release.

use contract::form::FormState;
use contract::runs::{RunSums, WaitingRunView, WaitsFor};
use leptos::prelude::*;
use locales::{Lang, format, staff_billing as words};

use super::layout::{StaffFrame, layout};
use super::prices::{differences, moment};
use crate::components::{Glyph, Icon};
use crate::i18n::use_lang;
use crate::pages::bills::hold_reason;

/// That a run waits, with the way to it.
pub(super) fn notice(lang: Lang, run: &WaitingRunView) -> impl IntoView + use<> {
    let (bills, sum) = (count(run.sums.effect.bills), run.sums.effect.after);
    let said =
        if run.released.is_some() { words::run_issuing(lang, bills, sum) } else { words::run_waits(lang, bills, sum) };
    view! {
        <div class="notice warn">
            <Icon glyph=Glyph::Notice/>
            <div>
                <p><strong>{said}</strong></p>
                <p>{why(lang, run)} " " <a href="/staff/bills/run">{words::run_look(lang)}</a></p>
            </div>
        </div>
    }
}

fn count(n: u64) -> i64 {
    i64::try_from(n).unwrap_or(i64::MAX)
}

fn why(lang: Lang, run: &WaitingRunView) -> String {
    let RunSums { compared, before, after, .. } = run.sums;
    match run.why {
        WaitsFor::ByHand => words::run_by_hand(lang).to_owned(),
        WaitsFor::FarSum => words::run_far(lang, after, before, compared),
        WaitsFor::Changed => words::run_changed(lang).to_owned(),
    }
}

/// The run that waits, with what it would bill beside the bills before, and the way to issue it.
pub fn run_page(frame: &StaffFrame, run: Option<WaitingRunView>, state: FormState) -> impl IntoView + use<> {
    let lang = use_lang();
    let content = match run {
        Some(run) => view! {
            <div class="stack">
                <p class="lead">{why(lang, &run)}</p>
                {facts(lang, &run)}
                {release(lang, &run)}
                {differences(lang, (words::run_largest_before(lang), words::run_largest_after(lang)), run.sums.effect)}
                <p class="muted small">{words::run_all_lines(lang)}</p>
            </div>
        }
        .into_any(),
        None => view! {
            <p>{words::run_none(lang)}</p>
            <p><a href="/staff/bills">{words::changed_title(lang)}</a></p>
        }
        .into_any(),
    };
    layout(frame, words::run_title(lang), state.error, content)
}

fn facts(lang: Lang, run: &WaitingRunView) -> impl IntoView + use<> {
    let sums = &run.sums;
    let first = count(sums.effect.bills.saturating_sub(sums.compared));
    let held = sums
        .held
        .iter()
        .map(|(reason, n)| {
            let why = reason.map_or(words::run_held_employee(lang), |r| hold_reason(lang, r));
            view! { <li>{words::run_held_line(lang, count(*n), why)}</li> }
        })
        .collect_view();
    let none = sums.held.is_empty();
    view! {
        <p class="row">
            <span>{words::run_through(lang, format::date(lang, run.through))}</span>
            {sums.days.map(|days| view! { <span>{words::run_days(lang, format::range(lang, days))}</span> })}
            <span class="muted">{words::run_made(lang, moment(lang, run.made_at))}</span>
        </p>
        <div class="scroll" tabindex="0" role="region" aria-label=words::run_sum(lang)>
            <table class="dense">
                <thead>
                    <tr>
                        <th scope="col" class="number">{words::run_bills(lang)}</th>
                        <th scope="col" class="number">{words::run_sum(lang)}</th>
                        <th scope="col" class="number">{words::run_before(lang)}</th>
                        <th scope="col" class="number">{words::change(lang)}</th>
                    </tr>
                </thead>
                <tbody>
                    <tr>
                        <td class="number">{sums.effect.bills}</td>
                        <td class="number">{sums.effect.after.to_string()}</td>
                        <td class="number">{sums.effect.before.to_string()}</td>
                        <td class="number">{super::billing::signed(sums.effect.after - sums.effect.before)}</td>
                    </tr>
                </tbody>
            </table>
        </div>
        {(first > 0).then(|| view! { <p class="muted">{words::run_first(lang, first)}</p> })}
        {(!none).then(|| view! {
            <h2>{words::run_held(lang)}</h2>
            <ul>{held}</ul>
        })}
    }
}

/// The way to issue the bills, or why there is none.
fn release(lang: Lang, run: &WaitingRunView) -> AnyView {
    let again = || view! { <a href="/staff/bills/run">{words::run_look_again(lang)}</a> };
    if let Some((name, at)) = &run.released {
        let said = words::run_released(lang, name, moment(lang, *at));
        return view! { <p class="notice" role="status"><span>{said} " " {again()}</span></p> }.into_any();
    }
    if run.anew_at.is_some() {
        return view! { <p class="notice" role="status"><span>{words::run_anew(lang)} " " {again()}</span></p> }
            .into_any();
    }
    if !run.may {
        return view! { <p class="notice">{words::run_may_not(lang)}</p> }.into_any();
    }
    view! {
        <form method="post" action="/staff/bills/run" class="card stack">
            <input type="hidden" name="run" value=run.id.to_string()/>
            <input type="hidden" name="seen" value=run.digest.clone()/>
            <p class="muted">{words::run_release_lead(lang)}</p>
            <p class="row">
                <button class="button" type="submit" name="action" value="release">
                    {words::run_release(lang, count(run.sums.effect.bills))}
                </button>
                <button class="button second" type="submit" name="action" value="again">{words::run_again(lang)}</button>
            </p>
        </form>
    }
    .into_any()
}
