//! Forms about residents' own usage files as plain routes: one brings a file along, one has a field for each channel.

use app::routes::to;
use axum::Router;
use axum::body::Bytes;
use axum::extract::multipart::MultipartRejection;
use axum::extract::{DefaultBodyLimit, Extension, Form, Multipart, State};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use contract::AppError;
use contract::form::Done;
use domain::quantity::Commodity;
use serde::Deserialize;
use services::data_sets::{self, Confirmed, LARGEST_FILE, Sent};
use services::{Cx, Principal};

use crate::http::answer::{KeptFields, see_other};
use crate::http::uploads::{READ_TO, parts, worth_reading};
use crate::http::who::Ended;
use crate::http::{Refused, done};

/// The routes.
pub fn routes(cx: Cx) -> Router {
    let uploads = Router::new().route("/api/compare/upload", post(upload)).layer(DefaultBodyLimit::max(READ_TO));
    Router::new()
        .route("/api/compare/keep", post(keep))
        .route("/api/compare/label", post(rename))
        .route("/api/compare/remove", post(remove))
        .merge(uploads)
        .with_state(cx)
}

async fn read(form: Result<Multipart, MultipartRejection>) -> (String, Sent, Option<AppError>) {
    let (mut account, mut sent) = (String::new(), Sent::default());
    let (parts, problem) = parts(form, LARGEST_FILE).await;
    for part in parts {
        match part.name.as_str() {
            "account" => account = part.text(),
            "label" => sent.label = part.text(),
            "file" => {
                sent.bytes = part.bytes.to_vec();
                sent.file_name = part.file_name;
            }
            _ => {}
        }
    }
    (account, sent, problem)
}

/// Takes a file and leads to its preview. Refused, the name comes back; the file has to be chosen again.
async fn upload(
    State(cx): State<Cx>,
    Extension(who): Extension<Principal>,
    ended: Option<Extension<Ended>>,
    form: Result<Multipart, MultipartRejection>,
) -> Result<Response, Refused> {
    worth_reading(&who, ended.map(|Extension(e)| e))?;
    let (account, sent, problem) = read(form).await;
    let label = sent.label.clone();
    let taken = match problem {
        Some(problem) => Err(problem),
        None => data_sets::upload(&cx, &who, &account, sent).await.map_err(AppError::from),
    };
    Ok(match taken {
        Ok(upload) => see_other(&to::compare_file(&account, &upload)),
        Err(error) => {
            let mut response = Refused(error).into_response();
            response.extensions_mut().insert(KeptFields(vec![("label".to_owned(), label)]));
            response
        }
    })
}

/// Confirms a file. Its channels come as `channel-0`, and what they meter as `service-0`.
async fn keep(State(cx): State<Cx>, Extension(who): Extension<Principal>, body: Bytes) -> Result<Response, Refused> {
    let (mut account, mut upload, mut confirmed) = (String::new(), String::new(), Confirmed::default());
    let mut services = Vec::new();
    for (name, value) in url::form_urlencoded::parse(&body) {
        let number = |prefix| name.strip_prefix(prefix).and_then(|n| n.parse::<u32>().ok());
        match name.as_ref() {
            "account" => account = value.into_owned(),
            "upload" => upload = value.into_owned(),
            "label" => confirmed.label = value.into_owned(),
            "zone" => confirmed.zone = value.into_owned(),
            "times" => confirmed.times = value.into_owned(),
            _ => {
                if let Some(channel) = number("channel-") {
                    confirmed.channels.push((channel, None));
                } else if let Some((channel, service)) = number("service-").zip(Commodity::from_slug(&value)) {
                    services.push((channel, service));
                }
            }
        }
    }
    for (channel, said) in &mut confirmed.channels {
        *said = services.iter().find(|(c, _)| c == channel).map(|(_, s)| *s);
    }
    let number = data_sets::keep(&cx, &who, &account, &upload, &confirmed).await?;
    Ok(done(&to::data_set(&account, &number), Done::Kept))
}

#[derive(Deserialize)]
struct Named {
    account: String,
    number: String,
    #[serde(default)]
    label: String,
}

async fn rename(
    State(cx): State<Cx>,
    Extension(who): Extension<Principal>,
    Form(form): Form<Named>,
) -> Result<Response, Refused> {
    data_sets::rename(&cx, &who, &form.account, &form.number, &form.label).await?;
    Ok(done(&to::data_set(&form.account, &form.number), Done::Saved))
}

async fn remove(
    State(cx): State<Cx>,
    Extension(who): Extension<Principal>,
    Form(form): Form<Named>,
) -> Result<Response, Refused> {
    data_sets::remove(&cx, &who, &form.account, &form.number).await?;
    Ok(done(&to::compare(&form.account), Done::Removed))
}
