//! The use of a year, bill by bill: a chart with its sentence.

use charts::Size;
use charts::bars::{BarChart, Mark, draw};
use charts::ticks::Scale;
use charts::{Anchor, XLabel};
use chrono::Days;
use contract::bills::PastUse;
use domain::money::div_half_up;
use domain::quantity::{Commodity, Decimal, ServiceKind};
use locales::format::{month_short, number};
use locales::{Lang, bill as words, paper as say};

use crate::figure::{self, Placed};
use crate::sheet::{EDGE, Role, Sheet, Style};

/// How high the picture is, in points.
pub(crate) const HEIGHT: f32 = 96.0;
/// Points for each pixel of the picture: letters of 13 px come out a little smaller than running text.
const SCALE: f32 = 0.58;
/// Decimal places of what is drawn.
const PLACES: i8 = 3;

/// The use of some bills, a day each; the last one is the bill's own.
pub(crate) struct History<'a> {
    service: ServiceKind,
    unit: &'static str,
    places: u8,
    bills: Vec<(&'a PastUse, i64)>,
}

impl<'a> History<'a> {
    /// Of one service; `None` where it is not metered or there is nothing to set the bill beside.
    pub(crate) fn of(all: &'a [PastUse], service: ServiceKind) -> Option<Self> {
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

    /// The picture and its sentence, across the page.
    pub(crate) fn draw(&self, lang: Lang, s: &mut Sheet) {
        let month = |past: &PastUse| {
            let middle = past.served.from + Days::new(u64::try_from(past.served.len() / 2).unwrap_or(0));
            (month_short(lang, middle), middle)
        };
        let marks: Vec<Mark> =
            self.bills.iter().map(|(_, daily)| Mark { up: Some(*daily), ..Mark::default() }).collect();
        let labels = self.bills.iter().enumerate().map(|(i, (past, _))| XLabel {
            slot: u32::try_from(i).unwrap_or(0),
            text: month(past).0.to_owned(),
            anchor: Anchor::Middle,
        });
        let values: Vec<String> = self
            .bills
            .iter()
            .map(|(past, daily)| {
                say::history_value(
                    lang,
                    self.amount(lang, *daily),
                    month(past).0,
                    month(past).1.format("%Y").to_string(),
                )
            })
            .collect();
        let title = say::history_title(lang, words::service(lang, self.service), self.unit);
        let alt = say::history_alt(lang, &title, values.join("; "));
        let tick = |value: i64, scale: &Scale| number(lang, Decimal::new(value, -PLACES), scale.places(-PLACES));
        let slots = u32::try_from(marks.len()).unwrap_or(u32::MAX);
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a page is some hundred points")]
        let size = Size { width: (s.width() / SCALE) as u32, height: (HEIGHT / SCALE) as u32 };
        let (svg, _) = draw(&BarChart {
            id: "history",
            class: "",
            title: &title,
            summary: &alt,
            size,
            marks: &marks,
            per_mark: 1,
            slots,
            least_high: 1,
            unit: "",
            tick: &tick,
            labels: &[labels.collect()],
            no_data: "",
            flags: &[],
        });
        let now = self.bills.last().map_or(0, |b| b.1);
        let caption = say::history_caption(lang, self.amount(lang, now), &title);
        s.gap(3.0);
        s.paragraph(&caption, Style::BESIDE);
        s.need(HEIGHT);
        let at = Placed { x: EDGE, y: s.y, scale: SCALE, strong: Some(marks.len() - 1) };
        let shapes = figure::shapes(&svg, at, &s.faces);
        s.under(Role::Figure(alt), |s| s.picture(shapes));
        s.gap(HEIGHT);
    }
}
