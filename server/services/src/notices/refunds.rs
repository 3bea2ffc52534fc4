//! Mails about money that is given back.

use locales::{Lang, format, mail};
use serde::{Deserialize, Serialize};
use store::payments::PaymentRow;
use store::refunds::RefundRow;
use store::work::JobRow;

use super::{Addressed, WRITE, address, send};
use crate::jobs::{Next, payload};
use crate::{Cx, Fault, Principal, Work, job};

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct AboutRefund {
    pub refund: String,
}

job!("mail.refunded", write_refunded);
job!("mail.refund_failed", write_failed);

/// The refund, its payment and who reads about it: who paid, or the holders.
async fn about(work: &mut Work, job: &JobRow) -> Result<Option<(RefundRow, PaymentRow, Addressed, String)>, Fault> {
    let AboutRefund { refund } = payload(job)?;
    let Some(row) = store::refunds::by_number(&mut work.tx, &refund).await? else { return Ok(None) };
    let Some(payment) = store::payments::by_id(&mut work.tx, row.payment_id).await? else { return Ok(None) };
    let Some(mut to) = address(work, payment.account_id).await? else { return Ok(None) };
    if let Some(payer) = payment.person_id
        && let Some(person) = store::people::by_id(&mut work.tx, payer).await?.filter(|p| p.email.is_some())
    {
        to.readers = vec![person];
    }
    let left = super::left(work, &payment, &to).await?;
    Ok(Some((row, payment, to, left)))
}

async fn write_refunded(cx: &Cx, job: &JobRow) -> Result<Next, Fault> {
    let mut work = cx.begin(&WRITE, &Principal::System).await?;
    let Some((refund, payment, to, left)) = about(&mut work, job).await? else {
        return Ok(Next::GiveUp("there is no such refund".into()));
    };
    let l = Lang::En;
    let settings = work.settings.clone();
    let number = to.account.number.clone();
    let link = format!("{}/a/{number}/pay/{}", settings.portal_origin, payment.number);
    let on = format::day(l, to.zone.day_of(payment.posted_at.unwrap_or(payment.created_at)));
    let method = payment.method.clone().unwrap_or_else(|| mail::method_unknown(l).to_owned());
    send(&mut work, &to, &format!("refunded:{}", refund.number), |p| {
        let body = mail::refunded_body(
            l,
            &number,
            refund.amount,
            &left,
            &link,
            &method,
            &p.given_name,
            &refund.number,
            &on,
            payment.amount,
            &settings.utility_phone,
            &to.street,
            &settings.utility_name,
        );
        (mail::refunded_subject(l, refund.amount), body)
    })
    .await?;
    work.commit().await?;
    Ok(Next::Done)
}

async fn write_failed(cx: &Cx, job: &JobRow) -> Result<Next, Fault> {
    let mut work = cx.begin(&WRITE, &Principal::System).await?;
    let Some((refund, payment, to, left)) = about(&mut work, job).await? else {
        return Ok(Next::GiveUp("there is no such refund".into()));
    };
    let l = Lang::En;
    let settings = work.settings.clone();
    let method = payment.method.clone().unwrap_or_else(|| mail::method_unknown(l).to_owned());
    send(&mut work, &to, &format!("refund_failed:{}", refund.number), |p| {
        let body = mail::refund_failed_body(
            l,
            &to.account.number,
            refund.amount,
            &left,
            &method,
            &p.given_name,
            &refund.number,
            &settings.utility_phone,
            &to.street,
            &settings.utility_name,
        );
        (mail::refund_failed_subject(l, refund.amount), body)
    })
    .await?;
    work.commit().await?;
    Ok(Next::Done)
}
