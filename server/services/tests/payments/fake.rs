//! A processor in memory.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard};

use async_trait::async_trait;
use domain::calendar::Instant;
use domain::money::Cents;
use domain::payment::{Decline, Heard, RefundHeard, RefundStatus, Refundable, SavedMethod, SetupStatus, Status};
use services::adapters::payment::hosted::WordMessage;
use services::adapters::payment::{
    Changes, Checkout, Fields, NewCharge, NewCheckout, NewRefund, NewSetup, NotSigned, PaymentProvider, ProviderError,
    RefundReport, Report, SetupReport, Subject, Word, signature,
};

/// The secret that its webhooks are signed with.
pub const SECRET: &str = "whsec_fake";

/// What the processor knows of a checkout or charge.
#[derive(Clone, Debug)]
pub struct Known {
    pub amount: Cents,
    pub heard: Heard,
    pub returned: bool,
}

/// What the processor knows of what was saved.
#[derive(Clone, Debug)]
pub struct Kept {
    pub customer: String,
    /// What becomes of a charge.
    pub fate: Heard,
    pub forgotten: bool,
}

/// What it knows.
#[derive(Default)]
pub struct Books {
    pub checkouts: HashMap<String, Known>,
    /// With the customer.
    pub setups: HashMap<String, (String, SetupReport)>,
    pub methods: HashMap<String, Kept>,
    pub refunds: HashMap<String, RefundReport>,
    /// Payments by bank: whether the account cannot be debited.
    pub will: HashMap<String, bool>,
    /// Payments that the bank will send back.
    pub will_return: Vec<String>,
    /// Everything that changed, oldest first.
    pub told: Vec<Word>,
}

/// The processor.
#[derive(Default)]
pub struct Fake {
    pub books: Mutex<Books>,
    pub down: Mutex<bool>,
    /// Whether it has fields for a page of ours instead of pages of its own.
    pub has_fields: Mutex<bool>,
    /// The least that it takes at once.
    pub least: Mutex<Cents>,
    /// Whether it takes no refunds, such as with a key that may not.
    pub refuses: Mutex<bool>,
}

impl Fake {
    pub fn books(&self) -> MutexGuard<'_, Books> {
        self.books.lock().expect("no panic")
    }

    /// Something happens to a payment.
    pub fn set(&self, reference: &str, heard: Heard) {
        let mut books = self.books();
        books.checkouts.get_mut(reference).expect("it was opened").heard = heard;
        books.tell(reference);
    }

    /// The bank sends the money back.
    pub fn send_back(&self, reference: &str) {
        let mut books = self.books();
        books.checkouts.get_mut(reference).expect("it was opened").returned = true;
        books.tell(reference);
    }

    /// The person saves something on the page of a setup.
    pub fn save(&self, reference: &str, method: SavedMethod) {
        let mut books = self.books();
        let (customer, report) = books.setups.get_mut(reference).expect("it was opened");
        report.revision += 1;
        report.status = SetupStatus::Saved;
        report.method = Some(method.clone());
        let (customer, word) = (customer.clone(), Word::Setup(report.clone()));
        books.told.push(word);
        let fate = word_of(Status::Succeeded);
        books.methods.insert(method.token, Kept { customer, fate, forgotten: false });
    }

    /// The person comes to another end on the page of a setup.
    pub fn end_setup(&self, reference: &str, status: SetupStatus) {
        let mut books = self.books();
        let (_, report) = books.setups.get_mut(reference).expect("it was opened");
        report.revision += 1;
        report.status = status;
        let word = Word::Setup(report.clone());
        books.told.push(word);
    }

    /// What becomes of charges to a token from now on.
    pub fn charges_end(&self, token: &str, status: Status, decline: Option<Decline>) {
        let fate = Heard { status, decline, revision: 2 };
        self.books().methods.get_mut(token).expect("it was saved").fate = fate;
    }

    /// Something happens to a refund.
    pub fn set_refund(&self, reference: &str, status: RefundStatus) -> RefundReport {
        let mut books = self.books();
        let report = books.refunds.get_mut(reference).expect("it was asked for");
        report.heard = RefundHeard { status, revision: report.heard.revision + 1 };
        let report = report.clone();
        books.told.push(Word::Refund(report.clone()));
        report
    }

    pub fn count(&self) -> usize {
        self.books().checkouts.len()
    }

    fn up(&self) -> Result<(), ProviderError> {
        if *self.down.lock().expect("no panic") { Err(ProviderError::Down("asleep".into())) } else { Ok(()) }
    }
}

