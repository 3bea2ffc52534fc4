//! The document of the form is right: each of its examples is read and rated.

use std::collections::BTreeMap;

use chrono::NaiveDate;

use super::{Facts, file};
use crate::billing::intervals::{Bank, Intervals, Slot};
use crate::billing::{Bill, Determinants, ServiceUse, bill_by_intervals};
use crate::calendar::DayRange;
use crate::quantity::Decimal;

const DOCUMENT: &str = include_str!("../../../../docs/tariffs.md");

const HEAD: &str = "[[schedule]]\ncode = \"X\"\nservice = \"electricity\"\n\n[[schedule.version]]\nfrom = \"2026-01-01\"\nsource = \"an example\"\n\n";

fn day(text: &str) -> NaiveDate {
    text.parse().expect("a date")
}

/// The examples as whole files.
fn examples() -> Vec<String> {
    let mut out = Vec::new();
    for block in DOCUMENT.split("```toml\n").skip(1).filter_map(|b| b.split("```").next()) {
        if block.starts_with("tiers = ") {
            for tiers in block.lines() {
                out.push(format!(
                    "{HEAD}[[schedule.version.charge]]\nlabel = \"energy\"\nbasis = \"delivered\"\n{tiers}\n"
                ));
            }
        } else if block.contains("[[schedule]]") || block.contains("[[tax]]") {
            out.push(block.to_owned());
        } else if ["gas_supply", "storm_drain"].iter().any(|label| block.contains(label)) {
            // Charges of several services stand side by side; each is one of its own.
            for charge in block.split("[[schedule.version.charge]]").skip(1) {
                let service = if charge.contains("gas_supply") {
                    "gas"
                } else if charge.contains("storm_drain") {
                    "storm"
                } else {
                    "electricity"
                };
                out.push(format!("{}[[schedule.version.charge]]{charge}", HEAD.replace("electricity", service)));
            }
        } else {
            out.push(format!("{HEAD}{block}"));
        }
    }
    out
}

fn bill(text: &str, from: &str, to: &str, bank: &mut Bank) -> Result<Bill, String> {
    let book = file::read(text).map_err(|e| e.to_string())?;
    let schedule = book.schedules.first().ok_or("no schedule")?;
    let served = DayRange { from: day(from), to: day(to) };
    let slots: Vec<Slot> = served
        .days()
        .flat_map(|day| {
            (0..96).map(move |i| Slot { day, minute: i * 15, seconds: 900, delivered: 250_000, received: 20_000 })
        })
        .collect();
    let sum = |f: fn(&Slot) -> i64| Some(Decimal::new(slots.iter().map(f).sum(), -6));
    let used = ServiceUse {
        service: schedule.service,
        schedule: schedule.code.clone(),
        served,
        facts: Facts {
            eru: Some("1.0".into()),
            cart: Some("32".into()),
            meter_size: Some("5/8".into()),
            climate: Some("inland".into()),
            ..Facts::default()
        },
        delivered: sum(|s| s.delivered),
        received: sum(|s| s.received),
    };
    let known = BTreeMap::from([(schedule.service, Intervals(slots))]);
    let determinants = Determinants { cycle: served, services: vec![used], assistance: None };
    bill_by_intervals(&book, &determinants, &known, bank).map_err(|e| e.to_string())
}

#[test]
fn every_example_of_the_document_is_read_and_rated() {
    let all = examples();
    assert!(all.len() >= 11, "{}", all.len());
    for text in all {
        if text.contains("[[tax]]") {
            assert_eq!(file::read(&text.replace('…', "a source")).expect("taxes").taxes.len(), 1);
            continue;
        }
        let bill = bill(&text, "2026-03-01", "2026-04-01", &mut Bank::new()).unwrap_or_else(|e| panic!("{e}\n{text}"));
        assert!(!bill.services[0].lines.is_empty(), "{text}");
        assert_eq!(bill.services[0].lines.iter().map(|l| l.amount).sum::<crate::money::Cents>(), bill.total);
    }
}

fn charged(charges: &str) -> String {
    format!("{HEAD}{charges}")
}

/// Amounts of the lines in cents.
fn amounts(text: &str, from: &str, to: &str, bank: &mut Bank) -> Vec<i64> {
    let bill = bill(text, from, to, bank).unwrap_or_else(|e| panic!("{e}\n{text}"));
    bill.services[0].lines.iter().map(|l| l.amount.0).collect()
}

