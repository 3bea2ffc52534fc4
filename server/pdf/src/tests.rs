//! Bills as they come and as they should never come.

use contract::account::AccountHead;
use contract::bills::{BillSummary, BillView, PastUse, ServiceView, Standing};
use domain::billing::{Line, LineKind, Read, ServiceBill};
use domain::calendar::{DayRange, Zone};
use domain::ledger::one_off::OneOff;
use domain::ledger::statement::{Moved, Since};
use domain::money::{Cents, Price};
use domain::quantity::{Decimal, ServiceKind, Unit};
use domain::tariff::Label;
use locales::Lang;
use proptest::prelude::*;

use crate::bill::lay_out;
use crate::sheet::{Child, EDGE, Role, Shape, Sheet};
use crate::{Batch, BillPaper, Paper, bill};

fn day(text: &str) -> chrono::NaiveDate {
    text.parse().expect("a date")
}

fn line(kind: LineKind, amount: i64) -> Line {
    let taxed = matches!(kind, LineKind::Tax | LineKind::Assistance);
    Line {
        kind,
        label: (!taxed).then_some(if kind == LineKind::Fixed { Label::ServiceCharge } else { Label::Energy }),
        tier: None,
        quantity: (kind == LineKind::Usage).then(|| Decimal::new(412_500, -3)),
        unit: (kind == LineKind::Usage).then_some(Unit::KilowattHour),
        times: None,
        picked: None,
        measured: None,
        price: (!taxed).then_some(Price(20_460_000)),
        percent: taxed.then(|| Decimal::new(5, 0)),
        base: taxed.then_some(Cents(amount * 20)),
        days: 15,
        of_days: 30,
        monthly: kind == LineKind::Fixed,
        amount: Cents(amount),
        components: Vec::new(),
    }
}

fn service(kind: ServiceKind, lines: Vec<Line>) -> ServiceView {
    let served = DayRange { from: day("2026-05-12"), to: day("2026-06-11") };
    let zone = Zone::iana("America/Los_Angeles").expect("a zone");
    let delivered = kind.commodity().map(|_| Decimal::new(412_500, -3));
    let reads = delivered.map(|_| Read {
        service: kind,
        meter: "E-1234".into(),
        received: false,
        previous: Some((zone.start_of(served.from), Decimal::new(10_000, 0))),
        present: Some((zone.start_of(served.to), Decimal::new(10_412, 0))),
        unit: Unit::KilowattHour,
        estimated: true,
        previous_by: domain::billing::ShownBy::Read,
        present_by: domain::billing::ShownBy::Read,
    });
    let total: Cents = lines.iter().map(|l| l.amount).sum();
    ServiceView {
        bill: ServiceBill {
            service: kind,
            schedule: "E-1".into(),
            versions: Vec::new(),
            verified: false,
            served,
            delivered,
            received: None,
            lines,
            gross: total,
            total,
        },
        reads: reads.into_iter().collect(),
        year_ago: Some((Decimal::new(500, 0), DayRange { from: day("2025-05-12"), to: day("2025-06-11") })),
        netted: None,
    }
}

fn view(name: &str, services: Vec<ServiceView>, carried: i64) -> BillView {
    let total: Cents = services.iter().map(|s| s.bill.total).sum();
    let period = DayRange { from: day("2026-05-12"), to: day("2026-06-11") };
    let zone = Zone::iana("America/Los_Angeles").expect("a zone");
    BillView {
        account: AccountHead {
            number: "300100".into(),
            name: name.into(),
            street: "12 Heron Lane".into(),
            services: Vec::new(),
            others: Vec::new(),
            pay: None,
            view_as: None,
        },
        balance_now: total,
        pending: Cents::ZERO,
        payable: true,
        carried: Cents(carried),
        since: None,
        services,
        history: Vec::new(),
        previous: Some(("300100-16".into(), Cents(20_000))),
        next: None,
        year_ago: None,
        zone: zone.clipped(zone.start_of(period.from), zone.start_of(period.to)),
        summary: BillSummary {
            number: "300100-17".into(),
            period,
            issued_on: day("2026-06-14"),
            due_on: day("2026-07-05"),
            total,
            open: total,
            standing: Standing::Due,
        },
        corrected: false,
    }
}

fn usual() -> BillView {
    let electric = vec![line(LineKind::Fixed, 1_761), line(LineKind::Usage, 8_440), line(LineKind::Tax, 510)];
    let services = vec![
        service(ServiceKind::Electricity, electric),
        service(ServiceKind::Refuse, vec![line(LineKind::Fixed, 5_007)]),
    ];
    view("Mara Lindqvist", services, -1_250)
}

