//! What forms with files share.

use axum::extract::multipart::MultipartError;
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

/// What is to be said of a form that could not be read to its end.
#[must_use]
pub fn too_large_or_broken(error: &MultipartError, limit: u64) -> AppError {
    if error.status() == StatusCode::PAYLOAD_TOO_LARGE {
        AppError::TooLarge { limit }
    } else {
        AppError::Invalid(Vec::new())
    }
}
