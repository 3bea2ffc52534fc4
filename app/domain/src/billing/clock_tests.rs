//! What holds for every bill by the clock.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::intervals::{Bank, Intervals, Slot};
use super::*;
use crate::tariff::{Book, file};

const WHOLE: &str = "label = \"energy\"\nbasis = \"delivered\"";
const PEAK: &str = "period = \"peak\"\ntimes = [{ days = \"weekdays\", hours = \"16:00-21:00\" }]";
const OFF: &str = "period = \"off\"\ntimes = [{ days = \"weekdays\", hours = \"21:00-16:00\" }, { days = \"weekends\", hours = \"00:00-24:00\" }]";

fn book(charges: &[String]) -> Result<Book, file::FileError> {
    let head = "[[schedule]]\ncode = \"X\"\nservice = \"electricity\"\n[[schedule.version]]\nfrom = \"2020-01-01\"\nsource = \"test\"\n";
    let each: String = charges.iter().map(|c| format!("[[schedule.version.charge]]\n{c}\n")).collect();
    file::read(&format!("{head}{each}"))
}

fn june() -> DayRange {
    let day = |m| NaiveDate::from_ymd_opt(2026, m, 1).expect("a date");
    DayRange { from: day(6), to: day(7) }
}

/// June in steps of `minutes`; the values come again and again.
fn june_in(minutes: u16, values: &[(i64, i64)]) -> Intervals {
    let each =
        june().from.iter_days().take(30).flat_map(|day| (0..1440).step_by(minutes.into()).map(move |m| (day, m)));
    let slot = |((day, minute), (delivered, received)): ((NaiveDate, u16), &(i64, i64))| Slot {
        day,
        minute,
        seconds: u32::from(minutes) * 60,
        delivered: *delivered,
        received: *received,
    };
    Intervals(each.zip(values.iter().cycle()).map(slot).collect())
}

fn billed(charges: &[String], known: &Intervals) -> Result<ServiceBill, BillError> {
    let book = book(charges).expect("the file reads");
    let sum = |f: fn(&Slot) -> i64| Some(Decimal::new(known.0.iter().map(f).sum(), -6));
    let used = ServiceUse {
        service: ServiceKind::Electricity,
        schedule: "X".into(),
        served: june(),
        facts: Facts::default(),
        delivered: sum(|s| s.delivered),
        received: sum(|s| s.received),
    };
    let of = Determinants { cycle: june(), services: vec![used], assistance: None };
    let by = BTreeMap::from([(ServiceKind::Electricity, known.clone())]);
    bill_by_intervals(&book, &of, &by, &mut Bank::new()).map(|b| b.services[0].clone())
}

fn quantity(bill: &ServiceBill) -> i64 {
    bill.lines.iter().filter_map(|l| l.quantity).map(|q| q.round_to(-6)).sum()
}

#[test]
fn an_adder_comes_on_top_of_tiers_on_the_whole_use() {
    let charges = [
        format!("{WHOLE}\ntiers = [{{ up_to_per_day = \"10\", price = \"0.20\" }}, {{ price = \"0.30\" }}]"),
        format!("{WHOLE}\nadder = true\n{PEAK}\nprice = \"0.05\""),
        format!("{WHOLE}\nadder = true\n{OFF}\nprice = \"-0.01\""),
    ];
    let bill = billed(&charges, &june_in(60, &[(1_000_000, 0)])).expect("a bill");
    // 720 kWh: 300 at 20 cents and 420 at 30; 22 weekdays with five hours of peak at 5 cents, 610 kWh at a cent less.
    let amounts: Vec<i64> = bill.lines.iter().map(|l| l.amount.0).collect();
    assert_eq!(amounts, [6_000, 12_600, 550, -610]);
}

#[test]
fn an_interval_in_two_windows_is_refused_and_a_day_on_the_whole_is_not() {
    let windows = [format!("{WHOLE}\n{PEAK}\nprice = \"0.40\""), format!("{WHOLE}\n{OFF}\nprice = \"0.20\"")];
    let daily = june_in(1440, &[(24_000_000, 0)]);
    let refused = billed(&windows, &daily).expect_err("refused").to_string();
    assert!(refused.contains("1440 minutes on 2026-06-01"), "{refused}");
    assert_eq!(billed(&[format!("{WHOLE}\nprice = \"0.10\"")], &daily).expect("a bill").total, Cents(7_200));
    let by_day = ["weekdays", "weekends"].map(|d| {
        format!("{WHOLE}\nperiod = \"{d}\"\ntimes = [{{ days = \"{d}\", hours = \"00:00-24:00\" }}]\nprice = \"0.10\"")
    });
    assert_eq!(billed(&by_day, &daily).expect("a bill").total, Cents(7_200));
}

