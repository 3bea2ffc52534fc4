//! Corrections of bills, holds, and the release of prices.

use contract::Field;
use contract::bills::{RebillView, StaffHoldView};
use contract::form::FormState;
use contract::prices::{ProposalView, ProposalsView};
use domain::billing::hold::{CorrectionReason, HoldReason};
use domain::money::Cents;
use leptos::prelude::*;
use locales::{Lang, format, staff_billing as words};

use super::layout::{StaffFrame, layout};
use super::prices::{changes, outcome};
use crate::components::{Choice, TextField};
use crate::i18n::use_lang;
use crate::pages::bills::{both, correction, hold_reason};

/// One bill as it would be now, with the form that corrects it.
pub fn rebill_page(frame: &StaffFrame, view: RebillView, state: FormState) -> impl IntoView + use<> {
    let lang = use_lang();
    let title = words::correct_title(lang, &view.number);
    let error = state.error.clone();
    let account = format!("/staff/accounts/{}", view.account);
    let said = match (view.standing, view.same, view.after, &view.problem) {
        (false, ..) => words::replaced(lang).to_owned(),
        (_, _, _, Some(why)) => words::problem(lang, why),
        (_, true, ..) => words::same(lang).to_owned(),
        (_, _, Some(after), _) => words::difference(lang, after, view.before, signed(after - view.before)),
        _ => String::new(),
    };
    let can = view.standing && !view.same && view.problem.is_none();
    let heads = (words::as_sent(lang).to_owned(), words::as_now(lang).to_owned());
    let compared = can.then(|| both(lang, heads, (view.before, view.after.unwrap_or_default()), view.services.clone()));
    let form = can.then(|| correct_form(lang, &view, state));
    let content = view! {
        <p class="row">
            <a href=account>{words::of_account(lang, &view.name, &view.account)}</a>
            <span>{words::period(lang, format::range(lang, view.period))}</span>
        </p>
        <p class="muted">{words::correct_lead(lang)}</p>
        <p class="lead">{said}</p>
        {(view.later > 0).then(|| view! { <p>{words::later(lang, view.later)}</p> })}
        {compared.map(|table| view! { {table} <p class="small muted">{words::all_same(lang)}</p> })}
        {form}
    };
    layout(frame, &title, error, content)
}

fn correct_form(lang: Lang, view: &RebillView, state: FormState) -> impl IntoView + use<> {
    let action = format!("/staff/accounts/{}/bills/{}", view.account, view.number);
    let reasons = CorrectionReason::GIVEN.map(|r| (r.slug().to_owned(), correction(lang, r).to_owned())).to_vec();
    view! {
        <form method="post" action=action class="card stack">
            <input type="hidden" name="expected" value=view.after.unwrap_or_default().0.to_string()/>
            <Choice field=Field::Reason legend=words::why(lang) options=reasons state=state.clone()/>
            <TextField field=Field::Message label=words::note(lang) hint=words::note_hint(lang) lines=3 state=state/>
            <p class="row"><button class="button" type="submit">{words::do_correct(lang)}</button></p>
        </form>
    }
}

pub(super) fn signed(amount: Cents) -> String {
    if amount > Cents::ZERO { format!("+{amount}") } else { amount.to_string() }
}

/// Whether what came back is the form that puts a hold.
pub(super) fn is_hold(state: &FormState) -> bool {
    state.typed("hold_note").is_some()
}

/// The holds of an account, with the forms that put and lift one.
pub(super) fn holds(lang: Lang, account: &str, holds: Vec<StaffHoldView>, state: FormState) -> impl IntoView + use<> {
    let action = format!("/staff/accounts/{account}/hold");
    let mine = holds.iter().any(|h| h.by.is_some());
    let reasons = HoldReason::GIVEN.map(|r| (r.slug().to_owned(), hold_reason(lang, r).to_owned())).to_vec();
    let empty = holds.is_empty();
    let rows = holds
        .into_iter()
        .map(|h| {
            let since = format::date(lang, h.hold.since);
            let said = match &h.by {
                Some(name) => words::hold_by(lang, since, name, format::date(lang, h.hold.next_on)),
                None => words::hold_by_run(lang, since),
            };
            let action = action.clone();
            view! {
                <li>
                    <p><strong>{hold_reason(lang, h.hold.reason)}</strong> " " {h.hold.note}</p>
                    <p class="muted small">{said}</p>
                    {h.by.is_some().then(|| view! {
                        <form method="post" action=action>
                            <input type="hidden" name="lift" value=h.id.to_string()/>
                            <button class="button second" type="submit">{words::lift(lang)}</button>
                        </form>
                    })}
                </li>
            }
        })
        .collect_view();
    let back = is_hold(&state);
    let state = if back { state } else { FormState::default() };
    let note = state.typed("hold_note").unwrap_or_default().to_owned();
    let reason = state.typed("hold_reason").unwrap_or_default().to_owned();
    let put = (!mine).then(|| {
        view! {
            <details open=back>
                <summary>{words::put(lang)}</summary>
                <form method="post" action=action.clone() class="stack">
                    <p class="small muted">{words::put_lead(lang)}</p>
                    <label for="hold-reason">{words::why(lang)}</label>
                    <select id="hold-reason" name="reason">
                        {reasons.into_iter().map(|(slug, text)| {
                            let chosen = slug == reason;
                            view! { <option value=slug selected=chosen>{text}</option> }
                        }).collect_view()}
                    </select>
                    <label for="hold-note">{words::note(lang)}</label>
                    <textarea id="hold-note" name="note" rows="2" required=true>{note}</textarea>
                    <TextField field=Field::To kind="date" label=words::next(lang) hint=words::next_hint(lang) state=state/>
                    <p class="row"><button class="button" type="submit">{words::do_put(lang)}</button></p>
                </form>
            </details>
        }
    });
    view! {
        <section class="card stack" aria-labelledby="holds">
            <h2 id="holds">{words::holds(lang)}</h2>
            {empty.then(|| view! { <p class="muted">{words::no_holds(lang)}</p> })}
            <ul class="list">{rows}</ul>
            {put}
        </section>
    }
}

