//! Stripe: PaymentIntents, SetupIntents, refunds. Card data goes from the browser to Stripe, through fields of theirs on a page
//! of ours; here are keys of it only.
//!
//! Stripe's objects do not count their changes. A word's revision is the second of Stripe's own clock in which it was true
//! (the `Date` of an answer), so that a later answer wins. A webhook is believed to say that something happened, not what: the
//! object is asked for, because events come in any order.

use async_trait::async_trait;
use domain::calendar::Instant;
use domain::money::Cents;
use domain::payment::{Decline, Heard, RefundHeard, RefundStatus, Status};
use reqwest::StatusCode;
use secrecy::SecretString;
use serde_json::Value;

use super::{
    Changes, Checkout, Fields, NewCharge, NewCheckout, NewRefund, NewSetup, NotSigned, PaymentProvider, ProviderError,
    RefundReport, Report, SetupReport, Subject, Word, signature,
};

mod api;
mod objects;

use api::{Api, Params, Problem, Told};
use objects::{CHARGE, Charge, Dispute, Event, List, Method, PaymentIntent, REFERENCE, Refund, SetupIntent, seconds};

/// What an operator sets.
#[derive(Clone, Debug)]
pub struct StripeOptions {
    /// The API's origin: `https://api.stripe.com`.
    pub api: String,
    /// The address of Stripe's script for browsers: `https://js.stripe.com/v3/`.
    pub script: String,
    /// The origin that the script calls from browsers, as browsers know it: `https://api.stripe.com`.
    pub browser_api: String,
    /// Origins whose frames the script shows.
    pub frames: Vec<String>,
    /// `sk_…` or `rk_…`.
    pub secret_key: SecretString,
    /// `pk_…`, which browsers may know.
    pub publishable_key: String,
    /// `whsec_…`.
    pub webhook_secret: SecretString,
    /// What people may pay with: `card`, `us_bank_account`.
    pub methods: Vec<String>,
}

/// A connection to Stripe.
pub struct Stripe {
    api: Api,
    options: StripeOptions,
}

/// What is written into the address of the page of ours with Stripe's fields, after that of the payment or the setting up.
pub const PAGE: &str = "/card";

fn unreadable(what: &str) -> ProviderError {
    ProviderError::Refused(format!("{what} without our number"))
}

impl Stripe {
    /// # Errors
    /// If no HTTP client can be made.
    pub fn new(options: StripeOptions) -> Result<Self, ProviderError> {
        Ok(Self { api: Api::new(&options.api, options.secret_key.clone())?, options })
    }

