//! Fills a database with the town, through the doors that real data use: import, ingest, the bill run, payments, users.

use std::fs::File;
use std::io::BufWriter;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context as _, bail};
use chrono::{DateTime, NaiveDate};
use domain::quantity::{Commodity, Direction};
use serde::{Deserialize, Serialize};
use services::ingest::{self, Input};
use services::rows::Permission;
use services::{Cx, Principal, users};
use store::bills::Status;

use super::books::{LOOK, settle};
use super::cmep::Writer;
use super::dice::{Dice, For};
use super::homes::{Home, Meter};
use super::master;
use super::people::password;
use super::town::{Dials, STORIES, Town, at_first};

/// Ordinary homes taken in at a time.
const BATCH: usize = 20;

/// Is told what is done.
pub trait Progress: Send + Sync {
    /// A step is done, in words for the log.
    fn done(&self, what: &str);
}

/// A resident who can sign in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Resident {
    /// What is told about their home.
    pub story: String,
    /// Name.
    pub name: String,
    /// What they sign in with.
    pub email: String,
    /// Their password.
    pub password: String,
    /// Their account numbers.
    pub accounts: Vec<String>,
}

/// An employee who can sign in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Employee {
    /// Name.
    pub name: String,
    /// What they sign in with.
    pub email: String,
    /// Their password.
    pub password: String,
}

/// A home that is not online yet, with what its people would read off their bill to set up access.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unclaimed {
    /// The account's number.
    pub account: String,
    /// The amount of its newest bill.
    pub bill: String,
    /// The postcode of its address.
    pub postcode: String,
}

/// Where the town is served and who can sign in.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cast {
    /// The portal's origin.
    pub portal: String,
    /// The origin of view-as.
    pub assist: String,
    /// The origin of the payment processor.
    pub pay: String,
    /// Residents.
    pub residents: Vec<Resident>,
    /// Employees.
    pub staff: Vec<Employee>,
    /// Some who have not set up online access.
    #[serde(default)]
    pub unclaimed: Vec<Unclaimed>,
}

/// Which homes have stories (the firm with one among them), and which have none.
fn sorted(town: &Town) -> (Vec<Home>, Vec<Home>) {
    town.plan.homes.iter().cloned().partition(|h| h.story.is_some() && (h.index < STORIES || h.signs_in))
}

/// Who can sign in.
#[must_use]
pub fn cast(town: &Town, cx: &Cx) -> Cast {
    let mut out = Cast {
        portal: cx.settings.portal_origin.clone(),
        assist: cx.settings.assist_origin.clone(),
        pay: cx.settings.pay_origin.clone(),
        ..Cast::default()
    };
    for home in town.plan.homes.iter().filter(|h| h.signs_in) {
        let Some(tenancy) = home.tenancies.last() else { continue };
        let who = &town.plan.customers[tenancy.customer];
        let own = town.plan.homes.iter().flat_map(|h| &h.tenancies).filter(|t| t.customer == tenancy.customer);
        out.residents.push(Resident {
            story: home.story.unwrap_or("ordinary").to_owned(),
            name: who.full_name(),
            email: who.email.clone(),
            password: password(&mut Dice::new(town.scale.seed, For::Passwords, home.index as u64, 0)),
            accounts: own.map(|t| t.account.clone()).collect(),
        });
    }
    for (i, (given, family)) in (1..).zip(STAFF) {
        out.staff.push(Employee {
            name: format!("{given} {family}"),
            email: format!("{}.{}@utilities.example.com", given.to_lowercase(), family.to_lowercase()),
            password: password(&mut Dice::new(town.scale.seed, For::Passwords, u64::MAX - i, 0)),
        });
    }
    out
}

const STAFF: [(&str, &str); 2] = [("Dana", "Whitfield"), ("Sam", "Oyelaran")];

/// Takes in the homes with stories and makes those who are printed able to sign in. What is there already stays; new days
/// are added through yesterday.
///
/// # Errors
/// If a door refuses the town's data, which is a defect, or the database fails.
pub async fn stories(cx: &Cx, town: &Arc<Town>, inbox: &Path, progress: &dyn Progress) -> anyhow::Result<Cast> {
    master::weather(cx, town).await?;
    let (told, _) = sorted(town);
    take_in(cx, town, told, inbox, progress, "homes with stories").await?;
    let mut cast = cast(town, cx);
    sign_in(cx, &cast).await?;
    cast.unclaimed = unclaimed(cx, town).await?;
    Ok(cast)
}

