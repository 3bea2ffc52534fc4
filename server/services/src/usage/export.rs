//! Use as a Green Button file: every channel as it was metered, any range up to all history, with a summary per bill. Made
//! month by month while it is sent.

use std::collections::VecDeque;

use chrono::{NaiveDate, TimeDelta};
use contract::usage::UsageAsk;
use contract::{AppError, Field, FieldError, Problem};
use domain::billing::costs::Part;
use domain::calendar::{DayRange, add_months, month_start, next_day};
use domain::ids::AccountId;
use domain::metering::{Interval, Reading};
use domain::quantity::{Commodity, Direction};
use futures::stream::StreamExt as _;
use greenbutton::{Feed, Head, UsagePoint, Value, WriteError};
use locales::{Lang, common, usage as text};
use store::accounts::AccountRow;
use store::meters::RegisterSpan;

use super::download::Download;
use super::readings::read_on;
use super::summaries::{self, Billed};
use crate::accounts::open;
use crate::billing::costs::{costs, minute_of, to_micro};
use crate::usage_data::{Channel, channels};
use crate::{Cx, Fault, Principal, Work, use_case};

use_case!(
    /// Download an account's usage, all of it if asked for.
    pub EXPORT = "usage.export", Read, Resident
);
use_case!(
    /// Write an account's usage to a file from the command line.
    pub HAND_OUT = "usage.hand_out", Read, System
);

/// Opens an account for what is handed out: the person's own, or any for the program itself.
pub(super) async fn begin(cx: &Cx, who: &Principal, number: &str) -> Result<(Work, AccountRow), Fault> {
    if *who == Principal::System {
        let mut work = cx.begin(&HAND_OUT, who).await?;
        let row = store::accounts::by_number(&mut work.tx, number).await?.ok_or(AppError::NotFound)?;
        return Ok((work, row));
    }
    let mut work = cx.begin(&EXPORT, who).await?;
    let row = open(&mut work, number).await?.row;
    Ok((work, row))
}

/// The days that are meant of those that there are: all of them, or those asked for.
///
/// # Errors
/// `NotFound` where there are none; `Invalid` where those asked for lie outside.
pub(super) fn within(parts: impl Iterator<Item = DayRange>, asked: Option<DayRange>) -> Result<DayRange, Fault> {
    let whole = parts.reduce(|a, b| DayRange { from: a.from.min(b.from), to: a.to.max(b.to) });
    let whole = whole.ok_or(AppError::NotFound)?;
    let Some(asked) = asked else { return Ok(whole) };
    Ok(asked.intersect(whole).ok_or_else(|| {
        let field = if asked.from >= whole.to { Field::From } else { Field::To };
        AppError::Invalid(vec![FieldError { field, problem: Problem::OutOfRange }])
    })?)
}

impl From<WriteError> for Fault {
    fn from(error: WriteError) -> Self {
        Self::Other(error.to_string())
    }
}

