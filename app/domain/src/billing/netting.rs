//! What net metering made of the use of a bill: what was left over before, what was charged, what is left over now.

use serde::{Deserialize, Serialize};

use super::ServiceBill;
use super::intervals::{Bank, carried};
use crate::quantity::Decimal;
use crate::tariff::Label;

/// How use became what was charged, in the billing unit: used, less sent back, less what was left over before, is what was charged,
/// less what is left over now or was paid out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Netted {
    /// Left over from earlier bills.
    pub before: Decimal,
    /// Charged on this bill.
    pub charged: Decimal,
    /// Left over for later bills.
    pub after: Decimal,
}

impl Netted {
    /// What net metering made of one service, by what was carried to its bill and from it; `None` where nothing was carried either
    /// way.
    #[must_use]
    pub fn of(bill: &ServiceBill, before: &Bank, after: &Bank) -> Option<Self> {
        let (before, after) = (carried(before, &bill.schedule), carried(after, &bill.schedule));
        let paid_out: i64 = bill
            .lines
            .iter()
            .filter(|l| l.label == Some(Label::Surplus))
            .filter_map(|l| l.quantity)
            .map(|q| q.round_to(-6))
            .sum();
        if before == 0 && after == 0 && paid_out == 0 {
            return None;
        }
        let micro = |amount: Option<Decimal>| amount.map_or(0, |a| a.round_to(-6));
        let charged = micro(bill.delivered) - micro(bill.received) - before + after + paid_out;
        let amount = |micro: i64| Decimal::new(micro, -6);
        Some(Self { before: amount(before), charged: amount(charged.max(0)), after: amount(after) })
    }
}
