//! Writing bills with everything that belongs to them, however many, in a handful of statements.

use std::collections::HashMap;

use chrono::NaiveDate;
use domain::billing::LineKind;
use domain::calendar::{DayRange, Instant};
use domain::ids::{AccountId, BillId, JournalId};
use domain::ledger::Journal;
use domain::money::Cents;
use domain::quantity::ServiceKind;
use serde::Serialize;
use serde_json::Value;

use crate::ingest::{BULK, rows16, rows64};
use crate::{StoreError, Tx, statements};

statements! {
    // SQLite takes rows as values, some at a time; PostgreSQL takes each column as a list.
    BILLS = sqlite
        concat!("INSERT INTO bill (number, account_id, period_from, period_to, issued_on, due_on, total, carried, status, version,
                                   replaces_id, detail, created_at) VALUES ",
                rows16!("(?,?,?,?,?,?,?,?,'issued',?,?,?,?)"), " ON CONFLICT DO NOTHING RETURNING id, number"),
    postgres
        "INSERT INTO bill (number, account_id, period_from, period_to, issued_on, due_on, total, carried, status, version, replaces_id,
                           detail, created_at)
         SELECT n, a, f, t, i, d, s, c, 'issued', v, r, j::JSONB, $12
         FROM UNNEST($1::TEXT[], $2::BIGINT[], $3::DATE[], $4::DATE[], $5::DATE[], $6::DATE[], $7::BIGINT[], $8::BIGINT[],
                     $9::BIGINT[], $10::BIGINT[], $11::TEXT[]) AS rows (n, a, f, t, i, d, s, c, v, r, j)
         ON CONFLICT DO NOTHING RETURNING id, number";
    BILL = "INSERT INTO bill (number, account_id, period_from, period_to, issued_on, due_on, total, carried, status, version, replaces_id,
                              detail, created_at)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 'issued', $9, $10, $11, $12) ON CONFLICT DO NOTHING RETURNING id, number";
    LINES = sqlite
        concat!("INSERT INTO bill_line (bill_id, position, service, kind, amount, detail) VALUES ", rows64!("(?,?,?,?,?,?)")),
    postgres
        "INSERT INTO bill_line (bill_id, position, service, kind, amount, detail)
         SELECT b, p, s, k, a, j::JSONB
         FROM UNNEST($1::BIGINT[], $2::BIGINT[], $3::TEXT[], $4::TEXT[], $5::BIGINT[], $6::TEXT[]) AS rows (b, p, s, k, a, j)";
    LINE = "INSERT INTO bill_line (bill_id, position, service, kind, amount, detail) VALUES ($1, $2, $3, $4, $5, $6)";
    READS = sqlite
        concat!("INSERT INTO bill_read (bill_id, position, service, meter, detail) VALUES ", rows64!("(?,?,?,?,?)")),
    postgres
        "INSERT INTO bill_read (bill_id, position, service, meter, detail)
         SELECT b, p, s, m, j::JSONB
         FROM UNNEST($1::BIGINT[], $2::BIGINT[], $3::TEXT[], $4::TEXT[], $5::TEXT[]) AS rows (b, p, s, m, j)";
    READ = "INSERT INTO bill_read (bill_id, position, service, meter, detail) VALUES ($1, $2, $3, $4, $5)";
    JOURNALS = sqlite
        concat!("INSERT INTO journal (event_key, account_id, kind, effective_on, posted_at, bill_id) VALUES ",
                rows16!("(?,?,?,?,?,?)"), " ON CONFLICT (event_key) DO NOTHING RETURNING id, event_key"),
    postgres
        "INSERT INTO journal (event_key, account_id, kind, effective_on, posted_at, bill_id)
         SELECT e, a, k, d, $6, b
         FROM UNNEST($1::TEXT[], $2::BIGINT[], $3::TEXT[], $4::DATE[], $5::BIGINT[]) AS rows (e, a, k, d, b)
         ON CONFLICT (event_key) DO NOTHING RETURNING id, event_key";
    JOURNAL = "INSERT INTO journal (event_key, account_id, kind, effective_on, posted_at, bill_id)
               VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (event_key) DO NOTHING RETURNING id, event_key";
    ENTRIES = sqlite
        concat!("INSERT INTO ledger_entry (journal_id, account_id, book, service, amount) VALUES ", rows64!("(?,?,?,?,?)")),
    postgres
        "INSERT INTO ledger_entry (journal_id, account_id, book, service, amount)
         SELECT j, a, b, s, m
         FROM UNNEST($1::BIGINT[], $2::BIGINT[], $3::TEXT[], $4::TEXT[], $5::BIGINT[]) AS rows (j, a, b, s, m)";
    ENTRY = "INSERT INTO ledger_entry (journal_id, account_id, book, service, amount) VALUES ($1, $2, $3, $4, $5)";
}

