//! Webhooks twice, late, out of order and at the same time as the person's return and the job; and the program stopping at
//! any point. The books are the same in the end.

use std::pin::Pin;
use std::task::{Context, Poll};

use chrono::TimeDelta;
use domain::money::Cents;
use domain::payment::{Heard, Status};
use futures::future::BoxFuture;
use rand::seq::SliceRandom;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use services::adapters::payment::Report;
use services::payments::{compare, hear, show, start};
use services::{Fault, jobs};
use store::payments::HeardBy;

use crate::fake::{report, word};
use crate::house::{House, NUMBER, OWED, house};

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

async fn one_storm(h: &House, seed: u64) {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let before = (h.balance().await, h.postings().await);
    let all = histories();
    let history = &all[rng.random_range(0..all.len())];
    let end = history.last().expect("a word").status;
    start(&h.cx, &h.who, NUMBER, "1.00", &format!("K{seed}")).await.expect("begun");
    let number = h.payments().await[0].number.clone();
    h.fake.set(&number, *history.last().expect("a word"));
    // Each word not at all, once or several times.
    let mut words: Vec<Heard> = Vec::new();
    for w in history {
        words.extend(std::iter::repeat_n(*w, rng.random_range(0..4)));
    }
    let mut reports: Vec<_> = words.iter().map(|w| report(&number, Cents(100), *w)).collect();
    // What was taken may be sent back; that is told not at all, once or several times, before or after the rest.
    let returned = end == Status::Succeeded && rng.random_bool(0.4);
    if returned {
        h.fake.send_back(&number);
        let last = history.last().expect("a word");
        let back = Report { returned: true, ..report(&number, Cents(100), word(Status::Succeeded, last.revision + 1)) };
        reports.extend(std::iter::repeat_n(back, rng.random_range(0..4)));
    }
    reports.shuffle(&mut rng);
    let mut happenings: Vec<BoxFuture<'_, Result<(), Fault>>> = Vec::new();
    for r in &reports {
        happenings.push(Box::pin(async { hear(&h.cx, r, HeardBy::Webhook).await.map(drop) }));
    }
    for _ in 0..rng.random_range(0..3) {
        happenings.push(Box::pin(async { show(&h.cx, &h.who, NUMBER, &number).await.map(drop) }));
    }
    happenings.shuffle(&mut rng);
    for result in futures::future::join_all(happenings).await {
        result.expect("a storm is weather, not a failure");
    }
    h.clock.advance(TimeDelta::minutes(5));
    jobs::run_due(&h.cx).await.expect("jobs run");
    // A message that was lost is made up for once a day.
    compare(&h.cx).await.expect("compared");
    let paid = end == Status::Succeeded;
    let row = h.payments().await.into_iter().find(|p| p.number == number).expect("it is there");
    assert_eq!((row.status, row.returned_at.is_some()), (end, returned), "storm {seed}: {words:?}");
    let lower = if paid && !returned { Cents(100) } else { Cents::ZERO };
    assert_eq!(
        (h.balance().await, h.postings().await),
        (before.0 - lower, before.1 + usize::from(paid)),
        "storm {seed}"
    );
}

/// Gives a future up after a number of polls, as a crash would.
struct GiveUpAfter<'a, T>(BoxFuture<'a, T>, u32);

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
        for seed in 0..storms() {
            one_storm(&h, seed).await;
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
