//! What needs attention now, each with the next step: bad news first, and a person to call.

use contract::home::Attention;
use domain::ledger::collections::Supply;
use leptos::prelude::*;
use locales::format::day;
use locales::{Lang, collections, home, later};

use crate::components::{Glyph, Icon, service_name};
use crate::i18n::{use_brand, use_lang};
use crate::pages::bills::hold_text;
use crate::routes::to;

/// All of it, under a heading; nothing where all is well.
#[component]
pub fn Attentions(
    /// The account's number.
    account: String,
    /// The worst first.
    all: Vec<Attention>,
    /// Whether the page is the one for paying, which needs no link to itself.
    #[prop(optional)]
    paying: bool,
) -> impl IntoView {
    let lang = use_lang();
    let phone = use_brand().phone;
    // Whom to call is said once, after the last of what may be shut off.
    let last = all.iter().rposition(|what| matches!(what, Attention::ShutOff { .. }));
    (!all.is_empty()).then(|| {
        let looks = all.into_iter().enumerate().map(|(i, what)| {
            let mut said = said(lang, &account, &phone, what);
            if last == Some(i) {
                said.body.push(collections::shutoff_call(lang, &phone));
            }
            said.links.retain(|(href, _)| !paying || *href != to::pay(&account));
            view! { <Look said/> }
        });
        view! {
            <section class="stack" aria-labelledby="attention">
                <h2 id="attention">{home::attention_title(lang)}</h2>
                {looks.collect_view()}
            </section>
        }
    })
}

/// What can be cut off, in words.
fn supply(lang: Lang, supply: Supply) -> &'static str {
    match supply {
        Supply::Energy => collections::supply_energy(lang),
        Supply::Water => collections::supply_water(lang),
    }
}

/// How it looks, what it says, and where its links lead.
struct Said {
    class: &'static str,
    title: String,
    body: Vec<String>,
    links: Vec<(String, &'static str)>,
}

fn said(lang: Lang, account: &str, phone: &str, what: Attention) -> Said {
    let plain = |class, title, body: String| Said { class, title, body: vec![body], links: Vec::new() };
    let spread = || (to::arrangement(account), collections::spread(lang));
    match what {
        Attention::ShutOff { clock, stop } => {
            let (since, date) = (day(lang, clock.since), day(lang, clock.not_before));
            let (notice, name) = (day(lang, clock.notice_on), supply(lang, clock.supply));
            let mut first = if clock.noticed {
                collections::shutoff_noticed(lang, clock.amount, notice, since, name)
            } else {
                collections::shutoff_planned(lang, clock.amount, notice, since, name)
            };
            if stop > clock.amount {
                first.push(' ');
                first.push_str(collections::shutoff_oldest(lang));
            }
            Said {
                class: "notice bad",
                title: collections::shutoff_title(lang, &date, name),
                body: vec![collections::shutoff_stop(lang, &date, stop), first],
                links: vec![(to::pay(account), collections::pay(lang)), spread()],
            }
        }
        Attention::Broken { amount, on } => Said {
            links: vec![(to::arrangement(account), collections::broken_link(lang))],
            ..plain(
                "notice bad",
                collections::broken_title(lang, day(lang, on)),
                collections::broken_body(lang, amount),
            )
        },
        Attention::Held { through, amount } => plain(
            "notice",
            collections::held_title(lang, amount, day(lang, through)),
            collections::held_body(lang, phone),
        ),
        Attention::Instalment { amount, on } => Said {
            links: vec![(to::arrangement(account), collections::arrangement_link(lang))],
            ..plain(
                "notice",
                collections::instalment_title(lang, amount, day(lang, on)),
                collections::instalment_body(lang).to_owned(),
            )
        },
        Attention::Overdue { amount, since } => Said {
            links: vec![spread()],
            ..plain("notice bad", home::overdue_title(lang, amount), home::overdue_body(lang, day(lang, since), phone))
        },
        Attention::PlannedAsks(p) => {
            let (_, body) = crate::pages::pay::asks(lang, &p);
            let answer = if p.autopay { to::autopay(account) } else { to::scheduled(account) };
            let mut links =
                vec![(answer, later::attention_answer(lang)), (to::pay(account), later::attention_pay(lang))];
            links.extend(p.bill.as_ref().map(|(n, _)| (to::bill_why(account, n), later::attention_why(lang))));
            Said { links, ..plain("notice warn", later::attention_brake_title(lang, p.amount), body) }
        }
        Attention::PlannedFailed(p) => Said {
            links: vec![(to::pay(account), collections::pay(lang)), spread()],
            ..plain(
                "notice bad",
                later::attention_failed_title(lang, p.amount),
                later::attention_failed_body(lang, crate::pages::pay::decline(lang, p.decline)),
            )
        },
        Attention::MethodEnds { label, on, ended } => {
            let (title, body) = match ended {
                true => (later::attention_ended_title(lang, &label), later::attention_ended_body(lang)),
                false => (later::attention_ends_title(lang, day(lang, on), &label), later::attention_ends_body(lang)),
            };
            Said {
                links: vec![(to::methods(account), later::link_methods(lang))],
                ..plain("notice warn", title, body.to_owned())
            }
        }
        Attention::CarryOn { street } => Said {
            links: vec![(to::autopay(account), later::attention_carry_link(lang))],
            ..plain("notice", later::attention_carry_title(lang).to_owned(), later::attention_carry_body(lang, street))
        },
        Attention::PaymentPending { amount } => {
            plain("notice", home::pending_title(lang, amount), home::pending_body(lang).to_owned())
        }
        Attention::SteadyFlow { gallons_an_hour, since } => Said {
            links: vec![
                (format!("{}?service=water&by=hour", to::usage(account)), home::flow_link(lang)),
                (to::help(account), home::flow_help(lang)),
            ],
            ..plain(
                "notice warn",
                home::flow_title(lang).to_owned(),
                home::flow_body(lang, gallons_an_hour, day(lang, since)),
            )
        },
        Attention::BillHeld(hold) => {
            let (title, body) = hold_text(lang, &hold);
            plain("notice", title, body)
        }
        Attention::NothingCounted { service, since } => Said {
            links: vec![(to::help(account), home::flow_help(lang))],
            ..plain(
                "notice warn",
                home::nothing_title(lang, service_name(lang, service).to_lowercase()),
                home::nothing_body(lang, day(lang, since)),
            )
        },
        Attention::NoReadings { service, since } => plain(
            "notice warn",
            home::stale_title(lang, day(lang, since), service_name(lang, service).to_lowercase()),
            home::stale_body(lang).to_owned(),
        ),
    }
}

/// One thing to look at now.
#[component]
fn Look(said: Said) -> impl IntoView {
    let links = said.links;
    view! {
        <div class=said.class>
            <Icon glyph=Glyph::Notice/>
            <div>
                <h3>{said.title}</h3>
                {said.body.into_iter().map(|text| view! { <p>{text}</p> }).collect_view()}
                {(!links.is_empty()).then(|| view! {
                    <p class="row">
                        {links.into_iter().map(|(href, word)| view! { <a href=href>{word}</a> }).collect_view()}
                    </p>
                })}
            </div>
        </div>
    }
}
