//! A very small town, and files of its head end.

use std::fmt::Write;
use std::sync::Arc;

use chrono::{NaiveDate, TimeDelta};
use domain::calendar::{DayRange, Instant, Zone};
use domain::ids::{AccountId, AgreementId, MeterId, PremiseId, RegisterId, ServicePointId};
use domain::metering::Reading;
use domain::quantity::{Commodity, Direction, ServiceKind, Unit};
use store::Pool;
use store::accounts::{NewAccount, NewAgreement};
use store::meters::NewRegister;
use store::usage::{Change, StoredDay};

use crate::adapters::Outside;
use crate::clock::{Entropy, FixedClock};
use crate::ingest::{Input, Options, Report, take_in};
use crate::{Cx, Settings, zones};

pub(crate) fn at(text: &str) -> Instant {
    text.parse().expect("an instant")
}

pub(crate) fn day(text: &str) -> NaiveDate {
    text.parse().expect("a date")
}

pub(crate) fn range(from: &str, to: &str) -> DayRange {
    DayRange::new(day(from), day(to)).expect("a range")
}

/// Everything that was stored, to be compared.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct State {
    pub days: Vec<(String, StoredDay)>,
    pub reads: Vec<(String, Reading)>,
}

/// One account with two electric meters and a water meter at one premise.
pub(crate) struct Town {
    pub cx: Cx,
    pub account: AccountId,
    pub agreement: AgreementId,
    pub premise: PremiseId,
    pub point: ServicePointId,
    pub meters: Vec<(String, MeterId, RegisterId)>,
    zone: Arc<Zone>,
    _other: Option<store::testing::TestDb>,
}

impl Town {
    pub(crate) async fn new(pool: Pool) -> Self {
        let cx = Cx {
            pool,
            clock: Arc::new(FixedClock::at(at("2026-11-20T12:00:00Z"))),
            entropy: Arc::new(Entropy::seeded(1)),
            settings: Arc::new(Settings::default()),
            outside: Outside::default(),
        };
        let since = at("2025-01-01T08:00:00Z");
        let mut tx = cx.pool.write().await.expect("a transaction");
        let premise =
            store::accounts::insert_premise(&mut tx, "1 Elm Street", "Alder Bay", "94999", "America/Los_Angeles")
                .await
                .expect("a premise");
        let account = account(&mut tx, "1000001").await;
        let mut meters = Vec::new();
        let mut first = None;
        for (number, commodity) in
            [("E1", Commodity::Electricity), ("E2", Commodity::Electricity), ("W1", Commodity::Water)]
        {
            let point = store::meters::insert_point(&mut tx, &format!("SP-{number}"), premise, commodity)
                .await
                .expect("a service point");
            let (meter, registers) =
                store::meters::insert(&mut tx, number, commodity, &[register(commodity)]).await.expect("a meter");
            store::meters::install(&mut tx, meter, point, since).await.expect("installed");
            meters.push((number.to_owned(), meter, registers[0]));
            if number != "E2" {
                let agreement = agree(&mut tx, account, premise, point, commodity, since).await;
                first.get_or_insert((agreement, point));
            }
        }
        tx.commit().await.expect("committed");
        let (agreement, point) = first.expect("an agreement");
        let zone = zones::find("America/Los_Angeles").expect("a zone");
        Self { cx, account, agreement, premise, point, meters, zone, _other: None }
    }

    /// Another town of the same kind in a database of its own, on the same engine.
    pub(crate) async fn beside(other: &Self) -> Self {
        let db = match &other.cx.pool {
            Pool::Sqlite { .. } => store::testing::sqlite().await,
            Pool::Postgres(_) => store::testing::postgres().await,
        };
        let mut town = Self::new(db.pool.clone()).await;
        town._other = Some(db);
        town
    }

    /// A line of quarter-hours from an instant on, in local time, each stamped with its end; `None` is left out.
    pub(crate) fn line(&self, meter: &str, start: Instant, watt_hours: &[Option<i64>]) -> String {
        let values: Vec<_> = watt_hours.iter().map(|v| v.map(|v| format!("{}.{:03}", v / 1000, v % 1000))).collect();
        self.record(meter, "E,KWH", "00000015", start, TimeDelta::minutes(15), &values)
    }

    pub(crate) fn water(&self, meter: &str, start: Instant, gallons: &[i64]) -> String {
        let values: Vec<_> = gallons.iter().map(|v| Some(v.to_string())).collect();
        self.record(meter, "W,GAL", "00000100", start, TimeDelta::hours(1), &values)
    }