    fn methods(&self) -> Params<'static> {
        let mut out: Params<'static> =
            self.options.methods.iter().map(|m| ("payment_method_types[]", m.clone())).collect();
        if self.options.methods.iter().any(|m| m == "us_bank_account") {
            // Not by two small deposits: those take days, and the person is gone.
            out.push(("payment_method_options[us_bank_account][verification_method]", "instant".into()));
        }
        out
    }

    async fn intent(&self, id: &str) -> Result<Option<Told<PaymentIntent>>, ProviderError> {
        let expand = ["latest_charge", "payment_method"].map(|e| ("expand[]", e.to_owned()));
        let told = self.api.get::<PaymentIntent>(&format!("payment_intents/{id}"), &expand.to_vec()).await;
        match told {
            // What cannot be expanded (there is no charge yet) is asked for as it is.
            Err(ProviderError::Refused(_)) => self.api.get(&format!("payment_intents/{id}"), &Vec::new()).await,
            other => other,
        }
    }

    /// The key of a PaymentIntent by our number. The index may be a minute behind.
    async fn search(&self, reference: &str) -> Result<Option<String>, ProviderError> {
        let query = format!("metadata['{REFERENCE}']:'{}'", reference.replace(['\\', '\''], ""));
        let found = self.api.get::<List<PaymentIntent>>("payment_intents/search", &vec![("query", query)]).await?;
        Ok(found.and_then(|list| list.object.data.into_iter().next()).map(|intent| intent.id))
    }

    /// A PaymentIntent by its key or, where that is not known, by our number.
    async fn find(&self, reference: &str, id: Option<&str>) -> Result<Option<Told<PaymentIntent>>, ProviderError> {
        let id = match id {
            Some(id) => Some(id.to_owned()),
            None => self.search(reference).await?,
        };
        match id {
            Some(id) => self.intent(&id).await,
            None => Ok(None),
        }
    }

    async fn report(&self, told: &Told<PaymentIntent>) -> Result<Report, ProviderError> {
        let returned = told.object.is_disputed() && self.is_lost(&told.object.id).await?;
        told.object.report(told.second, returned).ok_or_else(|| unreadable("a PaymentIntent"))
    }

    /// Whether the bank has its money back for good: a returned debit is at once, a card's dispute when it is decided.
    async fn is_lost(&self, intent: &str) -> Result<bool, ProviderError> {
        let of = vec![("payment_intent", intent.to_owned()), ("limit", "100".to_owned())];
        let disputes = self.api.get::<List<Dispute>>("disputes", &of).await?;
        Ok(disputes.is_some_and(|list| list.object.data.iter().any(|d| d.status == "lost")))
    }

    async fn cancel_intent(&self, id: &str) -> Result<Option<Told<PaymentIntent>>, ProviderError> {
        // What is being paid, or is over, cannot be cancelled; how it stands is asked for in either case.
        let answer = self.api.post::<Value>(&format!("payment_intents/{id}/cancel"), &Vec::new(), None).await?;
        if let Err(problem) = answer
            && problem.status != StatusCode::BAD_REQUEST
            && problem.status != StatusCode::NOT_FOUND
        {
            return Err(problem.into());
        }
        self.intent(id).await
    }

    /// Stripe's customer for our key of a person, made where there is none.
    async fn customer(&self, ours: &str) -> Result<String, ProviderError> {
        let query = format!("metadata['{REFERENCE}']:'{}'", ours.replace(['\\', '\''], ""));
        let found = self.api.get::<List<Value>>("customers/search", &vec![("query", query)]).await?;
        let key = |customer: &Value| customer.get("id").and_then(Value::as_str).map(str::to_owned);
        if let Some(id) = found.and_then(|list| list.object.data.first().and_then(key)) {
            return Ok(id);
        }
        let params = vec![("metadata[reference]", ours.to_owned())];
        let made = self.api.post::<Value>("customers", &params, Some(&format!("customer-{ours}"))).await??;
        key(&made.object).ok_or_else(|| ProviderError::Refused("a customer without a key".into()))
    }

    /// The PaymentIntent of a charge that failed at once.
    async fn failed_charge(&self, problem: &Problem) -> Result<Option<Told<PaymentIntent>>, ProviderError> {
        let id = match (&problem.payment_intent, &problem.charge) {
            (Some(intent), _) => intent.get("id").and_then(Value::as_str).map(str::to_owned),
            (None, Some(charge)) => {
                let charge = self.api.get::<Charge>(&format!("charges/{charge}"), &Vec::new()).await?;
                charge.and_then(|c| c.object.payment_intent).and_then(|intent| match intent {
                    objects::Expandable::Id(id) => Some(id),
                    objects::Expandable::Object(_) => None,
                })
            }
            (None, None) => None,
        };
        match id {
            Some(id) => self.intent(&id).await,
            None => Ok(None),
        }
    }

    /// A refund of a payment by our number.
    async fn find_refund(&self, checkout: &str, reference: &str) -> Result<Option<Told<Refund>>, ProviderError> {
        let of = vec![("payment_intent", checkout.to_owned()), ("limit", "100".to_owned())];
        let Some(list) = self.api.get::<List<Refund>>("refunds", &of).await? else { return Ok(None) };
        let second = list.second;
        let ours = |r: &Refund| r.metadata.get(REFERENCE).is_some_and(|n| n == reference);
        Ok(list.object.data.into_iter().find(ours).map(|object| Told { object, second }))
    }
}