const ENERGY: &str = "[[schedule.version.charge]]\nlabel = \"energy\"\nbasis = \"delivered\"\n";

#[test]
fn tiers_by_percent_of_a_baseline_end_at_baseline_by_days_by_percent() {
    let text = charged(&format!(
        "{ENERGY}baseline_per_day = {{ coast = \"7.5\", inland = \"11.2\" }}\ntiers = [{{ up_to_percent = \"100\", price = \"0.10\" }}, {{ up_to_percent = \"150\", price = \"0.20\" }}, {{ price = \"0.30\" }}]"
    ));
    // 24 kWh a day in 10 days: 112 within the baseline, 56 up to 168, 72 above.
    assert_eq!(amounts(&text, "2026-03-01", "2026-03-11", &mut Bank::new()), [1_120, 1_120, 2_160]);
    let elsewhere = text.replace("inland", "valley");
    let e = bill(&elsewhere, "2026-03-01", "2026-03-11", &mut Bank::new()).expect_err("no baseline");
    assert!(e.contains("climate zone of the home") && e.contains("inland"), "{e}");
}

#[test]
fn a_ratchet_bills_the_share_of_an_earlier_load() {
    let text = charged(
        "[[schedule.version.charge]]\nlabel = \"demand\"\nbasis = \"demand\"\nprice = \"10\"\nratchet = { percent = \"80\", of_last = 2 }\n",
    );
    // The load is 1 kW; three months ago it was 9, two months ago 5.
    let mut bank = Bank::from([
        ("peak|X|Demand||2025-12-31".to_owned(), 9_000_000),
        ("peak|X|Demand||2026-01-31".to_owned(), 5_000_000),
    ]);
    let billed = bill(&text, "2026-03-01", "2026-04-01", &mut bank).expect("a bill");
    let line = &billed.services[0].lines[0];
    assert_eq!((line.amount.0, line.quantity.map(|q| q.to_string())), (4_000, Some("4".to_owned())));
    assert_eq!(line.measured.map(|q| q.to_string()).as_deref(), Some("1"));
    let kept: Vec<(&str, i64)> = bank.iter().map(|(k, v)| (k.as_str(), *v)).collect();
    assert_eq!(kept, [("peak|X|Demand||2026-01-31", 5_000_000), ("peak|X|Demand||2026-03-31", 1_000_000)]);
    // Not what a charge without a ratchet does, nor months that do not count.
    let summer = text.replace("of_last = 2", "of_last = 2, months = [6]");
    assert_eq!(amounts(&summer, "2026-03-01", "2026-04-01", &mut bank.clone()), [1_000]);
    let plain = text.replace("ratchet = { percent = \"80\", of_last = 2 }", "");
    assert_eq!(amounts(&plain, "2026-03-01", "2026-04-01", &mut bank.clone()), [1_000]);
}

#[test]
fn minimums_count_by_the_day_and_change_within_a_period() {
    let energy = format!("{ENERGY}price = \"0.01\"\n");
    let least = |rest: &str| charged(&format!("{energy}[[schedule.version.charge]]\nlabel = \"minimum\"\n{rest}\n"));
    // 240 kWh in ten days are 2.40.
    let daily = least("basis = \"minimum_day\"\nprice = \"0.50\"");
    assert_eq!(amounts(&daily, "2026-03-01", "2026-03-11", &mut Bank::new()), [240, 260]);
    let enough = least("basis = \"minimum_day\"\nprice = \"0.20\"");
    assert_eq!(amounts(&enough, "2026-03-01", "2026-03-11", &mut Bank::new()), [240]);
    let changed = least(
        "basis = \"minimum\"\nprice = [{ from = \"2026-01-01\", price = \"4\" }, { from = \"2026-03-06\", price = \"6\" }]",
    );
    assert_eq!(amounts(&changed, "2026-03-01", "2026-03-11", &mut Bank::new()), [240, 260], "half of 4 and half of 6");
}

