//! The frame of a page: where one is, whose account it is, the four sections.

use contract::account::{AccountHead, ViewAsBanner};
use leptos::prelude::*;
use leptos_meta::Title;
use locales::{bills, common, viewing};

use crate::components::{Glyph, Icon};
use crate::i18n::{use_brand, use_lang};
use crate::routes::to;

/// The four sections of the portal and what belongs to the account itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Section {
    /// Home.
    Home,
    /// Usage.
    Usage,
    /// Bills and paying.
    Bills,
    /// Service requests.
    Help,
    /// Settings, sessions, who viewed.
    Account,
    /// None of them: a page that could not be shown.
    Nowhere,
}

/// A page about an account.
#[component]
pub fn AccountPage(
    /// The account.
    head: AccountHead,
    /// Which section is marked as the present one.
    section: Section,
    /// The page's heading and title.
    #[prop(into)]
    title: String,
    /// A line above the heading, such as the way back.
    #[prop(optional, into)]
    above: Option<ViewFn>,
    /// The page.
    children: Children,
) -> impl IntoView {
    let lang = use_lang();
    let brand = use_brand();
    let number = head.number.clone();
    let places = [
        (Section::Home, Glyph::Home, common::nav_home(lang), to::home(&number)),
        (Section::Usage, Glyph::Usage, common::nav_usage(lang), to::usage(&number)),
        (Section::Bills, Glyph::Bills, common::nav_bills(lang), to::bills(&number)),
        (Section::Help, Glyph::Help, common::nav_help(lang), to::help(&number)),
    ];
    let view_as = head.view_as.clone();
    let framed = view_as.is_some();
    view! {
        <Title text=title.clone()/>
        <div class="portal" class:viewing=framed>
            <a class="skip" href="#content">{common::skip_to_content(lang)}</a>
            {view_as.map(|banner| view! { <Banner banner/> })}
            <header class="top">
                <a class="brand" href=to::home(&number)>{brand.name}</a>
                {head.pay.map(|due| view! { <a class="due no-print" href=to::pay(&number)>{bills::pay_balance(lang, due)}</a> })}
                <Switcher head/>
            </header>
            <nav class="sections" aria-label=common::nav_label(lang)>
                <ul>
                    {places
                        .into_iter()
                        .map(|(at, glyph, word, href)| view! {
                            <li>
                                <a href=href aria-current=(at == section).then_some("page")>
                                    <Icon glyph/>
                                    <span>{word}</span>
                                </a>
                            </li>
                        })
                        .collect_view()}
                </ul>
            </nav>
            <main id="content" tabindex="-1">
                {above.map(|v| view! { <div class="above">{v.run()}</div> })}
                <h1>{title}</h1>
                {children()}
            </main>
            <footer class="foot">
                <p>{common::footer(lang, brand.phone)}</p>
            </footer>
        </div>
    }
}

/// The account that is open, the others, and what belongs to the person.
#[component]
fn Switcher(head: AccountHead) -> impl IntoView {
    let lang = use_lang();
    let number = head.number;
    let viewing = head.view_as.is_some();
    view! {
        <details class="switcher">
            <summary>
                <Icon glyph=Glyph::Account/>
                <span class="who">
                    <span class="street">{head.street}</span>
                    <span class="number">{common::account_number(lang, &number)}</span>
                </span>
                <Icon glyph=Glyph::Down/>
            </summary>
            <div class="sheet">
                <p class="name">{head.name}</p>
                <ul>
                    {head
                        .others
                        .into_iter()
                        .map(|other| view! {
                            <li>
                                <a href=to::home(&other.number)>
                                    {common::switch_to(lang, other.street)}
                                    <span class="muted">{other.number.clone()}</span>
                                </a>
                            </li>
                        })
                        .collect_view()}
                    <li><a href=to::settings(&number)>{common::nav_settings(lang)}</a></li>
                    <li><a href=to::activity(&number)>{common::nav_activity(lang)}</a></li>
                </ul>
                {(!viewing).then(|| view! {
                    <form method="post" action="/api/sign-out">
                        <button class="quiet" type="submit">{common::sign_out(lang)}</button>
                    </form>
                })}
            </div>
        </details>
    }
}

/// The frame of view-as: who looks, at whom, why, how long still, and the way out.
#[component]
fn Banner(banner: ViewAsBanner) -> impl IntoView {
    let lang = use_lang();
    view! {
        <aside class="viewing-banner" role="status" aria-label=viewing::label(lang)>
            <Icon glyph=Glyph::Eye/>
            <p>
                <strong>{viewing::who(lang, banner.subject_name, banner.staff_name)}</strong>
                " "
                {viewing::why(lang, i64::from(banner.minutes_left), banner.reason)}
            </p>
            <form method="post" action="/view-as/leave">
                <button type="submit">{viewing::leave(lang)}</button>
            </form>
        </aside>
    }
}

/// A page for someone who is not signed in, or in place of one that cannot be shown.
#[component]
pub fn PublicPage(
    /// The page's heading and title.
    #[prop(into)]
    title: String,
    /// The page.
    children: Children,
) -> impl IntoView {
    let lang = use_lang();
    let brand = use_brand();
    view! {
        <Title text=title.clone()/>
        <div class="public">
            <a class="skip" href="#content">{common::skip_to_content(lang)}</a>
            <header class="top"><a class="brand" href="/">{brand.name}</a></header>
            <main id="content" tabindex="-1">
                <h1>{title}</h1>
                {children()}
            </main>
            <footer class="foot"><p>{common::footer(lang, brand.phone)}</p></footer>
        </div>
    }
}
