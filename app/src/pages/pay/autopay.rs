//! Autopay: what it will do, to the cent and the day; what it asks; turning it on, changing it, turning it off.

use contract::Field;
use contract::form::{Done, FormState};
use contract::saved::{AutopayView, CarryOn, Enrolled, Planned};
use domain::money::Cents;
use domain::payment::autopay::{BRAKES, MOST_DAYS_BEFORE, Short, Terms};
use domain::payment::planned::{State, Why};
use leptos::prelude::*;
use locales::format::{date, day};
use locales::later;

use super::scheduled::Lines;
use super::words::{Add, With, asks, named, terms};
use crate::api;
use crate::components::{AccountPage, FormErrors, Glyph, Icon, PostForm, Section, TextField, came_again, loaded};
use crate::i18n::use_lang;
use crate::pages::account_number;
use crate::routes::to;

/// The page.
#[component]
pub fn Autopay() -> impl IntoView {
    let state = api::form::use_form_state();
    let model = Resource::new(account_number(), api::later::autopay);
    loaded(model, move |model: AutopayView| {
        let lang = use_lang();
        let account = model.head.number.clone();
        let back = account.clone();
        let above = ViewFn::from(move || view! { <a href=to::pay(&back)>{later::back_to_pay(lang)}</a> });
        let done = state.done.and_then(|done| match done {
            Done::Sent => Some(later::autopay_was_on(lang)),
            Done::Saved => Some(later::autopay_changed(lang)),
            Done::Removed => Some(later::autopay_was_off(lang)),
            Done::Kept => Some(later::autopay_answered(lang)),
            Done::MailSent | Done::NotKept => None,
        });
        let state = state.clone();
        view! {
            <AccountPage head=model.head.clone() section=Section::Bills title=later::autopay_title(lang) above>
                <div class="stack-large">
                    {came_again(lang, &state)}
                    {state.error.clone().map(|error| view! { <FormErrors error/> })}
                    {done.map(|text| view! {
                        <div class="notice good" role="status"><Icon glyph=Glyph::Done/><p>{text}</p></div>
                    })}
                    {match model.enrolled.clone() {
                        Some(enrolled) => view! { <On model=model.clone() enrolled state/> }.into_any(),
                        None => view! { <Off model=model.clone() state/> }.into_any(),
                    }}
                    {(!model.ended.is_empty()).then(|| view! {
                        <section class="stack" aria-labelledby="history">
                            <h2 id="history">{later::autopay_history(lang)}</h2>
                            <Lines account=account.clone() lines=model.ended.clone() actions=false/>
                        </section>
                    })}
                </div>
            </AccountPage>
        }
    })
}

/// It runs: what is next, what it asks, and its choices.
#[component]
fn On(model: AutopayView, enrolled: Enrolled, state: FormState) -> impl IntoView {
    let lang = use_lang();
    let account = model.head.number.clone();
    let (what, when, asks_words) = terms(lang, &enrolled.terms);
    let since = date(lang, enrolled.since);
    let by =
        if enrolled.mine { later::autopay_mine(lang, since) } else { later::autopay_by(lang, since, &enrolled.by) };
    let (asking, rest): (Vec<Planned>, Vec<Planned>) =
        enrolled.planned.iter().cloned().partition(|p| p.state == State::Asking);
    let may = model.may_decide;
    let mine = enrolled.mine;
    let low = model.short.zip(enrolled.terms.limit).map(|(short, limit)| match short {
        Short::OfUsual(usual) => later::autopay_limit_usual(lang, limit, usual),
        Short::OfLast(last) => later::autopay_limit_last(lang, last, limit),
    });
    view! {
        {asking
            .into_iter()
            .map(|p| view! { <Asks model=model.clone() p may mine/> })
            .collect_view()}
        <section class="stack" aria-labelledby="is-on">
            <h2 id="is-on">{later::autopay_is_on(lang)}</h2>
            <p class="lead">{later::autopay_takes(lang, &enrolled.method.label, what, when)}</p>
            <p>{asks_words}</p>
            {low.map(|text| view! { <div class="notice warn"><Icon glyph=Glyph::Notice/><p>{text}</p></div> })}
            <p class="muted">{by} " " {named(lang, &enrolled.method)}</p>
            {if rest.is_empty() {
                view! { <p>{later::autopay_first(lang)}</p> }.into_any()
            } else {
                view! {
                    <h3>{later::autopay_next(lang)}</h3>
                    <Lines account=account.clone() lines=rest actions=false/>
                    <p class="row"><a href=to::pay(&account)>{later::autopay_other(lang)}</a></p>
                }
                    .into_any()
            }}
            {model.arranged.then(|| view! { <p>{later::autopay_arranged(lang)}</p> })}
        </section>
        {(may && mine).then(|| view! {
            <section class="stack" aria-labelledby="change">
                <h2 id="change">{later::autopay_change(lang)}</h2>
                <Choices model=model.clone() now=Some(enrolled.clone()) state/>
            </section>
        })}
        {(may && !mine).then(|| view! { <p>{later::autopay_others(lang, &enrolled.by)}</p> })}
        {(!may).then(|| view! { <p>{later::autopay_holders(lang)}</p> })}
        {may.then(|| view! {
            <section class="stack" aria-labelledby="off">
                <h2 id="off">{later::autopay_off(lang)}</h2>
                <p>{later::autopay_off_hint(lang)}</p>
                <PostForm action="/api/autopay/leave">
                    <input type="hidden" name="account" value=account/>
                    <p class="row"><button class="second" type="submit">{later::autopay_off(lang)}</button></p>
                </PostForm>
            </section>
        })}
    }
}

