//! One module a page.

pub mod home;
pub mod start;
