//! Golden bills on the sheet of 2009, and properties that hold for every bill.

use proptest::prelude::*;

use super::*;
use crate::tariff::{Book, file};

fn day(text: &str) -> NaiveDate {
    text.parse().expect("a date")
}

/// The 2009 sheet with today's tax and discounts.
fn sheet() -> Book {
    let mut book = file::read(file::SHEET_2009).expect("the sheet reads");
    let city = file::BUNDLED.iter().find(|(n, _)| *n == "city").expect("bundled").1;
    book.merge(file::read(city).expect("the city file reads"));
    book
}

fn use_of(service: ServiceKind, schedule: &str, served: DayRange, delivered: Option<Decimal>) -> ServiceUse {
    let facts =
        Facts { eru: Some("1.0".into()), cart: Some("32".into()), meter_size: Some("5/8".into()), ..Facts::default() };
    ServiceUse { service, schedule: schedule.into(), served, facts, delivered, received: None }
}

fn electric_2009(kwh: i64, days: u64, assistance: Option<Program>) -> Bill {
    let from = day("2010-03-01");
    let cycle = DayRange { from, to: from + chrono::Days::new(days) };
    let services = vec![use_of(ServiceKind::Electricity, "E-1", cycle, Some(Decimal::new(kwh, 0)))];
    bill(&sheet(), &Determinants { cycle, services, assistance }).expect("a bill")
}

/// Line amounts in print order and the total.
fn amounts(b: &Bill) -> (Vec<i64>, i64) {
    (b.services[0].lines.iter().map(|l| l.amount.0).collect(), b.total.0)
}

#[test]
fn the_four_worked_examples_of_the_2009_sheet() {
    assert_eq!(amounts(&electric_2009(500, 30, None)), (vec![2857, 2604, 273], 5734));
    assert_eq!(amounts(&electric_2009(500, 30, Some(Program::Financial))), (vec![2857, 2604, 273, -1365], 4369));
    assert_eq!(amounts(&electric_2009(700, 30, None)), (vec![2857, 3906, 1740, 425], 8928));
    assert_eq!(amounts(&electric_2009(500, 29, None)), (vec![2762, 2734, 275], 5771));
}

#[test]
fn components_of_a_line_are_split_by_largest_remainder() {
    let b = electric_2009(500, 30, None);
    let parts = |i: usize| b.services[0].lines[i].components.clone();
    use Component::{Commodity, Distribution, PublicBenefits};
    assert_eq!(parts(0), [(Commodity, Cents(1634)), (Distribution, Cents(1127)), (PublicBenefits, Cents(96))]);
    assert_eq!(parts(1), [(Commodity, Cents(1531)), (Distribution, Cents(1009)), (PublicBenefits, Cents(64))]);
    assert!(b.services[0].verified);
}

#[test]
fn tiers_say_where_they_begin_and_end() {
    let b = electric_2009(700, 30, None);
    let tiers: Vec<_> = b.services[0].lines.iter().filter_map(|l| l.tier).collect();
    assert_eq!(tiers[0].to, Some(Decimal::new(300_000_000, -6)));
    assert_eq!((tiers[1].from, tiers[1].to), (tiers[0].to.expect("an end"), Some(Decimal::new(600_000_000, -6))));
    assert_eq!(tiers[2].to, None);
}

/// The storm series is sourced: one residential unit for a whole month.
#[test]
fn storm_drain_follows_the_sourced_series() {
    let book = file::bundled().expect("bundled files read");
    for (on, cents) in [
        ("2017-07-01", 1365),
        ("2021-08-01", 1534),
        ("2022-08-01", 1598),
        ("2023-08-01", 1676),
        ("2024-08-01", 1720),
        ("2025-08-01", 1761),
    ] {
        let cycle = cycle::containing(day(on), 1);
        let services = vec![use_of(ServiceKind::Storm, "D-1", cycle, None)];
        let b = bill(&book, &Determinants { cycle, services, assistance: None }).expect("a bill");
        assert_eq!(b.total, Cents(cents), "{on}");
        assert!(b.services[0].verified);
    }
}

#[test]
fn the_2015_carts_are_the_sourced_ones() {
    let book = file::bundled().expect("bundled files read");
    let cycle = cycle::containing(day("2015-09-01"), 1);
    for (cart, cents) in [("20", 2430), ("32", 4375), ("64", 8751), ("96", 13126)] {
        let mut used = use_of(ServiceKind::Refuse, "R-1", cycle, None);
        used.facts.cart = Some(cart.into());
        let b = bill(&book, &Determinants { cycle, services: vec![used], assistance: None }).expect("a bill");
        assert_eq!(b.total, Cents(cents));
    }
}

