//! What proposed prices do, and what they change of the file in force: for the person who releases them.

use chrono::NaiveDateTime;
use contract::prices::{AllAlong, Effect, EffectLine, FileLine, LineChange, Outcome};
use domain::billing::LineKind;
use leptos::prelude::*;
use locales::{Lang, bill, format, lines, staff_billing as words};

/// What proposed prices do, as it was worked out last: when that was, whether it still says so, and the way to work it out anew.
pub(super) fn outcome(lang: Lang, id: i64, o: Outcome) -> impl IntoView + use<> {
    let action = format!("/staff/prices/{id}");
    let here = action.clone();
    let Outcome { made, stale, under_way } = o;
    let button = if made.is_some() { words::work_out_anew(lang) } else { words::work_out(lang) };
    let when = made.as_ref().map(|(_, at, _)| words::worked_out(lang, moment(lang, *at)));
    view! {
        {stale.then(|| view! { <p class="notice warn">{words::stale_effect(lang)}</p> })}
        <form method="post" action=action class="row">
            {when.map(|when| view! { <span class="muted">{when}</span> })}
            {if under_way {
                view! {
                    <span role="status">{words::working_out(lang)}</span>
                    <a href=here>{words::run_look_again(lang)}</a>
                }
                .into_any()
            } else {
                view! { <button class="button second" type="submit" name="action" value="anew">{button}</button> }.into_any()
            }}
        </form>
        {made.map(|(effects, ..)| view! {
            {effect(lang, effects.effect)}
            {effects.all_along.map(|a| along(lang, a))}
        })}
    }
}

/// A day and a time.
pub(super) fn moment(lang: Lang, at: NaiveDateTime) -> String {
    [format::date(lang, at.date()), format::time(lang, at)].join(", ")
}

/// What the prices do to every account's last bill by the days on which they count.
fn effect(lang: Lang, e: Effect) -> impl IntoView + use<> {
    view! {
        <section class="stack" aria-labelledby="effect">
            <h2 id="effect">{words::effect(lang)}</h2>
            {sums(lang, e)}
        </section>
    }
}

/// The same as if they had been in force all along.
fn along(lang: Lang, a: AllAlong) -> impl IntoView + use<> {
    view! {
        <section class="stack" aria-labelledby="along">
            <h2 id="along">{words::along(lang, format::date(lang, a.from))}</h2>
            <p class="muted">{words::along_lead(lang)}</p>
            {sums(lang, a.effect)}
        </section>
    }
}

fn sums(lang: Lang, e: Effect) -> impl IntoView + use<> {
    let heads = (words::before(lang), words::after(lang));
    view! {
        <p>{words::effect_lead(lang, e.after, e.before, e.bills, e.changed)}</p>
        {differences(lang, heads, e)}
    }
}

/// What cannot be computed, the lines that differ over all accounts, and the accounts that differ most. `heads` stand over what was and
/// what would be.
pub(super) fn differences(lang: Lang, heads: (&'static str, &'static str), e: Effect) -> impl IntoView + use<> {
    let Effect { lines, failed, largest, .. } = e;
    view! {
        {(!failed.is_empty()).then(|| view! {
            <h3>{words::effect_failed(lang)}</h3>
            <ul>{failed.into_iter().map(|(account, why)| view! { <li>{account} " " {why}</li> }).collect_view()}</ul>
        })}
        {(!lines.is_empty()).then(|| by_line(lang, heads, lines))}
        {(!largest.is_empty()).then(|| view! {
            <h3>{words::largest(lang)}</h3>
            <div class="scroll" tabindex="0" role="region" aria-label=words::largest(lang)>
            <table class="dense">
                <thead>
                    <tr>
                        <th scope="col">{words::account(lang)}</th>
                        <th scope="col" class="number">{heads.0}</th>
                        <th scope="col" class="number">{heads.1}</th>
                        <th scope="col" class="number">{words::change(lang)}</th>
                    </tr>
                </thead>
                <tbody>
                    {largest
                        .into_iter()
                        .map(|(account, before, after)| {
                            let href = format!("/staff/accounts/{account}");
                            view! {
                                <tr>
                                    <td><a href=href>{account}</a></td>
                                    <td class="number">{before.to_string()}</td>
                                    <td class="number">{after.to_string()}</td>
                                    <td class="number">{super::billing::signed(after - before)}</td>
                                </tr>
                            }
                        })
                        .collect_view()}
                </tbody>
            </table>
            </div>
        })}
    }
}

