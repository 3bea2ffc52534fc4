//! The list of requests, and the form for a new one.

use contract::Field;
use contract::requests::{HelpView, RequestSummary};
use domain::request::Kind;
use leptos::prelude::*;
use locales::{format, help};

use super::{PhotoField, StatusTag, kind_text};
use crate::api;
use crate::components::{AccountPage, Choice, Glyph, Icon, PostForm, Section, TextField, loaded};
use crate::i18n::{use_brand, use_lang};
use crate::pages::account_number;
use crate::routes::to;

/// The page.
#[component]
pub fn Help() -> impl IntoView {
    let state = api::form::use_form_state();
    let model = Resource::new(account_number(), api::help::list);
    loaded(model, move |model: HelpView| {
        let lang = use_lang();
        let phone = use_brand().phone;
        let account = model.head.number.clone();
        let state = state.clone();
        let kinds = Kind::ALL.map(|k| (k.name().to_owned(), kind_text(lang, k).to_owned())).to_vec();
        view! {
            <AccountPage head=model.head section=Section::Help title=help::title(lang)>
                <div class="stack-large">
                    <div class="notice bad"><Icon glyph=Glyph::Notice/><p>{help::urgent(lang, phone)}</p></div>
                    <section class="stack" aria-labelledby="yours">
                        <h2 id="yours">{help::yours(lang)}</h2>
                        <Requests account=account.clone() requests=model.requests/>
                    </section>
                    <section class="stack" aria-labelledby="new">
                        <h2 id="new">{help::new(lang)}</h2>
                        <PostForm action="/api/help/start" multipart=true state=state.clone()>
                            <input type="hidden" name="account" value=account/>
                            <input type="hidden" name="form_key" value=model.form_key/>
                            <Choice field=Field::RequestKind legend=help::kind(lang) options=kinds state=state.clone()/>
                            <TextField
                                field=Field::Message
                                label=help::message(lang)
                                hint=help::message_hint(lang)
                                lines=6
                                state=state.clone()
                            />
                            <PhotoField state/>
                            <p class="row send"><button type="submit">{help::send(lang)}</button></p>
                        </PostForm>
                    </section>
                </div>
            </AccountPage>
        }
    })
}

/// Newest first; or what will be here.
#[component]
fn Requests(account: String, requests: Vec<RequestSummary>) -> impl IntoView {
    let lang = use_lang();
    if requests.is_empty() {
        return view! {
            <p><strong>{help::none_title(lang)}</strong></p>
            <p class="muted">{help::none_body(lang)}</p>
        }
        .into_any();
    }
    view! {
        <ul class="list requests" role="list">
            {requests
                .into_iter()
                .map(|r| {
                    let at = r.changed_at;
                    let href = to::request(&account, &r.number);
                    view! {
                        <li>
                            <a href=href>
                                <span class="what">
                                    <strong>{kind_text(lang, r.kind)}</strong>
                                    <span class="muted small">
                                        {r.number} " · " {help::changed(lang, format::day(lang, at.date()), format::time(lang, at))}
                                    </span>
                                </span>
                                <StatusTag status=r.status/>
                            </a>
                        </li>
                    }
                })
                .collect_view()}
        </ul>
    }
    .into_any()
}
