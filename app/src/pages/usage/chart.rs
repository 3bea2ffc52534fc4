//! The chart with what lies over it: one bar is pointed at by mouse, finger or arrow keys, and a card says when, how much, what
//! it cost and how we know. The server's pictures stand until the browser knows the room; then the same code draws one that
//! fits.

use charts::usage::{note, picture, words};
use charts::{Geometry, Size};
use contract::usage::{UsageQuery, UsageView};
use leptos::html::Div;
use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::hooks::use_navigate;
use locales::{Lang, usage as text};

use super::query::{about, address, into_bar, signed, zoomed};
use crate::i18n::use_lang;

/// What is seen: the picture's size and where its bars are.
#[derive(Clone, PartialEq)]
struct Seen {
    geometry: Geometry,
    /// The frame's width in CSS pixels.
    width: f64,
    /// The frame's height in CSS pixels.
    height: f64,
}

/// Whether a bar was just opened with a key: then the keyboard stays on the chart that comes.
#[derive(Clone, Copy)]
pub(super) struct OpenedByKey(pub(super) StoredValue<bool>);

/// The chart of a view.
#[component]
pub(super) fn Chart(
    /// What is drawn.
    model: UsageView,
    /// What it shows, in sentences.
    summary: String,
    /// What is to be said of some bars beside their amounts.
    notes: Vec<(u32, String)>,
    /// What the kinds of marks mean, as HTML.
    key: String,
) -> impl IntoView {
    let lang = use_lang();
    let (wide, wide_geometry) = picture(&model, lang, Size::WIDE, "usage-wide", &summary);
    let (narrow, narrow_geometry) = picture(&model, lang, Size::NARROW, "usage-narrow", &summary);
    let frame = NodeRef::<Div>::new();
    let over = NodeRef::<Div>::new();
    let seen = RwSignal::new(None::<Seen>);
    let exact = RwSignal::new(None::<String>);
    let at = RwSignal::new(None::<usize>);
    let said = RwSignal::new(String::new());
    let count = model.bars.len();
    let axis_note = note(model.query.grain, lang);
    let model = StoredValue::new(model);
    let notes = StoredValue::new(notes);
    let noted = move |index: usize| {
        notes.with_value(|n| n.iter().filter(|n| n.0 as usize == index).map(|n| n.1.clone()).collect::<Vec<_>>())
    };
    // A picture stands until the next one is drawn, and can be touched after its signals are gone: then it says nothing.
    let gone = move || model.is_disposed();

    let measure = move || {
        let Some(frame) = frame.get_untracked() else { return };
        let (width, height) = (f64::from(frame.client_width()), f64::from(frame.client_height()));
        if width < 1.0 || height < 1.0 {
            return;
        }
        let geometry = if width < 640.0 { &narrow_geometry } else { &wide_geometry };
        let scale = width / f64::from(geometry.width);
        // Letters that are a tenth too small or large do not matter; more than that is drawn anew, as high as it was.
        let geometry = if (0.9..1.12).contains(&scale) {
            exact.set(None);
            geometry.clone()
        } else {
            let size = Size {
                width: whole(width),
                height: whole(width / f64::from(geometry.width) * f64::from(geometry.height)).min(400),
            };
            let (svg, geometry) = model.with_value(|m| picture(m, lang, size, "usage-exact", &summary));
            exact.set(Some(svg));
            geometry
        };
        let height = width * f64::from(geometry.height) / f64::from(geometry.width);
        seen.set(Some(Seen { geometry, width, height }));
    };
    Effect::new({
        let measure = measure.clone();
        move |_| {
            // Again once it is in the page: a view that comes by a link is built before.
            if !gone() && frame.get().is_some() {
                measure();
            }
        }
    });
    let resized = window_event_listener(leptos::ev::resize, move |_| {
        if !gone() {
            measure();
        }
    });
    on_cleanup(move || resized.remove());

    let opened_by_key = use_context::<OpenedByKey>();
    Effect::new(move |_| {
        if !gone()
            && let (Some(over), Some(OpenedByKey(opened))) = (over.get(), opened_by_key)
            && opened.get_value()
        {
            opened.set_value(false);
            focus(&over);
        }
    });

    let go = use_navigate();
    let go_zoom = go.clone();
    let open = move |index: usize| {
        let to = model.with_value(|m| into_bar(m, index).map(|query| address(m, &query)));
        if let Some(to) = to {
            go(&to, NavigateOptions::default());
        }
    };
    let slot_under = move |x: i32| {
        let left = left_of(&over.get_untracked()?);
        seen.with_untracked(|seen| {
            let seen = seen.as_ref()?;
            seen.geometry.slot_at((f64::from(x) - left) * f64::from(seen.geometry.width) / seen.width)
        })
    };
    let point = move |x: i32| {
        let slot = slot_under(x);
        if at.get_untracked() != slot {
            at.set(slot);
        }
    };
    let zoom = move |query: UsageQuery| {
        go_zoom(&model.with_value(|m| address(m, &query)), NavigateOptions::default());
    };
    // Where a mouse was pressed; fingers on the chart; what is marked to be looked at more closely.
    let pressed = StoredValue::new(None::<(i32, usize)>);
    let fingers = StoredValue::new(Vec::<(i32, i32)>::new());
    let apart = StoredValue::new(None::<(i32, usize)>);
    let marked = RwSignal::new(None::<(usize, usize)>);
    let spread = move || {
        fingers
            .with_value(|f| if let [a, b] = f[..] { Some(((a.1 - b.1).abs(), i32::midpoint(a.1, b.1))) } else { None })
    };
    let down = move |e: leptos::ev::PointerEvent| {
        if gone() {
            return;
        }
        let x = e.client_x();
        point(x);
        if e.pointer_type() == "mouse" {
            pressed.set_value(slot_under(x).map(|slot| (x, slot)));
        } else {
            fingers.update_value(|f| f.push((e.pointer_id(), x)));
            apart.set_value(spread().and_then(|(wide, middle)| Some((wide.max(1), slot_under(middle)?))));
        }
    };
    let moved = move |e: leptos::ev::PointerEvent| {
        if gone() {
            return;
        }
        let x = e.client_x();
        point(x);
        fingers.update_value(|f| f.iter_mut().filter(|f| f.0 == e.pointer_id()).for_each(|f| f.1 = x));
        if let (Some((begun, slot)), Some(here)) = (pressed.get_value(), at.get_untracked())
            && (marked.get_untracked().is_some() || (x - begun).abs() > 8)
        {
            marked.set(Some((slot.min(here), slot.max(here))));
        }
    };
    let up = {
        let zoom = zoom.clone();
        move |e: leptos::ev::PointerEvent| {
            if gone() {
                return;
            }
            pressed.set_value(None);
            if let (Some((wide, middle)), Some((now, _))) = (apart.get_value(), spread()) {
                apart.set_value(None);
                zoom(model.with_value(|m| about(m, middle, i64::from(wide), i64::from(now.max(1)))));
            } else if let Some((from, to)) = marked.get_untracked() {
                zoom(model.with_value(|m| zoomed(m, signed(from), signed(to))));
            }
            fingers.update_value(|f| f.retain(|f| f.0 != e.pointer_id()));
        }
    };
    let (open_key, zoom_key) = (open.clone(), zoom);
    let key_down = move |event: leptos::ev::KeyboardEvent| {
        if gone() {
            return;
        }
        let last = count.saturating_sub(1);
        let here = at.get_untracked();
        let next = match event.key().as_str() {
            "ArrowRight" => Some(here.map_or(0, |i| (i + 1).min(last))),
            "ArrowLeft" => Some(here.map_or(last, |i| i.saturating_sub(1))),
            "PageDown" => Some(here.map_or(0, |i| (i + 7).min(last))),
            "PageUp" => Some(here.map_or(last, |i| i.saturating_sub(7))),
            "Home" => Some(0),
            "End" => Some(last),
            "Escape" => None,
            key @ ("+" | "-") => {
                if let Some(OpenedByKey(opened)) = opened_by_key {
                    opened.set_value(true);
                }
                let (wide, now) = if key == "+" { (1, 2) } else { (2, 1) };
                zoom_key(model.with_value(|m| about(m, here.unwrap_or(count / 2), wide, now)));
                return;
            }
            "Enter" => {
                if let Some(index) = here {
                    event.prevent_default();
                    if let Some(OpenedByKey(opened)) = opened_by_key {
                        opened.set_value(true);
                    }
                    open_key(index);
                }
                return;
            }
            _ => return,
        };
        event.prevent_default();
        at.set(next);
        // Only what keys choose is said aloud: who moves a pointer sees where it is.
        said.set(next.map(|i| model.with_value(|m| spoken(m, lang, i, noted(i)))).unwrap_or_default());
    };
    view! {
        <figure class="usage-chart">
            <div class="chart-frame" class:exact=move || exact.read().is_some() node_ref=frame>
                <div class="chart-wide" inner_html=wide></div>
                <div class="chart-narrow" inner_html=narrow></div>
                {move || exact.get().map(|svg| view! { <div class="chart-exact" inner_html=svg></div> })}
                {move || {
                    let open = open.clone();
                    let key_down = key_down.clone();
                    let up = up.clone();
                    seen.read().is_some().then(|| view! {
                        <div
                            class="chart-over"
                            role="application"
                            aria-roledescription=text::chart_kind(lang)
                            aria-label=text::chart_label(lang)
                            tabindex="0"
                            node_ref=over
                            on:pointermove=moved
                            on:pointerdown=down
                            on:pointerup=up
                            on:pointercancel=move |_| fingers.set_value(Vec::new())
                            on:pointerleave=move |e| if !gone() && e.pointer_type() == "mouse" {
                                at.set(None);
                                pressed.set_value(None);
                                marked.set(None);
                            }
                            on:blur=move |_| if !gone() {
                                at.set(None);
                                said.set(String::new());
                            }
                            on:keydown=key_down
                            // After a drag the click is its end, not a choice of the bar.
                            on:click=move |_| if !gone() && let (Some(index), None) = (at.get_untracked(), marked.get_untracked()) {
                                open(index);
                            }
                        >
                            {move || {
                                let here = at.get()?;
                                pointer(&seen.get()?, marked.get().unwrap_or((here, here)), here)
                            }}
                        </div>
                    })
                }}
                {move || {
                    let (seen, index) = (seen.get()?, at.get()?);
                    Some(model.with_value(|m| card(m, lang, &seen, index, noted(index))))
                }}
            </div>
            <p class="visually-hidden" aria-live="polite">{said}</p>
            <figcaption class="stack">
                <div inner_html=key></div>
                <p class="chart-note">{axis_note}</p>
            </figcaption>
        </figure>
    }
}

