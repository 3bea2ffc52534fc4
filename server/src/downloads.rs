//! Files that are made while they are sent.

use axum::Router;
use axum::body::Body;
use axum::extract::{Extension, Path, RawQuery, Request, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::{Next, from_fn};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::get;
use contract::AppError;
use contract::usage::UsageAsk;
use futures::TryStreamExt as _;
use services::billing::Paper;
use services::usage::Download;
use services::{Cx, Fault, Principal};

/// The routes of downloads. What is not there is answered by `unknown`, as an address that nothing claims.
pub fn routes<F, A>(cx: Cx, unknown: F) -> Router
where
    F: Fn(Request) -> A + Clone + Send + Sync + 'static,
    A: Future<Output = Response> + Send + 'static,
{
    let told = move |request: Request, next: Next| {
        let unknown = unknown.clone();
        async move {
            let (parts, body) = request.into_parts();
            let again = Request::from_parts(parts.clone(), Body::empty());
            let response = next.run(Request::from_parts(parts, body)).await;
            if response.status() == StatusCode::NOT_FOUND { unknown(again).await } else { response }
        }
    };
    Router::new()
        .route("/a/{account}/bills/{bill}/pdf", get(bill_pdf))
        .route("/a/{account}/usage.csv", get(usage_csv))
        .route("/a/{account}/usage.xml", get(usage_xml))
        .route_layer(from_fn(told))
        .with_state(cx)
}

/// What an address asks for. Whatever stands in it is read, as the page does: of a part that comes twice the last one counts, and
/// what is empty or not known is passed over.
fn asked(query: Option<&str>) -> UsageAsk {
    let mut ask = UsageAsk::default();
    for (name, value) in url::form_urlencoded::parse(query.unwrap_or_default().as_bytes()) {
        let part = match name.as_ref() {
            "service" => &mut ask.service,
            "by" => &mut ask.by,
            "from" => &mut ask.from,
            "to" => &mut ask.to,
            "show" => &mut ask.show,
            "with" => &mut ask.with,
            _ => continue,
        };
        *part = Some(value.into_owned()).filter(|v| !v.is_empty());
    }
    ask
}

/// The usage page's range as CSV.
async fn usage_csv(
    State(cx): State<Cx>,
    Extension(who): Extension<Principal>,
    Path(account): Path<String>,
    RawQuery(query): RawQuery,
) -> Response {
    let ask = asked(query.as_deref());
    let file = services::usage::download(&cx, &who, &account, &ask).await;
    answer(file, "text/csv; charset=utf-8", &account, &ask)
}

/// One service or all, some days or all, as Green Button.
async fn usage_xml(
    State(cx): State<Cx>,
    Extension(who): Extension<Principal>,
    Path(account): Path<String>,
    RawQuery(query): RawQuery,
) -> Response {
    let ask = asked(query.as_deref());
    let file = services::usage::green_button(&cx, &who, &account, &ask).await;
    answer(file, services::usage::GREEN_BUTTON_TYPE, &account, &ask)
}

/// One bill as PDF.
async fn bill_pdf(
    State(cx): State<Cx>,
    Extension(who): Extension<Principal>,
    Path((account, bill)): Path<(String, String)>,
) -> Response {
    match services::billing::paper(&cx, &who, &account, &bill).await {
        Ok(found) => as_pdf(&cx, found, false).await,
        Err(fault) => status(fault),
    }
}

fn status(fault: Fault) -> Response {
    let error = AppError::from(fault);
    StatusCode::from_u16(error.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR).into_response()
}

/// A bill as a file that the browser shows.
pub(crate) async fn as_pdf(cx: &Cx, found: Paper, duplicate: bool) -> Response {
    // Setting a page takes some milliseconds: other requests go on meanwhile.
    let settings = cx.settings.clone();
    let made = tokio::task::spawn_blocking(move || {
        let name = format!("inline; filename=\"bill-{}.pdf\"", found.bill.summary.number);
        pdf::bill(&on_paper(&settings, &found, duplicate)).map(|bytes| (name, bytes))
    })
    .await;
    let made =
        made.map_err(|e| Fault::Other(e.to_string())).and_then(|made| made.map_err(|e| Fault::Other(e.to_string())));
    match made {
        // The bill exists, so its number is one of ours: digits and hyphens.
        Ok((name, bytes)) => {
            let headers = [
                (header::CONTENT_TYPE, "application/pdf".to_owned()),
                (header::CACHE_CONTROL, "private, no-store".to_owned()),
                (header::CONTENT_DISPOSITION, name),
            ];
            (headers, bytes).into_response()
        }
        Err(fault) => status(fault),
    }
}

/// A bill as it is printed under the utility's name.
pub(crate) fn on_paper<'a>(settings: &'a services::Settings, found: &'a Paper, duplicate: bool) -> pdf::BillPaper<'a> {
    let [street, city, postcode] = &found.mailing;
    pdf::BillPaper {
        bill: &found.bill,
        utility: &settings.utility_name,
        phone: &settings.utility_phone,
        portal: &settings.portal_origin,
        mailing: [street, city, postcode],
        duplicate,
        paper: if settings.a4 { pdf::Paper::A4 } else { pdf::Paper::Letter },
    }
}

/// A file to keep. What cannot be given sends the browser to the page, which says why in words.
fn answer(file: Result<Download, Fault>, kind: &'static str, account: &str, ask: &UsageAsk) -> Response {
    match file {
        Ok(file) => {
            // The name is made of a service's word and two dates: nothing in it needs quoting.
            let name = format!("attachment; filename=\"{}\"", file.file_name);
            let mut response = Body::from_stream(file.body.map_err(AppError::from)).into_response();
            let headers = response.headers_mut();
            headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
            headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-store"));
            if let Ok(name) = HeaderValue::from_str(&name) {
                headers.insert(header::CONTENT_DISPOSITION, name);
            }
            response
        }
        Err(fault) => match AppError::from(fault) {
            AppError::SignInRequired | AppError::Invalid(_)
                if account.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-') =>
            {
                Redirect::to(&format!("/a/{account}/usage{}", ask.to_query())).into_response()
            }
            error => StatusCode::from_u16(error.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR).into_response(),
        },
    }
}
