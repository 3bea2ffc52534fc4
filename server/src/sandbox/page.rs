//! The hosted page: another company's look, plain HTML without any script, and nothing that a portal's style could touch.

use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{Html, IntoResponse, Redirect, Response};
use axum::routing::get;
use axum::{Form, Router};
use domain::money::Cents;
use domain::payment::{Decline, Status};
use locales::{Lang, sandbox as words};
use serde::Deserialize;

use super::api::Refusal;
use super::store::Row;
use super::{Delivery, Means, Sandbox};

const L: Lang = Lang::En;

pub fn routes() -> Router<Sandbox> {
    Router::new().route("/pay/{id}", get(show).post(act)).route("/health/live", get(|| async { "ok" }))
}

/// What the page's buttons send.
#[derive(Debug, Deserialize)]
struct Act {
    action: String,
    means: Option<Means>,
    delivery: Option<Delivery>,
}

async fn show(State(sandbox): State<Sandbox>, Path(id): Path<String>) -> Result<Response, Refusal> {
    if sandbox.control().down {
        return Ok(down());
    }
    sandbox.0.store.advance(sandbox.0.options.clock.now()).await?;
    Ok(match sandbox.0.store.find(&id).await?.filter(|row| row.id == id) {
        Some(row) => checkout(&sandbox, &row),
        None => unknown(),
    })
}

async fn act(
    State(sandbox): State<Sandbox>,
    Path(id): Path<String>,
    Form(act): Form<Act>,
) -> Result<Response, Refusal> {
    if sandbox.control().down {
        return Ok(down());
    }
    let (store, options) = (&sandbox.0.store, &sandbox.0.options);
    let now = options.clock.now();
    store.advance(now).await?;
    if store.find(&id).await?.is_none_or(|row| row.id != id) {
        return Ok(unknown());
    }
    let delivery = act.delivery.unwrap_or(sandbox.control().delivery);
    let row = match act.action.as_str() {
        "cancel" => store.cancel(&id, now).await?,
        _ => store.pay(&id, act.means.unwrap_or(Means::Good), delivery, options.bank_takes, now).await?,
    };
    let Some(row) = row else { return Ok(unknown()) };
    if delivery == Delivery::Before {
        sandbox.deliver_due().await?;
    }
    Ok(match row.status {
        // To this page again by its own address, so that reloading does not send the form again.
        Status::Declined => Redirect::to(&format!("/pay/{id}")).into_response(),
        _ => Redirect::to(&row.return_url).into_response(),
    })
}

fn checkout(sandbox: &Sandbox, row: &Row) -> Response {
    let amount = Cents(row.amount).to_string();
    let back = &row.return_url;
    if !row.is_payable() {
        let said = match row.status {
            Status::Succeeded => words::over_succeeded(L),
            Status::Pending => words::over_pending(L),
            Status::Cancelled => words::over_cancelled(L),
            _ => words::over_expired(L),
        };
        let body = format!(
            "<h1>{}</h1><p>{}</p><p><a class=\"button\" href=\"{}\">{}</a></p>",
            words::over_title(L),
            said,
            escape(back),
            words::back(L)
        );
        return document(StatusCode::OK, words::over_title(L), &body, back);
    }
    let problem = row.decline.filter(|_| row.status == Status::Declined).map_or_else(String::new, |decline| {
        let said = match decline {
            Decline::ByBank => words::declined_by_bank(L),
            Decline::Funds => words::declined_funds(L),
            Decline::ExpiredCard => words::declined_expired_card(L),
            Decline::BankAccount => words::declined_bank_account(L),
        };
        format!("<div role=\"alert\" class=\"problem\"><h2>{}</h2><p>{said}</p></div>", words::declined(L))
    });
    let mut means = String::new();
    for (i, m) in Means::ALL.into_iter().enumerate() {
        let (value, label) = match m {
            Means::Good => ("good", words::good(L)),
            Means::Refused => ("refused", words::refused(L)),
            Means::Empty => ("empty", words::empty(L)),
            Means::Outdated => ("outdated", words::outdated(L)),
            Means::Slow => ("slow", words::slow(L)),
            Means::Bank => ("bank", words::bank(L)),
            Means::BadBank => ("bad_bank", words::bad_bank(L)),
            Means::ReturningBank => ("returning_bank", words::returning_bank(L)),
        };
        let checked = if i == 0 { " checked" } else { "" };
        means.push_str(&format!(
            "<label><input type=\"radio\" name=\"means\" value=\"{value}\"{checked}><span>{label}</span></label>"
        ));
    }
    let mut deliveries = String::new();
    let proposed = sandbox.control().delivery;
    for d in Delivery::ALL {
        let (value, label) = match d {
            Delivery::After => ("after", words::tell_after(L)),
            Delivery::Before => ("before", words::tell_before(L)),
            Delivery::Twice => ("twice", words::tell_twice(L)),
            Delivery::Late => ("late", words::tell_late(L)),
            Delivery::Never => ("never", words::tell_never(L)),
        };
        let selected = if d == proposed { " selected" } else { "" };
        deliveries.push_str(&format!("<option value=\"{value}\"{selected}>{label}</option>"));
    }
    let body = format!(
        "<h1>{title}</h1><p class=\"to\">{to}</p>{problem}
         <form method=\"post\">
         <fieldset><legend>{choose}</legend>{means}</fieldset>
         <p class=\"tell\"><label for=\"delivery\">{tell}</label> <select id=\"delivery\" name=\"delivery\">{deliveries}</select></p>
         <p class=\"buttons\"><button name=\"action\" value=\"pay\">{pay}</button>
         <button class=\"quiet\" name=\"action\" value=\"cancel\">{turn_back}</button></p>
         </form>",
        title = words::title(L, &amount),
        to = escape(&words::to(L, &row.description)),
        choose = words::choose(L),
        tell = words::tell(L),
        pay = words::pay(L, &amount),
        turn_back = words::turn_back(L),
    );
    document(StatusCode::OK, &words::title(L, &amount), &body, back)
}