/// Where an element begins in the window. Only the browser points at things.
#[cfg(feature = "hydrate")]
fn left_of(element: &leptos::web_sys::HtmlDivElement) -> f64 {
    element.get_bounding_client_rect().left()
}

/// Puts the keyboard on an element.
#[cfg(feature = "hydrate")]
fn focus(element: &leptos::web_sys::HtmlDivElement) {
    // Not before it is in the page: a view that comes by a key is built outside of it.
    let element = element.clone();
    request_animation_frame(move || drop(element.focus()));
}

#[cfg(not(feature = "hydrate"))]
fn focus(_: &leptos::web_sys::HtmlDivElement) {}

#[cfg(not(feature = "hydrate"))]
fn left_of(_: &leptos::web_sys::HtmlDivElement) -> f64 {
    0.0
}

/// A length in whole pixels.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a window is neither negative nor that large"
)]
fn whole(pixels: f64) -> u32 {
    pixels.round().clamp(1.0, 10_000.0) as u32
}

/// A length to a tenth of a pixel, written with whole numbers: the code that writes floats exactly is not worth its download.
#[expect(clippy::cast_possible_truncation, reason = "lengths on a screen are small")]
fn number(length: f64) -> String {
    let tenths = (length * 10.0).round().clamp(0.0, 1e6) as i32;
    format!("{}.{}", tenths / 10, tenths % 10)
}