/// How many homes are offered to try setting up online access with.
const OFFERED: usize = 3;

/// Homes whose people have not set up online access, each with its newest bill.
async fn unclaimed(cx: &Cx, town: &Town) -> anyhow::Result<Vec<Unclaimed>> {
    let (told, _) = sorted(town);
    let mut out = Vec::new();
    let mut work = cx.begin(&LOOK, &Principal::System).await?;
    let now = work.now;
    for (home, tenancy) in told.iter().filter(|h| !h.signs_in).filter_map(|h| Some((h, h.tenancies.last()?))) {
        let Some(row) = store::accounts::by_number(&mut work.tx, &tenancy.account).await? else { continue };
        let mut online = false;
        for (person, _) in store::accounts::people(&mut work.tx, row.id, now).await? {
            online |= store::sessions::password_hash(&mut work.tx, person).await?.is_some();
        }
        let bills = store::bills::list(&mut work.tx, row.id).await?;
        if let Some(bill) = bills.iter().find(|b| b.status == Status::Issued).filter(|_| !online) {
            out.push(Unclaimed {
                account: tenancy.account.clone(),
                bill: bill.total.to_string(),
                postcode: home.postcode.to_owned(),
            });
        }
        if out.len() == OFFERED {
            break;
        }
    }
    Ok(out)
}

/// Takes in the rest of the town, some homes at a time.
///
/// # Errors
/// As [`stories`].
pub async fn rest(cx: &Cx, town: &Arc<Town>, inbox: &Path, progress: &dyn Progress) -> anyhow::Result<()> {
    let (_, rest) = sorted(town);
    let (all, mut done) = (rest.len(), 0);
    for batch in rest.chunks(BATCH) {
        done += batch.len();
        take_in(cx, town, batch.to_vec(), inbox, progress, &format!("of the town's other {all} homes, {done}")).await?;
    }
    Ok(())
}

async fn sign_in(cx: &Cx, cast: &Cast) -> anyhow::Result<()> {
    let known: Vec<String> = users::list(cx).await?.into_iter().map(|u| u.email).collect();
    if cast.staff.iter().all(|e| known.contains(&e.email)) {
        return Ok(());
    }
    for r in &cast.residents {
        users::set_password(cx, &r.email, r.password.clone().into()).await.with_context(|| r.email.clone())?;
    }
    for (e, (given, family)) in cast.staff.iter().zip(STAFF).filter(|(e, _)| !known.contains(&e.email)) {
        users::create_staff(cx, given, family, &e.email, e.password.clone().into()).await?;
    }
    for e in &cast.staff {
        for permission in [Permission::Refunds, Permission::BillRuns] {
            users::allow(cx, &e.email, permission, true).await?;
        }
    }
    Ok(())
}

/// One meter's readings that are still to come.
struct Open {
    home: usize,
    meter: Meter,
    from: NaiveDate,
    dials: Dials,
}

async fn take_in(
    cx: &Cx,
    town: &Arc<Town>,
    homes: Vec<Home>,
    inbox: &Path,
    progress: &dyn Progress,
    what: &str,
) -> anyhow::Result<()> {
    let Some(yesterday) = town.days.last().map(|d| d.date) else { return Ok(()) };
    let homes = Arc::new(homes);
    let intervals = readings(cx, town, &homes, inbox, yesterday).await?;
    let (bills, paid) = settle(cx, town, &homes, domain::calendar::next_day(yesterday)).await?;
    progress.done(&format!("{what}: {intervals} interval readings, {bills} bills, {paid} payments"));
    Ok(())
}

