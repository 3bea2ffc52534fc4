//! What a person has saved to pay with later. The number itself is at the processor; here is a token for it and what people
//! know it by.

use chrono::{Datelike, NaiveDate};
use serde::{Deserialize, Serialize};

/// What kind of thing was saved.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "sqlx", derive(sqlx::Type), sqlx(type_name = "text", rename_all = "snake_case"))]
#[serde(rename_all = "snake_case")]
pub enum MethodKind {
    /// A credit or debit card: the answer comes at once.
    Card,
    /// A bank account: a debit settles days later and may come back.
    Bank,
}

/// The last month in which a card is good.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Expiry {
    /// Four digits.
    pub year: i32,
    /// 1 to 12.
    pub month: u32,
}

impl Expiry {
    /// `None` where the month is none or the year has not four digits.
    #[must_use]
    pub const fn new(year: i32, month: u32) -> Option<Self> {
        if year >= 1_000 && year <= 9_999 && month >= 1 && month <= 12 { Some(Self { year, month }) } else { None }
    }

    /// Whether the card is no longer good on a day: it is good to the end of its month.
    #[must_use]
    pub fn is_past(self, on: NaiveDate) -> bool {
        (on.year(), on.month()) > (self.year, self.month)
    }
}

/// A card or bank account that the processor keeps for a person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SavedMethod {
    /// The processor's key of it; worth nothing to anyone but us and them.
    pub token: String,
    /// Card or bank account.
    pub kind: MethodKind,
    /// As people know it: `Visa ending 4242`.
    pub label: String,
    /// Until when a card is good; bank accounts have none.
    pub expires: Option<Expiry>,
}

/// How the saving of a card or account stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "sqlx", derive(sqlx::Type), sqlx(type_name = "text", rename_all = "snake_case"))]
#[serde(rename_all = "snake_case")]
pub enum SetupStatus {
    /// The person may be on the processor's page.
    Open,
    /// It is saved.
    Saved,
    /// The person turned back.
    Cancelled,
    /// Nobody finished it in time.
    Expired,
    /// The last try was declined; another one on the same page may still succeed.
    Declined,
}

impl SetupStatus {
    /// Whether nothing can change any more.
    #[must_use]
    pub const fn is_final(self) -> bool {
        matches!(self, Self::Saved | Self::Cancelled | Self::Expired)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_card_is_good_to_the_end_of_its_month() {
        let on = |text: &str| text.parse::<NaiveDate>().expect("a date");
        let expiry = Expiry::new(2026, 11).expect("a month");
        assert!(!expiry.is_past(on("2026-11-30")));
        assert!(expiry.is_past(on("2026-12-01")));
        assert!(expiry.is_past(on("2027-01-01")) && !expiry.is_past(on("2025-12-31")));
        assert_eq!((Expiry::new(26, 11), Expiry::new(2026, 0), Expiry::new(2026, 13)), (None, None, None));
    }
}