#[test]
fn what_would_be_passed_over_in_silence_is_refused() {
    let fails = |charges: &[String], words: &str| {
        let why = book(charges).expect_err("refused").to_string();
        assert!(why.contains(words), "{why}");
    };
    let flat = format!("{WHOLE}\nprice = \"0.10\"");
    fails(&[flat.clone(), flat.clone()], "more than one price in every month");
    fails(&[flat.clone(), format!("{WHOLE}\n{PEAK}\nprice = \"0.40\"")], "more than one price on weekdays at 16:00");
    // Hours whose end was meant to be counted in leave a minute out.
    let short = ["00:00-15:59", "16:00-24:00"]
        .map(|h| format!("{WHOLE}\nperiod = \"{h}\"\ntimes = [{{ hours = \"{h}\" }}]\nprice = \"0.10\""));
    fails(&short, "no price on weekdays at 15:59");
    for hours in ["16:00-25:00", "1093:00-21:00", "16:60-21:00", "16:00-16:00", "24:00-03:00"] {
        let wrong = format!("{WHOLE}\ntimes = [{{ hours = \"{hours}\" }}]\nprice = \"0.40\"");
        fails(&[wrong], &format!("`{hours}` are no hours"));
    }
    fails(&[format!("{flat}\nminutes = 30")], "`minutes`, which this basis does not use");
    fails(&[format!("{flat}\ntiers = [{{ price = \"1\" }}]")], "`price` and `tiers`");
    fails(&["label = \"export_credit\"\nbasis = \"received\"\nprice = \"1\"\nnet = true".into()], "`net`, which");
    fails(
        &[format!("{WHOLE}\nnet = true\ntimes = [{{ hours = \"00:00-24:00\" }}]\nprice = \"1\"")],
        "needs a `period`",
    );
    let twice = "[[schedule]]\ncode = \"X\"\nservice = \"gas\"\nversion = []\n".repeat(2);
    assert!(file::read(&twice).expect_err("refused").to_string().contains("X: is there twice"));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn net_use_with_nothing_sent_back_is_plain_use(values in prop::collection::vec(0i64..4_000_000, 24)) {
        let values: Vec<(i64, i64)> = values.into_iter().map(|v| (v, 0)).collect();
        let of = |net: &str| {
            let charges = [format!("{WHOLE}\n{net}{PEAK}\nprice = \"0.41\""), format!("{WHOLE}\n{net}{OFF}\nprice = \"0.23\"")];
            billed(&charges, &june_in(60, &values)).expect("a bill")
        };
        prop_assert_eq!(of("net = true\n").lines, of("").lines);
    }

    #[test]
    fn cuts_and_the_order_of_charges_change_no_quantity(
        values in prop::collection::vec((0i64..4_000_000, 0i64..4_000_000), 1..50),
        cut in 2u32..30,
    ) {
        let known = june_in(60, &values);
        let whole = [format!("{WHOLE}\n{PEAK}\nprice = \"0.40\""), format!("{WHOLE}\n{OFF}\nprice = \"0.20\"")];
        let steps = |p: &str, q: &str| format!("price = [{{ from = \"2020-01-01\", price = \"{p}\" }}, {{ from = \"2026-06-{cut:02}\", price = \"{q}\" }}]");
        let parts = [format!("{WHOLE}\n{PEAK}\n{}", steps("0.40", "0.60")), format!("{WHOLE}\n{OFF}\n{}", steps("0.20", "0.10"))];
        let [a, b] = [&whole, &parts].map(|c| billed(c, &known).expect("a bill"));
        prop_assert_eq!(quantity(&a), known.0.iter().map(|s| s.delivered).sum::<i64>());
        prop_assert_eq!(quantity(&a), quantity(&b));
        let turned: Vec<String> = parts.iter().rev().cloned().collect();
        prop_assert_eq!(billed(&turned, &known).expect("a bill").total, b.total);
        // A cut between equal prices is no cut.
        let same = [format!("{WHOLE}\n{PEAK}\n{}", steps("0.40", "0.40")), format!("{WHOLE}\n{OFF}\n{}", steps("0.20", "0.20"))];
        prop_assert_eq!(billed(&same, &known).expect("a bill").lines, a.lines);
    }

    #[test]
    fn more_use_never_costs_less_where_tiers_and_demand_rise(
        values in prop::collection::vec(0i64..4_000_000, 24),
        at in 0usize..24,
        more in 0i64..4_000_000,
    ) {
        let charges = [
            format!("{WHOLE}\n{PEAK}\ntiers = [{{ up_to_per_day = \"3\", price = \"0.40\" }}, {{ price = \"0.50\" }}]"),
            format!("{WHOLE}\n{OFF}\ntiers = [{{ up_to = \"400\", price = \"0.20\" }}, {{ price = \"0.25\" }}]"),
            "label = \"demand\"\nbasis = \"demand\"\nprice = \"7.5\"".into(),
        ];
        let mut values: Vec<(i64, i64)> = values.into_iter().map(|v| (v, 0)).collect();
        let before = billed(&charges, &june_in(60, &values)).expect("a bill");
        values[at].0 += more;
        let after = billed(&charges, &june_in(60, &values)).expect("a bill");
        // Where a tier is reached two lines are rounded in place of one.
        prop_assert!(after.total.0 >= before.total.0 - 2, "{:?} {:?}", before.total, after.total);
    }
}
