//! Bills by hand beside bills by the engine, one for each kind of price.

use std::fmt::Write as _;

use proptest::prelude::*;

use super::*;

fn day(text: &str) -> NaiveDate {
    text.parse().expect("a date")
}

fn asked(from: &str, to: &str) -> Asked {
    Asked {
        schedule: None,
        range: DayRange { from: day(from), to: domain::calendar::next_day(day(to)) },
        zone: Zone::iana("America/Los_Angeles").expect("a known zone"),
        cycle: Cycle::Month,
        facts: Facts::default(),
    }
}

/// Our own CSV of some days, in steps of `minutes`; `value` gives delivered and received watt-hours by day and minute of the
/// clock.
fn usage(from: &str, days: u64, minutes: i64, value: impl Fn(NaiveDate, u32) -> (i64, i64)) -> String {
    let zone = Zone::iana("America/Los_Angeles").expect("a known zone");
    let mut out = "meter,commodity,direction,unit,start,seconds,value,quality\n".to_owned();
    let (mut at, end) = (zone.start_of(day(from)), zone.start_of(day(from) + chrono::Days::new(days)));
    while at < end {
        let local = zone.to_local(at);
        let (delivered, received) = value(local.date(), local.hour() * 60 + local.minute());
        for (way, amount) in [("delivered", delivered), ("received", received)] {
            if way == "delivered" || amount > 0 {
                let start = at.to_rfc3339();
                writeln!(out, "M1,electricity,{way},Wh,{start},{},{amount},raw", minutes * 60).expect("text");
            }
        }
        at += chrono::TimeDelta::minutes(minutes);
    }
    out
}

fn tariff(charges: &str) -> String {
    format!(
        "[[schedule]]\ncode = \"X\"\nservice = \"electricity\"\nholidays = [\"2026-07-03\"]\n[[schedule.version]]\n\
         from = \"2020-01-01\"\nsource = \"test\"\n{charges}"
    )
}

fn charge(text: &str) -> String {
    format!("[[schedule.version.charge]]\n{text}\n")
}

/// Label, period, tier, quantity and amount of each line of each bill.
fn lines(rated: &Rated) -> Vec<String> {
    let show = |l: &RatedLine| {
        let name = l.label.map_or_else(|| format!("{:?}", l.kind), |l| format!("{l:?}"));
        let tier = l.tier.map(|t| format!(" t{t}")).unwrap_or_default();
        let quantity = l.quantity.map(|q| format!(" {q}")).unwrap_or_default();
        format!("{name} {}{tier}{quantity} = {}", l.period.as_deref().unwrap_or("-"), Decimal::new(l.amount.0.0, -2))
    };
    rated.bills.iter().flat_map(|b| &b.lines).map(show).collect()
}

fn rated(tariff: &str, usage: &str, asked: &Asked) -> Rated {
    rate(tariff, usage.as_bytes(), asked).expect("rated")
}

const PEAK: &str = "label = \"energy\"\nbasis = \"delivered\"\nperiod = \"peak\"\ntimes = [{ days = \"weekdays\", hours = \"16:00-21:00\" }]\nprice = \"0.40\"";
const OFF: &str = "label = \"energy\"\nbasis = \"delivered\"\nperiod = \"off-peak\"\ntimes = [{ days = \"weekdays\", hours = \"21:00-16:00\" }, { days = \"weekends\", hours = \"00:00-24:00\" }]\nprice = \"0.20\"";

