//! Which address shows which page.

use leptos::prelude::*;
use leptos_meta::{Title, provide_meta_context};
use leptos_router::components::{Outlet, ParentRoute, Route, Router, Routes};
use leptos_router::{SsrMode, StaticSegment, path};

use crate::i18n::use_brand;
use crate::pages;

/// The addresses of an account's pages.
pub mod to {
    use domain::calendar::DayRange;
    use domain::quantity::Commodity;

    /// Home.
    #[must_use]
    pub fn home(account: &str) -> String {
        format!("/a/{account}")
    }
    /// Usage, as it opens.
    #[must_use]
    pub fn usage(account: &str) -> String {
        format!("/a/{account}/usage")
    }
    /// When something is used.
    #[must_use]
    pub fn patterns(account: &str) -> String {
        format!("/a/{account}/usage/patterns")
    }
    /// Two stretches of time.
    #[must_use]
    pub fn periods_page(account: &str) -> String {
        format!("/a/{account}/usage/periods")
    }
    /// Two stretches of time of a service; without a second the server finds what suits.
    #[must_use]
    pub fn periods(account: &str, service: Commodity, first: DayRange, second: Option<DayRange>) -> String {
        let (from, to) = (first.from, first.last());
        let mut out = format!("/a/{account}/usage/periods?service={}&from={from}&to={to}", service.slug());
        if let Some(second) = second {
            out.push_str(&format!("&from2={}&to2={}", second.from, second.last()));
        }
        out
    }
    /// Every meter by itself.
    #[must_use]
    pub fn meters(account: &str) -> String {
        format!("/a/{account}/usage/meters")
    }
    /// Days that people marked.
    #[must_use]
    pub fn markers(account: &str) -> String {
        format!("/a/{account}/usage/marks")
    }
    /// One of them.
    #[must_use]
    pub fn marker(account: &str, id: i64) -> String {
        format!("/a/{account}/usage/marks/{id}")
    }
    /// Own data sets, to compare with.
    #[must_use]
    pub fn compare(account: &str) -> String {
        format!("/a/{account}/usage/compare")
    }
    /// A file that waits to be confirmed.
    #[must_use]
    pub fn compare_file(account: &str, upload: &str) -> String {
        format!("/a/{account}/usage/compare/file/{upload}")
    }
    /// One own data set.
    #[must_use]
    pub fn data_set(account: &str, number: &str) -> String {
        format!("/a/{account}/usage/compare/{number}")
    }
    /// The list of bills.
    #[must_use]
    pub fn bills(account: &str) -> String {
        format!("/a/{account}/bills")
    }
    /// One bill.
    #[must_use]
    pub fn bill(account: &str, bill: &str) -> String {
        format!("/a/{account}/bills/{bill}")
    }
    /// Why one bill differs from another.
    #[must_use]
    pub fn bill_why(account: &str, bill: &str) -> String {
        format!("/a/{account}/bills/{bill}/why")
    }
    /// A corrected bill beside the one it took the place of.
    #[must_use]
    pub fn bill_versions(account: &str, bill: &str) -> String {
        format!("/a/{account}/bills/{bill}/versions")
    }
    /// One bill beside what dials and intervals say.
    #[must_use]
    pub fn bill_proof(account: &str, bill: &str) -> String {
        format!("/a/{account}/bills/{bill}/readings")
    }
    /// One bill as PDF.
    #[must_use]
    pub fn bill_pdf(account: &str, bill: &str) -> String {
        format!("/a/{account}/bills/{bill}/pdf")
    }
    /// What other plans would cost.
    #[must_use]
    pub fn plans(account: &str) -> String {
        format!("/a/{account}/plans")
    }
    /// Paying in parts.
    #[must_use]
    pub fn arrangement(account: &str) -> String {
        format!("/a/{account}/arrangement")
    }
    /// Budget billing.
    #[must_use]
    pub fn budget(account: &str) -> String {
        format!("/a/{account}/budget")
    }
    /// Saved cards and accounts.
    #[must_use]
    pub fn methods(account: &str) -> String {
        format!("/a/{account}/methods")
    }
    /// Scheduled payments.
    #[must_use]
    pub fn scheduled(account: &str) -> String {
        format!("/a/{account}/scheduled")
    }
    /// Autopay.
    #[must_use]
    pub fn autopay(account: &str) -> String {
        format!("/a/{account}/autopay")
    }
    /// What is about to be paid or scheduled; digits, colons and commas only, so nothing is to be escaped.
    #[must_use]
    pub fn confirm(account: &str, with: i64, pay: &str) -> String {
        format!("/a/{account}/confirm?with={with}&pay={pay}")
    }
    /// Choosing an amount to pay.
    #[must_use]
    pub fn pay(account: &str) -> String {
        format!("/a/{account}/pay")
    }
    /// One payment.
    #[must_use]
    pub fn payment(account: &str, payment: &str) -> String {
        format!("/a/{account}/pay/{payment}")
    }
    /// What a guest may pay.
    #[must_use]
    pub fn guest_pay(token: &str) -> String {
        format!("/pay/{token}")
    }
    /// One payment of a guest.
    #[must_use]
    pub fn guest_payment(token: &str, payment: &str) -> String {
        format!("/pay/{token}/{payment}")
    }
    /// Service requests.
    #[must_use]
    pub fn help(account: &str) -> String {
        format!("/a/{account}/help")
    }
    /// One service request.
    #[must_use]
    pub fn request(account: &str, request: &str) -> String {
        format!("/a/{account}/help/{request}")
    }
    /// A photo of a service request.
    #[must_use]
    pub fn photo(account: &str, request: &str, id: i64) -> String {
        format!("/a/{account}/help/{request}/photo/{id}")
    }
    /// Contact, paperless, password, sessions.
    #[must_use]
    pub fn settings(account: &str) -> String {
        format!("/a/{account}/settings")
    }
    /// Who viewed the account.
    #[must_use]
    pub fn activity(account: &str) -> String {
        format!("/a/{account}/activity")
    }
}

