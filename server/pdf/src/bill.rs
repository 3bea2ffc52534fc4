//! What stands on a bill, from its head to the slip at the foot of its first page.

use charts::history::History;
use contract::bills::{BillView, ServiceView, Standing};
use domain::billing::{Line as Charge, LineKind};
use domain::money::Cents;
use locales::format::{date, number, range};
use locales::{Lang, bill as words, bills, lines, paper as say};

use crate::history;
use crate::sheet::{BLACK, EDGE, GREY, Role, SMALL, Shape, Sheet, Style};
use crate::table::{Column, Line};
use crate::write::{About, write};
use crate::{Paper, Unprintable, scan_line};

/// The room that the slip takes at the foot of the first page.
const SLIP: f32 = 168.0;

/// A bill and what is printed around it.
#[derive(Clone, Debug)]
pub struct BillPaper<'a> {
    /// The bill as its page shows it.
    pub bill: &'a BillView,
    /// The utility's name.
    pub utility: &'a str,
    /// Where to call.
    pub phone: &'a str,
    /// Where to pay online.
    pub portal: &'a str,
    /// Where paper goes: street, city, postcode.
    pub mailing: [&'a str; 3],
    /// Whether it was sent before and is given out once more.
    pub duplicate: bool,
    /// The size of the paper.
    pub paper: Paper,
}

impl BillPaper<'_> {
    /// What was to be paid when the bill was sent, as on its page; negative is in the customer's favour.
    #[must_use]
    pub fn asked(&self) -> Cents {
        self.bill.carried + self.bill.summary.total
    }

    /// How much of it is from earlier bills, which are due before this one. Where an arrangement has days of its own, none is named.
    fn earlier(&self) -> Option<Cents> {
        let owed = self.bill.carried > Cents::ZERO && self.asked() > Cents::ZERO;
        (owed && self.bill.summary.standing != Standing::Arranged).then(|| self.bill.carried.min(self.asked()))
    }
}

/// The bill as PDF. The same bill gives the same bytes.
///
/// # Errors
/// If the layout breaks a rule of PDF/UA-1, which is a defect.
pub fn bill(paper: &BillPaper<'_>) -> Result<Vec<u8>, Unprintable> {
    let lang = Lang::En;
    let sheet = lay_out(lang, paper);
    let s = &paper.bill.summary;
    let title = say::title(lang, &paper.bill.account.number, &s.number, range(lang, s.period));
    write(&[sheet], &About { title, author: paper.utility.to_owned(), lang: lang.tag() })
}

pub(crate) fn lay_out(lang: Lang, paper: &BillPaper<'_>) -> Sheet {
    let mut s = Sheet::new(paper.paper, SLIP);
    s.under(Role::Section, |s| {
        head(lang, s, paper);
        glance(lang, s, paper.bill);
        how_to_pay(lang, s, paper);
        for service in &paper.bill.services {
            self::service(lang, s, paper, service);
        }
    });
    slip(lang, &mut s, paper);
    feet(lang, &mut s, paper);
    s
}

/// The utility, the bill's facts and, large, what is to be paid.
fn head(lang: Lang, s: &mut Sheet, paper: &BillPaper<'_>) {
    let (bill, summary) = (paper.bill, &paper.bill.summary);
    let (width, half) = (s.width(), s.width() * 0.56);
    let top = s.y;
    s.under(Role::Paragraph, |s| s.lines(paper.utility, Style::BOLD.sized(13.0), EDGE, top, half));
    s.under(Role::Paragraph, |s| {
        s.lines(paper.phone, Style::BESIDE.to_the_right(), EDGE + half, top + 4.0, width - half)
    });
    s.gap(28.0);
    s.heading(1, &bills::bill_title(lang, range(lang, summary.period)), 19.0);
    if paper.duplicate {
        s.paragraph(say::duplicate(lang), Style::BOLD.sized(13.0));
    }
    if summary.standing == Standing::Replaced {
        s.paragraph(say::replaced(lang), Style::BOLD);
    }
    s.gap(6.0);
    let top = s.y;
    // What is to be paid stands at the right, and is read first.
    let (x, column) = (EDGE + half, width - half);
    let asked = paper.asked();
    let mut y = s.under(Role::Paragraph, |s| s.lines(say::pay_in_all(lang), Style::BESIDE, x, top, column));
    y = s.under(Role::Paragraph, |s| {
        s.lines(&asked.max(Cents::ZERO).to_string(), Style::BOLD.sized(26.0), x, y, column)
    });
    let when = if asked > Cents::ZERO {
        bills::due_on(lang, date(lang, summary.due_on))
    } else if asked < Cents::ZERO {
        say::nothing_to_pay(lang, -asked)
    } else {
        say::all_paid(lang).to_owned()
    };
    y = s.under(Role::Paragraph, |s| s.lines(&when, Style::BOLD, x, y, column));
    if let Some(earlier) = paper.earlier() {
        let text = say::earlier(lang, earlier);
        y = s.under(Role::Paragraph, |s| s.lines(&text, Style::BOLD, x, y + 2.0, column));
    }
    let before = bill.previous.as_ref().map(|b| b.1);
    if let Some(text) = words::comparison(lang, summary.total, before, bill.year_ago.as_ref().map(|b| b.1)) {
        y = s.under(Role::Paragraph, |s| s.lines(&text, Style::BESIDE, x, y + 4.0, column));
    }
    let facts = [
        (say::account(lang), format!("{}, {}", bill.account.number, bill.account.name)),
        (say::for_service_at(lang), bill.account.street.clone()),
        (say::bill(lang), summary.number.clone()),
        (say::period(lang), range(lang, summary.period)),
        (say::sent(lang), date(lang, summary.issued_on)),
        (say::due(lang), date(lang, summary.due_on)),
    ];
    let mut left = top;
    s.under(Role::Table(say::facts(lang).to_owned()), |s| {
        for (name, value) in &facts {
            let row = s.under(Role::Row, |s| {
                let a = s.under(Role::RowHead, |s| s.lines(name, Style::BESIDE, EDGE, left + 1.0, 80.0));
                let b = s.under(Role::Cell, |s| s.lines(value, Style::PLAIN, EDGE + 84.0, left, half - 100.0));
                a.max(b)
            });
            left = row + 1.5;
        }
    });
    s.y = left.max(y) + 8.0;
    if !bill.verified() {
        s.paragraph(bills::demo_prices(lang), Style::BOLD.sized(SMALL + 0.5));
        s.gap(6.0);
    }
}

