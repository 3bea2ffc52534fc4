//! The use of a year, bill by bill: a bar for each bill, as high as its use on a day. The bill's page and its paper show the same.

use chrono::NaiveDate;
use contract::bills::PastUse;
use domain::money::div_half_up;
use domain::quantity::{Commodity, Decimal, ServiceKind};
use locales::format::{month_short, number, range};
use locales::{Lang, bill as words, paper as say};

use crate::bars::{BarChart, Mark, draw};
use crate::ticks::Scale;
use crate::{Anchor, Size, Table, XLabel};

/// Decimal places of what is drawn.
const PLACES: i8 = 3;

/// The use of some bills, a day each; the last one is the bill's own.
pub struct History<'a> {
    service: ServiceKind,
    unit: &'static str,
    places: u8,
    bills: Vec<(&'a PastUse, i64)>,
}

/// The day whose month names a bar: the last one, as no two bills of a year end in the same month.
fn named_by(past: &PastUse) -> NaiveDate {
    past.served.last()
}

impl<'a> History<'a> {
    /// Of one service; `None` where it is not metered or there is nothing to set the bill beside.
    #[must_use]
    pub fn of(all: &'a [PastUse], service: ServiceKind) -> Option<Self> {
        let unit = service.commodity().map(Commodity::billing_unit)?;
        let daily = |past: &PastUse| {
            let micro = i128::from(past.delivered.round_to(-6));
            let thousandths = div_half_up(micro, i128::from(past.served.len().max(1)) * 1_000);
            i64::try_from(thousandths).unwrap_or(0).max(0)
        };
        let bills: Vec<_> = all.iter().filter(|p| p.service == service).map(|p| (p, daily(p))).collect();
        let most = bills.iter().map(|b| b.1).max()?;
        // Small amounts need more decimals.
        let places = if most < 10_000 { 2 } else { 1 };
        (bills.len() > 1 && most > 0).then_some(Self { service, unit: words::unit_word(unit), places, bills })
    }

    fn amount(&self, lang: Lang, daily: i64) -> String {
        number(lang, Decimal::new(daily, -PLACES), self.places)
    }

    /// Which bar is the bill's own.
    #[must_use]
    pub fn own(&self) -> usize {
        self.bills.len() - 1
    }

    /// What it is about.
    #[must_use]
    pub fn title(&self, lang: Lang) -> String {
        say::history_title(lang, words::service(lang, self.service), self.unit)
    }

    /// What the bill's own bar comes to.
    #[must_use]
    pub fn now(&self, lang: Lang) -> String {
        self.amount(lang, self.bills.last().map_or(0, |b| b.1))
    }

    /// Everything that the picture shows, in words.
    #[must_use]
    pub fn alt(&self, lang: Lang) -> String {
        let value = |(past, daily): &(&PastUse, i64)| {
            let day = named_by(past);
            say::history_value(lang, self.amount(lang, *daily), month_short(lang, day), day.format("%Y").to_string())
        };
        say::history_alt(lang, self.title(lang), self.bills.iter().map(value).collect::<Vec<_>>().join("; "))
    }

    /// The picture, an `<svg>` element with an id of its own.
    #[must_use]
    pub fn svg(&self, lang: Lang, id: &str, size: Size) -> String {
        let marks: Vec<Mark> =
            self.bills.iter().map(|(_, daily)| Mark { up: Some(*daily), ..Mark::default() }).collect();
        let labels = self.bills.iter().enumerate().map(|(i, (past, _))| XLabel {
            slot: u32::try_from(i).unwrap_or(0),
            text: month_short(lang, named_by(past)).to_owned(),
            anchor: Anchor::Middle,
        });
        let tick = |value: i64, scale: &Scale| number(lang, Decimal::new(value, -PLACES), scale.places(-PLACES));
        let (svg, _) = draw(&BarChart {
            id,
            class: self.service.slug(),
            title: &self.title(lang),
            summary: &self.alt(lang),
            size,
            marks: &marks,
            per_mark: 1,
            slots: u32::try_from(marks.len()).unwrap_or(u32::MAX),
            least_high: 1,
            unit: "",
            tick: &tick,
            labels: &[labels.collect()],
            no_data: "",
            flags: &[],
        });
        svg
    }

    /// Every bar as a row: the days of the bill, its use, its use on a day.
    #[must_use]
    pub fn table(&self, lang: Lang) -> Table {
        let with_unit = |amount: String| [amount.as_str(), " ", self.unit].concat();
        let row = |(past, daily): &(&PastUse, i64)| {
            vec![
                range(lang, past.served),
                with_unit(number(lang, past.delivered, 2)),
                with_unit(self.amount(lang, *daily)),
            ]
        };
        Table {
            head: [say::history_bill(lang), say::history_used(lang), say::history_daily(lang)]
                .map(ToOwned::to_owned)
                .to_vec(),
            rows: self.bills.iter().map(row).collect(),
        }
    }
}
