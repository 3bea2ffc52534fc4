//! Metering, tariffs, billing and ledger rules. Nothing here reads a clock, a file, a database or a random source; all of
//! it compiles to WebAssembly, so that the browser and the server decide alike.

pub mod access;
pub mod alert;
pub mod billing;
pub mod calendar;
pub mod contact;
pub mod data_set;
pub mod ids;
pub mod ledger;
pub mod metering;
pub mod money;
pub mod payment;
pub mod quantity;
pub mod request;
pub mod tariff;
