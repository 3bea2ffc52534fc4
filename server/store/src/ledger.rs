//! The books: journals and their entries. Nothing here is ever changed or deleted.

use std::collections::HashMap;

use chrono::NaiveDate;
use domain::calendar::Instant;
use domain::ids::{AccountId, BillId, JournalId};
use domain::ledger::{Book, Journal, JournalKind};
use domain::money::Cents;
use domain::quantity::ServiceKind;

use crate::{StoreError, Tx, run, statements};

statements! {
    LOCK_ACCOUNT = sqlite "SELECT id FROM account WHERE id = $1",
                   postgres "SELECT id FROM account WHERE id = $1 FOR UPDATE";
    INSERT_JOURNAL = "INSERT INTO journal (event_key, account_id, kind, effective_on, posted_at, bill_id, reverses_id)
                      VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (event_key) DO NOTHING RETURNING id";
    INSERT_ENTRY = "INSERT INTO ledger_entry (journal_id, account_id, book, service, amount) VALUES ($1, $2, $3, $4, $5)";
    CUSTOMER_SUMS = "SELECT book, service, CAST(SUM(amount) AS BIGINT) AS amount FROM ledger_entry
                     WHERE account_id = $1 AND book IN ('receivable', 'customer_credit') GROUP BY book, service";
    // $1 is a JSON list of accounts.
    SUMS_OF_MANY = sqlite
        "SELECT account_id, book, service, CAST(SUM(amount) AS BIGINT) AS amount FROM ledger_entry
         WHERE account_id IN (SELECT value FROM json_each($1)) AND book IN ('receivable', 'customer_credit')
         GROUP BY account_id, book, service",
    postgres
        "SELECT account_id, book, service, CAST(SUM(amount) AS BIGINT) AS amount FROM ledger_entry
         WHERE account_id = ANY (ARRAY(SELECT t.value::BIGINT FROM jsonb_array_elements_text($1) AS t (value)))
           AND book IN ('receivable', 'customer_credit')
         GROUP BY account_id, book, service";
    LOCK_MANY = sqlite "SELECT id FROM account WHERE id IN (SELECT value FROM json_each($1)) ORDER BY id",
    postgres
        "SELECT id FROM account WHERE id = ANY (ARRAY(SELECT t.value::BIGINT FROM jsonb_array_elements_text($1) AS t (value)))
         ORDER BY id FOR UPDATE";
    BOOK_SUMS = "SELECT book, service, CAST(SUM(amount) AS BIGINT) AS amount FROM ledger_entry
                 WHERE account_id = $1 GROUP BY book, service";
    BY_KEY = "SELECT id, kind, effective_on, posted_at, account_id, bill_id FROM journal WHERE event_key = $1";
    ENTRIES = "SELECT book, service, amount FROM ledger_entry WHERE journal_id = $1 ORDER BY id";
    MOVEMENTS = "SELECT j.id, j.kind, j.effective_on, j.posted_at, j.bill_id, CAST(SUM(e.amount) AS BIGINT) AS owed
                 FROM journal j JOIN ledger_entry e ON e.journal_id = j.id
                 WHERE j.account_id = $1 AND e.book IN ('receivable', 'customer_credit')
                 GROUP BY j.id, j.kind, j.effective_on, j.posted_at, j.bill_id ORDER BY j.id DESC LIMIT $2";
    UNBALANCED = "SELECT journal_id, CAST(SUM(amount) AS BIGINT) AS amount FROM ledger_entry
                  GROUP BY journal_id HAVING SUM(amount) <> 0 ORDER BY journal_id LIMIT 20";
    STRAYS = "SELECT e.journal_id, e.amount FROM ledger_entry e JOIN journal j ON j.id = e.journal_id
              WHERE e.account_id <> j.account_id ORDER BY e.id LIMIT 20";
    EMPTY = "SELECT j.id AS journal_id, j.id AS amount FROM journal j
             WHERE NOT EXISTS (SELECT 1 FROM ledger_entry e WHERE e.journal_id = j.id) ORDER BY j.id LIMIT 20";
    GRAND_TOTAL = "SELECT CAST(COALESCE(SUM(amount), 0) AS BIGINT), COUNT(*) FROM ledger_entry";
}

