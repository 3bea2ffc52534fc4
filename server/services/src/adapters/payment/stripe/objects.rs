//! Stripe's objects, as far as they are read here.

use std::collections::HashMap;

use chrono::DateTime;
use domain::calendar::Instant;
use domain::money::Cents;
use domain::payment::{
    Decline, Expiry, Heard, MethodKind, RefundHeard, RefundStatus, SavedMethod, SetupStatus, Status,
};
use serde::Deserialize;

use crate::adapters::payment::{RefundReport, Report, SetupReport};

/// Our number, in an object's metadata.
pub const REFERENCE: &str = "reference";
/// Until when it may be paid or used, in seconds since 1970.
pub const EXPIRES_AT: &str = "expires_at";
/// Set to [`CHARGE`] for a payment without the person.
pub const KIND: &str = "kind";
/// See [`KIND`].
pub const CHARGE: &str = "charge";
/// Our number of the payment that a refund is of.
pub const PAYMENT: &str = "payment";

/// An object, or its key alone.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
pub enum Expandable<T> {
    /// Its key.
    Id(String),
    /// All of it.
    Object(Box<T>),
}

impl<T> Expandable<T> {
    /// The object, where it was expanded.
    pub fn object(&self) -> Option<&T> {
        match self {
            Self::Id(_) => None,
            Self::Object(object) => Some(object),
        }
    }
}

/// A card, as it is shown.
#[derive(Clone, Debug, Deserialize)]
pub struct Card {
    #[serde(default)]
    brand: String,
    #[serde(default)]
    last4: String,
    exp_year: Option<i32>,
    exp_month: Option<u32>,
}

/// A bank account, as it is shown.
#[derive(Clone, Debug, Deserialize)]
pub struct Bank {
    #[serde(default)]
    bank_name: Option<String>,
    #[serde(default)]
    last4: Option<String>,
}

/// What was paid with.
#[derive(Clone, Debug, Deserialize)]
pub struct Method {
    pub id: String,
    #[serde(rename = "type", default)]
    kind: String,
    card: Option<Card>,
    us_bank_account: Option<Bank>,
    sepa_debit: Option<Bank>,
    #[serde(default)]
    pub customer: Option<Expandable<serde_json::Value>>,
}

impl Method {
    /// As people know it.
    pub fn label(&self) -> String {
        if let Some(card) = &self.card {
            let brand = match card.brand.as_str() {
                "visa" => "Visa",
                "mastercard" => "Mastercard",
                "amex" => "American Express",
                "discover" => "Discover",
                "diners" => "Diners Club",
                "jcb" => "JCB",
                "unionpay" => "UnionPay",
                _ => "Card",
            };
            return format!("{brand} ending {}", card.last4);
        }
        let bank = self.us_bank_account.as_ref().or(self.sepa_debit.as_ref());
        let name = bank.and_then(|b| b.bank_name.as_deref()).filter(|n| !n.trim().is_empty());
        let last4 = bank.and_then(|b| b.last4.as_deref()).unwrap_or_default();
        format!("{} ending {last4}", name.unwrap_or("Bank account"))
    }

    /// Card or bank account.
    pub fn kind(&self) -> MethodKind {
        if matches!(self.kind.as_str(), "us_bank_account" | "sepa_debit") { MethodKind::Bank } else { MethodKind::Card }
    }

    fn saved(&self, customer: &str) -> SavedMethod {
        let card = self.card.as_ref();
        SavedMethod {
            token: token(customer, &self.id),
            kind: self.kind(),
            label: self.label(),
            expires: card.and_then(|c| Expiry::new(c.exp_year?, c.exp_month?)),
        }
    }
}

/// Stripe charges a method together with its customer, so that our token names both.
pub fn token(customer: &str, method: &str) -> String {
    format!("{customer}/{method}")
}

/// Why a try failed.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct Failure {
    #[serde(default)]
    pub code: Option<String>,
    #[serde(default)]
    pub decline_code: Option<String>,
    #[serde(default)]
    pub payment_method: Option<Method>,
}

