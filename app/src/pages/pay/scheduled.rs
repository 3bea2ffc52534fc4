//! Paying on other days, in one or more parts: what is planned, changing and cancelling it, and planning more.

use contract::form::{Done, FormState};
use contract::saved::{Planned, ScheduledView};
use domain::money::Cents;
use domain::payment::planned::MOST_PARTS;
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;
use locales::format::{date, day};
use locales::later;

use super::words::{With, late, state};
use crate::api;
use crate::components::{AccountPage, FormErrors, Glyph, Icon, PostForm, Section, came_again, date_value, loaded};
use crate::i18n::use_lang;
use crate::pages::account_number;
use crate::routes::to;

/// The page.
#[component]
pub fn Scheduled() -> impl IntoView {
    let state = api::form::use_form_state();
    let (account, query) = (account_number(), use_query_map());
    let which = move || {
        let query = query.read();
        let number = |name| query.get(name).and_then(|v| v.parse::<i64>().ok());
        (account(), number("parts").and_then(|n| u32::try_from(n).ok()), number("change"))
    };
    let model = Resource::new(which, |(account, parts, change)| api::later::scheduled(account, parts, change));
    loaded(model, move |model: ScheduledView| {
        let lang = use_lang();
        let account = model.head.number.clone();
        let back = account.clone();
        let above = ViewFn::from(move || view! { <a href=to::pay(&back)>{later::back_to_pay(lang)}</a> });
        let done = state.done.and_then(|done| match done {
            Done::Sent => Some(later::scheduled_added(lang)),
            Done::Saved => Some(later::scheduled_changed(lang)),
            Done::Removed => Some(later::scheduled_cancelled(lang)),
            _ => None,
        });
        let state = state.clone();
        let none = model.planned.is_empty();
        view! {
            <AccountPage head=model.head.clone() section=Section::Bills title=later::scheduled_title(lang) above>
                <div class="stack-large">
                    {came_again(lang, &state)}
                    {state.error.clone().map(|error| view! { <FormErrors error/> })}
                    {done.map(|text| view! {
                        <div class="notice good" role="status"><Icon glyph=Glyph::Done/><p>{text}</p></div>
                    })}
                    {(!none).then(|| view! {
                        <section class="stack" aria-labelledby="planned">
                            <h2 id="planned">{later::scheduled_planned(lang)}</h2>
                            <Lines account=account.clone() lines=model.planned.clone() actions=true/>
                        </section>
                    })}
                    {match model.changing.clone() {
                        Some(one) => view! { <Change model=model.clone() one state/> }.into_any(),
                        None => view! { <Plan model=model.clone() state/> }.into_any(),
                    }}
                    {(!model.ended.is_empty()).then(|| view! {
                        <section class="stack" aria-labelledby="ended">
                            <h2 id="ended">{later::scheduled_ended(lang)}</h2>
                            <Lines account=account.clone() lines=model.ended.clone() actions=false/>
                        </section>
                    })}
                </div>
            </AccountPage>
        }
    })
}

/// Planned payments, one a line.
#[component]
pub(super) fn Lines(account: String, lines: Vec<Planned>, actions: bool) -> impl IntoView {
    view! {
        <ul class="list planned">
            {lines.into_iter().map(|line| view! { <Line account=account.clone() line actions/> }).collect_view()}
        </ul>
    }
}

#[component]
fn Line(account: String, line: Planned, actions: bool) -> impl IntoView {
    let lang = use_lang();
    let (class, text) = state(lang, &line);
    let what = if line.autopay { later::line_autopay(lang) } else { later::line_scheduled(lang) };
    let payment = line.payment.clone().map(|number| to::payment(&account, &number));
    let change = (actions && line.may_change).then(|| {
        if line.autopay {
            view! { <a class="button second" href=to::autopay(&account)>{later::scheduled_change(lang)}</a> }.into_any()
        } else {
            view! {
                <a class="button second" href=format!("{}?change={}", to::scheduled(&account), line.id)>
                    {later::scheduled_change(lang)}
                </a>
                <form method="post" action="/api/pay/cancel">
                    <input type="hidden" name="account" value=account.clone()/>
                    <input type="hidden" name="id" value=line.id.to_string()/>
                    <button class="second" type="submit">{later::scheduled_cancel(lang)}</button>
                </form>
            }
            .into_any()
        }
    });
    // What was paid in another way meanwhile is not taken.
    let less = (line.state.is_changeable() && line.takes < line.amount).then(|| {
        if line.takes > Cents::ZERO {
            later::line_less(lang, line.amount)
        } else {
            later::line_nothing(lang).to_owned()
        }
    });
    let shown = if line.state.is_changeable() && line.takes > Cents::ZERO { line.takes } else { line.amount };
    view! {
        <li>
            <div class="what">
                <p><strong class="figure">{shown.to_string()}</strong> " " <span class="muted">{line.method.clone()}</span></p>
                {less.map(|text| view! { <p class="small">{text}</p> })}
                <p><span class=class>{text}</span> " " <span class="small muted">{what}</span></p>
                {late(lang, line.timely).filter(|_| actions).map(|text| view! { <p class="small wrong-text">{text}</p> })}
            </div>
            {payment.map(|href| view! { <p class="small"><a class="target" href=href>{later::line_payment(lang)}</a></p> })}
            {change.map(|actions| view! { <div class="actions">{actions}</div> })}
        </li>
    }
}

