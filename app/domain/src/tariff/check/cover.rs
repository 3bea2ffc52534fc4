//! Whether every month and every hour has a price, once.

use super::Found;
use crate::tariff::{Basis, Charge, Window};

/// Whether two charges share out the same use between them.
pub(super) fn share(a: &Charge, b: &Charge) -> bool {
    a.label == b.label && a.adder == b.adder && std::mem::discriminant(&a.basis) == std::mem::discriminant(&b.basis)
}

const fn by_use(c: &Charge) -> bool {
    matches!(c.basis, Basis::Delivered(_) | Basis::Received(_))
}

/// Whether two charges are for the same thing, so that in each month one of them counts.
fn same(a: &Charge, b: &Charge) -> bool {
    match (&a.basis, &b.basis) {
        // What is least is added up over all of them, whatever they are called; what is left over is paid out once.
        (Basis::Minimum(_) | Basis::MinimumDay(_), Basis::Minimum(_) | Basis::MinimumDay(_))
        | (Basis::Surplus(_), Basis::Surplus(_)) => true,
        // Loads of other hours, or over other minutes, are other loads. Seasons have names of their own, or hours of their own.
        (Basis::Demand(m, _), Basis::Demand(n, _)) => {
            let named = a.period.is_some() && a.period == b.period;
            a.label == b.label && (named || (m == n && alike(&a.times, &b.times)))
        }
        (Basis::Month(p, _), Basis::Month(q, _)) | (Basis::Day(p, _), Basis::Day(q, _)) => a.label == b.label && p == q,
        (Basis::MonthBy(f, _), Basis::MonthBy(g, _)) => a.label == b.label && f == g,
        _ => share(a, b),
    }
}

fn alike(a: &[Window], b: &[Window]) -> bool {
    a.iter().all(|w| b.contains(w)) && b.iter().all(|w| a.contains(w))
}

/// Whether both count in some month.
fn meet(a: &Charge, b: &Charge) -> bool {
    a.months.is_empty() || b.months.is_empty() || a.months.iter().any(|m| b.months.contains(m))
}

/// The months in a list as they are said: `month 4`, `months 1-5, 8-12`, `every month`.
fn said(months: &[u32]) -> String {
    if months.len() == 12 {
        return "every month".to_owned();
    }
    let runs: Vec<String> = months
        .chunk_by(|a, b| a + 1 == *b)
        .filter_map(|run| match run {
            [] => None,
            [one] => Some(one.to_string()),
            [first, .., last] => Some(format!("{first}-{last}")),
        })
        .collect();
    format!("{} {}", if months.len() == 1 { "month" } else { "months" }, runs.join(", "))
}

/// Each month has one price of each kind, unless the file says that it is meant to have none.
pub(super) fn months(charges: &[Charge], at: &str, out: &mut Found) {
    for (i, c) in charges.iter().enumerate() {
        out.at(i);
        let place = format!("{at}, {:?}", c.label);
        for (j, m) in c.months.iter().enumerate() {
            if !(1..=12).contains(m) {
                out.push(&place, format!("{m} is not a month (1-12)"));
            } else if c.months[..j].contains(m) {
                out.push(&place, format!("names month {m} twice"));
            }
        }
        // Charges by the hour are looked at with their hours.
        if by_use(c) && charges.iter().any(|o| share(c, o) && !o.times.is_empty()) {
            continue;
        }
        match &c.basis {
            Basis::MonthBy(_, by) => {
                for key in by.keys() {
                    let has = |o: &Charge| matches!(&o.basis, Basis::MonthBy(_, by) if by.contains_key(key));
                    let with: Vec<&Charge> = charges.iter().filter(|o| same(c, o) && has(o)).collect();
                    once(c, &with, &format!("{place}, {key}"), out);
                }
            }
            _ => once(c, &charges.iter().filter(|o| same(c, o)).collect::<Vec<_>>(), &place, out),
        }
    }
}

/// Of the charges for one thing, one counts in each month.
fn once(c: &Charge, with: &[&Charge], place: &str, out: &mut Found) {
    let counts = |o: &Charge, month: u32| o.months.is_empty() || o.months.contains(&month);
    let of = |month: u32| with.iter().filter(|o| counts(o, month)).count();
    let many: Vec<u32> = (1..=12).filter(|m| counts(c, *m) && of(*m) > 1).collect();
    if !many.is_empty() {
        out.push(place, format!("has more than one price in {}", said(&many)));
    }
    let none: Vec<u32> = (1..=12).filter(|m| of(*m) == 0).collect();
    if none.is_empty() {
        if c.seasonal {
            out.push(place, "has `seasonal`, and no month is left out");
        }
        return;
    }
    match c.basis {
        // Its months say when it is settled.
        Basis::Surplus(_) => {}
        Basis::Delivered(_) | Basis::Received(_) => out.push(place, format!("has no price in {}", said(&none))),
        _ if with.iter().any(|o| o.seasonal) => {}
        _ => out.push(place, format!("has no price in {}: where that is meant, say `seasonal = true`", said(&none))),
    }
}

