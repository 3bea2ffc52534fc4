//! Double entry in integer cents.