/// What the address asks for, as a Green Button file: one service or all, some days or all.
///
/// # Errors
/// `Invalid` where the dates make no sense or lie outside the data; `NotFound` for an account that is not the person's and where
/// there are no data; otherwise if the database fails.
pub async fn green_button(cx: &Cx, who: &Principal, number: &str, ask: &UsageAsk) -> Result<Download, Fault> {
    let asked = ask.days().map_err(AppError::Invalid)?;
    let (mut work, account) = begin(cx, who, number).await?;
    let service = ask.service();
    let mut found = Vec::new();
    for commodity in Commodity::ALL.into_iter().filter(|c| service.is_none_or(|only| only == *c)) {
        let of_commodity = channels(&mut work.tx, account.id, commodity).await?;
        let priced = is_priced(&of_commodity);
        for channel in of_commodity {
            if let Some(extent) = channel.extent(&mut work.tx).await? {
                let days = DayRange { from: extent.first_day, to: next_day(extent.last_day) };
                found.push(Metered {
                    commodity,
                    costs: priced && channel.direction == Direction::Delivered,
                    channel,
                    days,
                    dial: None,
                });
                continue;
            }
            // Nothing but what dials showed: each meter's is a channel of its own.
            for span in &channel.meters.spans {
                if let Some(days) = read_on(&mut work.tx, span, &channel.meters.zone).await? {
                    let dial = Some(span.clone());
                    found.push(Metered { commodity, costs: false, channel: channel.clone(), days, dial });
                }
            }
        }
    }
    let range = within(found.iter().map(|m| m.days), asked)?;
    let file_name = format!("{}-{}-to-{}.xml", service.map_or("usage", Commodity::slug), range.from, range.last());
    let mut bills = summaries::of(&mut work, account.id, range).await?;
    let mut steps = VecDeque::new();
    for at_point in found.chunk_by(|a, b| a.place() == b.place()) {
        let Some(first) = at_point.first() else { continue };
        let billed = bills.take(first.commodity, at_point.iter().map(|m| &m.channel));
        steps.push_back(Step::Point(first.clone(), billed));
        for m in at_point {
            steps.push_back(Step::Channel(m.clone()));
            let mut left = m.days.intersect(range);
            while let Some(DayRange { from, to }) = left {
                let end = add_months(month_start(from), 1).min(to);
                steps.push_back(Step::Days(DayRange { from, to: end }));
                left = DayRange::new(end, to).ok().filter(|l| !l.is_empty());
            }
        }
        steps.push_back(Step::Bills);
    }
    let settings = work.settings.clone();
    let head = Head {
        origin: &settings.portal_origin,
        account: account.id.0,
        title: &text::feed_title(Lang::En, &settings.utility_name),
        now: work.now,
    };
    let feed = Feed::new(Vec::new(), &head)?;
    let writing = Writing { account: account.id, work, feed, now: None, billed: Vec::new() };
    let body = futures::stream::try_unfold(Some((writing, steps)), |state| async move {
        let Some((mut writing, mut steps)) = state else { return Ok(None) };
        match steps.pop_front() {
            Some(step) => {
                writing.take(step).await?;
                let piece = writing.feed.take();
                Ok(Some((read_back(piece)?, Some((writing, steps)))))
            }
            None => Ok(Some((read_back(writing.feed.finish()?)?, None))),
        }
    });
    Ok(Download { file_name, body: body.boxed() })
}

fn read_back(piece: Vec<u8>) -> Result<String, Fault> {
    String::from_utf8(piece).map_err(|e| Fault::Other(e.to_string()))
}

/// A cost can be said of an interval where one meter alone makes it: one place, one length, and what is sent back beside it.
fn is_priced(channels: &[Channel]) -> bool {
    let count = |direction| channels.iter().filter(|c| c.direction == direction).count();
    let alike = channels.windows(2).all(|w| w[0].meters.interval_seconds == w[1].meters.interval_seconds);
    alike && count(Direction::Delivered) == 1 && count(Direction::Received) <= 1 && count(Direction::Net) == 0
}

/// A channel that has data, and on which days.
#[derive(Clone)]
struct Metered {
    commodity: Commodity,
    channel: Channel,
    days: DayRange,
    costs: bool,
    /// The meter whose dial was read, where there are no intervals.
    dial: Option<RegisterSpan>,
}

impl Metered {
    fn place(&self) -> (Commodity, domain::ids::ServicePointId) {
        (self.commodity, self.channel.service_point)
    }
}

/// What is written next.
enum Step {
    /// A place with what its bills say.
    Point(Metered, Vec<Billed>),
    Channel(Metered),
    /// Days of the channel.
    Days(DayRange),
    /// The bills of the place.
    Bills,
}

struct Writing {
    account: AccountId,
    work: Work,
    feed: Feed<Vec<u8>>,
    /// The channel that is being written.
    now: Option<Metered>,
    /// The bills of the place that is being written.
    billed: Vec<Billed>,
}

impl Writing {
    async fn take(&mut self, step: Step) -> Result<(), Fault> {
        match step {
            Step::Point(first, billed) => {
                let agreements = store::bills::agreements(&mut self.work.tx, self.account).await?;
                let ours = agreements.iter().rfind(|a| a.service.commodity() == Some(first.commodity));
                let spans = &first.channel.meters.spans;
                self.feed.usage_point(&UsagePoint {
                    key: first.channel.service_point.0,
                    commodity: first.commodity,
                    zone: &first.channel.meters.zone,
                    title: service_name(first.commodity),
                    tariff: ours.map(|a| a.schedule.as_str()),
                    active: spans.iter().any(|s| s.covers(self.work.now)),
                    since: spans.iter().map(|s| s.moved_in).min().unwrap_or(self.work.now),
                    summaries: !billed.is_empty(),
                })?;
                self.billed = billed;
            }
            Step::Channel(m) => {
                let name = service_name(m.commodity);
                let title = match m.channel.direction {
                    Direction::Delivered => text::feed_used(Lang::En, name),
                    Direction::Received => text::feed_sent_back(Lang::En, name),
                    Direction::Net => text::feed_net(Lang::En, name),
                };
                let meters = &m.channel.meters;
                let (unit, exponent, seconds) = match &m.dial {
                    Some(span) => (span.unit, span.exponent, 0),
                    None => (meters.unit, meters.exponent, meters.interval_seconds),
                };
                self.feed.channel(&greenbutton::Channel {
                    direction: m.channel.direction,
                    unit,
                    exponent,
                    seconds,
                    dial: m.dial.as_ref().map(|span| span.register.0),
                    title: &title,
                    costs: m.costs,
                })?;
                self.now = Some(m);
            }
            Step::Days(range) => self.days(range).await?,
            Step::Bills => {
                for billed in std::mem::take(&mut self.billed) {
                    self.feed.summary(&billed.summary())?;
                }
            }
        }
        Ok(())
    }

