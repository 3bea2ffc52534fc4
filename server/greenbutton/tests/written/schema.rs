//! The standard's schema, strictly and offline.

use std::io::Write as _;
use std::process::Command;

use super::*;

/// Validates a file where the schema is at hand; says so where it is not.
pub fn validate(text: &str) {
    let Some(folder) = std::env::var_os("METERSIDE_TEST_DATA").map(std::path::PathBuf::from) else {
        eprintln!("not run: validation against the ESPI schema (METERSIDE_TEST_DATA is not set)");
        return;
    };
    let folder = folder.canonicalize().expect("the folder of test data").join("espi");
    let mut file = tempfile::NamedTempFile::new().expect("a file");
    file.write_all(text.as_bytes()).expect("written");
    let done = Command::new("xmllint")
        .args(["--nonet", "--noout", "--schema"])
        .arg(folder.join("driver-4.0.xsd"))
        .arg(file.path())
        .env("XML_CATALOG_FILES", folder.join("catalog.xml"))
        .output()
        .expect("xmllint runs");
    let said = String::from_utf8_lossy(&done.stderr);
    assert!(done.status.success(), "{}", said.lines().take(10).collect::<Vec<_>>().join("\n"));
}

#[test]
fn feeds_are_valid() {
    for week in weeks() {
        validate(&everything(week, "2026-05-21T19:00:00Z"));
    }
}
