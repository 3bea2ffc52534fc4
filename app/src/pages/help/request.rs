//! One request: what happened so far, and the reply.

use contract::Field;
use contract::form::Done;
use contract::requests::{EntryView, RequestView};
use domain::request::{Status, Step};
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;
use locales::{format, help};

use super::{PhotoField, StatusTag, kind_text};
use crate::api;
use crate::components::{AccountPage, Glyph, Icon, PostForm, Section, TextField, loaded};
use crate::i18n::use_lang;
use crate::routes::to;

/// The page.
#[component]
pub fn Request() -> impl IntoView {
    let state = api::form::use_form_state();
    let params = use_params_map();
    let which = move || params.with(|p| (p.get("account").unwrap_or_default(), p.get("number").unwrap_or_default()));
    let model = Resource::new(which, |(account, number)| api::help::show(account, number));
    loaded(model, move |model: RequestView| {
        let lang = use_lang();
        let account = model.head.number.clone();
        let back = account.clone();
        let above = ViewFn::from(move || view! { <a href=to::help(&back)>{help::back(lang)}</a> });
        let state = state.clone();
        let first = model.timeline.len() < 2;
        let sent = state.done == Some(Done::Sent);
        let number = model.number.clone();
        view! {
            <AccountPage head=model.head section=Section::Help title=kind_text(lang, model.kind) above>
                <div class="stack-large">
                    {sent.then(|| view! {
                        <div class="notice good" role="status">
                            <Icon glyph=Glyph::Done/>
                            <p>{if first { help::sent(lang) } else { help::replied(lang) }}</p>
                        </div>
                    })}
                    <p class="row"><span>{help::about(lang, &number)}</span> <StatusTag status=model.status/></p>
                    <section class="stack" aria-labelledby="timeline">
                        <h2 id="timeline">{help::timeline(lang)}</h2>
                        <ol class="timeline" role="list">
                            {model
                                .timeline
                                .into_iter()
                                .map(|entry| view! { <Entry account=account.clone() number=number.clone() entry/> })
                                .collect_view()}
                        </ol>
                    </section>
                    <section class="stack" aria-labelledby="reply">
                        <h2 id="reply">{help::reply_title(lang)}</h2>
                        {(model.status == Status::Closed).then(|| view! { <p>{help::reply_closed(lang)}</p> })}
                        <PostForm action="/api/help/reply" multipart=true state=state.clone()>
                            <input type="hidden" name="account" value=account.clone()/>
                            <input type="hidden" name="number" value=number.clone()/>
                            <input type="hidden" name="form_key" value=model.form_key/>
                            <TextField field=Field::Message label=help::reply(lang) lines=4 state=state.clone()/>
                            <PhotoField state/>
                            <p class="row send"><button type="submit">{help::reply_send(lang)}</button></p>
                        </PostForm>
                    </section>
                </div>
            </AccountPage>
        }
    })
}

/// One thing that happened.
#[component]
fn Entry(account: String, number: String, entry: EntryView) -> impl IntoView {
    let lang = use_lang();
    let (class, who) = match entry.step {
        Step::ResidentWrote => ("mine", help::wrote(lang, &entry.by)),
        Step::StaffAnswered => ("theirs", help::answered(lang, &entry.by)),
        Step::StaffClosed => ("theirs", help::closed_by(lang, &entry.by)),
    };
    let day = format::day(lang, entry.at.date());
    let alt = help::photo_alt(lang, &day);
    view! {
        <li class=class>
            <p class="head">
                <strong>{who}</strong>
                " "
                <span class="muted small">{help::changed(lang, &day, format::time(lang, entry.at))}</span>
            </p>
            {(!entry.message.is_empty()).then(|| view! { <p class="words">{entry.message}</p> })}
            {entry.photo.map(|id| {
                let href = to::photo(&account, &number, id.0);
                let src = href.clone();
                view! {
                    <a class="photo" rel="external" href=href>
                        <img src=src alt=alt loading="lazy" width="240" height="180"/>
                        <span>{help::photo_open(lang)}</span>
                    </a>
                }
            })}
        </li>
    }
}
