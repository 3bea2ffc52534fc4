//! One own data set: beside this home, and by itself.

use charts::compare::{Comparison as Drawing, Counted, Pair, compare};
use charts::usage::{note, picture, table, words};
use charts::{Chart, Size};
use contract::Field;
use contract::compare::{Comparison, DataSetLine, DataSetView, NotCompared};
use contract::form::{Done, FormState};
use contract::usage::{Grain, Measure, UsageAsk, UsageQuery, UsageView};
use domain::calendar::DayRange;
use leptos::prelude::*;
use leptos_router::hooks::{use_params_map, use_query_map};
use locales::{Lang, common, compare as text, format, usage};

use crate::api;
use crate::components::{
    AccountPage, Drawn, Glyph, Icon, PostForm, Section, TextField, came_back, figure, loaded, service_name,
};
use crate::i18n::use_lang;
use crate::pages::usage::around::legend;
use crate::routes::to;

/// The page.
#[component]
pub fn DataSet() -> impl IntoView {
    let state = api::form::use_form_state();
    let (params, query) = (use_params_map(), use_query_map());
    let which = move || {
        let params = params.read();
        let query = query.read();
        let word = |key: &str| query.get(key).filter(|v| !v.is_empty());
        let part = |key: &str| params.get(key).unwrap_or_default();
        (part("account"), part("number"), word("by"), word("from"), word("to"), word("show"))
    };
    let model = Resource::new(which, |(account, number, by, from, to, show)| {
        api::compare::show(account, number, by, from, to, show)
    });
    loaded(model, move |model: DataSetView| page(model, state.clone()))
}

fn page(model: DataSetView, state: FormState) -> impl IntoView {
    let lang = use_lang();
    let account = model.usage.account.number.clone();
    let viewing = model.usage.account.view_as.is_some();
    let back = account.clone();
    let above = ViewFn::from(move || view! { <a href=to::compare(&back)>{text::preview_back(lang)}</a> });
    let done = state.done.map(|done| if done == Done::Saved { text::renamed(lang) } else { text::kept(lang) });
    let service = model.usage.query.service;
    let side = match model.comparison {
        Ok(both) => side_by_side(lang, &model.label, service.slug(), &both).into_any(),
        Err(why) => {
            let word = words::service(lang, service);
            let why = match why {
                NotCompared::NothingHere => text::nothing_here(lang, word),
                NotCompared::OtherUnits => text::other_units(lang, word),
                NotCompared::OtherDirection => text::other_direction(lang).to_owned(),
            };
            view! { <p>{why}</p> }.into_any()
        }
    };
    let head = model.usage.account.clone();
    let siblings = siblings(lang, &account, model.siblings);
    let own = own(lang, &model.label, &model.number, model.usage);
    view! {
        <AccountPage head section=Section::Usage title=model.label.clone() above>
            <div class="stack-large">
                {done.map(|words| view! {
                    <div class="notice good" role="status"><Icon glyph=Glyph::Done/><p>{words}</p></div>
                })}
                {siblings}
                <section class="stack" aria-labelledby="side">
                    <h2 id="side">{text::side_by_side(lang)}</h2>
                    {side}
                </section>
                {own}
                {(!viewing).then(|| change(lang, &account, &model.number, &model.label, state))}
                <p class="muted small">{text::added(lang, format::date(lang, model.added_on), model.file_name)}</p>
            </div>
        </AccountPage>
    }
}

/// What else came in the same file.
fn siblings(lang: Lang, account: &str, others: Vec<DataSetLine>) -> Option<impl IntoView + use<>> {
    let links: Vec<_> = others
        .iter()
        .map(|s| view! { <li><a href=to::data_set(account, &s.number)>{s.label.clone()}</a> " (" {service_name(lang, s.service)} ")"</li> })
        .collect();
    (!links.is_empty()).then(|| {
        view! {
            <div class="no-print">
                <p>{text::siblings(lang)}</p>
                <ul>{links}</ul>
            </div>
        }
    })
}