/// The band behind some bars and the line down to the one that is pointed at.
fn pointer(seen: &Seen, (from, to): (usize, usize), index: usize) -> Option<impl IntoView + use<>> {
    let g = &seen.geometry;
    let (x0, x1) = (g.slot(from).0, g.slot(to).1);
    let tenth = |v: i32| f64::from(v) / 10.0;
    let (left, right) = g.slot(index);
    let (top, bottom, middle) = (tenth(g.top), tenth(g.bottom), number(f64::midpoint(left, right)));
    Some(view! {
        <svg viewBox=format!("0 0 {} {}", g.width, g.height) aria-hidden="true">
            <rect class="band" x=number(x0) y=number(top) width=number((x1 - x0).max(1.0)) height=number(bottom - top)></rect>
            <line class="hair" x1=middle.clone() x2=middle y1=number(top) y2=number(g.top_of(index).max(top))></line>
        </svg>
    })
}

/// The card's width and its distance from the bar, in CSS pixels; the style sheet has the same width.
const CARD: f64 = 208.0;
const AWAY: f64 = 10.0;

/// The card: beside the bar where there is room, above the chart where there is not; never on the bar.
fn card(model: &UsageView, lang: Lang, seen: &Seen, index: usize, notes: Vec<String>) -> impl IntoView + use<> {
    let scale = seen.width / f64::from(seen.geometry.width);
    let (x0, x1) = seen.geometry.slot(index);
    let (x0, x1) = (x0 * scale, x1 * scale);
    let (left, above) = if x1 + AWAY + CARD <= seen.width {
        (x1 + AWAY, false)
    } else if x0 - AWAY - CARD >= 0.0 {
        (x0 - AWAY - CARD, false)
    } else {
        ((f64::midpoint(x0, x1) - CARD / 2.0).clamp(0.0, (seen.width - CARD).max(0.0)), true)
    };
    let place = format!("translate({}px, {})", number(left), if above { "-100%" } else { "0" });
    let bar = model.bars.get(index);
    let when = words::when(model, lang, index);
    let much = bar.and_then(|b| b.amount).map(|v| words::amount(model, lang, v));
    let sent = bar.and_then(|b| b.received).filter(|v| *v > 0).map(|v| words::amount(model, lang, v));
    let cost = bar.and_then(|b| words::cost_of(b).map(|c| (b.fixed.0 != 0, words::money(c))));
    let how = bar.map(|b| words::how(lang, b));
    let (before, warm, _) = model.beside.rows.get(index).copied().unwrap_or_default();
    let beside = [
        before.map(|v| text::card_last_year(lang, words::amount(model, lang, v))),
        warm.map(|t| text::card_weather(lang, words::warmth(t))),
    ];
    view! {
        <div class="chart-card" aria-hidden="true" style:transform=place>
            <p class="when">{when}</p>
            {much.map(|much| view! { <p class="much">{much}</p> })}
            {sent.map(|sent| view! { <p>{text::table_sent(lang)} " " {sent}</p> })}
            {cost.map(|(fixed, cost)| {
                let cost = if fixed { text::card_cost(lang, cost) } else { cost.to_string() };
                view! { <p>{cost}</p> }
            })}
            {beside.into_iter().flatten().chain(notes).map(|words| view! { <p>{words}</p> }).collect_view()}
            {how.map(|how| view! { <p class="muted">{how}</p> })}
        </div>
    }
}

/// What is said of a bar.
fn spoken(model: &UsageView, lang: Lang, index: usize, notes: Vec<String>) -> String {
    let Some(bar) = model.bars.get(index) else { return String::new() };
    let mut parts = vec![words::when(model, lang, index)];
    parts.extend(bar.amount.map(|v| words::amount(model, lang, v)));
    parts.extend(words::cost_of(bar).map(|c| words::money(c).to_string()));
    parts.push(words::how(lang, bar));
    parts.extend(notes);
    parts.join(", ")
}
