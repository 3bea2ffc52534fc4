//! Bills, their lines and reads.

use std::collections::HashMap;

use chrono::NaiveDate;
use domain::billing::LineKind;
use domain::calendar::{DayRange, Instant};
use domain::ids::{AccountId, BillId, JournalId, PremiseId};
use domain::ledger::Journal;
use domain::money::Cents;
use domain::quantity::ServiceKind;
use serde_json::{Value, json};

use crate::{StoreError, Tx, run, statements};

statements! {
    LIST = "SELECT id, number, account_id, period_from, period_to, issued_on, due_on, total, carried, status, version
            FROM bill WHERE account_id = $1 ORDER BY period_to DESC, version DESC";
    BY_NUMBER = "SELECT id, number, account_id, period_from, period_to, issued_on, due_on, total, carried, status, version
                 FROM bill WHERE account_id = $1 AND number = $2";
    // Many rows in one statement: $1 is a JSON list of rows.
    INSERT_BILLS = sqlite
        "INSERT INTO bill (number, account_id, period_from, period_to, issued_on, due_on, total, carried, status, version, replaces_id,
                           detail, created_at)
         SELECT value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4, value ->> 5, value ->> 6, value ->> 7, 'issued', value ->> 9,
                value ->> 10, value -> 8, $2
         FROM json_each($1) WHERE TRUE ON CONFLICT DO NOTHING RETURNING id, number",
    postgres
        "INSERT INTO bill (number, account_id, period_from, period_to, issued_on, due_on, total, carried, status, version, replaces_id,
                           detail, created_at)
         SELECT value ->> 0, (value ->> 1)::BIGINT, (value ->> 2)::DATE, (value ->> 3)::DATE, (value ->> 4)::DATE,
                (value ->> 5)::DATE, (value ->> 6)::BIGINT, (value ->> 7)::BIGINT, 'issued', (value ->> 9)::BIGINT,
                (value ->> 10)::BIGINT, value -> 8, $2
         FROM jsonb_array_elements($1) AS t (value) ON CONFLICT DO NOTHING RETURNING id, number";
    INSERT_LINES = sqlite
        "INSERT INTO bill_line (bill_id, position, service, kind, amount, detail)
         SELECT value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4, value -> 5 FROM json_each($1)",
    postgres
        "INSERT INTO bill_line (bill_id, position, service, kind, amount, detail)
         SELECT (value ->> 0)::BIGINT, (value ->> 1)::BIGINT, value ->> 2, value ->> 3, (value ->> 4)::BIGINT, value -> 5
         FROM jsonb_array_elements($1) AS t (value)";
    INSERT_READS = sqlite
        "INSERT INTO bill_read (bill_id, position, service, meter, detail)
         SELECT value ->> 0, value ->> 1, value ->> 2, value ->> 3, value -> 4 FROM json_each($1)",
    postgres
        "INSERT INTO bill_read (bill_id, position, service, meter, detail)
         SELECT (value ->> 0)::BIGINT, (value ->> 1)::BIGINT, value ->> 2, value ->> 3, value -> 4
         FROM jsonb_array_elements($1) AS t (value)";
    INSERT_JOURNALS = sqlite
        "INSERT INTO journal (event_key, account_id, kind, effective_on, posted_at, bill_id)
         SELECT value ->> 0, value ->> 1, value ->> 2, value ->> 3, $2, value ->> 4 FROM json_each($1) WHERE TRUE
         ON CONFLICT (event_key) DO NOTHING RETURNING id, event_key",
    postgres
        "INSERT INTO journal (event_key, account_id, kind, effective_on, posted_at, bill_id)
         SELECT value ->> 0, (value ->> 1)::BIGINT, value ->> 2, (value ->> 3)::DATE, $2, (value ->> 4)::BIGINT
         FROM jsonb_array_elements($1) AS t (value)
         ON CONFLICT (event_key) DO NOTHING RETURNING id, event_key";
    INSERT_ENTRIES = sqlite
        "INSERT INTO ledger_entry (journal_id, account_id, book, service, amount)
         SELECT value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4 FROM json_each($1)",
    postgres
        "INSERT INTO ledger_entry (journal_id, account_id, book, service, amount)
         SELECT (value ->> 0)::BIGINT, (value ->> 1)::BIGINT, value ->> 2, value ->> 3, (value ->> 4)::BIGINT
         FROM jsonb_array_elements($1) AS t (value)";
    CANDIDATES = "SELECT a.id, a.number, a.cycle_day, a.opened_on, a.closed_on,
                         (SELECT MAX(b.period_to) FROM bill b WHERE b.account_id = a.id) AS billed_to,
                         (SELECT COUNT(*) FROM bill b WHERE b.account_id = a.id AND b.version = 1) AS bills
                  FROM account a ORDER BY a.id";
    AGREEMENTS = "SELECT a.premise_id, a.service, a.schedule, a.facts, a.since, a.until, p.zone
                  FROM service_agreement a JOIN premise p ON p.id = a.premise_id
                  WHERE a.account_id = $1 ORDER BY a.since, a.id";
    DETAILS = "SELECT number, period_from, period_to, detail FROM bill
               WHERE account_id = $1 AND period_to > $2 AND period_from < $3 AND status = 'issued' ORDER BY period_from";
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