#[test]
fn daily_and_monthly_tiers() {
    let use_ = usage("2026-06-01", 30, 60, |_, _| (1_000, 0));
    let daily = tariff(&charge(
        "label = \"energy\"\nbasis = \"delivered\"\ntiers = [{ up_to_per_day = \"10\", price = \"0.10\" }, { price = \"0.30\" }]",
    ));
    // 720 kWh: 300 at 10 cents, 420 at 30.
    assert_eq!(
        lines(&rated(&daily, &use_, &asked("2026-06-01", "2026-06-30"))),
        ["Energy - t1 300 = 30", "Energy - t2 420 = 126"]
    );
    let monthly = tariff(&charge(
        "label = \"energy\"\nbasis = \"delivered\"\ntiers = [{ up_to = \"500\", price = \"0.10\" }, { price = \"0.30\" }]",
    ));
    assert_eq!(
        lines(&rated(&monthly, &use_, &asked("2026-06-01", "2026-06-30"))),
        ["Energy - t1 500 = 50", "Energy - t2 220 = 66"]
    );
    // Half of the month allows half as much.
    assert_eq!(
        lines(&rated(&monthly, &use_, &asked("2026-06-01", "2026-06-15"))),
        ["Energy - t1 250 = 25", "Energy - t2 110 = 33"]
    );
}

#[test]
fn hours_have_prices_of_their_own_and_holidays_are_weekends() {
    // 3 July 2026 is a Friday and a holiday, 4 and 5 July are the weekend: 20 weekdays and 11 other days in July.
    let use_ = usage("2026-07-01", 31, 15, |_, _| (250, 0));
    let rated = rated(&tariff(&[charge(PEAK), charge(OFF)].concat()), &use_, &asked("2026-07-01", "2026-07-31"));
    let weekdays = 22;
    assert_eq!(
        lines(&rated),
        [
            format!("Energy peak {} = {}", weekdays * 5, weekdays * 2),
            format!("Energy off-peak {} = {}", 744 - weekdays * 5, Decimal::new((744 - weekdays * 5) * 20, -2)),
        ]
    );
    assert!(rated.problems.is_empty() && !rated.verified, "{:?}", rated.problems);
}

#[test]
fn the_hour_that_is_skipped_and_the_one_that_comes_twice_count_by_the_clock() {
    let night = "label = \"energy\"\nbasis = \"delivered\"\nperiod = \"night\"\ntimes = [{ hours = \"01:00-03:00\" }]\nprice = \"1\"";
    let rest = "label = \"energy\"\nbasis = \"delivered\"\nperiod = \"rest\"\ntimes = [{ hours = \"03:00-01:00\" }]\nprice = \"0\"";
    let tariff = tariff(&[charge(night), charge(rest)].concat());
    let of = |from: &str| {
        let rated = rated(&tariff, &usage(from, 1, 15, |_, _| (250, 0)), &asked(from, from));
        Decimal::new(rated.bills[0].lines[0].amount.0.0, -2).to_string()
    };
    assert_eq!([of("2026-03-07"), of("2026-03-08"), of("2026-11-01")], ["2", "1", "3"]);
}

#[test]
fn tiers_within_hours() {
    let peak =
        PEAK.replace("price = \"0.40\"", "tiers = [{ up_to_per_day = \"2\", price = \"0.40\" }, { price = \"0.50\" }]");
    let use_ = usage("2026-06-01", 30, 60, |_, _| (1_000, 0));
    let rated = rated(&tariff(&[charge(&peak), charge(OFF)].concat()), &use_, &asked("2026-06-01", "2026-06-30"));
    // 22 weekdays: 110 kWh at peak, 60 of them in the first step (30 days of 2 kWh).
    assert_eq!(lines(&rated)[..2], ["Energy peak t1 60 = 24", "Energy peak t2 50 = 25"]);
}