    fn record(
        &self,
        meter: &str,
        channel: &str,
        interval: &str,
        start: Instant,
        step: TimeDelta,
        values: &[Option<String>],
    ) -> String {
        let mut triples = String::new();
        let mut count = 0;
        let mut end = start;
        for value in values {
            end += step;
            if let Some(value) = value {
                count += 1;
                write!(triples, ",{},R0,{value}", self.zone.to_local(end).format("%Y%m%d%H%M")).expect("text");
            }
        }
        format!("MEPMD01,20080501,AMI,A,1,{meter},202606030000,{meter},OK,{channel},1.0,{interval},{count}{triples}\n")
    }

    /// So many days of one value, a line each.
    pub(crate) fn flat(&self, meter: &str, from: &str, days: usize, watt_hours: i64) -> String {
        day(from)
            .iter_days()
            .take(days)
            .map(|d| {
                let (start, end) = self.zone.bounds(d);
                let n = usize::try_from((end - start).num_minutes() / 15).expect("small");
                self.line(meter, start, &vec![Some(watt_hours); n])
            })
            .collect()
    }

    pub(crate) async fn take(&self, file: &str) -> Report {
        self.take_with(file, &Options::default()).await
    }

    pub(crate) async fn take_in_batches(&self, file: &str, batch: usize, chunks: Option<u32>) -> Report {
        self.take_with(file, &Options { batch: Some(batch), stop_after_chunks: chunks, ..Options::default() }).await
    }

    async fn take_with(&self, file: &str, options: &Options) -> Report {
        let input = Input::Bytes { name: "test.cmep".to_owned(), bytes: file.as_bytes().into() };
        take_in(&self.cx, input, options).await.expect("the database answers")
    }

    pub(crate) fn register(&self, meter: &str) -> RegisterId {
        self.meters.iter().find(|m| m.0 == meter).expect("a meter of the town").2
    }

    pub(crate) async fn stored(&self, meter: &str, on: &str) -> StoredDay {
        let mut tx = self.cx.pool.read().await.expect("a transaction");
        let one = DayRange { from: day(on), to: day(on).succ_opt().expect("a day") };
        let mut days = store::usage::days(&mut tx, self.register(meter), one).await.expect("it reads");
        days.pop().expect("the day is stored")
    }

    pub(crate) async fn changes(&self, meter: &str, on: &str) -> Vec<Change> {
        let mut tx = self.cx.pool.read().await.expect("a transaction");
        store::usage::changes(&mut tx, self.register(meter), day(on)).await.expect("it reads")
    }

    pub(crate) async fn state(&self) -> State {
        let mut tx = self.cx.pool.read().await.expect("a transaction");
        let mut state = State { days: Vec::new(), reads: Vec::new() };
        let (from, to) = (at("2020-01-01T00:00:00Z"), at("2030-01-01T00:00:00Z"));
        for (number, _, register) in &self.meters {
            let days =
                store::usage::days(&mut tx, *register, range("2020-01-01", "2030-01-01")).await.expect("it reads");
            state.days.extend(days.into_iter().map(|d| (number.clone(), d)));
            let reads = store::usage::reads(&mut tx, *register, from, to).await.expect("it reads");
            state.reads.extend(reads.into_iter().map(|r| (number.clone(), r)));
        }
        for (_, stored) in &state.days {
            assert_eq!(stored.unpack().expect("a block").sum(), stored.sum, "{}", stored.day);
        }
        state
    }

    /// Whether no delivery is left half-way.
    pub(crate) async fn finished(&self) -> bool {
        let mut tx = self.cx.pool.read().await.expect("a transaction");
        store::ingest::unfinished(&mut tx).await.expect("it reads").is_empty()
    }
}

pub(crate) fn register(commodity: Commodity) -> NewRegister {
    match commodity {
        Commodity::Electricity => NewRegister {
            direction: Direction::Delivered,
            unit: Unit::KilowattHour,
            exponent: -3,
            interval_seconds: 900,
            dial_digits: 5,
        },
        _ => NewRegister {
            direction: Direction::Delivered,
            unit: Unit::Gallon,
            exponent: 0,
            interval_seconds: 3600,
            dial_digits: 7,
        },
    }
}

pub(crate) async fn account(tx: &mut store::Tx<'_>, number: &str) -> AccountId {
    let new = NewAccount {
        number,
        name: "Ada Alder",
        opened_on: day("2025-01-01"),
        cycle_day: 5,
        paperless: true,
        street: "1 Elm Street",
        city: "Alder Bay",
        postcode: "94999",
    };
    store::accounts::insert(tx, &new).await.expect("an account")
}

pub(crate) async fn agree(
    tx: &mut store::Tx<'_>,
    account: AccountId,
    premise: PremiseId,
    point: ServicePointId,
    commodity: Commodity,
    since: Instant,
) -> AgreementId {
    let new = NewAgreement {
        account,
        premise,
        point: Some(point),
        service: ServiceKind::from(commodity),
        schedule: "E-1",
        facts: &serde_json::json!({}),
        since,
    };
    store::accounts::insert_agreement(tx, &new).await.expect("an agreement")
}
