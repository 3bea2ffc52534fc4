//! The outbox page of the demo: mails that would have gone out.

use chrono::NaiveDateTime;
use serde::{Deserialize, Serialize};

/// A mail that was written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MailView {
    /// Key, for links to it.
    pub id: i64,
    /// To whom.
    pub to: String,
    /// The subject line.
    pub subject: String,
    /// Plain text.
    pub body: String,
    /// When it was written, in the city's local time.
    pub at: NaiveDateTime,
}
