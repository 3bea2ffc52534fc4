//! The payment processor, as use cases see it. Card data never comes here: the resident types it on the processor's page.

use async_trait::async_trait;
use domain::calendar::Instant;
use domain::money::Cents;
use domain::payment::{Heard, RefundHeard, SavedMethod, SetupStatus};

pub mod hosted;
mod nobody;
pub mod signature;
pub mod stripe;

pub use hosted::Hosted;
pub use nobody::Nobody;
pub use stripe::Stripe;

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

/// A page on which a person saves a card or a bank account, without paying, that is to be opened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewSetup {
    /// Our number of it; the processor opens one page for it, however often it is asked.
    pub reference: String,
    /// Our key of the person, under which the processor keeps what they save together.
    pub customer: String,
    /// What the person reads on the processor's page.
    pub description: String,
    /// Where the processor sends the person when they are done, one way or another.
    pub return_url: String,
    /// The place of the setting up on our own pages, for a processor whose fields stand on a page of ours.
    pub own_page: String,
    /// Until when it may be used.
    pub expires_at: Instant,
}

/// What the processor says about a setup.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SetupReport {
    /// The processor's own key.
    pub setup: String,
    /// Our number of it.
    pub reference: String,
    /// How it stands.
    pub status: SetupStatus,
    /// What was saved, once it is.
    pub method: Option<SavedMethod>,
    /// Grows with every change at the processor.
    pub revision: i64,
}

/// A payment with what was saved, without the person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewCharge {
    /// Our number of the payment; the processor charges once for it, however often it is asked.
    pub reference: String,
    /// What to charge: [`SavedMethod::token`].
    pub token: String,
    /// Our key of the person who saved it.
    pub customer: String,
    /// How much.
    pub amount: Cents,
    /// What the person reads on their statement or receipt.
    pub description: String,
}

/// Money that is to be given back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewRefund {
    /// Our number of the refund; the processor gives back once for it, however often it is asked.
    pub reference: String,
    /// Our number of the payment.
    pub payment: String,
    /// The processor's own key of the payment.
    pub checkout: String,
    /// How much of it.
    pub amount: Cents,
    /// Why, for the processor's records.
    pub reason: String,
}

/// What the processor says about a refund.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefundReport {
    /// The processor's own key; empty where it refused to begin one.
    pub refund: String,
    /// Our number of it; empty where it was begun at the processor and not by us.
    pub reference: String,
    /// Our number of the payment; empty where only the processor's key of it is known.
    pub payment: String,
    /// The processor's own key of the payment.
    pub checkout: String,
    /// How much.
    pub amount: Cents,
    /// How it stands, and how new that is.
    pub heard: RefundHeard,
}

/// What a webhook or the list of changes says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Word {
    /// About a payment.
    Payment(Report),
    /// About a setup.
    Setup(SetupReport),
    /// About a refund.
    Refund(RefundReport),
    /// Something changed about this: it is to be asked.
    Look {
        /// What it is about.
        about: Subject,
        /// Our number, where the message names it.
        reference: Option<String>,
        /// The processor's own key.
        id: String,
    },
    /// Signed, and about nothing that concerns us.
    Nothing,
}

/// What a processor speaks about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Subject {
    /// A payment.
    Payment,
    /// A setup.
    Setup,
    /// A refund.
    Refund,
}

/// What a page of ours needs to show the processor's own fields on it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fields {
    /// The processor's script.
    pub script: String,
    /// The key that browsers may know.
    pub key: String,
    /// What lets this browser finish this payment or setup, and nothing else.
    pub client_secret: String,
    /// Origins that the script talks to.
    pub connect: Vec<String>,
    /// Origins whose frames it shows.
    pub frames: Vec<String>,
}

/// Some of what changed at the processor.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Changes {
    /// Oldest or newest first, as the processor likes; [`Heard::revision`] puts them in order.
    pub words: Vec<Word>,
    /// Where the rest begins; `None` where that was all.
    pub next: Option<String>,
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