impl Failure {
    /// In the few kinds that people can do something about. <https://docs.stripe.com/declines/codes> and
    /// <https://docs.stripe.com/error-codes>.
    pub fn decline(&self) -> Decline {
        let bank = self.payment_method.as_ref().is_some_and(|m| m.kind() == MethodKind::Bank);
        let codes = [self.decline_code.as_deref(), self.code.as_deref()];
        for code in codes.into_iter().flatten() {
            match code {
                "authentication_required" | "payment_intent_unexpected_state" => return Decline::NeedsPerson,
                "insufficient_funds" | "withdrawal_count_limit_exceeded" | "card_velocity_exceeded" => {
                    return Decline::Funds;
                }
                "expired_card" | "invalid_expiry_year" | "invalid_expiry_month" => return Decline::ExpiredCard,
                "resource_missing" => return Decline::MethodGone,
                "account_closed"
                | "account_frozen"
                | "bank_account_restricted"
                | "bank_account_unusable"
                | "bank_account_unverified"
                | "bank_ownership_changed"
                | "debit_not_authorized"
                | "no_account"
                | "invalid_account_number"
                | "account_number_invalid"
                | "routing_number_invalid"
                | "could_not_process"
                | "generic_could_not_process" => return Decline::BankAccount,
                _ => {}
            }
        }
        if bank { Decline::BankAccount } else { Decline::ByBank }
    }
}

/// A charge of a PaymentIntent.
#[derive(Clone, Debug, Deserialize)]
pub struct Charge {
    #[serde(default)]
    pub disputed: bool,
    #[serde(default)]
    pub payment_intent: Option<Expandable<serde_json::Value>>,
}

/// A payment.
#[derive(Clone, Debug, Deserialize)]
pub struct PaymentIntent {
    pub id: String,
    pub amount: i64,
    pub status: String,
    #[serde(default)]
    pub metadata: HashMap<String, String>,
    #[serde(default)]
    last_payment_error: Option<Failure>,
    #[serde(default)]
    latest_charge: Option<Expandable<Charge>>,
    #[serde(default)]
    pub payment_method: Option<Expandable<Method>>,
    #[serde(default)]
    canceled_at: Option<i64>,
    #[serde(default)]
    pub client_secret: Option<String>,
}

/// A word's place in time: the second in which it was true, and within a second the order in which a payment goes.
const fn revision(second: i64, rank: i64) -> i64 {
    second.saturating_mul(8).saturating_add(rank)
}

fn expiry(metadata: &HashMap<String, String>) -> Option<i64> {
    metadata.get(EXPIRES_AT)?.parse().ok()
}

impl PaymentIntent {
    /// Our number of it, where it is one of ours.
    pub fn reference(&self) -> Option<&str> {
        self.metadata.get(REFERENCE).map(String::as_str)
    }

    fn is_charge(&self) -> bool {
        self.metadata.get(KIND).is_some_and(|k| k == CHARGE)
    }

    /// Whether its charge was disputed, so that the dispute has to be looked at.
    pub fn is_disputed(&self) -> bool {
        self.latest_charge.as_ref().and_then(Expandable::object).is_some_and(|c| c.disputed)
    }

    /// Whether someone could still pay it though its time is over.
    pub fn is_overdue(&self, second: i64) -> bool {
        !self.is_charge()
            && matches!(self.status.as_str(), "requires_payment_method" | "requires_confirmation" | "requires_action")
            && expiry(&self.metadata).is_some_and(|at| at <= second)
    }

    /// As a report of what was true in a second; `None` where it is none of ours.
    pub fn report(&self, second: i64, returned: bool) -> Option<Report> {
        let failed = self.last_payment_error.as_ref().map(Failure::decline);
        let (status, decline) = match self.status.as_str() {
            "succeeded" => (Status::Succeeded, None),
            "processing" | "requires_capture" => (Status::Pending, None),
            // Nobody is there to confirm.
            "requires_action" if self.is_charge() => (Status::Declined, Some(Decline::NeedsPerson)),
            "canceled" if self.is_charge() => (Status::Declined, failed),
            "canceled" => {
                let late = expiry(&self.metadata).zip(self.canceled_at).is_some_and(|(end, at)| at >= end);
                (if late { Status::Expired } else { Status::Cancelled }, None)
            }
            "requires_payment_method" if failed.is_some() => (Status::Declined, failed),
            _ => (Status::Created, None),
        };
        let rank = match status {
            Status::Created => 0,
            Status::Pending => 1,
            Status::Declined => 2,
            Status::Cancelled | Status::Expired => 3,
            Status::Succeeded => 4,
        };
        let method = self.payment_method.as_ref().and_then(Expandable::object);
        let tried = self.last_payment_error.as_ref().and_then(|f| f.payment_method.as_ref());
        Some(Report {
            checkout: self.id.clone(),
            reference: self.reference()?.to_owned(),
            amount: Cents(self.amount),
            heard: Heard { status, decline, revision: revision(second, rank) },
            method: method.or(tried).map(Method::label),
            returned,
        })
    }
}

