//! What an account owes: how old it is, what follows from it, and what an employee may do.

use contract::form::FormState;
use domain::ledger::aging::Age;
use domain::ledger::asked::Standing;
use domain::ledger::collections::Supply;
use domain::ledger::one_off::OneOff;
use domain::money::Cents;
use domain::quantity::ServiceKind;
use leptos::prelude::*;
use locales::{Lang, collections as words, common, format};
use services::collections::StaffView;
use services::rows::{HoldReason, NoticeKind};
use services::staff::Summary;

fn age(lang: Lang, age: Age) -> &'static str {
    match age {
        Age::Current => words::age_current(lang),
        Age::Month => words::age_month(lang),
        Age::TwoMonths => words::age_two(lang),
        Age::ThreeMonths => words::age_three(lang),
        Age::Older => words::age_older(lang),
    }
}

fn service(lang: Lang, service: ServiceKind) -> &'static str {
    match service {
        ServiceKind::Electricity => common::service_electricity(lang),
        ServiceKind::Gas => common::service_gas(lang),
        ServiceKind::Water => common::service_water(lang),
        ServiceKind::Wastewater => common::service_wastewater(lang),
        ServiceKind::Refuse => common::service_refuse(lang),
        ServiceKind::Storm => common::service_storm(lang),
    }
}

fn reason(lang: Lang, reason: HoldReason) -> &'static str {
    match reason {
        HoldReason::Medical => words::reason_medical(lang),
        HoldReason::Dispute => words::reason_dispute(lang),
        HoldReason::Extension => words::reason_extension(lang),
        HoldReason::Assistance => words::reason_assistance(lang),
    }
}

/// Amounts by age, and everything that runs.
pub fn owed(lang: Lang, summary: &Summary) -> impl IntoView + use<> {
    let view = &summary.owed;
    let table = (!view.aging.rows.is_empty()).then(|| aging(lang, view));
    let none = table.is_none().then(|| view! { <p class="muted">{words::staff_none(lang)}</p> });
    let said: Vec<String> = lines(lang, view);
    let notices = view
        .notices
        .iter()
        .map(|n| {
            let what = match n.kind {
                NoticeKind::Reminder => words::notice_reminder(lang),
                NoticeKind::Energy => words::notice_energy(lang),
                NoticeKind::Water => words::notice_water(lang),
            };
            view! { <li>{format::date(lang, n.sent_on)} " · " {what} " · " {n.amount.to_string()}</li> }
        })
        .collect_view();
    let any = !view.notices.is_empty();
    view! {
        <section class="stack" aria-labelledby="owed">
            <h2 id="owed">{words::staff_title(lang)}</h2>
            {table}
            {none}
            <ul class="list">{said.into_iter().map(|text| view! { <li>{text}</li> }).collect_view()}</ul>
            {any.then(|| view! { <h3>{words::staff_notices(lang)}</h3> <ul class="list">{notices}</ul> })}
        </section>
    }
}

fn aging(lang: Lang, view: &StaffView) -> impl IntoView + use<> {
    let row = |name: &'static str, amounts: [Cents; 5]| {
        let cells = amounts
            .into_iter()
            .map(|a| view! { <td class="number">{(a != Cents::ZERO).then(|| a.to_string())}</td> })
            .collect_view();
        let sum: Cents = amounts.into_iter().sum();
        view! { <tr><th scope="row">{name}</th>{cells}<td class="number">{sum.to_string()}</td></tr> }
    };
    view! {
        <div class="scroll" tabindex="0" role="group" aria-label=words::staff_title(lang)>
            <table class="dense">
                <thead>
                    <tr>
                        <th scope="col">{words::staff_service(lang)}</th>
                        {Age::ALL.map(|a| view! { <th scope="col" class="number">{age(lang, a)}</th> }).collect_view()}
                        <th scope="col" class="number">{words::staff_total(lang)}</th>
                    </tr>
                </thead>
                <tbody>{view.aging.rows.iter().map(|(s, a)| row(service(lang, *s), *a)).collect_view()}</tbody>
                <tfoot>{row(words::staff_total(lang), view.aging.totals())}</tfoot>
            </table>
        </div>
    }
}

