//! Net use: what is left over is carried on once, whatever riders and adders there are, and each day counts as it is on that day.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::intervals::{Bank, Intervals, Slot};
use super::netting::Netted;
use super::*;
use crate::tariff::{Book, file};

const ENERGY: &str = "label = \"energy\"\nbasis = \"delivered\"\nnet = true\nprice = \"0.2\"\n";
const RIDER: &str = "label = \"hydro_adjuster\"\nbasis = \"delivered\"\nnet = true\nprice = \"0.05\"\n";
const ADDER: &str = "label = \"energy\"\nbasis = \"delivered\"\nadder = true\nnet = true\nprice = \"0.05\"\n";

fn day(text: &str) -> NaiveDate {
    text.parse().expect("a date")
}

fn version(from: &str, charges: &[&str]) -> String {
    let each: String = charges.iter().map(|c| format!("[[schedule.version.charge]]\n{c}\n")).collect();
    format!("[[schedule.version]]\nfrom = \"{from}\"\nsource = \"test\"\n{each}")
}

fn book(versions: &[String]) -> Book {
    let head = "[[schedule]]\ncode = \"X\"\nservice = \"electricity\"\n";
    file::read(&format!("{head}{}", versions.concat())).expect("the file reads")
}

fn settled(month: u32) -> String {
    format!("label = \"surplus\"\nbasis = \"surplus\"\nmonths = [{month}]\nprice = \"0.06\"\n")
}

/// What a home uses and sends back each noon, in kilowatt-hours.
fn noons(range: DayRange, of: impl Fn(NaiveDate) -> (i64, i64)) -> Intervals {
    let slot = |day| {
        let (delivered, received) = of(day);
        Slot { day, minute: 720, seconds: 3_600, delivered: delivered * 1_000_000, received: received * 1_000_000 }
    };
    Intervals(range.days().map(slot).collect())
}

fn range(from: &str, to: &str) -> DayRange {
    DayRange { from: day(from), to: day(to) }
}

/// A bill by the clock, or by totals alone.
fn rated(book: &Book, served: DayRange, known: &Intervals, clock: bool, bank: &mut Bank) -> ServiceBill {
    let sum = |f: fn(&Slot) -> i64| Some(Decimal::new(known.on(served).iter().map(f).sum(), -6));
    let used = ServiceUse {
        service: ServiceKind::Electricity,
        schedule: "X".into(),
        served,
        facts: Facts::default(),
        delivered: sum(|s| s.delivered),
        received: sum(|s| s.received),
    };
    let of = Determinants { cycle: served, services: vec![used], assistance: None };
    let by = if clock { BTreeMap::from([(ServiceKind::Electricity, known.clone())]) } else { BTreeMap::new() };
    bill_by_intervals(book, &of, &by, bank).expect("a bill").services.remove(0)
}

/// Quantity in kilowatt-hours and cents of each line.
fn lines(bill: &ServiceBill) -> Vec<(String, i64)> {
    let quantity = |l: &Line| l.quantity.map_or_else(|| "-".to_owned(), |q| q.to_string());
    bill.lines.iter().map(|l| (quantity(l), l.amount.0)).collect()
}

fn said(of: &[(&str, i64)]) -> Vec<(String, i64)> {
    of.iter().map(|(q, a)| ((*q).to_owned(), *a)).collect()
}

#[test]
fn a_surplus_is_paid_once_whatever_is_net_beside_it() {
    let january = range("2026-01-01", "2026-02-01");
    let known = noons(january, |_| (2, 4));
    for beside in [RIDER, ADDER] {
        let book = book(&[version("2026-01-01", &[ENERGY, beside, &settled(1)])]);
        for clock in [true, false] {
            let mut bank = Bank::new();
            let bill = rated(&book, january, &known, clock, &mut bank);
            assert_eq!(lines(&bill), said(&[("0", 0), ("0", 0), ("62", -372)]), "{beside}");
            assert!(bank.is_empty(), "{bank:?}");
        }
    }
}

