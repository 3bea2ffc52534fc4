//! Webhooks twice, late, forged, out of order, past refunds and at the same time as the person's return and the job; and the
//! program stopping at any point. The books are the same in the end.

use std::pin::Pin;
use std::task::{Context, Poll};

use chrono::TimeDelta;
use contract::AppError;
use domain::money::Cents;
use domain::payment::{Heard, RefundStatus, Status};
use futures::future::BoxFuture;
use rand::seq::SliceRandom;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use services::adapters::payment::hosted::{CheckoutMessage, WordMessage};
use services::adapters::payment::{NewCharge, RefundReport, Report, signature};
use services::payments::refund::{hear_refund, refund};
use services::payments::{compare, hear, show, start, webhook};
use services::{Fault, Principal, jobs};
use store::payments::{HeardBy, NewPayment};

use crate::fake::{Kept, SECRET, report, word};
use crate::house::{House, NUMBER, OWED, house};
use crate::refunds::{asked, employee};

/// How many storms to go through: 40 in the gate, or what `METERSIDE_STORMS` says.
#[expect(clippy::disallowed_methods, reason = "a long run is asked for by the environment")]
fn storms() -> u64 {
    std::env::var("METERSIDE_STORMS").map_or(40, |n| n.parse().expect("METERSIDE_STORMS is a number"))
}

/// What may happen at the processor, oldest word first.
fn histories() -> Vec<Vec<Heard>> {
    vec![
        vec![word(Status::Succeeded, 2)],
        vec![word(Status::Pending, 2), word(Status::Succeeded, 3)],
        vec![word(Status::Declined, 2), word(Status::Declined, 3), word(Status::Succeeded, 4)],
        vec![word(Status::Declined, 2), word(Status::Pending, 3), word(Status::Declined, 4), word(Status::Expired, 5)],
        vec![word(Status::Declined, 2), word(Status::Cancelled, 3)],
        vec![word(Status::Pending, 2), word(Status::Declined, 3), word(Status::Pending, 4), word(Status::Succeeded, 5)],
    ]
}

/// What becomes of a storm's payment, told by the dice.
struct Fate {
    /// Paid with what was saved, without the person.
    saved: bool,
    /// Sent back by the bank.
    returned: bool,
    /// Refunds: cents, and how each ends.
    refunds: Vec<(i64, Vec<RefundStatus>)>,
}

fn fate(rng: &mut ChaCha8Rng, paid: bool) -> Fate {
    use RefundStatus::{Failed, Succeeded};
    let ends = [vec![], vec![Succeeded], vec![Failed], vec![Succeeded, Failed]];
    let mut refunds = Vec::new();
    if paid {
        for cents in [30, 70].into_iter().take(rng.random_range(0..3)) {
            refunds.push((cents, ends[rng.random_range(0..ends.len())].clone()));
        }
    }
    Fate { saved: rng.random_bool(0.3), returned: paid && rng.random_bool(0.4), refunds }
}

/// Everything that the processor might tell, in no order, each not at all, once or several times.
fn weather<T: Clone>(rng: &mut ChaCha8Rng, words: &[T]) -> Vec<T> {
    let mut out: Vec<T> = Vec::new();
    for w in words {
        out.extend(std::iter::repeat_n(w.clone(), rng.random_range(0..4)));
    }
    out.shuffle(rng);
    out
}

/// Messages that must change nothing: without a signature, with another's, altered, and recorded an hour ago.
async fn forged(h: &House, number: &str) {
    let message = WordMessage::Payment(CheckoutMessage {
        id: format!("co_{number}"),
        reference: number.to_owned(),
        amount: 100,
        status: Status::Succeeded,
        decline: None,
        revision: 99,
        method: None,
        returned: true,
        url: String::new(),
    });
    let body = serde_json::to_vec(&message).expect("a message");
    let now = h.cx.clock.now();
    let ours: secrecy::SecretString = SECRET.to_owned().into();
    let other: secrecy::SecretString = "whsec_other".to_owned().into();
    let old = signature::sign(&ours, now - TimeDelta::hours(1), &body);
    let strange = signature::sign(&other, now, &body);
    let moved = signature::sign(&ours, now, b"{}");
    for header in ["", "t=1,v1=00", &old, &strange, &moved] {
        let refused = webhook(&h.cx, header, &body).await;
        assert!(matches!(refused, Err(Fault::App(AppError::Forbidden))), "{header}");
    }
}

