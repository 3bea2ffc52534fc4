//! Stored files: photos that came with a service request.

use domain::calendar::Instant;
use domain::ids::{AccountId, AttachmentId, RequestId};
use domain::request::PhotoKind;

use crate::{StoreError, Tx, run, statements};

statements! {
    INSERT = "INSERT INTO attachment (account_id, kind, content, created_at) VALUES ($1, $2, $3, $4) RETURNING id";
    OF_REQUEST = "SELECT a.kind, a.content FROM attachment a JOIN request_entry e ON e.attachment_id = a.id
                  WHERE e.request_id = $1 AND a.id = $2";
}

/// A stored photo.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Photo {
    /// What its first bytes said.
    pub kind: PhotoKind,
    /// The bytes as they came.
    pub content: Vec<u8>,
}

/// Stores a photo.
///
/// # Errors
/// If the database fails.
pub async fn insert(
    tx: &mut Tx<'_>,
    account: AccountId,
    kind: PhotoKind,
    content: &[u8],
    at: Instant,
) -> Result<AttachmentId, StoreError> {
    Ok(run!(tx, INSERT, |sql, c| sqlx::query_scalar(sql)
        .bind(account)
        .bind(kind)
        .bind(content)
        .bind(at)
        .fetch_one(c)
        .await)?)
}

/// A photo of a request.
///
/// # Errors
/// If the database fails.
pub async fn of_request(tx: &mut Tx<'_>, request: RequestId, id: AttachmentId) -> Result<Option<Photo>, StoreError> {
    Ok(run!(tx, OF_REQUEST, |sql, c| sqlx::query_as(sql).bind(request).bind(id).fetch_optional(c).await)?)
}