fn by_line(lang: Lang, heads: (&'static str, &'static str), lines: Vec<EffectLine>) -> impl IntoView + use<> {
    view! {
        <h3>{words::by_line(lang)}</h3>
        <div class="scroll" tabindex="0" role="region" aria-label=words::by_line(lang)>
            <table class="dense">
                <thead>
                    <tr>
                        <th scope="col">{words::line(lang)}</th>
                        <th scope="col" class="number">{heads.0}</th>
                        <th scope="col" class="number">{heads.1}</th>
                        <th scope="col" class="number">{words::change(lang)}</th>
                        <th scope="col" class="number">{words::on_bills(lang)}</th>
                    </tr>
                </thead>
                <tbody>
                    {lines
                        .into_iter()
                        .map(|l| view! {
                            <tr>
                                <td>{name(lang, &l)}</td>
                                <td class="number">{l.before.to_string()}</td>
                                <td class="number">{l.after.to_string()}</td>
                                <td class="number">{super::billing::signed(l.after - l.before)}</td>
                                <td class="number">{l.bills}</td>
                            </tr>
                        })
                        .collect_view()}
                </tbody>
            </table>
        </div>
    }
}

fn name(lang: Lang, l: &EffectLine) -> String {
    let what = match (l.kind, l.label) {
        (LineKind::Tax, _) => words::line_tax(lang).to_owned(),
        (LineKind::Assistance, _) | (_, None) => words::line_assistance(lang).to_owned(),
        (_, Some(label)) => lines::label(lang, label, l.of.as_deref()),
    };
    let service = bill::service(lang, l.service);
    match l.tier {
        Some(tier) => words::line_tier(lang, service, tier, &what),
        None => words::line_of(lang, service, &what),
    }
}

/// The lines that differ from the file in force, with some around them. Signs tell them apart without colours.
pub(super) fn changes(lang: Lang, file: &str, places: Vec<Vec<FileLine>>) -> impl IntoView + use<> {
    let empty = places.is_empty();
    let line = |l: FileLine| {
        let number = l.number;
        match l.change {
            LineChange::Same => view! { <span>{format!("{number:>5}   {}\n", l.text)}</span> }.into_any(),
            LineChange::Removed => view! { <del>{format!("{number:>5} - {}\n", l.text)}</del> }.into_any(),
            LineChange::Added => view! { <ins>{format!("{number:>5} + {}\n", l.text)}</ins> }.into_any(),
        }
    };
    let shown = places
        .into_iter()
        .map(|place| view! { <pre class="changes">{place.into_iter().map(line).collect_view()}</pre> })
        .collect_view();
    view! {
        <section class="stack" aria-labelledby="changes">
            <h2 id="changes">{words::changes(lang, file)}</h2>
            {if empty {
                view! { <p>{words::changes_none(lang)}</p> }.into_any()
            } else {
                view! {
                    <p class="muted">{words::changes_lead(lang)}</p>
                    <div class="scroll" tabindex="0" role="region" aria-labelledby="changes">{shown}</div>
                }.into_any()
            }}
        </section>
    }
}

#[cfg(test)]
mod tests {
    use domain::money::Cents;
    use domain::quantity::ServiceKind;
    use domain::tariff::Label;

    use super::*;

    fn shown<V: IntoView + 'static>(make: impl FnOnce() -> V) -> String {
        Owner::new().with(|| make().into_view().to_html()).replace("<!>", "")
    }

    #[test]
    fn sums_stand_by_line_and_changed_lines_carry_signs() {
        let line = EffectLine {
            service: ServiceKind::Water,
            kind: LineKind::Usage,
            label: Some(Label::WaterUse),
            of: None,
            tier: Some(2),
            before: Cents(1_000),
            after: Cents(1_250),
            bills: 3,
        };
        let tax = EffectLine { kind: LineKind::Tax, label: None, tier: None, ..line.clone() };
        let effect = Effect {
            bills: 3,
            changed: 3,
            before: Cents(1_000),
            after: Cents(1_250),
            lines: vec![line, tax],
            failed: Vec::new(),
            largest: Vec::new(),
        };
        let page = shown(|| along(Lang::En, AllAlong { from: "2027-01-01".parse().expect("a date"), effect }));
        for part in ["had been in force", "step 2", "Utility users tax", "$10.00", "$12.50", "+$2.50"] {
            assert!(page.contains(part), "{part} is not in {page}");
        }
        let of = |change, text: &str| FileLine { change, number: 7, text: text.to_owned() };
        let place = vec![of(LineChange::Removed, "price = \"1\""), of(LineChange::Added, "price = \"<2>\"")];
        let page = shown(|| changes(Lang::En, "w-1", vec![place]));
        assert!(
            page.contains("<del>") && page.contains("7 - price") && page.contains("7 + price = \"&lt;2&gt;\""),
            "{page}"
        );
        assert!(shown(|| changes(Lang::En, "w-1", Vec::new())).contains("No line differs"));
    }
}