/// Takes in the homes' master data and what their meters counted; how many intervals that were.
async fn readings(
    cx: &Cx,
    town: &Arc<Town>,
    homes: &Arc<Vec<Home>>,
    inbox: &Path,
    through: NaiveDate,
) -> anyhow::Result<u64> {
    master::import(cx, town, homes).await?;
    let open = Arc::new(open(cx, town, homes).await?);
    let mut intervals = 0;
    for commodity in Commodity::ALL {
        let (town, homes, open, inbox) = (town.clone(), homes.clone(), open.clone(), inbox.to_owned());
        let made = tokio::task::spawn_blocking(move || write(&town, &homes, &open, commodity, through, &inbox));
        let Some((file, count)) = made.await?? else { continue };
        let report = ingest::take_in(cx, Input::File(file.clone()), &ingest::Options::default()).await?;
        if let Some(problem) = report.problem {
            bail!("{}: {problem}", file.display());
        }
        if let Some(line) = report.rejected_lines.first() {
            bail!("{} line {}: {} ({})", file.display(), line.line, line.detail, line.code);
        }
        intervals += count;
        tokio::fs::remove_file(&file).await?;
    }
    Ok(intervals)
}

/// Where each meter's readings end: what is behind that is still to come.
async fn open(cx: &Cx, town: &Town, homes: &[Home]) -> anyhow::Result<Vec<Open>> {
    let numbers: Vec<String> = homes.iter().flat_map(|h| &h.meters).map(|m| m.number.clone()).collect();
    let mut work = cx.begin(&LOOK, &Principal::System).await?;
    let known = store::meters::by_numbers(&mut work.tx, &numbers).await?;
    let ids: Vec<_> = known.values().flatten().map(|r| r.register).collect();
    let states = store::ingest::register_states(&mut work.tx, &ids).await?;
    let mut out = Vec::new();
    for (n, home) in homes.iter().enumerate() {
        for meter in &home.meters {
            let mut open = Open { home: n, meter: meter.clone(), from: town.scale.first_day(), dials: at_first(meter) };
            for register in known.get(&meter.number).into_iter().flatten() {
                let Some(state) = states.iter().find(|s| s.register == register.register) else { continue };
                let (Some(at), Some(value)) = (state.read_at, state.value) else { continue };
                let day = town.zone.day_of(DateTime::from_timestamp(at, 0).unwrap_or_default());
                open.from = open.from.max(day);
                match register.direction {
                    Direction::Received => open.dials.received = value,
                    Direction::Delivered | Direction::Net => open.dials.delivered = value,
                }
            }
            let gone = meter.until.map(|u| town.zone.day_of(DateTime::from_timestamp(u, 0).unwrap_or_default()));
            if gone.is_none_or(|day| open.from <= day && open.dials == at_first(meter)) {
                out.push(open);
            }
        }
    }
    Ok(out)
}

/// Writes the file of one commodity; `None` where there is nothing to send.
fn write(
    town: &Town,
    homes: &[Home],
    open: &[Open],
    commodity: Commodity,
    through: NaiveDate,
    inbox: &Path,
) -> anyhow::Result<Option<(PathBuf, u64)>> {
    let of: Vec<&Open> = open.iter().filter(|o| o.meter.commodity == commodity && o.from <= through).collect();
    let Some(first) = of.first() else { return Ok(None) };
    let from = of.iter().map(|o| o.from).min().unwrap_or(through);
    let name = format!("{}-{from}-{through}-{}.cmep", commodity.slug(), first.meter.number);
    std::fs::create_dir_all(inbox).with_context(|| format!("cannot make {}", inbox.display()))?;
    let path = inbox.join(name);
    let file = File::create(&path).with_context(|| format!("cannot write {}", path.display()))?;
    let mut out = Writer::new(BufWriter::with_capacity(1 << 18, file), &town.zone);
    for o in of {
        let mut dials = o.dials;
        town.write(&homes[o.home], &o.meter, (o.from, through), &mut dials, &mut out)?;
    }
    let count = out.intervals;
    out.finish()?;
    Ok(Some((path, count)))
}

#[cfg(test)]
mod tests {
    use chrono::Days;
    use domain::calendar::Zone;
    use domain::money::Cents;
    use services::clock::Entropy;
    use services::{FixedClock, Settings};
    use store::Pool;

    use super::super::town::Scale;
    use super::*;

    struct Quiet;

    impl Progress for Quiet {
        fn done(&self, _what: &str) {}
    }