#[derive(sqlx::FromRow)]
struct SumRow {
    book: String,
    service: Option<ServiceKind>,
    amount: Cents,
}

impl SumRow {
    fn read(self) -> Result<(Book, Cents), StoreError> {
        Book::from_parts(&self.book, self.service)
            .map(|b| (b, self.amount))
            .ok_or_else(|| StoreError::Damaged(format!("book {} of {:?}", self.book, self.service)))
    }
}

/// A journal without its entries.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct JournalRow {
    /// Key.
    pub id: JournalId,
    /// Why money moved.
    pub kind: JournalKind,
    /// The day it counts for.
    pub effective_on: NaiveDate,
    /// When it was written.
    pub posted_at: Instant,
    /// The customer account.
    pub account_id: AccountId,
    /// The bill it posted, if it did.
    pub bill_id: Option<BillId>,
}

/// What changed the amount a customer owes.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Movement {
    /// Key of the journal.
    pub id: JournalId,
    /// Why.
    pub kind: JournalKind,
    /// The day it counts for.
    pub effective_on: NaiveDate,
    /// When it was written.
    pub posted_at: Instant,
    /// The bill, where it posted one.
    pub bill_id: Option<BillId>,
    /// How much more (or, negative, less) is owed.
    pub owed: Cents,
}

/// Makes other writers of this account's money wait until the transaction ends. On SQLite there is one writer anyway.
///
/// # Errors
/// If the database fails.
pub async fn lock(tx: &mut Tx<'_>, account: AccountId) -> Result<(), StoreError> {
    run!(tx, LOCK_ACCOUNT, |sql, c| sqlx::query(sql).bind(account).fetch_optional(c).await.map(|_| ()))?;
    Ok(())
}

/// Locks several accounts until the transaction ends, in one order whoever asks.
///
/// # Errors
/// If the database fails.
pub async fn lock_many(tx: &mut Tx<'_>, accounts: &[AccountId]) -> Result<(), StoreError> {
    let list = serde_json::json!(accounts);
    run!(tx, LOCK_MANY, |sql, c| sqlx::query(sql).bind(&list).fetch_all(c).await.map(|_| ()))?;
    Ok(())
}

/// Writes a journal under the key of its event; `None` where that event was posted before, and nothing is written.
///
/// # Errors
/// If the database fails.
pub async fn insert(
    tx: &mut Tx<'_>,
    journal: &Journal,
    event_key: &str,
    posted_at: Instant,
    bill: Option<BillId>,
    reverses: Option<JournalId>,
) -> Result<Option<JournalId>, StoreError> {
    let id: Option<JournalId> = run!(tx, INSERT_JOURNAL, |sql, c| sqlx::query_scalar(sql)
        .bind(event_key)
        .bind(journal.account())
        .bind(journal.kind())
        .bind(journal.on())
        .bind(posted_at)
        .bind(bill)
        .bind(reverses)
        .fetch_optional(c)
        .await)?;
    let Some(id) = id else { return Ok(None) };
    for entry in journal.entries() {
        run!(tx, INSERT_ENTRY, |sql, c| sqlx::query(sql)
            .bind(id)
            .bind(journal.account())
            .bind(entry.book.name())
            .bind(entry.book.service())
            .bind(entry.amount)
            .execute(c)
            .await
            .map(|_| ()))?;
    }
    Ok(Some(id))
}

/// The sums of the customer's own books: what is owed by service, and credit held.
///
/// # Errors
/// If the database fails or holds an unknown book.
pub async fn customer_sums(tx: &mut Tx<'_>, account: AccountId) -> Result<Vec<(Book, Cents)>, StoreError> {
    let rows: Vec<SumRow> = run!(tx, CUSTOMER_SUMS, |sql, c| sqlx::query_as(sql).bind(account).fetch_all(c).await)?;
    rows.into_iter().map(SumRow::read).collect()
}

