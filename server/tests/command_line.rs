//! What the command line says when something is wrong: the reason in words, and an exit code that is not zero.

use std::path::Path;
use std::process::{Command, Output, Stdio};

fn run(folder: &Path, database: &str, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_meterside"));
    command.current_dir(folder).args(["--database", database]).args(arguments).stdin(Stdio::null());
    command.output().expect("the program runs")
}

fn said(output: &Output) -> (String, String) {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (text(&output.stdout), text(&output.stderr))
}

#[test]
fn a_file_that_is_refused_is_named_with_its_reason() {
    let folder = tempfile::tempdir().expect("a folder");
    let db = format!("sqlite:{}", folder.path().join("a.db").display());
    let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).expect("written");
    write("truncated.xml", "<feed xmlns=\"http://naesb.org/espi\">\n<entry>");
    write("lol.xml", "<?xml version=\"1.0\"?><!DOCTYPE l [<!ENTITY a \"ha\">]><feed>&a;</feed>");
    write(
        "day.cmep",
        "MEPMD01,19970819,head end,,UTIL,,202605200300,E900,OK,E,KWH,1,00000015,4,\
         202605200015,R,0.1,202605200030,R,0.2,202605200045,R,0.3,202605200100,R,0.4\n",
    );
    for (name, reason) in [("truncated.xml", "cut off"), ("lol.xml", "DTD")] {
        let done = run(folder.path(), &db, &["ingest", name]);
        let (out, err) = said(&done);
        assert!(!done.status.success(), "{name}: {out}{err}");
        assert!(out.contains(name) && out.contains(reason), "{name}: {out}");
        assert!(!out.contains("0 accepted") && !err.contains("Counts"), "{out}{err}");
    }
    let done = run(folder.path(), &db, &["ingest", "day.cmep"]);
    let (out, err) = said(&done);
    assert!(done.status.success() && out.contains("4 waiting for their meters"), "{out}{err}");
    let (out, err) = said(&run(folder.path(), &db, &["ingest", "waiting"]));
    let lines: Vec<Vec<&str>> = out.lines().map(|l| l.split_whitespace().collect()).collect();
    assert_eq!(lines[0], ["Meter", "Readings", "First", "(UTC)", "Last", "(UTC)"], "{out}{err}");
    assert_eq!(lines[1][..3], ["E900", "4", "2026-05-20"], "{out}{err}");
    let (out, err) = said(&run(folder.path(), &db, &["ingest", "replay"]));
    assert!(out.contains("0 refused records tried again"), "{out}{err}");
    for (listen, why) in [("1.2.3.4:xx", "xx is no port"), ("127.0.0.1", "names no port")] {
        let done = run(folder.path(), &db, &["serve", "--listen", listen]);
        let (out, err) = said(&done);
        assert!(!done.status.success() && err.contains(why), "{out}{err}");
    }
}

#[test]
fn a_database_that_is_not_there_is_not_made_by_looking() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("typo.db");
    for arguments in [&["check"][..], &["export", "csv", "--account", "1"], &["backup", "copy.db"]] {
        let done = run(folder.path(), &format!("sqlite:{}", path.display()), arguments);
        let (out, err) = said(&done);
        assert!(!done.status.success(), "{arguments:?}: {out}{err}");
        assert!(err.contains("typo.db") && err.contains("meterside migrate"), "{arguments:?}: {err}");
        assert!(!path.exists(), "{arguments:?} made one");
    }
    let made = run(folder.path(), &format!("sqlite:{}", path.display()), &["migrate"]);
    assert!(made.status.success(), "{:?}", said(&made));
    let found = run(folder.path(), &format!("sqlite:{}", path.display()), &["check"]);
    assert!(found.status.success(), "{:?}", said(&found));
}