#[test]
fn demand_is_the_highest_quarter_hour_of_its_hours() {
    let any = charge("label = \"demand\"\nbasis = \"demand\"\nprice = \"5\"");
    let peak = charge(
        "label = \"demand\"\nbasis = \"demand\"\nperiod = \"peak\"\ntimes = [{ days = \"weekdays\", hours = \"16:00-21:00\" }]\nprice = \"10\"",
    );
    let hourly = charge("label = \"demand\"\nbasis = \"demand\"\nperiod = \"hour\"\nminutes = 60\nprice = \"1\"");
    let steps = charge(
        "label = \"demand\"\nbasis = \"demand\"\nperiod = \"steps\"\nminutes = 30\ntiers = [{ up_to = \"2\", price = \"1\" }, { price = \"3\" }]",
    );
    // 6 kW for a quarter-hour on a Saturday at noon, 3 kW on a Tuesday at 5 pm, else 1 kW.
    let use_ = usage("2026-06-01", 30, 15, |d, minute| match (d.to_string().as_str(), minute) {
        ("2026-06-06", 720) => (1_500, 0),
        ("2026-06-09", 1_020) => (750, 0),
        _ => (250, 0),
    });
    let rated = rated(&tariff(&[any, peak, hourly, steps].concat()), &use_, &asked("2026-06-01", "2026-06-30"));
    assert_eq!(
        lines(&rated),
        [
            "Demand - 6 = 30",
            "Demand peak 3 = 30",
            "Demand hour 2.25 = 2.25",
            "Demand steps t1 2 = 2",
            "Demand steps t2 1.5 = 4.5",
        ]
    );
    assert_eq!(rated.bills[0].lines[0].unit, Some("kW"));
}

#[test]
fn net_billing_credits_what_is_sent_back_at_its_own_price() {
    let charges = [
        charge("label = \"energy\"\nbasis = \"delivered\"\nprice = \"0.30\""),
        charge(
            "label = \"export_credit\"\nbasis = \"received\"\nperiod = \"day\"\ntimes = [{ hours = \"09:00-15:00\" }]\nprice = \"0.05\"",
        ),
        charge(
            "label = \"export_credit\"\nbasis = \"received\"\nperiod = \"rest\"\ntimes = [{ hours = \"15:00-09:00\" }]\nprice = \"0.15\"",
        ),
    ];
    let use_ =
        usage("2026-06-01", 30, 60, |_, minute| if (600..1_020).contains(&minute) { (0, 2_000) } else { (1_000, 0) });
    let rated = rated(&tariff(&charges.concat()), &use_, &asked("2026-06-01", "2026-06-30"));
    // 17 hours taken a day; sent back for five hours by day and two after.
    assert_eq!(lines(&rated), ["Energy - 510 = 153", "ExportCredit day 300 = -15", "ExportCredit rest 120 = -18"]);
    assert_eq!(rated.total.to_string(), "120.00");
}

#[test]
fn net_metering_carries_what_is_left_and_settles_it_once_a_year() {
    let charges = [
        charge("label = \"energy\"\nbasis = \"delivered\"\nnet = true\nprice = \"0.30\""),
        charge("label = \"surplus\"\nbasis = \"surplus\"\nmonths = [8]\nprice = \"0.06\""),
        charge("label = \"minimum\"\nbasis = \"minimum\"\nprice = \"10\""),
    ];
    // June: 100 more sent than taken. July: 60 more taken. August: 20 more sent.
    let use_ = usage("2026-06-01", 92, 1_440, |d, _| match d.to_string().as_str() {
        "2026-06-10" => (50_000, 150_000),
        "2026-07-10" => (60_000, 0),
        "2026-08-10" => (0, 20_000),
        _ => (0, 0),
    });
    let rated = rated(&tariff(&charges.concat()), &use_, &asked("2026-06-01", "2026-08-31"));
    let carried: Vec<String> = rated.bills.iter().map(|b| b.carried.to_string()).collect();
    assert_eq!(carried, ["100", "40", "0"]);
    assert_eq!(
        lines(&rated),
        [
            "Energy - 0 = 0",
            "Minimum - = 10",
            "Energy - 0 = 0",
            "Minimum - = 10",
            "Energy - 0 = 0",
            "Minimum - = 10",
            "Surplus - 60 = -3.6",
        ]
    );
    // A home that was connected in a July: nothing is carried into August.
    let mut own = asked("2026-06-01", "2026-08-31");
    own.facts.settled_in = Some(7);
    let carried: Vec<String> = {
        let rated = super::rate(&tariff(&charges.concat()), use_.as_bytes(), &own).expect("it is rated");
        rated.bills.iter().map(|b| b.carried.to_string()).collect()
    };
    assert_eq!(carried, ["100", "0", "20"]);
}

