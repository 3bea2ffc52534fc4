//! Failures inside a use case. What the client may know is an [`AppError`]; everything else is logged under a number.

use contract::AppError;
use store::StoreError;

/// A refusal the client is told, or a failure it is not told the details of.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    /// Told to the client as it is.
    #[error(transparent)]
    App(#[from] AppError),
    /// Logged; the client gets a number.
    #[error("store: {0}")]
    Store(#[from] StoreError),
    /// Logged; the client gets a number.
    #[error("{0}")]
    Other(String),
}

impl From<Fault> for AppError {
    fn from(fault: Fault) -> Self {
        let detail = match fault {
            Fault::App(error) => return error,
            Fault::Store(error) => format!("{error:?}"),
            Fault::Other(detail) => detail,
        };
        // A number that is easy to read aloud and to find in the log: a hash of what happened and how often it did.
        use std::hash::{BuildHasher, RandomState};
        let id = RandomState::new().hash_one(&detail) % 1_000_000_000;
        tracing::error!(error_id = id, detail, "a use case failed");
        Self::Internal { id }
    }
}
