//! Paying. Beginning a payment is a plain route of the server: it ends on another origin.

use contract::AppError;
use contract::payments::{CardView, GuestPayView, GuestPaymentView, PayView, PaymentView, SetupCardView};
use leptos::prelude::*;

/// What may be paid.
#[server(prefix = "/api", endpoint = "pay", input = server_fn::codec::GetUrl)]
pub async fn form(account: String) -> Result<PayView, AppError> {
    let (cx, who) = crate::server::caller()?;
    crate::server::answer(services::payments::form(&cx, &who, &account).await)
}

/// One payment.
#[server(prefix = "/api", endpoint = "payment", input = server_fn::codec::GetUrl)]
pub async fn payment(account: String, number: String) -> Result<PaymentView, AppError> {
    let (cx, who) = crate::server::caller()?;
    crate::server::answer(services::payments::show(&cx, &who, &account, &number).await)
}

/// What a guest may pay.
#[server(prefix = "/api", endpoint = "guest-pay", input = server_fn::codec::GetUrl)]
pub async fn guest_form(token: String) -> Result<GuestPayView, AppError> {
    let (cx, who) = crate::server::caller()?;
    crate::server::answer(services::payments::guest::form(&cx, &who, &crate::server::sender(), &token).await)
}

/// One payment of a guest.
#[server(prefix = "/api", endpoint = "guest-payment", input = server_fn::codec::GetUrl)]
pub async fn guest_payment(token: String, number: String) -> Result<GuestPaymentView, AppError> {
    let (cx, who) = crate::server::caller()?;
    let from = crate::server::sender();
    crate::server::answer(services::payments::guest::show(&cx, &who, &from, &token, &number).await)
}

/// The processor's fields for a payment.
#[server(prefix = "/api", endpoint = "payment-card", input = server_fn::codec::GetUrl)]
pub async fn card(account: String, number: String) -> Result<CardView, AppError> {
    let (cx, who) = crate::server::caller()?;
    crate::server::answer(services::payments::card::card(&cx, &who, &account, &number).await)
}

/// The processor's fields for a way to pay that is saved.
#[server(prefix = "/api", endpoint = "method-card", input = server_fn::codec::GetUrl)]
pub async fn setup_card(account: String, reference: String) -> Result<SetupCardView, AppError> {
    let (cx, who) = crate::server::caller()?;
    crate::server::answer(services::payments::card::setup_card(&cx, &who, &account, &reference).await)
}

/// The processor's fields for a payment of a guest.
#[server(prefix = "/api", endpoint = "guest-payment-card", input = server_fn::codec::GetUrl)]
pub async fn guest_card(token: String, number: String) -> Result<CardView, AppError> {
    let (cx, who) = crate::server::caller()?;
    let from = crate::server::sender();
    crate::server::answer(services::payments::card::guest_card(&cx, &who, &from, &token, &number).await)
}
