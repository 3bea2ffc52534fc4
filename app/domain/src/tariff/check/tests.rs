//! What would do nothing, or what nobody meant, is refused with its place and the reason.

use crate::tariff::file;

fn schedule(service: &str, charges: &[&str]) -> String {
    let each: String = charges.iter().map(|c| format!("[[schedule.version.charge]]\n{c}\n")).collect();
    format!(
        "[[schedule]]\ncode = \"X\"\nservice = \"{service}\"\n[[schedule.version]]\nfrom = \"2026-01-01\"\nsource = \"s\"\n{each}"
    )
}

fn read(text: &str) -> Result<(), String> {
    file::read(text).map(|_| ()).map_err(|e| e.to_string())
}

fn refused(text: &str, words: &str) {
    let why = read(text).expect_err(text);
    assert!(why.contains(words), "{why}\nlacks {words}");
}

const ENERGY: &str = "label = \"energy\"\nbasis = \"delivered\"\nprice = \"0.2\"";
const SURPLUS: &str = "label = \"surplus\"\nbasis = \"surplus\"\nmonths = [12]\nprice = \"0.06\"";

#[test]
fn a_surplus_of_nothing_is_refused() {
    let place =
        "line 11: X from 2026-01-01, Surplus: pays out what net charges have carried on, and no charge has `net";
    refused(&schedule("electricity", &[ENERGY, SURPLUS]), place);
    let net = format!("{ENERGY}\nnet = true");
    assert_eq!(read(&schedule("electricity", &[&net, SURPLUS])), Ok(()));
    assert_eq!(read(&schedule("electricity", &[&net])), Ok(()), "what is left is carried on for ever");
    // What an earlier version carried on is still to be paid.
    let ended = schedule("electricity", &[&net])
        + "[[schedule.version]]\nfrom = \"2027-01-01\"\nsource = \"s\"\n"
        + &[ENERGY, SURPLUS].map(|c| format!("[[schedule.version.charge]]\n{c}\n")).concat();
    assert_eq!(read(&ended), Ok(()));
}

#[test]
fn a_tier_that_ends_at_nothing_is_refused() {
    for end in ["up_to_per_day", "up_to"] {
        let tiers = format!(
            "label = \"energy\"\nbasis = \"delivered\"\ntiers = [{{ {end} = \"0\", price = \"0.1\" }}, {{ price = \"0.2\" }}]"
        );
        refused(&schedule("electricity", &[&tiers]), "line 7: X from 2026-01-01, Energy, tier 1: ends at nothing");
    }
}

#[test]
fn a_price_below_zero_is_an_adder() {
    let below = ENERGY.replace("0.2", "-0.01");
    let why = "line 7: X from 2026-01-01, Energy: costs -0.01 from 2026-01-01 on, less than nothing";
    refused(&schedule("electricity", &[&below]), why);
    let later = ENERGY.replace(
        "\"0.2\"",
        "{ commodity = [{ from = \"2026-01-01\", price = \"0.2\" }, { from = \"2026-02-01\", price = \"-0.2\" }], base = \"0.1\" }",
    );
    refused(&schedule("electricity", &[&later]), "costs -0.1 from 2026-02-01 on");
    assert_eq!(read(&schedule("electricity", &[ENERGY, &format!("{below}\nadder = true")])), Ok(()));
    // A wet year.
    assert_eq!(read(&schedule("electricity", &[ENERGY, &below.replace("energy", "hydro_adjuster")])), Ok(()));
}

#[test]
fn a_tax_of_more_than_all_is_refused() {
    let tax = |percent: &str| {
        format!("[[tax]]\nfrom = \"2026-01-01\"\npercent = \"{percent}\"\nservices = [\"gas\"]\nsource = \"s\"\n")
    };
    assert_eq!(read(&tax("100")), Ok(()));
    refused(&tax("500"), "line 1: tax from 2026-01-01: 500 percent is more than all");
}

#[test]
fn a_label_of_another_service_is_refused() {
    let water = ENERGY.replace("energy", "water_use");
    let why = "line 7: X from 2026-01-01, WaterUse: is a label of water, and the schedule is for electricity";
    refused(&schedule("electricity", &[&water]), why);
    assert_eq!(read(&schedule("water", &[&water])), Ok(()));
    let standing = "label = \"service_charge\"\nbasis = \"month\"\nprice = \"1\"";
    assert_eq!(read(&schedule("gas", &[standing])), Ok(()), "every service has one");
}

#[test]
fn figures_are_compared_by_somebody_and_not_tomorrow() {
    let verified = |by: &str, on: &str| {
        let line = format!("source = \"s\"\nverified = {{ by = \"{by}\", on = \"{on}\" }}\n");
        schedule("electricity", &[ENERGY]).replace("source = \"s\"\n", &line)
    };
    refused(&verified(" ", "2026-01-02"), "line 4: X from 2026-01-01: `verified` names nobody");
    let text = verified("Ann", "2026-03-02");
    assert_eq!(read(&text), Ok(()), "without a clock any day may be past");
    let today = |day: &str| file::read_on(&text, day.parse().expect("a date")).map(|_| ()).map_err(|e| e.to_string());
    assert_eq!(today("2026-03-02"), Ok(()));
    let why = today("2026-03-01").expect_err("refused");
    assert_eq!(
        why,
        "line 4: X from 2026-01-01: `verified` is on 2026-03-02, and today is 2026-03-01: nobody can have compared it yet"
    );
}
