//! Is the chart the same as the bill? Dials, intervals and what was billed, side by side.

use std::collections::{BTreeSet, HashMap};

use contract::AppError;
use contract::bills::{ProofView, ServiceProof};
use domain::billing::Read;
use domain::billing::netting::Netted;
use domain::billing::proof::Known;
use domain::calendar::DayRange;
use domain::quantity::{Commodity, Decimal, Direction};

use super::gather::{moved, to_micro};
use super::run::micro;
use super::show::stored;
use crate::usage_data::{DayUse, Meters, daily_of};
use crate::{Cx, Fault, Principal, accounts, use_case, zones};

use_case!(
    /// Hold a bill against dials and intervals.
    pub PROOF = "bills.proof", Read, Resident
);

/// What a bill's services were billed by, beside what dials and intervals say.
///
/// # Errors
/// `NotFound` for an account that is not the caller's and for a bill that is not the account's; or a failure of the database.
pub async fn proof(cx: &Cx, who: &Principal, account: &str, number: &str) -> Result<ProofView, Fault> {
    let mut work = cx.begin(&PROOF, who).await?;
    let opened = accounts::open_page(&mut work, account).await?;
    let zone = zones::stored(&opened.zone)?;
    let row = store::bills::by_number(&mut work.tx, opened.id, number).await?.ok_or(AppError::NotFound)?;
    let (bill, reads) = stored(&mut work, &row).await?;
    let (detail, ..) = store::bills::parts(&mut work.tx, row.id).await?;
    let own = super::prepare::kept(detail)?;
    let netted: HashMap<Commodity, Netted> = bill
        .services
        .iter()
        .filter_map(|s| Some((s.service.commodity()?, Netted::of(s, &own.bank_before, &own.bank)?)))
        .collect();
    // A service may have been billed in parts (a change of schedule): its days and amounts belong together.
    let mut billed: HashMap<Commodity, (DayRange, i64, i64)> = HashMap::new();
    for s in bill.services {
        let (Some(commodity), Some(amount)) = (s.service.commodity(), s.delivered) else { continue };
        let all = billed.entry(commodity).or_insert((s.served, 0, 0));
        all.0 = DayRange { from: all.0.from.min(s.served.from), to: all.0.to.max(s.served.to) };
        all.1 = all.1.saturating_add(amount.round_to(-6));
        all.2 = all.2.saturating_add(micro(s.received));
    }
    // Bills from before that was kept were made in the course of the day they are dated by.
    let made = own.computed_at.unwrap_or_else(|| zone.start_of(domain::calendar::next_day(row.issued_on)));
    let mut services = Vec::new();
    for commodity in Commodity::ALL {
        let Some((served, delivered, received)) = billed.get(&commodity).copied() else { continue };
        let Some(meters) = Meters::of(&mut work.tx, opened.id, commodity).await?.map(Meters::billed) else { continue };
        let days = daily_of(&mut work.tx, &meters, served, &mut |_, _| ()).await?;
        // A register that turns both ways counts what was used less what was sent back.
        let net = !meters.has_received && meters.spans.iter().any(|s| s.direction == Direction::Net);
        let billed = if net { delivered.saturating_sub(received) } else { delivered };
        let scaled = |value: i64| to_micro(commodity, meters.unit, meters.exponent, value).unwrap_or(0);
        let mut changed = BTreeSet::new();
        for span in meters.spans.iter().filter(|s| s.direction != Direction::Received) {
            changed.extend(store::history::changed_since(&mut work.tx, span.register, served, made).await?);
        }
        let changed_days = u32::try_from(changed.len()).unwrap_or(u32::MAX);
        let total = |days: &[DayUse]| scaled(days.iter().filter_map(|d| d.amount).fold(0, i64::saturating_add));
        // What was known when it was billed, where that is not what is known now.
        let known_then = if changed_days == 0 {
            None
        } else {
            let then = meters.clone().known_at(made);
            let days = daily_of(&mut work.tx, &then, served, &mut |_, _| ()).await?;
            days.iter().any(|d| d.present > 0).then(|| total(&days))
        };
        let own: Vec<Read> =
            reads.iter().filter(|r| r.service.commodity() == Some(commodity) && !r.received).cloned().collect();
        let silent = meters.by_dial_alone(served);
        let of_silent: Vec<Read> = own.iter().filter(|r| silent.contains(&r.meter)).cloned().collect();
        let known = Known {
            billed,
            intervals: total(&days),
            dials: dials(commodity, &meters, &own),
            silent: dials(commodity, &meters, &of_silent),
            expected: days.iter().map(|d| d.expected).sum(),
            present: days.iter().map(|d| d.present).sum(),
            changed_days,
        };
        let amount = |micro: i64| Decimal::new(micro, -6);
        services.push(ServiceProof {
            service: commodity,
            served,
            unit: commodity.billing_unit(),
            billed: amount(known.billed),
            intervals: amount(known.intervals),
            known_then: known_then.filter(|then| *then != known.intervals).map(amount),
            dials: known.dials.map(amount),
            dials_off: known.dials_off(),
            present: known.present,
            estimated: days.iter().map(|d| d.estimated).sum(),
            metered_in: meters.unit,
            netted: netted.get(&commodity).copied(),
            verdict: known.verdict(),
            reads: own,
        });
    }
    Ok(ProofView {
        account: opened.head,
        number: row.number,
        period: DayRange { from: row.period_from, to: row.period_to },
        zone: zone.clipped(
            zone.start_of(row.period_from) - chrono::TimeDelta::days(2),
            zone.start_of(row.period_to) + chrono::TimeDelta::days(2),
        ),
        services,
    })
}

/// How far the dials moved, in millionths of the billing unit; `None` where one end of a meter was not read.
fn dials(commodity: Commodity, meters: &Meters, reads: &[Read]) -> Option<i64> {
    let mut sum = 0_i64;
    for read in reads {
        let ((_, before), (_, after)) = read.previous.zip(read.present)?;
        let span = meters.spans.iter().find(|s| s.meter_number == read.meter)?;
        let (before, after) = (before.rescale(span.exponent)?, after.rescale(span.exponent)?);
        sum = sum.saturating_add(to_micro(commodity, span.unit, span.exponent, moved(span, before, after))?);
    }
    (!reads.is_empty()).then_some(sum)
}
