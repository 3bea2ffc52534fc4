//! Paying in parts: the plan by date and amount before anyone agrees to it, and how it stands afterwards.

use contract::collections::{Agreed, ArrangementView, NotOffered};
use contract::form::{Done, FormState};
use domain::ledger::Due;
use domain::ledger::asked::Standing;
use domain::money::Cents;
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;
use locales::collections as words;
use locales::format::{date, day};

use crate::api;
use crate::components::{AccountPage, Glyph, Icon, PostForm, Section, loaded};
use crate::i18n::{use_brand, use_lang};
use crate::pages::account_number;
use crate::routes::to;

/// The page.
#[component]
pub fn Arrangement() -> impl IntoView {
    let state = api::form::use_form_state();
    let (account, query) = (account_number(), use_query_map());
    let which = move || (account(), query.read().get("months").and_then(|m| m.parse().ok()));
    let model = Resource::new(which, |(account, months)| api::collections::arrangement(account, months));
    loaded(model, move |model: ArrangementView| {
        let lang = use_lang();
        let account = model.account.number.clone();
        let back = account.clone();
        let above = ViewFn::from(move || view! { <a href=to::bills(&back)>{words::back(lang)}</a> });
        let done = state.done == Some(Done::Sent);
        let state = state.clone();
        let head = model.account.clone();
        view! {
            <AccountPage head section=Section::Bills title=words::title(lang) above>
                <div class="stack-large">
                    {done.then(|| view! {
                        <div class="notice good" role="status"><Icon glyph=Glyph::Done/><p>{words::done(lang)}</p></div>
                    })}
                    {match (model.agreed.clone(), model.not_offered) {
                        (Some(agreed), _) => view! { <Stands account agreed state/> }.into_any(),
                        (None, Some(why)) => view! { <Not account owed=model.owed why/> }.into_any(),
                        (None, None) => view! { <Offer model state/> }.into_any(),
                    }}
                </div>
            </AccountPage>
        }
    })
}

/// Why none is offered, and what can be done instead.
#[component]
fn Not(account: String, owed: Cents, why: NotOffered) -> impl IntoView {
    let lang = use_lang();
    let phone = use_brand().phone;
    let text = match why {
        NotOffered::NothingOwed => words::no_nothing(lang).to_owned(),
        NotOffered::TooLittle => words::no_little(lang, owed, phone),
        NotOffered::AskUs => words::no_ask(lang, phone),
        NotOffered::Budget => words::no_budget(lang).to_owned(),
    };
    let budget = (why == NotOffered::Budget).then(|| {
        view! {
            <p><a href=to::budget(&account)>{words::budget_link(lang)}</a></p>
        }
    });
    view! {
        <p class="lead">{text}</p>
        {budget}
        {(owed > Cents::ZERO).then(|| view! { <p><a class="button" href=to::pay(&account)>{words::pay(lang)}</a></p> })}
    }
}

/// The choice of months, the plan of it, and what agreeing means.
#[component]
fn Offer(model: ArrangementView, state: FormState) -> impl IntoView {
    let lang = use_lang();
    let account = model.account.number.clone();
    let chosen = model.months;
    let options = model
        .choices
        .iter()
        .map(|(months, amount)| view! {
            <option value=months.to_string() selected=*months == chosen>{words::month_choice(lang, *amount, months)}</option>
        })
        .collect_view();
    view! {
        <section class="stack" aria-labelledby="owed">
            <h2 id="owed" class="small muted">{words::owed(lang)}</h2>
            <p class="figure large">{model.owed.to_string()}</p>
            <p class="lead">{words::lead(lang)}</p>
            <form method="get" action=to::arrangement(&account)>
                <div class="field">
                    <label for="months">{words::months(lang)}</label>
                    <select id="months" name="months">{options}</select>
                </div>
                <p class="row"><button class="second" type="submit">{words::show_plan(lang)}</button></p>
            </form>
        </section>
        <section class="stack" aria-labelledby="plan">
            <h2 id="plan">{words::plan(lang, chosen)}</h2>
            <Plan plan=model.plan/>
        </section>
        <section class="stack" aria-labelledby="rules">
            <h2 id="rules">{words::rules(lang)}</h2>
            <ul>
                <li>{words::rule_new_bills(lang)}</li>
                <li>{words::rule_broken(lang, model.grace_days)}</li>
                <li>{words::rule_sooner(lang)}</li>
            </ul>
            <PostForm action="/api/arrangement/agree" state=state>
                <input type="hidden" name="account" value=account.clone()/>
                <input type="hidden" name="form_key" value=model.form_key/>
                <input type="hidden" name="months" value=chosen.to_string()/>
                <input type="hidden" name="total" value=model.owed.to_string()/>
                <p class="row"><button type="submit">{words::agree(lang, model.owed, chosen)}</button></p>
            </PostForm>
        </section>
    }
}

