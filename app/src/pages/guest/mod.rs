//! Paying without signing in: find the account, choose an amount, see how it went.

use contract::Field;
use contract::payments::{GuestPayView, GuestPaymentView};
use domain::money::Cents;
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;
use locales::{Lang, auth, format, guest as text, pay};

use crate::api;
use crate::api::form::use_form_state;
use crate::components::{PostForm, PublicPage, TextField, loaded};
use crate::i18n::use_lang;
use crate::pages::pay::{Amounts, Shown, Story};
use crate::routes::to;

/// Which account.
#[component]
pub fn Find() -> impl IntoView {
    let lang = use_lang();
    let state = use_form_state();
    view! {
        <PublicPage title=text::title(lang)>
            <div class="narrow">
                <p class="lead">{text::lead(lang)}</p>
                <PostForm action="/api/guest/find" state=state.clone()>
                    <TextField
                        field=Field::AccountNumber
                        label=auth::account_number(lang)
                        hint=auth::account_number_hint(lang)
                        inputmode="numeric"
                        state=state.clone()
                    />
                    <TextField
                        field=Field::Postcode
                        label=text::postcode(lang)
                        hint=text::postcode_hint(lang)
                        inputmode="numeric"
                        autocomplete="postal-code"
                        state
                    />
                    <button class="button" type="submit">{text::find(lang)}</button>
                </PostForm>
                <p class="small"><a href="/sign-in">{text::rather_sign_in(lang)}</a></p>
            </div>
        </PublicPage>
    }
}

/// What is due, and how much of it to pay.
#[component]
pub fn Amount() -> impl IntoView {
    let params = use_params_map();
    let token = move || params.with(|p| p.get("token").unwrap_or_default());
    let state = use_form_state();
    let model = Resource::new(token, api::pay::guest_form);
    loaded(model, move |model: GuestPayView| {
        let lang = use_lang();
        let state = state.clone();
        let due = if model.balance > Cents::ZERO {
            view! {
                <p class="figure large">{model.balance.to_string()}</p>
                {model.due_on.map(|on| view! { <p>{pay::due_on(lang, format::day(lang, on))}</p> })}
            }
            .into_any()
        } else if !model.limits.is_open() {
            view! { <p class="lead">{pay::closed(lang)}</p> }.into_any()
        } else {
            view! { <p class="lead">{text::nothing_due(lang)}</p> }.into_any()
        };
        view! {
            <PublicPage title=text::amount_title(lang, &model.account)>
                <div class="narrow stack-large">
                    <div class="stack">{due}</div>
                    {model.limits.is_open().then(|| view! {
                        <PostForm action="/api/guest/pay" state>
                            <div class="stack">
                                <input type="hidden" name="token" value=token()/>
                                <input type="hidden" name="form_key" value=model.form_key.clone()/>
                                <Amounts limits=model.limits offers=model.offers.clone() chosen=model.chosen/>
                                <button type="submit">{pay::go(lang)}</button>
                                <p class="hint">{pay::go_hint(lang)}</p>
                            </div>
                        </PostForm>
                    })}
                    <p class="small"><a href="/pay">{text::other_account(lang)}</a></p>
                </div>
            </PublicPage>
        }
    })
}

/// How a payment stands.
#[component]
pub fn Payment() -> impl IntoView {
    let params = use_params_map();
    let which = move || params.with(|p| (p.get("token").unwrap_or_default(), p.get("payment").unwrap_or_default()));
    let model = Resource::new(which, |(token, number)| api::pay::guest_payment(token, number));
    loaded(model, move |view: GuestPaymentView| {
        let lang = use_lang();
        let shown = shown(lang, &which().0, view);
        view! {
            <PublicPage title=shown.title(lang)>
                <div class="narrow"><Story shown/></div>
            </PublicPage>
        }
    })
}

fn shown(lang: Lang, token: &str, view: GuestPaymentView) -> Shown {
    let left =
        if view.owed > Cents::ZERO { pay::paid_left(lang, view.owed) } else { pay::paid_nothing(lang).to_owned() };
    Shown {
        status: view.status,
        decline: view.decline,
        amount: view.amount,
        method: view.method,
        begun_at: view.begun_at,
        posted_at: view.posted_at,
        // A guest's link is long gone by then.
        returned_at: None,
        refunds: view.refunds,
        here: to::guest_payment(token, &view.number),
        number: view.number,
        account: view.account,
        posted: [text::posted(lang), " ", &left].concat(),
        receipt_to: None,
        resume: view.resume,
        saved: false,
        processor_down: view.processor_down,
        again: to::guest_pay(token),
        home: ("/pay".to_owned(), text::other_account(lang)),
    }
}