/// A company that takes payments. Card data is typed on its page, or into its fields on a page of ours, and never comes here.
///
/// `reference` is our number, which the processor keeps; `id` is its own key, where it is known already: some find things by it
/// alone at once.
#[async_trait]
pub trait PaymentProvider: Send + Sync {
    /// Its name in our records.
    fn name(&self) -> &'static str;

    /// The header of a webhook that carries its signature.
    fn signature_header(&self) -> &'static str {
        signature::HEADER
    }

    /// The least that it takes at once.
    fn least(&self) -> Cents {
        Cents(1)
    }

    /// What a page of ours needs, where the processor has no page of its own; `None` where it has.
    ///
    /// # Errors
    /// [`ProviderError`].
    async fn fields(&self, _about: Subject, _id: &str) -> Result<Option<Fields>, ProviderError> {
        Ok(None)
    }

    /// Opens the checkout of a payment, or answers the one that is open already.
    ///
    /// # Errors
    /// [`ProviderError`]; after `Down` it may or may not exist, and asking again is safe.
    async fn create(&self, checkout: &NewCheckout) -> Result<Checkout, ProviderError>;

    /// How a payment stands, checkout or charge; `None` if there never was one.
    ///
    /// # Errors
    /// [`ProviderError`].
    async fn status(&self, reference: &str, id: Option<&str>) -> Result<Option<Report>, ProviderError>;

    /// Closes a checkout that nobody paid yet, so that nobody can; one that is being paid is left alone. Answers how it stands then.
    ///
    /// # Errors
    /// [`ProviderError`].
    async fn cancel(&self, reference: &str, id: Option<&str>) -> Result<Option<Report>, ProviderError>;

    /// Opens the page on which a person saves a card or a bank account, or answers the one that is open already.
    ///
    /// # Errors
    /// [`ProviderError`]; after `Down` it may or may not exist, and asking again is safe.
    async fn setup(&self, setup: &NewSetup) -> Result<Checkout, ProviderError>;

    /// How a setup stands; `None` if there never was one, or it is known by its key alone and that is not given.
    ///
    /// # Errors
    /// [`ProviderError`].
    async fn setup_status(&self, reference: &str, id: Option<&str>) -> Result<Option<SetupReport>, ProviderError>;

    /// Charges what was saved, without the person. What the bank says no to is a report like any other: `Declined`, with
    /// [`Decline::NeedsPerson`](domain::payment::Decline::NeedsPerson) where it wants the person to confirm, and
    /// [`Decline::MethodGone`](domain::payment::Decline::MethodGone) for what was forgotten.
    ///
    /// # Errors
    /// [`ProviderError`]; after `Down` it may or may not have been charged, and asking again is safe.
    async fn charge(&self, charge: &NewCharge) -> Result<Report, ProviderError>;

    /// Gives money back. Where more is asked than is left of the payment the answer is a refund that failed.
    ///
    /// # Errors
    /// [`ProviderError`]; after `Down` it may or may not have been given back, and asking again is safe.
    async fn refund(&self, refund: &NewRefund) -> Result<RefundReport, ProviderError>;

    /// How a refund stands; `None` if there never was one, or it is known by its key alone and that is not given.
    /// [`PaymentProvider::refund`] asks for it again.
    ///
    /// # Errors
    /// [`ProviderError`].
    async fn refund_status(&self, reference: &str, id: Option<&str>) -> Result<Option<RefundReport>, ProviderError>;

    /// Lets go of what was saved: it can never be charged again. What is gone already is no error.
    ///
    /// # Errors
    /// [`ProviderError`]; after `Down` asking again is safe.
    async fn forget(&self, token: &str) -> Result<(), ProviderError>;

    /// What changed since an instant, told or not: webhooks that were lost are found by it. `after` is [`Changes::next`] of the
    /// page before.
    ///
    /// # Errors
    /// [`ProviderError`].
    async fn changes(&self, since: Instant, after: Option<&str>) -> Result<Changes, ProviderError>;

    /// Checks a webhook's signature and reads its body.
    ///
    /// # Errors
    /// [`NotSigned`] where it is not to be believed.
    fn webhook(&self, signature: &str, body: &[u8], now: Instant) -> Result<Word, NotSigned>;
}
