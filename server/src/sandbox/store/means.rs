//! What a person pays with on the hosted page: numbers to try things with, each with a fate of its own.

use chrono::TimeDelta;
use domain::payment::{Decline, MethodKind};
use serde::{Deserialize, Serialize};

/// A card or bank account to try with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, sqlx::Type)]
#[sqlx(type_name = "text", rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum Means {
    /// A card that is fine.
    Good,
    /// A card whose bank wants the person to confirm, every time.
    Challenge,
    /// A card whose bank says no.
    Refused,
    /// A card without money behind it.
    Empty,
    /// A card past its date.
    Outdated,
    /// A card that is good to the end of this month.
    Expiring,
    /// A card that can be saved, and whose bank says no when it is charged later.
    RefusedLater,
    /// A card that is fine, but the processor takes its time.
    Slow,
    /// A card that is fine, and whose bank does not take a refund.
    NoRefund,
    /// A bank account; settles days later.
    Bank,
    /// A bank account that cannot be debited; that shows days later.
    BadBank,
    /// A bank account that settles, and whose bank sends the money back later.
    ReturningBank,
}

/// How long a card takes.
const PROMPT: TimeDelta = TimeDelta::seconds(2);

/// How long a slow card takes.
const SLOW: TimeDelta = TimeDelta::seconds(10);

/// What becomes of a try.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It is taken, after a while.
    Taken(TimeDelta),
    /// It is taken, and sent back by the bank after a longer while.
    TakenAndReturned(TimeDelta, TimeDelta),
    /// It is declined at once.
    Declined(Decline),
    /// It is declined after a while.
    DeclinedLater(TimeDelta, Decline),
}

impl Means {
    /// All, in the order of the page.
    pub const ALL: [Self; 12] = [
        Self::Good,
        Self::Challenge,
        Self::Refused,
        Self::Empty,
        Self::Outdated,
        Self::Expiring,
        Self::RefusedLater,
        Self::Slow,
        Self::NoRefund,
        Self::Bank,
        Self::BadBank,
        Self::ReturningBank,
    ];

    /// As people know it.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Good => "Visa ending 4242",
            Self::Challenge => "Visa ending 3184",
            Self::Refused => "Visa ending 0002",
            Self::Empty => "Visa ending 9995",
            Self::Outdated => "Visa ending 0069",
            Self::Expiring => "Visa ending 0127",
            Self::RefusedLater => "Visa ending 0341",
            Self::Slow => "Visa ending 3220",
            Self::NoRefund => "Visa ending 5126",
            Self::Bank => "Bank account ending 6789",
            Self::BadBank => "Bank account ending 1116",
            Self::ReturningBank => "Bank account ending 4954",
        }
    }

    /// Card or bank account.
    pub const fn kind(self) -> MethodKind {
        match self {
            Self::Bank | Self::BadBank | Self::ReturningBank => MethodKind::Bank,
            _ => MethodKind::Card,
        }
    }

    /// What becomes of a payment with the person present, who has confirmed what the bank wanted confirmed.
    pub const fn on_page(self, bank_takes: TimeDelta) -> Fate {
        match self {
            Self::Good | Self::Challenge | Self::Expiring | Self::RefusedLater | Self::NoRefund => Fate::Taken(PROMPT),
            Self::Slow => Fate::Taken(SLOW),
            Self::Refused => Fate::Declined(Decline::ByBank),
            Self::Empty => Fate::Declined(Decline::Funds),
            Self::Outdated => Fate::Declined(Decline::ExpiredCard),
            Self::Bank => Fate::Taken(bank_takes),
            Self::ReturningBank => Fate::TakenAndReturned(bank_takes, bank_takes),
            Self::BadBank => Fate::DeclinedLater(bank_takes, Decline::BankAccount),
        }
    }

    /// What becomes of a charge without the person. Cards answer at once.
    pub const fn without_person(self, bank_takes: TimeDelta) -> Fate {
        match self {
            Self::Challenge => Fate::Declined(Decline::NeedsPerson),
            Self::RefusedLater => Fate::Declined(Decline::ByBank),
            Self::Good | Self::Expiring | Self::NoRefund => Fate::Taken(TimeDelta::zero()),
            other => other.on_page(bank_takes),
        }
    }

    /// Why it cannot be saved, where it cannot.
    pub const fn unsavable(self) -> Option<Decline> {
        match self {
            Self::Refused => Some(Decline::ByBank),
            Self::Outdated => Some(Decline::ExpiredCard),
            _ => None,
        }
    }

    /// How long a refund takes, and whether it arrives.
    pub const fn refund(self, bank_takes: TimeDelta) -> (TimeDelta, bool) {
        match self.kind() {
            MethodKind::Card => {
                (if matches!(self, Self::NoRefund) { SLOW } else { PROMPT }, !matches!(self, Self::NoRefund))
            }
            MethodKind::Bank => (bank_takes, true),
        }
    }
}
