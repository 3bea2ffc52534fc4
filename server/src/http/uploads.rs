//! What forms with files share.

use axum::body::Bytes;
use axum::extract::Multipart;
use axum::extract::multipart::{MultipartError, MultipartRejection};
use axum::http::StatusCode;
use contract::AppError;
use services::Principal;

use super::Refused;
use super::who::Ended;

/// Nobody's form is not read, unless it may be someone's whose session ended while they wrote.
///
/// # Errors
/// `SignInRequired`.
pub fn worth_reading(who: &Principal, ended: Option<Ended>) -> Result<(), Refused> {
    if *who == Principal::Nobody && ended.unwrap_or_default().0.is_none() {
        return Err(AppError::SignInRequired.into());
    }
    Ok(())
}

/// One field of a form with files.
#[derive(Debug)]
pub struct Part {
    /// The field.
    pub name: String,
    /// What the file was called; empty for words.
    pub file_name: String,
    /// What was sent.
    pub bytes: Bytes,
}

impl Part {
    /// The field as words.
    #[must_use]
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.bytes).into_owned()
    }
}

/// All fields of a form, of which none may be larger than `limit` bytes.
///
/// # Errors
/// `TooLarge` with the limit, or `Invalid` for a form that is broken off or none.
pub async fn parts(form: Result<Multipart, MultipartRejection>, limit: u64) -> Result<Vec<Part>, AppError> {
    let mut form = form.map_err(|_| AppError::Invalid(Vec::new()))?;
    let refused = |e| too_large_or_broken(&e, limit);
    let mut out = Vec::new();
    while let Some(field) = form.next_field().await.map_err(refused)? {
        let name = field.name().unwrap_or_default().to_owned();
        let file_name = field.file_name().unwrap_or_default().to_owned();
        let bytes = field.bytes().await.map_err(refused)?;
        if bytes.len() as u64 > limit {
            return Err(AppError::TooLarge { limit });
        }
        out.push(Part { name, file_name, bytes });
    }
    Ok(out)
}

/// What is to be said of a form that could not be read to its end.
fn too_large_or_broken(error: &MultipartError, limit: u64) -> AppError {
    if error.status() == StatusCode::PAYLOAD_TOO_LARGE {
        AppError::TooLarge { limit }
    } else {
        AppError::Invalid(Vec::new())
    }
}
