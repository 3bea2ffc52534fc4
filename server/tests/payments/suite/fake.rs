//! The processor in memory, on its stage.

use async_trait::async_trait;
use chrono::{DateTime, TimeDelta};
use domain::calendar::Instant;
use domain::payment::{Decline, Expiry, Heard, MethodKind, RefundStatus, SavedMethod, SetupStatus, Status};
use services::adapters::payment::hosted::{CheckoutMessage, WordMessage};
use services::adapters::payment::{Checkout, PaymentProvider, Word, signature};

use super::{Stage, With};
use crate::fake::{Fake, SECRET};

pub struct InMemory(Fake);

pub async fn stage() -> InMemory {
    InMemory(Fake::default())
}

fn number(opened: &Checkout) -> &str {
    opened.id.split_once('_').map_or("", |(_, number)| number)
}

#[async_trait]
impl Stage for InMemory {
    fn provider(&self) -> &dyn PaymentProvider {
        &self.0
    }

    fn now(&self) -> Instant {
        DateTime::from_timestamp(1_780_000_000, 0).expect("in range")
    }

    async fn pay(&self, opened: &Checkout, with: With) {
        let number = number(opened);
        let revision = self.0.books().checkouts[number].heard.revision + 1;
        let (status, decline) = match with {
            With::Good | With::RefusedLater | With::Confirmed => (Status::Succeeded, None),
            With::Refused | With::Unconfirmed => (Status::Declined, Some(Decline::ByBank)),
            With::Bank | With::BadBank | With::ReturningBank => (Status::Pending, None),
        };
        self.0.set(number, Heard { status, decline, revision });
        self.0.books().will.insert(number.to_owned(), with == With::BadBank);
        if with == With::ReturningBank {
            self.0.books().will_return.push(number.to_owned());
        }
    }

    async fn save(&self, opened: &Checkout, with: With) {
        let number = number(opened);
        if with == With::Refused {
            return self.0.end_setup(number, SetupStatus::Declined);
        }
        let bank = matches!(with, With::Bank | With::BadBank | With::ReturningBank);
        let (kind, label) =
            if bank { (MethodKind::Bank, "Bank account ending 6789") } else { (MethodKind::Card, "Visa ending 4242") };
        let token = format!("pm_{number}");
        let expires = if bank { None } else { Expiry::new(2030, 12) };
        self.0.save(number, SavedMethod { token: token.clone(), kind, label: label.into(), expires });
        match with {
            With::RefusedLater => self.0.charges_end(&token, Status::Declined, Some(Decline::ByBank)),
            With::Confirmed => self.0.charges_end(&token, Status::Declined, Some(Decline::NeedsPerson)),
            _ => {}
        }
    }

    async fn days_pass(&self) {
        let (settling, returning, refunds) = {
            let mut books = self.0.books();
            let pending = |n: &String| books.checkouts[n].heard.status == Status::Pending;
            let settling: Vec<(String, bool)> =
                books.will.iter().filter(|(n, _)| pending(n)).map(|(n, bad)| (n.clone(), *bad)).collect();
            let taken = |n: &String| books.checkouts[n].heard.status == Status::Succeeded;
            let returning: Vec<String> = books.will_return.iter().filter(|n| taken(n)).cloned().collect();
            books.will_return.retain(|n| !returning.contains(n));
            let refunds: Vec<String> = books
                .refunds
                .iter()
                .filter(|(_, r)| r.heard.status == RefundStatus::Pending)
                .map(|(n, _)| n.clone())
                .collect();
            (settling, returning, refunds)
        };
        for (number, bad) in settling {
            let revision = self.0.books().checkouts[&number].heard.revision + 1;
            let (status, decline) =
                if bad { (Status::Declined, Some(Decline::BankAccount)) } else { (Status::Succeeded, None) };
            self.0.set(&number, Heard { status, decline, revision });
        }
        for number in returning {
            self.0.send_back(&number);
        }
        for number in refunds {
            self.0.set_refund(&number, RefundStatus::Succeeded);
        }
    }

    async fn message(&self, reference: &str) -> (String, Vec<u8>) {
        let about = |w: &&Word| matches!(w, Word::Payment(r) if r.reference == reference);
        let Some(Word::Payment(r)) = self.0.books().told.iter().rev().find(about).cloned() else {
            panic!("nothing was told about {reference}")
        };
        let message = WordMessage::Payment(CheckoutMessage {
            id: r.checkout,
            reference: r.reference,
            amount: r.amount.0,
            status: r.heard.status,
            decline: r.heard.decline,
            revision: r.heard.revision,
            method: r.method,
            returned: r.returned,
            url: String::new(),
        });
        let body = serde_json::to_vec(&message).expect("a message");
        let at = self.now() - TimeDelta::seconds(1);
        (signature::sign(&SECRET.to_owned().into(), at, &body), body)
    }
}
