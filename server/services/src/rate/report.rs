//! What rating a file comes to, for machines and for people.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use domain::billing::LineKind;
use domain::money::Cents;
use domain::quantity::{Decimal, ServiceKind};
use domain::tariff::{Component, Label};
use serde::Serialize;

/// A number, written as a plain decimal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Plain(pub Decimal);

impl std::fmt::Display for Plain {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

impl Serialize for Plain {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// Dollars, written with two decimals.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Money(pub Cents);

impl std::fmt::Display for Money {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let cents = self.0.0.unsigned_abs();
        let sign = if self.0.0 < 0 { "-" } else { "" };
        write!(f, "{sign}{}.{:02}", cents / 100, cents % 100)
    }
}

impl Serialize for Money {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// Bills for a range.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Rated {
    /// The schedule.
    pub schedule: String,
    /// The service.
    pub service: ServiceKind,
    /// Whether somebody compared all prices with their source.
    pub verified: bool,
    /// The zone of the local days.
    pub zone: String,
    /// The bills, in order.
    pub bills: Vec<RatedBill>,
    /// What they come to.
    pub total: Money,
    /// What one should know of the file before relying on this.
    pub problems: Vec<String>,
}

/// One bill.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RatedBill {
    /// The first local day.
    pub from: NaiveDate,
    /// The last local day.
    pub to: NaiveDate,
    /// How many days.
    pub days: i64,
    /// What was delivered, in `unit`.
    pub delivered: Plain,
    /// What was sent back, in `unit`.
    pub received: Plain,
    /// The billing unit.
    pub unit: &'static str,
    /// Intervals that there should be.
    pub expected: i64,
    /// Intervals that the file has.
    pub present: i64,
    /// Those of them that its sender estimated.
    pub estimated: i64,
    /// The lines in the order of the bill.
    pub lines: Vec<RatedLine>,
    /// The sum of the charges, before credits, tax and assistance.
    pub gross: Money,
    /// Units sent back that are carried on to the next bill.
    pub carried: Plain,
    /// The sum of all lines.
    pub total: Money,
}

/// One line. Amounts are dollars.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RatedLine {
    /// What it is.
    pub kind: LineKind,
    /// What for; `None` for tax and assistance.
    pub label: Option<Label>,
    /// The name of its hours, or the fact that picked its price.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub period: Option<String>,
    /// The step of the price, from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tier: Option<u32>,
    /// How much, in `unit`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub quantity: Option<Plain>,
    /// The highest load of the period itself, where that of an earlier one is billed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub measured: Option<Plain>,
    /// The unit of `quantity`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unit: Option<&'static str>,
    /// For one unit, one month or one day.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub price: Option<Plain>,
    /// Percent, for tax and assistance.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub percent: Option<Plain>,
    /// The days that it is for.
    pub days: i64,
    /// Of how many.
    pub of_days: i64,
    /// The amount, rounded as the schedule says.
    pub amount: Money,
    /// The amount by component, where there is more than one.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub components: BTreeMap<Component, Money>,
}

/// The bills as people read them.
#[must_use]
pub fn text(rated: &Rated) -> String {
    use std::fmt::Write as _;
    let mut out = String::new();
    writeln!(out, "{} ({}), local days of {}", rated.schedule, rated.service.slug(), rated.zone).expect("text");
    for b in &rated.bills {
        let sent = if b.received.0.amount != 0 { format!(", {} sent back", b.received) } else { String::new() };
        // A service without a meter has no use to print.
        let used = if b.unit.is_empty() { String::new() } else { format!(": {} {}{sent}", b.delivered, b.unit) };
        writeln!(out, "\n{} to {} ({} days){used}", b.from, b.to, b.days).expect("text");
        let mut charged = true;
        for l in &b.lines {
            if charged && !matches!(l.kind, LineKind::Usage | LineKind::Fixed) {
                charged = false;
                writeln!(out, "  {:<69} {:>12}", "charges", b.gross.0).expect("text");
            }
            let name = match l.label {
                Some(label) => serde_json::to_value(label).ok().and_then(|v| v.as_str().map(str::to_owned)),
                None => serde_json::to_value(l.kind).ok().and_then(|v| v.as_str().map(str::to_owned)),
            };
            let mut what = name.unwrap_or_default();
            if let Some(period) = &l.period {
                write!(what, " {period}").expect("text");
            }
            if let Some(tier) = l.tier {
                write!(what, " tier {tier}").expect("text");
            }
            let mut how = String::new();
            if let (Some(quantity), Some(price)) = (l.quantity, l.price) {
                let unit = l.unit.map(|u| format!(" {u}")).unwrap_or_default();
                write!(how, "{quantity}{unit} x {price}").expect("text");
                // Use is what its days came to; a load or a standing charge is paid for its days' part.
                if l.days != l.of_days && (l.label == Some(Label::Demand) || l.kind == LineKind::Fixed) {
                    match l.of_days {
                        1 => write!(how, " x {} days", l.days).expect("text"),
                        all => write!(how, " x {} of {all} days", l.days).expect("text"),
                    }
                }
                if let Some(measured) = l.measured {
                    write!(how, " (measured {measured})").expect("text");
                }
            } else if let Some(price) = l.price {
                match l.of_days {
                    1 => write!(how, "{price} x {} days", l.days).expect("text"),
                    all => write!(how, "{price} x {} of {all} days", l.days).expect("text"),
                }
            } else if let Some(percent) = l.percent {
                write!(how, "{percent} %").expect("text");
            }
            writeln!(out, "  {what:<28} {how:<40} {:>12}", l.amount.0).expect("text");
        }
        if b.carried.0.amount != 0 {
            writeln!(out, "  {} {} sent back are carried on", b.carried, b.unit).expect("text");
        }
        writeln!(out, "  {:<69} {:>12}", "total", b.total.0).expect("text");
    }
    writeln!(out, "\n{:<71} {:>12}", "in all", rated.total.0).expect("text");
    if !rated.verified {
        writeln!(out, "! nobody has compared all of these prices with their source").expect("text");
    }
    for p in &rated.problems {
        writeln!(out, "! {p}").expect("text");
    }
    out
}
