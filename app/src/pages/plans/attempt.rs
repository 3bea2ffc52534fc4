//! The sliders. They are a form that the server answers; where there is script it answers at once, from the same hours and prices.

use contract::plans::{PlanView, PlansView, TrialAsk};
use leptos::prelude::*;
use locales::{Lang, plans as text};

use super::{count, difference};
use crate::routes::to;
use domain::quantity::Decimal;

/// One slider. Values are tenths of `unit`, or whole ones where `tenths` is false.
struct Slider {
    name: &'static str,
    label: &'static str,
    note: Option<&'static str>,
    unit: &'static str,
    value: u32,
    most: u32,
    tenths: bool,
}

impl Slider {
    fn text(&self, value: u32) -> String {
        let exponent = if self.tenths { -1 } else { 0 };
        Decimal::new(i64::from(value), exponent).to_string()
    }

    fn view(&self) -> impl IntoView + use<> {
        let id = ["try-", self.name].concat();
        let note_id = [&id, "-note"].concat();
        let described = self.note.map(|_| note_id.clone());
        let step = if self.tenths { "0.5" } else { "10" };
        let shown = [self.text(self.value).as_str(), " ", self.unit].concat();
        view! {
            <div class="field slider">
                <label for=id.clone()>{self.label}</label>
                {self.note.map(|words| view! { <p class="hint" id=note_id>{words}</p> })}
                <div class="row">
                    <input
                        id=id.clone()
                        name=self.name
                        type="range"
                        min="0"
                        max=self.text(self.most)
                        step=step
                        value=self.text(self.value)
                        aria-describedby=described
                    />
                    <output for=id data-unit=self.unit>{shown}</output>
                </div>
            </div>
        }
    }
}

/// Sliders and what they come to.
pub(super) fn section(lang: Lang, model: &PlansView, own: &PlanView, others: &[PlanView]) -> impl IntoView + use<> {
    let n = count(model);
    let ask = model.ask;
    let sliders = [
        Slider {
            name: "car",
            label: text::try_car(lang),
            note: None,
            unit: text::try_car_unit(lang),
            value: ask.miles,
            most: TrialAsk::MILES,
            tenths: false,
        },
        Slider {
            name: "moved",
            label: text::try_move(lang),
            note: Some(text::try_move_note(lang)),
            unit: text::try_move_unit(lang),
            value: ask.moved,
            most: TrialAsk::MOVED,
            tenths: true,
        },
        Slider {
            name: "solar",
            label: text::try_solar(lang),
            note: Some(text::try_solar_note(lang)),
            unit: text::try_solar_unit(lang),
            value: ask.solar,
            most: TrialAsk::SOLAR,
            tenths: true,
        },
    ];
    let all = || std::iter::once(own).chain(others);
    let best = all().filter_map(|p| Some((p.tried?, p))).min_by_key(|(tried, _)| *tried);
    let said = match best {
        Some((tried, plan)) => text::try_lead(lang, tried, n, &plan.code),
        None => text::try_none(lang).to_owned(),
    };
    let rows = all()
        .map(|plan| {
            let tried = plan.tried.map(|t| t.to_string()).unwrap_or_default();
            let against = plan.tried.map(|t| difference(lang, t, plan.total)).unwrap_or_default();
            view! {
                <tr data-plan=plan.code.clone() data-before=plan.total.0.to_string()>
                    <th scope="row">{plan.code.clone()}</th>
                    <td class="amount" data-label=text::table_cost(lang, n)>{plan.total.to_string()}</td>
                    <td class="amount" data-label=text::table_tried(lang) data-tried="">{tried}</td>
                    <td data-label="" data-change="">{against}</td>
                </tr>
            }
        })
        .collect_view();
    let page = to::plans(&model.account.number);
    let hours = ["/api/plan-hours?account=", &model.account.number].concat();
    // Words with places for amounts, so that the script has none of its own.
    let place = "{}";
    view! {
        <section
            class="stack try"
            aria-labelledby="try"
            data-hours=hours
            data-none=text::try_none(lang)
            data-lead=text::try_lead(lang, "{amount}", n, "{plan}")
            data-more=text::more(lang, place)
            data-less=text::less(lang, place)
            data-same=text::same(lang)
        >
            <h2 id="try">{text::try_title(lang)}</h2>
            <form method="get" action=[&page, "#try"].concat() class="stack">
                {sliders.iter().map(Slider::view).collect_view()}
                <p class="row no-print">
                    <button type="submit" class="second">{text::try_go(lang)}</button>
                    <a class="button quiet" href=[&page, "#try"].concat()>{text::try_reset(lang)}</a>
                </p>
            </form>
            <p class="lead" role="status" data-said="">{said}</p>
            <div class="scroll" tabindex="0" role="region" aria-label=text::try_title(lang)>
                <table class="plan-costs">
                    <thead>
                        <tr>
                            <th scope="col">{text::table_plan(lang)}</th>
                            <th scope="col" class="amount">{text::table_cost(lang, n)}</th>
                            <th scope="col" class="amount">{text::table_tried(lang)}</th>
                            <th scope="col"><span class="visually-hidden">{text::table_difference(lang)}</span></th>
                        </tr>
                    </thead>
                    <tbody>{rows}</tbody>
                </table>
            </div>
            <p class="muted small">{text::try_note(lang, n)}</p>
        </section>
    }
}