#[test]
fn taxes_and_assistance_of_the_file_are_in_order() {
    let text = [
        tariff(&charge("label = \"energy\"\nbasis = \"delivered\"\nprice = \"0.10\"")),
        "[[tax]]\nfrom = \"2000-01-01\"\npercent = \"5\"\nservices = [\"electricity\"]\nsource = \"s\"\n".to_owned(),
        "[[discount]]\nprogram = \"financial\"\nfrom = \"2000-01-01\"\npercent = { electricity = \"25\" }\nsource = \"s\"\n".to_owned(),
    ]
    .concat();
    let use_ = usage("2026-06-01", 30, 60, |_, _| (1_000, 0));
    let mut asked = asked("2026-06-01", "2026-06-30");
    asked.facts.assistance = Some(domain::tariff::Program::Financial);
    let rated = rated(&text, &use_, &asked);
    assert_eq!(lines(&rated), ["Energy - 720 = 72", "Tax - = 3.6", "Assistance - = -18"]);
    let printed = super::text(&rated);
    let at = |words: &str| printed.lines().position(|l| l.trim().starts_with(words)).expect(words);
    assert!(at("energy") < at("charges") && at("charges") < at("tax") && at("tax") < at("total"), "{printed}");
}

#[test]
fn what_is_missing_is_said_and_what_is_wrong_is_named() {
    let flat = tariff(&charge("label = \"energy\"\nbasis = \"delivered\"\nprice = \"0.10\""));
    let use_ = usage("2026-06-01", 10, 60, |_, _| (1_000, 0));
    let half = rated(&flat, &use_, &asked("2026-06-01", "2026-06-30"));
    assert_eq!((half.bills[0].expected, half.bills[0].present), (720, 240));
    assert!(half.problems.iter().any(|p| p.starts_with("480 intervals")), "{:?}", half.problems);
    let some = rated(&flat, &use_, &asked("2026-06-02", "2026-06-10"));
    assert_eq!(some.problems, ["24 intervals of the file lie outside of the range and are not billed"]);
    let load = tariff(&charge("label = \"demand\"\nbasis = \"demand\"\nprice = \"1\""));
    let hourly = rated(&load, &use_, &asked("2026-06-01", "2026-06-10"));
    assert!(hourly.problems.iter().any(|p| p.contains("over 15 minutes")), "{:?}", hourly.problems);
    let refused = |tariff: &str, usage: &str| {
        rate(tariff, usage.as_bytes(), &asked("2026-06-01", "2026-06-30")).expect_err("refused")
    };
    let gap = refused(&tariff(&charge(PEAK)), &use_);
    assert!(
        gap.contains("X from 2020-01-01, Energy") && gap.contains("no price on weekdays at 00:00 in month 1"),
        "{gap}"
    );
    let overlap = refused(&tariff(&[charge(PEAK), charge(OFF), charge(PEAK)].concat()), &use_);
    assert!(overlap.contains("more than one price on weekdays at 16:00"), "{overlap}");
    let season = PEAK.replace("price", "months = [6, 7, 8, 9]\nprice");
    let missing = refused(&tariff(&[charge(&season), charge(OFF)].concat()), &use_);
    assert!(missing.contains("no price on weekdays at 16:00 in month 1"), "{missing}");
    let hours = refused(&tariff(&charge(&PEAK.replace("16:00-21:00", "16-25"))), &use_);
    assert!(hours.contains("`16-25` are no hours"), "{hours}");
    let swapped = "label = \"energy\"\nbasis = \"delivered\"\ntiers = [{ up_to = \"9\", price = \"1\" }, { up_to = \"5\", price = \"2\" }, { price = \"3\" }]";
    assert!(refused(&tariff(&charge(swapped)), &use_).contains("rising order"));
    assert!(refused(&flat, "<html>").contains("web page"));
    let gas = usage("2026-06-01", 1, 60, |_, _| (1, 0)).replace("electricity", "gas");
    assert!(refused(&flat, &gas).contains("no interval values of electricity"));
}

