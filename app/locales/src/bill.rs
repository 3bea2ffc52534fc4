//! A bill in residents' words, on pages and on paper.

use domain::billing::explain::Cause;
use domain::billing::netting::Netted;
use domain::billing::{Line, LineKind, Read, ServiceBill, TierLine};
use domain::calendar::{DayRange, Instant, Zone};
use domain::ledger::one_off::OneOff;
use domain::ledger::statement::{Moved, Since};
use domain::money::{Cents, Price, div_half_up};
use domain::quantity::{Commodity, Decimal, ServiceKind, Unit};
use domain::tariff::{Component, Label};

use crate::format::{day_short, number};
use crate::{Lang, bills, common};

/// The service's name.
#[must_use]
pub fn service(lang: Lang, kind: ServiceKind) -> &'static str {
    match kind {
        ServiceKind::Electricity => common::service_electricity(lang),
        ServiceKind::Gas => common::service_gas(lang),
        ServiceKind::Water => common::service_water(lang),
        ServiceKind::Wastewater => common::service_wastewater(lang),
        ServiceKind::Refuse => common::service_refuse(lang),
        ServiceKind::Storm => common::service_storm(lang),
    }
}

/// A price as people say it: `19.3¢`, `$1.1234`, `$67.20`. Every digit that counts is there.
#[must_use]
pub fn price(price: Price) -> String {
    if (0..Price::PER_DOLLAR).contains(&price.0) {
        return format!("{}¢", Decimal::new(price.0, -6));
    }
    let text = Decimal::new(price.0, -8).to_string();
    let (whole, fraction) = text.split_once('.').unwrap_or((&text, ""));
    format!("${whole}.{fraction:0<2}")
}

/// Why a charge is there.
#[must_use]
pub fn explanation(lang: Lang, line: &Line) -> &'static str {
    match (line.kind, line.label) {
        (LineKind::Tax, _) => bills::explain_tax(lang),
        (LineKind::Assistance, _) | (_, None) => bills::explain_assistance(lang),
        (_, Some(label)) => match label {
            Label::ServiceCharge => bills::explain_service_charge(lang),
            Label::MeterCharge => bills::explain_meter_charge(lang),
            Label::Energy => bills::explain_energy(lang),
            Label::HydroAdjuster => bills::explain_hydro_adjuster(lang),
            Label::GasDelivery => bills::explain_gas_delivery(lang),
            Label::GasSupply => bills::explain_gas_supply(lang),
            Label::WaterUse => bills::explain_water_use(lang),
            Label::Wastewater => bills::explain_wastewater(lang),
            Label::StormDrain => bills::explain_storm_drain(lang),
            Label::Refuse => bills::explain_refuse(lang),
            Label::ExportCredit => bills::explain_export_credit(lang),
            Label::Demand => bills::explain_demand(lang),
            Label::Minimum => bills::explain_minimum(lang),
            Label::Surplus => bills::explain_surplus(lang),
        },
    }
}

/// The name of a part of a price.
#[must_use]
pub fn component(lang: Lang, component: Component) -> &'static str {
    match component {
        Component::Whole => bills::part_whole(lang),
        Component::Commodity => bills::part_commodity(lang),
        Component::Distribution => bills::part_distribution(lang),
        Component::PublicBenefits => bills::part_public_benefits(lang),
        Component::Transportation => bills::part_transportation(lang),
        Component::CapAndTrade => bills::part_cap_and_trade(lang),
        Component::CarbonOffset => bills::part_carbon_offset(lang),
        Component::Base => bills::part_base(lang),
        Component::Projects => bills::part_projects(lang),
    }
}

/// The unit beside a number, as people say it.
#[must_use]
pub const fn unit_word(unit: Unit) -> &'static str {
    match unit {
        Unit::Therm => "therms",
        other => other.symbol(),
    }
}