/// What an event is about.
fn word(event: &Event) -> Word {
    let object = &event.data.object;
    let text = |pointer: &str| object.pointer(pointer).and_then(Value::as_str).map(str::to_owned);
    let (id, reference) = (text("/id"), text("/metadata/reference"));
    let look = |about, reference, id: Option<String>| id.map(|id| Word::Look { about, reference, id });
    let kind = event.kind.as_str();
    let word = if kind.starts_with("payment_intent.") {
        // Those without our number are of somebody else's shop.
        reference.and_then(|r| look(Subject::Payment, Some(r), id))
    } else if kind.starts_with("setup_intent.") {
        reference.and_then(|r| look(Subject::Setup, Some(r), id))
    } else if kind.starts_with("refund.") || kind == "charge.refund.updated" {
        look(Subject::Refund, reference, id)
    } else if kind.starts_with("charge.dispute.") {
        look(Subject::Payment, None, text("/payment_intent"))
    } else {
        None
    };
    word.unwrap_or(Word::Nothing)
}

#[async_trait]
impl PaymentProvider for Stripe {
    fn name(&self) -> &'static str {
        "stripe"
    }

    fn signature_header(&self) -> &'static str {
        "stripe-signature"
    }

    fn least(&self) -> Cents {
        Cents(50)
    }

    async fn fields(&self, about: Subject, id: &str) -> Result<Option<Fields>, ProviderError> {
        let client_secret = match about {
            Subject::Payment => self.intent(id).await?.and_then(|told| told.object.client_secret),
            Subject::Setup => {
                let told = self.api.get::<SetupIntent>(&format!("setup_intents/{id}"), &Vec::new()).await?;
                told.and_then(|told| told.object.client_secret)
            }
            Subject::Refund => None,
        };
        Ok(client_secret.map(|client_secret| Fields {
            script: self.options.script.clone(),
            key: self.options.publishable_key.clone(),
            client_secret,
            connect: vec![self.options.browser_api.clone()],
            frames: self.options.frames.clone(),
        }))
    }

    async fn create(&self, checkout: &NewCheckout) -> Result<Checkout, ProviderError> {
        let mut params = vec![
            ("amount", checkout.amount.0.to_string()),
            ("currency", "usd".to_owned()),
            ("metadata[reference]", checkout.reference.clone()),
            ("metadata[description]", checkout.description.clone()),
            ("metadata[expires_at]", seconds(checkout.expires_at)),
        ];
        params.extend(self.methods());
        let once = format!("checkout-{}", checkout.reference);
        let made = self.api.post::<PaymentIntent>("payment_intents", &params, Some(&once)).await??.object;
        if made.reference() != Some(checkout.reference.as_str()) || made.amount != checkout.amount.0 {
            return Err(ProviderError::Refused("another PaymentIntent came back".into()));
        }
        Ok(Checkout { id: made.id, url: format!("{}{PAGE}", checkout.return_url) })
    }

    async fn status(&self, reference: &str, id: Option<&str>) -> Result<Option<Report>, ProviderError> {
        let Some(mut told) = self.find(reference, id).await? else { return Ok(None) };
        if told.object.is_overdue(told.second) {
            let id = told.object.id.clone();
            told = self.cancel_intent(&id).await?.unwrap_or(told);
        }
        self.report(&told).await.map(Some)
    }

    async fn cancel(&self, reference: &str, id: Option<&str>) -> Result<Option<Report>, ProviderError> {
        let Some(told) = self.find(reference, id).await? else { return Ok(None) };
        let told = self.cancel_intent(&told.object.id).await?.unwrap_or(told);
        self.report(&told).await.map(Some)
    }

    async fn setup(&self, setup: &NewSetup) -> Result<Checkout, ProviderError> {
        let mut params = vec![
            ("customer", self.customer(&setup.customer).await?),
            ("usage", "off_session".to_owned()),
            ("metadata[reference]", setup.reference.clone()),
            ("metadata[description]", setup.description.clone()),
            ("metadata[expires_at]", seconds(setup.expires_at)),
        ];
        params.extend(self.methods());
        let once = format!("setup-{}", setup.reference);
        let made = self.api.post::<SetupIntent>("setup_intents", &params, Some(&once)).await??.object;
        if made.metadata.get(REFERENCE) != Some(&setup.reference) {
            return Err(ProviderError::Refused("another SetupIntent came back".into()));
        }
        Ok(Checkout { id: made.id, url: format!("{}{PAGE}", setup.own_page) })
    }

    async fn setup_status(&self, _reference: &str, id: Option<&str>) -> Result<Option<SetupReport>, ProviderError> {
        let Some(id) = id else { return Ok(None) };
        let (path, expand) = (format!("setup_intents/{id}"), vec![("expand[]", "payment_method".to_owned())]);
        let told = match self.api.get::<SetupIntent>(&path, &expand).await {
            Err(ProviderError::Refused(_)) => self.api.get(&path, &Vec::new()).await,
            other => other,
        };
        let Some(mut told) = told? else { return Ok(None) };
        if told.object.is_overdue(told.second) {
            let ended = self.api.post::<SetupIntent>(&format!("{path}/cancel"), &Vec::new(), None).await?;
            told = ended.unwrap_or(told);
        }
        told.object.report(told.second).map(Some).ok_or_else(|| unreadable("a SetupIntent"))
    }

    async fn charge(&self, charge: &NewCharge) -> Result<Report, ProviderError> {
        let gone = |second: i64| Report {
            checkout: String::new(),
            reference: charge.reference.clone(),
            amount: charge.amount,
            heard: Heard { status: Status::Declined, decline: Some(Decline::MethodGone), revision: second.max(1) },
            method: None,
            returned: false,
        };
        let Some((customer, method)) = charge.token.split_once('/') else { return Ok(gone(0)) };
        // The key below protects for a day; what was charged before that is found by our number.
        if let Some(before) = self.find(&charge.reference, None).await? {
            if before.object.amount != charge.amount.0 {
                return Err(ProviderError::Refused("this number was charged with another amount".into()));
            }
            return self.report(&before).await;
        }
        let mut params = vec![
            ("amount", charge.amount.0.to_string()),
            ("currency", "usd".to_owned()),
            ("customer", customer.to_owned()),
            ("payment_method", method.to_owned()),
            ("confirm", "true".to_owned()),
            ("off_session", "true".to_owned()),
            ("metadata[reference]", charge.reference.clone()),
            ("metadata[description]", charge.description.clone()),
            ("metadata[kind]", CHARGE.to_owned()),
        ];
        params.extend(self.methods());
        let once = format!("charge-{}", charge.reference);
        match self.api.post::<PaymentIntent>("payment_intents", &params, Some(&once)).await? {
            Ok(told) => {
                let told = self.intent(&told.object.id).await?.unwrap_or(told);
                self.report(&told).await
            }
            Err(problem) if problem.status == StatusCode::PAYMENT_REQUIRED => {
                let second = problem.second;
                let decline = problem.failure.decline();
                match self.failed_charge(&problem).await? {
                    Some(told) => {
                        let mut report = self.report(&told).await?;
                        report.heard.decline = report.heard.decline.and(Some(decline));
                        Ok(report)
                    }
                    None => {
                        Ok(Report { heard: Heard { decline: Some(decline), ..gone(second).heard }, ..gone(second) })
                    }
                }
            }
            Err(problem) if is_about_method(&problem) => Ok(gone(problem.second)),
            Err(problem) => Err(problem.into()),
        }
    }

    async fn refund(&self, refund: &NewRefund) -> Result<RefundReport, ProviderError> {
        // The key below protects for a day; what was given back before that is found by our number.
        if let Some(before) = self.find_refund(&refund.checkout, &refund.reference).await? {
            return Ok(before.object.report(before.second));
        }
        let params = vec![
            ("payment_intent", refund.checkout.clone()),
            ("amount", refund.amount.0.to_string()),
            ("metadata[reference]", refund.reference.clone()),
            ("metadata[payment]", refund.payment.clone()),
            ("metadata[reason]", refund.reason.clone()),
        ];
        let once = format!("refund-{}", refund.reference);
        match self.api.post::<Refund>("refunds", &params, Some(&once)).await? {
            Ok(told) => Ok(told.object.report(told.second)),
            // More than is left, or disputed.
            Err(problem) if matches!(problem.status, StatusCode::BAD_REQUEST | StatusCode::PAYMENT_REQUIRED) => {
                tracing::warn!(refund = refund.reference, why = problem.message, "Stripe gives nothing back");
                Ok(RefundReport {
                    refund: String::new(),
                    reference: refund.reference.clone(),
                    payment: refund.payment.clone(),
                    checkout: refund.checkout.clone(),
                    amount: refund.amount,
                    heard: RefundHeard { status: RefundStatus::Failed, revision: problem.second.max(1) },
                })
            }
            Err(problem) => Err(problem.into()),
        }
    }

    async fn refund_status(&self, _reference: &str, id: Option<&str>) -> Result<Option<RefundReport>, ProviderError> {
        let Some(id) = id else { return Ok(None) };
        let told = self.api.get::<Refund>(&format!("refunds/{id}"), &Vec::new()).await?;
        Ok(told.map(|told| told.object.report(told.second)))
    }

    async fn forget(&self, given: &str) -> Result<(), ProviderError> {
        let Some((_, method)) = given.split_once('/') else { return Ok(()) };
        let path = format!("payment_methods/{method}");
        match self.api.post::<Value>(&format!("{path}/detach"), &Vec::new(), None).await? {
            Ok(_) => Ok(()),
            Err(problem) if problem.status == StatusCode::NOT_FOUND => Ok(()),
            // Not attached to anyone: that is what was wanted.
            Err(problem) => match self.api.get::<Method>(&path, &Vec::new()).await? {
                Some(told) if told.object.customer.is_some() => Err(problem.into()),
                _ => Ok(()),
            },
        }
    }

    async fn changes(&self, since: Instant, after: Option<&str>) -> Result<Changes, ProviderError> {
        let mut params = vec![("created[gte]", seconds(since)), ("limit", "100".to_owned())];
        params.extend(after.map(|id| ("starting_after", id.to_owned())));
        let Some(list) = self.api.get::<List<Event>>("events", &params).await? else { return Ok(Changes::default()) };
        let next = list.object.data.last().filter(|_| list.object.has_more).map(|e| e.id.clone());
        let mut words: Vec<Word> = Vec::new();
        for word in list.object.data.iter().map(word) {
            if word != Word::Nothing && !words.contains(&word) {
                words.push(word);
            }
        }
        Ok(Changes { words, next })
    }

    fn webhook(&self, header: &str, body: &[u8], now: Instant) -> Result<Word, NotSigned> {
        signature::verify(&self.options.webhook_secret, header, body, now)?;
        let event: Event = serde_json::from_slice(body).map_err(|_| NotSigned::Unreadable)?;
        Ok(word(&event))
    }
}

/// Whether a charge was refused because what was saved is no longer there.
fn is_about_method(problem: &Problem) -> bool {
    let missing = problem.status == StatusCode::NOT_FOUND
        || problem.failure.code.as_deref().is_some_and(|c| c == "resource_missing" || c.starts_with("payment_method_"));
    let named = problem.param.as_deref().is_none_or(|p| p == "payment_method" || p == "customer");
    missing && named || problem.message.contains("detached from a Customer")
}