fn on(bill: &BillView) -> BillPaper<'_> {
    BillPaper {
        bill,
        utility: "City of Alder Bay Utilities",
        phone: "(650) 555-0100",
        portal: "http://localhost:8620",
        mailing: ["12 Heron Lane", "Alder Bay", "94000"],
        duplicate: false,
        paper: Paper::Letter,
    }
}

fn texts(sheet: &Sheet) -> Vec<String> {
    let shapes = sheet.pages.iter().flatten().filter(|p| p.content).flat_map(|p| &p.shapes);
    let text = |s: &Shape| if let Shape::Text { text, .. } = s { Some(text.trim().to_owned()) } else { None };
    shapes.filter_map(text).collect()
}

/// Every amount of the page is on the paper, and all content is in the tree exactly once, within the page.
fn holds(view: &BillView, sheet: &Sheet) {
    let texts = texts(sheet);
    let said =
        |amount: Cents| assert!(texts.contains(&sheet.faces.drawable(&amount.to_string())), "{amount} is missing");
    said(view.summary.total);
    said((view.carried + view.summary.total).max(Cents::ZERO));
    for s in &view.services {
        said(s.bill.total);
        s.bill.lines.iter().for_each(|l| said(l.amount));
    }
    let mut seen = std::collections::HashSet::new();
    for node in &sheet.nodes {
        assert!(!node.children.is_empty(), "{:?} is empty", node.role);
        for child in &node.children {
            if let Child::Piece { page, piece } = child {
                assert!(seen.insert((*page, *piece)), "content under two nodes");
            }
        }
    }
    let content =
        sheet.pages.iter().enumerate().flat_map(|(p, pieces)| {
            pieces.iter().enumerate().filter(|(_, piece)| piece.content).map(move |(i, _)| (p, i))
        });
    assert_eq!(content.collect::<std::collections::HashSet<_>>(), seen, "content outside of the tree");
    let (width, height) = sheet.paper.points();
    for shape in sheet.pages.iter().flatten().flat_map(|p| &p.shapes) {
        if let Shape::Text { x, y, size, bold, text, .. } = shape {
            let right = x + sheet.faces.width(text.trim_end(), *size, *bold);
            assert!(*x >= EDGE - 0.5 && right <= width - EDGE + 0.5, "`{text}` from {x} to {right}");
            assert!(*y >= EDGE && *y <= height - EDGE + 12.0, "`{text}` at {y}");
        }
    }
}

#[test]
fn a_usual_bill_conforms_and_is_the_same_twice() {
    let view = usual();
    let paper = on(&view);
    let sheet = lay_out(Lang::En, &paper);
    holds(&view, &sheet);
    let bytes = bill(&paper).expect("PDF/UA-1");
    assert_eq!(bytes, bill(&paper).expect("PDF/UA-1"), "the same bill is the same file");
    let found = |what: &str| bytes.windows(what.len()).any(|w| w == what.as_bytes());
    for what in ["/StructTreeRoot", "/ParentTree", "/Lang", "/DisplayDocTitle true", "/Marked true", "pdfuaid:part"] {
        assert!(found(what), "{what} is missing");
    }
}

#[test]
fn a_long_bill_says_its_heads_again_and_keeps_the_slip_on_page_one() {
    let lines = (0..60).map(|i| line(if i % 7 == 0 { LineKind::Export } else { LineKind::Usage }, 100 - i)).collect();
    let view = view("Long", vec![service(ServiceKind::Electricity, lines)], 0);
    let sheet = lay_out(Lang::En, &on(&view));
    holds(&view, &sheet);
    assert!(sheet.pages.len() > 2);
    let says = |page: usize, what: &str| {
        let shapes = sheet.pages[page].iter().flat_map(|p| &p.shapes);
        shapes.filter(|s| matches!(s, Shape::Text { text, .. } if text.trim() == what)).count()
    };
    let slip = locales::paper::slip_title(Lang::En);
    let head = locales::paper::quantity(Lang::En);
    assert_eq!(says(0, slip), 1);
    for page in 1..sheet.pages.len() {
        assert_eq!((says(page, slip), says(page, head)), (0, 1), "page {page}");
    }
}

