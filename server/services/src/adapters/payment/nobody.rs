//! Where no processor is configured: every call answers that it is down.

use async_trait::async_trait;
use domain::calendar::Instant;

use super::{
    Changes, Checkout, NewCharge, NewCheckout, NewRefund, NewSetup, NotSigned, PaymentProvider, ProviderError,
    RefundReport, Report, SetupReport, Word,
};

/// No processor.
#[derive(Clone, Copy, Debug, Default)]
pub struct Nobody;

fn none<T>() -> Result<T, ProviderError> {
    Err(ProviderError::Down("none is configured".into()))
}

#[async_trait]
impl PaymentProvider for Nobody {
    fn name(&self) -> &'static str {
        "none"
    }

    async fn create(&self, _checkout: &NewCheckout) -> Result<Checkout, ProviderError> {
        none()
    }

    async fn status(&self, _reference: &str, _id: Option<&str>) -> Result<Option<Report>, ProviderError> {
        none()
    }

    async fn cancel(&self, _reference: &str, _id: Option<&str>) -> Result<Option<Report>, ProviderError> {
        none()
    }

    async fn setup(&self, _setup: &NewSetup) -> Result<Checkout, ProviderError> {
        none()
    }

    async fn setup_status(&self, _reference: &str, _id: Option<&str>) -> Result<Option<SetupReport>, ProviderError> {
        none()
    }

    async fn charge(&self, _charge: &NewCharge) -> Result<Report, ProviderError> {
        none()
    }

    async fn refund(&self, _refund: &NewRefund) -> Result<RefundReport, ProviderError> {
        none()
    }

    async fn refund_status(&self, _reference: &str, _id: Option<&str>) -> Result<Option<RefundReport>, ProviderError> {
        none()
    }

    async fn forget(&self, _token: &str) -> Result<(), ProviderError> {
        none()
    }

    async fn changes(&self, _since: Instant, _after: Option<&str>) -> Result<Changes, ProviderError> {
        none()
    }

    fn webhook(&self, _signature: &str, _body: &[u8], _now: Instant) -> Result<Word, NotSigned> {
        Err(NotSigned::Forged)
    }
}
