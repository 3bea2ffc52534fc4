//! A resident with a bill to pay, a clock that stands still, and the processor in memory.

use std::sync::Arc;

use chrono::{DateTime, NaiveDate};
use domain::access::AccountRole;
use domain::contact::Email;
use domain::ids::{AccountId, PersonId, SessionId};
use domain::ledger::{Book, Journal, JournalKind, credit, debit};
use domain::money::Cents;
use domain::quantity::ServiceKind;
use services::adapters::Outside;
use services::clock::Entropy;
use services::payments::Go;
use services::{Cx, Fault, FixedClock, Principal, Settings, payments};
use store::Pool;
use store::accounts::NewAccount;
use store::people::{NewPerson, PersonKind};

use crate::fake::Fake;

/// A resident with a bill to pay.
pub struct House {
    pub cx: Cx,
    pub clock: Arc<FixedClock>,
    pub fake: Arc<Fake>,
    pub account: AccountId,
    pub person: PersonId,
    pub who: Principal,
}

/// The account's number.
pub const NUMBER: &str = "1000-0001";

/// What is owed at first.
pub const OWED: Cents = Cents(8_450);

pub async fn house(pool: Pool) -> House {
    let clock = Arc::new(FixedClock::at(DateTime::from_timestamp(1_780_000_000, 0).expect("in range")));
    let fake = Arc::new(Fake::default());
    let outside = Outside { payments: fake.clone(), ..Outside::default() };
    let settings = Settings { outbox_page: true, ..Settings::default() };
    let cx =
        Cx { pool, clock: clock.clone(), entropy: Arc::new(Entropy::seeded(7)), settings: Arc::new(settings), outside };
    let now = DateTime::from_timestamp(1_770_000_000, 0).expect("in range");
    let mut tx = cx.pool.write().await.expect("a transaction");
    let email = Email::try_from("maria@example.com".to_owned()).expect("an address");
    let new = NewPerson {
        kind: PersonKind::Resident,
        given_name: "Maria",
        family_name: "Lopez",
        email: Some(&email),
        phone: None,
    };
    let person = store::people::insert(&mut tx, &new, now).await.expect("a person");
    let opened_on: NaiveDate = "2024-01-01".parse().expect("a date");
    let new = NewAccount {
        number: NUMBER,
        name: "Maria Lopez",
        opened_on,
        cycle_day: 5,
        paperless: true,
        street: "12 Alder St",
        city: "Alder Bay",
        postcode: "94000",
    };
    let account = store::accounts::insert(&mut tx, &new).await.expect("an account");
    store::accounts::grant(&mut tx, account, person, AccountRole::Holder, now).await.expect("a role");
    let entries = [
        debit(Book::Receivable(ServiceKind::Electricity), Cents(6_000)),
        debit(Book::Receivable(ServiceKind::Water), Cents(2_450)),
        credit(Book::Revenue(ServiceKind::Electricity), Cents(6_000)),
        credit(Book::Revenue(ServiceKind::Water), Cents(2_450)),
    ];
    let journal = Journal::new(account, JournalKind::Bill, opened_on, entries).expect("balanced");
    store::ledger::insert(&mut tx, &journal, "bill:1", now, None, None).await.expect("posted");
    tx.commit().await.expect("committed");
    let who = Principal::Resident { person, session: SessionId(1) };
    House { cx, clock, fake, account, person, who }
}

/// Pays now as someone does who has looked at the page before a moment ago.
pub async fn pay_now(
    cx: &Cx,
    who: &Principal,
    number: &str,
    method: i64,
    amount: &str,
    key: &str,
) -> Result<Go, Fault> {
    let mut tx = cx.pool.read().await.expect("a transaction");
    let account = store::accounts::by_number(&mut tx, number).await.expect("read").expect("there").id;
    let sums = store::ledger::customer_sums(&mut tx, account).await.expect("sums");
    let balance: Cents = sums.iter().map(|(_, a)| *a).sum();
    let owed = balance - store::payments::pending_sum(&mut tx, account).await.expect("a sum");
    drop(tx);
    payments::pay_now(cx, who, number, (method, amount), Some(owed), key).await
}

impl House {
    /// Someone who holds the account too.
    pub async fn second_holder(&self) -> PersonId {
        let mut tx = self.cx.pool.write().await.expect("a transaction");
        let now = self.cx.clock.now();
        let new =
            NewPerson { kind: PersonKind::Resident, given_name: "Ana", family_name: "Lopez", email: None, phone: None };
        let other = store::people::insert(&mut tx, &new, now).await.expect("a person");
        store::accounts::grant(&mut tx, self.account, other, AccountRole::Holder, now).await.expect("a role");
        tx.commit().await.expect("committed");
        other
    }

    /// What is owed now.
    pub async fn balance(&self) -> Cents {
        let mut tx = self.cx.pool.read().await.expect("a transaction");
        let sums = store::ledger::customer_sums(&mut tx, self.account).await.expect("sums");
        sums.iter().map(|(_, a)| *a).sum()
    }

    /// How many payments the books have.
    pub async fn postings(&self) -> usize {
        let mut tx = self.cx.pool.read().await.expect("a transaction");
        let all = store::ledger::movements(&mut tx, self.account, 10_000).await.expect("movements");
        all.iter().filter(|m| m.kind == JournalKind::Payment).count()
    }

    /// What lies at the processor.
    pub async fn clearing(&self) -> Cents {
        let mut tx = self.cx.pool.read().await.expect("a transaction");
        let sums = store::ledger::book_sums(&mut tx, self.account).await.expect("sums");
        sums.iter().filter(|(b, _)| *b == Book::ProcessorClearing).map(|(_, a)| *a).sum()
    }

    /// How many journals of a kind there are.
    pub async fn journals(&self, kind: JournalKind) -> usize {
        let mut tx = self.cx.pool.read().await.expect("a transaction");
        let all = store::ledger::movements(&mut tx, self.account, 100_000).await.expect("movements");
        all.iter().filter(|m| m.kind == kind).count()
    }

    /// The books and the payments agree.
    pub async fn check(&self) {
        let mut tx = self.cx.pool.read().await.expect("a transaction");
        assert_eq!(store::ledger::faults(&mut tx).await.expect("a check").0, Vec::<String>::new());
        assert_eq!(store::payments::faults(&mut tx).await.expect("a check"), Vec::<String>::new());
        assert_eq!(store::refunds::faults(&mut tx).await.expect("a check"), Vec::<String>::new());
    }

    /// Mails written so far, newest first.
    pub async fn mails(&self) -> Vec<store::work::MailRow> {
        let mut tx = self.cx.pool.read().await.expect("a transaction");
        store::work::recent_mail(&mut tx, 10_000).await.expect("mails")
    }

    /// All payments, newest first.
    pub async fn payments(&self) -> Vec<store::payments::PaymentRow> {
        let mut tx = self.cx.pool.read().await.expect("a transaction");
        store::payments::of_account(&mut tx, self.account, 10_000).await.expect("payments")
    }
}