/// Whether the browser takes a page over. Charts that answer to fingers and keys gain by it; the other pages are documents and
/// forms, and their code is not downloaded.
#[must_use]
pub fn is_live(path: &str) -> bool {
    let mut parts = path.trim_matches('/').split('/');
    parts.next() == Some("a") && parts.next().is_some() && parts.next() == Some("usage") && parts.next().is_none()
}

/// Whether a page has the sliders that compare plans.
#[cfg(feature = "ssr")]
#[must_use]
pub fn is_plans(path: &str) -> bool {
    path.starts_with("/a/") && path.trim_end_matches('/').ends_with("/plans")
}

/// The paths of [`is_live`] as a regular expression of the browser's.
#[cfg(feature = "ssr")]
pub const LIVE_PATHS: &str = "^/+a/[^/]+/usage/*$";

/// The whole portal of residents.
#[component]
pub fn App() -> impl IntoView {
    provide_meta_context();
    #[cfg(feature = "hydrate")]
    provide_context(crate::i18n::brand_of_page());
    let brand = use_brand();
    let name = brand.name.clone();
    view! {
        <Title formatter=move |text: String| if text.is_empty() { name.clone() } else { format!("{text} · {name}") }/>
        <Router>
            <Pages/>
        </Router>
    }
}

/// Every page, as the server renders it.
#[cfg(not(feature = "hydrate"))]
#[component]
fn Pages() -> impl IntoView {
    view! {
        <Routes fallback=|| crate::components::NotFound().into_any()>
            <ParentRoute path=StaticSegment("") view=Outlet ssr=SsrMode::Async>
                <Route path=path!("") view=pages::start::Start/>
                <Route path=path!("/sign-in") view=pages::auth::SignIn/>
                <Route path=path!("/claim") view=pages::auth::Claim/>
                <Route path=path!("/confirm/:token") view=pages::auth::Confirm/>
                <Route path=path!("/recover") view=pages::auth::Recover/>
                <Route path=path!("/new-password/:token") view=pages::auth::NewPassword/>
                <Route path=path!("/new-email/:token") view=pages::auth::NewEmail/>
                <Route path=path!("/a/:account") view=pages::home::Home/>
                <Route path=path!("/a/:account/settings") view=pages::account::Settings/>
                <Route path=path!("/a/:account/activity") view=pages::account::Activity/>
                <Route path=path!("/a/:account/usage") view=pages::usage::Usage/>
                <Route path=path!("/a/:account/usage/patterns") view=pages::patterns::Patterns/>
                <Route path=path!("/a/:account/usage/periods") view=pages::periods::Periods/>
                <Route path=path!("/a/:account/usage/meters") view=pages::meters::Meters/>
                <Route path=path!("/a/:account/usage/marks") view=pages::markers::Markers/>
                <Route path=path!("/a/:account/usage/marks/:number") view=pages::markers::OneMarker/>
                <Route path=path!("/a/:account/usage/compare") view=pages::compare::Compare/>
                <Route path=path!("/a/:account/usage/compare/file/:upload") view=pages::compare::Preview/>
                <Route path=path!("/a/:account/usage/compare/:number") view=pages::compare::DataSet/>
                <Route path=path!("/a/:account/bills") view=pages::bills::Bills/>
                <Route path=path!("/a/:account/bills/:bill") view=pages::bills::Bill/>
                <Route path=path!("/a/:account/bills/:bill/why") view=pages::bills::Why/>
                <Route path=path!("/a/:account/bills/:bill/readings") view=pages::bills::Proof/>
                <Route path=path!("/a/:account/bills/:bill/versions") view=pages::bills::Versions/>
                <Route path=path!("/a/:account/plans") view=pages::plans::Plans/>
                <Route path=path!("/a/:account/arrangement") view=pages::collections::Arrangement/>
                <Route path=path!("/a/:account/budget") view=pages::collections::Budget/>
                <Route path=path!("/a/:account/pay") view=pages::pay::Pay/>
                <Route path=path!("/a/:account/confirm") view=pages::pay::Confirm/>
                <Route path=path!("/a/:account/methods") view=pages::pay::Methods/>
                <Route path=path!("/a/:account/methods/:setup/card") view=pages::pay::SetupCard/>
                <Route path=path!("/a/:account/scheduled") view=pages::pay::Scheduled/>
                <Route path=path!("/a/:account/autopay") view=pages::pay::Autopay/>
                <Route path=path!("/a/:account/pay/:payment") view=pages::pay::Payment/>
                <Route path=path!("/a/:account/pay/:payment/card") view=pages::pay::Card/>
                <Route path=path!("/a/:account/help") view=pages::help::Help/>
                <Route path=path!("/a/:account/help/:number") view=pages::help::Request/>
                <Route path=path!("/pay") view=pages::guest::Find/>
                <Route path=path!("/pay/:token") view=pages::guest::Amount/>
                <Route path=path!("/pay/:token/:payment") view=pages::guest::Payment/>
                <Route path=path!("/pay/:token/:payment/card") view=pages::pay::GuestCard/>
                <Route path=path!("/outbox") view=pages::outbox::Outbox/>
            </ParentRoute>
        </Routes>
    }
}

/// The pages that the browser takes over (see [`is_live`]); an address of any other is asked of the server.
#[cfg(feature = "hydrate")]
#[component]
fn Pages() -> impl IntoView {
    view! {
        <Routes fallback=|| {
            // Only going back and forth gets here, and then the address is in the history already.
            drop(window().location().reload());
        }>
            <ParentRoute path=StaticSegment("") view=Outlet ssr=SsrMode::Async>
                <Route path=path!("/a/:account/usage") view=pages::usage::Usage/>
            </ParentRoute>
        </Routes>
    }
}

#[cfg(test)]
mod tests {
    use super::is_live;

    #[test]
    fn charts_are_live_and_documents_are_not() {
        assert!(is_live("/a/123/usage"));
        for plain in ["/", "/sign-in", "/a", "/a/1", "/a/1/pay/P-7", "/a/1/bills", "/a/1/usage/compare", "/outbox"] {
            assert!(!is_live(plain), "{plain}");
        }
    }
}