/// Journals and bills per bulk statement on SQLite.
const FEW: usize = 16;

/// A value as JSON text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JsonText(String);

impl JsonText {
    /// Writes a value.
    ///
    /// # Errors
    /// Where it has no form in JSON.
    pub fn of(value: &impl Serialize) -> Result<Self, serde_json::Error> {
        serde_json::to_string(value).map(Self)
    }
}

impl From<Value> for JsonText {
    fn from(value: Value) -> Self {
        Self(value.to_string())
    }
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
    pub detail: JsonText,
    /// Service, kind, amount and the whole line, in print order.
    pub lines: Vec<(ServiceKind, LineKind, Cents, JsonText)>,
    /// Service, meter and the whole read, in print order.
    pub reads: Vec<(ServiceKind, String, JsonText)>,
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
    let written = heads(tx, bills, now).await?;
    let ids: HashMap<&str, BillId> = written.iter().map(|(id, n)| (n.as_str(), *id)).collect();
    let mut lines = Vec::new();
    let mut reads = Vec::new();
    let mut posted = Vec::new();
    for bill in bills {
        let Some(id) = ids.get(bill.number.as_str()).copied() else { continue };
        let at = |i: usize| i64::try_from(i).unwrap_or(i64::MAX);
        lines.extend(bill.lines.iter().enumerate().map(|(i, (s, k, a, j))| (id, at(i), *s, *k, *a, j.0.as_str())));
        reads.extend(bill.reads.iter().enumerate().map(|(i, (s, m, j))| (id, at(i), *s, m.as_str(), j.0.as_str())));
        posted.extend(bill.journals.iter().map(|(key, journal)| (key.as_str(), journal, id)));
    }
    write_lines(tx, &lines).await?;
    write_reads(tx, &reads).await?;
    post(tx, &posted, now).await?;
    Ok(written.into_iter().map(|(_, n)| n).collect())
}

/// The name of a kind as it is stored.
fn word(kind: &impl Serialize) -> String {
    serde_json::to_value(kind).ok().and_then(|v| v.as_str().map(str::to_owned)).unwrap_or_default()
}

