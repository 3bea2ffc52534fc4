//! Runs that wait for a person, on both engines.

use std::sync::Arc;

use contract::AppError;
use contract::runs::WaitsFor;
use domain::billing::hold::HoldReason;
use domain::calendar::DayRange;
use store::Pool;
use store::permissions::Permission;

use super::correct_tests::employee;
use super::tests::{cx, day, holder, reading, seeded, seeded_on};
use super::{holds, nightly, waiting};
use crate::{Cx, FixedClock, Principal, Settings, jobs};

/// Surroundings in which every run is left to a person.
fn by_hand(pool: &Pool, now: &str) -> Cx {
    let mut cx = cx(pool, now);
    cx.settings = Arc::new(Settings { bills_by_hand: true, ..Settings::default() });
    cx
}

/// An employee who may release runs.
async fn releaser(pool: &Pool, name: &str) -> Principal {
    let who = employee(pool, name).await;
    let mut tx = pool.write().await.expect("a transaction");
    let since = "2026-01-01T00:00:00Z".parse().expect("a time");
    let person = who.actor().expect("an employee");
    store::permissions::grant(&mut tx, person, Permission::BillRuns, since).await.expect("granted");
    tx.commit().await.expect("committed");
    who
}

async fn bills(cx: &Cx, account: domain::ids::AccountId) -> usize {
    store::bills::list(&mut reading(cx).await.tx, account).await.expect("bills").len()
}

async fn night(cx: &Cx, today: &str) {
    assert!(nightly::released(cx, day(today)).await.expect("it runs").is_none(), "only a person releases");
}