/// What each service comes to, and what was owed before: the table of the page.
fn glance(lang: Lang, s: &mut Sheet, bill: &BillView) {
    s.heading(2, bills::summary(lang), 12.0);
    let row = |name: &str, amount: Cents| Line::new([name.to_owned(), amount.to_string()]);
    let mut rows: Vec<Line> =
        bill.services.iter().map(|v| row(words::service(lang, v.bill.service), v.bill.total)).collect();
    let total = bill.summary.total;
    rows.push(row(bills::total_charges(lang), total).bold());
    let since = words::since(lang, bill.carried, bill.since.as_ref());
    rows.extend(since.iter().map(|(name, amount)| row(name, *amount)));
    if bill.carried == Cents::ZERO && !since.is_empty() {
        rows.push(row(bills::since_left(lang), Cents::ZERO));
    }
    if bill.carried != Cents::ZERO {
        let name = if bill.carried > Cents::ZERO { bills::carried_owed(lang) } else { bills::carried_credit(lang) };
        rows.push(row(name, bill.carried));
        rows.push(row(bills::amount_due(lang), bill.carried + total).bold());
    }
    let columns = [
        Column { head: bills::summary_service(lang), share: 3.0, right: false },
        Column { head: bills::summary_amount(lang), share: 1.0, right: true },
    ];
    s.table(bills::summary(lang), &columns, &rows);
    s.gap(8.0);
}

fn how_to_pay(lang: Lang, s: &mut Sheet, paper: &BillPaper<'_>) {
    s.heading(2, say::how_title(lang), 12.0);
    let account = &paper.bill.account.number;
    s.paragraph(&say::how_online(lang, paper.portal), Style::PLAIN);
    s.paragraph(&say::how_mail(lang, account, paper.utility), Style::PLAIN);
    s.paragraph(&say::how_call(lang, paper.phone), Style::PLAIN);
    s.gap(8.0);
}

/// One service: how much was used, what the dials said, and each line of its charges.
fn service(lang: Lang, s: &mut Sheet, paper: &BillPaper<'_>, view: &ServiceView) {
    let (bill, b) = (paper.bill, &view.bill);
    let name = words::service(lang, b.service);
    let history = History::of(&bill.history, b.service);
    // A service begins on a page where its first charges fit as well.
    s.need(110.0 + history.as_ref().map_or(0.0, |_| history::HEIGHT + 30.0));
    s.under(Role::Section, |s| {
        s.gap(4.0);
        s.heading(2, name, 12.0);
        match words::used(lang, b) {
            Some(used) => {
                let year = words::beside_last_year(lang, b, view.year_ago);
                s.paragraph(&[Some(used), year].into_iter().flatten().collect::<Vec<_>>().join(" "), Style::PLAIN);
            }
            None => s.paragraph(&bills::days(lang, b.served.len()), Style::BESIDE),
        }
        if let Some(sent) = words::sent(lang, b) {
            s.paragraph(&sent, Style::PLAIN);
        }
        if let Some(netted) = view.netted.and_then(|n| words::netted(lang, b, &n)) {
            s.paragraph(&netted, Style::PLAIN);
        }
        for read in &view.reads {
            s.paragraph(&words::reading(lang, &bill.zone, read), Style::BESIDE);
        }
        if let Some(history) = &history {
            history::draw(history, lang, s);
        }
        s.gap(2.0);
        let columns = [
            Column { head: bills::what(lang), share: 4.4, right: false },
            Column { head: say::quantity(lang), share: 2.2, right: true },
            Column { head: say::price(lang), share: 1.4, right: true },
            Column { head: bills::amount(lang), share: 2.0, right: true },
        ];
        let mut rows: Vec<Line> = b.lines.iter().map(|line| charge(lang, line)).collect();
        let none = || "\u{a0}".to_owned();
        rows.push(Line::new([bills::subtotal(lang, name), none(), none(), b.total.to_string()]).bold());
        s.table(&bills::lines(lang, name.to_lowercase()), &columns, &rows);
        s.gap(8.0);
    });
}