#[test]
fn rounding_is_as_the_schedule_says() {
    let rounded = |how: &str, lines: &str| {
        let rounding = format!("service = \"electricity\"\nrounding = {{ {how} }}");
        let text = charged(lines).replacen("service = \"electricity\"", &rounding, 1);
        amounts(&text, "2026-03-01", "2026-03-02", &mut Bank::new())
    };
    // 24 kWh in a day, with two riders of half a cent each.
    let three = format!(
        "{ENERGY}price = \"0.10\"\n[[schedule.version.charge]]\nlabel = \"service_charge\"\nbasis = \"day\"\nprice = \"0.005\"\n[[schedule.version.charge]]\nlabel = \"meter_charge\"\nbasis = \"day\"\nprice = \"0.005\"\n"
    );
    assert_eq!(rounded("by = \"line\"", &three), [240, 1, 1]);
    assert_eq!(rounded("by = \"line\", half = \"even\"", &three), [240, 0, 0]);
    let total = rounded("by = \"total\"", &three);
    assert_eq!((total.iter().sum::<i64>(), total[0]), (241, 240));
    // Two tiers of 10.4 and 13.6 kWh as 10 and 14.
    let tiers = "[[schedule.version.charge]]\nlabel = \"energy\"\nbasis = \"delivered\"\nperiod = \"early\"\ntimes = [{ hours = \"00:00-10:15\" }]\nprice = \"1\"\n[[schedule.version.charge]]\nlabel = \"energy\"\nbasis = \"delivered\"\nperiod = \"late\"\ntimes = [{ hours = \"10:15-24:00\" }]\nprice = \"1\"\n";
    assert_eq!(rounded("quantity = \"exact\"", tiers), [1_025, 1_375]);
    assert_eq!(rounded("quantity = \"whole\"", tiers), [1_000, 1_400]);
}

#[test]
fn a_file_that_is_wrong_is_refused_with_line_place_and_reason() {
    let refused = |text: &str, needles: &[&str]| {
        let e = file::read(text).map(|_| ()).expect_err(text).to_string();
        assert!(needles.iter().all(|n| e.contains(n)), "{e}\nlacks one of {needles:?}");
    };
    let season = |months: &str| format!("{ENERGY}months = [{months}]\nprice = \"0.1\"\n");
    refused(&charged(&season("1, 2, 3")), &["line 9", "X from 2026-01-01, Energy", "no price in months 4-12"]);
    refused(
        &charged(&(season("1, 2, 3, 4, 5, 6") + &season("6, 7, 8, 9, 10, 11, 12"))),
        &["line", "more than one price in month 6"],
    );
    refused(&charged(&season("13")), &["13 is not a month"]);
    let tiers = |t: &str| charged(&format!("{ENERGY}tiers = [{t}]\n"));
    refused(
        &tiers(
            "{ up_to_per_day = \"20\", price = \"0.1\" }, { up_to_per_day = \"10\", price = \"0.2\" }, { price = \"0.3\" }",
        ),
        &["line 9", "tier 2", "rising order"],
    );
    refused(&tiers("{ up_to_per_day = \"20\", price = \"0.1\" }"), &["tier 1", "must have no end"]);
    refused(
        &tiers("{ up_to_percent = \"20\", price = \"0.1\" }, { price = \"0.2\" }"),
        &["line 9", "baseline_per_day"],
    );
    refused(
        &tiers("{ up_to = \"20\", price = \"0.1\" }, { up_to_per_day = \"30\", price = \"0.2\" }, { price = \"0.3\" }"),
        &["all by the billing period"],
    );
    // Two prices in each other's place: the mistake of a real city's gas bills.
    let swapped = "{ up_to_per_day = \"2\", price = { commodity = \"0.4\", distribution = \"0.9\" } }, { price = { commodity = \"0.4\", distribution = \"0.5\" } }";
    let places = ["line 9", "X from 2026-01-01, Energy, tier 2", "costs 0.9", "less than the 1.3", "falling = true"];
    refused(&tiers(swapped), &places);
    let later = "{ up_to = \"2\", price = [{ from = \"2026-01-01\", price = \"0.1\" }, { from = \"2026-02-01\", price = \"0.3\" }] }, { price = \"0.2\" }";
    refused(&tiers(later), &["line 9", "tier 2", "from 2026-02-01 on"]);
    let meant = charged(&format!("{ENERGY}falling = true\ntiers = [{swapped}]\n"));
    assert_eq!(amounts(&meant, "2026-03-01", "2026-03-02", &mut Bank::new()), [260, 1_980]);
    let idle = charged(&format!(
        "{ENERGY}falling = true\ntiers = [{{ up_to = \"2\", price = \"1\" }}, {{ price = \"2\" }}]\n"
    ));
    refused(&idle, &["line 9", "no tier is cheaper"]);
    refused(&charged(&format!("{ENERGY}falling = true\nprice = \"1\"\n")), &["line 9", "`falling`"]);
    let hours = |h: &str| charged(&format!("{ENERGY}period = \"p\"\ntimes = [{{ {h} }}]\nprice = \"0.1\"\n"));
    refused(&hours("hours = \"16:00-21:00\""), &["line 9", "no price on weekdays at 00:00 in month 1"]);
    refused(&hours("hours = \"25:00-26:00\""), &["line 9", "no hours of the day"]);
    let twice = charged(&format!("{ENERGY}price = \"0.1\"\n{ENERGY}price = \"0.2\"\n"));
    refused(&twice, &["line 9", "more than one price"]);
    refused(&charged(&format!("{ENERGY}price = \"0.1.2\"\n")), &["line 9", "`0.1.2` is not a price"]);
    refused(
        &charged(&format!("{ENERGY}price = \"0.1\"\nratchet = {{ percent = \"80\", of_last = 11 }}\n")),
        &["line 9", "`ratchet`"],
    );
    refused(
        &format!("{HEAD}[[schedule.version.charge]]\nlabel = \"energy\"\nbasis = \"delivered\"\nprise = \"0.1\"\n"),
        &["line 12", "prise"],
    );
    refused(HEAD, &["line 5", "has no charge"]);
    let late = charged(&format!("{ENERGY}price = [{{ from = \"2026-02-01\", price = \"0.1\" }}]\n"));
    refused(&late, &["line 9", "no price for the first days"]);
    let two = format!(
        "{ENERGY}price = \"0.1\"\n[[schedule.version]]\nfrom = \"2025-01-01\"\nsource = \"s\"\n{ENERGY}price = \"0.1\"\n"
    );
    refused(&charged(&two), &["line 13", "must follow each other by date"]);
    let days = "[[schedule.version.charge]]\nlabel = \"energy\"\nbasis = \"delivered\"\nperiod = \"week\"\ntimes = [{ days = \"weekdays\", hours = \"00:00-24:00\" }]\nprice = \"0.2\"\n[[schedule.version.charge]]\nlabel = \"energy\"\nbasis = \"delivered\"\nperiod = \"end\"\ntimes = [{ days = \"weekends\", hours = \"00:00-24:00\" }]\nprice = \"0.1\"\n";
    let with = |holidays: &str| {
        charged(days).replacen(
            "service = \"electricity\"",
            &format!("service = \"electricity\"\nholidays = [{holidays}]"),
            1,
        )
    };
    refused(&with("\"2026-07-03\", \"2028-07-04\""), &["line 1", "no holiday of 2027"]);
    let known = with("\"2026-07-03\"");
    assert!(bill(&known, "2026-12-01", "2027-01-01", &mut Bank::new()).is_ok());
    let e = bill(&known, "2026-12-15", "2027-01-15", &mut Bank::new()).expect_err("no holidays of 2027");
    assert!(e.contains("no holiday of 2027"), "{e}");
    assert!(
        bill(&with(""), "2026-12-15", "2027-01-15", &mut Bank::new()).is_ok(),
        "a schedule without holidays has none"
    );
}