#[test]
fn what_is_dropped_or_doubtful_is_said() {
    let flat = tariff(&charge("label = \"energy\"\nbasis = \"delivered\"\nprice = \"0.10\""));
    let use_ = usage("2026-06-01", 10, 60, |_, _| (1_000, 0));
    let mut asked = asked("2026-06-01", "2026-06-10");
    asked.facts.assistance = Some(domain::tariff::Program::Financial);
    let rated_with = |discount: &str| rated(&format!("{flat}{discount}"), &use_, &asked).problems;
    let [none] = &rated_with("")[..] else { panic!("one problem") };
    assert!(none.contains("no Financial discount on electricity for any day"), "{none}");
    let off = |program: &str, from: &str| {
        format!(
            "[[discount]]\nprogram = \"{program}\"\nfrom = \"{from}\"\npercent = {{ electricity = \"25\" }}\nsource = \"s\"\n"
        )
    };
    assert!(rated_with(&off("medical", "2000-01-01"))[0].contains("for any day"));
    assert!(rated_with(&off("financial", "2026-06-04"))[0].contains("for 3 days"));
    assert_eq!(rated_with(&off("financial", "2000-01-01")), Vec::<String>::new());

    // The same interval once more: with the same value it is said nowhere, with another one it is.
    asked.facts.assistance = None;
    let row = use_.lines().nth(1).expect("a row");
    let again = rated(&flat, &format!("{use_}{row}\n"), &asked);
    assert_eq!((again.problems.len(), again.total.to_string().as_str()), (0, "24.00"));
    let other = rated(&flat, &format!("{use_}{}\n", row.replace(",1000,", ",2000,")), &asked);
    assert_eq!(other.problems, ["1 intervals are in the file with different values; of each the last one counts"]);
    assert_eq!(other.total.to_string(), "24.10");

    // A sum of two hours beside the hours.
    let longer = rated(&flat, &format!("{use_}{}\n", row.replace(",3600,", ",7200,")), &asked);
    assert!(longer.problems.iter().any(|p| p.starts_with("1 intervals begin before")), "{:?}", longer.problems);
}

#[test]
fn reads_of_a_dial_are_billed_by_their_differences() {
    let reads = |values: &[(&str, i64)]| {
        let triplets: Vec<String> = values.iter().map(|(at, value)| format!("{at},R0,{value}")).collect();
        let head = "MEPMD01,1,C,,C,S,2,M1,OK,E,KWHREG,1.0,00000000";
        format!("{head},{},{}\n", values.len(), triplets.join(","))
    };
    let flat = tariff(&charge("label = \"energy\"\nbasis = \"delivered\"\nprice = \"0.10\""));
    // Local midnights. The dial starts again at zero behind 99,999, and once shows less than before.
    let daily = reads(&[
        ("202606010000", 99_980),
        ("202606020000", 99_990),
        ("202606021200", 99_989),
        ("202606030000", 14),
        ("202606040000", 20),
    ]);
    let out = rated(&flat, &daily, &asked("2026-06-01", "2026-06-03"));
    assert_eq!((out.bills[0].delivered.to_string().as_str(), out.total.to_string().as_str()), ("40", "4.00"));
    assert_eq!((out.bills[0].expected, out.bills[0].present), (3, 3));
    assert!(out.problems.iter().any(|p| p.contains("1 reads of the register show less")), "{:?}", out.problems);
    assert!(out.problems.iter().any(|p| p.contains("between 4 of them")), "{:?}", out.problems);
    let part = rated(&flat, &daily, &asked("2026-06-02", "2026-06-02"));
    assert_eq!(part.bills[0].delivered.to_string(), "24");
    // Between reads that are days apart nobody knows on which of them the use was.
    let seldom = reads(&[("202606010000", 1_000), ("202606110000", 1_025)]);
    let out = rated(&flat, &seldom, &asked("2026-06-01", "2026-06-03"));
    assert_eq!((out.bills[0].delivered.to_string().as_str(), out.bills[0].present), ("7.5", 3));
    assert!(out.problems.iter().any(|p| p.contains("spread evenly")), "{:?}", out.problems);
    let whole = rated(&flat, &seldom, &asked("2026-06-01", "2026-06-10"));
    assert_eq!(whole.bills[0].delivered.to_string(), "25");
    // One read says nothing.
    let one = reads(&[("202606010000", 1_000)]);
    let why = rate(&flat, one.as_bytes(), &asked("2026-06-01", "2026-06-01")).expect_err("refused");
    assert!(why.contains("nor two reads of a register"), "{why}");
}

