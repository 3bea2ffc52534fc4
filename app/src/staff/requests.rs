//! Service requests: the list of what waits, and one request with its answer.

use contract::form::FormState;
use contract::requests::{EntryView, QueueView, StaffRequestView};
use contract::{AppError, Field};
use domain::request::{Kind, Status, Step};
use leptos::prelude::*;
use locales::{Lang, format, help, staff_requests as words};

use super::layout::{StaffFrame, layout};
use crate::components::TextField;
use crate::i18n::use_lang;
use crate::pages::help::{StatusTag, kind_text};

/// The list.
pub fn queue_page(frame: &StaffFrame, view: QueueView) -> impl IntoView + use<> {
    let lang = use_lang();
    let QueueView { lines, counts, status, kind } = view;
    let tab = move |of: Option<Status>, text: String| {
        let href = address(of, kind);
        view! { <a href=href aria-current=(of == status).then_some("page")>{text}</a> }
    };
    let empty = lines.is_empty();
    let content = view! {
        <nav class="tabs" aria-label=words::narrow(lang)>
            {tab(Some(Status::Open), words::open(lang, counts[0]))}
            {tab(Some(Status::Answered), words::answered(lang, counts[1]))}
            {tab(Some(Status::Closed), words::closed(lang, counts[2]))}
            {tab(None, words::all(lang).to_owned())}
        </nav>
        <form method="get" action="/staff/requests" class="row">
            <input type="hidden" name="status" value=status.map_or("all", Status::name)/>
            <label for="kind">{words::kind(lang)}</label>
            <select id="kind" name="kind">
                <option value="">{words::any_kind(lang)}</option>
                {Kind::ALL
                    .map(|k| view! { <option value=k.name() selected=kind == Some(k)>{kind_text(lang, k)}</option> })
                    .into_iter()
                    .collect_view()}
            </select>
            <button class="button second" type="submit">{words::show(lang)}</button>
        </form>
        {empty.then(|| view! { <p class="muted">{words::none(lang)}</p> })}
        {(!empty).then(|| view! {
            <div class="scroll" tabindex="0" role="region" aria-label=words::title(lang)>
                <table class="dense">
                    <thead>
                        <tr>
                            <th scope="col">{words::number(lang)}</th>
                            <th scope="col">{words::about(lang)}</th>
                            <th scope="col">{words::account(lang)}</th>
                            <th scope="col">{words::waits(lang)}</th>
                            <th scope="col">{words::status(lang)}</th>
                        </tr>
                    </thead>
                    <tbody>
                        {lines
                            .into_iter()
                            .map(|line| {
                                let href = format!("/staff/requests/{}", line.number);
                                let account = format!("/staff/accounts/{}", line.account);
                                view! {
                                    <tr>
                                        <td><a href=href data-row="">{line.number}</a></td>
                                        <td>
                                            <strong>{kind_text(lang, line.kind)}</strong>
                                            <br/>
                                            <span class="muted">{line.message}</span>
                                        </td>
                                        <td><a href=account>{line.account}</a> <br/> {line.name}</td>
                                        <td>{waiting(lang, line.hours_waiting)}</td>
                                        <td><StatusTag status=line.status/></td>
                                    </tr>
                                }
                            })
                            .collect_view()}
                    </tbody>
                </table>
            </div>
        })}
    };
    layout(frame, words::title(lang), None, content)
}

fn address(status: Option<Status>, kind: Option<Kind>) -> String {
    format!("/staff/requests?status={}&kind={}", status.map_or("all", Status::name), kind.map_or("", Kind::name))
}

/// Hours below two days, then days.
fn waiting(lang: Lang, hours: i64) -> String {
    if hours < 48 { words::hours(lang, hours) } else { words::days(lang, hours / 24) }
}

/// One request, with the form to answer or close it.
pub fn request_page(frame: &StaffFrame, view: StaffRequestView, state: FormState) -> impl IntoView + use<> {
    let lang = use_lang();
    let account = format!("/staff/accounts/{}", view.account);
    let action = format!("/staff/requests/{}", view.number);
    let photos = format!("/staff/requests/{}/photo", view.number);
    let title = words::request_title(lang, kind_text(lang, view.kind), &view.number);
    let closed = view.status == Status::Closed;
    let error: Option<AppError> = state.error.clone();
    let content = view! {
        <p class="row">
            <StatusTag status=view.status/>
            <span>{words::asked_by(lang, view.asked_by)}</span>
            <a href=account>{words::of_account(lang, view.account, view.account_name)}</a>
        </p>
        <ol class="timeline" role="list">
            {view.timeline.into_iter().map(|entry| one(lang, &photos, entry)).collect_view()}
        </ol>
        <form method="post" action=action class="stack">
            <input type="hidden" name="form_key" value=view.form_key/>
            <TextField
                field=Field::Message
                label=words::answer(lang)
                hint=words::answer_hint(lang)
                lines=6
                optional=true
                depends=true
                state=state
            />
            <p class="row">
                <button type="submit" name="action" value="answer">{words::send(lang)}</button>
                {(!closed).then(|| view! {
                    <button class="second" type="submit" name="action" value="close">{words::close(lang)}</button>
                })}
            </p>
        </form>
    };
    layout(frame, &title, error, content)
}

fn one(lang: Lang, photos: &str, entry: EntryView) -> impl IntoView + use<> {
    let (class, who) = match entry.step {
        Step::ResidentWrote => ("mine", help::wrote(lang, &entry.by)),
        Step::StaffAnswered => ("theirs", help::answered(lang, &entry.by)),
        Step::StaffClosed => ("theirs", help::closed_by(lang, &entry.by)),
    };
    let day = format::day(lang, entry.at.date());
    let alt = help::photo_alt(lang, &day);
    let photos = photos.to_owned();
    view! {
        <li class=class>
            <p>
                <strong>{who}</strong>
                " "
                <span class="muted small">{help::changed(lang, &day, format::time(lang, entry.at))}</span>
            </p>
            {(!entry.message.is_empty()).then(|| view! { <p class="words">{entry.message}</p> })}
            {entry.photo.map(|id| {
                let href = format!("{photos}/{}", id.0);
                let src = href.clone();
                view! {
                    <a class="photo" href=href>
                        <img src=src alt=alt width="240" height="180"/>
                        <span>{help::photo_open(lang)}</span>
                    </a>
                }
            })}
        </li>
    }
}