/// One line for each thing that runs.
fn lines(lang: Lang, view: &StaffView) -> Vec<String> {
    let date = |d| format::date(lang, d);
    let mut out = Vec::new();
    if view.late > Cents::ZERO {
        out.push(words::staff_late(lang, view.late));
    }
    if let Some(h) = &view.hold {
        out.push(words::staff_hold(lang, date(h.through), &h.note, reason(lang, h.reason)));
    }
    for c in &view.clocks {
        let notice = match c.noticed {
            true => words::staff_clock_sent(lang, date(c.notice_on)),
            false => words::staff_clock_planned(lang, date(c.notice_on)),
        };
        let supply = match c.supply {
            Supply::Energy => words::supply_energy(lang),
            Supply::Water => words::supply_water(lang),
        };
        out.push(words::staff_clock(lang, date(c.not_before), notice, supply));
    }
    for (bill, on, amount) in &view.fees {
        out.push(words::staff_fee(lang, amount, bill, date(*on)));
    }
    if let Some(a) = &view.arrangement {
        let standing = match a.standing {
            Standing::Active => words::standing_active(lang),
            Standing::Kept => words::standing_kept(lang),
            Standing::Broken => words::standing_broken(lang),
            Standing::Ended => words::standing_ended(lang),
        };
        out.push(words::staff_arrangement(lang, a.total, date(a.agreed_on), a.months, standing));
    }
    if let Some((monthly, difference)) = view.budget {
        out.push(words::staff_budget(lang, monthly, difference));
    }
    out.extend(view.deposits.iter().map(|d| words::staff_deposit(lang, d.amount, date(d.taken_on))));
    out
}

/// A labelled input: several of these forms stand on one page.
fn input(state: &FormState, name: &'static str, label: &'static str, kind: &'static str) -> AnyView {
    let typed = state.typed(name).map(ToOwned::to_owned);
    // The form that came back is the only one to which a list of problems leads.
    let id = (typed.is_some() && name != "message").then_some(name);
    view! {
        <div class="field">
            <label>{label} <input id=id name=name type=kind value=typed required autocomplete="off"/></label>
        </div>
    }
    .into_any()
}

/// What may be done, each as a form of its own that asks why.
pub fn act(lang: Lang, summary: &Summary, state: &FormState) -> impl IntoView + use<> {
    let view = &summary.owed;
    let mut forms = Vec::new();
    let mut form = |name: &'static str, label: &'static str, fields: &dyn Fn(&FormState) -> AnyView| {
        // Only the form that came back shows what was typed.
        let mine = state.typed("action") == Some(name);
        let state = if mine { state.clone() } else { FormState::default() };
        forms.push(view! {
            <details open=mine>
                <summary>{label}</summary>
                <form method="post" action=format!("/staff/accounts/{}/collections", summary.account.number)>
                    <input type="hidden" name="action" value=name/>
                    <input type="hidden" name="form_key" value=summary.form_key.clone()/>
                    {fields(&state)}
                    {input(&state, "message", words::act_why(lang), "text")}
                    <p class="hint">{words::act_why_hint(lang)}</p>
                    <button class="second" type="submit">{label}</button>
                </form>
            </details>
        });
    };
    let nothing = |_: &FormState| ().into_any();
    for (bill, _, amount) in &view.fees {
        form("waive", words::act_waive(lang), &|_| {
            let (bill, amount) = (bill.clone(), amount.to_string());
            view! { <input type="hidden" name="bill" value=bill.clone()/> <p>{bill} " · " {amount}</p> }.into_any()
        });
    }
    if view.hold.is_some() {
        form("lift", words::act_lift(lang), &nothing);
    } else if view.late > Cents::ZERO {
        form("hold", words::act_hold(lang), &|state| {
            let options = HoldReason::ALL
                .map(|r| view! { <option value=r.slug() selected=state.typed("reason") == Some(r.slug())>{reason(lang, r)}</option> })
                .collect_view();
            view! {
                <div class="field"><label>{words::act_reason(lang)} <select name="reason">{options}</select></label></div>
                {input(state, "to", words::act_until(lang), "date")}
            }
            .into_any()
        });
    }
    let active = view.arrangement.as_ref().is_some_and(|a| a.standing == Standing::Active);
    if !view.aging.rows.is_empty() && !active && view.budget.is_none() {
        form("arrange", words::act_arrange(lang), &|state| input(state, "months", words::act_months(lang), "number"));
    }
    if view.may_credit {
        form("credit", words::act_credit(lang), &|state| {
            let options = OneOff::ALL
                .map(|k| view! { <option value=k.slug() selected=state.typed("reason") == Some(k.slug())>{locales::bill::one_off(lang, k)}</option> })
                .collect_view();
            view! {
                <div class="field"><label>{words::act_credit_for(lang)} <select name="reason">{options}</select></label></div>
                {input(state, "amount", words::act_amount(lang), "text")}
            }
            .into_any()
        });
    }
    form("deposit", words::act_deposit(lang), &|state| input(state, "amount", words::act_amount(lang), "text"));
    if !view.deposits.is_empty() {
        form("release", words::act_release(lang), &nothing);
    }
    view! {
        <section class="stack" aria-labelledby="act">
            <h2 id="act">{words::act_title(lang)}</h2>
            {forms}
        </section>
    }
}