#[test]
fn a_price_change_within_the_period_is_prorated_by_day() {
    let book = file::bundled().expect("bundled files read");
    // 16 Jun to 16 Jul 2025: 15 days of $17.20 and 15 days of $17.61.
    let cycle = DayRange { from: day("2025-06-16"), to: day("2025-07-16") };
    let services = vec![use_of(ServiceKind::Storm, "D-1", cycle, None)];
    let b = bill(&book, &Determinants { cycle, services, assistance: None }).expect("a bill");
    let lines: Vec<_> = b.services[0].lines.iter().map(|l| (l.days, l.of_days, l.amount.0)).collect();
    assert_eq!(lines, [(15, 30, 860), (15, 30, 881)]);
}

#[test]
fn a_part_of_a_period_pays_its_days() {
    let book = file::bundled().expect("bundled files read");
    let cycle = DayRange { from: day("2025-08-01"), to: day("2025-08-31") };
    let served = DayRange { from: day("2025-08-11"), to: day("2025-08-31") };
    let services = vec![use_of(ServiceKind::Wastewater, "S-1", served, None)];
    let b = bill(&book, &Determinants { cycle, services, assistance: None }).expect("a bill");
    assert_eq!(b.total, Cents(4480), "20 of 30 days of $67.20");
}

#[test]
fn solar_exports_are_a_line_of_their_own_and_do_not_lower_the_tax() {
    let book = file::bundled().expect("bundled files read");
    let cycle = DayRange { from: day("2025-08-01"), to: day("2025-08-31") };
    let mut used = use_of(ServiceKind::Electricity, "E-1", cycle, Some(Decimal::new(200, 0)));
    used.received = Some(Decimal::new(300, 0));
    let b = bill(&book, &Determinants { cycle, services: vec![used], assistance: None }).expect("a bill");
    let kinds: Vec<_> = b.services[0].lines.iter().map(|l| (l.kind, l.amount.0)).collect();
    assert_eq!(kinds, [(LineKind::Usage, 4092), (LineKind::Export, -2730), (LineKind::Tax, 205)]);
}

#[test]
fn the_median_home_pays_about_the_published_medians() {
    let book = file::bundled().expect("bundled files read");
    let cycle = DayRange { from: day("2024-10-01"), to: day("2024-10-31") };
    let gross = |service, schedule, delivered: Option<i64>| {
        let services = vec![use_of(service, schedule, cycle, delivered.map(|d| Decimal::new(d, 0)))];
        let b = bill(&book, &Determinants { cycle, services, assistance: None }).expect("a bill");
        b.services[0].gross.0
    };
    assert!((8200..8400).contains(&gross(ServiceKind::Electricity, "E-1", Some(430))));
    assert!((11_200..11_600).contains(&gross(ServiceKind::Water, "W-1", Some(9))));
    assert_eq!(gross(ServiceKind::Wastewater, "S-1", None), 5600);
    let winter = DayRange { from: day("2025-01-01"), to: day("2025-01-31") };
    let gas = |cycle, therms| {
        let services = vec![use_of(ServiceKind::Gas, "G-1", cycle, Some(Decimal::new(therms, 0)))];
        bill(&book, &Determinants { cycle, services, assistance: None }).expect("a bill").services[0].gross.0
    };
    // Seven summer months and five winter months make the published year.
    let mean = (7 * gas(cycle, 18) + 5 * gas(winter, 54)) / 12;
    assert!((6800..8000).contains(&mean), "{mean}");
}

