//! The difference of the charges by use from the printed lines alone, where they cannot be rated again.
//!
//! Each label is looked at for itself: more or fewer days and more or less use at what a unit cost on average before; other prices for
//! the same hours and step; then what falls into other hours at what those cost before. What is left falls into other steps. Hours are
//! the same where their clock is, whatever the season calls them: so a winter and a summer differ by their prices.

use super::{ByUse, Cause, proportion};
use crate::billing::{Line, LineKind, ServiceBill};
use crate::money::{Cents, div_half_up};
use crate::tariff::{Basis, Book, Charge, Label, Version};

/// A printed line by use, and where it counts.
struct Entry<'l> {
    label: Label,
    hours: String,
    tier: u32,
    line: &'l Line,
    quantity: i64,
    /// What it would have come to at the price before.
    at_old_price: Cents,
}

/// The charge of a schedule that printed a line.
fn charge_of<'b>(versions: impl Iterator<Item = &'b Version>, line: &Line) -> Option<&'b Charge> {
    let by_use = |c: &&Charge| matches!(c.basis, Basis::Delivered(_) | Basis::Demand(..));
    let mut charges = versions.flat_map(|v| &v.charges).filter(by_use);
    charges.find(|c| Some(c.label) == line.label && c.period == line.picked)
}

fn hours_of(charge: &Charge) -> String {
    format!("{:?}", charge.times)
}

fn entries<'l>(book: &Book, bills: &'l [ServiceBill]) -> Vec<Entry<'l>> {
    let mut out = Vec::new();
    for bill in bills {
        let schedule = book.schedule(&bill.schedule);
        for line in bill.lines.iter().filter(|l| l.kind == LineKind::Usage) {
            let Some(label) = line.label else { continue };
            let versions = schedule.into_iter().flat_map(|s| s.during(bill.served)).map(|(v, _)| v);
            let hours = charge_of(versions, line).map(hours_of).or_else(|| line.picked.clone()).unwrap_or_default();
            let quantity = line.quantity.map_or(0, |q| q.round_to(-6));
            let tier = line.tier.map_or(1, |t| t.number);
            out.push(Entry { label, hours, tier, line, quantity, at_old_price: line.amount });
        }
    }
    out
}

fn amount<'e, 'l: 'e>(of: impl IntoIterator<Item = &'e Entry<'l>>) -> Cents {
    of.into_iter().map(|e| e.line.amount).sum()
}

fn quantity<'e, 'l: 'e>(of: impl IntoIterator<Item = &'e Entry<'l>>) -> i64 {
    of.into_iter().map(|e| e.quantity).fold(0, i64::saturating_add)
}

/// A price as a sum of price times quantity, and the quantity.
type Mean = (i128, i128);

