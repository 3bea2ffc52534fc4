//! The bill run from readings to bills and books, on both engines.

use domain::billing::LineKind;
use domain::billing::costs::Part;
use domain::billing::explain::Cause;
use domain::billing::netting::Netted;
use domain::calendar::{DayRange, Zone};
use domain::ids::AccountId;
use domain::money::{Cents, FineAmount};
use domain::quantity::{Commodity, ServiceKind};
use store::accounts::NewAgreement;

use super::{Hold, Options};
use crate::tariffs::release::Decision;
use crate::{Cx, Principal};

use super::correct_tests::seen;
use super::tests::{cx, day, holder, reading, run, seeded, seeded_on};

/// The electric lines of a bill: what they are for, how much, and cents; and what is kept of it.
async fn electric(cx: &Cx, account: AccountId, number: &str) -> (Vec<(String, String, i64)>, super::prepare::Kept) {
    let mut work = reading(cx).await;
    let row = store::bills::by_number(&mut work.tx, account, number).await.expect("read").expect("there");
    let (detail, ..) = store::bills::parts(&mut work.tx, row.id).await.expect("parts");
    let (bill, _) = super::show::stored(&mut work, &row).await.expect("a bill");
    let lines = bill.services[0].lines.iter().map(|l| {
        let what = l.picked.clone().unwrap_or_else(|| format!("{:?}", l.label));
        (what, l.quantity.map(|q| q.to_string()).unwrap_or_default(), l.amount.0)
    });
    (lines.collect(), super::prepare::kept(detail).expect("kept"))
}

