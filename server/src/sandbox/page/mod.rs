//! The hosted pages: another company's look, plain HTML without any script, and nothing that a portal's style could touch.

use std::fmt::Write as _;

use axum::Router;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::get;
use domain::payment::Decline;
use locales::{Lang, sandbox as words};
use serde::Deserialize;

use super::{Delivery, Means, Sandbox};

mod checkout;
mod clock;
mod setup;

const L: Lang = Lang::En;

pub fn routes() -> Router<Sandbox> {
    Router::new()
        .route("/pay/{id}", get(checkout::show).post(checkout::act))
        .route("/save/{id}", get(setup::show).post(setup::act))
        .route("/clock", get(clock::show).post(clock::act))
        .route("/health/live", get(|| async { "ok" }))
}

/// What the buttons of a page send.
#[derive(Debug, Deserialize)]
struct Act {
    action: String,
    means: Option<Means>,
    delivery: Option<Delivery>,
}

/// What went wrong at the last try.
fn problem(decline: Option<Decline>) -> String {
    decline.map_or_else(String::new, |decline| {
        let said = match decline {
            Decline::ByBank | Decline::NeedsPerson | Decline::MethodGone => words::declined_by_bank(L),
            Decline::Funds => words::declined_funds(L),
            Decline::ExpiredCard => words::declined_expired_card(L),
            Decline::BankAccount => words::declined_bank_account(L),
        };
        format!("<div role=\"alert\" class=\"problem\"><h2>{}</h2><p>{said}</p></div>", words::declined(L))
    })
}

/// The cards and accounts to choose from, and when the merchant is to hear of it.
fn choices(sandbox: &Sandbox) -> String {
    let mut means = String::new();
    for (i, m) in Means::ALL.into_iter().enumerate() {
        let (value, label) = match m {
            Means::Good => ("good", words::good(L)),
            Means::Challenge => ("challenge", words::challenge(L)),
            Means::Refused => ("refused", words::refused(L)),
            Means::Empty => ("empty", words::empty(L)),
            Means::Outdated => ("outdated", words::outdated(L)),
            Means::Expiring => ("expiring", words::expiring(L)),
            Means::RefusedLater => ("refused_later", words::refused_later(L)),
            Means::Slow => ("slow", words::slow(L)),
            Means::NoRefund => ("no_refund", words::no_refund(L)),
            Means::Bank => ("bank", words::bank(L)),
            Means::BadBank => ("bad_bank", words::bad_bank(L)),
            Means::ReturningBank => ("returning_bank", words::returning_bank(L)),
        };
        let checked = if i == 0 { " checked" } else { "" };
        let _ = write!(
            means,
            "<label><input type=\"radio\" name=\"means\" value=\"{value}\"{checked}><span>{label}</span></label>"
        );
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
        let _ = write!(deliveries, "<option value=\"{value}\"{selected}>{label}</option>");
    }
    format!(
        "<fieldset><legend>{choose}</legend>{means}</fieldset>
         <p class=\"tell\"><label for=\"delivery\">{tell}</label> <select id=\"delivery\" name=\"delivery\">{deliveries}</select></p>
         <p>{clock} <a href=\"/clock\">{clock_link}</a></p>",
        choose = words::choose(L),
        tell = words::tell(L),
        clock = words::clock_hint(L),
        clock_link = words::clock_link(L),
    )
}

/// What the bank asks the person to confirm (3-D Secure).
fn challenge(means: Means, about: &str, back: &str) -> Response {
    let body = format!(
        "<h1>{title}</h1><p>{about}</p><p>{body}</p>
         <form method=\"post\"><p class=\"buttons\"><button name=\"action\" value=\"confirm\">{yes}</button>
         <button class=\"quiet\" name=\"action\" value=\"refuse\">{no}</button></p></form>",
        title = words::challenge_title(L),
        about = escape(about),
        body = words::challenge_body(L, means.label()),
        yes = words::challenge_yes(L),
        no = words::challenge_no(L),
    );
    document(StatusCode::OK, words::challenge_title(L), &body, back)
}

/// Two buttons: the one that does it and the one that turns back.
fn buttons(pay: &str) -> String {
    format!(
        "<p class=\"buttons\"><button name=\"action\" value=\"pay\">{pay}</button>
         <button class=\"quiet\" name=\"action\" value=\"cancel\">{}</button></p>",
        words::turn_back(L)
    )
}

/// A page that is past its use, and the way back.
fn over(title: &str, said: &str, back: &str) -> Response {
    let body = format!(
        "<h1>{title}</h1><p>{said}</p><p><a class=\"button\" href=\"{}\">{}</a></p>",
        escape(back),
        words::back(L)
    );
    document(StatusCode::OK, title, &body, back)
}

pub(super) fn unknown() -> Response {
    let body = format!("<h1>{}</h1><p>{}</p>", words::unknown_title(L), words::unknown_body(L));
    plain(StatusCode::NOT_FOUND, words::unknown_title(L), &body, "'self'")
}

pub(super) fn down() -> Response {
    let body = format!("<h1>{}</h1><p>{}</p>", words::down_title(L), words::down_body(L));
    plain(StatusCode::SERVICE_UNAVAILABLE, words::down_title(L), &body, "'self'")
}

pub(super) fn document(status: StatusCode, title: &str, body: &str, back: &str) -> Response {
    // Browsers check where a form's answer redirects to as well.
    let origin = url::Url::parse(back).map(|u| u.origin().ascii_serialization()).unwrap_or_default();
    plain(status, title, body, &format!("'self' {origin}"))
}

pub(super) fn plain(status: StatusCode, title: &str, body: &str, form_action: &str) -> Response {
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
pub(super) fn escape(text: &str) -> String {
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