async fn one_storm(h: &House, sam: &Principal, seed: u64) {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let before = (h.balance().await, h.clearing().await, h.postings().await);
    let all = histories();
    let history = &all[rng.random_range(0..all.len())];
    let last = *history.last().expect("a word");
    let paid = last.status == Status::Succeeded;
    let fate = fate(&mut rng, paid);
    let number = if fate.saved { charged(h, seed, last).await } else { begun(h, seed).await };
    h.fake.set(&number, last);
    // Each word not at all, once or several times.
    let words = weather(&mut rng, history);
    let mut reports: Vec<Report> = words.iter().map(|w| report(&number, Cents(100), *w)).collect();
    let mut given: Vec<RefundReport> = Vec::new();
    if !fate.refunds.is_empty() {
        // Nobody gives back what is not known to be paid; the payment's own words are then delayed past the refunds.
        hear(&h.cx, &report(&number, Cents(100), last), HeardBy::Webhook).await.expect("heard");
        for (i, (cents, ends)) in fate.refunds.iter().enumerate() {
            let ask = asked(&format!("0.{cents}"), &format!("R{seed}X{i}"));
            let refund = refund(&h.cx, sam, &number, &ask).await.expect("given");
            given.push(h.fake.books().refunds[&refund].clone());
            given.extend(ends.iter().map(|end| h.fake.set_refund(&refund, *end)));
        }
    }
    // What was taken may be sent back; that is told not at all, once or several times, before or after the rest.
    if fate.returned {
        h.fake.send_back(&number);
        let back = Report { returned: true, ..report(&number, Cents(100), word(Status::Succeeded, last.revision + 1)) };
        reports.extend(weather(&mut rng, &[back]));
    }
    reports.shuffle(&mut rng);
    let told = weather(&mut rng, &given);
    let mut happenings: Vec<BoxFuture<'_, Result<(), Fault>>> = Vec::new();
    for r in &reports {
        happenings.push(Box::pin(async { hear(&h.cx, r, HeardBy::Webhook).await.map(drop) }));
    }
    for r in &told {
        happenings.push(Box::pin(async { hear_refund(&h.cx, r).await.map(drop) }));
    }
    for _ in 0..rng.random_range(0..3) {
        happenings.push(Box::pin(async { show(&h.cx, &h.who, NUMBER, &number).await.map(drop) }));
    }
    happenings.shuffle(&mut rng);
    for result in futures::future::join_all(happenings).await {
        result.expect("a storm is weather, not a failure");
    }
    forged(h, &number).await;
    h.clock.advance(TimeDelta::minutes(5));
    jobs::run_due(&h.cx).await.expect("jobs run");
    // A message that was lost is made up for once a day.
    compare(&h.cx).await.expect("compared");
    // Recorded long ago and played once more: it changes nothing either.
    for r in &reports {
        hear(&h.cx, r, HeardBy::Webhook).await.expect("heard");
    }
    let row = h.payments().await.into_iter().find(|p| p.number == number).expect("it is there");
    assert_eq!((row.status, row.returned_at.is_some()), (last.status, fate.returned), "storm {seed}: {words:?}");
    // The tidy order: paid, given back what did not fail, sent back.
    let back: i64 = fate.refunds.iter().filter(|(_, e)| e.last() != Some(&RefundStatus::Failed)).map(|(c, _)| c).sum();
    let kept = Cents(if paid && !fate.returned { 100 } else { 0 } - back);
    assert_eq!(
        (h.balance().await, h.clearing().await, h.postings().await),
        (before.0 - kept, before.1 + kept, before.2 + usize::from(paid)),
        "storm {seed}"
    );
    h.fake.books().told.clear();
}

/// A payment begun on the processor's page.
async fn begun(h: &House, seed: u64) -> String {
    start(&h.cx, &h.who, NUMBER, "1.00", &format!("K{seed}")).await.expect("begun");
    h.payments().await[0].number.clone()
}

