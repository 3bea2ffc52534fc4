//! Telling the merchant, signed, until they have heard it.

use chrono::TimeDelta;
use services::adapters::payment::signature;

use super::Sandbox;

/// After how many tries a merchant is no longer told.
const TRIES: i64 = 16;

impl Sandbox {
    /// Delivers what is due. A delivery that fails is tried again later.
    pub(super) async fn deliver_due(&self) -> anyhow::Result<u32> {
        let inner = &self.0;
        let (store, options) = (&inner.store, &inner.options);
        let mut delivered = 0;
        for event in store.due(options.clock.now()).await? {
            let now = options.clock.now();
            let signature = signature::sign(&options.webhook_secret, now, event.body.as_bytes());
            let mut request = inner
                .client
                .post(&options.webhook_url)
                .header(signature::HEADER, signature)
                .header(reqwest::header::CONTENT_TYPE, "application/json")
                .body(event.body);
            if let Some(host) = &options.webhook_host {
                request = request.header(reqwest::header::HOST, host);
            }
            let taken = match request.send().await {
                Ok(answer) if answer.status().is_success() => true,
                Ok(answer) => {
                    tracing::warn!(status = %answer.status(), "the portal did not take a webhook");
                    false
                }
                Err(error) => {
                    tracing::warn!(%error, "the portal could not be reached for a webhook");
                    false
                }
            };
            if taken || event.attempts + 1 >= TRIES {
                store.delivered(event.id, now).await?;
                delivered += u32::from(taken);
            } else {
                let doublings = u32::try_from(event.attempts.clamp(0, 11)).unwrap_or(0);
                store.postponed(event.id, now + TimeDelta::seconds(1_i64 << doublings)).await?;
            }
        }
        Ok(delivered)
    }
}