/// Charges by use must cover each minute of each month, on weekdays and weekends, once.
pub(super) fn hours(charges: &[Charge], at: &str, out: &mut Found) {
    for (i, c) in charges.iter().enumerate().filter(|(_, c)| by_use(c)) {
        out.at(i);
        let place = format!("{at}, {:?}", c.label);
        if c.net && !c.times.is_empty() && c.period.is_none() {
            out.push(&place, "needs a `period`, the name under which net use is carried on");
        }
        if let (true, Some(period)) = (c.net, &c.period) {
            let other = |o: &&Charge| o.net && share(c, o) && o.period == c.period && !alike(&o.times, &c.times);
            if charges[..i].iter().filter(other).any(|o| meet(c, o)) {
                let what = format!(
                    "has the `period` \"{period}\" of another net charge with other hours, and what is left over is used up in the same \
                     hours only: each needs a `period` of its own"
                );
                out.push(&place, what);
            }
        }
        let same: Vec<&Charge> = charges.iter().filter(|o| share(c, o)).collect();
        // Those that are split by months alone are looked at by month.
        if same.iter().all(|o| o.times.is_empty()) || charges[..i].iter().any(|o| share(c, o)) {
            continue;
        }
        // Nothing changes but where a window begins or ends.
        let mut edges: Vec<u16> = same.iter().flat_map(|o| &o.times).flat_map(|w| [w.from, w.to % 1440]).collect();
        edges.push(0);
        edges.sort_unstable();
        edges.dedup();
        let places = (1..=12).flat_map(|m| [false, true].map(|w| (m, w)));
        let bad =
            places.flat_map(|(m, w)| edges.iter().map(move |e| (m, w, *e))).find_map(|(month, weekend, minute)| {
                let here =
                    |o: &&&Charge| (o.months.is_empty() || o.months.contains(&month)) && o.holds(weekend, minute);
                let n = same.iter().filter(here).count();
                (n != 1).then_some((n, month, weekend, minute))
            });
        // One place tells enough: the others follow from the same mistake.
        if let Some((n, month, weekend, minute)) = bad {
            let day = if weekend { "weekends" } else { "weekdays" };
            let many = if n == 0 { "no price" } else { "more than one price" };
            let clock = format!("{:02}:{:02}", minute / 60, minute % 60);
            out.push(place, format!("has {many} on {day} at {clock} in month {month}"));
        }
    }
}

#[cfg(all(test, feature = "toml"))]
mod tests {
    use crate::tariff::file;

    fn window(period: &str, hours: &str, rest: &str) -> String {
        format!(
            "[[schedule.version.charge]]\nlabel = \"energy\"\nbasis = \"delivered\"\nperiod = \"{period}\"\ntimes = [{{ hours = \"{hours}\" }}]\nprice = \"0.1\"\n{rest}\n"
        )
    }

    fn read(charges: &str) -> Result<(), String> {
        let head = "[[schedule]]\ncode = \"X\"\nservice = \"electricity\"\n[[schedule.version]]\nfrom = \"2026-01-01\"\nsource = \"s\"\n";
        file::read(&format!("{head}{charges}")).map(|_| ()).map_err(|e| e.to_string())
    }

    #[test]
    fn other_hours_of_a_net_charge_have_a_name_of_their_own() {
        let two = |a: &str, b: &str, rest: &str| window(a, "08:00-20:00", rest) + &window(b, "20:00-08:00", rest);
        assert_eq!(read(&two("day", "night", "net = true")), Ok(()));
        assert_eq!(read(&two("any", "any", "")), Ok(()), "a name that is printed only");
        let why = read(&two("any", "any", "net = true")).expect_err("refused");
        assert!(
            why.starts_with("line 14: X from 2026-01-01, Energy: has the `period` \"any\" of another net"),
            "{why}"
        );
        // Hours that change with the season are the same hours by another clock.
        let season = |months: &str| format!("net = true\nmonths = [{months}]");
        let (summer, winter) = (season("4, 5, 6, 7, 8, 9"), season("10, 11, 12, 1, 2, 3"));
        let moved = two("day", "night", &summer) + &two("day", "night", &winter).replace("20:00", "18:00");
        assert_eq!(read(&moved), Ok(()));
    }
}