/// One charge of a file, of a basis other than use.
fn one(basis: &str, rest: &str) -> String {
    let label = match basis {
        "demand" => "demand",
        "minimum" | "minimum_day" => "minimum",
        "surplus" => "surplus",
        _ => "service_charge",
    };
    format!("[[schedule.version.charge]]\nlabel = \"{label}\"\nbasis = \"{basis}\"\n{rest}\n")
}

fn wrong(text: &str) -> String {
    file::read(text).map(|_| ()).expect_err(text).to_string()
}

#[test]
fn charges_of_every_basis_count_once_in_each_month() {
    let price = "price = \"1\"";
    for basis in ["month", "day", "demand", "minimum", "minimum_day"] {
        let twice = wrong(&charged(&(one(basis, price) + &one(basis, price))));
        assert!(twice.contains("line 9: X from 2026-01-01") && twice.contains("one price in every month"), "{twice}");
        let season = |months: &str| one(basis, &format!("months = [{months}]\n{price}"));
        let both = wrong(&charged(&(season("5, 6, 7, 8, 9, 10") + &season("10, 11, 12, 1, 2, 3, 4"))));
        assert!(both.contains("has more than one price in month 10"), "{both}");
        let missing = wrong(&charged(&season("6, 7")));
        assert!(missing.contains("has no price in months 1-5, 8-12: where that is meant, say `seasonal"), "{missing}");
        let meant = season("6, 7") + "seasonal = true\n";
        assert!(file::read(&charged(&meant)).is_ok(), "{meant}");
        let idle = wrong(&charged(&(one(basis, price) + "seasonal = true\n")));
        assert!(idle.contains("no month is left out"), "{idle}");
    }
    // Both minimums would be added up, and what is left over is paid out once.
    let kinds = wrong(&charged(&(one("minimum", price) + &one("minimum_day", price))));
    assert!(kinds.contains("more than one price in every month"), "{kinds}");
    let settled = |months: &str| one("surplus", &format!("months = [{months}]\n{price}"));
    let net = format!("{ENERGY}net = true\nprice = \"1\"\n");
    assert!(file::read(&charged(&(net + &settled("12")))).is_ok());
    assert!(wrong(&charged(&(settled("6, 12") + &settled("12")))).contains("more than one price in month 12"));
    let use_ = wrong(&charged(&format!("{ENERGY}seasonal = true\nmonths = [1]\nprice = \"1\"\n")));
    assert!(use_.contains("has `seasonal`, which this basis does not use"), "{use_}");
    assert!(wrong(&charged(&one("day", &format!("months = [6, 6]\n{price}")))).contains("names month 6 twice"));
}

