//! Payments from the form to the books, with a processor in memory: tidy, in storms, and with the program stopping anywhere.

mod fake;
mod guest;
mod life;
mod requests;
mod storm;
