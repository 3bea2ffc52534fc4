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

/// So many bytes of a form that is too large are read and thrown away: a browser that is cut off while it still sends shows a page
/// of its own instead of our answer.
pub const READ_TO: usize = 256 * 1024 * 1024;

/// Room for words beside a file, in bytes, and what a field takes of it whatever is in it: what is kept of a form stays small however
/// many fields it has.
const WORDS: u64 = 64 * 1024;
const FIELD: u64 = 128;

/// All fields of a form, of which none may be larger than `limit` bytes nor all together by much; and what is wrong with the form. What could be read comes
/// in either case, so that words are not lost with a file: only the field that is too large is left out.
pub async fn parts(form: Result<Multipart, MultipartRejection>, limit: u64) -> (Vec<Part>, Option<AppError>) {
    let mut out = Vec::new();
    let problem = match form {
        Ok(form) => read(form, limit, &mut out).await.unwrap_or_else(|e| Some(too_large_or_broken(&e, limit))),
        Err(_) => Some(AppError::Invalid(Vec::new())),
    };
    (out, problem)
}

async fn read(mut form: Multipart, limit: u64, out: &mut Vec<Part>) -> Result<Option<AppError>, MultipartError> {
    let mut problem = None;
    let mut room = limit + WORDS;
    while let Some(mut field) = form.next_field().await? {
        let name = field.name().unwrap_or_default().to_owned();
        let file_name = field.file_name().unwrap_or_default().to_owned();
        let mut bytes = Vec::new();
        let head = FIELD + (name.len() + file_name.len()) as u64;
        let most = limit.min(room.saturating_sub(head));
        let mut fits = head <= room;
        while let Some(chunk) = field.chunk().await? {
            fits = fits && (bytes.len() + chunk.len()) as u64 <= most;
            if fits {
                bytes.extend_from_slice(&chunk);
            } else {
                bytes = Vec::new();
            }
        }
        if fits {
            room -= head + bytes.len() as u64;
            out.push(Part { name, file_name, bytes: bytes.into() });
        } else {
            problem = Some(AppError::TooLarge { limit });
        }
    }
    Ok(problem)
}

/// What is to be said of a form that could not be read to its end.
fn too_large_or_broken(error: &MultipartError, limit: u64) -> AppError {
    if error.status() == StatusCode::PAYLOAD_TOO_LARGE {
        AppError::TooLarge { limit }
    } else {
        AppError::Invalid(Vec::new())
    }
}

#[cfg(test)]
mod tests {
    use axum::body::Body;
    use axum::extract::{FromRequest as _, Request};
    use axum::http::header;

    use super::*;

    #[tokio::test]
    async fn many_fields_together_are_no_way_around_the_limit() {
        let mut body = String::new();
        for n in 0..40 {
            let text = if n < 8 { "x".repeat(90_000) } else { "word".to_owned() };
            body.push_str(&format!("--b\r\nContent-Disposition: form-data; name=\"f{n}\"\r\n\r\n{text}\r\n"));
        }
        body.push_str("--b--\r\n");
        let request = Request::post("/").header(header::CONTENT_TYPE, "multipart/form-data; boundary=b");
        let request = request.body(Body::from(body)).expect("a request");
        let (kept, problem) = parts(Multipart::from_request(request, &()).await, 100_000).await;
        assert_eq!(problem, Some(AppError::TooLarge { limit: 100_000 }));
        assert!(kept.iter().map(|p| p.bytes.len() as u64).sum::<u64>() <= 100_000 + WORDS);
        assert_eq!(kept.iter().filter(|p| p.text() == "word").count(), 32, "words behind them are not lost");
    }
}