impl Books {
    fn report(&self, reference: &str) -> Option<Report> {
        let known = self.checkouts.get(reference)?;
        Some(Report { returned: known.returned, ..report(reference, known.amount, known.heard) })
    }

    fn tell(&mut self, reference: &str) {
        let word = self.report(reference).map(Word::Payment);
        self.told.extend(word);
    }
}

/// A report as the processor would make it.
pub fn report(reference: &str, amount: Cents, heard: Heard) -> Report {
    Report {
        checkout: format!("co_{reference}"),
        reference: reference.to_owned(),
        amount,
        heard,
        method: Some("Visa ending 4242".into()),
        returned: false,
    }
}

/// A word.
pub fn word(status: Status, revision: i64) -> Heard {
    Heard { status, decline: None, revision }
}

fn word_of(status: Status) -> Heard {
    word(status, 2)
}

#[async_trait]
impl PaymentProvider for Fake {
    fn name(&self) -> &'static str {
        "fake"
    }

    fn least(&self) -> Cents {
        *self.least.lock().expect("no panic")
    }

    async fn fields(&self, about: Subject, id: &str) -> Result<Option<Fields>, ProviderError> {
        self.up()?;
        Ok(self.has_fields.lock().expect("no panic").then(|| Fields {
            script: "https://js.test/".to_owned(),
            key: "pk_fake".to_owned(),
            client_secret: format!("{about:?} {id}"),
            connect: Vec::new(),
            frames: Vec::new(),
        }))
    }

    async fn create(&self, new: &NewCheckout) -> Result<Checkout, ProviderError> {
        self.up()?;
        // Somewhere between being asked and answering.
        tokio::task::yield_now().await;
        let known = Known { amount: new.amount, heard: word(Status::Created, 1), returned: false };
        self.books().checkouts.entry(new.reference.clone()).or_insert(known);
        tokio::task::yield_now().await;
        Ok(Checkout { id: format!("co_{}", new.reference), url: format!("http://pay.test/{}", new.reference) })
    }

    async fn status(&self, reference: &str, _id: Option<&str>) -> Result<Option<Report>, ProviderError> {
        self.up()?;
        tokio::task::yield_now().await;
        Ok(self.books().report(reference))
    }

    async fn cancel(&self, reference: &str, _id: Option<&str>) -> Result<Option<Report>, ProviderError> {
        self.up()?;
        let mut books = self.books();
        if let Some(known) = books.checkouts.get_mut(reference)
            && matches!(known.heard.status, Status::Created | Status::Declined)
        {
            known.heard = word(Status::Cancelled, known.heard.revision + 1);
            books.tell(reference);
        }
        Ok(books.report(reference))
    }

    async fn setup(&self, new: &NewSetup) -> Result<Checkout, ProviderError> {
        self.up()?;
        tokio::task::yield_now().await;
        let report = SetupReport {
            setup: format!("su_{}", new.reference),
            reference: new.reference.clone(),
            status: SetupStatus::Open,
            method: None,
            revision: 1,
        };
        self.books().setups.entry(new.reference.clone()).or_insert((new.customer.clone(), report));
        tokio::task::yield_now().await;
        Ok(Checkout { id: format!("su_{}", new.reference), url: format!("http://pay.test/save/{}", new.reference) })
    }

    async fn setup_status(&self, reference: &str, _id: Option<&str>) -> Result<Option<SetupReport>, ProviderError> {
        self.up()?;
        tokio::task::yield_now().await;
        Ok(self.books().setups.get(reference).map(|(_, report)| report.clone()))
    }

    async fn charge(&self, new: &NewCharge) -> Result<Report, ProviderError> {
        self.up()?;
        tokio::task::yield_now().await;
        let report = {
            let mut books = self.books();
            if !books.checkouts.contains_key(&new.reference) {
                let method = books.methods.get(&new.token).filter(|m| !m.forgotten && m.customer == new.customer);
                let gone = Heard { status: Status::Declined, decline: Some(Decline::MethodGone), revision: 2 };
                let heard = method.map_or(gone, |m| m.fate);
                let known = Known { amount: new.amount, heard, returned: false };
                books.checkouts.insert(new.reference.clone(), known);
                books.tell(&new.reference);
            }
            books.report(&new.reference).filter(|r| r.amount == new.amount)
        };
        tokio::task::yield_now().await;
        report.ok_or_else(|| ProviderError::Refused("another amount".into()))
    }

    async fn refund(&self, new: &NewRefund) -> Result<RefundReport, ProviderError> {
        self.up()?;
        tokio::task::yield_now().await;
        if *self.refuses.lock().expect("no panic") {
            return Err(ProviderError::Refused("401: no such key".into()));
        }
        let report = {
            let mut books = self.books();
            let Some(paid) = books.checkouts.get(&new.payment).cloned() else {
                return Err(ProviderError::Refused("no such payment".into()));
            };
            if !books.refunds.contains_key(&new.reference) {
                let before = books.refunds.values().filter(|r| r.payment == new.payment);
                let left = Refundable::new(
                    paid.amount,
                    paid.heard.status,
                    paid.returned,
                    before.map(|r| (r.amount, r.heard.status)),
                );
                let allowed = left.check(new.amount).is_ok();
                let status = if allowed { RefundStatus::Pending } else { RefundStatus::Failed };
                let report = RefundReport {
                    refund: format!("re_{}", new.reference),
                    reference: new.reference.clone(),
                    payment: new.payment.clone(),
                    checkout: format!("co_{}", new.payment),
                    amount: new.amount,
                    heard: RefundHeard { status, revision: 1 },
                };
                books.refunds.insert(new.reference.clone(), report.clone());
                books.told.push(Word::Refund(report));
            }
            books.refunds.get(&new.reference).filter(|r| r.amount == new.amount && r.payment == new.payment).cloned()
        };
        tokio::task::yield_now().await;
        report.ok_or_else(|| ProviderError::Refused("another refund".into()))
    }

    async fn refund_status(&self, reference: &str, _id: Option<&str>) -> Result<Option<RefundReport>, ProviderError> {
        self.up()?;
        tokio::task::yield_now().await;
        Ok(self.books().refunds.get(reference).cloned())
    }

    async fn forget(&self, token: &str) -> Result<(), ProviderError> {
        self.up()?;
        if let Some(kept) = self.books().methods.get_mut(token) {
            kept.forgotten = true;
        }
        Ok(())
    }

    /// All that ever changed, two at a time: it has no clock.
    async fn changes(&self, _since: Instant, after: Option<&str>) -> Result<Changes, ProviderError> {
        self.up()?;
        tokio::task::yield_now().await;
        let from: usize = after.map_or(Ok(0), str::parse).map_err(|_| ProviderError::Refused("no page".into()))?;
        let books = self.books();
        let words: Vec<Word> = books.told.iter().skip(from).take(2).cloned().collect();
        let next = (from + words.len() < books.told.len()).then(|| (from + words.len()).to_string());
        Ok(Changes { words, next })
    }

    fn webhook(&self, header: &str, body: &[u8], now: Instant) -> Result<Word, NotSigned> {
        signature::verify(&SECRET.to_owned().into(), header, body, now)?;
        serde_json::from_slice::<WordMessage>(body).map(Word::from).map_err(|_| NotSigned::Unreadable)
    }
}
