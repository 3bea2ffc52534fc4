//! Use cases. Each is declared `Read` or `Write` for one audience, opens one transaction through [`Cx::begin`], asks
//! `domain` to decide and `store` to keep, writes its audit row and its jobs in that same transaction, and answers with a
//! view model of `contract`. Authorization lives here and nowhere else.

pub mod accounts;
pub mod adapters;
pub mod audit;
pub mod auth;
pub mod bench;
pub mod billing;
pub mod check;
pub mod claim;
pub mod clock;
pub mod collections;
pub mod cx;
pub mod data_sets;
pub mod drafts;
pub mod error;
pub mod exceptions;
pub mod home;
pub mod import;
pub mod ingest;
pub mod jobs;
pub mod keys;
pub mod ledger;
pub mod limits;
pub mod mail;
pub mod notices;
pub mod payments;
pub mod plans;
pub mod rate;
pub mod recover;
pub mod requests;
pub mod secrets;
pub mod sessions;
pub mod settings;
pub mod settings_page;
pub mod staff;
pub mod storage;
pub mod tariffs;
mod tokens;
pub mod usage;
pub mod usage_data;
pub mod use_case;
pub mod users;
pub mod view_as;
pub mod zones;

pub use clock::{Clock, FixedClock, SystemClock};
pub use cx::{Cx, Work};
pub use error::Fault;
pub use settings::Settings;
pub use use_case::{Principal, UseCase};

/// Rows of the store that staff pages show as they are.
pub mod rows {
    pub use store::collections::{HoldReason, NoticeKind};
    pub use store::payments::PaymentRow;
    pub use store::permissions::Permission;
    pub use store::refunds::{RefundReason, RefundRow};
    pub use store::view_as::{Reason, ViewAsRow};
}