async fn heads(tx: &mut Tx<'_>, bills: &[NewBill], now: Instant) -> Result<Vec<(BillId, String)>, StoreError> {
    macro_rules! bound {
        ($q:expr, $b:expr) => {
            $q.bind(&$b.number)
                .bind($b.account)
                .bind($b.period.from)
                .bind($b.period.to)
                .bind($b.issued_on)
                .bind($b.due_on)
                .bind($b.total)
                .bind($b.carried)
                .bind($b.version)
                .bind($b.replaces)
                .bind($b.detail.0.as_str())
                .bind(now)
        };
    }
    let mut written = Vec::with_capacity(bills.len());
    match tx {
        Tx::Sqlite(t) => {
            let (whole, rest) = bills.as_chunks::<FEW>();
            for chunk in whole {
                let mut q = sqlx::query_as(BILLS.sqlite);
                for b in chunk {
                    q = bound!(q, b);
                }
                written.extend(q.fetch_all(&mut **t).await?);
            }
            for b in rest {
                written.extend(bound!(sqlx::query_as(BILL.sqlite), b).fetch_optional(&mut **t).await?);
            }
        }
        Tx::Postgres(t) => {
            written = sqlx::query_as(BILLS.postgres)
                .bind(bills.iter().map(|b| b.number.as_str()).collect::<Vec<_>>())
                .bind(bills.iter().map(|b| b.account.0).collect::<Vec<_>>())
                .bind(bills.iter().map(|b| b.period.from).collect::<Vec<_>>())
                .bind(bills.iter().map(|b| b.period.to).collect::<Vec<_>>())
                .bind(bills.iter().map(|b| b.issued_on).collect::<Vec<_>>())
                .bind(bills.iter().map(|b| b.due_on).collect::<Vec<_>>())
                .bind(bills.iter().map(|b| b.total.0).collect::<Vec<_>>())
                .bind(bills.iter().map(|b| b.carried.0).collect::<Vec<_>>())
                .bind(bills.iter().map(|b| b.version).collect::<Vec<_>>())
                .bind(bills.iter().map(|b| b.replaces.map(|r| r.0)).collect::<Vec<_>>())
                .bind(bills.iter().map(|b| b.detail.0.as_str()).collect::<Vec<_>>())
                .bind(now)
                .fetch_all(&mut **t)
                .await?;
        }
    }
    Ok(written)
}

type LineOf<'a> = (BillId, i64, ServiceKind, LineKind, Cents, &'a str);

async fn write_lines(tx: &mut Tx<'_>, rows: &[LineOf<'_>]) -> Result<(), StoreError> {
    match tx {
        Tx::Sqlite(t) => {
            let (whole, rest) = rows.as_chunks::<BULK>();
            for chunk in whole {
                let mut q = sqlx::query(LINES.sqlite);
                for (bill, at, service, kind, amount, line) in chunk {
                    q = q.bind(bill).bind(at).bind(service).bind(kind).bind(amount).bind(*line);
                }
                q.execute(&mut **t).await?;
            }
            for (bill, at, service, kind, amount, line) in rest {
                let q = sqlx::query(LINE.sqlite).bind(bill).bind(at).bind(service).bind(kind).bind(amount).bind(*line);
                q.execute(&mut **t).await?;
            }
        }
        Tx::Postgres(t) => {
            sqlx::query(LINES.postgres)
                .bind(rows.iter().map(|r| r.0.0).collect::<Vec<_>>())
                .bind(rows.iter().map(|r| r.1).collect::<Vec<_>>())
                .bind(rows.iter().map(|r| r.2.slug()).collect::<Vec<_>>())
                .bind(rows.iter().map(|r| word(&r.3)).collect::<Vec<_>>())
                .bind(rows.iter().map(|r| r.4.0).collect::<Vec<_>>())
                .bind(rows.iter().map(|r| r.5).collect::<Vec<_>>())
                .execute(&mut **t)
                .await?;
        }
    }
    Ok(())
}

type ReadOf<'a> = (BillId, i64, ServiceKind, &'a str, &'a str);

async fn write_reads(tx: &mut Tx<'_>, rows: &[ReadOf<'_>]) -> Result<(), StoreError> {
    match tx {
        Tx::Sqlite(t) => {
            let (whole, rest) = rows.as_chunks::<BULK>();
            for chunk in whole {
                let mut q = sqlx::query(READS.sqlite);
                for (bill, at, service, meter, read) in chunk {
                    q = q.bind(bill).bind(at).bind(service).bind(*meter).bind(*read);
                }
                q.execute(&mut **t).await?;
            }
            for (bill, at, service, meter, read) in rest {
                let q = sqlx::query(READ.sqlite).bind(bill).bind(at).bind(service).bind(*meter).bind(*read);
                q.execute(&mut **t).await?;
            }
        }
        Tx::Postgres(t) => {
            sqlx::query(READS.postgres)
                .bind(rows.iter().map(|r| r.0.0).collect::<Vec<_>>())
                .bind(rows.iter().map(|r| r.1).collect::<Vec<_>>())
                .bind(rows.iter().map(|r| r.2.slug()).collect::<Vec<_>>())
                .bind(rows.iter().map(|r| r.3).collect::<Vec<_>>())
                .bind(rows.iter().map(|r| r.4).collect::<Vec<_>>())
                .execute(&mut **t)
                .await?;
        }
    }
    Ok(())
}

