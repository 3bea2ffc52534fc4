//! Budget billing: what it would ask, or what it asks beside what was really used.

use std::cmp::Ordering;

use contract::collections::{BudgetView, Levelled, NoBudget};
use contract::form::{Done, FormState};
use domain::money::Cents;
use leptos::prelude::*;
use locales::collections as words;
use locales::format::range;

use crate::api;
use crate::components::{AccountPage, Glyph, Icon, PostForm, Section, loaded};
use crate::i18n::use_lang;
use crate::pages::account_number;
use crate::routes::to;

/// The page.
#[component]
pub fn Budget() -> impl IntoView {
    let state = api::form::use_form_state();
    let model = Resource::new(account_number(), api::collections::budget);
    loaded(model, move |model: BudgetView| {
        let lang = use_lang();
        let back = model.account.number.clone();
        let above = ViewFn::from(move || view! { <a href=to::bills(&back)>{words::back(lang)}</a> });
        let done = state.done == Some(Done::Saved);
        let state = state.clone();
        let head = model.account.clone();
        view! {
            <AccountPage head section=Section::Bills title=words::budget_title(lang) above>
                <div class="stack-large">
                    {done.then(|| view! {
                        <div class="notice good" role="status"><Icon glyph=Glyph::Done/><p>{words::budget_joined(lang)}</p></div>
                    })}
                    {match (model.monthly, model.offer, model.not_offered) {
                        (Some(monthly), ..) => view! { <Runs model monthly state/> }.into_any(),
                        (None, Some(amount), _) => view! { <Offer model amount state/> }.into_any(),
                        (None, None, why) => view! { <Not account=model.account.number.clone() why/> }.into_any(),
                    }}
                </div>
            </AccountPage>
        }
    })
}

#[component]
fn Not(account: String, why: Option<NoBudget>) -> impl IntoView {
    let lang = use_lang();
    let text = why.map(|why| match why {
        NoBudget::TooFewBills => words::budget_few(lang),
        NoBudget::PastDue => words::budget_late(lang),
        NoBudget::Arrangement => words::budget_arranged(lang),
        NoBudget::Closed => words::budget_closed(lang),
    });
    let pay = (why == Some(NoBudget::PastDue)).then(|| {
        view! {
            <p><a class="button" href=to::pay(&account)>{words::pay(lang)}</a></p>
        }
    });
    view! { <p class="lead">{words::budget_lead(lang)}</p> <p>{text}</p> {pay} }
}

#[component]
fn Offer(model: BudgetView, amount: Cents, state: FormState) -> impl IntoView {
    let lang = use_lang();
    let basis = model.spread.map(|(least, most)| words::budget_basis(lang, model.bills, least, most));
    view! {
        <p class="lead">{words::budget_lead(lang)}</p>
        <section class="stack" aria-labelledby="offer">
            <h2 id="offer">{words::budget_offer(lang, amount)}</h2>
            <p>{basis}</p>
            <ul>
                <li>{words::budget_rule_next(lang)}</li>
                <li>{words::budget_rule_year(lang)}</li>
                <li>{words::budget_rule_leave(lang)}</li>
            </ul>
            <PostForm action="/api/budget/join" state=state>
                <input type="hidden" name="account" value=model.account.number.clone()/>
                <input type="hidden" name="form_key" value=model.form_key/>
                <input type="hidden" name="monthly" value=amount.to_string()/>
                <p class="row"><button type="submit">{words::budget_join(lang, amount)}</button></p>
            </PostForm>
        </section>
    }
}

#[component]
fn Runs(model: BudgetView, monthly: Cents, state: FormState) -> impl IntoView {
    let lang = use_lang();
    let difference = model.difference;
    let (so_far, leaving) = match difference.cmp(&Cents::ZERO) {
        Ordering::Greater => {
            (words::budget_behind(lang, difference), Some(words::budget_leave_behind(lang, difference)))
        }
        Ordering::Equal => (words::budget_even(lang).to_owned(), None),
        Ordering::Less => (words::budget_ahead(lang, -difference), Some(words::budget_leave_ahead(lang, -difference))),
    };
    let none = model.rows.is_empty();
    view! {
        <section class="stack" aria-labelledby="runs">
            <h2 id="runs">{words::budget_active(lang, monthly)}</h2>
            {if none {
                view! { <p class="lead">{words::budget_first(lang)}</p> }.into_any()
            } else {
                view! {
                    <p class="lead">{so_far}</p>
                    <p class="muted">{words::budget_left(lang, i64::from(model.bills_left))}</p>
                    <Rows rows=model.rows/>
                }
                    .into_any()
            }}
        </section>
        <section class="stack" aria-labelledby="leave">
            <h2 id="leave">{words::budget_leave(lang)}</h2>
            <p>{words::budget_rule_leave(lang)} " " {leaving}</p>
            <PostForm action="/api/budget/leave" state=state>
                <input type="hidden" name="account" value=model.account.number/>
                <p class="row"><button class="second" type="submit">{words::budget_leave(lang)}</button></p>
            </PostForm>
        </section>
    }
}

/// Actual against levelled, bill by bill.
#[component]
fn Rows(rows: Vec<Levelled>) -> impl IntoView {
    let lang = use_lang();
    view! {
        <table>
            <caption class="visually-hidden">{words::budget_table(lang)}</caption>
            <thead>
                <tr>
                    <th scope="col">{words::budget_period(lang)}</th>
                    <th scope="col" class="number">{words::budget_actual(lang)}</th>
                    <th scope="col" class="number">{words::budget_asked(lang)}</th>
                    <th scope="col" class="number">{words::budget_running(lang)}</th>
                </tr>
            </thead>
            <tbody>
                {rows
                    .into_iter()
                    .map(|r| view! {
                        <tr>
                            <th scope="row">{range(lang, r.period)}</th>
                            <td class="number">{r.actual.to_string()}</td>
                            <td class="number">{r.asked.to_string()}</td>
                            <td class="number">{r.running.to_string()}</td>
                        </tr>
                    })
                    .collect_view()}
            </tbody>
        </table>
    }
}