/// The unit of a line's quantity: a load is counted in kilowatts.
#[must_use]
pub fn unit_of(line: &Line) -> &'static str {
    if line.label == Some(Label::Demand) { "kW" } else { line.unit.map(unit_word).unwrap_or_default() }
}

/// A quantity with its unit's usual decimals.
#[must_use]
pub fn quantity(lang: Lang, amount: Decimal, unit: Option<Unit>) -> String {
    let places = match unit {
        Some(Unit::Ccf) => 3,
        Some(Unit::Therm) => 2,
        _ => 1,
    };
    number(lang, amount, places)
}

/// Why an amount changed.
#[must_use]
pub fn cause(lang: Lang, cause: Cause) -> &'static str {
    match cause {
        Cause::Days => bills::cause_days(lang),
        Cause::Use => bills::cause_use(lang),
        Cause::Weather => bills::cause_weather(lang),
        Cause::Estimates => bills::cause_estimates(lang),
        Cause::Hours => bills::cause_hours(lang),
        Cause::Demand => bills::cause_demand(lang),
        Cause::Steps => bills::cause_steps(lang),
        Cause::Prices => bills::cause_prices(lang),
        Cause::Fixed => bills::cause_fixed(lang),
        Cause::Export => bills::cause_export(lang),
        Cause::Netted => bills::cause_netted(lang),
        Cause::Tax => bills::cause_tax(lang),
        Cause::Assistance => bills::cause_assistance(lang),
        Cause::Started => bills::cause_started(lang),
        Cause::Ended => bills::cause_ended(lang),
        Cause::Other => bills::cause_other(lang),
    }
}

/// Which part of the use it is for and at what price: `First 450 kWh at 20.46¢`. `None` for tax and assistance.
#[must_use]
pub fn terms(lang: Lang, line: &Line) -> Option<String> {
    let price = price(line.price?);
    let unit = unit_of(line);
    let text = match (line.kind, line.tier, line.quantity) {
        (LineKind::Usage, Some(tier), _) => {
            let edge = |d: Decimal| quantity(lang, d, line.unit);
            match (tier.number, tier.to) {
                (1, Some(to)) => bills::tier_first(lang, price, edge(to), unit),
                (_, Some(to)) => bills::tier_middle(lang, edge(tier.from), price, edge(to), unit),
                (_, None) => bills::tier_last(lang, edge(tier.from), price, unit),
            }
        }
        (LineKind::Export, _, Some(q)) => bills::sent_line(lang, quantity(lang, q, line.unit), price, unit),
        (LineKind::Usage, None, Some(q)) => bills::tier_all(lang, quantity(lang, q, line.unit), price, unit),
        _ if line.monthly => bills::monthly(lang, price),
        _ => bills::daily(lang, price),
    };
    Some(if line.kind != LineKind::Fixed && line.days < line.of_days {
        format!("{text}, {}", bills::some_days(lang, line.days, line.of_days))
    } else {
        text
    })
}

/// How the amount comes about: `412 kWh × 20.46¢`, `$17.61 × 15 of 30 days`.
#[must_use]
pub fn calculation(lang: Lang, line: &Line) -> Option<String> {
    let price = price(line.price?);
    match line.kind {
        // A line that names its whole quantity already says it, unless that is rounded.
        LineKind::Usage if line.tier.is_some_and(|t| whole(line, t)) => None,
        LineKind::Usage | LineKind::Export if line.tier.is_none() && !rounded(line) => None,
        LineKind::Usage | LineKind::Export => {
            let unit = unit_of(line);
            Some(bills::calculation(lang, number(lang, line.quantity?, 4), price, unit))
        }
        LineKind::Fixed => {
            let units = line.times.filter(|(_, d)| d.round_to(-6) != 1_000_000).map(|(_, d)| d);
            let in_part = line.monthly && line.days != line.of_days;
            match (units, in_part) {
                (Some(units), true) => {
                    Some(bills::calculation_units_days(lang, line.days, line.of_days, &price, units))
                }
                (Some(units), false) => Some(bills::calculation_units(lang, &price, units)),
                (None, true) => Some(bills::calculation_fixed(lang, line.days, line.of_days, &price)),
                (None, false) => None,
            }
        }
        LineKind::Tax | LineKind::Assistance => None,
    }
}

