//! Home: how much, by when, and whether something is wrong. One primary action: pay.

use chrono::NaiveDate;
use contract::bills::{DueView, ForecastView};
use contract::home::HomeView;
use contract::saved::Ahead;
use contract::usage::ServiceNow;
use domain::money::Cents;
use domain::quantity::{Commodity, Decimal};
use leptos::prelude::*;
use locales::format::{day, day_short, number, range};
use locales::home;

use crate::api;
use crate::components::{AccountPage, Icon, Section, loaded, service_glyph, service_name};
use crate::i18n::use_lang;
use crate::pages::account_number;
use crate::pages::collections::Attentions;
use crate::routes::to;

/// The account at a glance.
#[component]
pub fn Home() -> impl IntoView {
    let model = Resource::new(account_number(), api::home::show);
    loaded(model, |model: HomeView| {
        let lang = use_lang();
        let account = model.account.number.clone();
        view! {
            <AccountPage head=model.account section=Section::Home title=home::title(lang)>
                <div class="stack-large">
                    <Balance account=account.clone() due=model.due planned=model.planned today=model.today/>
                    <Attentions account=account.clone() all=model.attention/>
                    {model.coming.map(|coming| view! { <Coming coming/> })}
                    <section class="stack" aria-labelledby="services">
                        <h2 id="services">{home::services_title(lang)}</h2>
                        <div class="grid">
                            {model
                                .services
                                .into_iter()
                                .map(|now| view! { <Service account=account.clone() now/> })
                                .collect_view()}
                        </div>
                    </section>
                </div>
            </AccountPage>
        }
    })
}

/// The number of the page, and what to do about it.
#[component]
fn Balance(account: String, due: DueView, planned: Option<Ahead>, today: NaiveDate) -> impl IntoView {
    let lang = use_lang();
    let owed = due.asked > Cents::ZERO;
    // What is taken by itself, or on its way, needs nobody to press anything.
    let quiet = planned.as_ref().is_some_and(|p| p.all) || due.unpaid() == Cents::ZERO;
    let more = crate::pages::bills::asked_words(lang, &due);
    let when = crate::pages::bills::due_lines(lang, &due, today);
    let bill = due.latest_bill.clone().map(|number| to::bill(&account, &number));
    view! {
        <section class="card balance" aria-labelledby="balance">
            <div>
                <h2 id="balance" class="small muted">{home::balance_title(lang)}</h2>
                {if owed {
                    view! {
                        <p class="figure large">{due.asked.to_string()}</p>
                        {when
                            .into_iter()
                            .map(|(late, text)| view! { <p class="when" class:late=late>{text}</p> })
                            .collect_view()}
                        {more.map(|text| view! { <p class="small muted">{text}</p> })}
                    }
                        .into_any()
                } else if due.balance < Cents::ZERO {
                    view! {
                        <p class="figure large">{home::credit_amount(lang, -due.balance)}</p>
                        <p class="when">{home::credit_body(lang)}</p>
                    }
                        .into_any()
                } else {
                    view! {
                        <p class="figure large">{home::nothing_due(lang)}</p>
                        <p class="when">{home::nothing_due_plain(lang)}</p>
                    }
                        .into_any()
                }}
                {planned.map(|p| view! { <crate::pages::pay::PlannedLine account=account.clone() planned=p/> })}
            </div>
            <p class="row">
                {if owed {
                    view! { <a class="button" class:second=quiet href=to::pay(&account)>{home::pay(lang)}</a> }.into_any()
                } else {
                    view! { <a class="button second" href=to::pay(&account)>{home::pay_ahead(lang)}</a> }.into_any()
                }}
                {match bill {
                    Some(href) => view! { <a class="button second" href=href>{home::see_bill(lang)}</a> },
                    None => view! { <a class="button second" href=to::bills(&account)>{home::see_bills(lang)}</a> },
                }}
            </p>
        </section>
    }
}

/// What the next bill will probably be.
#[component]
fn Coming(coming: ForecastView) -> impl IntoView {
    let lang = use_lang();
    // A guess to the cent would promise too much.
    let dollars = |amount: Cents| {
        let whole = domain::money::div_half_up(i128::from(amount.0), 100);
        ["$", &number(lang, Decimal::new(i64::try_from(whole).unwrap_or(i64::MAX), 0), 0)].concat()
    };
    let record = (coming.tried > 1).then(|| home::coming_record(lang, coming.tried, coming.within));
    view! {
        <section class="stack" aria-labelledby="coming">
            <h2 id="coming">{home::coming_title(lang)}</h2>
            <p class="lead">{home::coming_range(lang, dollars(coming.high), dollars(coming.likely), dollars(coming.low))}</p>
            <p class="muted">
                {home::coming_from(lang, coming.known, range(lang, coming.period))} " " {record}
            </p>
        </section>
    }
}

/// One service: so far, against before, the latest days.
#[component]
fn Service(account: String, now: ServiceNow) -> impl IntoView {
    let lang = use_lang();
    let name = service_name(lang, now.service);
    let slug = now.service.slug();
    let unit = locales::bill::unit_word(now.unit);
    let say = move |amount: i64, places: u8| number(lang, Decimal::new(amount, now.exponent), places);
    let places = if now.service == Commodity::Gas { 1 } else { 0 };
    let href = format!("{}?service={slug}", to::usage(&account));
    let days = now.recent.len();
    let strip = charts::strip::strip(
        &now.recent,
        slug,
        &home::recent(lang, days),
        &home::recent_summary(lang, days, unit),
        &format!("recent-{slug}"),
    );
    let compared = match now.same_days {
        Some((this, before)) if before > 0 => {
            let percent = ((this - before) * 100 + before.signum() * before / 2).div_euclid(before);
            match percent {
                0 => home::same(lang).to_owned(),
                p if p > 0 => home::more(lang, p),
                p => home::less(lang, -p),
            }
        }
        _ => home::no_comparison(lang).to_owned(),
    };
    view! {
        <article class=format!("card service {slug}")>
            <h3 class="row"><Icon glyph=service_glyph(now.service)/> {name}</h3>
            {match now.period {
                Some(period) => view! {
                    <p class="figure">{say(now.so_far, places)}<span class="unit">{unit}</span></p>
                    <p class="muted small">{home::used_so_far(lang, day_short(lang, period.from), period.len())}</p>
                    <p>{compared}</p>
                    {(now.missing > 0).then(|| view! { <p class="small muted">{home::missing(lang, i64::from(now.missing))}</p> })}
                    {now.cost_so_far.map(|cost| view! { <p>{home::cost_so_far(lang, cost.to_cents())}</p> })}
                }
                    .into_any(),
                None => view! { <p>{home::period_none(lang)}</p> }.into_any(),
            }}
            <figure class="strip" inner_html=strip></figure>
            {now.last_day.map(|(on, amount, quality)| {
                let text = if quality.is_estimate() {
                    home::last_day_estimated(lang, say(amount, places.max(1)), day(lang, on), unit)
                } else {
                    home::last_day(lang, say(amount, places.max(1)), day(lang, on), unit)
                };
                view! { <p class="small muted">{text}</p> }
            })}
            <p><a href=href>{home::see_usage(lang, name.to_lowercase())}</a></p>
        </article>
    }
}
