//! What goes over the wire between the portal and the processor, for both sides to use.

use domain::money::Cents;
use domain::payment::{Decline, Heard, RefundHeard, RefundStatus, SavedMethod, SetupStatus, Status};
use serde::{Deserialize, Serialize};

use crate::adapters::payment::{RefundReport, Report, SetupReport, Word};

/// A checkout as the API takes it.
#[derive(Debug, Serialize, Deserialize)]
pub struct CreateRequest {
    /// The merchant's own number.
    pub reference: String,
    /// In cents.
    pub amount: i64,
    /// What the person reads.
    pub description: String,
    /// Where the person is sent back to.
    pub return_url: String,
    /// Until when it may be paid, in seconds since 1970.
    pub expires_at: i64,
}

/// A setup as the API takes it.
#[derive(Debug, Serialize, Deserialize)]
pub struct SetupRequest {
    /// The merchant's own number.
    pub reference: String,
    /// The merchant's own key of the person.
    pub customer: String,
    /// What the person reads.
    pub description: String,
    /// Where the person is sent back to.
    pub return_url: String,
    /// Until when it may be used, in seconds since 1970.
    pub expires_at: i64,
}

/// A charge as the API takes it.
#[derive(Debug, Serialize, Deserialize)]
pub struct ChargeRequest {
    /// The merchant's own number.
    pub reference: String,
    /// What was saved.
    pub token: String,
    /// The merchant's own key of the person.
    pub customer: String,
    /// In cents.
    pub amount: i64,
    /// What the person reads.
    pub description: String,
}

/// A refund as the API takes it.
#[derive(Debug, Serialize, Deserialize)]
pub struct RefundRequest {
    /// The merchant's own number.
    pub reference: String,
    /// The merchant's own number of the payment.
    pub payment: String,
    /// In cents.
    pub amount: i64,
    /// Why.
    pub reason: String,
}

/// A checkout or charge as the API and its webhooks give it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CheckoutMessage {
    /// The processor's key.
    pub id: String,
    /// The merchant's own number.
    pub reference: String,
    /// In cents.
    pub amount: i64,
    /// How it stands.
    pub status: Status,
    /// Why it was declined.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decline: Option<Decline>,
    /// Counts the changes of this checkout; a larger number is newer.
    pub revision: i64,
    /// What was paid with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub method: Option<String>,
    /// Whether the money was taken and the bank has sent it back since.
    #[serde(default)]
    pub returned: bool,
    /// The hosted page; empty for a charge.
    pub url: String,
}

/// A setup as the API and its webhooks give it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SetupMessage {
    /// The processor's key.
    pub id: String,
    /// The merchant's own number.
    pub reference: String,
    /// How it stands.
    pub status: SetupStatus,
    /// What was saved.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub method: Option<SavedMethod>,
    /// Counts the changes of this setup.
    pub revision: i64,
    /// The hosted page.
    pub url: String,
}

/// A refund as the API and its webhooks give it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RefundMessage {
    /// The processor's key.
    pub id: String,
    /// The merchant's own number.
    pub reference: String,
    /// The merchant's own number of the payment.
    pub payment: String,
    /// The processor's key of the payment.
    pub checkout: String,
    /// In cents.
    pub amount: i64,
    /// How it stands.
    pub status: RefundStatus,
    /// Counts the changes of this refund.
    pub revision: i64,
}

/// The body of a webhook, and one change of the list of changes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WordMessage {
    /// About a checkout or charge.
    Payment(CheckoutMessage),
    /// About a setup.
    Setup(SetupMessage),
    /// About a refund.
    Refund(RefundMessage),
}

/// What changed, a page at a time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChangesMessage {
    /// Oldest first.
    pub words: Vec<WordMessage>,
    /// Where the rest begins.
    pub next: Option<String>,
}

impl From<CheckoutMessage> for Report {
    fn from(m: CheckoutMessage) -> Self {
        Self {
            checkout: m.id,
            reference: m.reference,
            amount: Cents(m.amount),
            heard: Heard { status: m.status, decline: m.decline, revision: m.revision },
            method: m.method,
            returned: m.returned,
        }
    }
}

impl From<SetupMessage> for SetupReport {
    fn from(m: SetupMessage) -> Self {
        Self { setup: m.id, reference: m.reference, status: m.status, method: m.method, revision: m.revision }
    }
}

impl From<RefundMessage> for RefundReport {
    fn from(m: RefundMessage) -> Self {
        Self {
            refund: m.id,
            reference: m.reference,
            payment: m.payment,
            checkout: m.checkout,
            amount: Cents(m.amount),
            heard: RefundHeard { status: m.status, revision: m.revision },
        }
    }
}

impl From<WordMessage> for Word {
    fn from(m: WordMessage) -> Self {
        match m {
            WordMessage::Payment(m) => Self::Payment(m.into()),
            WordMessage::Setup(m) => Self::Setup(m.into()),
            WordMessage::Refund(m) => Self::Refund(m.into()),
        }
    }
}
