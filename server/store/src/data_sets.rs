//! Usage files that residents bring along.

use domain::calendar::Instant;
use domain::data_set::Times;
use domain::ids::{AccountId, DataSetId, PersonId};
use domain::quantity::{Commodity, Direction, Unit};

use crate::{StoreError, Tx, run, statements};

statements! {
    INSERT = "INSERT INTO data_set (account_id, upload, number, person_id, status, label, file_name, format, checksum, channel,
                                    meter, commodity, direction, unit, unit_text, exponent, cumulative, times, zone,
                                    value_count, refused, created_at)
              VALUES ($1, $2, $3, $4, 'draft', $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21)
              RETURNING id";
    INSERT_CHUNK = "INSERT INTO data_set_chunk (data_set_id, seq, content) VALUES ($1, $2, $3)";
    CHUNKS = "SELECT content FROM data_set_chunk WHERE data_set_id = $1 ORDER BY seq";
    KEPT = "SELECT id, account_id, upload, number, status, label, file_name, format, checksum, channel, meter, commodity, direction,
                   unit, unit_text, exponent, cumulative, times, zone, value_count, refused, created_at
            FROM data_set WHERE account_id = $1 AND status = 'kept' ORDER BY id";
    OF_UPLOAD = "SELECT id, account_id, upload, number, status, label, file_name, format, checksum, channel, meter, commodity, direction,
                        unit, unit_text, exponent, cumulative, times, zone, value_count, refused, created_at
                 FROM data_set WHERE account_id = $1 AND upload = $2 ORDER BY channel";
    BY_NUMBER = "SELECT id, account_id, upload, number, status, label, file_name, format, checksum, channel, meter, commodity, direction,
                        unit, unit_text, exponent, cumulative, times, zone, value_count, refused, created_at
                 FROM data_set WHERE account_id = $1 AND number = $2";
    KEEP = "UPDATE data_set SET status = 'kept', label = $2, commodity = $3, times = $4, zone = $5 WHERE id = $1";
    RENAME = "UPDATE data_set SET label = $2 WHERE id = $1";
    FORGET_CHUNKS = "DELETE FROM data_set_chunk WHERE data_set_id = $1";
    FORGET = "DELETE FROM data_set WHERE id = $1";
    FORGET_DRAFT_CHUNKS = "DELETE FROM data_set_chunk WHERE data_set_id IN
                           (SELECT id FROM data_set WHERE account_id = $1 AND status = 'draft' AND (upload = $2 OR created_at < $3))";
    FORGET_DRAFTS = "DELETE FROM data_set WHERE account_id = $1 AND status = 'draft' AND (upload = $2 OR created_at < $3)";
}

/// Whether a data set is confirmed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, sqlx::Type)]
#[sqlx(type_name = "text", rename_all = "snake_case")]
pub enum DataSetStatus {
    /// It waits for its owner to say what its times mean.
    Draft,
    /// It can be charted and compared.
    Kept,
}

/// A data set without its values.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct DataSetRow {
    /// Key.
    pub id: DataSetId,
    /// Whose.
    pub account_id: AccountId,
    /// What channels of one file share.
    pub upload: String,
    /// What stands in addresses.
    pub number: String,
    /// Whether it is confirmed.
    pub status: DataSetStatus,
    /// What its owner calls it.
    pub label: String,
    /// The file's name.
    pub file_name: String,
    /// The file's format.
    pub format: String,
    /// SHA-256 of the file, in hex.
    pub checksum: String,
    /// Which channel of the file, from 0.
    pub channel: i64,
    /// The meter's name in the file.
    pub meter: String,
    /// What is metered, where that is known.
    pub commodity: Option<Commodity>,
    /// Which way it flows, where the file says.
    pub direction: Option<Direction>,
    /// The unit, where it is known.
    pub unit: Option<Unit>,
    /// The unit as the file writes it.
    pub unit_text: String,
    /// The power of ten of the values.
    pub exponent: i64,
    /// Whether the values are those of a register that counts on.
    pub cumulative: bool,
    /// What the time stamps count.
    pub times: Times,
    /// The IANA name of its zone.
    pub zone: String,
    /// How many values it has.
    pub value_count: i64,
    /// Records of the file that could not be read.
    pub refused: i64,
    /// When it was brought.
    pub created_at: Instant,
}

/// A data set to be stored as a draft.
#[derive(Clone, Debug)]
pub struct NewDataSet<'a> {
    /// Whose.
    pub account: AccountId,
    /// What channels of one file share.
    pub upload: &'a str,
    /// What stands in addresses.
    pub number: &'a str,
    /// Who brought it.
    pub person: Option<PersonId>,
    /// What its owner calls it.
    pub label: &'a str,
    /// The file's name.
    pub file_name: &'a str,
    /// The file's format.
    pub format: &'a str,
    /// SHA-256 of the file, in hex.
    pub checksum: &'a str,
    /// Which channel of the file, from 0.
    pub channel: i64,
    /// The meter's name in the file.
    pub meter: &'a str,
    /// What is metered.
    pub commodity: Option<Commodity>,
    /// Which way it flows.
    pub direction: Option<Direction>,
    /// The unit.
    pub unit: Option<Unit>,
    /// The unit as the file writes it.
    pub unit_text: &'a str,
    /// The power of ten of the values.
    pub exponent: i64,
    /// Whether the values are those of a register that counts on.
    pub cumulative: bool,
    /// What the time stamps count.
    pub times: Times,
    /// The IANA name of its zone.
    pub zone: &'a str,
    /// How many values it has.
    pub value_count: i64,
    /// Records of the file that could not be read.
    pub refused: i64,
    /// When it is brought.
    pub at: Instant,
}