/// The two charts of the comparison, each with its sentence and its table.
fn side_by_side(lang: Lang, label: &str, class: &str, both: &Comparison) -> impl IntoView + use<> {
    let names = [text::here(lang), label];
    let draw = |id: &str, pairs: &[Pair], size| {
        let counted = Counted::Use(both.unit);
        compare(&Drawing { id, class, names, counted, exponent: Comparison::EXPONENT, said: None, pairs, size }, lang)
    };
    let months: Vec<Pair> = both
        .months
        .iter()
        .map(|m| Pair { label: format::month_short(lang, m.month).to_owned(), first: m.here, second: m.there })
        .collect();
    let hours: Vec<Pair> = (0..)
        .zip(&both.hours)
        .filter_map(|(h, (here, there))| {
            let at = chrono::NaiveDate::MIN.and_hms_opt(h, 0, 0)?;
            Some(Pair { label: format::hour(lang, at), first: *here, second: *there })
        })
        .collect();
    let key = key(class, names);
    let monthly = titled(
        lang,
        None,
        text::months_title(lang),
        text::months_note(lang),
        text::table_months(lang),
        [draw("months-wide", &months, Size::WIDE), draw("months-narrow", &months, Size::NARROW)],
    );
    let hourly = (!hours.is_empty()).then(|| {
        titled(
            lang,
            peaks(lang, label, &both.hours),
            text::hours_title(lang),
            text::hours_note(lang),
            text::table_hours(lang),
            [draw("hours-wide", &hours, Size::WIDE), draw("hours-narrow", &hours, Size::NARROW)],
        )
    });
    view! {
        {key}
        {monthly}
        {hourly}
    }
}

pub(in crate::pages) fn key(class: &str, names: [&str; 2]) -> impl IntoView + use<> {
    view! {
        <ul class=format!("chart-key {class}")>
            {names
                .iter()
                .zip(["mark use", "mark other"])
                .map(|(name, mark)| view! {
                    <li>
                        <svg class=format!("chart-swatch {class}") viewBox="0 0 16 16" aria-hidden="true">
                            <rect class=mark x="1" y="1" width="14" height="14"></rect>
                        </svg>
                        {(*name).to_owned()}
                    </li>
                })
                .collect_view()}
        </ul>
    }
}

/// The hours in which most is used, here and there.
fn peaks(lang: Lang, label: &str, hours: &[(Option<i64>, Option<i64>)]) -> Option<String> {
    let ours = most(lang, hours.iter().map(|p| p.0))?;
    let theirs = most(lang, hours.iter().map(|p| p.1))?;
    let ((here, here_to), (there, there_to)) = (ours, theirs);
    Some(text::hours_peak(lang, here, here_to, label, there, there_to))
}

/// The hour in which most is used: when it begins and ends.
pub(in crate::pages) fn most(lang: Lang, hours: impl Iterator<Item = Option<i64>>) -> Option<(String, String)> {
    let (_, hour) = hours.zip(0_u32..).filter_map(|(amount, h)| Some((amount?, h))).max()?;
    let at = |h: u32| Some(format::hour(lang, chrono::NaiveDate::MIN.and_hms_opt(h % 24, 0, 0)?));
    at(hour).zip(at(hour + 1))
}

fn titled(
    lang: Lang,
    sentence: Option<String>,
    title: &'static str,
    note: &'static str,
    caption: &'static str,
    [wide, narrow]: [Chart; 2],
) -> impl IntoView + use<> {
    let sentence = sentence.unwrap_or(wide.summary);
    let drawn = Drawn { wide: wide.svg, narrow: narrow.svg, table: wide.table, caption };
    view! {
        <h3>{title}</h3>
        <p class="lead">{sentence}</p>
        {figure(lang, (), note, drawn)}
    }
}

