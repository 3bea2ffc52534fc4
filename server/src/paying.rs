//! Forms of saved ways to pay, scheduled payments and autopay, as plain routes. Saving one ends on the processor's origin.

use app::routes::to;
use axum::Router;
use axum::extract::{Extension, Form, State};
use axum::response::Response;
use axum::routing::post;
use contract::form::Done;
use contract::saved::ConfirmView;
use contract::{AppError, Field, Problem};
use domain::money::Cents;
use serde::Deserialize;
use services::payments::later::{self, Choice, Wanted};
use services::payments::{Go, methods};
use services::{Cx, Principal, payments};

use crate::http::answer::see_other;
use crate::http::{Refused, done};

/// The routes.
pub fn routes(cx: Cx) -> Router {
    Router::new()
        .route("/api/pay/now", post(now))
        .route("/api/pay/plan", post(plan))
        .route("/api/pay/schedule", post(schedule))
        .route("/api/pay/change", post(change))
        .route("/api/pay/cancel", post(cancel))
        .route("/api/methods/add", post(add))
        .route("/api/methods/remove", post(remove))
        .route("/api/autopay/enrol", post(enrol))
        .route("/api/autopay/leave", post(leave))
        .route("/api/autopay/answer", post(answer))
        .route("/api/autopay/carry-on", post(carry_on))
        .with_state(cx)
}

#[derive(Deserialize)]
struct Sent {
    account: String,
    #[serde(default)]
    form_key: String,
    #[serde(default)]
    with: String,
    #[serde(default)]
    pay: String,
    /// What was owed when the person looked, in cents.
    #[serde(default)]
    owed: String,
    #[serde(default)]
    id: String,
    #[serde(default)]
    on1: String,
    #[serde(default)]
    amount1: String,
    #[serde(default)]
    on2: String,
    #[serde(default)]
    amount2: String,
    #[serde(default)]
    on3: String,
    #[serde(default)]
    amount3: String,
    #[serde(default)]
    on4: String,
    #[serde(default)]
    amount4: String,
    #[serde(default)]
    instead: String,
    #[serde(default)]
    days_before: String,
    #[serde(default)]
    limit: String,
    #[serde(default)]
    brake: String,
    #[serde(default)]
    today: String,
    #[serde(default)]
    answer: String,
}

fn key(text: &str) -> Result<i64, AppError> {
    text.parse().map_err(|_| AppError::NotFound)
}

fn method(text: &str) -> Result<i64, AppError> {
    text.parse().map_err(|_| AppError::field(Field::Method, Problem::NoMatch))
}

impl Sent {
    fn wanted(&self) -> Result<Wanted, AppError> {
        let parts = [
            (&self.on1, &self.amount1),
            (&self.on2, &self.amount2),
            (&self.on3, &self.amount3),
            (&self.on4, &self.amount4),
        ];
        Ok(Wanted {
            method: method(&self.with)?,
            parts: parts.into_iter().map(|(on, amount)| (on.clone(), amount.clone())).collect(),
            key: self.form_key.clone(),
        })
    }
}

/// The page that says what is about to happen.
#[must_use]
pub fn confirm_page(view: &ConfirmView) -> String {
    let part = |p: &contract::saved::ConfirmPart| {
        let on = p.on.map_or_else(|| "now".to_owned(), |on| on.to_string());
        format!("{on}:{}", p.amount.to_string().replace(['$', ','], ""))
    };
    let parts: Vec<String> = view.parts.iter().map(part).collect();
    to::confirm(&view.head.number, view.method.id, &parts.join(","))
}

/// Pays now with a saved way to pay.
async fn now(
    State(cx): State<Cx>,
    Extension(who): Extension<Principal>,
    Form(f): Form<Sent>,
) -> Result<Response, Refused> {
    let amount = f.pay.strip_prefix("now:").unwrap_or_default();
    let owed = f.owed.parse().ok().map(Cents);
    let what = (method(&f.with)?, amount);
    Ok(match payments::pay_now(&cx, &who, &f.account, what, owed, &f.form_key).await? {
        Go::Processor(url) => see_other(&url),
        Go::Payment(number) => see_other(&to::payment(&f.account, &number)),
    })
}

