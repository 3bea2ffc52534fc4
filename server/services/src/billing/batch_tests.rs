//! Many accounts at once are billed as each is alone, whatever was read with whose.

use chrono::Days;
use domain::calendar::{DayRange, Instant, Zone};
use domain::quantity::{Commodity, ServiceKind};
use store::Pool;
use store::accounts::{NewAccount, NewAgreement};
use store::bills::Candidate;

use super::Options;
use super::batch::{Batch, Request};
use super::gather::Gathered;
use super::run::{Part, compute};
use super::tests::{cx, day, reading, run, seeded_on};
use crate::{Cx, Principal, tariffs};

/// Who moved into a home in the middle of a period: another account at the same meters.
pub(super) async fn successor(pool: &Pool, before: &str, number: &str, on: &str) {
    let zone = Zone::iana("America/Los_Angeles").expect("known");
    successor_at(pool, before, number, zone.start_of(day(on))).await;
}

/// As [`successor`], at an instant.
pub(super) async fn successor_at(pool: &Pool, before: &str, number: &str, since: Instant) {
    let mut tx = pool.write().await.expect("a transaction");
    let zone = Zone::iana("America/Los_Angeles").expect("known");
    let old = store::accounts::by_number(&mut tx, before).await.expect("read").expect("there");
    let new = NewAccount {
        number,
        name: "Next",
        opened_on: zone.day_of(since),
        cycle_day: 20,
        paperless: true,
        street: "14 Heron Way",
        city: "Alder Bay",
        postcode: "94000",
    };
    let account = store::accounts::insert(&mut tx, &new).await.expect("an account");
    for commodity in [Commodity::Electricity, Commodity::Water] {
        let name = format!("{before}-{}", commodity.slug());
        let (premise, point) = store::meters::point(&mut tx, &name).await.expect("read").expect("there");
        let service = ServiceKind::from(commodity);
        let ends = store::import::agreement(&mut tx, old.id, premise, service, zone.start_of(day("2026-01-12"))).await;
        let ends = ends.expect("read").expect("there").id;
        store::accounts::end_agreement(&mut tx, ends, since).await.expect("ended");
        let agreement = NewAgreement {
            account,
            premise,
            point: Some(point),
            service,
            schedule: if commodity == Commodity::Water { "W-1" } else { "E-1-TOU" },
            facts: &serde_json::json!({ "meter_size": "5/8" }),
            since,
        };
        store::accounts::insert_agreement(&mut tx, &agreement).await.expect("an agreement");
    }
    tx.commit().await.expect("committed");
}

async fn computed(cx: &Cx, accounts: &[Candidate], through: &str) -> Vec<String> {
    let options = Options { backdate: true, ..Options::through(day(through)) };
    let Part { ready, held, failed } =
        compute(cx, &Principal::System, accounts, &options, day(through)).await.expect("computed");
    let ready = ready.into_iter().map(|r| format!("{r:?}"));
    let rest = [format!("{held:?}"), format!("{failed:?}")].into_iter().filter(|t| t != "[]");
    ready.chain(rest).collect()
}

store::both_engines! {
    async fn together_and_one_by_one_are_the_same(pool: Pool) {
        let data = DayRange { from: day("2026-01-12"), to: day("2026-04-20") };
        let holes = [day("2026-02-20"), day("2026-02-21"), day("2026-03-09")];
        for (electric, number, holes) in [
            ("E-1", "100700", &[][..]),
            ("E-1-TOU", "100701", &holes[..]),
            ("E-1-NEM1", "100702", &[][..]),
            ("E-4", "100703", &holes[..1]),
            ("E-1", "100704", &holes[..]),
        ] {
            seeded_on(electric, &pool, number, data, holes).await;
        }
        successor(&pool, "100704", "100705", "2026-03-05").await;
        successor(&pool, "100701", "100706", "2026-03-25").await;
        let cx = cx(&pool, "2026-04-20T20:00:00Z");
        for through in ["2026-02-20", "2026-04-20"] {
            let mut work = reading(&cx).await;
            let accounts = store::bills::candidates(&mut work.tx).await.expect("accounts");
            assert_eq!(accounts.len(), 7);
            let together = computed(&cx, &accounts, through).await;
            let mut alone = Vec::new();
            for account in &accounts {
                alone.extend(computed(&cx, std::slice::from_ref(account), through).await);
            }
            assert!(together.len() > 4, "{together:?}");
            let bills = |of: &[String]| of.iter().filter(|t| t.starts_with("Ready")).cloned().collect::<Vec<_>>();
            assert_eq!(bills(&together), bills(&alone));

            // Nor does it matter whether anything was read ahead.
            let book = tariffs::book(&mut work.tx).await.expect("prices");
            let range = DayRange { from: day("2026-01-12"), to: day("2026-04-12") };
            let request = |a: &Candidate| Request { account: a.id, range, billed_to: a.billed_to };
            let requests: Vec<Request> = accounts.iter().map(request).collect();
            for ahead in [true, false] {
                let mut batch = Batch::load(&mut work.tx, &book, &requests).await.expect("read");
                let mut found = Vec::new();
                for account in &accounts {
                    let mut agreed = batch.take(account.id).expect("agreements");
                    if !ahead {
                        agreed.meters.iter_mut().for_each(|(_, meters, _)| meters.at_hand = None);
                    }
                    let gathered = Gathered::of(&mut work.tx, agreed, range).await.expect("gathered");
                    let cycle = DayRange { from: day("2026-03-12"), to: day("2026-04-12") };
                    let before = batch.before(account.id);
                    let one = gathered.determinants(&book, cycle, (&before.mean, &before.bank), day(through) + Days::new(40)).expect("counted");
                    let sources = one.as_ref().ok().and_then(Option::as_ref).map(|f| f.sources.clone());
                    found.push((format!("{:?}", one.map(|f| f.map(|f| (f.determinants, f.intervals, f.reads)))), sources));
                }
                if ahead {
                    alone = found.into_iter().map(|f| format!("{f:?}")).collect();
                } else {
                    assert_eq!(alone, found.into_iter().map(|f| format!("{f:?}")).collect::<Vec<_>>());
                }
            }
            drop(work);
            // The rest begins with what the first run wrote.
            if through == "2026-02-20" {
                assert_eq!(run(&cx, through).await.bills, 5);
            }
        }
    }
}