/// The file by itself, as the usage page shows a meter.
fn own(lang: Lang, label: &str, number: &str, model: UsageView) -> impl IntoView + use<> {
    let base = to::data_set(&model.account.number, number);
    let address = {
        let base = base.clone();
        move |query: &UsageQuery| {
            let ask = UsageAsk { service: None, ..UsageAsk::of(query) };
            base.clone() + &ask.to_query() + "#own"
        }
    };
    let sentence = words::summary(&model, lang);
    let (wide, _) = picture(&model, lang, Size::WIDE, "own-wide", &sentence);
    let (narrow, _) = picture(&model, lang, Size::NARROW, "own-narrow", &sentence);
    let rows = {
        let into = |i: usize| {
            let bar = model.bars.get(i)?;
            let grain = finer(&model)?;
            Some(address(&UsageQuery { grain, range: words::days_of(&model, bar), ..model.query }))
        };
        table(&model, lang).to_html(usage::table_caption(lang), into)
    };
    let step = |range: Option<DayRange>, word: &'static str, glyph: Glyph, rel: &'static str| {
        range.map(|range| {
            let href = address(&UsageQuery { range, ..model.query });
            view! { <a class="button quiet" href=href rel=rel><Icon glyph/>{word}</a> }
        })
    };
    let measures = model.costs.then(|| {
        let option = |measure: Measure, word: &'static str| {
            let current = (measure == model.query.measure).then_some("true");
            view! { <a href=address(&UsageQuery { measure, ..model.query }) aria-current=current>{word}</a> }
        };
        view! {
            <nav class="segments no-print" aria-label=usage::measure_label(lang)>
                {option(Measure::Units, locales::bill::unit_word(model.unit))}
                {option(Measure::Dollars, usage::measure_dollars(lang))}
            </nav>
        }
    });
    let steps = model.grains.iter().map(|choice| {
        let query = UsageQuery { range: choice.range, grain: choice.grain, ..model.query };
        let word = match choice.grain {
            Grain::QuarterHour => usage::step_15min(lang),
            Grain::Hour => usage::step_hour(lang),
            Grain::Day => usage::step_day(lang),
            Grain::Bill => usage::step_bill(lang),
            Grain::Month => usage::step_month(lang),
        };
        let current = (choice.grain == model.query.grain).then_some("true");
        view! { <a href=address(&query) aria-current=current>{word}</a> }
    });
    view! {
        <section class="usage stack" aria-labelledby="own">
            <h2 id="own">{text::own_title(lang, label)}</h2>
            <p class="lead">{words::title(&model, lang)} ": " {words::headline(&model, lang)}</p>
            <div class="row no-print">
                {step(model.previous, usage::previous(lang), Glyph::Previous, "prev")}
                {step(model.next, usage::next(lang), Glyph::Next, "next")}
                {measures}
            </div>
            <figure class="usage-chart">
                <div class="chart-frame">
                    <div class="chart-wide" inner_html=wide></div>
                    <div class="chart-narrow" inner_html=narrow></div>
                </div>
                <figcaption class="stack">
                    {legend(&model, lang)}
                    <p class="chart-note">{note(model.query.grain, lang)}</p>
                </figcaption>
            </figure>
            <div class="row no-print">
                <span class="muted" id="steps">{usage::steps_label(lang)}</span>
                <nav class="tabs" aria-labelledby="steps">{steps.collect_view()}</nav>
            </div>
            <details class="usage-table">
                <summary>{common::as_table(lang)}</summary>
                <div class="scroll" tabindex="0" role="region" aria-label=usage::table_caption(lang) inner_html=rows></div>
            </details>
        </section>
    }
}

/// What a bar opens into, as fine as the file is.
fn finer(model: &UsageView) -> Option<Grain> {
    let has = |g: Grain| model.grains.iter().any(|c| c.grain == g);
    let next = match model.query.grain {
        Grain::Month => Grain::Day,
        Grain::Day => Grain::Hour,
        Grain::Hour => Grain::QuarterHour,
        Grain::Bill | Grain::QuarterHour => return None,
    };
    has(next).then_some(next)
}

/// Another name, or away with it.
fn change(lang: Lang, account: &str, number: &str, label: &str, state: FormState) -> impl IntoView + use<> {
    let open = state.error.is_some() || came_back(&state, &[Field::Label]);
    let (account, number, label) = (account.to_owned(), number.to_owned(), label.to_owned());
    let hidden = || {
        view! {
            <input type="hidden" name="account" value=account.clone()/>
            <input type="hidden" name="number" value=number.clone()/>
        }
    };
    let (one, other) = (hidden(), hidden());
    view! {
        <details class="no-print" open=open>
            <summary>{text::rename_title(lang)}</summary>
            <div class="stack-large">
                <PostForm action="/api/compare/label" state=state.clone()>
                    {one}
                    <TextField field=Field::Label label=text::label(lang) value=label state/>
                    <p class="row send"><button class="second" type="submit">{text::rename(lang)}</button></p>
                </PostForm>
                <form method="post" action="/api/compare/remove" class="stack">
                    {other}
                    <p class="muted">{text::remove_note(lang)}</p>
                    <p><button class="danger" type="submit">{text::remove(lang)}</button></p>
                </form>
            </div>
        </details>
    }
}