/// One that waits for an answer: go on, skip it this time, or pay another way.
#[component]
fn Asks(model: AutopayView, p: Planned, may: bool, mine: bool) -> impl IntoView {
    let lang = use_lang();
    let account = model.head.number.clone();
    let (title, body) = asks(lang, &p);
    let why = p.bill.as_ref().map(|(number, _)| to::bill_why(&account, number));
    let now = p.take_on <= model.today;
    let go = if now {
        later::autopay_go_now(lang, p.amount)
    } else {
        later::autopay_go(lang, p.amount, day(lang, p.take_on))
    };
    let choose = mine && p.why == Some(Why::MethodExpired);
    let good = model.methods.iter().any(|m| m.validity != domain::payment::saved::Validity::Expired);
    let may_go = p.may_go_on && (!choose || good);
    let theirs = may && !p.may_go_on;
    let due = day(lang, p.due_on.unwrap_or(p.take_on));
    let heading = format!("asks-{}", p.id);
    let heading_of = heading.clone();
    let (pay, add) = (to::pay(&account), to::methods(&account));
    view! {
        <section class="notice warn asks" aria-labelledby=heading_of>
            <Icon glyph=Glyph::Notice/>
            <div class="stack">
                <h2 id=heading.clone()>{title}</h2>
                <p>{body}</p>
                {theirs.then(|| view! { <p>{later::autopay_go_theirs(lang)}</p> })}
                {may.then(|| view! {
                    <PostForm action="/api/autopay/answer">
                        <input type="hidden" name="account" value=account.clone()/>
                        <input type="hidden" name="id" value=p.id.to_string()/>
                        {(choose && may_go).then(|| view! { <With methods=model.methods.clone()/> })}
                        <p class="row">
                            {may_go.then(|| view! { <button type="submit" name="answer" value="go">{go}</button> })}
                            <button class="second" type="submit" name="answer" value="skip" formnovalidate>
                                {later::autopay_skip(lang)}
                            </button>
                        </p>
                    </PostForm>
                })}
                {(choose && !good).then(|| view! {
                    <p class="row"><a class="button" href=add>{later::methods_add(lang)}</a></p>
                })}
                <p class="row">
                    <a href=pay>{later::autopay_other(lang)}</a>
                    {why.map(|href| view! { <a href=href>{later::autopay_why(lang)}</a> })}
                </p>
                <p class="small">{later::autopay_skip_hint(lang, p.amount, due)}</p>
            </div>
        </section>
    }
}

/// It does not run: what it would do, and turning it on.
#[component]
fn Off(model: AutopayView, state: FormState) -> impl IntoView {
    let lang = use_lang();
    let account = model.head.number.clone();
    if model.closed {
        return view! { <p class="lead">{later::autopay_closed(lang)}</p> }.into_any();
    }
    if !model.may_decide {
        return view! { <p class="lead">{later::autopay_lead(lang)}</p> <p>{later::autopay_holders(lang)}</p> }
            .into_any();
    }
    let carry = model.carry_on.clone();
    let none = model.methods.is_empty();
    view! {
        <p class="lead">{later::autopay_lead(lang)}</p>
        {carry.map(|carry| view! { <Carry account=account.clone() carry form_key=model.form_key.clone()/> })}
        {if none {
            view! {
                <p>{later::autopay_need(lang)}</p>
                <Add account=account.clone() form_key=model.form_key.clone() first=true/>
            }
                .into_any()
        } else {
            view! { <Choices model=model.clone() now=None state/> }.into_any()
        }}
        <section class="stack" aria-labelledby="rules">
            <h2 id="rules">{later::autopay_rules(lang)}</h2>
            <ul>
                <li>{later::autopay_rule_once(lang)}</li>
                <li>{later::autopay_rule_decline(lang)}</li>
                <li>{later::autopay_rule_card(lang)}</li>
                <li>{later::autopay_rule_close(lang)}</li>
                <li>{later::autopay_rule_leave(lang)}</li>
            </ul>
        </section>
    }
    .into_any()
}

