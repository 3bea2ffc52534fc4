//! Payments: begun here, paid on the processor's page, believed only when the processor says so, posted once.
//!
//! Every step commits before the next one begins, and each can be repeated: a form sent twice begins one payment, asking the
//! processor twice opens one checkout, hearing a word twice posts once. So wherever the program stops, the return of the
//! person, a webhook or the job `payment.reconcile` carries on from there.

pub mod card;
mod charge;
mod compare;
pub mod guest;
mod hear;
pub mod later;
pub mod methods;
pub mod refund;
mod start;

pub use charge::{confirm, pay_now};
pub use compare::{compare, schedule};
pub(crate) use hear::hear_in;
pub use hear::{Heard, hear, webhook};
pub(crate) use start::read_amount;
pub use start::{Go, start};

use chrono::TimeDelta;
use contract::AppError;
use contract::home::Attention;
use contract::payments::{PayView, PaymentSummary, PaymentView, RefundLine};
use contract::saved::ConfirmView;
use domain::calendar::{Instant, Zone};
use domain::ids::AccountId;
use domain::ledger::{Book, Journal, JournalKind, debit};
use domain::money::Cents;
use domain::payment::offer::{Parts, offers};
use domain::payment::{Decline, Limits, RefundStatus, Status};
use store::payments::{NewPayment, PaymentRow};

use crate::accounts::{OpenedAccount, open};
use crate::clock::Entropy;
use crate::{Cx, Fault, Principal, Work, billing, use_case, zones};

use_case!(
    /// Shows what may be paid.
    pub FORM = "payments.form", Read, Resident
);
use_case!(
    /// Shows one payment.
    pub SHOW = "payments.show", Read, Resident
);
use_case!(
    /// Records payments that were taken elsewhere.
    pub RECORD = "payments.record", Write, System
);

/// The provider of payments that were taken elsewhere.
const ELSEWHERE: &str = "elsewhere";
/// How long a person has on the processor's page.
pub const TIME_TO_PAY: TimeDelta = TimeDelta::minutes(30);

/// For how long after its time a payment that nobody knows the end of still counts as one that someone may pay. The processor says
/// when it has ended; should it never do so, the account is not blocked for ever.
pub(crate) const OVERDUE: TimeDelta = TimeDelta::days(7);

/// How long a webhook may take before the person who waits for it makes us ask.
const PATIENCE: TimeDelta = TimeDelta::seconds(4);

/// A key for one form, or a number for people: 50 random bits in letters that are not mixed up when read aloud.
pub(crate) fn random_code(entropy: &Entropy) -> String {
    const LETTERS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
    let bytes: [u8; 10] = entropy.bytes();
    bytes.iter().map(|b| char::from(LETTERS[usize::from(b & 31)])).collect()
}

/// The event under which a payment is posted.
fn event_key(number: &str) -> String {
    format!("payment:{number}:confirmed")
}

/// Lowers the balance by a payment that the processor has confirmed; once, whoever asks.
async fn post(work: &mut Work, payment: &PaymentRow, on: chrono::NaiveDate) -> Result<(), Fault> {
    let mut entries = crate::ledger::settle(work, payment.account_id, payment.amount, on).await?;
    entries.push(debit(Book::ProcessorClearing, payment.amount));
    let journal = Journal::new(payment.account_id, JournalKind::Payment, on, entries)
        .map_err(|e| Fault::Other(format!("payment {}: {e}", payment.number)))?;
    crate::ledger::post(work, &journal, &event_key(&payment.number), None).await?;
    Ok(())
}

/// Records a payment that was taken elsewhere (at the counter, by post, before this portal) and posts it. `key` names it in
/// the other system: recorded twice, it counts once. Runs inside the caller's transaction.
///
/// # Errors
/// If the amount is not positive or the database fails.
pub async fn record(
    work: &mut Work,
    account: AccountId,
    amount: Cents,
    at: Instant,
    method: &str,
    key: &str,
) -> Result<(), Fault> {
    crate::ledger::lock(work, account).await?;
    let number = format!("E-{key}");
    let new = NewPayment {
        number: &number,
        account,
        person: None,
        amount,
        status: Status::Succeeded,
        form_key: key,
        provider: ELSEWHERE,
        method: Some(method),
        at,
        expires_at: at,
    };
    if store::payments::insert(&mut work.tx, &new).await?.is_none() {
        return Ok(());
    }
    let row = store::payments::by_number(&mut work.tx, &number)
        .await?
        .ok_or_else(|| Fault::Other(format!("payment {number} is gone")))?;
    let zone = zones::stored(&work.settings.zone)?;
    post(work, &row, zone.day_of(at)).await
}