/// Stores a draft with its values in pieces.
///
/// # Errors
/// If the database fails.
pub async fn insert(tx: &mut Tx<'_>, new: &NewDataSet<'_>, chunks: &[Vec<u8>]) -> Result<DataSetId, StoreError> {
    let id: DataSetId = run!(tx, INSERT, |sql, c| sqlx::query_scalar(sql)
        .bind(new.account)
        .bind(new.upload)
        .bind(new.number)
        .bind(new.person)
        .bind(new.label)
        .bind(new.file_name)
        .bind(new.format)
        .bind(new.checksum)
        .bind(new.channel)
        .bind(new.meter)
        .bind(new.commodity)
        .bind(new.direction)
        .bind(new.unit)
        .bind(new.unit_text)
        .bind(new.exponent)
        .bind(new.cumulative)
        .bind(new.times)
        .bind(new.zone)
        .bind(new.value_count)
        .bind(new.refused)
        .bind(new.at)
        .fetch_one(c)
        .await)?;
    for (seq, content) in (0_i64..).zip(chunks) {
        run!(tx, INSERT_CHUNK, |sql, c| sqlx::query(sql)
            .bind(id)
            .bind(seq)
            .bind(content)
            .execute(c)
            .await
            .map(|_| ()))?;
    }
    Ok(id)
}

/// The values of a data set in pieces, in the order of the file.
///
/// # Errors
/// If the database fails.
pub async fn chunks(tx: &mut Tx<'_>, id: DataSetId) -> Result<Vec<Vec<u8>>, StoreError> {
    Ok(run!(tx, CHUNKS, |sql, c| sqlx::query_scalar(sql).bind(id).fetch_all(c).await)?)
}

/// The confirmed data sets of an account, oldest first.
///
/// # Errors
/// If the database fails.
pub async fn kept(tx: &mut Tx<'_>, account: AccountId) -> Result<Vec<DataSetRow>, StoreError> {
    Ok(run!(tx, KEPT, |sql, c| sqlx::query_as(sql).bind(account).fetch_all(c).await)?)
}

/// The channels of one file of an account.
///
/// # Errors
/// If the database fails.
pub async fn of_upload(tx: &mut Tx<'_>, account: AccountId, upload: &str) -> Result<Vec<DataSetRow>, StoreError> {
    Ok(run!(tx, OF_UPLOAD, |sql, c| sqlx::query_as(sql).bind(account).bind(upload).fetch_all(c).await)?)
}

/// A data set of an account.
///
/// # Errors
/// If the database fails.
pub async fn by_number(tx: &mut Tx<'_>, account: AccountId, number: &str) -> Result<Option<DataSetRow>, StoreError> {
    Ok(run!(tx, BY_NUMBER, |sql, c| sqlx::query_as(sql).bind(account).bind(number).fetch_optional(c).await)?)
}

/// Confirms a draft.
///
/// # Errors
/// If the database fails, or the account has kept this channel of this file already.
pub async fn keep(
    tx: &mut Tx<'_>,
    id: DataSetId,
    label: &str,
    commodity: Commodity,
    times: Times,
    zone: &str,
) -> Result<(), StoreError> {
    run!(tx, KEEP, |sql, c| sqlx::query(sql)
        .bind(id)
        .bind(label)
        .bind(commodity)
        .bind(times)
        .bind(zone)
        .execute(c)
        .await
        .map(|_| ()))?;
    Ok(())
}

/// Gives a data set another name.
///
/// # Errors
/// If the database fails.
pub async fn rename(tx: &mut Tx<'_>, id: DataSetId, label: &str) -> Result<(), StoreError> {
    run!(tx, RENAME, |sql, c| sqlx::query(sql).bind(id).bind(label).execute(c).await.map(|_| ()))?;
    Ok(())
}

/// Deletes a data set with its values.
///
/// # Errors
/// If the database fails.
pub async fn forget(tx: &mut Tx<'_>, id: DataSetId) -> Result<(), StoreError> {
    for sql in [FORGET_CHUNKS, FORGET] {
        run!(tx, sql, |sql, c| sqlx::query(sql).bind(id).execute(c).await.map(|_| ()))?;
    }
    Ok(())
}

/// Deletes what is still a draft of an upload, and drafts of the account from before an instant.
///
/// # Errors
/// If the database fails.
pub async fn forget_drafts(
    tx: &mut Tx<'_>,
    account: AccountId,
    upload: &str,
    before: Instant,
) -> Result<(), StoreError> {
    for sql in [FORGET_DRAFT_CHUNKS, FORGET_DRAFTS] {
        run!(tx, sql, |sql, c| sqlx::query(sql).bind(account).bind(upload).bind(before).execute(c).await.map(|_| ()))?;
    }
    Ok(())
}