/// Days and amounts of new ones.
#[component]
fn Plan(model: ScheduledView, state: FormState) -> impl IntoView {
    let lang = use_lang();
    let account = model.head.number.clone();
    if model.open <= Cents::ZERO || model.parts.is_empty() {
        return view! { <p class="lead">{later::scheduled_nothing(lang)}</p> }.into_any();
    }
    if model.methods.is_empty() {
        return view! {
            <p class="lead">{later::scheduled_lead(lang)}</p>
            <p>{later::scheduled_need(lang)}</p>
            <p class="row"><a class="button" href=to::methods(&account)>{later::methods_add(lang)}</a></p>
        }
        .into_any();
    }
    let n = model.parts.len();
    let options = (1..=MOST_PARTS)
        .map(|i| {
            let count = i64::try_from(i).unwrap_or(1);
            view! { <option value=i.to_string() selected=i == n>{later::scheduled_parts(lang, count)}</option> }
        })
        .collect_view();
    let hint = later::scheduled_form_hint(lang, date(lang, model.days.0), date(lang, model.days.1), model.open);
    view! {
        <section class="stack" aria-labelledby="plan">
            <h2 id="plan" class="small muted">{later::scheduled_open(lang)}</h2>
            <p class="figure large">{model.open.to_string()}</p>
            {model.due_on.map(|on| view! { <p>{locales::pay::due_on(lang, day(lang, on))}</p> })}
            <p class="lead">{later::scheduled_lead(lang)}</p>
            {model.autopay.then(|| view! { <p>{later::scheduled_autopay(lang)}</p> })}
            <form method="get" action=to::scheduled(&account) class="row">
                <div class="field">
                    <label for="count">{later::scheduled_how_many(lang)}</label>
                    <select id="count" name="parts">{options}</select>
                </div>
                <button class="second" type="submit">{later::scheduled_show(lang)}</button>
            </form>
            <PostForm action="/api/pay/plan">
                <input type="hidden" name="account" value=account/>
                <fieldset class="field parts" id="parts">
                    <legend>{later::scheduled_form(lang)}</legend>
                    <p class="hint">{hint}</p>
                    {model
                        .parts
                        .iter()
                        .enumerate()
                        .map(|(i, (on, amount))| view! {
                            <Part n=i + 1 of=n on=*on amount=*amount days=model.days state=state.clone()/>
                        })
                        .collect_view()}
                </fieldset>
                <With methods=model.methods/>
                <p class="row"><button type="submit">{later::scheduled_continue(lang)}</button></p>
                <p class="hint">{later::scheduled_continue_hint(lang)}</p>
            </PostForm>
        </section>
    }
    .into_any()
}

/// The day and the amount of one part.
#[component]
fn Part(
    n: usize,
    of: usize,
    on: chrono::NaiveDate,
    amount: Cents,
    days: (chrono::NaiveDate, chrono::NaiveDate),
    state: FormState,
) -> impl IntoView {
    let lang = use_lang();
    let (day_name, amount_name) = (format!("on{n}"), format!("amount{n}"));
    let plain = |amount: Cents| amount.to_string().replace('$', "");
    let day_value = state.typed(&day_name).and_then(date_value).unwrap_or_else(|| on.to_string());
    let amount_value = state.typed(&amount_name).map_or_else(|| plain(amount), ToOwned::to_owned);
    let (day_label, amount_label) = match of {
        1 => (later::scheduled_one_day(lang).to_owned(), later::scheduled_one_amount(lang).to_owned()),
        _ => (later::scheduled_day(lang, n), later::scheduled_amount(lang, n)),
    };
    view! {
        <div class="row part">
            <div class="field">
                <label for=day_name.clone()>{day_label}</label>
                <input
                    id=day_name.clone()
                    name=day_name
                    type="date"
                    required
                    value=day_value
                    min=days.0.to_string()
                    max=days.1.to_string()
                />
            </div>
            <div class="field">
                <label for=amount_name.clone()>{amount_label}</label>
                <input id=amount_name.clone() name=amount_name inputmode="decimal" autocomplete="off" required value=amount_value/>
            </div>
        </div>
    }
}

/// Another day, amount or way to pay for one.
#[component]
fn Change(model: ScheduledView, one: Planned, state: FormState) -> impl IntoView {
    let lang = use_lang();
    let account = model.head.number.clone();
    let chosen = model.methods.iter().find(|m| m.label == one.method).map(|m| m.id).unwrap_or_default();
    view! {
        <section class="stack" aria-labelledby="change">
            <h2 id="change">{later::scheduled_change_title(lang, one.amount, day(lang, one.take_on))}</h2>
            <PostForm action="/api/pay/change">
                <input type="hidden" name="account" value=account.clone()/>
                <input type="hidden" name="id" value=one.id.to_string()/>
                <fieldset class="field parts" id="parts">
                    <legend>{later::scheduled_form(lang)}</legend>
                    <Part n=1 of=1 on=one.take_on.max(model.days.0) amount=one.amount days=model.days state=state/>
                </fieldset>
                <With methods=model.methods chosen=chosen/>
                <p class="row">
                    <button type="submit">{later::scheduled_save(lang)}</button>
                    <a class="button second" href=to::scheduled(&account)>{later::back_to_pay(lang)}</a>
                </p>
            </PostForm>
        </section>
    }
}