#[test]
fn a_part_of_a_period_names_its_days_in_print_too() {
    let charges = [
        charge("label = \"demand\"\nbasis = \"demand\"\nprice = \"10\""),
        charge("label = \"service_charge\"\nbasis = \"month\"\nper = \"eru\"\nprice = \"9\""),
        charge("label = \"energy\"\nbasis = \"delivered\"\nprice = \"0.10\""),
    ];
    let mut asked = asked("2026-06-01", "2026-06-10");
    asked.facts.eru = Some("2".into());
    let use_ = usage("2026-06-01", 30, 15, |_, _| (250, 0));
    let text = super::text(&rated(&tariff(&charges.concat()), &use_, &asked));
    for line in ["1 kW x 10 x 10 of 30 days", "2 x 9 x 10 of 30 days", "240 kWh x 0.1 "] {
        assert!(text.contains(line), "{line} is not in {text}");
    }
    // A whole month says nothing of days.
    asked.range = DayRange { from: day("2026-06-01"), to: day("2026-07-01") };
    let text = super::text(&rated(&tariff(&charges.concat()), &use_, &asked));
    assert!(text.contains("1 kW x 10 ") && !text.contains("of 30 days"), "{text}");
}

#[test]
fn the_examples_are_sound_and_cost_about_what_e_1_does() {
    let use_ = usage("2026-07-01", 31, 15, |_, _| (150, 0));
    let asked = asked("2026-07-01", "2026-07-31");
    let e1 = file::BUNDLED.iter().find(|(n, _)| *n == "e-1").expect("bundled").1;
    let plain = rated(e1, &use_, &asked).total;
    let tou = file::BUNDLED.iter().find(|(n, _)| *n == "e-1-tou").expect("bundled").1;
    let hourly = rated(tou, &use_, &asked).total;
    assert!((hourly.0 - plain.0).0.abs() * 20 < plain.0.0, "by the hour: {hourly}, E-1: {plain}");
    for (name, text) in file::BUNDLED.iter().filter(|(n, _)| ["e-4", "e-1-nem1"].contains(n)) {
        assert!(rated(text, &use_, &asked).total.0.0 > 0, "{name}");
    }
}

