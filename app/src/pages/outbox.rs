//! The demo's outbox: mails that would have gone out, with links that can be followed.

use contract::mail::MailView;
use leptos::prelude::*;
use locales::{format, outbox};

use crate::api;
use crate::components::{PublicPage, loaded};
use crate::i18n::use_lang;

/// The page.
#[component]
pub fn Outbox() -> impl IntoView {
    let model = Resource::new(|| (), |()| api::outbox::list());
    loaded(model, |mails: Vec<MailView>| {
        let lang = use_lang();
        view! {
            <PublicPage title=outbox::title(lang)>
                <div class="stack-large">
                    <p class="lead">{outbox::lead(lang)}</p>
                    <p><a class="button second" rel="external" href="/outbox">{outbox::again(lang)}</a></p>
                    {mails.is_empty().then(|| view! { <p>{outbox::none(lang)}</p> })}
                    {mails.into_iter().map(|mail| view! { <Mail mail/> }).collect_view()}
                </div>
            </PublicPage>
        }
    })
}

/// One mail as it would have arrived.
#[component]
fn Mail(mail: MailView) -> impl IntoView {
    let lang = use_lang();
    let id = format!("mail-{}", mail.id);
    let labelled = id.clone();
    let lines = mail
        .body
        .lines()
        .map(|line| {
            let link = line.trim();
            if link.starts_with("http://") || link.starts_with("https://") {
                let (href, text) = (link.to_owned(), link.to_owned());
                view! { <a rel="external" href=href>{text}</a> "\n" }.into_any()
            } else {
                view! { {line.to_owned()} "\n" }.into_any()
            }
        })
        .collect_view();
    view! {
        <article class="card mail" aria-labelledby=labelled>
            <h2 id=id>{mail.subject}</h2>
            <p class="muted small">
                {outbox::to(lang, mail.to)}
                " · "
                {outbox::when(lang, format::day(lang, mail.at.date()), format::time(lang, mail.at))}
            </p>
            <div class="letter">{lines}</div>
        </article>
    }
}