/// Each instalment by date, and the sum.
#[component]
fn Plan(plan: Vec<Due>) -> impl IntoView {
    let lang = use_lang();
    let total: Cents = plan.iter().map(|d| d.amount).sum();
    view! {
        <table>
            <thead>
                <tr><th scope="col">{words::plan_when(lang)}</th><th scope="col" class="number">{words::plan_amount(lang)}</th></tr>
            </thead>
            <tbody>
                {plan
                    .into_iter()
                    .map(|d| view! { <tr><td>{date(lang, d.on)}</td><td class="number">{d.amount.to_string()}</td></tr> })
                    .collect_view()}
            </tbody>
            <tfoot>
                <tr><th scope="row">{words::plan_total(lang)}</th><td class="number">{total.to_string()}</td></tr>
            </tfoot>
        </table>
    }
}

/// An arrangement that was made, and what to do next.
#[component]
fn Stands(account: String, agreed: Agreed, state: FormState) -> impl IntoView {
    let lang = use_lang();
    let phone = use_brand().phone;
    let broken = agreed.standing == Standing::Broken;
    let on = day(lang, agreed.on);
    let lead = if broken { words::agreed_broken(lang, on) } else { words::agreed_active(lang, agreed.total, on) };
    let next = match (broken, agreed.put_back_until) {
        (false, _) => words::agreed_active_body(lang).to_owned(),
        (true, None) => words::put_back_late(lang, phone),
        (true, Some(until)) if agreed.may_put_back => words::put_back_now(lang, day(lang, until)),
        (true, Some(until)) => words::put_back_first(lang, agreed.missed, day(lang, until)),
    };
    let rows = agreed
        .instalments
        .iter()
        .map(|i| {
            let (class, text) = match i.open {
                Cents::ZERO => ("tag good", words::paid(lang).to_owned()),
                open if open < i.due.amount => ("tag", words::part(lang, open)),
                _ => ("tag", words::to_pay(lang).to_owned()),
            };
            view! {
                <tr>
                    <td>{date(lang, i.due.on)}</td>
                    <td class="number">{i.due.amount.to_string()}</td>
                    <td><span class=class>{text}</span></td>
                </tr>
            }
        })
        .collect_view();
    let pay = to::pay(&account);
    view! {
        <section class="stack" aria-labelledby="stands">
            <h2 id="stands">{lead}</h2>
            <p class="lead">{next}</p>
            {agreed.may_put_back.then(|| view! {
                <PostForm action="/api/arrangement/put-back" state=state>
                    <input type="hidden" name="account" value=account/>
                    <p class="row"><button type="submit">{words::put_back(lang)}</button></p>
                </PostForm>
            })}
            {(!agreed.may_put_back).then(|| view! { <p class="row"><a class="button" href=pay>{words::pay(lang)}</a></p> })}
            <table>
                <thead>
                    <tr>
                        <th scope="col">{words::plan_when(lang)}</th>
                        <th scope="col" class="number">{words::plan_amount(lang)}</th>
                        <th scope="col"><span class="visually-hidden">{words::to_pay(lang)}</span></th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
            {(!broken).then(|| view! { <p class="muted">{words::rule_sooner(lang)}</p> })}
        </section>
    }
}
