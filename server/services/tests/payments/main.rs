//! Payments from the form to the books, with a processor in memory: tidy, in storms, and with the program stopping anywhere.

mod autopay;
mod autopay_terms;
#[expect(dead_code, reason = "the tests of server use the rest of it")]
mod fake;
mod form;
mod guest;
mod house;
mod later;
mod life;
mod refunds;
mod requests;
mod saved;
mod storm;