/// Locks many accounts, always in the same order so that two runs never wait for each other, and sums the customer's own
/// books of each.
///
/// # Errors
/// If the database fails or holds an unknown book.
pub async fn lock_and_sum(
    tx: &mut Tx<'_>,
    accounts: &[AccountId],
) -> Result<HashMap<AccountId, Vec<(Book, Cents)>>, StoreError> {
    let list = serde_json::json!(accounts);
    run!(&mut *tx, LOCK_MANY, |sql, c| sqlx::query(sql).bind(&list).fetch_all(c).await.map(|_| ()))?;
    let rows: Vec<(AccountId, String, Option<ServiceKind>, Cents)> =
        run!(tx, SUMS_OF_MANY, |sql, c| sqlx::query_as(sql).bind(&list).fetch_all(c).await)?;
    let mut out: HashMap<AccountId, Vec<(Book, Cents)>> = HashMap::new();
    for (account, book, service, amount) in rows {
        out.entry(account).or_default().push(SumRow { book, service, amount }.read()?);
    }
    Ok(out)
}

/// The sums of all books that an account's journals touched; they sum to zero.
///
/// # Errors
/// If the database fails or holds an unknown book.
pub async fn book_sums(tx: &mut Tx<'_>, account: AccountId) -> Result<Vec<(Book, Cents)>, StoreError> {
    let rows: Vec<SumRow> = run!(tx, BOOK_SUMS, |sql, c| sqlx::query_as(sql).bind(account).fetch_all(c).await)?;
    rows.into_iter().map(SumRow::read).collect()
}

/// The journal of an event and its entries.
///
/// # Errors
/// If the database fails or holds an unknown book.
pub async fn by_key(tx: &mut Tx<'_>, event_key: &str) -> Result<Option<(JournalRow, Vec<(Book, Cents)>)>, StoreError> {
    let row: Option<JournalRow> =
        run!(tx, BY_KEY, |sql, c| sqlx::query_as(sql).bind(event_key).fetch_optional(c).await)?;
    let Some(row) = row else { return Ok(None) };
    let entries: Vec<SumRow> = run!(tx, ENTRIES, |sql, c| sqlx::query_as(sql).bind(row.id).fetch_all(c).await)?;
    Ok(Some((row, entries.into_iter().map(SumRow::read).collect::<Result<_, _>>()?)))
}

/// What changed the amount owed, newest first.
///
/// # Errors
/// If the database fails.
pub async fn movements(tx: &mut Tx<'_>, account: AccountId, limit: i64) -> Result<Vec<Movement>, StoreError> {
    Ok(run!(tx, MOVEMENTS, |sql, c| sqlx::query_as(sql).bind(account).bind(limit).fetch_all(c).await)?)
}

/// What is wrong with the books, in plain words, at most twenty of each kind; and how many entries there are.
///
/// # Errors
/// If the database fails.
pub async fn faults(tx: &mut Tx<'_>) -> Result<(Vec<String>, i64), StoreError> {
    let mut out = Vec::new();
    let (sum, count): (i64, i64) = run!(tx, GRAND_TOTAL, |sql, c| sqlx::query_as(sql).fetch_one(c).await)?;
    if sum != 0 {
        out.push(format!("all debits less all credits are {}", Cents(sum)));
    }
    let rows: Vec<(i64, i64)> = run!(tx, UNBALANCED, |sql, c| sqlx::query_as(sql).fetch_all(c).await)?;
    out.extend(rows.iter().map(|(j, a)| format!("journal {j} is out of balance by {}", Cents(*a))));
    let rows: Vec<(i64, i64)> = run!(tx, STRAYS, |sql, c| sqlx::query_as(sql).fetch_all(c).await)?;
    out.extend(rows.iter().map(|(j, a)| format!("journal {j} has an entry of {} on another account", Cents(*a))));
    let rows: Vec<(i64, i64)> = run!(tx, EMPTY, |sql, c| sqlx::query_as(sql).fetch_all(c).await)?;
    out.extend(rows.iter().map(|(j, _)| format!("journal {j} has no entries")));
    Ok((out, count))
}
