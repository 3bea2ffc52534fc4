//! How mail leaves the house.

use async_trait::async_trait;
use lettre::message::Mailbox;
use lettre::message::header::ContentType;
use lettre::{AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor};
use secrecy::{ExposeSecret, SecretString};
use store::work::MailRow;

/// Takes a written mail away.
#[async_trait]
pub trait MailTransport: Send + Sync {
    /// Sends it. May be called again for a mail whose first sending was not heard of.
    ///
    /// # Errors
    /// [`MailError`] says whether another try makes sense.
    async fn send(&self, mail: &MailRow) -> Result<(), MailError>;
}

/// Why a mail did not leave.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MailError {
    /// The server does not answer or is busy; try again.
    #[error("mail server: {0}")]
    Later(String),
    /// It will never be taken (an address that does not exist).
    #[error("mail refused: {0}")]
    Never(String),
}

/// Mail stays in its table, where the outbox page of the demo shows it.
#[derive(Clone, Copy, Debug, Default)]
pub struct Outbox;

#[async_trait]
impl MailTransport for Outbox {
    async fn send(&self, _mail: &MailRow) -> Result<(), MailError> {
        Ok(())
    }
}

/// An SMTP server.
pub struct Smtp {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    from: Mailbox,
}

impl Smtp {
    /// `url` is `smtps://USER:PASSWORD@HOST:PORT` (or `smtp://…?tls=required`); `from` is `Name <address>`.
    ///
    /// # Errors
    /// If either cannot be read.
    pub fn new(url: &SecretString, from: &str) -> Result<Self, MailError> {
        let transport = AsyncSmtpTransport::<Tokio1Executor>::from_url(url.expose_secret())
            .map_err(|e| MailError::Never(e.to_string()))?
            .build();
        let from = from.parse().map_err(|e: lettre::address::AddressError| MailError::Never(e.to_string()))?;
        Ok(Self { transport, from })
    }

    /// The message as it goes over the wire. Its id is made from the row, so that a mail sent twice is recognised.
    fn message(&self, mail: &MailRow) -> Result<Message, MailError> {
        let never = |e: &dyn std::fmt::Display| MailError::Never(e.to_string());
        Message::builder()
            .from(self.from.clone())
            .to(mail.recipient.parse().map_err(|e: lettre::address::AddressError| never(&e))?)
            .subject(&mail.subject)
            .message_id(Some(format!("<mail-{}@{}>", mail.id, self.from.email.domain())))
            .date(mail.created_at.into())
            .header(ContentType::TEXT_PLAIN)
            .body(mail.body.clone())
            .map_err(|e| never(&e))
    }
}

#[async_trait]
impl MailTransport for Smtp {
    async fn send(&self, mail: &MailRow) -> Result<(), MailError> {
        let message = self.message(mail)?;
        match self.transport.send(message).await {
            Ok(_) => Ok(()),
            Err(e) if e.is_permanent() => Err(MailError::Never(e.to_string())),
            Err(e) => Err(MailError::Later(e.to_string())),
        }
    }
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;

    use super::*;

    #[test]
    fn a_mail_is_plain_text_with_an_id_of_its_own() {
        let smtp =
            Smtp::new(&"smtp://127.0.0.1:2525".to_owned().into(), "Alder Bay <bills@example.org>").expect("readable");
        let row = MailRow {
            id: 17,
            recipient: "maria@example.com".into(),
            subject: "Your bill is ready".into(),
            body: "It is $84.50.\n".into(),
            created_at: DateTime::from_timestamp(1_780_000_000, 0).expect("in range"),
            sent_at: None,
        };
        let text = String::from_utf8(smtp.message(&row).expect("a message").formatted()).expect("ASCII");
        assert!(text.contains("Message-ID: <mail-17@example.org>"), "{text}");
        assert!(text.contains("Subject: Your bill is ready"));
        assert!(text.contains("Content-Type: text/plain; charset=utf-8"));
        assert!(matches!(smtp.message(&MailRow { recipient: "nobody".into(), ..row }), Err(MailError::Never(_))));
    }
}