#[test]
fn a_credit_asks_for_nothing() {
    let bill = view("C", vec![service(ServiceKind::Water, vec![line(LineKind::Usage, 500)])], -2_000);
    let texts = texts(&lay_out(Lang::En, &on(&bill)));
    assert!(texts.contains(&"Nothing to pay. You have a credit of $15.00.".to_owned()), "{texts:?}");
    assert!(texts.iter().any(|t| t.contains(" 0000000000 ")), "the scan line asks for nothing");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]
    #[test]
    fn whatever_is_on_it_it_conforms(
        name in "\\PC{1,120}",
        street in "\\PC{0,80}",
        amounts in prop::collection::vec((0u8..5, -100_000_000i64..100_000_000), 1..45),
        carried in -1_000_000i64..1_000_000,
        a4: bool,
    ) {
        let kinds = [LineKind::Usage, LineKind::Fixed, LineKind::Export, LineKind::Tax, LineKind::Assistance];
        let lines = amounts.into_iter().map(|(k, cents)| line(kinds[usize::from(k)], cents)).collect();
        let view = view(&name, vec![service(ServiceKind::Electricity, lines)], carried);
        let mut paper = on(&view);
        paper.mailing[0] = &street;
        paper.duplicate = true;
        paper.paper = if a4 { Paper::A4 } else { Paper::Letter };
        holds(&view, &lay_out(Lang::En, &paper));
        prop_assert!(bill(&paper).is_ok());
    }
}

fn year() -> Vec<PastUse> {
    let past = |month: u32, amount: i64| PastUse {
        service: ServiceKind::Electricity,
        served: DayRange {
            from: chrono::NaiveDate::from_ymd_opt(2026, month, 12).expect("a date"),
            to: chrono::NaiveDate::from_ymd_opt(2026, month + 1, 12).expect("a date"),
        },
        delivered: Decimal::new(amount, 0),
    };
    (1..=5).map(|month| past(month, i64::from(month) * 100)).collect()
}

#[test]
fn what_came_since_the_bill_before_is_told_where_it_adds_up() {
    let mut bill = usual();
    let moved = vec![(Moved::Paid, Cents(-20_000)), (Moved::Credit(OneOff::Climate), Cents(-1_250))];
    bill.since = Some(Since { before: Cents(20_000), moved });
    let told = |bill: &BillView| {
        let said = texts(&lay_out(Lang::En, &on(bill)));
        ["What you paid", "Climate credit", "Left over"].map(|name| said.iter().any(|t| t == name))
    };
    assert_eq!(told(&bill), [true, true, false], "what is left is a credit from before");
    bill.carried = Cents::ZERO;
    assert_eq!(told(&bill), [false; 3], "rows that do not come to what is carried");
    bill.since = Some(Since { before: Cents(1_250), moved: vec![(Moved::Paid, Cents(-1_250))] });
    assert_eq!(told(&bill), [true, false, true]);
}

#[test]
fn the_year_is_a_picture_with_its_numbers_in_words() {
    let view = BillView { history: year(), ..usual() };
    let paper = on(&view);
    let sheet = lay_out(Lang::En, &paper);
    holds(&view, &sheet);
    let words: Vec<&str> = sheet
        .nodes
        .iter()
        .filter_map(|n| if let Role::Figure(words) = &n.role { Some(words.as_str()) } else { None })
        .collect();
    assert_eq!(words.len(), 1, "one for each metered service");
    for amount in ["Feb 2026 3.2", "Mar 2026 7.1", "Jun 2026 16.1"] {
        assert!(words[0].contains(amount), "{amount} is not in {}", words[0]);
    }
    let bars: Vec<(f32, [u8; 3])> = sheet
        .pages
        .iter()
        .flatten()
        .filter(|p| p.content)
        .flat_map(|p| &p.shapes)
        .filter_map(|s| if let Shape::Bar { size, ink, .. } = s { Some((size.1, *ink)) } else { None })
        .collect();
    assert_eq!(bars.len(), 5);
    assert!(bars.windows(2).all(|w| w[0].0 < w[1].0), "{bars:?}");
    assert!((bars[4].0 / bars[1].0 - 16.129 / 7.143).abs() < 0.05, "as high as much: {bars:?}");
    assert!(bars[..4].iter().all(|b| b.1 == bars[0].1) && bars[4].1 != bars[0].1, "the bill's own stands out");
    bill(&paper).expect("PDF/UA-1");
}

#[test]
fn many_bills_are_one_file_that_conforms() {
    let view = BillView { history: year(), ..usual() };
    let long =
        self::view("Long", vec![service(ServiceKind::Gas, (0..60).map(|_| line(LineKind::Usage, 7)).collect())], 0);
    let mut batch = Batch::new();
    assert_eq!(batch.add(&on(&view)).0, 1);
    let (first, pages) = batch.add(&on(&long));
    let (last, _) = batch.add(&on(&view));
    assert_eq!(last, first + pages);
    assert!(pages > 2);
    batch.finish("City of Alder Bay Utilities").expect("PDF/UA-1");
}
