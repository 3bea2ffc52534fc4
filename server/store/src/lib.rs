//! The only SQL of the project. One text serves SQLite and PostgreSQL wherever they agree; see [`db`].

pub mod accounts;
pub mod arrangements;
pub mod attachments;
pub mod audit;
pub mod batch;
pub mod bench;
pub mod bills;
pub mod collections;
pub mod credits;
pub mod data_sets;
pub mod db;
pub mod deposits;
pub mod error;
pub mod exceptions;
#[cfg(feature = "testing")]
pub mod fixtures;
pub mod history;
pub mod holds;
pub mod import;
pub mod ingest;
pub mod keys;
pub mod ledger;
pub mod links;
pub mod markers;
pub mod meters;
pub mod payments;
pub mod people;
pub mod permissions;
pub mod printing;
pub mod refunds;
pub mod requests;
pub mod review;
pub mod sessions;
pub mod staff;
pub mod tariff_proposals;
pub mod tariffs;
#[cfg(feature = "testing")]
pub mod testing;
pub mod usage;
pub mod view_as;
pub mod weather;
pub mod work;

pub use db::{Pool, Sql, Tx};
pub use error::StoreError;
