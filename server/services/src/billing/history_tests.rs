//! Random histories of accounts: billed, paid, read again, corrected and corrected once more, moved, closed. Whatever happens and in
//! whatever order, cents and units are conserved.

use chrono::{Days, NaiveDate};
use contract::AppError;
use domain::access::AccountRole;
use domain::calendar::DayRange;
use domain::ids::AccountId;
use domain::ledger::{Book, Journal, JournalKind, debit};
use domain::money::Cents;
use domain::quantity::Commodity;
use rand::{RngCore as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;
use store::bills::{BillRow, Status};
use store::people::{NewPerson, PersonKind};

use super::batch_tests::successor;
use super::correct_tests::{ask, balance, change, employee, sound};
use super::prepare::{Kept, kept};
use super::rebill::rebill;
use super::tests::{cx, day, reading, run, seeded_on};
use crate::{Cx, Principal};

struct History {
    cx: Cx,
    dice: ChaCha8Rng,
    staff: Principal,
    account: AccountId,
    number: String,
    paid: Cents,
    payments: u64,
    corrected: usize,
    /// The day that was read again last.
    changed: Option<NaiveDate>,
}

impl History {
    fn below(&mut self, n: u64) -> u64 {
        self.dice.next_u64() % n
    }

    async fn bills(&self) -> Vec<(BillRow, Kept)> {
        let mut work = reading(&self.cx).await;
        let mut out = Vec::new();
        for row in store::bills::list(&mut work.tx, self.account).await.expect("bills") {
            let (detail, ..) = store::bills::parts(&mut work.tx, row.id).await.expect("parts");
            out.push((row, kept(detail).expect("kept")));
        }
        out.sort_by_key(|(b, _)| (b.period_from, b.version));
        out
    }

    async fn pay(&mut self) {
        let held = balance(&self.cx, self.account).await;
        let amount = match self.below(3) {
            0 => held.total(),
            1 => Cents(held.total().0 / 2),
            _ => held.total() + Cents(777),
        };
        if amount <= Cents::ZERO {
            return;
        }
        let mut work = self.cx.begin(&crate::billing::run::RUN, &Principal::System).await.expect("a transaction");
        let mut entries = domain::ledger::allocate(&held, amount);
        entries.push(debit(Book::ProcessorClearing, amount));
        let journal = Journal::new(self.account, JournalKind::Payment, day("2026-05-01"), entries).expect("balanced");
        self.payments += 1;
        let key = format!("payment:{}:{}", self.number, self.payments);
        crate::ledger::post(&mut work, &journal, &key, None).await.expect("posted");
        work.commit().await.expect("committed");
        self.paid += amount;
    }

    async fn read_again(&mut self, data: DayRange) {
        let (at, value) = (self.below(data.len().unsigned_abs()), self.below(900) + 1);
        let on: NaiveDate = data.from + Days::new(at);
        self.changed = Some(on);
        change(&self.cx, self.account, &on.to_string(), i64::try_from(value).expect("small")).await;
    }

    async fn correct(&mut self) {
        let mut standing = self.bills().await;
        standing.retain(|(b, _)| b.status == Status::Issued);
        if standing.is_empty() {
            return;
        }
        let mut at = usize::try_from(self.below(standing.len() as u64)).expect("small");
        // Mostly the bill that was read again.
        let read = |(b, _): &(BillRow, Kept)| self.changed.is_some_and(|d| b.period_from <= d && d < b.period_to);
        if let Some(of) = standing.iter().position(read).filter(|_| at > 0) {
            at = of;
        }
        let standing: Vec<String> = standing.into_iter().map(|(b, _)| b.number).collect();
        let done = rebill(&self.cx, &self.staff, &self.number, &standing[at], &ask(None)).await.expect("corrected");
        self.corrected += done.bills.len();
        // Asked again, nothing is left to correct.
        let stands = done.bills.first().map_or(&standing[at], |b| &b.new);
        let again = rebill(&self.cx, &self.staff, &self.number, stands, &ask(None)).await.expect("asked again");
        assert_eq!(again.bills, []);
    }

    async fn hold_everything_against_everything(&self) {
        let bills = self.bills().await;
        let standing: Vec<&(BillRow, Kept)> = bills.iter().filter(|(b, _)| b.status == Status::Issued).collect();
        for pair in standing.windows(2) {
            let (before, after) = (&pair[0], &pair[1]);
            assert!(before.0.period_to <= after.0.period_from, "two bills stand for {}", after.0.period_from);
            if before.0.period_to == after.0.period_from {
                assert_eq!(after.1.bank_before, before.1.bank, "{} hands on to {}", before.0.number, after.0.number);
            }
        }
        // Of each period the versions count from 1, and the last one stands.
        for of_period in bills.chunk_by(|a, b| a.0.period_from == b.0.period_from) {
            for (version, (bill, _)) in (1..).zip(of_period) {
                let last = usize::try_from(version).expect("small") == of_period.len();
                assert_eq!((bill.version, bill.status == Status::Issued), (version, last), "{}", bill.number);
            }
        }
        let billed: Cents = standing.iter().map(|(b, _)| b.total).sum();
        let held = balance(&self.cx, self.account).await;
        assert_eq!(held.total(), billed - self.paid, "what is owed is what is billed less what was paid");
        assert!(held.credit >= Cents::ZERO && held.owed.iter().all(|(_, a)| *a >= Cents::ZERO), "{held:?}");
        sound(&self.cx).await;
    }
}

store::both_engines! {
    async fn no_history_loses_a_cent_or_a_unit(pool: Pool) {
        let data = DayRange { from: day("2026-01-12"), to: day("2026-05-20") };
        let staff = employee(&pool, "Dana").await;
        let mut corrected = 0;
        for (seed, electric) in (0_u64..).zip(["E-1", "E-1-NEM1", "E-1-TOU", "E-1-NEM1", "E-4", "E-1-NEM1"]) {
            let number = format!("10075{seed}");
            let account = seeded_on(electric, &pool, &number, data, &[]).await;
            let mut h = History {
                cx: cx(&pool, "2026-05-20T20:00:00Z"),
                dice: ChaCha8Rng::seed_from_u64(seed),
                staff: staff.clone(),
                account,
                number,
                paid: Cents::ZERO,
                payments: 0,
                corrected: 0,
                changed: None,
            };
            let months = ["2026-02-20", "2026-03-20", "2026-04-20", "2026-05-20"];
            let mut next = 0;
            for step in 0..20 {
                match h.below(6) {
                    0 => h.pay().await,
                    1 | 2 => h.read_again(data).await,
                    3 => h.correct().await,
                    _ if next < months.len() => {
                        run(&h.cx, months[next]).await;
                        next += 1;
                    }
                    _ => {
                        h.read_again(data).await;
                        h.correct().await;
                    }
                }
                // Someone else moves in, late in the history of some.
                if step == 9 && seed % 3 == 0 {
                    successor(&pool, &h.number, &format!("10076{seed}"), "2026-05-05").await;
                }
                h.hold_everything_against_everything().await;
            }
            corrected += h.corrected;
        }
        assert!(corrected > 10, "only {corrected} corrections");
    }

    async fn units_that_were_not_handed_on_are_found(pool: Pool) {
        let data = DayRange { from: day("2025-10-12"), to: day("2026-01-20") };
        seeded_on("E-1-NEM1", &pool, "100770", data, &[]).await;
        let cx = cx(&pool, "2026-01-20T20:00:00Z");
        assert_eq!(run(&cx, "2026-01-20").await.bills, 3);
        sound(&cx).await;
        let mut tx = pool.write().await.expect("a transaction");
        store::testing::tamper(
            &mut tx,
            "UPDATE bill SET detail = (SELECT o.detail FROM bill o WHERE o.number = '100770-001') WHERE number = '100770-002'",
        )
        .await;
        tx.commit().await.expect("committed");
        let checked = crate::check::ledger(&cx, &Principal::System).await.expect("checked");
        let said = |n: &str| format!("bill {n} begins with other units than the bill before carried on");
        assert_eq!(checked.faults, [said("100770-002"), said("100770-003")]);
    }

    async fn bills_whose_readings_changed_are_listed_and_the_mail_says_the_difference(pool: Pool) {
        let data = DayRange { from: day("2026-01-12"), to: day("2026-02-20") };
        let account = seeded_on("E-1", &pool, "100771", data, &[]).await;
        seeded_on("E-1", &pool, "100772", data, &[]).await;
        let cx = cx(&pool, "2026-02-20T20:00:00Z");
        assert_eq!(run(&cx, "2026-02-20").await.bills, 2);
        let staff = employee(&pool, "Dana").await;
        let listed = |who: Principal| {
            let cx = cx.clone();
            async move { crate::billing::changed::changed(&cx, &who).await }
        };
        assert_eq!(listed(Principal::System).await.map_err(AppError::from), Err(AppError::Forbidden));
        assert_eq!(listed(staff.clone()).await.expect("a list").bills, [], "nothing has changed");
        // A day was read four times lower than it was: 96 times 300 Wh less.
        change(&cx, account, "2026-01-25", 100).await;
        note_billed(&cx, account, "100771-001").await;
        let list = listed(staff.clone()).await.expect("a list").bills;
        assert_eq!((list.len(), list[0].number.as_str(), list[0].account.as_str()), (1, "100771-001", "100771"));
        let said: Vec<String> = list[0].changes.iter().map(|c| format!("{:?} {} {}", c.service, c.difference, c.days)).collect();
        assert_eq!(said, ["Electricity -28.8 0"]);

        let mut tx = pool.write().await.expect("a transaction");
        let since = "2026-01-01T00:00:00Z".parse().expect("a time");
        let email = domain::contact::Email::try_from("mara@example.com".to_owned()).expect("an address");
        let new = NewPerson { kind: PersonKind::Resident, given_name: "Mara", family_name: "L", email: Some(&email), phone: None };
        let person = store::people::insert(&mut tx, &new, since).await.expect("a person");
        store::accounts::grant(&mut tx, account, person, AccountRole::Holder, since).await.expect("a role");
        tx.commit().await.expect("committed");
        let done = rebill(&cx, &staff, "100771", "100771-001", &ask(None)).await.expect("corrected");
        assert_eq!(listed(staff).await.expect("a list").bills, [], "corrected bills are as the readings are");
        crate::jobs::run_due(&cx).await.expect("jobs run");
        let mut work = reading(&cx).await;
        let mails = store::work::recent_mail(&mut work.tx, 10).await.expect("mails");
        let about: Vec<&str> = mails.iter().map(|m| m.subject.as_str()).collect();
        let less = done.bills[0].old_total - done.bills[0].new_total;
        let corrected = format!("Your corrected bill: {less} less than before");
        assert!(about.contains(&corrected.as_str()), "{about:?}");
        let body = &mails.iter().find(|m| m.subject == corrected).expect("there").body;
        for part in ["The meter was read again.", "bills/100771-001-2", &done.bills[0].new_total.to_string()] {
            assert!(body.contains(part), "{body}");
        }
        assert!(mails.iter().all(|m| !m.subject.contains("is ready") || m.body.contains("100771-001\n")), "{about:?}");
    }
}

/// What ingest notes when a day changes that was billed.
pub(super) async fn note_billed(cx: &Cx, account: AccountId, bill: &str) {
    let mut tx = cx.pool.write().await.expect("a transaction");
    let spans = store::meters::registers_of_account(&mut tx, account, Commodity::Electricity).await.expect("registers");
    let at = "2026-01-25T20:00:00Z".parse().expect("a time");
    let new = store::exceptions::NewException {
        register: spans[0].register,
        day: store::usage::day_number(day("2026-01-25")),
        at,
        rule: domain::metering::vee::Rule::Billed,
        evidence: serde_json::json!({ "detail": bill }),
    };
    store::exceptions::open(&mut tx, None, at, &[new]).await.expect("noted");
    tx.commit().await.expect("committed");
}
