//! What bills say of metered services, as a Green Button file summarises it.

use domain::billing::{Line, LineKind, ServiceBill};
use domain::calendar::{DayRange, Instant, Zone};
use domain::ids::{AccountId, BillId};
use domain::quantity::{Commodity, Decimal};
use domain::tariff::Label;
use greenbutton::{ItemKind, Summary, SummaryLine};
use locales::lines::name;
use locales::{Lang, usage as text};
use store::bills::Status;

use crate::billing::show::stored;
use crate::usage_data::Channel;
use crate::{Fault, Work};

/// One service on one bill.
pub(super) struct Billed {
    bill: BillId,
    part: usize,
    title: String,
    period: (Instant, Instant),
    issued: Instant,
    service: ServiceBill,
    delivered: Decimal,
    commodity: Commodity,
    estimated: bool,
    lines: Vec<SummaryLine>,
}

impl Billed {
    pub(super) fn summary(&self) -> Summary<'_> {
        Summary {
            key: self.bill.0,
            part: self.part,
            title: &self.title,
            period: self.period,
            issued: self.issued,
            total: self.service.total,
            delivered: self.delivered,
            unit: self.commodity.billing_unit(),
            estimated: self.estimated,
            tariff: &self.service.schedule,
            lines: &self.lines,
        }
    }
}

/// The metered services of an account's bills, oldest first.
pub(super) struct Bills(Vec<Bill>);

struct Bill {
    id: BillId,
    issued_on: chrono::NaiveDate,
    part: usize,
    estimated: bool,
    commodity: Commodity,
    service: ServiceBill,
}

/// What the bills that stand say of a range.
pub(super) async fn of(work: &mut Work, account: AccountId, range: DayRange) -> Result<Bills, Fault> {
    let mut rows = store::bills::list(&mut work.tx, account).await?;
    rows.retain(|b| {
        let days = DayRange { from: b.period_from, to: b.period_to };
        b.status == Status::Issued && days.intersect(range).is_some()
    });
    rows.sort_by_key(|b| b.period_from);
    let mut out: Vec<Bill> = Vec::new();
    for row in rows {
        let (bill, reads) = stored(work, &row).await?;
        for service in bill.services {
            let Some(commodity) = service.service.commodity() else { continue };
            let part = out.iter().filter(|b| b.id == row.id && b.commodity == commodity).count();
            let estimated = reads.iter().any(|r| r.service == service.service && r.estimated);
            out.push(Bill { id: row.id, issued_on: row.issued_on, part, estimated, commodity, service });
        }
    }
    Ok(Bills(out))
}

impl Bills {
    /// Takes out those that belong to a place: of its service, from while the account was served there. A bill of two places
    /// of one service says what they came to together; it goes with the first.
    pub(super) fn take<'c>(
        &mut self,
        commodity: Commodity,
        channels: impl Iterator<Item = &'c Channel> + Clone,
    ) -> Vec<Billed> {
        let mut out = Vec::new();
        let Some(zone) = channels.clone().next().map(|c| c.meters.zone.clone()) else { return out };
        let here = |b: &Bill| {
            let (from, to) = (zone.start_of(b.service.served.from), zone.start_of(b.service.served.to));
            let mut spans = channels.clone().flat_map(|c| &c.meters.spans);
            b.commodity == commodity && spans.any(|s| s.since < to && s.until.is_none_or(|until| from < until))
        };
        let (mine, others): (Vec<_>, Vec<_>) = std::mem::take(&mut self.0).into_iter().partition(here);
        self.0 = others;
        out.extend(mine.into_iter().filter_map(|b| billed(b, &zone)));
        out
    }
}

/// `None` for a service that has no quantity.
fn billed(b: Bill, zone: &Zone) -> Option<Billed> {
    let Bill { id, issued_on, part, estimated, commodity, service } = b;
    let delivered = service.delivered?;
    Some(Billed {
        bill: id,
        part,
        title: text::feed_bill(Lang::En, issued_on),
        period: (zone.start_of(service.served.from), zone.start_of(service.served.to)),
        issued: zone.start_of(issued_on),
        delivered,
        commodity,
        estimated,
        lines: service.lines.iter().map(line).collect(),
        service,
    })
}

fn line(line: &Line) -> SummaryLine {
    let kind = match (line.kind, line.label) {
        (LineKind::Usage, Some(Label::GasSupply)) => ItemKind::Generation,
        (LineKind::Usage, Some(Label::GasDelivery)) | (LineKind::Fixed, _) => ItemKind::Delivery,
        (LineKind::Usage, _) => ItemKind::Usage,
        (LineKind::Export, _) => ItemKind::GenerationCredit,
        (LineKind::Tax, _) => ItemKind::Tax,
        (LineKind::Assistance, _) => ItemKind::AdministrationCredit,
    };
    SummaryLine { kind, note: priced(line), amount: line.amount, quantity: line.quantity.zip(line.unit) }
}

/// The line's name with the price of what was used.
fn priced(line: &Line) -> String {
    match (line.price, line.unit, line.quantity) {
        (Some(price), Some(unit), Some(_)) => {
            // Prices count 10^-8 dollars; every digit that counts is there, and at least two.
            let dollars = Decimal::new(price.0, -8).to_string();
            let (whole, digits) = dollars.split_once('.').unwrap_or((&dollars, ""));
            text::feed_line(Lang::En, format!("{whole}.{digits:0<2}"), unit.symbol(), name(Lang::En, line))
        }
        _ => name(Lang::En, line),
    }
}