    async fn surroundings(pool: Pool, today: NaiveDate, zone: &Zone) -> Cx {
        Cx {
            pool,
            clock: Arc::new(FixedClock::at(zone.start_of(today) + chrono::TimeDelta::hours(9))),
            entropy: Arc::new(Entropy::seeded(1)),
            settings: Arc::new(Settings::default()),
            outside: services::adapters::Outside::default(),
        }
    }

    async fn days(pool: &Pool) -> i64 {
        let mut tx = pool.read().await.expect("a connection");
        store::run!(&mut tx, DAYS, |sql, c| sqlx::query_scalar(sql).fetch_one(c).await).expect("a count")
    }

    store::statements! {
        DAYS = "SELECT (SELECT COUNT(*) FROM usage_day) + (SELECT COUNT(*) FROM usage_pack)";
        BILLS = "SELECT number, total, carried FROM bill ORDER BY issued_on, number";
    }

    async fn bills(cx: &Cx) -> Vec<(String, String)> {
        let mut work = cx.begin(&LOOK, &Principal::System).await.expect("a connection");
        let rows = store::run!(&mut work.tx, BILLS, |sql, c| sqlx::query_as::<_, (String, Cents, Cents)>(sql)
            .fetch_all(c)
            .await);
        let text = |(number, total, carried): (String, Cents, Cents)| (number, format!("{total} {carried}"));
        rows.expect("bills").into_iter().map(text).collect()
    }

    store::both_engines! {
    async fn a_town_that_was_stopped_before_its_bills_gets_all_of_them(pool: Pool) {
        let zone = Zone::iana("America/Los_Angeles").expect("a known zone");
        let founded: NaiveDate = "2026-11-20".parse().expect("a date");
        let scale = Scale { seed: 7, founded, homes: 1, businesses: 0 };
        let inbox = tempfile::tempdir().expect("a folder");
        let town = Arc::new(Town::new(scale, zone.clone(), founded - Days::new(1)));
        let cx = surroundings(pool, founded, &zone).await;
        let homes = Arc::new(town.plan.homes.clone());
        readings(&cx, &town, &homes, inbox.path(), founded - Days::new(1)).await.expect("read");
        assert_eq!(bills(&cx).await, []);
        stories(&cx, &town, inbox.path(), &Quiet).await.expect("the rest");
        let late = bills(&cx).await;
        // The town's 25 months and the days of this one, in periods of about a month.
        assert!((24..=26).contains(&late.len()), "{late:?}");
        let paid = late.iter().filter(|(_, sums)| sums.ends_with(" $0.00")).count();
        assert!(paid >= late.len() - 1, "what was issued was paid: {late:?}");
    }

    async fn a_town_comes_in_and_later_only_its_new_days(pool: Pool) {
        let zone = Zone::iana("America/Los_Angeles").expect("a known zone");
        let founded: NaiveDate = "2026-11-20".parse().expect("a date");
        let scale = Scale { seed: 7, founded, homes: 2, businesses: 1 };
        let inbox = tempfile::tempdir().expect("a folder");
        let cx = surroundings(pool.clone(), founded, &zone).await;
        let town = Arc::new(Town::new(scale, zone.clone(), founded - Days::new(1)));
        let cast = stories(&cx, &town, inbox.path(), &Quiet).await.expect("seeded");
        let told: Vec<&str> = cast.residents.iter().map(|r| r.story.as_str()).collect();
        assert_eq!(told, ["solar", "leak", "business"]);
        let first = days(&pool).await;
        // Two-way electricity, gas and water; and twice electricity, gas and water.
        assert_eq!(first, (4 + 3 + 3) * i64::try_from(town.days.len()).expect("few"));
        let again = stories(&cx, &town, inbox.path(), &Quiet).await.expect("nothing to do");
        assert_eq!((again, days(&pool).await), (cast, first));
        let later = founded + Days::new(2);
        let cx = surroundings(pool.clone(), later, &zone).await;
        let town = Arc::new(Town::new(scale, zone.clone(), later - Days::new(1)));
        stories(&cx, &town, inbox.path(), &Quiet).await.expect("topped up");
        assert_eq!(days(&pool).await, first + 2 * 10);
    }
    }
}
