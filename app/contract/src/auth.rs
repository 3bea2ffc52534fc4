//! Signing in, claiming, settings, who viewed.

use chrono::NaiveDateTime;
use serde::{Deserialize, Serialize};

use crate::account::AccountHead;

/// What the page behind a link in a mail shows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConfirmView {
    /// Where the link was sent.
    pub email: String,
    /// Whether a password is to be chosen.
    pub needs_password: bool,
}

/// The settings of a person and of the account that is open.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SettingsView {
    /// The account.
    pub account: AccountHead,
    /// The person's name.
    pub name: String,
    /// Their e-mail address; masked in view-as.
    pub email: String,
    /// Their telephone number as people write it, or nothing; masked in view-as.
    pub phone: String,
    /// Whether bills come by e-mail only.
    pub paperless: bool,
    /// Where paper goes.
    pub mailing: String,
    /// Where they are signed in, this one first. Empty in view-as.
    pub sessions: Vec<SessionLine>,
}

/// A place where one is signed in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SessionLine {
    /// For the form that ends it.
    pub id: i64,
    /// What the browser calls itself.
    pub browser: Option<Browser>,
    /// What it runs on.
    pub system: Option<System>,
    /// Signed in since; local time of the city.
    pub since: NaiveDateTime,
    /// Last seen; local time of the city.
    pub seen: NaiveDateTime,
    /// Whether it is this one.
    pub here: bool,
}

/// Browsers that people know by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the names say it")]
pub enum Browser {
    Chrome,
    Edge,
    Firefox,
    Safari,
}

/// Systems that people know by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the names say it")]
pub enum System {
    Android,
    IPhone,
    IPad,
    Linux,
    Mac,
    Windows,
}

impl Browser {
    /// The name people know.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Chrome => "Chrome",
            Self::Edge => "Edge",
            Self::Firefox => "Firefox",
            Self::Safari => "Safari",
        }
    }

    /// Reads a `User-Agent` header.
    #[must_use]
    pub fn of(agent: &str) -> Option<Self> {
        [("Edg", Self::Edge), ("Firefox", Self::Firefox), ("Chrome", Self::Chrome), ("Safari", Self::Safari)]
            .into_iter()
            .find(|(mark, _)| agent.contains(mark))
            .map(|(_, browser)| browser)
    }
}

impl System {
    /// The name people know.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Android => "Android",
            Self::IPhone => "iPhone",
            Self::IPad => "iPad",
            Self::Linux => "Linux",
            Self::Mac => "Mac",
            Self::Windows => "Windows",
        }
    }

    /// Reads a `User-Agent` header.
    #[must_use]
    pub fn of(agent: &str) -> Option<Self> {
        [
            ("iPhone", Self::IPhone),
            ("iPad", Self::IPad),
            ("Android", Self::Android),
            ("Windows", Self::Windows),
            ("Macintosh", Self::Mac),
            ("Linux", Self::Linux),
        ]
        .into_iter()
        .find(|(mark, _)| agent.contains(mark))
        .map(|(_, system)| system)
    }
}

/// Who viewed the account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ActivityView {
    /// The account.
    pub account: AccountHead,
    /// Viewings, newest first.
    pub viewings: Vec<Viewing>,
}

/// Why an employee looked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ViewReason {
    /// A question about a bill.
    BillQuestion,
    /// A question about usage.
    UsageQuestion,
    /// Help with a payment.
    PaymentHelp,
    /// Help with the portal.
    PortalHelp,
    /// Something else.
    Other,
}

/// One viewing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Viewing {
    /// For the form that stops it.
    pub id: i64,
    /// Who looked: given name and initial, as in answers to requests; empty where the person is known no longer.
    pub by: String,
    /// Why.
    pub reason: ViewReason,
    /// When it began; local time of the city.
    pub began: NaiveDateTime,
    /// How long, in minutes rounded up.
    pub minutes: u32,
    /// How many pages were looked at.
    pub pages: u32,
    /// Whether it is going on now.
    pub live: bool,
}
