//! Bills, their lines and reads.

use chrono::NaiveDate;
use domain::calendar::{DayRange, Instant};
use domain::ids::{AccountId, BillId, PremiseId};
use domain::money::Cents;
use domain::quantity::ServiceKind;
use serde_json::Value;

use crate::{StoreError, Tx, run, statements};

mod changed;
mod write;

pub use changed::{TouchedRow, touched};
pub use write::{JsonText, NewBill, insert_all};

statements! {
    LIST = "SELECT id, number, account_id, period_from, period_to, issued_on, due_on, total, carried, status, version
            FROM bill WHERE account_id = $1 ORDER BY period_to DESC, version DESC";
    BY_NUMBER = "SELECT id, number, account_id, period_from, period_to, issued_on, due_on, total, carried, status, version
                 FROM bill WHERE account_id = $1 AND number = $2";
    CANDIDATES = "SELECT a.id, a.number, a.cycle_day, a.opened_on, a.closed_on,
                         (SELECT MAX(b.period_to) FROM bill b WHERE b.account_id = a.id) AS billed_to,
                         (SELECT COUNT(*) FROM bill b WHERE b.account_id = a.id AND b.version = 1) AS bills
                  FROM account a ORDER BY a.id";
    AGREEMENTS = "SELECT a.premise_id, a.service, a.schedule, a.facts, a.since, a.until, p.zone
                  FROM service_agreement a JOIN premise p ON p.id = a.premise_id
                  WHERE a.account_id = $1 ORDER BY a.since, a.id";
    DETAILS = "SELECT number, period_from, period_to, detail FROM bill
               WHERE account_id = $1 AND period_to > $2 AND period_from < $3 AND status = 'issued' ORDER BY period_from";
    NEWEST = "SELECT COALESCE(MAX(id), 0) FROM bill";
    DETAIL = "SELECT detail FROM bill WHERE id = $1";
    LINES = "SELECT service, detail FROM bill_line WHERE bill_id = $1 ORDER BY position";
    READS = "SELECT detail FROM bill_read WHERE bill_id = $1 ORDER BY position";
    COUNT = "SELECT COUNT(*) FROM bill";
    LINE_FAULTS = "SELECT b.number, b.total, CAST(COALESCE(SUM(l.amount), 0) AS BIGINT) AS lines
                   FROM bill b LEFT JOIN bill_line l ON l.bill_id = b.id
                   GROUP BY b.id, b.number, b.total HAVING b.total <> COALESCE(SUM(l.amount), 0) ORDER BY b.id LIMIT 20";
    JOURNAL_FAULTS = "SELECT b.number, b.total, CAST(COALESCE(SUM(e.amount), 0) AS BIGINT) AS posted
                      FROM bill b
                      LEFT JOIN journal j ON j.bill_id = b.id AND j.kind = 'bill'
                      LEFT JOIN ledger_entry e ON e.journal_id = j.id AND e.book = 'receivable'
                      GROUP BY b.id, b.number, b.total HAVING b.total <> COALESCE(SUM(e.amount), 0) ORDER BY b.id LIMIT 20";
    CARRIED_FAULTS = "SELECT t.number FROM (
                          SELECT b.id, b.number, b.period_from, COALESCE(b.detail -> 'bank_before', '{}') AS taken_over,
                                 LAG(COALESCE(b.detail -> 'bank', '{}')) OVER w AS handed_on, LAG(b.period_to) OVER w AS ended
                          FROM bill b WHERE b.status = 'issued'
                          WINDOW w AS (PARTITION BY b.account_id ORDER BY b.period_from)) t
                      WHERE t.ended = t.period_from AND t.taken_over <> t.handed_on ORDER BY t.id LIMIT 20";
}

/// Whether a bill stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, sqlx::Type)]
#[sqlx(type_name = "text", rename_all = "snake_case")]
pub enum Status {
    /// It stands.
    Issued,
    /// A corrected bill stands in its place.
    Replaced,
}

/// A bill without its lines.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct BillRow {
    /// Key.
    pub id: BillId,
    /// The number on it.
    pub number: String,
    /// Who is billed.
    pub account_id: AccountId,
    /// The first local day.
    pub period_from: NaiveDate,
    /// The day after the last one.
    pub period_to: NaiveDate,
    /// When it was issued.
    pub issued_on: NaiveDate,
    /// The last day to pay.
    pub due_on: NaiveDate,
    /// The charges of this bill.
    pub total: Cents,
    /// What was owed before it.
    pub carried: Cents,
    /// Whether it stands.
    pub status: Status,
    /// 1, and one more for each correction.
    pub version: i64,
}

/// The account's bills, newest first, replaced ones included.
///
/// # Errors
/// If the database fails.
pub async fn list(tx: &mut Tx<'_>, account: AccountId) -> Result<Vec<BillRow>, StoreError> {
    Ok(run!(tx, LIST, |sql, c| sqlx::query_as(sql).bind(account).fetch_all(c).await)?)
}