/// Looks at what is to be scheduled and leads to the page that says what it means.
async fn plan(
    State(cx): State<Cx>,
    Extension(who): Extension<Principal>,
    Form(f): Form<Sent>,
) -> Result<Response, Refused> {
    if matches!(who, Principal::ViewAs { .. }) {
        return Err(AppError::ViewAsReadOnly.into());
    }
    let view = later::confirm(&cx, &who, &f.account, &f.wanted()?).await?;
    Ok(see_other(&confirm_page(&view)))
}

async fn schedule(
    State(cx): State<Cx>,
    Extension(who): Extension<Principal>,
    Form(f): Form<Sent>,
) -> Result<Response, Refused> {
    let wanted = Wanted { key: f.form_key.clone(), ..Wanted::read(method(&f.with)?, &f.pay) };
    later::schedule_parts(&cx, &who, &f.account, &wanted).await?;
    Ok(done(&to::scheduled(&f.account), Done::Sent))
}

async fn change(
    State(cx): State<Cx>,
    Extension(who): Extension<Principal>,
    Form(f): Form<Sent>,
) -> Result<Response, Refused> {
    later::change(&cx, &who, &f.account, key(&f.id)?, &f.wanted()?).await?;
    Ok(done(&to::scheduled(&f.account), Done::Saved))
}

async fn cancel(
    State(cx): State<Cx>,
    Extension(who): Extension<Principal>,
    Form(f): Form<Sent>,
) -> Result<Response, Refused> {
    later::cancel_scheduled(&cx, &who, &f.account, key(&f.id)?).await?;
    Ok(done(&to::scheduled(&f.account), Done::Removed))
}

/// Leads to the processor's page, to save a way to pay there.
async fn add(
    State(cx): State<Cx>,
    Extension(who): Extension<Principal>,
    Form(f): Form<Sent>,
) -> Result<Response, Refused> {
    Ok(see_other(&methods::add(&cx, &who, &f.account, &f.form_key).await?))
}

async fn remove(
    State(cx): State<Cx>,
    Extension(who): Extension<Principal>,
    Form(f): Form<Sent>,
) -> Result<Response, Refused> {
    let instead = match f.instead.as_str() {
        "" | "end" => None,
        other => Some(method(other)?),
    };
    methods::remove(&cx, &who, &f.account, key(&f.id)?, instead).await?;
    Ok(done(&to::methods(&f.account), Done::Removed))
}

async fn enrol(
    State(cx): State<Cx>,
    Extension(who): Extension<Principal>,
    Form(f): Form<Sent>,
) -> Result<Response, Refused> {
    let choice = Choice {
        method: method(&f.with)?,
        days_before: f.days_before,
        limit: f.limit,
        brake: f.brake,
        today_too: match f.today.as_str() {
            "take" => Some(true),
            "leave" => Some(false),
            _ => None,
        },
        key: f.form_key,
    };
    let ran = later::enrol(&cx, &who, &f.account, &choice).await?;
    Ok(done(&to::autopay(&f.account), if ran { Done::Saved } else { Done::Sent }))
}

async fn leave(
    State(cx): State<Cx>,
    Extension(who): Extension<Principal>,
    Form(f): Form<Sent>,
) -> Result<Response, Refused> {
    later::leave(&cx, &who, &f.account).await?;
    Ok(done(&to::autopay(&f.account), Done::Removed))
}

async fn answer(
    State(cx): State<Cx>,
    Extension(who): Extension<Principal>,
    Form(f): Form<Sent>,
) -> Result<Response, Refused> {
    let go_on = f.answer == "go";
    let with = match f.with.as_str() {
        "" => None,
        other => Some(method(other)?),
    };
    later::answer(&cx, &who, &f.account, key(&f.id)?, go_on, with.filter(|_| go_on)).await?;
    Ok(done(&to::autopay(&f.account), Done::Kept))
}

async fn carry_on(
    State(cx): State<Cx>,
    Extension(who): Extension<Principal>,
    Form(f): Form<Sent>,
) -> Result<Response, Refused> {
    later::carry_on(&cx, &who, &f.account, &f.form_key).await?;
    Ok(done(&to::autopay(&f.account), Done::Sent))
}
