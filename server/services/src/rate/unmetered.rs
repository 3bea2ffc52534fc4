//! Bills for services without a meter: wastewater, refuse, storm drain.

use std::collections::BTreeMap;

use domain::billing::intervals::Bank;
use domain::tariff::{Basis, Charge, file};

use super::{Asked, Money, Rated, Rater, choose, cut, unassisted};

/// Rates the days of a service that has no meter under the text of a tariff file.
///
/// # Errors
/// A sentence that names what is wrong and what would be right.
pub fn rate_without_usage(tariff: &str, asked: &Asked) -> Result<Rated, String> {
    let book = file::read(tariff).map_err(|e| e.to_string())?;
    let schedule = choose(&book, asked.schedule.as_deref())?;
    let code = &schedule.code;
    if let Some(commodity) = schedule.service.commodity() {
        return Err(format!("schedule {code} is for {}, which has a meter: give its usage file", commodity.slug()));
    }
    let by_use = |c: &&Charge| matches!(c.basis, Basis::Delivered(_) | Basis::Received(_) | Basis::Demand(..));
    if schedule.during(asked.range).any(|(v, _)| v.charges.iter().any(|c| by_use(&c))) {
        let service = schedule.service.slug();
        return Err(format!(
            "schedule {code} has a charge by use, and without a meter nobody knows the use of {service}"
        ));
    }
    // No interval is expected where a step is longer than any range.
    let (intervals, estimated, seconds, bank) = (BTreeMap::new(), Vec::new(), u32::MAX, Bank::new());
    let mut rater = Rater { book: &book, schedule, asked, intervals, estimated, seconds, bank };
    let bills =
        cut(asked).into_iter().map(|(cycle, served)| rater.bill(cycle, served)).collect::<Result<Vec<_>, _>>()?;
    let mut problems = Vec::new();
    unassisted(&book, schedule, asked, &mut problems);
    Ok(Rated {
        schedule: code.clone(),
        service: schedule.service,
        verified: schedule.during(asked.range).all(|(v, _)| v.verified.is_some()),
        zone: asked.zone.name.clone(),
        total: Money(bills.iter().map(|b| b.total.0).sum()),
        bills,
        problems,
    })
}

#[cfg(test)]
mod tests {
    use chrono::NaiveDate;
    use domain::calendar::{DayRange, Zone};
    use domain::tariff::Facts;

    use super::super::{Cycle, rate, text};
    use super::*;

    fn bundled(name: &str) -> &'static str {
        file::BUNDLED.iter().find(|(n, _)| *n == name).expect("bundled").1
    }

    fn asked(facts: Facts) -> Asked {
        let day = |text: &str| text.parse::<NaiveDate>().expect("a date");
        Asked {
            schedule: None,
            range: DayRange { from: day("2025-06-16"), to: day("2025-08-01") },
            zone: Zone::iana("America/Los_Angeles").expect("a known zone"),
            cycle: Cycle::Month,
            facts,
        }
    }

    #[test]
    fn what_has_no_meter_is_billed_without_a_usage_file() {
        let lot = asked(Facts { eru: Some("2.0".into()), ..Facts::default() });
        let storm = rate_without_usage(bundled("d-1"), &lot).expect("rated");
        // Half a month of twice 17.20, and a month of twice 17.61.
        let totals: Vec<String> = storm.bills.iter().map(|b| b.total.to_string()).collect();
        assert_eq!(totals, ["17.20", "35.22"]);
        assert!(storm.problems.is_empty() && storm.bills.iter().all(|b| (b.expected, b.present) == (0, 0)));
        assert!(text(&storm).contains("2025-07-01 to 2025-07-31 (31 days)\n"), "{}", text(&storm));
        let cart = asked(Facts { cart: Some("32".into()), ..Facts::default() });
        assert!(rate_without_usage(bundled("r-1"), &cart).is_ok());
        assert!(rate_without_usage(bundled("s-1"), &asked(Facts::default())).is_ok());
    }

    #[test]
    fn what_is_lacking_or_too_much_is_said() {
        let none = asked(Facts::default());
        let why = |name: &str| rate_without_usage(bundled(name), &none).expect_err("refused");
        assert!(why("d-1").contains("`--eru`"), "{}", why("d-1"));
        assert!(why("r-1").contains("`--cart`"), "{}", why("r-1"));
        assert!(why("e-1").ends_with("is for electricity, which has a meter: give its usage file"), "{}", why("e-1"));
        let file = rate(bundled("d-1"), &b""[..], &none).expect_err("refused");
        assert!(file.ends_with("without a meter: leave the usage file out"), "{file}");
        let by_use = "[[schedule]]\ncode = \"S\"\nservice = \"wastewater\"\n[[schedule.version]]\nfrom = \"2020-01-01\"\nsource = \"s\"\n\
                      [[schedule.version.charge]]\nlabel = \"wastewater\"\nbasis = \"delivered\"\nprice = \"1\"\n";
        assert!(rate_without_usage(by_use, &none).expect_err("refused").contains("has a charge by use"));
    }
}