/// One bill of the account by its number.
///
/// # Errors
/// If the database fails.
pub async fn by_number(tx: &mut Tx<'_>, account: AccountId, number: &str) -> Result<Option<BillRow>, StoreError> {
    Ok(run!(tx, BY_NUMBER, |sql, c| sqlx::query_as(sql).bind(account).bind(number).fetch_optional(c).await)?)
}

/// An account as the bill run sees it.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Candidate {
    /// Key.
    pub id: AccountId,
    /// The number.
    pub number: String,
    /// Day of month of its bill.
    pub cycle_day: i64,
    /// When it was opened.
    pub opened_on: NaiveDate,
    /// When it was closed.
    pub closed_on: Option<NaiveDate>,
    /// The day after the last one billed.
    pub billed_to: Option<NaiveDate>,
    /// How many bills it has had, without the corrected ones that took the place of another.
    pub bills: i64,
}

/// All accounts and how far they are billed.
///
/// # Errors
/// If the database fails.
pub async fn candidates(tx: &mut Tx<'_>) -> Result<Vec<Candidate>, StoreError> {
    Ok(run!(tx, CANDIDATES, |sql, c| sqlx::query_as(sql).fetch_all(c).await)?)
}

/// One agreement of an account, for the bill.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct AgreementRow {
    /// Where.
    pub premise_id: PremiseId,
    /// The service.
    pub service: ServiceKind,
    /// The rate schedule.
    pub schedule: String,
    /// What the schedule needs to know.
    pub facts: Value,
    /// From when.
    pub since: Instant,
    /// Until when.
    pub until: Option<Instant>,
    /// The zone of the premise.
    pub zone: String,
}

/// The agreements of an account, in order of time.
///
/// # Errors
/// If the database fails.
pub async fn agreements(tx: &mut Tx<'_>, account: AccountId) -> Result<Vec<AgreementRow>, StoreError> {
    Ok(run!(tx, AGREEMENTS, |sql, c| sqlx::query_as(sql).bind(account).fetch_all(c).await)?)
}

/// What is kept of a bill by service, without its lines; the account's standing bills that share days with a range, in order.
///
/// # Errors
/// If the database fails.
pub async fn details(
    tx: &mut Tx<'_>,
    account: AccountId,
    range: DayRange,
) -> Result<Vec<(String, DayRange, Value)>, StoreError> {
    let rows: Vec<(String, NaiveDate, NaiveDate, Value)> = run!(tx, DETAILS, |sql, c| sqlx::query_as(sql)
        .bind(account)
        .bind(range.from)
        .bind(range.to)
        .fetch_all(c)
        .await)?;
    Ok(rows.into_iter().map(|(n, from, to, v)| (n, DayRange { from, to }, v)).collect())
}

/// The detail, the lines and the reads of one bill, as they were written.
///
/// # Errors
/// If the database fails.
pub async fn parts(
    tx: &mut Tx<'_>,
    bill: BillId,
) -> Result<(Value, Vec<(ServiceKind, Value)>, Vec<Value>), StoreError> {
    let detail: Value = run!(&mut *tx, DETAIL, |sql, c| sqlx::query_scalar(sql).bind(bill).fetch_one(c).await)?;
    let lines: Vec<(ServiceKind, Value)> =
        run!(&mut *tx, LINES, |sql, c| sqlx::query_as(sql).bind(bill).fetch_all(c).await)?;
    let reads: Vec<(Value,)> = run!(tx, READS, |sql, c| sqlx::query_as(sql).bind(bill).fetch_all(c).await)?;
    Ok((detail, lines, reads.into_iter().map(|(v,)| v).collect()))
}

/// What is wrong with stored bills, in plain words, at most twenty of each kind; and how many bills there are.
///
/// # Errors
/// If the database fails.
pub async fn faults(tx: &mut Tx<'_>) -> Result<(Vec<String>, i64), StoreError> {
    let mut out = Vec::new();
    let rows: Vec<(String, Cents, Cents)> =
        run!(&mut *tx, LINE_FAULTS, |sql, c| sqlx::query_as(sql).fetch_all(c).await)?;
    out.extend(rows.iter().map(|(n, t, l)| format!("bill {n} comes to {t}, its lines to {l}")));
    let rows: Vec<(String, Cents, Cents)> =
        run!(&mut *tx, JOURNAL_FAULTS, |sql, c| sqlx::query_as(sql).fetch_all(c).await)?;
    out.extend(rows.iter().map(|(n, t, l)| format!("bill {n} comes to {t}, but {l} was posted for it")));
    let rows: Vec<(String,)> = run!(&mut *tx, CARRIED_FAULTS, |sql, c| sqlx::query_as(sql).fetch_all(c).await)?;
    out.extend(rows.iter().map(|(n,)| format!("bill {n} begins with other units than the bill before carried on")));
    let count: i64 = run!(tx, COUNT, |sql, c| sqlx::query_scalar(sql).fetch_one(c).await)?;
    Ok((out, count))
}

/// The key of the newest bill; 0 where there is none. Bills that are made, and corrected, move it on.
///
/// # Errors
/// If the database fails.
pub async fn newest(tx: &mut Tx<'_>) -> Result<i64, StoreError> {
    Ok(run!(tx, NEWEST, |sql, c| sqlx::query_scalar(sql).fetch_one(c).await)?)
}