/// The offer to carry it on from an account that was left.
#[component]
fn Carry(account: String, carry: CarryOn, form_key: String) -> impl IntoView {
    let lang = use_lang();
    let (what, when, asks) = terms(lang, &carry.terms);
    view! {
        <section class="card stack" aria-labelledby="carry">
            <h2 id="carry">{later::autopay_carry_title(lang, &carry.street)}</h2>
            <p>{later::autopay_carry_body(lang, asks, &carry.method.label, what, when)}</p>
            <PostForm action="/api/autopay/carry-on">
                <input type="hidden" name="account" value=account/>
                <input type="hidden" name="form_key" value=form_key/>
                <p class="row"><button type="submit">{later::autopay_carry(lang)}</button></p>
            </PostForm>
        </section>
    }
}

/// The choices: with what, on which day, how much at most, when it asks, and whether today's is taken.
#[component]
fn Choices(model: AutopayView, now: Option<Enrolled>, state: FormState) -> impl IntoView {
    let lang = use_lang();
    let account = model.head.number.clone();
    let usual = Terms { days_before: 0, limit: None, brake_percent: Some(50) };
    let chosen = now.as_ref().map_or(usual, |n| n.terms);
    let method = now.as_ref().map(|n| n.method.id).unwrap_or_default();
    let typed = |name: &str| state.typed(name).map(ToOwned::to_owned);
    let day_chosen = typed("days_before").unwrap_or_else(|| chosen.days_before.to_string());
    let brake_chosen =
        typed("brake").unwrap_or_else(|| chosen.brake_percent.map(|b| b.to_string()).unwrap_or_default());
    let limit = chosen.limit.map(|l| l.to_string().replace('$', "")).unwrap_or_default();
    let mut limit_hint = later::autopay_limit_hint(lang).to_owned();
    if let Some(last) = model.last_bill {
        limit_hint.push(' ');
        limit_hint.push_str(&later::autopay_limit_bill(lang, last));
    }
    let days = (0..=MOST_DAYS_BEFORE)
        .map(|n| {
            let text = match n {
                0 => later::autopay_day_due(lang).to_owned(),
                n => later::autopay_day_before(lang, i64::from(n)),
            };
            view! { <option value=n.to_string() selected=day_chosen == n.to_string()>{text}</option> }
        })
        .collect_view();
    let brakes = BRAKES
        .into_iter()
        .map(|b| {
            let text = later::autopay_brake_some(lang, b);
            view! { <option value=b.to_string() selected=brake_chosen == b.to_string()>{text}</option> }
        })
        .collect_view();
    let begins = now.is_none();
    let button = if begins { later::autopay_turn_on(lang) } else { later::autopay_save(lang) };
    view! {
        <PostForm action="/api/autopay/enrol">
            <div class="stack">
                <input type="hidden" name="account" value=account/>
                <input type="hidden" name="form_key" value=model.form_key.clone()/>
                <With methods=model.methods.clone() chosen=method/>
                <div class="field">
                    <label for="days_before">{later::autopay_day(lang)}</label>
                    <select id="days_before" name="days_before">{days}</select>
                </div>
                <TextField
                    field=Field::Limit
                    label=later::autopay_limit(lang)
                    hint=limit_hint
                    inputmode="decimal"
                    value=limit
                    optional=true
                    state=state.clone()
                />
                <div class="field">
                    <label for="brake">{later::autopay_brake(lang)}</label>
                    <p class="hint" id="brake-hint">{later::autopay_brake_hint(lang)}</p>
                    <select id="brake" name="brake" aria-describedby="brake-hint">
                        {brakes}
                        <option value="" selected=brake_chosen.is_empty()>{later::autopay_brake_never(lang)}</option>
                    </select>
                </div>
                {model.coming.map(|amount| view! { <p>{later::autopay_coming(lang, about(amount))}</p> })}
                {begins.then(|| view! { <Today model=model.clone() state=state.clone()/> })}
                <p class="row"><button type="submit">{button}</button></p>
            </div>
        </PostForm>
    }
}

/// Whole dollars: a guess to the cent would promise too much.
fn about(amount: Cents) -> String {
    ["$", &domain::money::div_half_up(i128::from(amount.0), 100).to_string()].concat()
}

/// Whether what is to be paid today is taken too. Nobody is left to guess: one of the two has to be chosen.
#[component]
fn Today(model: AutopayView, state: FormState) -> impl IntoView {
    let lang = use_lang();
    let Some(due) = model.due_on.filter(|_| model.owed > Cents::ZERO) else {
        return view! { <p>{later::autopay_today_none(lang)}</p> }.into_any();
    };
    let chosen = |way: &str| state.typed("today") == Some(way);
    view! {
        <fieldset class="field choice" id="today">
            <legend>{later::autopay_today(lang)}</legend>
            <label>
                <input type="radio" name="today" value="take" required checked=chosen("take")/>
                <span>{later::autopay_today_take(lang, model.owed, day(lang, due))}</span>
            </label>
            <label>
                <input type="radio" name="today" value="leave" required checked=chosen("leave")/>
                <span>{later::autopay_today_leave(lang, model.owed, day(lang, due))}</span>
            </label>
        </fieldset>
    }
    .into_any()
}
