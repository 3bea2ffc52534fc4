//! Finding an account.

use contract::AppError;
use contract::runs::WaitingRunView;
use leptos::prelude::*;
use locales::{format, staff};
use services::rows::ViewAsRow;
use services::staff::Found;

use super::layout::{StaffFrame, layout};
use super::runs::notice;
use crate::i18n::use_lang;

/// The search, what it found, and one's own last viewings.
pub fn search_page(
    frame: &StaffFrame,
    found: Option<Found>,
    error: Option<AppError>,
    recent: Vec<(ViewAsRow, String)>,
    run: Option<WaitingRunView>,
) -> impl IntoView + use<> {
    let lang = use_lang();
    let content = match found {
        Some(found) if found.hits.is_empty() => {
            view! { <p class="muted">{staff::nothing_found(lang, &frame.search)}</p> }.into_any()
        }
        Some(found) => {
            let count = i64::try_from(found.hits.len()).unwrap_or(i64::MAX);
            view! {
                <p class="muted">
                    {if found.more { staff::first_found(lang).to_owned() } else { staff::found(lang, count) }}
                </p>
                <div class="scroll" tabindex="0" role="region" aria-label=staff::results(lang)>
                    <table class="dense">
                        <thead>
                            <tr>
                                <th scope="col">{staff::account(lang)}</th>
                                <th scope="col">{staff::name(lang)}</th>
                                <th scope="col">{staff::address(lang)}</th>
                                <th scope="col">{staff::meter(lang)}</th>
                            </tr>
                        </thead>
                        <tbody>
                            {found
                                .hits
                                .into_iter()
                                .map(|hit| view! {
                                    <tr>
                                        <td>
                                            <a href=format!("/staff/accounts/{}", hit.number) data-row="">
                                                {hit.number.clone()}
                                            </a>
                                        </td>
                                        <td>
                                            {hit.name}
                                            {hit.closed_on.map(|day| view! {
                                                " "
                                                <span class="tag">{staff::closed(lang, format::date(lang, day))}</span>
                                            })}
                                        </td>
                                        <td>{hit.street}</td>
                                        <td>{hit.meter}</td>
                                    </tr>
                                })
                                .collect_view()}
                        </tbody>
                    </table>
                </div>
            }
            .into_any()
        }
        None => view! {
            <div class="stack">
                {run.map(|run| notice(lang, &run))}
                <p class="lead">{staff::search_lead(lang)}</p>
            </div>
            {(!recent.is_empty()).then(|| view! {
                <h2>{staff::recent(lang)}</h2>
                <ul class="list">
                    {recent
                        .into_iter()
                        .map(|(row, number)| {
                            let pages = row.pages_seen;
                            view! {
                                <li class="row apart">
                                    <a href=format!("/staff/accounts/{number}") data-row="">{number.clone()}</a>
                                    <span>{services::accounts::reason_text(lang, row.reason)}</span>
                                    <span class="muted">{staff::pages(lang, pages)}</span>
                                </li>
                            }
                        })
                        .collect_view()}
                </ul>
            })}
        }
        .into_any(),
    };
    layout(frame, staff::find(lang), error, content)
}