/// Posts journals; those of events that were posted before are left out.
async fn post(tx: &mut Tx<'_>, journals: &[(&str, &Journal, BillId)], now: Instant) -> Result<(), StoreError> {
    let mut posted: Vec<(JournalId, String)> = Vec::with_capacity(journals.len());
    match tx {
        Tx::Sqlite(t) => {
            macro_rules! bound {
                ($q:expr, $j:expr) => {{
                    let (key, journal, bill) = $j;
                    $q.bind(*key).bind(journal.account()).bind(journal.kind()).bind(journal.on()).bind(now).bind(bill)
                }};
            }
            let (whole, rest) = journals.as_chunks::<FEW>();
            for chunk in whole {
                let mut q = sqlx::query_as(JOURNALS.sqlite);
                for j in chunk {
                    q = bound!(q, j);
                }
                posted.extend(q.fetch_all(&mut **t).await?);
            }
            for j in rest {
                posted.extend(bound!(sqlx::query_as(JOURNAL.sqlite), j).fetch_optional(&mut **t).await?);
            }
        }
        Tx::Postgres(t) => {
            posted = sqlx::query_as(JOURNALS.postgres)
                .bind(journals.iter().map(|j| j.0).collect::<Vec<_>>())
                .bind(journals.iter().map(|j| j.1.account().0).collect::<Vec<_>>())
                .bind(journals.iter().map(|j| word(&j.1.kind())).collect::<Vec<_>>())
                .bind(journals.iter().map(|j| j.1.on()).collect::<Vec<_>>())
                .bind(journals.iter().map(|j| j.2.0).collect::<Vec<_>>())
                .bind(now)
                .fetch_all(&mut **t)
                .await?;
        }
    }
    let by_key: HashMap<&str, &Journal> = journals.iter().map(|(key, journal, _)| (*key, *journal)).collect();
    let mut entries = Vec::new();
    for (id, key) in &posted {
        let Some(journal) = by_key.get(key.as_str()) else { continue };
        entries.extend(
            journal.entries().iter().map(|e| (*id, journal.account(), e.book.name(), e.book.service(), e.amount)),
        );
    }
    write_entries(tx, &entries).await
}

type EntryOf = (JournalId, AccountId, &'static str, Option<ServiceKind>, Cents);

async fn write_entries(tx: &mut Tx<'_>, rows: &[EntryOf]) -> Result<(), StoreError> {
    match tx {
        Tx::Sqlite(t) => {
            let (whole, rest) = rows.as_chunks::<BULK>();
            for chunk in whole {
                let mut q = sqlx::query(ENTRIES.sqlite);
                for (journal, account, book, service, amount) in chunk {
                    q = q.bind(journal).bind(account).bind(*book).bind(service).bind(amount);
                }
                q.execute(&mut **t).await?;
            }
            for (journal, account, book, service, amount) in rest {
                let q = sqlx::query(ENTRY.sqlite).bind(journal).bind(account).bind(*book).bind(service).bind(amount);
                q.execute(&mut **t).await?;
            }
        }
        Tx::Postgres(t) => {
            sqlx::query(ENTRIES.postgres)
                .bind(rows.iter().map(|r| r.0.0).collect::<Vec<_>>())
                .bind(rows.iter().map(|r| r.1.0).collect::<Vec<_>>())
                .bind(rows.iter().map(|r| r.2).collect::<Vec<_>>())
                .bind(rows.iter().map(|r| r.3.map(|s| s.slug())).collect::<Vec<_>>())
                .bind(rows.iter().map(|r| r.4.0).collect::<Vec<_>>())
                .execute(&mut **t)
                .await?;
        }
    }
    Ok(())
}