/// Whether the usual decimals of a quantity leave something out that the amount was made of.
fn rounded(line: &Line) -> bool {
    let places = line.unit.map_or(1, places);
    line.quantity.is_some_and(|q| {
        q.round_to(-4) != q.round_to(-i8::try_from(places).unwrap_or(4)) * 10_i64.pow(4 - u32::from(places))
    })
}

/// Whether all of a first tier was used.
fn whole(line: &Line, tier: TierLine) -> bool {
    let micro = |d: Option<Decimal>| d.map(|d| d.round_to(-6));
    tier.number == 1 && micro(line.quantity) == micro(tier.to)
}

/// How much was used, in all and a day, in a sentence; `None` where nothing is metered.
#[must_use]
pub fn used(lang: Lang, bill: &ServiceBill) -> Option<String> {
    let unit = bill.service.commodity().map(Commodity::billing_unit)?;
    let (amount, days) = (bill.delivered?, bill.served.len());
    let daily = number(lang, per_day(amount, days), places(unit));
    Some(bills::used(lang, quantity(lang, amount, Some(unit)), daily, days, unit_word(unit)))
}

/// What was sent to the grid, in a sentence; `None` where nothing was.
#[must_use]
pub fn sent(lang: Lang, bill: &ServiceBill) -> Option<String> {
    let unit = bill.service.commodity().map(Commodity::billing_unit)?;
    let amount = bill.received.filter(|r| r.amount > 0)?;
    Some(bills::sent(lang, quantity(lang, amount, Some(unit)), unit_word(unit)))
}

/// What net metering made of the use of a bill, in a sentence or two.
#[must_use]
pub fn netted(lang: Lang, bill: &ServiceBill, netted: &Netted) -> Option<String> {
    let unit = bill.service.commodity().map(Commodity::billing_unit)?;
    let amount = |a: Decimal| quantity(lang, a, Some(unit));
    let charged = amount(netted.charged);
    let first = if netted.before.amount > 0 {
        bills::netted_before(lang, amount(netted.before), charged, unit_word(unit))
    } else {
        bills::netted(lang, charged, unit_word(unit))
    };
    let after = (netted.after.amount > 0).then(|| bills::netted_after(lang, amount(netted.after), unit_word(unit)));
    Some([Some(first), after].into_iter().flatten().collect::<Vec<_>>().join(" "))
}

/// How the use of a day compares with what was delivered a year ago, in a sentence.
#[must_use]
pub fn beside_last_year(lang: Lang, bill: &ServiceBill, year_ago: Option<(Decimal, DayRange)>) -> Option<String> {
    let (then, range) = year_ago?;
    let micro = |amount: Decimal, days: i64| per_day(amount, days).round_to(-6);
    let (now, then) = (micro(bill.delivered?, bill.served.len()), micro(then, range.len()));
    let change =
        i64::try_from(div_half_up(i128::from(now - then) * 100, i128::from((then > 0).then_some(then)?))).ok()?;
    Some(match change {
        c if c > 1 => bills::year_more(lang, c),
        c if c < -1 => bills::year_less(lang, -c),
        _ => bills::year_same(lang).to_owned(),
    })
}

/// How the total compares with the bill before and the one of a year ago, in a sentence; `None` where there is neither.
#[must_use]
pub fn comparison(lang: Lang, total: Cents, before: Option<Cents>, year_ago: Option<Cents>) -> Option<String> {
    let before = before.map(|t| match total - t {
        d if d > Cents::ZERO => bills::than_before_more(lang, d),
        d if d < Cents::ZERO => bills::than_before_less(lang, -d),
        _ => bills::than_before_same(lang).to_owned(),
    });
    let year = year_ago.map(|t| match total - t {
        d if d > Cents::ZERO => bills::than_year_more(lang, d),
        d if d < Cents::ZERO => bills::than_year_less(lang, -d),
        _ => bills::than_year_same(lang).to_owned(),
    });
    match (before, year) {
        (Some(before), Some(year)) => Some(bills::compared(lang, before, year)),
        (Some(one), None) | (None, Some(one)) => Some(bills::compared_one(lang, one)),
        (None, None) => None,
    }
}