#[test]
fn what_is_missing_is_named() {
    let book = file::bundled().expect("bundled files read");
    let cycle = DayRange { from: day("2025-08-01"), to: day("2025-08-31") };
    let make = |used: ServiceUse| bill(&book, &Determinants { cycle, services: vec![used], assistance: None });
    let mut no_cart = use_of(ServiceKind::Refuse, "R-1", cycle, None);
    no_cart.facts.cart = None;
    let why = |used: ServiceUse| make(used).expect_err("refused").to_string();
    assert_eq!(
        why(no_cart.clone()),
        "schedule R-1 needs the size of the cart, which is not given: it is `cart`, or `--cart` of `rate`"
    );
    no_cart.facts.cart = Some("33".into());
    assert_eq!(
        why(no_cart.clone()),
        "schedule R-1 has no price for the size of the cart `33`: it is `cart`, or `--cart` of `rate`"
    );
    let mut no_units = use_of(ServiceKind::Storm, "D-1", cycle, None);
    no_units.facts.eru = None;
    assert_eq!(
        why(no_units.clone()),
        "schedule D-1 needs the residential units of the lot, which are not given: it is `eru`, or `--eru` of `rate`"
    );
    no_units.facts.eru = Some("two".into());
    assert!(why(no_units).contains("a number like 1.0, not `two`: it is"));
    assert!(matches!(make(no_cart), Err(BillError::NoFact(..))));
    assert!(matches!(make(use_of(ServiceKind::Gas, "X-9", cycle, None)), Err(BillError::UnknownSchedule(_))));
    assert!(matches!(make(use_of(ServiceKind::Gas, "E-1", cycle, None)), Err(BillError::WrongService(..))));
    let early = DayRange { from: day("2015-06-20"), to: day("2015-07-20") };
    let used = use_of(ServiceKind::Refuse, "R-1", early, None);
    assert!(matches!(
        bill(&book, &Determinants { cycle: early, services: vec![used], assistance: None }),
        Err(BillError::NoPrices(..))
    ));
    let negative = use_of(ServiceKind::Gas, "G-1", cycle, Some(Decimal::new(-1, 0)));
    assert!(matches!(make(negative), Err(BillError::Quantity(_))));
}

#[test]
fn wrong_tariff_files_are_refused_with_the_place() {
    let text = |tiers: &str, from2: &str| {
        format!(
            "[[schedule]]\ncode = \"T\"\nservice = \"gas\"\n[[schedule.version]]\nfrom = \"2024-01-01\"\nsource = \"x\"\n\
             [[schedule.version.charge]]\nlabel = \"gas_delivery\"\nbasis = \"delivered\"\n{tiers}\n\
             [[schedule.version]]\nfrom = \"{from2}\"\nsource = \"x\"\n\
             [[schedule.version.charge]]\nlabel = \"service_charge\"\nbasis = \"month\"\nprice = \"1\"\n"
        )
    };
    let good = "tiers = [{ up_to_per_day = \"1\", price = \"1\" }, { price = \"2\" }]";
    assert!(file::read(&text(good, "2025-01-01")).is_ok());
    let fails = |t: &str, words: &str| {
        let e = file::read(t).expect_err("refused").to_string();
        assert!(e.contains(words), "{e}");
    };
    fails(&text(good, "2023-01-01"), "versions must follow each other");
    fails(
        &text(
            "tiers = [{ up_to_per_day = \"2\", price = \"1\" }, { up_to_per_day = \"1\", price = \"1\" }, { price = \"2\" }]",
            "2025-01-01",
        ),
        "tier 2: ends before it begins",
    );
    fails(&text("tiers = [{ price = \"1\" }, { price = \"2\" }]", "2025-01-01"), "only the last tier");
    fails(&text("months = [1, 2]\nprice = \"1\"", "2025-01-01"), "has no price in months 3-12");
    fails(&text("price = \"a\"", "2025-01-01"), "not a price");
    fails("[[schedule]]\ncode = 3", "invalid type");
}

fn any_bill() -> impl Strategy<Value = (DayRange, i64, i64, i64, i64, Option<Program>)> {
    (
        0u64..900,
        20u64..40,
        0i64..2_000_000_000,
        0i64..500_000_000,
        0i64..60_000_000,
        proptest::option::of(prop_oneof![Just(Program::Financial), Just(Program::Medical)]),
    )
        .prop_map(|(start, days, kwh, out, ccf, a)| {
            let from = day("2024-03-01") + chrono::Days::new(start);
            (DayRange { from, to: from + chrono::Days::new(days) }, kwh, out, ccf, kwh / 20, a)
        })
}