fn stands(lang: Lang, p: &ProposalView) -> String {
    let by =
        || (p.decided_on.map(|d| format::date(lang, d)).unwrap_or_default(), p.decided_by.clone().unwrap_or_default());
    match p.released {
        None => words::waits(lang).to_owned(),
        Some(true) => words::released(lang, by().0, by().1),
        Some(false) => words::refused(lang, by().0, by().1),
    }
}

/// What was proposed, and the form to propose something.
pub fn prices_page(frame: &StaffFrame, view: ProposalsView, state: FormState) -> impl IntoView + use<> {
    let lang = use_lang();
    let error = state.error.clone();
    let why = state.typed("why").filter(|w| !w.is_empty()).map(|w| words::refused_file(lang, w));
    let empty = view.proposals.is_empty();
    let rows = view
        .proposals
        .iter()
        .map(|p| {
            let href = format!("/staff/prices/{}", p.id);
            view! {
                <li>
                    <p><strong>{p.name.clone()}</strong> " " <span class="tag">{stands(lang, p)}</span></p>
                    <p>{p.note.clone()}</p>
                    <p class="muted small">
                        {words::proposed(lang, format::date(lang, p.proposed_on), &p.proposed_by)} " "
                        <a href=href>{words::look(lang)}</a>
                    </p>
                </li>
            }
        })
        .collect_view();
    let content = view! {
        <p class="muted">{words::prices_lead(lang)}</p>
        {why.map(|why| view! { <div class="problem" role="alert"><p>{why}</p></div> })}
        {empty.then(|| view! { <p class="muted">{words::none(lang)}</p> })}
        <ul class="list">{rows}</ul>
        <section class="card stack" aria-labelledby="propose">
            <h2 id="propose">{words::propose(lang)}</h2>
            <form method="post" action="/staff/prices" class="stack">
                <TextField field=Field::Label label=words::name(lang) hint=words::name_hint(lang) state=state.clone()/>
                <TextField
                    field=Field::Message
                    label=words::propose_note(lang)
                    hint=words::propose_note_hint(lang)
                    lines=2
                    state=state.clone()
                />
                <TextField field=Field::File label=words::text(lang) hint=words::text_hint(lang) lines=12 state=state/>
                <p class="row"><button class="button" type="submit">{words::do_propose(lang)}</button></p>
            </form>
        </section>
    };
    layout(frame, words::prices_title(lang), error, content)
}

/// One proposal: the file, what it does, and who may release it.
pub fn proposal_page(frame: &StaffFrame, p: ProposalView, state: FormState) -> impl IntoView + use<> {
    let lang = use_lang();
    let error = state.error.clone();
    let action = format!("/staff/prices/{}", p.id);
    let open = p.released.is_none();
    // What it does has to be seen as it stands now before anybody releases it.
    let seen = p.outcome.as_ref().filter(|o| !o.stale).and_then(|o| o.made.as_ref()).map(|(.., from)| from.clone());
    let content = view! {
        <p class="row">
            <span class="tag">{stands(lang, &p)}</span>
            <span>{words::proposed(lang, format::date(lang, p.proposed_on), &p.proposed_by)}</span>
            <a href="/staff/prices">{words::prices_title(lang)}</a>
        </p>
        <p class="lead">{p.note.clone()}</p>
        {p.outcome.map(|o| outcome(lang, p.id, o))}
        {p.changes.map(|places| changes(lang, &p.name, places))}
        {(open && p.mine).then(|| view! { <p>{words::own(lang)}</p> })}
        {(open && !p.mine).then(|| view! {
            <form method="post" action=action class="row">
                {seen.map(|from| view! {
                    <input type="hidden" name="seen" value=from/>
                    <button class="button" type="submit" name="action" value="release">{words::release(lang)}</button>
                })}
                <button class="button second" type="submit" name="action" value="refuse">{words::refuse(lang)}</button>
            </form>
        })}
        <section aria-labelledby="text">
            <h2 id="text">{words::text(lang)}</h2>
            <div class="scroll" tabindex="0" role="region" aria-labelledby="text"><pre>{p.text}</pre></div>
        </section>
    };
    layout(frame, &words::proposal_title(lang, &p.name), error, content)
}
