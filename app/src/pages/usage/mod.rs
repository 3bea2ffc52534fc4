//! Usage: what was used, when, what it cost and how we know. The address is the view: everything that can be chosen is a link
//! or a form. The browser draws the chart; what stands around it comes written.

#[cfg(not(feature = "hydrate"))]
pub(crate) mod around;
mod chart;
#[cfg(not(feature = "hydrate"))]
mod controls;
mod query;
#[cfg(not(feature = "hydrate"))]
mod words;

use contract::usage::{UsageAsk, UsagePage};
use leptos::prelude::*;
use leptos_router::hooks::{use_params_map, use_query_map};

use crate::api;
use crate::components::{AccountPage, Section, loaded};

use chart::Chart;

/// The usage of one service.
#[component]
pub fn Usage() -> impl IntoView {
    let params = use_params_map();
    let query = use_query_map();
    provide_context(chart::OpenedByKey(StoredValue::new(false)));
    let asked = Memo::new(move |_| {
        let number = params.read().get("account").unwrap_or_default();
        let query = query.read();
        let word = |key: &str| query.get(key).filter(|v| !v.is_empty());
        let ask = UsageAsk {
            service: word("service"),
            by: word("by"),
            from: word("from"),
            to: word("to"),
            show: word("show"),
            with: word("with"),
        };
        (number, ask)
    });
    let resource = crate::api::json::resource(
        move || asked.get(),
        |(number, ask)| api::usage::show(number, ask.service, ask.by, ask.from, ask.to, ask.show, ask.with),
    );
    loaded(resource, |page| view! { <Shown page/> })
}

#[component]
fn Shown(page: UsagePage) -> impl IntoView {
    // Dates that make no sense are answered 422; the page says what is shown instead.
    #[cfg(feature = "ssr")]
    if !page.view.problems.is_empty() {
        crate::server::set_status(422);
    }
    let UsagePage { view, title, summary, above, notes, key, below } = page;
    let head = view.account.clone();
    let chart = (!view.bars.is_empty()).then(|| view! { <Chart model=view summary notes key/> });
    view! {
        <AccountPage head section=Section::Usage title=title>
            <div class="usage stack">
                <div class="stack" inner_html=above></div>
                {chart}
                <div class="stack" inner_html=below></div>
            </div>
        </AccountPage>
    }
}