/// The saving of a method.
#[derive(Clone, Debug, Deserialize)]
pub struct SetupIntent {
    pub id: String,
    pub status: String,
    #[serde(default)]
    pub metadata: HashMap<String, String>,
    #[serde(default)]
    last_setup_error: Option<serde_json::Value>,
    #[serde(default)]
    payment_method: Option<Expandable<Method>>,
    #[serde(default)]
    customer: Option<Expandable<serde_json::Value>>,
    #[serde(default)]
    pub client_secret: Option<String>,
}

impl SetupIntent {
    /// Whether someone could still use it though its time is over.
    pub fn is_overdue(&self, second: i64) -> bool {
        !matches!(self.status.as_str(), "succeeded" | "canceled")
            && expiry(&self.metadata).is_some_and(|at| at <= second)
    }

    /// As a report of what was true in a second; `None` where it is none of ours.
    pub fn report(&self, second: i64) -> Option<SetupReport> {
        let customer = match &self.customer {
            Some(Expandable::Id(id)) => id.as_str(),
            _ => "",
        };
        let method = self.payment_method.as_ref().and_then(Expandable::object);
        let (status, rank) = match self.status.as_str() {
            "succeeded" => (SetupStatus::Saved, 4),
            "canceled" if expiry(&self.metadata).is_some_and(|at| at <= second) => (SetupStatus::Expired, 3),
            "canceled" => (SetupStatus::Cancelled, 3),
            "requires_payment_method" if self.last_setup_error.is_some() => (SetupStatus::Declined, 2),
            _ => (SetupStatus::Open, 0),
        };
        Some(SetupReport {
            setup: self.id.clone(),
            reference: self.metadata.get(REFERENCE)?.clone(),
            status,
            method: method.filter(|_| status == SetupStatus::Saved).map(|m| m.saved(customer)),
            revision: revision(second, rank),
        })
    }
}

/// Money given back.
#[derive(Clone, Debug, Deserialize)]
pub struct Refund {
    pub id: String,
    pub amount: i64,
    #[serde(default)]
    pub status: Option<String>,
    #[serde(default)]
    pub payment_intent: Option<Expandable<serde_json::Value>>,
    #[serde(default)]
    pub metadata: HashMap<String, String>,
}

impl Refund {
    /// As a report of what was true in a second. One that was begun in Stripe's own pages has no number of ours.
    pub fn report(&self, second: i64) -> RefundReport {
        let (status, rank) = match self.status.as_deref() {
            Some("succeeded") => (RefundStatus::Succeeded, 1),
            Some("failed" | "canceled") => (RefundStatus::Failed, 2),
            _ => (RefundStatus::Pending, 0),
        };
        let checkout = match &self.payment_intent {
            Some(Expandable::Id(id)) => id.clone(),
            Some(Expandable::Object(object)) => {
                object.get("id").and_then(|v| v.as_str()).unwrap_or_default().to_owned()
            }
            None => String::new(),
        };
        let ours = |key: &str| self.metadata.get(key).cloned().unwrap_or_default();
        RefundReport {
            refund: self.id.clone(),
            reference: ours(REFERENCE),
            payment: ours(PAYMENT),
            checkout,
            amount: Cents(self.amount),
            heard: RefundHeard { status, revision: revision(second, rank) },
        }
    }
}

/// A dispute: a bank wants its money back.
#[derive(Clone, Debug, Deserialize)]
pub struct Dispute {
    pub status: String,
}

/// A page of a list.
#[derive(Clone, Debug, Deserialize)]
pub struct List<T> {
    pub data: Vec<T>,
    #[serde(default)]
    pub has_more: bool,
}

/// Something that happened.
#[derive(Clone, Debug, Deserialize)]
pub struct Event {
    #[serde(default)]
    pub id: String,
    #[serde(rename = "type")]
    pub kind: String,
    pub data: EventData,
}

/// What it happened to.
#[derive(Clone, Debug, Deserialize)]
pub struct EventData {
    pub object: serde_json::Value,
}

/// An instant as whole seconds, for parameters.
pub fn seconds(at: Instant) -> String {
    at.timestamp().to_string()
}

/// The second of an answer's `Date` header.
pub fn second_of(date: &str) -> Option<i64> {
    DateTime::parse_from_rfc2822(date).ok().map(|at| at.timestamp())
}
