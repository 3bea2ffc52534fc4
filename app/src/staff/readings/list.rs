//! The work list.

use contract::exceptions::{Standing, WorkFilter, WorkLine, WorkList};
use domain::metering::vee::{Rule, Severity};
use domain::quantity::Commodity;
use leptos::prelude::*;
use locales::{Lang, format, staff_readings as words};

use super::words::{rule_name, severity};
use crate::components::service_name;
use crate::i18n::use_lang;
use crate::staff::layout::{StaffFrame, layout};

/// Ages that the list can be narrowed to, in days.
const AGES: [u32; 4] = [1, 3, 7, 30];

/// The list.
pub fn readings_page(frame: &StaffFrame, view: WorkList) -> impl IntoView + use<> {
    let lang = use_lang();
    let WorkList { lines, more, counts, rules, filter } = view;
    let tab = move |of: Standing, text: String| {
        let href = address(&WorkFilter { standing: of, page: 0, ..filter });
        view! { <a href=href aria-current=(of == filter.standing).then_some("page")>{text}</a> }
    };
    let turn = |page: u32, text: &'static str| {
        let href = address(&WorkFilter { page, ..filter });
        view! { <a class="button second" href=href>{text}</a> }
    };
    let back = filter.page.checked_sub(1).map(|page| turn(page, words::earlier_page(lang)));
    let on = more.then(|| turn(filter.page + 1, words::next_page(lang)));
    let pages =
        (filter.page > 0 || more).then(|| view! { <nav class="row" aria-label=words::pages(lang)>{back} {on}</nav> });
    let content = view! {
        <nav class="tabs" aria-label=words::narrow(lang)>
            {tab(Standing::Open, words::open(lang, counts[0]))}
            {tab(Standing::Ordered, words::ordered(lang, counts[1]))}
            {tab(Standing::Settled, words::settled(lang, counts[2]))}
        </nav>
        {narrow(lang, filter, &rules)}
        {if lines.is_empty() {
            view! { <p class="muted">{words::none(lang)}</p> }.into_any()
        } else {
            table(lang, lines).into_any()
        }}
        {pages}
    };
    layout(frame, words::title(lang), None, content)
}

fn narrow(lang: Lang, filter: WorkFilter, rules: &[(Rule, Option<i64>)]) -> impl IntoView + use<> {
    let mut listed = rules.to_vec();
    // What is asked for stays chosen, even if nothing of it is left.
    if let Some(rule) = filter.rule.filter(|rule| listed.iter().all(|(r, _)| r != rule)) {
        listed.push((rule, Some(0)));
    }
    view! {
        <form method="get" action="/staff/readings" class="row">
            <input type="hidden" name="state" value=filter.standing.slug()/>
            <label for="rule">{words::rule(lang)}</label>
            <select id="rule" name="rule">
                <option value="">{words::any_rule(lang)}</option>
                {listed
                    .into_iter()
                    .map(|(rule, count)| view! {
                        <option value=rule.slug() selected=filter.rule == Some(rule)>
                            {match count {
                                Some(count) => words::rule_option(lang, count, rule_name(lang, rule)),
                                None => rule_name(lang, rule).to_owned(),
                            }}
                        </option>
                    })
                    .collect_view()}
            </select>
            <label for="service">{words::service(lang)}</label>
            <select id="service" name="service">
                <option value="">{words::any_service(lang)}</option>
                {Commodity::ALL
                    .map(|c| view! {
                        <option value=c.slug() selected=filter.commodity == Some(c)>{service_name(lang, c)}</option>
                    })
                    .into_iter()
                    .collect_view()}
            </select>
            <label for="days">{words::age(lang)}</label>
            <select id="days" name="days">
                <option value="">{words::any_age(lang)}</option>
                {AGES
                    .map(|d| view! {
                        <option value=d.to_string() selected=filter.days == Some(d)>
                            {words::age_days(lang, i64::from(d))}
                        </option>
                    })
                    .into_iter()
                    .collect_view()}
            </select>
            <button class="button second" type="submit">{words::show(lang)}</button>
        </form>
    }
}

fn table(lang: Lang, lines: Vec<WorkLine>) -> impl IntoView + use<> {
    view! {
        <div class="scroll" tabindex="0" role="region" aria-label=words::title(lang)>
            <table class="dense">
                <thead>
                    <tr>
                        <th scope="col">{words::item(lang)}</th>
                        <th scope="col">{words::day(lang)}</th>
                        <th scope="col">{words::meter(lang)}</th>
                        <th scope="col">{words::account(lang)}</th>
                        <th scope="col">{words::waits(lang)}</th>
                    </tr>
                </thead>
                <tbody>{lines.into_iter().map(|line| row(lang, line)).collect_view()}</tbody>
            </table>
        </div>
    }
}

fn row(lang: Lang, line: WorkLine) -> impl IntoView + use<> {
    let href = format!("/staff/readings/{}", line.id.0);
    let tag = if line.severity == Severity::Urgent { "tag warn" } else { "tag" };
    let account = match line.account {
        Some((number, name)) => {
            let href = format!("/staff/accounts/{number}");
            view! { <a href=href>{number}</a> <br/> {name} }.into_any()
        }
        None => view! { <span class="muted">{words::no_account(lang)}</span> }.into_any(),
    };
    view! {
        <tr>
            <td>
                <a href=href data-row="">{rule_name(lang, line.rule)}</a>
                " "
                <span class=tag>{severity(lang, line.severity)}</span>
                {line.handheld.then(|| view! { " " <span class="tag">{words::handheld(lang)}</span> })}
            </td>
            <td>{format::date(lang, line.day)}</td>
            <td>{line.meter} <br/> <span class="muted">{line.commodity.map(|c| service_name(lang, c))}</span></td>
            <td>{account} {line.street.map(|street| view! { <br/> <span class="muted">{street}</span> })}</td>
            <td>{waiting(lang, line.hours_waiting)}</td>
        </tr>
    }
}

/// Hours below two days, then days.
fn waiting(lang: Lang, hours: i64) -> String {
    if hours < 48 { words::hours(lang, hours) } else { words::days(lang, hours / 24) }
}

fn address(filter: &WorkFilter) -> String {
    format!(
        "/staff/readings?state={}&rule={}&service={}&days={}&page={}",
        filter.standing.slug(),
        filter.rule.map_or("", Rule::slug),
        filter.commodity.map_or("", Commodity::slug),
        filter.days.map(|d| d.to_string()).unwrap_or_default(),
        filter.page
    )
}