async fn limits(work: &mut Work, account: AccountId, closed: bool) -> Result<(Cents, Limits), Fault> {
    let zone = zones::stored(&work.settings.zone)?;
    let due = billing::due::due(work, account, &zone).await?;
    let on_its_way = store::payments::pending_sum(&mut work.tx, account).await?;
    let mut limits = Limits::new(due.balance, on_its_way, closed);
    if due.arranged || due.budget {
        // An arrangement and budget billing ask for another amount than what is owed.
        limits.due = (due.asked - on_its_way).max(Cents::ZERO).min(limits.most);
    }
    Ok((due.balance, limits))
}

/// Why one was declined, in a sentence.
fn decline_words(lang: locales::Lang, decline: Option<Decline>) -> &'static str {
    use locales::later_mail as words;
    match decline {
        Some(Decline::Funds) => words::declined_funds(lang),
        Some(Decline::ExpiredCard) => words::declined_expired(lang),
        Some(Decline::BankAccount) => words::declined_account(lang),
        Some(Decline::NeedsPerson) => words::declined_person(lang),
        Some(Decline::MethodGone) => words::declined_gone(lang),
        Some(Decline::ByBank) | None => words::declined_bank(lang),
    }
}

/// What is about to happen: `now:84.50`, or days and amounts such as `2026-12-04:42.25,2026-12-18:42.25`.
///
/// # Errors
/// `Invalid` by field for what cannot be done or read, `NotFound`, `SignInRequired`, or a failure of the database.
pub async fn about_to(cx: &Cx, who: &Principal, number: &str, with: i64, pay: &str) -> Result<ConfirmView, Fault> {
    match pay.strip_prefix("now:") {
        Some(amount) => confirm(cx, who, number, with, amount).await,
        None => later::confirm(cx, who, number, &later::Wanted::read(with, pay)).await,
    }
}

fn summary(row: &PaymentRow, zone: &Zone) -> PaymentSummary {
    PaymentSummary {
        number: row.number.clone(),
        amount: row.amount,
        status: row.status,
        on: zone.day_of(row.created_at),
        method: row.method.clone(),
        returned: row.returned_at.is_some(),
    }
}

/// What may be paid, and what is on its way.
///
/// # Errors
/// `SignInRequired`, `NotFound`, or a failure of the database.
pub async fn form(cx: &Cx, who: &Principal, number: &str) -> Result<PayView, Fault> {
    let mut work = cx.begin(&FORM, who).await?;
    let account = open(&mut work, number).await?;
    let zone = zones::stored(&account.zone)?;
    let (_, limits) = limits(&mut work, account.id, account.row.closed_on.is_some()).await?;
    let today = zone.day_of(work.now);
    let (mut position, attention) = crate::collections::attention(&mut work, account.id, today).await?;
    let on_its_way = store::payments::pending_sum(&mut work.tx, account.id).await?;
    position.asked = position.asked.after(on_its_way);
    let (due, _) = billing::due::summarize(&position, Cents::ZERO);
    let mut stop = Cents::ZERO;
    let mut shut_offs = Vec::new();
    for warned in attention {
        if let Attention::ShutOff { clock, stop: paid } = warned
            && paid > on_its_way
        {
            let left = paid - on_its_way;
            stop = stop.max(left);
            shut_offs.push(Attention::ShutOff { clock, stop: left });
        }
    }
    let pending = store::payments::of_account(&mut work.tx, account.id, 20).await?;
    let open = later::open_views(&mut work, &account, &zone, due.due_on).await?;
    let planned = later::by_itself(&open, limits.due);
    let sum = planned.as_ref().map_or(Cents::ZERO, |p| p.sum);
    let (offers, chosen) = offers(limits, Parts { late: due.overdue, stop, planned: sum });
    let autopay = store::autopay::active(&mut work.tx, account.id).await?.is_some();
    let methods = methods::all(&mut work, who, today).await?;
    Ok(PayView {
        head: account.head,
        due,
        shut_offs,
        limits,
        offers,
        chosen,
        form_key: random_code(&cx.entropy),
        pending: pending.iter().filter(|p| p.status == Status::Pending).map(|p| summary(p, &zone)).collect(),
        methods,
        planned,
        autopay,
        today,
    })
}