store::both_engines! {
    async fn a_run_that_waits_is_seen_and_released_once(pool: Pool) {
        let data = DayRange { from: day("2026-01-12"), to: day("2026-03-20") };
        let account = seeded_on("E-1", &pool, "100270", data, &[]).await;
        let cx = by_hand(&pool, "2026-03-20T20:00:00Z");
        let (dana, sam, eve) = (releaser(&pool, "Dana").await, releaser(&pool, "Sam").await, employee(&pool, "Eve").await);
        assert_eq!(waiting::show(&cx, &dana).await.expect("asked"), None);
        night(&cx, "2026-03-20").await;
        let run = waiting::show(&cx, &dana).await.expect("asked").expect("it waits");
        assert_eq!((run.through, run.why, run.may), (day("2026-03-20"), WaitsFor::ByHand, true));
        assert_eq!((run.sums.effect.bills, run.sums.compared, run.sums.effect.largest.len()), (2, 1, 2));
        assert_eq!(run.sums.days, Some(DayRange { from: day("2026-01-12"), to: day("2026-03-12") }));
        assert_eq!(run.made_at.to_string(), "2026-03-20 13:00:00");
        // Seen by every employee, released by those who may; a resident sees nothing of it.
        assert!(!waiting::show(&cx, &eve).await.expect("asked").expect("it waits").may);
        let resident = holder(&pool, account).await;
        assert_eq!(waiting::show(&cx, &resident).await.map_err(AppError::from), Err(AppError::Forbidden));
        for (who, seen, no) in [
            (&eve, run.digest.as_str(), AppError::Forbidden),
            (&resident, run.digest.as_str(), AppError::Forbidden),
            (&Principal::Nobody, run.digest.as_str(), AppError::SignInRequired),
            (&dana, "another", AppError::Changed),
        ] {
            assert_eq!(waiting::release(&cx, who, run.id, seen).await.map_err(AppError::from), Err(no));
        }
        assert_eq!(waiting::look_again(&cx, &eve, run.id).await.map_err(AppError::from), Err(AppError::Forbidden));
        waiting::release(&cx, &dana, run.id, &run.digest).await.expect("released");
        // Two clicks, or two people.
        for who in [&dana, &sam] {
            let again = waiting::release(&cx, who, run.id, &run.digest).await.map_err(AppError::from);
            assert_eq!(again, Err(AppError::Changed));
        }
        let view = waiting::show(&cx, &sam).await.expect("asked").expect("it is being issued");
        assert_eq!(view.released.map(|(name, _)| name).as_deref(), Some("Dana W"));
        assert_eq!(bills(&cx, account).await, 0);
        jobs::run_due(&cx).await.expect("jobs run");
        assert_eq!((bills(&cx, account).await, waiting::show(&cx, &sam).await.expect("asked")), (2, None));
        jobs::run_due(&cx).await.expect("jobs run");
        assert_eq!(bills(&cx, account).await, 2);
        // Who did it, what and how much is on the record.
        let rows = store::audit::rows(&mut reading(&cx).await.tx, 0, i64::MAX, 1_000).await.expect("rows");
        let done: Vec<_> = rows.iter().filter(|r| r.use_case == "billing.release_run").collect();
        assert_eq!((done.len(), done[0].actor_id), (1, dana.actor().map(|p| p.0)));
        assert_eq!((&done[0].detail["bills"], &done[0].detail["sum"]), (&2.into(), &run.sums.effect.after.0.into()));
        let checked = crate::check::ledger(&cx, &Principal::System).await.expect("checked");
        assert_eq!(checked.faults, Vec::<String>::new());
    }

    async fn a_run_that_comes_out_otherwise_by_then_waits_again(pool: Pool) {
        let data = DayRange { from: day("2026-01-12"), to: day("2026-03-20") };
        let account = seeded_on("E-1", &pool, "100271", data, &[]).await;
        let cx = by_hand(&pool, "2026-03-20T20:00:00Z");
        let dana = releaser(&pool, "Dana").await;
        night(&cx, "2026-03-20").await;
        let run = waiting::show(&cx, &dana).await.expect("asked").expect("it waits");
        waiting::release(&cx, &dana, run.id, &run.digest).await.expect("released");
        let text = "[[schedule]]\ncode = \"S-1\"\nservice = \"wastewater\"\n[[schedule.version]]\nfrom = \"2020-07-01\"\n\
                    source = \"test\"\n[[schedule.version.charge]]\nlabel = \"wastewater\"\nbasis = \"month\"\nprice = \"1\"\n";
        crate::tariffs::import(&cx, &Principal::System, "s-1", text).await.expect("asked").expect("sound");
        jobs::run_due(&cx).await.expect("jobs run");
        assert_eq!(bills(&cx, account).await, 0, "nobody looked at what they come to now");
        let other = waiting::show(&cx, &dana).await.expect("asked").expect("it waits");
        assert_eq!((other.why, &other.released), (WaitsFor::Changed, &None));
        assert!(other.sums.effect.after < run.sums.effect.after && other.digest != run.digest);
        let old = waiting::release(&cx, &dana, run.id, &run.digest).await.map_err(AppError::from);
        assert_eq!(old, Err(AppError::Changed));
        // Looking once more finds the same.
        waiting::look_again(&cx, &dana, other.id).await.expect("asked");
        let under_way = waiting::show(&cx, &dana).await.expect("asked").expect("it waits");
        assert!(under_way.anew_at.is_some());
        let early = waiting::release(&cx, &dana, other.id, &other.digest).await.map_err(AppError::from);
        assert_eq!(early, Err(AppError::Changed));
        jobs::run_due(&cx).await.expect("jobs run");
        let same = waiting::show(&cx, &dana).await.expect("asked").expect("it waits");
        assert_eq!((same.anew_at, &same.digest), (None, &other.digest));
        waiting::release(&cx, &dana, same.id, &same.digest).await.expect("released");
        jobs::run_due(&cx).await.expect("jobs run");
        assert_eq!(bills(&cx, account).await, 2);
    }

    async fn a_release_that_was_interrupted_goes_on(pool: Pool) {
        let data = DayRange { from: day("2026-01-12"), to: day("2026-03-20") };
        let one = seeded_on("E-1", &pool, "100272", data, &[]).await;
        let two = seeded_on("E-1", &pool, "100273", data, &[]).await;
        let cx = by_hand(&pool, "2026-03-20T20:00:00Z");
        let dana = releaser(&pool, "Dana").await;
        night(&cx, "2026-03-20").await;
        let run = waiting::show(&cx, &dana).await.expect("asked").expect("it waits");
        waiting::release(&cx, &dana, run.id, &run.digest).await.expect("released");
        // The program stopped after the bills of one account.
        let mut tx = pool.write().await.expect("a transaction");
        store::waiting_runs::begin(&mut tx, run.id, cx.clock.now()).await.expect("begun");
        tx.commit().await.expect("committed");
        let part = crate::billing::Options { only: Some(vec![one]), ..crate::billing::Options::through(day("2026-03-20")) };
        crate::billing::run(&cx, &Principal::System, &part).await.expect("a run");
        jobs::run_due(&cx).await.expect("jobs run");
        assert_eq!((bills(&cx, one).await, bills(&cx, two).await), (2, 2));
        assert_eq!(waiting::show(&cx, &dana).await.expect("asked"), None);
        // What is issued at the command line waits for nobody any more.
        let cx = by_hand(&pool, "2026-04-20T20:00:00Z");
        let three = seeded_on("E-1", &pool, "100274", data, &[]).await;
        night(&cx, "2026-04-20").await;
        assert!(waiting::show(&cx, &dana).await.expect("asked").is_some());
        crate::billing::run(&cx, &Principal::System, &crate::billing::Options::through(day("2026-04-20"))).await.expect("a run");
        assert!(bills(&cx, three).await >= 2);
        assert_eq!(waiting::show(&cx, &dana).await.expect("asked"), None);
    }

    async fn a_waiting_run_renews_why_single_bills_are_not_made(pool: Pool) {
        let data = DayRange { from: day("2026-01-12"), to: day("2026-02-20") };
        seeded(&pool, "100275", "2026-01-12", data, &[]).await;
        let none = DayRange { from: day("2026-01-12"), to: day("2026-01-12") };
        let nothing = seeded(&pool, "100276", "2026-01-12", none, &[]).await;
        let mut cx = by_hand(&pool, "2026-02-20T20:00:00Z");
        let dana = releaser(&pool, "Dana").await;
        night(&cx, "2026-02-20").await;
        let held = holds::for_staff(&mut reading(&cx).await, nothing).await.expect("holds");
        assert_eq!((held.len(), held[0].hold.reason), (1, HoldReason::NoReadings));
        assert_eq!(held[0].hold.next_on, day("2026-02-21"));
        let run = waiting::show(&cx, &dana).await.expect("asked").expect("it waits");
        assert_eq!((run.sums.effect.bills, run.sums.held), (1, vec![(Some(HoldReason::NoReadings), 1)]));
        // Nights go by while it waits: no day is promised that has passed.
        cx.clock = Arc::new(FixedClock::at("2026-02-23T20:00:00Z".parse().expect("a time")));
        night(&cx, "2026-02-23").await;
        let still = holds::for_staff(&mut reading(&cx).await, nothing).await.expect("holds");
        assert_eq!((still.len(), still[0].id, still[0].hold.next_on), (1, held[0].id, day("2026-02-24")));
        let newer = waiting::show(&cx, &dana).await.expect("asked").expect("it waits");
        assert_eq!((newer.through, newer.sums.effect.bills), (day("2026-02-23"), 1));
    }
}