/// One day: 4 kWh at noon, 3 kWh at peak, 2 kWh late, with a first tier of 5 kWh.
#[test]
fn tiers_may_count_the_use_of_all_hours() {
    let use_ = usage("2026-06-01", 1, 60, |_, minute| match minute / 60 {
        12 => (4_000, 0),
        17 => (3_000, 0),
        22 => (2_000, 0),
        _ => (0, 0),
    });
    let asked = asked("2026-06-01", "2026-06-01");
    let priced = |fill: &str| {
        let tiers = |low: &str, high: &str| {
            let tiers = format!("tiers = [{{ up_to_per_day = \"5\", price = \"{low}\" }}, {{ price = \"{high}\" }}]");
            tiers + &format!("\nfill = \"{fill}\"")
        };
        let peak = PEAK.replace("price = \"0.40\"", &tiers("0.40", "0.80"));
        let off = OFF.replace("price = \"0.20\"", &tiers("0.10", "0.30"));
        lines(&rated(&tariff(&(charge(&peak) + &charge(&off))), &use_, &asked))
    };
    let own = ["Energy peak t1 3 = 1.2", "Energy off-peak t1 5 = 0.5", "Energy off-peak t2 1 = 0.3"];
    assert_eq!(priced("own"), own);
    // Five ninths of what each has are in the first tier.
    let shared = [
        "Energy peak t1 1.666667 = 0.67",
        "Energy peak t2 1.333333 = 1.07",
        "Energy off-peak t1 3.333333 = 0.33",
        "Energy off-peak t2 2.666667 = 0.8",
    ];
    assert_eq!(priced("shared"), shared);
    // Noon and a third of the peak fill it.
    let in_time = [
        "Energy peak t1 1 = 0.4",
        "Energy peak t2 2 = 1.6",
        "Energy off-peak t1 4 = 0.4",
        "Energy off-peak t2 2 = 0.6",
    ];
    assert_eq!(priced("in_time"), in_time);
}

#[test]
fn tiers_that_count_together_must_agree() {
    let tiers = |end: &str| format!("tiers = [{{ up_to = \"{end}\", price = \"0.1\" }}, {{ price = \"0.2\" }}]");
    let file = |a: &str, b: &str| {
        let peak = PEAK.replace("price = \"0.40\"", a);
        tariff(&(charge(&peak) + &charge(&OFF.replace("price = \"0.20\"", b))))
    };
    let problem = |text: &str| file::read(text).expect_err("refused").to_string();
    let shared = |end: &str| tiers(end) + "\nfill = \"shared\"";
    assert!(file::read(&file(&shared("5"), &shared("5"))).is_ok());
    assert!(problem(&file(&shared("5"), &shared("6"))).contains("the same `fill`"));
    assert!(problem(&file(&shared("5"), &tiers("5"))).contains("the same `fill`"));
    let net = tiers("5") + "\nfill = \"in_time\"\nnet = true";
    assert!(problem(&file(&net, &net)).contains("net use is known at the end"));
    let received = charge("label = \"export_credit\"\nbasis = \"received\"\nprice = \"0.1\"\nfill = \"shared\"");
    assert!(problem(&tariff(&received)).contains("has `fill`"));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn equal_prices_by_the_hour_are_one_price(values in prop::collection::vec(0i64..3_000, 24), cents in 1i64..90) {
        let use_ = usage("2026-07-01", 31, 60, |d, minute| {
            let at = (usize::try_from(minute / 60).expect("small") + chrono::Datelike::day(&d) as usize) % 24;
            (values[at], 0)
        });
        let price = format!("price = \"0.{cents:02}\"");
        let split = [PEAK.replace("price = \"0.40\"", &price), OFF.replace("price = \"0.20\"", &price)].map(|c| charge(&c)).concat();
        let flat = charge(&format!("label = \"energy\"\nbasis = \"delivered\"\n{price}"));
        let asked = asked("2026-07-01", "2026-07-31");
        let (a, b) = (rated(&tariff(&split), &use_, &asked), rated(&tariff(&flat), &use_, &asked));
        prop_assert!((a.total.0 - b.total.0).0.abs() <= 1, "{} {}", a.total, b.total);
        let quantity = |r: &Rated| r.bills[0].lines.iter().filter_map(|l| l.quantity).map(|q| q.0.round_to(-6)).sum::<i64>();
        prop_assert_eq!(quantity(&a), quantity(&b));
    }
}