fn charge(lang: Lang, line: &Charge) -> Line {
    let days = || {
        if line.days == line.of_days { say::days(lang, line.days) } else { say::days_of(lang, line.days, line.of_days) }
    };
    let times = line.times.map(|(_, n)| n).filter(|n| n.round_to(-6) != 1_000_000);
    let (quantity, price) = match line.kind {
        LineKind::Tax | LineKind::Assistance => {
            (line.base.unwrap_or_default().to_string(), say::percent(lang, line.percent.unwrap_or_default()))
        }
        _ => {
            let quantity = match (line.quantity, times) {
                (Some(q), _) => format!("{} {}", number(lang, q, 4), words::unit_of(line)),
                (None, Some(n)) => say::times(lang, n),
                (None, None) => days(),
            };
            (quantity, line.price.map_or_else(|| "\u{a0}".to_owned(), words::price))
        }
    };
    let mut row = Line::new([lines::name(lang, line), quantity, price, line.amount.to_string()]);
    row.cells[0].1 = words::terms(lang, line);
    row
}

/// The slip that goes back with a check, at the foot of the first page.
fn slip(lang: Lang, s: &mut Sheet, paper: &BillPaper<'_>) {
    let (bill, width) = (paper.bill, s.width());
    let top = s.paper.points().1 - EDGE - 14.0 - SLIP + 14.0;
    let half = width * 0.56;
    s.ornament(0, vec![Shape::Line { from: (EDGE, top), to: (EDGE + width, top), ink: GREY, dashed: true }]);
    s.on_first(|s| {
        s.under(Role::Section, |s| {
            let title = say::slip_title(lang);
            let mut y = s.under(Role::Heading(2, title.to_owned()), |s| {
                s.lines(title, Style::BOLD.sized(12.0), EDGE, top + 8.0, half)
            });
            s.under(Role::Paragraph, |s| {
                s.lines(say::slip_cut(lang), Style::BESIDE.to_the_right(), EDGE + half, top + 11.0, width - half)
            });
            y += 4.0;
            let [street, city, postcode] = paper.mailing;
            let summary = &bill.summary;
            let by = date(lang, summary.due_on);
            let by = paper.earlier().map_or_else(|| by.clone(), |earlier| say::slip_earlier(lang, earlier, &by));
            let rows = [
                (say::slip_to(lang), paper.utility.to_owned()),
                (say::slip_from(lang), format!("{}, {street}, {city} {postcode}", bill.account.name)),
                (say::account(lang), bill.account.number.clone()),
                (say::bill(lang), summary.number.clone()),
                (say::due(lang), by),
                (say::slip_amount(lang), paper.asked().max(Cents::ZERO).to_string()),
            ];
            let last = rows.len() - 1;
            s.under(Role::Table(title.to_owned()), |s| {
                for (i, (name, value)) in rows.iter().enumerate() {
                    y = s.under(Role::Row, |s| {
                        let style = if i == last { Style::BOLD.sized(12.0) } else { Style::PLAIN };
                        let a = s.under(Role::RowHead, |s| s.lines(name, Style::BESIDE, EDGE, y + 1.0, 80.0));
                        // A name of three lines would run into the scan line: what does not fit in two is left out.
                        let value = s.clipped(value, style, width - 84.0, 2);
                        let b = s.under(Role::Cell, |s| s.lines(&value, style, EDGE + 84.0, y, width - 84.0));
                        a.max(b) + 1.0
                    });
                }
            });
            let scan = scan_line(&bill.account.number, paper.asked());
            let style = Style { ink: BLACK, ..Style::PLAIN.sized(11.0).to_the_right() };
            let foot = s.paper.points().1 - EDGE - 14.0 - 14.0;
            s.under(Role::Paragraph, |s| s.lines(&scan, style, EDGE, foot, width));
        });
    });
}

/// What stands at the foot of each page, now that their number is known.
fn feet(lang: Lang, s: &mut Sheet, paper: &BillPaper<'_>) {
    let (account, bill) = (&paper.bill.account.number, &paper.bill.summary.number);
    let pages = s.pages.len();
    for page in 0..pages {
        let text = say::page(lang, account, bill, page + 1, pages, paper.utility);
        s.foot(page, &text);
    }
}