/// A bill to be written, with everything that belongs to it.
#[derive(Clone, Debug)]
pub struct NewBill {
    /// The number on it.
    pub number: String,
    /// Who is billed.
    pub account: AccountId,
    /// What it covers.
    pub period: DayRange,
    /// When it is issued.
    pub issued_on: NaiveDate,
    /// The last day to pay.
    pub due_on: NaiveDate,
    /// The charges.
    pub total: Cents,
    /// What was owed before it.
    pub carried: Cents,
    /// By service: what is not a line.
    pub detail: Value,
    /// Service, kind, amount and the whole line, in print order.
    pub lines: Vec<(ServiceKind, LineKind, Cents, Value)>,
    /// Service, meter and the whole read, in print order.
    pub reads: Vec<(ServiceKind, String, Value)>,
    /// 1, and one more for each correction.
    pub version: i64,
    /// The bill it takes the place of.
    pub replaces: Option<BillId>,
    /// What it does to the books, under the keys of the events.
    pub journals: Vec<(String, Journal)>,
}

/// Writes bills in a handful of statements, however many. A bill whose period has one already is left out, with
/// everything that belongs to it. Answers the numbers of those that were written.
///
/// # Errors
/// If the database fails.
pub async fn insert_all(tx: &mut Tx<'_>, bills: &[NewBill], now: Instant) -> Result<Vec<String>, StoreError> {
    let rows = json!(
        bills
            .iter()
            .map(|b| json!([
                b.number,
                b.account,
                b.period.from,
                b.period.to,
                b.issued_on,
                b.due_on,
                b.total,
                b.carried,
                b.detail,
                b.version,
                b.replaces
            ]))
            .collect::<Vec<_>>()
    );
    let written: Vec<(BillId, String)> =
        run!(&mut *tx, INSERT_BILLS, |sql, c| sqlx::query_as(sql).bind(&rows).bind(now).fetch_all(c).await)?;
    let ids: HashMap<&str, BillId> = written.iter().map(|(id, n)| (n.as_str(), *id)).collect();
    let (mut lines, mut reads, mut journals) = (Vec::new(), Vec::new(), Vec::new());
    let mut entries: HashMap<&str, &Journal> = HashMap::new();
    for bill in bills {
        let Some(id) = ids.get(bill.number.as_str()) else { continue };
        for (i, (service, kind, amount, detail)) in bill.lines.iter().enumerate() {
            lines.push(json!([id, i, service, kind, amount, detail]));
        }
        for (i, (service, meter, detail)) in bill.reads.iter().enumerate() {
            reads.push(json!([id, i, service, meter, detail]));
        }
        for (key, journal) in &bill.journals {
            journals.push(json!([key, journal.account(), journal.kind(), journal.on(), id]));
            entries.insert(key, journal);
        }
    }
    let lines = Value::Array(lines);
    run!(&mut *tx, INSERT_LINES, |sql, c| sqlx::query(sql).bind(&lines).execute(c).await.map(|_| ()))?;
    let reads = Value::Array(reads);
    run!(&mut *tx, INSERT_READS, |sql, c| sqlx::query(sql).bind(&reads).execute(c).await.map(|_| ()))?;
    let journals = Value::Array(journals);
    let posted: Vec<(JournalId, String)> =
        run!(&mut *tx, INSERT_JOURNALS, |sql, c| sqlx::query_as(sql).bind(&journals).bind(now).fetch_all(c).await)?;
    let mut all = Vec::new();
    for (id, key) in &posted {
        let Some(journal) = entries.get(key.as_str()) else { continue };
        for e in journal.entries() {
            all.push(json!([id, journal.account(), e.book.name(), e.book.service(), e.amount]));
        }
    }
    let all = Value::Array(all);
    run!(&mut *tx, INSERT_ENTRIES, |sql, c| sqlx::query(sql).bind(&all).execute(c).await.map(|_| ()))?;
    Ok(written.into_iter().map(|(_, n)| n).collect())
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
    let count: i64 = run!(tx, COUNT, |sql, c| sqlx::query_scalar(sql).fetch_one(c).await)?;
    Ok((out, count))
}