/// An account's newest payments that came to something, for the page of bills. Runs inside the caller's transaction.
///
/// # Errors
/// If the database fails.
pub async fn recent(
    work: &mut Work,
    account: AccountId,
    zone: &Zone,
    limit: usize,
) -> Result<Vec<PaymentSummary>, Fault> {
    let rows = store::payments::of_account(&mut work.tx, account, 200).await?;
    Ok(rows
        .iter()
        .filter(|p| matches!(p.status, Status::Pending | Status::Succeeded))
        .take(limit)
        .map(|p| summary(p, zone))
        .collect())
}

/// One payment. Where its end is not known yet, the processor is asked first, so that a lost webhook is not missed by the one
/// who waits for it. In view-as nothing is asked: what is shown is what is known.
///
/// # Errors
/// `SignInRequired`, `NotFound`, or a failure of the database. That the processor is down is no error.
pub async fn show(cx: &Cx, who: &Principal, account_number: &str, number: &str) -> Result<PaymentView, Fault> {
    let mut work = cx.begin(&SHOW, who).await?;
    let account = open(&mut work, account_number).await?;
    let row = own(&mut work, &account, number).await?;
    let mut processor_down = false;
    // While it is being worked on a webhook will say so; it is asked for only when that takes longer than it should.
    let waits = row.status == Status::Pending && work.now - row.changed_at < PATIENCE;
    let unsettled = !row.status.is_final() && !waits;
    if unsettled && matches!(who, Principal::Resident { .. }) {
        // Not while a transaction is open: the processor may be slow.
        drop(work);
        match hear::ask(cx, number).await {
            Ok(_) => {}
            Err(Fault::App(AppError::ProcessorDown)) => processor_down = true,
            Err(other) => return Err(other),
        }
        work = cx.begin(&SHOW, who).await?;
    }
    let row = own(&mut work, &account, number).await?;
    let zone = zones::stored(&account.zone)?;
    let balance = crate::ledger::balance(&mut work, account.id).await?.total();
    let payer = match row.person_id {
        Some(person) => store::people::by_id(&mut work.tx, person).await?,
        None => None,
    };
    let payable = matches!(row.status, Status::Created | Status::Declined) && row.expires_at > work.now;
    let refunds = refund_lines(&mut work, &row, &zone).await?;
    let saved = store::planned::method_of(&mut work.tx, row.id).await?.is_some();
    Ok(PaymentView {
        refunds,
        head: account.head,
        number: row.number,
        amount: row.amount,
        status: row.status,
        decline: row.decline,
        method: row.method,
        saved,
        begun_at: zone.to_local(row.created_at),
        posted_at: row.posted_at.map(|at| zone.to_local(at)),
        returned_at: row.returned_at.map(|at| zone.to_local(at)),
        balance,
        receipt_to: payer.and_then(|p| p.email).map(|e| e.masked()),
        resume: row.checkout_url.filter(|_| payable && matches!(who, Principal::Resident { .. })),
        processor_down,
    })
}

/// What was given back of a payment, for its page. What is only asked for yet is not promised.
async fn refund_lines(work: &mut Work, payment: &PaymentRow, zone: &Zone) -> Result<Vec<RefundLine>, Fault> {
    let rows = store::refunds::of_payment(&mut work.tx, payment.id).await?;
    let shown = |r: &store::refunds::RefundRow| match r.status {
        RefundStatus::Asked => false,
        RefundStatus::Pending | RefundStatus::Succeeded => true,
        RefundStatus::Failed => r.posted_at.is_some(),
    };
    Ok(rows
        .iter()
        .filter(|r| shown(r))
        .map(|r| RefundLine { amount: r.amount, status: r.status, at: zone.to_local(r.changed_at) })
        .collect())
}

async fn own(work: &mut Work, account: &OpenedAccount, number: &str) -> Result<PaymentRow, Fault> {
    store::payments::by_number(&mut work.tx, number)
        .await?
        .filter(|p| p.account_id == account.id)
        .ok_or_else(|| AppError::NotFound.into())
}
