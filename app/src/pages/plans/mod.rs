//! "Would another plan cost less?": the last bills under each plan that the home may choose, and sliders to try a change.

mod attempt;

use charts::Size;
use charts::compare::{Comparison, Counted, Pair, compare};
use contract::plans::{PlanPrice, PlanView, PlansView};
use domain::money::Cents;
use domain::quantity::Decimal;
use leptos::prelude::*;
use leptos_router::hooks::{use_params_map, use_query_map};
use locales::{Lang, format, plans as text};

use crate::api;
use crate::components::{AccountPage, Drawn, Glyph, Icon, Section, figure, loaded};
use crate::i18n::use_lang;
use crate::pages::bills::price;
use crate::pages::compare::key;
use crate::pages::usage::around::capitalized;
use crate::routes::to;

/// The page.
#[component]
pub fn Plans() -> impl IntoView {
    let (params, query) = (use_params_map(), use_query_map());
    let which = move || {
        let query = query.read();
        let word = |key: &str| query.get(key).filter(|v| !v.is_empty());
        (params.read().get("account").unwrap_or_default(), word("car"), word("moved"), word("solar"))
    };
    let model = Resource::new(which, |(account, car, moved, solar)| api::plans::show(account, car, moved, solar));
    loaded(model, page)
}

fn page(model: PlansView) -> impl IntoView {
    let lang = use_lang();
    let number = model.account.number.clone();
    let above = ViewFn::from(move || view! { <a href=to::bills(&number)>{text::back(lang)}</a> });
    let head = model.account.clone();
    let plain = |words: String| view! { <p class="lead">{words}</p> }.into_any();
    let body = match (&model.current, &model.plans[..]) {
        (None, _) => plain(text::no_electricity(lang).to_owned()),
        (Some(own), [] | [_]) => plain(text::no_choice(lang, own)),
        (Some(_), _) if model.periods.is_empty() => plain(text::too_early(lang).to_owned()),
        (Some(_), [own, others @ ..]) => compared(lang, &model, own, others).into_any(),
    };
    view! {
        <AccountPage head section=Section::Bills title=text::title(lang) above>
            <div class="plans stack-large">{body}</div>
        </AccountPage>
    }
}

/// How many billing periods there are.
fn count(model: &PlansView) -> i64 {
    i64::try_from(model.periods.len()).unwrap_or(i64::MAX)
}

fn compared(lang: Lang, model: &PlansView, own: &PlanView, others: &[PlanView]) -> impl IntoView + use<> {
    let n = count(model);
    let best = others.iter().min_by_key(|p| p.total).unwrap_or(own);
    let off = best.total - own.total;
    let lead = match off {
        Cents::ZERO => text::lead_same(lang, own.total, n, &own.code, &best.code),
        less if less < Cents::ZERO => text::lead_less(lang, own.total, -less, n, &best.code, best.total),
        more => text::lead_own(lang, more, n, &own.code, &best.code),
    };
    let names = [own.code.as_str(), best.code.as_str()];
    let pairs: Vec<Pair> = model
        .periods
        .iter()
        .zip(own.bills.iter().zip(&best.bills))
        .map(|(period, (here, there))| Pair {
            label: format::month_short(lang, period.last()).to_owned(),
            first: Some(here.0),
            second: Some(there.0),
        })
        .collect();
    let title = text::chart_title(lang, names[0], names[1]);
    let draw = |id: &str, size| {
        let said = Some([title.as_str(), lead.as_str()]);
        let counted = Counted::Money;
        let class = "electricity";
        compare(&Comparison { id, class, names, counted, exponent: -2, said, pairs: &pairs, size }, lang)
    };
    let (wide, narrow) = (draw("plans-wide", Size::WIDE), draw("plans-narrow", Size::NARROW));
    let drawn = Drawn { wide: wide.svg, narrow: narrow.svg, table: wide.table, caption: text::table_caption(lang) };
    let all = || std::iter::once(own).chain(others);
    let unverified = all().any(|p| !p.verified).then(|| view! { <p>{text::demo_prices(lang)}</p> });
    let said = [
        (model.missing > 0).then(|| text::missing(lang, model.missing)),
        (model.estimated > 0).then(|| text::estimated(lang, model.estimated)),
    ];
    let date = |day| format::date(lang, day);
    let (from, to) = (model.periods.first(), model.periods.last());
    let basis = text::basis(
        lang,
        date(model.prices_on),
        format::number(lang, Decimal::new(model.expected, 0), 0),
        from.map(|p| date(p.from)).unwrap_or_default(),
        to.map(|p| date(p.last())).unwrap_or_default(),
    );
    let prices = all().map(|plan| prices(lang, plan)).collect_view();
    view! {
        <div class="stack">
            <p class="lead">{lead.clone()}</p>
            {costs(lang, model, own, others)}
            {figure(lang, key("electricity", names), "", drawn)}
            <div class="muted small stack">
                <p>{basis} {said.into_iter().flatten().map(|words| [" ", &words].concat()).collect_view()}</p>
                {unverified}
            </div>
        </div>
        {attempt::section(lang, model, own, others)}
        <section class="stack" aria-labelledby="prices">
            <h2 id="prices">{text::prices_title(lang)}</h2>
            <div class="plan-prices">{prices}</div>
        </section>
        <div class="notice no-print">
            <Icon glyph=Glyph::Notice/>
            <p>
                {text::change(lang)} " "
                <a href=to::help(&model.account.number)>{text::change_link(lang)}</a>
            </p>
        </div>
    }
}