#[test]
fn a_net_rider_and_a_net_adder_count_what_the_net_charge_counts() {
    let all = range("2026-01-01", "2026-03-01");
    let known = noons(all, |d| if d < day("2026-02-01") { (2, 4) } else { (8, 1) });
    let month = |from: &str, to: &str, book: &Book, bank: &mut Bank| rated(book, range(from, to), &known, true, bank);
    for beside in [RIDER, ADDER] {
        let book = book(&[version("2026-01-01", &[ENERGY, beside])]);
        let mut bank = Bank::new();
        month("2026-01-01", "2026-02-01", &book, &mut bank);
        assert_eq!(bank, Bank::from([("X|Energy|".to_owned(), 62_000_000)]), "{beside}");
        // 196 less the 62.
        let february = month("2026-02-01", "2026-03-01", &book, &mut bank);
        assert_eq!(lines(&february), said(&[("134", 2_680), ("134", 670)]), "{beside}");
        assert!(bank.is_empty());
    }
}

#[test]
fn an_adder_by_the_hour_shares_out_what_the_whole_comes_to() {
    let by_hour = |period: &str, hours: &str, price: &str| {
        format!(
            "label = \"energy\"\nbasis = \"delivered\"\nadder = true\nnet = true\nperiod = \"{period}\"\ntimes = [{{ hours = \"{hours}\" }}]\nprice = \"{price}\"\n"
        )
    };
    let (noon, rest) = (by_hour("noon", "10:00-16:00", "0.05"), by_hour("rest", "16:00-10:00", "0"));
    let book = book(&[version("2026-01-01", &[ENERGY, &noon, &rest])]);
    let june = range("2026-06-01", "2026-07-01");
    let slot = |day, minute, delivered, received| Slot { day, minute, seconds: 3_600, delivered, received };
    let slots = june.days().flat_map(|d| [slot(d, 720, 1_000_000, 0), slot(d, 1_200, 3_000_000, 0)]);
    let mut bank = Bank::from([("X|Energy|".to_owned(), 20_000_000)]);
    let bill = rated(&book, june, &Intervals(slots.collect()), true, &mut bank);
    // A quarter of the 100 that are left of 120 is of the noons.
    assert_eq!(lines(&bill), said(&[("100", 2_000), ("25", 125), ("75", 0)]));
}

#[test]
fn whether_a_charge_is_net_is_asked_of_each_day() {
    let march = range("2026-03-01", "2026-04-01");
    let known = noons(march, |d| if d < day("2026-03-06") { (5, 1) } else { (4, 1) });
    let plain = ENERGY.replace("net = true\n", "");
    let until = book(&[version("2026-01-01", &[ENERGY]), version("2026-03-06", &[&plain])]);
    let since = book(&[version("2026-01-01", &[&plain]), version("2026-03-06", &[ENERGY])]);
    let bill = |book: &Book, clock: bool, known: &Intervals| rated(book, march, known, clock, &mut Bank::new());
    assert_eq!(lines(&bill(&until, true, &known)), said(&[("20", 400), ("104", 2_080)]));
    assert_eq!(lines(&bill(&since, true, &known)), said(&[("25", 500), ("78", 1_560)]));
    // By totals each day has its share of both: 124 and 31 of 31 days.
    let even = noons(march, |_| (4, 1));
    assert_eq!(lines(&bill(&until, false, &even)), said(&[("15", 300), ("104", 2_080)]));
    // A season that is net, in one bill with one that is not.
    let seasons = book(&[version(
        "2026-01-01",
        &[&format!("{ENERGY}months = [3]\n"), &format!("{plain}months = [1, 2, 4, 5, 6, 7, 8, 9, 10, 11, 12]\n")],
    )]);
    let spring = range("2026-03-01", "2026-05-01");
    let known = noons(spring, |_| (4, 3));
    let mut bank = Bank::from([("X|Energy|".to_owned(), 1_000_000)]);
    let both = rated(&seasons, spring, &known, true, &mut bank);
    assert_eq!(lines(&both), said(&[("30", 600), ("120", 2_400)]));
    assert!(bank.is_empty());
}