/// What the same hours and step cost before: by the lines of the bill before, else by the schedule as it was then.
fn price_before(book: &Book, before: &[ServiceBill], then: &[Entry<'_>], e: &Entry<'_>) -> Option<Mean> {
    let same = || then.iter().filter(|o| (o.label, &o.hours, o.tier) == (e.label, &e.hours, e.tier));
    let sum = |of: &dyn Fn(&Entry<'_>) -> i128| same().map(of).sum::<i128>();
    let weight = sum(&|o| i128::from(o.quantity));
    let price = |o: &Entry<'_>| o.line.price.map_or(0, |p| i128::from(p.0));
    if weight > 0 {
        return Some((sum(&|o| price(o) * i128::from(o.quantity)), weight));
    }
    if let Some(one) = same().find(|o| o.line.price.is_some()) {
        return Some((price(one), 1));
    }
    let last = before.last()?;
    let (version, _) = book.schedule(&last.schedule)?.during(last.served).last()?;
    let day = last.served.last();
    let fits = |c: &&Charge| c.label == e.label && !c.adder && hours_of(c) == e.hours && c.applies(day);
    let charge = version.charges.iter().find(fits)?;
    let (Basis::Delivered(tiers) | Basis::Demand(_, tiers)) = &charge.basis else { return None };
    let tier = tiers.get(usize::try_from(e.tier).ok()?.checked_sub(1)?)?;
    Some((tier.prices.iter().map(|(_, s)| i128::from(s.on(day).0)).sum(), 1))
}

/// The difference of the charges by use, and what the change in use is counted at.
pub(super) fn by_use(book: &Book, before: &[ServiceBill], after: &[ServiceBill]) -> ByUse {
    let days = |of: &[ServiceBill]| of.iter().map(|s| s.served.len()).sum::<i64>();
    let days = (days(before).max(1), days(after));
    // Another plan: the same use in other hours and steps is no doing of the home.
    let codes = |of: &[ServiceBill]| of.iter().map(|s| s.schedule.clone()).collect::<Vec<_>>();
    let other_plan = codes(before).iter().any(|c| !codes(after).contains(c));
    let then = entries(book, before);
    let mut now = entries(book, after);
    for e in &mut now {
        e.at_old_price = old_price(book, before, &then, e);
    }
    let mut labels: Vec<Label> = then.iter().chain(&now).map(|e| e.label).collect();
    labels.sort_unstable();
    labels.dedup();
    let mut parts = Vec::new();
    let mut counted_at = (Cents::ZERO, 0);
    for label in labels {
        let of = |all: &'_ [Entry<'_>]| -> Vec<usize> { (0..all.len()).filter(|i| all[*i].label == label).collect() };
        let a: Vec<&Entry<'_>> = of(&then).into_iter().map(|i| &then[i]).collect();
        let b: Vec<&Entry<'_>> = of(&now).into_iter().map(|i| &now[i]).collect();
        if label != Label::Demand {
            counted_at.0 += amount(a.iter().copied());
            counted_at.1 = counted_at.1.max(quantity(a.iter().copied()));
        }
        one(days, label, (&a, &b), other_plan, &mut parts);
    }
    (parts, counted_at)
}

fn one(
    (days_then, days_now): (i64, i64),
    label: Label,
    (a, b): (&[&Entry<'_>], &[&Entry<'_>]),
    other_plan: bool,
    parts: &mut Vec<(Cause, Cents)>,
) {
    let (was, is) = (amount(a.iter().copied()), amount(b.iter().copied()));
    if a.is_empty() || b.is_empty() {
        // A rider that was switched on or off, or the like.
        parts.push((if label == Label::Demand { Cause::Demand } else { Cause::Prices }, is - was));
        return;
    }
    let prices = is - b.iter().map(|e| e.at_old_price).sum::<Cents>();
    parts.push((Cause::Prices, prices));
    let left = is - was - prices;
    if label == Label::Demand {
        parts.push((Cause::Demand, left));
        return;
    }
    let (used_then, used_now) = (quantity(a.iter().copied()), quantity(b.iter().copied()));
    if used_then <= 0 {
        parts.push((Cause::Use, left));
        return;
    }
    let stretched = div_half_up(i128::from(used_then) * i128::from(days_now), i128::from(days_then));
    let longer = proportion(was, i128::from(days_now - days_then), i128::from(days_then));
    let used = proportion(was, i128::from(used_now) - stretched, i128::from(used_then));
    let rest = left - longer - used;
    parts.extend([(Cause::Days, longer), (Cause::Use, used)]);
    if other_plan {
        parts.push((Cause::Prices, rest));
        return;
    }
    let mut hours: Vec<&str> = a.iter().chain(b).map(|e| e.hours.as_str()).collect();
    hours.sort_unstable();
    hours.dedup();
    let stepped = a.iter().chain(b).any(|e| e.line.tier.is_some());
    let shifted = match (hours.len(), stepped) {
        (..=1, _) => Cents::ZERO,
        (_, false) => rest,
        _ => hours.iter().map(|h| shift(a, b, h, (used_then, used_now))).sum(),
    };
    parts.extend([(Cause::Hours, shifted), (Cause::Steps, rest - shifted)]);
}

/// What the share of some hours that changed comes to, at what they cost before.
fn shift(a: &[&Entry<'_>], b: &[&Entry<'_>], hours: &str, (then, now): (i64, i64)) -> Cents {
    let own = |all: &[&'_ Entry<'_>]| -> (Cents, Cents, i64) {
        all.iter().filter(|e| e.hours == hours).fold((Cents::ZERO, Cents::ZERO, 0), |(amount, old, quantity), e| {
            (amount + e.line.amount, old + e.at_old_price, quantity.saturating_add(e.quantity))
        })
    };
    let ((cost, _, used_then), (_, at_old_price, used_now)) = (own(a), own(b));
    if used_then <= 0 {
        return at_old_price;
    }
    proportion(cost, i128::from(used_now), i128::from(used_then)) - proportion(cost, i128::from(now), i128::from(then))
}

/// What a line would have come to at the price before: in proportion, since it may be for a part of the period.
fn old_price(book: &Book, before: &[ServiceBill], then: &[Entry<'_>], e: &Entry<'_>) -> Cents {
    let Some(((sum, weight), price)) = price_before(book, before, then, e).zip(e.line.price) else {
        return e.line.amount;
    };
    let at_new = i128::from(price.0) * weight;
    match at_new.signum() {
        0 => e.line.amount,
        _ if at_new == sum => e.line.amount,
        sign => proportion(e.line.amount, sum * sign, at_new * sign),
    }
}