/// A payment with what was saved; the processor charges at once and the answer is heard or lost.
async fn charged(h: &House, seed: u64, end: Heard) -> String {
    let number = format!("P-C{seed}");
    let mut tx = h.cx.pool.write().await.expect("a transaction");
    let now = h.cx.clock.now();
    let new = NewPayment {
        number: &number,
        account: h.account,
        person: Some(h.person),
        amount: Cents(100),
        status: Status::Created,
        form_key: &number,
        provider: "fake",
        method: None,
        at: now,
        expires_at: now,
    };
    store::payments::insert(&mut tx, &new).await.expect("written down");
    tx.commit().await.expect("committed");
    let token = format!("pm_{seed}");
    let fate = Heard { revision: end.revision, ..end };
    let kept = Kept { customer: "C-1".into(), fate, forgotten: false };
    h.fake.books().methods.insert(token.clone(), kept);
    let charge = NewCharge {
        reference: number.clone(),
        token,
        customer: "C-1".into(),
        amount: Cents(100),
        description: "Utilities".into(),
    };
    for _ in 0..2 {
        h.cx.outside.payments.charge(&charge).await.expect("an answer");
    }
    number
}

/// Gives a future up after a number of polls, as a crash would.
pub struct GiveUpAfter<'a, T>(pub BoxFuture<'a, T>, pub u32);

impl<T> Future for GiveUpAfter<'_, T> {
    type Output = Option<T>;
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<T>> {
        if self.1 == 0 {
            return Poll::Ready(None);
        }
        self.1 -= 1;
        self.0.as_mut().poll(cx).map(Some)
    }
}

/// One payment of a dollar, begun, heard of and followed up, with the program stopping once at every place where it waits.
/// Answers how many places that were.
async fn one_stopped_everywhere(h: &House, round: u32) -> u32 {
    let mut stops = 0;
    let key = format!("K{round}");
    for polls in 0.. {
        let begun = GiveUpAfter(Box::pin(start(&h.cx, &h.who, NUMBER, "1.00", &key)), polls).await;
        if begun.is_some() {
            break;
        }
        stops += 1;
    }
    let open: Vec<_> = h.payments().await.into_iter().filter(|p| p.status != Status::Succeeded).collect();
    assert_eq!(open.len(), 1, "round {round}");
    let number = open[0].number.clone();
    h.fake.set(&number, word(Status::Succeeded, 2));
    let paid = report(&number, Cents(100), word(Status::Succeeded, 2));
    for polls in 0.. {
        if GiveUpAfter(Box::pin(hear(&h.cx, &paid, HeardBy::Webhook)), polls).await.is_some() {
            break;
        }
        stops += 1;
    }
    for polls in 0.. {
        if GiveUpAfter(Box::pin(jobs::run_due(&h.cx)), polls).await.is_some() {
            break;
        }
        // A claimed job is taken up again once its claim has run out.
        h.clock.advance(TimeDelta::minutes(6));
        stops += 1;
    }
    h.clock.advance(TimeDelta::minutes(6));
    jobs::run_due(&h.cx).await.expect("jobs run");
    stops
}

store::both_engines! {
    async fn every_storm_leaves_the_same_books(pool: Pool) {
        let h = house(pool).await;
        let sam = employee(&h, true).await;
        for seed in 0..storms() {
            one_storm(&h, &sam, seed).await;
        }
        h.check().await;
    }

    async fn wherever_the_program_stops_a_payment_is_posted_once(pool: Pool) {
        let h = house(pool).await;
        let (mut stops, mut rounds) = (0, 0);
        while stops < 200 {
            rounds += 1;
            let here = one_stopped_everywhere(&h, rounds).await;
            assert!(here > 8, "only {here} places to stop at");
            stops += here;
        }
        let taken = Cents(100 * i64::from(rounds));
        let paid = usize::try_from(rounds).expect("few");
        assert_eq!((h.balance().await, h.postings().await), (OWED - taken, paid));
        assert_eq!((h.payments().await.len(), h.fake.count()), (paid, paid));
        let receipts = h.mails().await.iter().filter(|m| m.subject.starts_with("Receipt")).count();
        assert_eq!(receipts, paid);
        h.check().await;
    }
}