fn unknown() -> Response {
    let body = format!("<h1>{}</h1><p>{}</p>", words::unknown_title(L), words::unknown_body(L));
    plain(StatusCode::NOT_FOUND, words::unknown_title(L), &body, "'self'")
}

fn down() -> Response {
    let body = format!("<h1>{}</h1><p>{}</p>", words::down_title(L), words::down_body(L));
    plain(StatusCode::SERVICE_UNAVAILABLE, words::down_title(L), &body, "'self'")
}

fn document(status: StatusCode, title: &str, body: &str, back: &str) -> Response {
    // Browsers check where a form's answer redirects to as well.
    let origin = url::Url::parse(back).map(|u| u.origin().ascii_serialization()).unwrap_or_default();
    plain(status, title, body, &format!("'self' {origin}"))
}

fn plain(status: StatusCode, title: &str, body: &str, form_action: &str) -> Response {
    let html = format!(
        "<!DOCTYPE html><html lang=\"en-US\"><head><meta charset=\"utf-8\">
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"><meta name=\"color-scheme\" content=\"light dark\">
         <title>{title} · {company}</title><link rel=\"icon\" href=\"data:,\"><style>{STYLE}</style></head>
         <body><header><span>{company}</span></header><main>{body}</main><footer><p>{test}</p></footer></body></html>",
        company = words::company(L),
        test = words::test_mode(L),
    );
    let policy = format!(
        "default-src 'none'; style-src 'sha256-{}'; img-src data:; form-action {form_action}; frame-ancestors 'none'; base-uri 'none'",
        style_hash()
    );
    let mut headers = HeaderMap::new();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    if let Ok(policy) = HeaderValue::from_str(&policy) {
        headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    (status, headers, Html(html)).into_response()
}

/// The hash by which the policy lets the page's own style through.
fn style_hash() -> String {
    use base64::Engine;
    use sha2::{Digest, Sha256};
    base64::engine::general_purpose::STANDARD.encode(Sha256::digest(STYLE))
}

/// Makes a text safe inside elements and quoted attributes.
fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c => out.push(c),
        }
    }
    out
}

const STYLE: &str = ":root{color-scheme:light dark;--ink:#1d1b2e;--paper:#f4f2fb;--sheet:#fff;--line:#8a84a8;--act:#4b3bbd;--on:#fff;--bad:#a3162c}
@media (prefers-color-scheme:dark){:root{--ink:#eceaf7;--paper:#15131f;--sheet:#211e30;--line:#7f7a99;--act:#b5a9ff;--on:#17131f;--bad:#ff9aa8}}
*{box-sizing:border-box}body{margin:0;background:var(--paper);color:var(--ink);font:1rem/1.5 Georgia,'Times New Roman',serif}
header,main,footer{max-width:34rem;margin:0 auto;padding:1rem 1.25rem}header span{font-weight:700;letter-spacing:.02em;color:var(--act)}
main{background:var(--sheet);border:1px solid var(--line);border-radius:2px}h1{font-size:1.75rem;margin:.25rem 0}h2{font-size:1.1rem;margin:0}
.to{margin:0 0 1rem}fieldset{border:0;border-top:1px solid var(--line);padding:.75rem 0;margin:0}legend{font-weight:700;padding:0 .5rem 0 0}
label{display:flex;gap:.75rem;align-items:center;min-height:44px}.tell label{display:inline}input{width:1.25rem;height:1.25rem;accent-color:var(--act);flex:none}
select{font:inherit;min-height:44px;max-width:100%;background:var(--sheet);color:var(--ink);border:1px solid var(--line)}
button,.button{font:inherit;font-weight:700;display:inline-block;min-height:44px;padding:.6rem 1.25rem;background:var(--act);color:var(--on);border:1px solid var(--act);border-radius:2px;text-decoration:none;cursor:pointer}
.quiet{background:transparent;color:var(--act)}.buttons{display:flex;flex-wrap:wrap;gap:.75rem}:focus-visible{outline:3px solid var(--act);outline-offset:2px}
.problem{border-left:4px solid var(--bad);padding:.5rem 1rem;margin:0 0 1rem}.problem h2{color:var(--bad)}footer{font-size:.9rem}";