    async fn days(&mut self, range: DayRange) -> Result<(), Fault> {
        let Some(m) = &self.now else { return Ok(()) };
        if let Some(span) = &m.dial {
            let zone = &m.channel.meters.zone;
            let (from, to) = (zone.start_of(range.from), zone.start_of(range.to) - TimeDelta::seconds(1));
            let (from, to) = (from.max(span.since), span.until.map_or(to, |until| until.min(to)));
            let reads = store::usage::reads(&mut self.work.tx, span.register, from, to).await?;
            for of_day in reads.chunk_by(|a, b| zone.day_of(a.at) == zone.day_of(b.at)) {
                let value = |r: &Reading| Value { start: r.at, value: r.value, quality: r.quality, cost: None };
                let values: Vec<Value> = of_day.iter().map(value).collect();
                let Some(first) = of_day.first() else { continue };
                self.feed.block(zone.day_of(first.at), &values)?;
            }
            return Ok(());
        }
        let days = m.channel.days(&mut self.work.tx, range).await?;
        let mut written: Vec<(NaiveDate, Vec<Value>)> = range
            .days()
            .zip(days)
            .map(|(day, found)| {
                let value = |i: Interval| Value { start: i.start, value: i.value, quality: i.quality, cost: None };
                (day, found.into_iter().map(value).collect())
            })
            .collect();
        if m.costs {
            price(&mut self.work, self.account, m, range, &mut written).await?;
        }
        for (day, values) in &written {
            self.feed.block(*day, values)?;
        }
        Ok(())
    }
}

/// Says of each interval what it cost, by the tiers of its bill, less the credit for what was sent back.
async fn price(
    work: &mut Work,
    account: AccountId,
    m: &Metered,
    range: DayRange,
    days: &mut [(NaiveDate, Vec<Value>)],
) -> Result<(), Fault> {
    let spans = costs(work, account, m.commodity, range).await?;
    if spans.is_empty() {
        return Ok(());
    }
    let back = channels(&mut work.tx, account, m.commodity).await?;
    let back = back.iter().find(|c| c.direction == Direction::Received);
    let sent = match back {
        Some(back) => back.days(&mut work.tx, range).await?,
        None => Vec::new(),
    };
    let micro = |c: &Channel, v: i64| to_micro(m.commodity, c.meters.unit, c.meters.exponent, v);
    for (i, (day, values)) in days.iter_mut().enumerate() {
        let Some(span) = spans.iter().find(|s| s.costs.served.contains(*day)) else { continue };
        let sent = sent.get(i).map(Vec::as_slice).unwrap_or_default();
        // Both in order of time; what was sent back while nothing is known to be delivered belongs to no reading.
        let at = |start| sent.binary_search_by_key(&start, |s| s.start).ok().and_then(|n| sent.get(n));
        let parts: Vec<_> = values
            .iter()
            .map(|v| Part {
                minute: minute_of(&m.channel.meters.zone, v.start),
                delivered: micro(&m.channel, v.value),
                received: at(v.start).zip(back).and_then(|(s, c)| micro(c, s.value)),
            })
            .collect();
        for (value, cost) in values.iter_mut().zip(span.costs.intervals(*day, &parts)) {
            value.cost = cost.usage;
        }
    }
    Ok(())
}

fn service_name(commodity: Commodity) -> &'static str {
    match commodity {
        Commodity::Electricity => common::service_electricity(Lang::En),
        Commodity::Gas => common::service_gas(Lang::En),
        Commodity::Water => common::service_water(Lang::En),
    }
}