/// How much more or less something is than something else.
fn difference(lang: Lang, amount: Cents, against: Cents) -> String {
    match amount - against {
        Cents::ZERO => text::same(lang).to_owned(),
        less if less < Cents::ZERO => text::less(lang, -less),
        more => text::more(lang, more),
    }
}

/// The plans and what they come to.
fn costs(lang: Lang, model: &PlansView, own: &PlanView, others: &[PlanView]) -> impl IntoView + use<> {
    let n = count(model);
    let row = |plan: &PlanView| {
        let mine = plan.code == own.code;
        let name = if mine { text::name_own(lang, &plan.code) } else { plan.code.clone() };
        let kind = match (plan.by_hour, plan.prices.iter().any(|p| p.step.is_some())) {
            (true, _) => text::by_hour(lang),
            (false, true) => text::by_step(lang),
            (false, false) => text::by_flat(lang),
        };
        let monthly =
            Cents(domain::money::div_half_up(i128::from(plan.total.0), i128::from(n)).try_into().unwrap_or(0));
        let against = (!mine).then(|| difference(lang, plan.total, own.total));
        view! {
            <tr>
                <th scope="row">{name}<span class="muted small">{kind}</span></th>
                <td class="amount" data-label=text::table_cost(lang, n)>{plan.total.to_string()}</td>
                <td class="amount" data-label=text::table_month(lang)>{monthly.to_string()}</td>
                <td data-label=text::table_difference(lang)>{against}</td>
            </tr>
        }
    };
    let rows = std::iter::once(own).chain(others).map(row).collect_view();
    view! {
        <div class="scroll" tabindex="0" role="region" aria-label=text::title(lang)>
            <table class="plan-costs">
                <thead>
                    <tr>
                        <th scope="col">{text::table_plan(lang)}</th>
                        <th scope="col" class="amount">{text::table_cost(lang, n)}</th>
                        <th scope="col" class="amount">{text::table_month(lang)}</th>
                        <th scope="col">{text::table_difference(lang)}</th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
    }
}

/// What a plan charges by use.
fn prices(lang: Lang, plan: &PlanView) -> impl IntoView + use<> {
    let number = |d: Decimal| d.to_string();
    let when = |p: &PlanPrice| {
        let step = match (p.step, p.per_day) {
            (Some(1), Some(end)) => Some(text::price_first(lang, number(end))),
            (Some(_), _) => Some(text::price_rest(lang).to_owned()),
            (None, _) => None,
        };
        match (p.sent, &p.period, step) {
            (true, None, _) => text::price_sent(lang).to_owned(),
            (true, Some(period), _) => [text::price_sent(lang), ", ", period].concat(),
            (false, None, None) => text::price_all(lang).to_owned(),
            (false, None, Some(step)) => step,
            (false, Some(period), None) => capitalized(period),
            (false, Some(period), Some(step)) => [&capitalized(period), ", ", &step].concat(),
        }
    };
    let rows = plan.prices.iter().map(|p| {
        view! {
            <tr>
                <th scope="row">{when(p)}</th>
                <td class="amount">{price(p.price)}</td>
            </tr>
        }
    });
    view! {
        <table>
            <caption>{text::prices_caption(lang, &plan.code)}</caption>
            <thead>
                <tr>
                    <th scope="col">{text::price_when(lang)}</th>
                    <th scope="col" class="amount">{text::price_each(lang)}</th>
                </tr>
            </thead>
            <tbody>{rows.collect_view()}</tbody>
        </table>
    }
}