#[test]
fn units_that_were_kept_twice_are_understood() {
    let march = range("2026-03-01", "2026-04-01");
    let known = noons(march, |_| (2, 1));
    let stored =
        |keys: &[(&str, i64)]| -> Bank { keys.iter().map(|(k, v)| ((*k).to_owned(), v * 1_000_000)).collect() };
    let book = book(&[version("2026-01-01", &[ENERGY, RIDER, &settled(3)])]);
    let before =
        stored(&[("X|Energy|", 62), ("X|HydroAdjuster|", 62), ("Y|Energy|", 7), ("peak|X|Demand||2026-01-31", 5)]);
    let mut bank = before.clone();
    let bill = rated(&book, march, &known, true, &mut bank);
    assert_eq!(lines(&bill), said(&[("0", 0), ("0", 0), ("31", -186)]));
    assert_eq!(bank, stored(&[("Y|Energy|", 7), ("peak|X|Demand||2026-01-31", 5)]), "others' are left alone");
    let netted = Netted::of(&bill, &before, &bank).expect("something was carried");
    assert_eq!((netted.before.to_string(), netted.charged.to_string()), ("62".to_owned(), "0".to_owned()));
    // Where another label carries on by now, its units are those of the one that did.
    let mut bank = stored(&[("X|HydroAdjuster|", 10)]);
    assert_eq!(lines(&rated(&book, march, &known, true, &mut bank))[0], ("21".to_owned(), 420));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn what_is_carried_is_what_is_left_of_each_period(
        values in prop::collection::vec((0i64..4_000_000, 0i64..4_000_000), 24),
        windows in any::<bool>(),
        beside in prop::collection::vec(0usize..4, 0..3),
    ) {
        let june = range("2026-06-01", "2026-07-01");
        let slots = june.days().flat_map(|day| values.iter().zip(0u16..).map(move |((d, r), hour)| {
            Slot { day, minute: hour * 60, seconds: 3_600, delivered: *d, received: *r }
        }));
        let known = Intervals(slots.collect());
        let hours = [("day", "08:00-20:00"), ("night", "20:00-08:00")];
        let split = |charge: &str| hours.map(|(p, h)| format!("{charge}period = \"{p}\"\ntimes = [{{ hours = \"{h}\" }}]\n"));
        let mut charges = if windows { split(ENERGY).to_vec() } else { vec![ENERGY.to_owned()] };
        let mut taken = Vec::new();
        for kind in beside {
            let (name, charge) = if kind < 2 { ("rider", RIDER) } else { ("adder", ADDER) };
            if !taken.contains(&name) {
                taken.push(name);
                charges.extend(if kind % 2 == 0 { split(charge).to_vec() } else { vec![charge.to_owned()] });
            }
        }
        let charges: Vec<&str> = charges.iter().map(String::as_str).collect();
        let mut bank = Bank::new();
        let bill = rated(&book(&[version("2026-01-01", &charges)]), june, &known, true, &mut bank);
        let day_time = |s: &&Slot| (480..1_200).contains(&s.minute);
        let net = |s: &Slot| s.delivered - s.received;
        let (light, dark): (Vec<&Slot>, Vec<&Slot>) = known.0.iter().partition(day_time);
        let sums = [light, dark].map(|of| of.into_iter().map(net).sum::<i64>());
        let periods = if windows { sums.to_vec() } else { vec![sums.iter().sum()] };
        let left: i64 = periods.iter().map(|n| (-n).max(0)).sum();
        let charged: i64 = periods.iter().map(|n| (*n).max(0)).sum();
        prop_assert_eq!(bank.values().sum::<i64>(), left);
        prop_assert_eq!(super::intervals::carried(&bank, "X"), left);
        // Whatever is net beside it counts as much.
        let quantity = |of: &dyn Fn(&Line) -> bool| -> i64 {
            bill.lines.iter().filter(|l| of(l)).filter_map(|l| l.quantity).map(|q| q.round_to(-6)).sum()
        };
        let adders = i64::from(taken.contains(&"adder"));
        prop_assert_eq!(quantity(&|l| l.label == Some(Label::Energy)), charged * (1 + adders));
        if taken.contains(&"rider") {
            prop_assert_eq!(quantity(&|l| l.label == Some(Label::HydroAdjuster)), charged);
        }
    }
}
