//! The frame of a staff page.

use contract::AppError;
use leptos::prelude::*;
use locales::staff;

use crate::components::FormErrors;
use crate::i18n::{Brand, use_lang};

/// What the frame of a staff page needs.
#[derive(Clone, Debug)]
pub struct StaffFrame {
    /// Whose portal it is.
    pub brand: Brand,
    /// Address of the style sheet.
    pub css: String,
    /// Address of the script.
    pub js: String,
    /// The nonce of this answer.
    pub nonce: String,
    /// The signed-in employee; `None` on the sign-in page.
    pub me: Option<String>,
    /// What is searched for, kept in the search box.
    pub search: String,
}

/// A whole staff page.
pub fn layout<C: IntoView + 'static>(
    frame: &StaffFrame,
    title: &str,
    error: Option<AppError>,
    content: C,
) -> impl IntoView + use<C> {
    let lang = use_lang();
    let StaffFrame { brand, css, js, nonce, me, search } = frame.clone();
    let title = title.to_owned();
    let heading = title.clone();
    // Text put in as a child leaves a mark behind it, which a title shows as it is.
    let name = staff::page_title(lang, title, &brand.name).replace('&', "&amp;").replace('<', "&lt;");
    view! {
        <html lang=lang.tag()>
            <head>
                <meta charset="utf-8"/>
                <meta name="viewport" content="width=device-width, initial-scale=1"/>
                <meta name="color-scheme" content="light dark"/>
                <meta name="robots" content="noindex"/>
                <title inner_html=name></title>
                <link rel="icon" type="image/svg+xml" href="/favicon.svg"/>
                <link rel="stylesheet" href=css/>
                <script defer nonce=nonce src=js></script>
            </head>
            <body class="staff">
                <a class="skip" href="#content">{locales::common::skip_to_content(lang)}</a>
                <header class="staff-top">
                    <a class="brand" href="/staff">{staff::brand(lang, &brand.name)}</a>
                    {me.map(|name| view! {
                        <form class="staff-search" method="get" action="/staff" role="search">
                            <label class="visually-hidden" for="q">{staff::search_label(lang)}</label>
                            <input
                                id="q"
                                name="q"
                                type="search"
                                value=search
                                placeholder=staff::search_label(lang)
                                autocomplete="off"
                                data-key="/"
                            />
                            <button class="button second" type="submit">{staff::search(lang)}</button>
                        </form>
                        <nav aria-label=staff::nav(lang)>
                            <a href="/staff/requests">{staff::requests(lang)}</a>
                            " "
                            <a href="/staff/readings">{locales::staff_readings::short(lang)}</a>
                            " "
                            <a href="/staff/bills">{locales::staff_billing::changed(lang)}</a>
                            " "
                            <a href="/staff/prices">{locales::staff_billing::prices(lang)}</a>
                        </nav>
                        <form method="post" action="/staff/sign-out" class="staff-me">
                            <span>{name}</span>
                            <button class="button quiet" type="submit">{locales::common::sign_out(lang)}</button>
                        </form>
                    })}
                </header>
                <main id="content" tabindex="-1">
                    <h1>{heading}</h1>
                    {error.map(|error| view! { <FormErrors error/> })}
                    {content}
                </main>
            </body>
        </html>
    }
}
