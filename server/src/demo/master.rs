//! The town's premises, meters and accounts as the import door takes them: CSV.

use std::fmt::Write as _;

use anyhow::{bail, ensure};
use chrono::{DateTime, NaiveDate};
use domain::quantity::{Commodity, Decimal};
use serde_json::json;
use services::Cx;
use services::import::{Subject, load};

use super::homes::Home;
use super::people::CITY;
use super::town::Town;

/// Customers of long standing opened their accounts so many days before the first reading.
const LONG_AGO: u64 = 900;

/// Imports what homes need before their readings can come. What is there stays.
///
/// # Errors
/// If the database fails or the import refuses a line.
pub async fn import(cx: &Cx, town: &Town, homes: &[Home]) -> anyhow::Result<()> {
    let files = [
        (Subject::Premises, premises(town, homes)),
        (Subject::Meters, meters(town, homes)),
        (Subject::Accounts, accounts(town, homes)),
    ];
    for (subject, text) in files {
        let done = load(cx, subject, text.as_bytes(), false).await?;
        if let Some(first) = done.refused.first() {
            bail!("the town's {subject:?} are refused, line {}: {}", first.line, first.message);
        }
        ensure!(!done.dry_run, "the import was only a trial");
    }
    Ok(())
}

/// Imports the town's weather, day by day.
///
/// # Errors
/// As [`import`].
pub async fn weather(cx: &Cx, town: &Town) -> anyhow::Result<()> {
    let mut text = String::from("day,low_f,mean_f,high_f\n");
    for day in &town.days {
        let (low, high) = (day.temperature.iter().min().unwrap_or(&0), day.temperature.iter().max().unwrap_or(&0));
        let degrees = |tenths: i32| Decimal::new(i64::from(tenths), -1);
        writeln!(text, "{},{},{},{}", day.date, degrees(*low), degrees(day.mean()), degrees(*high))
            .expect("a string takes all");
    }
    let done = load(cx, Subject::Weather, text.as_bytes(), false).await?;
    if let Some(first) = done.refused.first() {
        bail!("the town's weather is refused, line {}: {}", first.line, first.message);
    }
    Ok(())
}

/// Joins fields, in quotation marks where they need them.
fn row(out: &mut String, fields: &[&str]) {
    for (i, field) in fields.iter().enumerate() {
        if i > 0 {
            out.push(',');
        }
        if field.contains([',', '"']) {
            write!(out, "\"{}\"", field.replace('"', "\"\"")).expect("a string takes all");
        } else {
            out.push_str(field);
        }
    }
    out.push('\n');
}

fn point(home: &Home, commodity: Commodity) -> String {
    format!("SP{:06}-{}", home.index + 1, commodity.slug())
}

fn begin(town: &Town, day: Option<NaiveDate>) -> NaiveDate {
    day.unwrap_or_else(|| town.scale.first_day() - chrono::Days::new(LONG_AGO))
}

fn midnight(town: &Town, day: NaiveDate) -> String {
    town.zone.start_of(day).to_rfc3339()
}

fn premises(town: &Town, homes: &[Home]) -> String {
    let mut out = String::from("street,city,postcode,zone,service_point,commodity\n");
    for home in homes {
        for c in Commodity::ALL.into_iter().filter(|c| home.meters.iter().any(|m| m.commodity == *c)) {
            row(&mut out, &[&home.street, CITY, home.postcode, &town.zone.name, &point(home, c), c.slug()]);
        }
    }
    out
}

fn meters(town: &Town, homes: &[Home]) -> String {
    let mut out = String::from(
        "meter,commodity,registers,unit,exponent,interval_seconds,dial_digits,service_point,installed,removed\n",
    );
    let at = |seconds: i64| DateTime::from_timestamp(seconds, 0).unwrap_or_default().to_rfc3339();
    for home in homes {
        for m in &home.meters {
            let unit = match m.commodity {
                Commodity::Electricity => "kilowatt_hour",
                Commodity::Gas => "therm",
                Commodity::Water => "gallon",
            };
            let (exponent, seconds) = (m.exponent().to_string(), m.seconds().to_string());
            let from = m.from.map_or_else(|| midnight(town, begin(town, None)), at);
            row(
                &mut out,
                &[
                    &m.number,
                    m.commodity.slug(),
                    if m.two_way { "delivered+received" } else { "delivered" },
                    unit,
                    &exponent,
                    &seconds,
                    "8",
                    &point(home, m.commodity),
                    &from,
                    &m.until.map(at).unwrap_or_default(),
                ],
            );
        }
    }
    out
}

fn accounts(town: &Town, homes: &[Home]) -> String {
    let mut out = String::from(
        "account,name,given_name,family_name,email,phone,opened,closed,cycle_day,paperless,mailing_street,mailing_city,\
         mailing_postcode,street,postcode,service,service_point,schedule,facts,since,until\n",
    );
    for home in homes {
        let assistance = home.billed.assistance.then_some("financial");
        let plain = assistance.map_or_else(|| json!({}), |program| json!({ "assistance": program }));
        let with = |key: &str, value: &str| {
            let mut facts = plain.clone();
            facts[key] = json!(value);
            facts.to_string()
        };
        let mut electric = plain.clone();
        if home.electric.solar > 0 {
            // The month in which its panels were connected.
            electric["settled_in"] = json!((home.index + 3) % 12 + 1);
        }
        let electric = electric.to_string();
        let services = [
            ("electricity", Some(Commodity::Electricity), home.billed.electric, electric),
            ("gas", Some(Commodity::Gas), "G-1", plain.to_string()),
            ("water", Some(Commodity::Water), "W-1", with("meter_size", home.billed.water_meter)),
            ("wastewater", None, "S-1", plain.to_string()),
            ("refuse", None, "R-1", with("cart", home.billed.cart)),
            ("storm", None, "D-1", with("eru", home.billed.eru)),
        ];
        for t in &home.tenancies {
            let who = &town.plan.customers[t.customer];
            let opened = begin(town, t.from);
            let closed = t.until.and_then(|u| u.pred_opt()).map(|d| d.to_string()).unwrap_or_default();
            let until = t.until.map(|u| midnight(town, u)).unwrap_or_default();
            let since = midnight(town, opened);
            let mut terms = Vec::new();
            for (service, commodity, schedule, facts) in &services {
                if commodity.is_some_and(|c| home.meters.iter().all(|m| m.commodity != c)) {
                    continue;
                }
                match home.billed.chosen.filter(|_| *commodity == Some(Commodity::Electricity)) {
                    None => terms.push((service, commodity, *schedule, facts, since.clone(), until.clone())),
                    Some((later, on)) => {
                        let change = midnight(town, on);
                        terms.push((service, commodity, *schedule, facts, since.clone(), change.clone()));
                        terms.push((service, commodity, later, facts, change, until.clone()));
                    }
                }
            }
            for (service, commodity, schedule, facts, since, until) in &terms {
                let fields: [&str; 21] = [
                    &t.account,
                    &who.billed_as(),
                    who.given,
                    who.family,
                    &who.email,
                    &who.phone,
                    &opened.to_string(),
                    &closed,
                    &home.cycle_day.to_string(),
                    if t.paperless { "true" } else { "false" },
                    &home.street,
                    CITY,
                    home.postcode,
                    &home.street,
                    home.postcode,
                    service,
                    &commodity.map(|c| point(home, c)).unwrap_or_default(),
                    schedule,
                    facts,
                    since,
                    until,
                ];
                row(&mut out, &fields);
            }
        }
    }
    out
}
