//! Why a file is refused, told apart, and what is noticed in one that is read.

use domain::calendar::Zone;
use intake::IntakeError;
use intake::inspect::{run, text};
use intake::sniff::{Options, load};

fn refusal(bytes: &[u8]) -> IntakeError {
    load(bytes, &Options { zone: Zone::utc(), limit: None }).expect_err("refused")
}

#[test]
fn cut_off_wrong_and_harmful_files_are_told_apart() {
    let espi = "<feed xmlns=\"http://naesb.org/espi\">\n<entry>";
    assert!(matches!(refusal(espi.as_bytes()), IntakeError::CutOff(_)));
    assert!(matches!(refusal(format!("{espi}\n<title").as_bytes()), IntakeError::CutOff(_)));
    let crossed = refusal(format!("{espi}\n<title>\n</entry></feed>").as_bytes());
    assert!(matches!(crossed, IntakeError::Line { line: 4, .. }), "{crossed:?}");
    assert!(matches!(refusal(b"<news><title>Rain</title></news>"), IntakeError::NoUsage(_)));
    assert!(matches!(refusal(b"name,street\nA,B\n"), IntakeError::NoUsage(_)));
    let entities = b"<?xml version=\"1.0\"?><!DOCTYPE f [<!ENTITY x SYSTEM \"file:///etc/passwd\">]><f>&x;</f>";
    assert!(matches!(refusal(entities), IntakeError::Unsafe(_)));
    assert!(matches!(refusal(b"<f>&x;</f>"), IntakeError::Unsafe(_)));
    let nem = refusal(b"100,NEM12,202601010000,A,B\n200,N,E1,1,E1,,M,kWh,7,\n900\n");
    assert!(matches!(nem, IntakeError::Line { line: 2, .. }), "{nem:?}");
    assert!(nem.to_string().starts_with("line 2: field 9"), "{nem}");
}

fn look(name: &str, content: &str) -> (Vec<&'static str>, String) {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join(name);
    std::fs::write(&path, content).expect("written");
    let reports = run(&[path], None);
    (reports[0].problems.iter().map(|p| p.code).collect(), text(&reports))
}

#[test]
fn a_line_is_named_once_and_reads_are_called_so() {
    let (codes, said) = look("bad.csv", "100,NEM12,202601010000,A,B\n200,N,E1,1,E1,,M,kWh,7,\n900\n");
    assert_eq!(codes, ["refused"]);
    assert_eq!(said.matches("line 2").count(), 1, "{said}");
    let row = "250,NMI7,1141,01,11,11,METER1,E,100,20260101000000,A,,,150,20260201000000,A,,,150,kWh,,,,";
    let (_, said) = look("reads.csv", &format!("100,NEM13,202602010000,A,B\n{row}\n900\n"));
    assert!(said.contains("· 2 reads ·") && !said.contains("0 s"), "{said}");
}

#[test]
fn a_row_without_its_end_is_noticed() {
    let whole = "start,value\n2026-01-01T00:00:00Z,1.25\n2026-01-01T01:00:00Z,1.50\n";
    assert!(!look("whole.csv", whole).0.contains(&"no-end"));
    for cut in [1, 3, 10] {
        assert!(look("cut.csv", &whole[..whole.len() - cut]).0.contains(&"no-end"), "{cut} bytes less");
    }
}

#[test]
fn a_step_that_no_home_makes_is_noticed() {
    let day = |values: &dyn Fn(usize) -> f64| {
        let values: Vec<String> = (0..48).map(|i| values(i).to_string()).collect();
        let rows = format!("200,N,Q1,1,Q1,,M,kVArh,30,\n300,20030801,{},A,,,,\n", values.join(","));
        look("step.csv", &format!("100,NEM12,200309010132,A,B\n{rows}900\n")).0
    };
    assert_eq!(day(&|i| if i < 28 { 22.123 } else { 2311.765 }), ["step"]);
    // A car that is charged for two hours, and a home that heats all night.
    assert!(day(&|i| if (20..24).contains(&i) { 3.7 } else { 0.05 }).is_empty());
    assert!(day(&|i| if i < 24 { 0.2 } else { 2.5 }).is_empty());
}

#[test]
fn a_quality_that_nobody_knows_is_refused_with_those_that_are_known() {
    let rows = |quality: &str| {
        let head = "meter,commodity,direction,unit,start,seconds,value,quality";
        let row = |hour, quality| format!("W1,water,delivered,gal,2026-05-12T0{hour}:00:00-07:00,3600,12,{quality}\n");
        let text = format!("{head}\n{}{}", row(0, quality), row(1, "raw"));
        load(text.as_bytes(), &Options { zone: Zone::utc(), limit: None }).expect("read")
    };
    for known in ["", "raw", "estimated"] {
        assert_eq!(rows(known).channels[0].points.len(), 2, "{known}");
    }
    let odd = rows("guessed");
    assert_eq!(odd.channels[0].points.len(), 1);
    let said: Vec<_> = odd.findings.iter().map(|f| (f.line, f.message.as_str())).collect();
    assert_eq!(said, [(Some(2), "`guessed` is not a quality; right are raw and estimated")]);
}