store::both_engines! {
    async fn prices_by_the_hour_are_billed_from_the_hours(pool: Pool) {
        let data = DayRange { from: day("2026-01-12"), to: day("2026-03-20") };
        let holes = [day("2026-01-20"), day("2026-01-21")];
        let account = seeded_on("E-1-TOU", &pool, "100230", data, &holes).await;
        let cx = cx(&pool, "2026-03-20T20:00:00Z");
        assert_eq!(run(&cx, "2026-03-20").await.bills, 2);
        let (lines, kept) = electric(&cx, account, "100230-001").await;
        // 1.6 kWh an hour for 31 days: five hours of peak at 27.01 cents, thirteen of off-peak at 20.46, six at 15.00. What two days lack
        // is known from the dial.
        let line = |what: &str, kwh: &str, cents| (what.to_owned(), kwh.to_owned(), cents);
        assert_eq!(
            lines[..3],
            [
                line("winter peak", "248", 6_698),
                line("winter off-peak", "644.8", 13_193),
                line("winter super off-peak", "297.6", 4_464),
            ]
        );
        assert_eq!((kept.sources[0].count, kept.sources[0].sum), (29, 29 * 96 * 400));
        assert_eq!(kept.sources.len(), 3, "electricity, gas and water");
        // Days and hours sum to the bill, and the peak costs more.
        let mut work = reading(&cx).await;
        let range = DayRange { from: day("2026-01-12"), to: day("2026-03-21") };
        let spans = crate::billing::costs(&mut work, account, Commodity::Electricity, range).await.expect("costs");
        assert_eq!((spans.len(), spans[2].costs.billed), (3, false));
        let sum: i64 = spans[0].costs.days.iter().map(|d| d.usage.0 + d.export.0 + d.fixed.0).sum();
        assert_eq!(sum, kept.services[0].total.0 * FineAmount::PER_CENT);
        let hours: Vec<Part> =
            (0..24).map(|h| Part { minute: h * 60, delivered: Some(1_600_000), received: None }).collect();
        let cut = spans[0].costs.intervals(day("2026-01-15"), &hours);
        let at = |hour: usize| cut[hour].usage.expect("known").0;
        assert!(at(17) > at(8) && at(8) > at(12), "{cut:?}");
        // 1.6 kWh at 27.01 cents and 5 % of tax.
        assert!((at(17) - 45_377).abs() <= 2, "{}", at(17));
        assert!(spans[2].costs.day(day("2026-03-15")).expect("a day").usage.0 > 0);
        drop(work);
        let who = holder(&pool, account).await;
        let view = crate::billing::why(&cx, &who, "100230", "100230-002", None).await.expect("a view");
        assert!(view.causes.iter().all(|c| c.0 != Cause::Other), "{:?}", view.causes);
    }

    async fn the_highest_load_is_billed(pool: Pool) {
        let data = DayRange { from: day("2026-01-12"), to: day("2026-02-20") };
        let account = seeded_on("E-4", &pool, "100231", data, &[]).await;
        let cx = cx(&pool, "2026-02-20T20:00:00Z");
        assert_eq!(run(&cx, "2026-02-20").await.bills, 1);
        let (lines, _) = electric(&cx, account, "100231-001").await;
        // 400 Wh in a quarter of an hour are 1.6 kW, at 15.25 dollars; 1190.4 kWh at 12.52 cents.
        let line = |what: &str, quantity: &str, cents| (what.to_owned(), quantity.to_owned(), cents);
        assert_eq!(lines[..2], [line("winter", "1.6", 2_440), line("winter", "1190.4", 14_904)]);
    }

    async fn what_is_sent_back_is_carried_on_and_settled_once_a_year(pool: Pool) {
        let data = DayRange { from: day("2025-10-12"), to: day("2026-01-20") };
        let account = seeded_on("E-1-NEM1", &pool, "100232", data, &[]).await;
        let cx = cx(&pool, "2026-01-20T20:00:00Z");
        // One by one, as nights go by, and once more: what is carried is read back.
        for through in ["2025-11-20", "2025-12-20", "2026-01-20", "2026-01-20"] {
            run(&cx, through).await;
        }
        // 100 Wh more than was used each quarter-hour; the first period has the day of 25 hours.
        let (lines, first) = electric(&cx, account, "100232-001").await;
        assert_eq!(lines, [("Some(Energy)".to_owned(), "0".to_owned(), 0)]);
        assert_eq!((first.bank_before.len(), first.bank.values().sum::<i64>()), (0, 298_000_000));
        let (lines, second) = electric(&cx, account, "100232-002").await;
        assert_eq!(second.bank_before, first.bank);
        assert_eq!(lines[1], ("Some(Surplus)".to_owned(), "586".to_owned(), -3_422), "586 kWh at 5.84 cents");
        let (_, third) = electric(&cx, account, "100232-003").await;
        assert_eq!((third.bank_before.len(), third.bank.values().sum::<i64>()), (0, 297_600_000));
        // What the page says of it: left over before, charged, left over now. December paid out what was left.
        let netted = |k: &crate::billing::prepare::Kept| {
            let bill = k.services.iter().find(|s| s.service == ServiceKind::Electricity).expect("it is on the bill");
            let n = Netted::of(bill, &k.bank_before, &k.bank).expect("something was carried");
            [n.before, n.charged, n.after].map(|amount| amount.round_to(-3))
        };
        assert_eq!([&first, &second, &third].map(netted), [[0, 0, 298_000], [298_000, 0, 0], [0, 0, 297_600]]);
        let checked = crate::check::ledger(&cx, &Principal::System).await.expect("checked");
        assert_eq!(checked.faults, Vec::<String>::new());
    }

    async fn two_agreements_for_the_same_days_are_held(pool: Pool) {
        let data = DayRange { from: day("2026-01-12"), to: day("2026-02-20") };
        let account = seeded(&pool, "100233", "2026-01-12", data, &[]).await;
        let mut tx = pool.write().await.expect("a transaction");
        let row = store::bills::agreements(&mut tx, account).await.expect("agreements").remove(0);
        let new = NewAgreement {
            account,
            premise: row.premise_id,
            point: None,
            service: ServiceKind::Refuse,
            schedule: "R-1",
            facts: &serde_json::json!({ "cart": "20" }),
            since: row.since,
        };
        store::accounts::insert_agreement(&mut tx, &new).await.expect("an agreement");
        tx.commit().await.expect("committed");
        let report = run(&cx(&pool, "2026-02-20T20:00:00Z"), "2026-02-20").await;
        assert_eq!(report.held, [("100233".to_owned(), Hold::OverlappingAgreements)]);
    }

    async fn months_of_readings_become_bills_once(pool: Pool) {
        let data = DayRange { from: day("2026-01-12"), to: day("2026-04-20") };
        let account = seeded(&pool, "100200", "2026-01-12", data, &[]).await;
        let cx = cx(&pool, "2026-04-20T20:00:00Z");
        let first = run(&cx, "2026-04-20").await;
        assert_eq!((first.bills, first.held.len(), first.failed.len()), (3, 0, 0), "{first:?}");
        let second = run(&cx, "2026-04-20").await;
        assert_eq!(second.bills, 0, "a second run changes nothing");

        let mut work = reading(&cx).await;
        let zone = Zone::iana("America/Los_Angeles").expect("known");
        let (due, bills) = crate::billing::summaries(&mut work, account, &zone).await.expect("bills");
        assert_eq!(bills.iter().map(|b| b.total).sum::<Cents>(), first.total);
        assert_eq!(due.balance, first.total);
        assert_eq!(due.latest_bill.as_deref(), Some("100200-003"));
        assert_eq!(bills[2].period, DayRange { from: day("2026-01-12"), to: day("2026-02-12") });
        assert_eq!(bills[2].due_on, day("2026-03-07"));
        assert!(due.overdue > Cents::ZERO && due.overdue < due.balance);

        // 31 days of 96 quarter-hours of 400 Wh.
        let row = store::bills::by_number(&mut work.tx, account, "100200-001").await.expect("read").expect("there");
        let (detail, lines, reads) = store::bills::parts(&mut work.tx, row.id).await.expect("parts");
        let kept = crate::billing::prepare::kept(detail).expect("kept");
        assert_eq!(kept.services[0].delivered.map(|d| d.to_string()).as_deref(), Some("1190.4"));
        assert_eq!(kept.services[2].delivered.map(|d| d.to_string()).as_deref(), Some("6.962567"));
        assert_eq!((kept.services.len(), reads.len()), (6, 3));
        assert!(lines.len() > 10);
        drop(work);

        let checked = crate::check::ledger(&cx, &Principal::System).await.expect("checked");
        assert_eq!(checked.faults, Vec::<String>::new());
        assert_eq!(checked.counts[1], ("bills".to_owned(), 3));
    }

    async fn an_account_without_readings_is_held_not_billed_for_nothing(pool: Pool) {
        let data = DayRange { from: day("2026-01-12"), to: day("2026-01-12") };
        seeded(&pool, "100203", "2026-01-12", data, &[]).await;
        let late = DayRange { from: day("2026-01-12"), to: day("2026-02-02") };
        seeded(&pool, "100204", "2026-01-12", late, &[]).await;
        let cx = cx(&pool, "2026-02-16T20:00:00Z");
        let report = run(&cx, "2026-02-16").await;
        assert_eq!(report.bills, 0);
        let held: Vec<_> = report.held.iter().map(|(n, h)| (n.as_str(), *h)).collect();
        assert_eq!(held, [("100203", Hold::NoReadings), ("100204", Hold::WaitingForReadings)]);
    }

    async fn an_old_customer_is_billed_from_the_first_whole_period_with_readings(pool: Pool) {
        let data = DayRange { from: day("2026-01-20"), to: day("2026-04-20") };
        let account = seeded(&pool, "100205", "2011-05-03", data, &[]).await;
        let cx = cx(&pool, "2026-04-20T20:00:00Z");
        assert_eq!(run(&cx, "2026-04-20").await.bills, 2);
        let mut work = reading(&cx).await;
        let bills = store::bills::list(&mut work.tx, account).await.expect("bills");
        assert_eq!(bills[1].period_from, day("2026-02-12"));
    }

    async fn the_nightly_run_waits_for_a_person_where_it_should(pool: Pool) {
        let data = DayRange { from: day("2026-01-12"), to: day("2026-03-20") };
        seeded_on("E-1", &pool, "100230", data, &[]).await;
        let mut cx = cx(&pool, "2026-03-20T20:00:00Z");
        let settings = crate::Settings { bills_by_hand: true, ..crate::Settings::default() };
        cx.settings = std::sync::Arc::new(settings);
        let night = async |cx: &Cx| crate::billing::nightly::released(cx, day("2026-03-20")).await.expect("it runs");
        assert!(night(&cx).await.is_none(), "only a person releases");
        cx.settings = std::sync::Arc::new(crate::Settings::default());
        assert_eq!(night(&cx).await.map(|r| r.bills), Some(2), "nothing was issued before");
    }

    async fn a_dry_run_writes_nothing(pool: Pool) {
        let data = DayRange { from: day("2026-01-12"), to: day("2026-02-20") };
        seeded(&pool, "100208", "2026-01-12", data, &[]).await;
        let cx = cx(&pool, "2026-02-20T20:00:00Z");
        let options = Options { dry_run: true, ..Options::through(day("2026-02-20")) };
        let report = crate::billing::run(&cx, &Principal::System, &options).await.expect("a run");
        assert_eq!(report.bills, 1);
        let mut work = reading(&cx).await;
        assert_eq!(store::bills::faults(&mut work.tx).await.expect("checked").1, 0);
        assert_eq!(store::tariffs::latest(&mut work.tx).await.expect("files").len(), 0);
    }

    async fn an_imported_tariff_takes_the_place_of_the_bundled_one(pool: Pool) {
        let cx = cx(&pool, "2026-02-20T20:00:00Z");
        let text = "[[schedule]]\ncode = \"S-1\"\nservice = \"wastewater\"\n[[schedule.version]]\nfrom = \"2020-07-01\"\n\
                    source = \"test\"\n[[schedule.version.charge]]\nlabel = \"wastewater\"\nbasis = \"month\"\nprice = \"1\"\n";
        let import = |text: &'static str| crate::tariffs::import(&cx, &Principal::System, "s-1", text);
        assert!(matches!(import(text).await, Ok(Ok(true))));
        assert!(matches!(import(text).await, Ok(Ok(false))));
        assert!(matches!(import("nonsense").await, Ok(Err(_))));
        let mut work = reading(&cx).await;
        let book = crate::tariffs::book(&mut work.tx).await.expect("a book");
        assert_eq!(book.schedule("S-1").expect("there").versions.len(), 1);
        assert!(book.schedule("E-1").is_some());
    }

    async fn what_belongs_to_another_file_is_refused_by_its_name(pool: Pool) {
        let cx = cx(&pool, "2026-02-20T20:00:00Z");
        let (system, dana) = (Principal::System, crate::billing::correct_tests::employee(&pool, "Dana").await);
        let flat = |code: &str| {
            format!(
                "[[schedule]]\ncode = \"{code}\"\nservice = \"electricity\"\n[[schedule.version]]\nfrom = \"2026-01-01\"\nsource = \
                 \"test\"\n[[schedule.version.charge]]\nlabel = \"energy\"\nbasis = \"delivered\"\nprice = \"1\"\n"
            )
        };
        let tax = "[[tax]]\nfrom = \"1987-01-01\"\npercent = \"1\"\nservices = [\"gas\"]\nsource = \"test\"\n";
        for (name, text, owner) in [("foo", flat("E-1"), "e-1"), ("e-1", flat("E-2"), "e-2"), ("foo", tax.to_owned(), "city")] {
            let said = format!("the file `{owner}`");
            let refused = |e: domain::tariff::file::FileError| assert!(e.to_string().contains(&said), "{e}");
            refused(crate::tariffs::import(&cx, &system, name, &text).await.expect("asked").expect_err("refused"));
            refused(crate::tariffs::sound(&cx, &system, name, &text).await.expect("asked").expect_err("refused"));
            let proposed = crate::tariffs::release::propose(&cx, &dana, None, (name, &text), "x").await;
            refused(proposed.expect("asked").expect_err("refused"));
            let tried = crate::billing::shadow::with_prices(&cx, &system, name, &text).await;
            refused(tried.expect("asked").expect_err("refused"));
        }
        // Two propose the same new schedule under two names: the second one may not be released over the first.
        let sam = crate::billing::correct_tests::employee(&pool, "Sam").await;
        let propose = |name: &'static str| {
            let (cx, dana) = (cx.clone(), dana.clone());
            async move { crate::tariffs::release::propose(&cx, &dana, None, (name, &flat("X-1")), "x").await }
        };
        let (one, two) = (propose("x-1").await, propose("x-2").await);
        let [one, two] = [one, two].map(|id| id.expect("asked").expect("sound"));
        crate::tariffs::release::decide(&cx, &sam, None, one, Decision::Release(Some(&seen(&cx, &sam, one).await))).await.expect("released");
        let over = crate::tariffs::release::decide(&cx, &sam, None, two, Decision::Release(Some(&seen(&cx, &sam, two).await))).await.map_err(contract::AppError::from);
        assert_eq!(over, Err(contract::AppError::Changed));
        crate::tariffs::release::decide(&cx, &sam, None, two, Decision::Refuse).await.expect("refused");
    }

    async fn an_earlier_text_may_take_the_place_of_the_one_that_followed_it(pool: Pool) {
        let cx = cx(&pool, "2026-02-20T20:00:00Z");
        let text = |price: &str| {
            format!(
                "[[schedule]]\ncode = \"X-1\"\nservice = \"wastewater\"\n[[schedule.version]]\nfrom = \"2020-07-01\"\nsource = \
                 \"test\"\n[[schedule.version.charge]]\nlabel = \"wastewater\"\nbasis = \"month\"\nprice = \"{price}\"\n"
            )
        };
        let take = async |price: &str| {
            let taken = crate::tariffs::import(&cx, &Principal::System, "x-1", &text(price)).await;
            taken.expect("asked").expect("sound")
        };
        assert!(take("1").await && take("2").await);
        assert!(!take("2").await, "it is in force already");
        assert!(take("1").await);
        let mut tx = pool.write().await.expect("a transaction");
        assert_eq!(crate::tariffs::in_force(&mut tx, "x-1").await.expect("read"), Some(text("1")));
    }

    async fn a_file_that_was_released_counts_though_a_new_one_would_be_refused(pool: Pool) {
        let cx = cx(&pool, "2026-02-20T20:00:00Z");
        let charge = "[[schedule.version.charge]]\nlabel = \"wastewater\"\nbasis = \"month\"\nprice = \"1\"\n";
        let text = format!(
            "[[schedule]]\ncode = \"S-1\"\nservice = \"wastewater\"\n[[schedule.version]]\nfrom = \"2020-07-01\"\nsource = \
             \"test\"\n{charge}{charge}"
        );
        let refused = crate::tariffs::import(&cx, &Principal::System, "s-1", &text).await.expect("asked");
        assert!(refused.is_err_and(|e| e.to_string().contains("more than one price")));
        let mut tx = pool.write().await.expect("a transaction");
        store::tariffs::insert(&mut tx, "s-1", "0", &text, cx.clock.now()).await.expect("kept");
        tx.commit().await.expect("committed");
        let mut work = reading(&cx).await;
        let book = crate::tariffs::book(&mut work.tx).await.expect("a book");
        assert_eq!(book.schedule("S-1").expect("there").versions[0].charges.len(), 2);
    }
}

#[test]
fn every_kind_of_line_is_stored_under_its_name() {
    for (kind, name) in [
        (LineKind::Usage, "usage"),
        (LineKind::Fixed, "fixed"),
        (LineKind::Export, "export"),
        (LineKind::Tax, "tax"),
        (LineKind::Assistance, "assistance"),
    ] {
        assert_eq!(serde_json::to_value(kind).expect("JSON"), name);
    }
}
