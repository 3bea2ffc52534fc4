use std::collections::HashMap;

use domain::calendar::DayRange;

use super::*;

fn town(homes: usize, businesses: usize) -> Town {
    let founded: NaiveDate = "2026-11-20".parse().expect("a date");
    let zone = Zone::iana("America/Los_Angeles").expect("a known zone");
    let scale = Scale { seed: 7, founded, homes, businesses };
    Town::new(scale, zone, founded - Days::new(1))
}

fn file(town: &Town, home: &Home, meter: &Meter) -> (String, Dials, u64) {
    let mut out = Writer::new(Vec::new(), &town.zone);
    let mut dials = at_first(meter);
    let range = (town.scale.first_day(), town.scale.founded);
    town.write(home, meter, range, &mut dials, &mut out).expect("memory takes all");
    let count = out.intervals;
    (String::from_utf8(out.finish().expect("memory takes all")).expect("text"), dials, count)
}

fn month_sums(town: &Town, home: &Home, commodity: Commodity) -> HashMap<NaiveDate, i64> {
    let mut sums = HashMap::new();
    let mut slots = Slots::default();
    for day in &town.days {
        load::make(town.scale.seed, home, commodity, day, &mut slots);
        *sums.entry(month_start(day.date)).or_default() += slots.delivered[..slots.count].iter().sum::<i64>();
    }
    sums.retain(|m, _| DayRange { from: *m, to: add_months(*m, 1) }.to <= town.scale.founded);
    sums
}

#[test]
fn the_same_figures_make_the_same_bytes() {
    let (a, b) = (town(4, 1), town(4, 1));
    for (x, y) in a.plan.homes.iter().zip(&b.plan.homes) {
        for (m, n) in x.meters.iter().zip(&y.meters) {
            assert_eq!(file(&a, x, m), file(&b, y, n));
        }
    }
    assert_eq!(a.plan.customers, b.plan.customers);
}

#[test]
fn a_town_that_grew_older_still_has_its_first_days() {
    let old = town(3, 0);
    let newer = Town::new(old.scale, old.zone.clone(), old.scale.founded + Days::new(9));
    let meter = &old.plan.homes[0].meters[0];
    let whole = file(&newer, &newer.plan.homes[0], meter).0;
    assert!(whole.starts_with(&file(&old, &old.plan.homes[0], meter).0));
}

#[test]
fn days_of_clock_changes_have_all_their_quarters() {
    let t = town(2, 0);
    let (text, ..) = file(&t, &t.plan.homes[1], &t.plan.homes[1].meters[0]);
    let counts = |first: &str| -> Vec<usize> {
        let of = text.lines().filter(|l| l.contains(",KWH,"));
        of.filter(|l| l.split(',').nth(14).is_some_and(|at| at.starts_with(first)))
            .map(|l| l.split(',').nth(13).and_then(|n| n.parse().ok()).expect("a count"))
            .collect()
    };
    assert_eq!(counts("20260308"), [92]);
    assert_eq!(counts("20251102").iter().sum::<usize>(), 100);
}

#[test]
fn dials_move_by_the_sum_of_the_intervals() {
    let t = town(8, 1);
    for home in &t.plan.homes {
        for meter in &home.meters {
            let (.., dials, _) = {
                let (a, b, c) = file(&t, home, meter);
                (a, b, c)
            };
            let mut sum = 0;
            let mut slots = Slots::default();
            for day in &t.days {
                load::make(t.scale.seed, home, meter.commodity, day, &mut slots);
                for i in 0..slots.count {
                    let at = day.start + i as i64 * i64::from(meter.seconds());
                    if meter.from.is_none_or(|f| f <= at) && meter.until.is_none_or(|u| at < u) {
                        sum += slots.delivered[i];
                    }
                }
            }
            assert_eq!(dials.delivered - meter.dial, sum, "{}", meter.number);
        }
    }
}

#[test]
fn months_are_plausible() {
    let t = town(60, 0);
    let plain = |h: &&Home| h.story.is_none() && h.electric.solar == 0;
    for home in t.plan.homes.iter().filter(plain) {
        for (month, wh) in month_sums(&t, home, Commodity::Electricity) {
            assert!((250_000..1_200_000).contains(&wh), "home {} used {wh} Wh in {month}", home.index);
        }
        if home.gas.is_some() {
            let months = month_sums(&t, home, Commodity::Gas);
            let of = |m: &str| months[&m.parse::<NaiveDate>().expect("a date")];
            assert!(of("2026-01-01") > 3 * of("2026-07-01") / 2, "home {}", home.index);
        }
    }
}

#[test]
fn no_two_share_an_account_an_address_or_a_meter() {
    let t = town(330, 20);
    let mut seen = std::collections::HashSet::new();
    for h in &t.plan.homes {
        assert!(seen.insert(h.street.clone()), "{}", h.street);
        assert!(h.tenancies.iter().all(|t| seen.insert(t.account.clone())));
        assert!(h.meters.iter().all(|m| seen.insert(m.number.clone())));
    }
    assert_eq!(t.plan.customers.len(), 350);
}
