//! The payment processor, as use cases see it. Card data never comes here: the resident types it on the processor's page.

use async_trait::async_trait;
use domain::calendar::Instant;
use domain::money::Cents;
use domain::payment::Heard;

pub mod hosted;
pub mod signature;

pub use hosted::Hosted;

/// A checkout that is to be opened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewCheckout {
    /// Our number of the payment; the processor opens one checkout for it, however often it is asked.
    pub reference: String,
    /// How much.
    pub amount: Cents,
    /// What the person reads on the processor's page.
    pub description: String,
    /// Where the processor sends the person when they are done, one way or another.
    pub return_url: String,
    /// Until when it may be paid.
    pub expires_at: Instant,
}

/// An open checkout.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checkout {
    /// The processor's own key.
    pub id: String,
    /// The page on the processor's origin.
    pub url: String,
}

/// What the processor says about a checkout, by webhook or when asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// The processor's own key.
    pub checkout: String,
    /// Our number of the payment.
    pub reference: String,
    /// How much it is about.
    pub amount: Cents,
    /// How it stands, and how new that is.
    pub heard: Heard,
    /// What was paid with, as people know it: `Visa ending 4242`.
    pub method: Option<String>,
    /// Whether the bank has sent the money back after it was taken. Never taken back itself.
    pub returned: bool,
}

/// Why the processor was of no help.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ProviderError {
    /// It does not answer, or says that it cannot now; nothing is known about what it did.
    #[error("the payment processor is down: {0}")]
    Down(String),
    /// It answered something that makes no sense: a defect on either side.
    #[error("the payment processor answered: {0}")]
    Refused(String),
}

/// Why a webhook is not believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotSigned {
    /// No signature, or one that does not fit.
    #[error("the signature does not fit")]
    Forged,
    /// Signed too long ago, or in the future.
    #[error("the signature is too old")]
    Stale,
    /// Signed, but not to be understood.
    #[error("the message cannot be read")]
    Unreadable,
}

/// A company that takes payments on a page of its own.
#[async_trait]
pub trait PaymentProvider: Send + Sync {
    /// Its name in our records.
    fn name(&self) -> &'static str;

    /// Opens the checkout of a payment, or answers the one that is open already.
    ///
    /// # Errors
    /// [`ProviderError`]; after `Down` it may or may not exist, and asking again is safe.
    async fn create(&self, checkout: &NewCheckout) -> Result<Checkout, ProviderError>;

    /// How the checkout of a payment stands; `None` if there never was one.
    ///
    /// # Errors
    /// [`ProviderError`].
    async fn status(&self, reference: &str) -> Result<Option<Report>, ProviderError>;

    /// Closes a checkout that nobody paid yet, so that nobody can; one that is being paid is left alone. Answers how it stands then.
    ///
    /// # Errors
    /// [`ProviderError`].
    async fn cancel(&self, reference: &str) -> Result<Option<Report>, ProviderError>;

    /// Checks a webhook's signature header and reads its body.
    ///
    /// # Errors
    /// [`NotSigned`] where it is not to be believed.
    fn webhook(&self, signature: &str, body: &[u8], now: Instant) -> Result<Report, NotSigned>;
}

/// Where no processor is configured: every call answers that it is down.
#[derive(Clone, Copy, Debug, Default)]
pub struct Nobody;

#[async_trait]
impl PaymentProvider for Nobody {
    fn name(&self) -> &'static str {
        "none"
    }

    async fn create(&self, _checkout: &NewCheckout) -> Result<Checkout, ProviderError> {
        Err(ProviderError::Down("none is configured".into()))
    }

    async fn status(&self, _reference: &str) -> Result<Option<Report>, ProviderError> {
        Err(ProviderError::Down("none is configured".into()))
    }

    async fn cancel(&self, _reference: &str) -> Result<Option<Report>, ProviderError> {
        Err(ProviderError::Down("none is configured".into()))
    }

    fn webhook(&self, _signature: &str, _body: &[u8], _now: Instant) -> Result<Report, NotSigned> {
        Err(NotSigned::Forged)
    }
}
