//! From determinants to a bill and its explanation.
