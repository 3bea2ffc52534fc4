//! One payment for an employee: how it stands, what was given back of it, and the form that gives back.

use contract::Field;
use contract::form::{Done, FormState};
use domain::calendar::Zone;
use domain::money::Cents;
use domain::payment::{RefundStatus, Status};
use leptos::prelude::*;
use locales::{Lang, format, staff_payments as words};
use services::payments::refund::StaffPayment;
use services::rows::{PaymentRow, RefundReason, RefundRow};
use services::staff::Summary;

use super::layout::{StaffFrame, layout};
use crate::components::{Choice, Glyph, Icon, TextField};
use crate::i18n::use_lang;

fn reason(lang: Lang, reason: RefundReason) -> &'static str {
    match reason {
        RefundReason::Duplicate => words::reason_duplicate(lang),
        RefundReason::Overpaid => words::reason_overpaid(lang),
        RefundReason::WrongAccount => words::reason_wrong_account(lang),
        RefundReason::Mistake => words::reason_mistake(lang),
        RefundReason::Other => words::reason_other(lang),
        RefundReason::Processor => words::reason_processor(lang),
    }
}

fn standing(lang: Lang, payment: &PaymentRow) -> &'static str {
    if payment.returned_at.is_some() {
        return words::returned(lang);
    }
    match payment.status {
        Status::Created => words::created(lang),
        Status::Pending => words::pending(lang),
        Status::Succeeded => words::succeeded(lang),
        Status::Declined => words::declined(lang),
        Status::Cancelled => words::cancelled(lang),
        Status::Expired => words::expired(lang),
    }
}

fn refund_standing(lang: Lang, status: RefundStatus) -> &'static str {
    match status {
        RefundStatus::Asked => words::refund_asked(lang),
        RefundStatus::Pending => words::refund_pending(lang),
        RefundStatus::Succeeded => words::refund_succeeded(lang),
        RefundStatus::Failed => words::refund_failed(lang),
    }
}

/// The newest payments on an account's page.
pub fn payments(lang: Lang, summary: &Summary) -> impl IntoView + use<> {
    let zone = services::zones::find(&summary.zone);
    let rows = summary
        .payments
        .iter()
        .map(|p| {
            view! {
                <tr>
                    <td><a href=format!("/staff/payments/{}", p.number)>{p.number.clone()}</a></td>
                    <td>{zone.as_ref().map(|z| format::date(lang, z.day_of(p.created_at)))}</td>
                    <td>{standing(lang, p)}</td>
                    <td class="number">{p.amount.to_string()}</td>
                </tr>
            }
        })
        .collect_view();
    (!summary.payments.is_empty()).then(|| {
        view! {
            <section aria-labelledby="payments">
                <h2 id="payments">{words::list_title(lang)}</h2>
                <div class="scroll" tabindex="0" role="group" aria-labelledby="payments">
                <table class="dense">
                    <thead>
                        <tr>
                            <th scope="col">{words::number(lang)}</th>
                            <th scope="col">{words::begun(lang)}</th>
                            <th scope="col">{words::how(lang)}</th>
                            <th scope="col" class="number">{words::amount(lang)}</th>
                        </tr>
                    </thead>
                    <tbody>{rows}</tbody>
                </table>
                </div>
            </section>
        }
    })
}