#[test]
fn sizes_and_loads_are_told_apart() {
    let size = |prices: &str| one("month_by", &format!("by = \"meter_size\"\nprices = {{ {prices} }}"));
    assert!(file::read(&charged(&(size("\"1\" = \"2\"") + &size("\"2\" = \"3\"")))).is_ok());
    let twice = wrong(&charged(&(size("\"1\" = \"2\", \"2\" = \"3\"") + &size("\"2\" = \"4\""))));
    assert!(twice.contains("ServiceCharge, 2: has more than one price in every month"), "{twice}");
    let summer = wrong(&charged(&(size("\"1\" = \"2\"") + "months = [6]\n")));
    assert!(summer.contains("ServiceCharge, 1: has no price in months 1-5, 7-12"), "{summer}");
    // The highest load at any time and the one at peak are two; a season's name does not make one of them another.
    let load = |rest: &str| one("demand", &format!("price = \"1\"\n{rest}"));
    let peak = "period = \"peak\"\ntimes = [{ hours = \"16:00-21:00\" }]";
    assert!(file::read(&charged(&(load("") + &load(peak) + &load("minutes = 60")))).is_ok());
    let named = load("period = \"summer\"\nmonths = [4, 5, 6, 7, 8, 9, 10]")
        + &load("period = \"winter\"\nmonths = [10, 11, 12, 1, 2, 3]");
    assert!(wrong(&charged(&named)).contains("Demand: has more than one price in month 10"));
    // A peak whose hours change with the season is one peak.
    let early = load(&format!("{peak}\nmonths = [4, 5, 6, 7, 8, 9]"));
    let late = early.replace("16:00-21:00", "15:00-20:00").replace("4, 5, 6, 7, 8, 9", "10, 11, 12, 1, 2, 3");
    assert!(file::read(&charged(&(early.clone() + &late))).is_ok());
    assert!(
        wrong(&charged(&(early + &late.replace("10, 11", "9, 10, 11")))).contains("more than one price in month 9")
    );
}

#[test]
fn of_two_taxes_or_discounts_from_one_day_none_wins_in_silence() {
    let tax = |services: &str| {
        format!("[[tax]]\nfrom = \"2026-01-01\"\npercent = \"5\"\nservices = [{services}]\nsource = \"s\"\n")
    };
    assert!(file::read(&(tax("\"gas\"") + &tax("\"water\""))).is_ok());
    let twice = wrong(&(tax("\"gas\"") + &tax("\"water\", \"gas\"")));
    assert!(twice.contains("line 6: tax from 2026-01-01: there are two from that day on gas"), "{twice}");
    let off = |program: &str, percent: &str| {
        format!(
            "[[discount]]\nprogram = \"{program}\"\nfrom = \"2026-01-01\"\npercent = {{ {percent} }}\nsource = \"s\"\n"
        )
    };
    assert!(file::read(&(off("financial", "gas = \"5\"") + &off("medical", "gas = \"5\""))).is_ok());
    // The second one would hide all of the first, gas too.
    let twice = wrong(&(off("financial", "gas = \"5\"") + &off("financial", "water = \"5\"")));
    assert!(twice.contains("line 6: Financial discount from 2026-01-01: there are two of the program"), "{twice}");
}
