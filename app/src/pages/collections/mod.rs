//! What follows when a bill is hard to pay, or uneven: paying in parts, and budget billing.

mod arrangement;
mod attention;
mod budget;

pub use arrangement::Arrangement;
pub use attention::Attentions;
pub use budget::Budget;