#[test]
fn a_tax_that_changes_within_the_period_is_prorated_by_day() {
    let mut book = file::bundled().expect("the bundled files are sound");
    let day = |text: &str| text.parse::<NaiveDate>().expect("a date");
    let mut risen = book.taxes[0].clone();
    (risen.from, risen.percent) = (day("2026-03-11"), Decimal::new(8, 0));
    book.taxes.push(risen);
    let cycle = DayRange { from: day("2026-03-01"), to: day("2026-03-31") };
    let of = |served, assistance| ServiceUse {
        service: ServiceKind::Electricity,
        schedule: "E-1".into(),
        served,
        facts: Facts { assistance, ..Facts::default() },
        delivered: Some(Decimal::new(served.len() * 10, 0)),
        received: None,
    };
    let services = vec![of(cycle, None)];
    let whole = bill(&book, &Determinants { cycle, services, assistance: None }).expect("a bill");
    let taxes: Vec<(i64, i64, i64, i64)> = whole.services[0]
        .lines
        .iter()
        .filter(|l| l.kind == LineKind::Tax)
        .map(|l| (l.days, l.of_days, l.base.expect("a base").0, l.amount.0))
        .collect();
    // 300 kWh come to 61.38 dollars: a third of it is taxed with 5 %, the rest with 8 %.
    assert_eq!(whole.services[0].gross, Cents(6_138));
    assert_eq!(taxes, [(10, 30, 2_046, 102), (20, 30, 4_092, 327)]);

    // Assistance that begins on the 21st counts for the days from then on.
    let (before, after) = (DayRange { to: day("2026-03-21"), ..cycle }, DayRange { from: day("2026-03-21"), ..cycle });
    let helped = Some(crate::tariff::Program::Financial);
    let services = vec![of(before, None), of(after, helped)];
    let split = bill(&book, &Determinants { cycle, services, assistance: helped }).expect("a bill");
    let assistance = |s: &ServiceBill| s.sum(LineKind::Assistance).0;
    // 100 kWh of the last ten days: 20.46 dollars, a quarter of it.
    assert_eq!((assistance(&split.services[0]), assistance(&split.services[1])), (0, -512));
}

proptest! {
    #[test]
    fn every_bill_adds_up((cycle, kwh, out, ccf, therms, assistance) in any_bill()) {
        let book = file::bundled().expect("bundled files read");
        let q = |v: i64| Some(Decimal::new(v, -6));
        let mut e = use_of(ServiceKind::Electricity, "E-1", cycle, q(kwh));
        e.received = q(out);
        let services = vec![
            e,
            use_of(ServiceKind::Gas, "G-1", cycle, q(therms)),
            use_of(ServiceKind::Water, "W-1", cycle, q(ccf)),
            use_of(ServiceKind::Wastewater, "S-1", cycle, None),
            use_of(ServiceKind::Refuse, "R-1", cycle, None),
            use_of(ServiceKind::Storm, "D-1", cycle, None),
        ];
        let b = bill(&book, &Determinants { cycle, services: services.clone(), assistance }).expect("a bill");
        let mut all = Cents::ZERO;
        for (s, used) in b.services.iter().zip(&services) {
            let sum: Cents = s.lines.iter().map(|l| l.amount).sum();
            prop_assert_eq!(sum, s.total);
            all += sum;
            for l in &s.lines {
                if !l.components.is_empty() {
                    prop_assert_eq!(l.components.iter().map(|(_, a)| *a).sum::<Cents>(), l.amount);
                }
            }
            // Each label's quantities add up to what was used, however the period was cut.
            let mut labels: Vec<Label> = s.lines.iter().filter(|l| l.kind == LineKind::Usage).filter_map(|l| l.label).collect();
            labels.dedup();
            for label in labels {
                let total: i64 = s.lines.iter().filter(|l| l.label == Some(label)).filter_map(|l| l.quantity).map(|q| q.amount).sum();
                prop_assert_eq!(Some(total), used.delivered.map(|d| d.amount));
            }
            // Standing charges cover each day once.
            let standing: i64 = s.lines.iter().filter(|l| l.kind == LineKind::Fixed).map(|l| l.days).sum();
            prop_assert!(standing == 0 || standing == cycle.len());
            // Assistance never lowers the tax.
            let plain = s.sum(LineKind::Tax);
            if let Some(tax) = book.tax(s.service, cycle.last()) {
                prop_assert_eq!(plain, super::rating::cents(i128::from(s.gross.0) * i128::from(tax.percent.round_to(-6)), 100_000_000));
            }
        }
        prop_assert_eq!(all, b.total);
        let j = posting::journal(crate::ids::AccountId(1), cycle.to, &b).expect("balanced");
        prop_assert_eq!(j.owed(), b.total);
    }
}