fn places(unit: Unit) -> u8 {
    match unit {
        Unit::Ccf => 3,
        Unit::Therm => 2,
        _ => 1,
    }
}

fn per_day(amount: Decimal, days: i64) -> Decimal {
    let micro = i128::from(amount.round_to(-6));
    Decimal::new(i64::try_from(div_half_up(micro, i128::from(days.max(1)))).unwrap_or(0), -6)
}

/// What a one-off credit is for.
#[must_use]
pub fn one_off(lang: Lang, kind: OneOff) -> &'static str {
    match kind {
        OneOff::Climate => bills::credit_climate(lang),
        OneOff::Pledge => bills::credit_pledge(lang),
        OneOff::BackBill => bills::credit_back_bill(lang),
        OneOff::Leak => bills::credit_leak(lang),
        OneOff::Goodwill => bills::credit_goodwill(lang),
    }
}

/// How what is owed before a bill came about, as rows: a name, an amount, and whether it is a sum. Empty where nothing was owed and
/// nothing moved.
#[must_use]
pub fn since(lang: Lang, carried: Cents, since: Option<&Since>) -> Vec<(&'static str, Cents)> {
    let Some(since) = since.filter(|s| s.before != Cents::ZERO || !s.moved.is_empty()) else { return Vec::new() };
    let name = |why: Moved| match why {
        Moved::Paid => bills::since_paid(lang),
        Moved::Returned => bills::since_returned(lang),
        Moved::Late => bills::since_late(lang),
        Moved::Credit(kind) => one_off(lang, kind),
        Moved::Deposit => bills::since_deposit(lang),
        Moved::Billed => bills::since_billed(lang),
        Moved::Corrected => bills::since_corrected(lang),
    };
    let rows: Vec<_> = std::iter::once((bills::since_before(lang), since.before))
        .chain(since.moved.iter().map(|(why, amount)| (name(*why), *amount)))
        .collect();
    // Rows that do not come to what was carried would only confuse.
    if since.carried() == carried { rows } else { Vec::new() }
}

/// What a dial said, in words.
#[must_use]
pub fn reading(lang: Lang, zone: &Zone, read: &Read) -> String {
    let meter = if read.received { bills::reads_sent(lang, &read.meter) } else { bills::reads(lang, &read.meter) };
    // Meters that count watt-hours are read in kilowatt-hours.
    let (unit, shift) = match read.unit {
        Unit::WattHour => (Unit::KilowattHour, -3),
        other => (other, 0),
    };
    let say = |(at, value): (Instant, Decimal)| {
        let value = Decimal::new(value.amount, value.exponent.saturating_add(shift));
        (day_short(lang, zone.day_of(at)), number(lang, value, 3))
    };
    let unit = unit_word(unit);
    let said = match (read.previous.map(say), read.present.map(say)) {
        (Some((from, before)), Some((to, after))) => bills::read_both(lang, after, before, from, to, unit),
        (Some((when, value)), None) | (None, Some((when, value))) => bills::read_one(lang, unit, value, when),
        (None, None) => bills::read_none(lang).to_owned(),
    };
    let known = if read.estimated { bills::estimated(lang) } else { bills::actual(lang) };
    format!("{meter}: {said}; {known}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prices_read_as_people_say_them() {
        assert_eq!(price(Price(19_300_000)), "19.3¢");
        assert_eq!(price(Price(112_340_000)), "$1.1234");
        assert_eq!(price(Price(6_720_000_000)), "$67.20");
        assert_eq!(price(Price(9_524_000)), "9.524¢");
    }
}