/// The page.
pub fn payment_page(frame: &StaffFrame, shown: StaffPayment, zone: &Zone, state: FormState) -> impl IntoView + use<> {
    let lang = use_lang();
    let payment = &shown.payment;
    let error = state.error.clone();
    let sent = state.done == Some(Done::Sent);
    let when = |at| {
        let local = zone.to_local(at);
        words::when(lang, format::date(lang, local.date()), format::time(lang, local))
    };
    let refunds =
        shown.refunds.iter().map(|(r, by)| refund_row(lang, r, by.as_deref(), when(r.created_at))).collect_view();
    let any = !shown.refunds.is_empty();
    let account = format!("/staff/accounts/{}", shown.account);
    let content = view! {
        <p><a href=account>{words::to_account(lang, &shown.account)}</a></p>
        {sent.then(|| view! {
            <div class="notice good" role="status"><Icon glyph=Glyph::Done/><p>{words::given(lang)}</p></div>
        })}
        <div class="staff-columns">
            <div class="stack-large">
                <table class="dense">
                    <tbody>
                    <tr><th scope="row">{words::amount(lang)}</th><td>{payment.amount.to_string()}</td></tr>
                    <tr><th scope="row">{words::how(lang)}</th><td>{standing(lang, payment)}</td></tr>
                    <tr><th scope="row">{words::method(lang)}</th><td>{payment.method.clone()}</td></tr>
                    <tr><th scope="row">{words::begun(lang)}</th><td>{when(payment.created_at)}</td></tr>
                    {payment.posted_at.map(|at| view! { <tr><th scope="row">{words::posted(lang)}</th><td>{when(at)}</td></tr> })}
                    <tr><th scope="row">{words::left(lang)}</th><td>{shown.left.to_string()}</td></tr>
                    </tbody>
                </table>
                {any.then(|| view! {
                    <section aria-labelledby="refunds">
                        <h2 id="refunds">{words::refunds(lang)}</h2>
                        <div class="scroll" tabindex="0" role="group" aria-labelledby="refunds">
                            <table class="dense">
                                <thead>
                                    <tr>
                                        <th scope="col">{words::number(lang)}</th>
                                        <th scope="col">{words::asked(lang)}</th>
                                        <th scope="col">{words::reason(lang)}</th>
                                        <th scope="col">{words::how(lang)}</th>
                                        <th scope="col" class="number">{words::amount(lang)}</th>
                                    </tr>
                                </thead>
                                <tbody>{refunds}</tbody>
                            </table>
                        </div>
                    </section>
                })}
            </div>
            <div class="stack-large">{give_back(lang, &shown, state)}</div>
        </div>
    };
    layout(frame, &words::title(lang, &payment.number), error, content)
}

fn refund_row(lang: Lang, refund: &RefundRow, by: Option<&str>, asked: String) -> impl IntoView + use<> {
    let by = by.map_or_else(String::new, |name| format!(" · {name}"));
    let note = (!refund.note.is_empty()).then(|| format!(": {}", refund.note));
    view! {
        <tr>
            <td>{refund.number.clone()}</td>
            <td>{asked} {by}</td>
            <td>{reason(lang, refund.reason)} {note}</td>
            <td>{refund_standing(lang, refund.status)}</td>
            <td class="number">{refund.amount.to_string()}</td>
        </tr>
    }
}

fn give_back(lang: Lang, shown: &StaffPayment, state: FormState) -> impl IntoView + use<> {
    if shown.left <= Cents::ZERO {
        return view! { <p class="muted">{words::nothing_left(lang)}</p> }.into_any();
    }
    if !shown.may {
        return view! { <p class="muted">{words::may_not(lang)}</p> }.into_any();
    }
    let slug = |r: RefundReason| match r {
        RefundReason::Duplicate => "duplicate",
        RefundReason::Overpaid => "overpaid",
        RefundReason::WrongAccount => "wrong_account",
        RefundReason::Mistake => "mistake",
        RefundReason::Other | RefundReason::Processor => "other",
    };
    let options = RefundReason::CHOICES.iter().map(|r| (slug(*r).to_owned(), reason(lang, *r).to_owned())).collect();
    let action = format!("/staff/payments/{}/refund", shown.payment.number);
    let left = shown.left;
    let key = shown.form_key.clone();
    view! {
        <section class="card stack" aria-labelledby="give-back">
            <h2 id="give-back">{words::give_title(lang)}</h2>
            <p class="small muted">{words::give_lead(lang, left)}</p>
            <form method="post" action=action>
                <input type="hidden" name="form_key" value=key/>
                <TextField
                    field=Field::Amount
                    label=words::amount(lang)
                    hint=words::amount_hint(lang, left)
                    inputmode="decimal"
                    state=state.clone()
                />
                <Choice field=Field::Reason legend=words::reason(lang) options=options state=state.clone()/>
                <TextField
                    field=Field::Message
                    label=words::note(lang)
                    hint=words::note_hint(lang)
                    lines=2
                    optional=true
                    state
                />
                <button class="button" type="submit">{words::give(lang)}</button>
            </form>
        </section>
    }
    .into_any()
}
