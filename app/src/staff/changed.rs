//! Bills whose readings changed after they were made.

use contract::bills::{ChangedBill, ChangedBills, ChangedUse};
use contract::runs::WaitingRunView;
use leptos::prelude::*;
use locales::{Lang, common, format, staff_billing as words};

use super::layout::{StaffFrame, layout};
use super::runs::notice;
use crate::i18n::use_lang;

/// The list, each bill with the way to correct it.
pub fn changed_page(frame: &StaffFrame, view: ChangedBills, run: Option<WaitingRunView>) -> impl IntoView + use<> {
    let lang = use_lang();
    let empty = view.bills.is_empty();
    let rows = view.bills.into_iter().map(|bill| row(lang, bill)).collect_view();
    let content = view! {
        <div class="stack">
            {run.map(|run| notice(lang, &run))}
            <p class="muted">{words::changed_lead(lang, view.days)}</p>
        </div>
        {empty.then(|| view! { <p>{words::changed_none(lang)}</p> })}
        {(!empty).then(|| view! {
            <div class="scroll" tabindex="0" role="region" aria-label=words::changed_title(lang)>
                <table class="dense">
                    <thead>
                        <tr>
                            <th scope="col">{words::bill(lang)}</th>
                            <th scope="col">{words::account(lang)}</th>
                            <th scope="col">{words::period_head(lang)}</th>
                            <th scope="col" class="number">{words::total_head(lang)}</th>
                            <th scope="col">{words::differs(lang)}</th>
                        </tr>
                    </thead>
                    <tbody>{rows}</tbody>
                </table>
            </div>
        })}
    };
    layout(frame, words::changed_title(lang), None, content)
}

fn row(lang: Lang, bill: ChangedBill) -> impl IntoView + use<> {
    let account = format!("/staff/accounts/{}", bill.account);
    let correct = format!("{account}/bills/{}", bill.number);
    let changes = bill.changes.iter().map(|c| view! { <li>{change(lang, c)}</li> }).collect_view();
    view! {
        <tr>
            <td>{bill.number.clone()} <br/> <a href=correct>{words::correct(lang)}</a></td>
            <td><a href=account>{bill.account.clone()}</a> <br/> <span class="muted">{bill.name}</span></td>
            <td>{format::range(lang, bill.period)}</td>
            <td class="number">{bill.total.to_string()}</td>
            <td><ul class="list">{changes}</ul></td>
        </tr>
    }
}

fn change(lang: Lang, c: &ChangedUse) -> String {
    use domain::quantity::ServiceKind;
    let service = match c.service {
        ServiceKind::Electricity => common::service_electricity(lang),
        ServiceKind::Gas => common::service_gas(lang),
        ServiceKind::Water => common::service_water(lang),
        ServiceKind::Wastewater => common::service_wastewater(lang),
        ServiceKind::Refuse => common::service_refuse(lang),
        ServiceKind::Storm => common::service_storm(lang),
    };
    if c.difference.amount == 0 && c.days == 0 {
        return words::changed_hours(lang, service);
    }
    let sign = if c.difference.amount > 0 { "+" } else { "" };
    let difference = c.difference.to_string().replace('-', "−");
    let amount = format!("{sign}{difference} {}", locales::bill::unit_word(c.unit));
    let mut said =
        if c.sent { words::changed_sent(lang, &amount, service) } else { words::changed_use(lang, &amount, service) };
    if c.days != 0 {
        said.push(' ');
        said.push_str(&words::changed_days(lang, c.days));
    }
    said
}
