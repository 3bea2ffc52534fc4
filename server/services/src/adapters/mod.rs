//! What lies outside: the payment processor and the post. Use cases know their traits only.

use std::sync::Arc;

pub mod mail;
pub mod payment;

pub use mail::MailTransport;
pub use payment::PaymentProvider;

/// The services outside that use cases call. Cheap to clone.
#[derive(Clone)]
pub struct Outside {
    /// Takes payments.
    pub payments: Arc<dyn PaymentProvider>,
    /// Takes mail away.
    pub mail: Arc<dyn MailTransport>,
}

impl Default for Outside {
    /// No processor (every call answers that it is down), and mail that stays in the outbox.
    fn default() -> Self {
        Self { payments: Arc::new(payment::Nobody), mail: Arc::new(mail::Outbox) }
    }
}
