//! Service requests, for residents and for staff.

use chrono::NaiveDateTime;
use domain::ids::AttachmentId;
use domain::request::{Kind, Status, Step};
use serde::{Deserialize, Serialize};

use crate::account::AccountHead;

/// One request in the resident's list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RequestSummary {
    /// What people quote; also in the address of its page.
    pub number: String,
    /// What it is about.
    pub kind: Kind,
    /// Whose turn it is.
    pub status: Status,
    /// When something last happened, local time.
    pub changed_at: NaiveDateTime,
}

/// The list, and the form for a new one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HelpView {
    /// The account.
    pub head: AccountHead,
    /// The form's own key: sent twice, it makes one request.
    pub form_key: String,
    /// Newest first.
    pub requests: Vec<RequestSummary>,
}

/// One thing that happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EntryView {
    /// When, local time.
    pub at: NaiveDateTime,
    /// What.
    pub step: Step,
    /// Who.
    pub by: String,
    /// What was written; empty for a mere closing.
    pub message: String,
    /// A photo that came with it.
    pub photo: Option<AttachmentId>,
}

/// One request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RequestView {
    /// The account.
    pub head: AccountHead,
    /// What people quote.
    pub number: String,
    /// What it is about.
    pub kind: Kind,
    /// Whose turn it is.
    pub status: Status,
    /// Oldest first.
    pub timeline: Vec<EntryView>,
    /// The reply form's own key.
    pub form_key: String,
}

/// One request in the staff's list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct QueueLine {
    /// What people quote.
    pub number: String,
    /// What it is about.
    pub kind: Kind,
    /// Whose turn it is.
    pub status: Status,
    /// When it was made, local time.
    pub created_at: NaiveDateTime,
    /// When something last happened, local time.
    pub changed_at: NaiveDateTime,
    /// Whole hours since then.
    pub hours_waiting: i64,
    /// The account's number.
    pub account: String,
    /// The name on the bill.
    pub name: String,
    /// The beginning of the first message.
    pub message: String,
}

/// The staff's list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct QueueView {
    /// Open ones first, the longest waiting on top.
    pub lines: Vec<QueueLine>,
    /// How many there are, in the order of [`Status::ALL`].
    pub counts: [i64; 3],
    /// What the list is narrowed to.
    pub status: Option<Status>,
    /// What the list is narrowed to.
    pub kind: Option<Kind>,
}

/// One request, as staff see it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StaffRequestView {
    /// What people quote.
    pub number: String,
    /// What it is about.
    pub kind: Kind,
    /// Whose turn it is.
    pub status: Status,
    /// The account's number.
    pub account: String,
    /// The name on the bill.
    pub account_name: String,
    /// Who asked.
    pub asked_by: String,
    /// Oldest first.
    pub timeline: Vec<EntryView>,
    /// The answer form's own key.
    pub form_key: String,
}
