//! A chart that the server draws: a sentence first, then the picture in two sizes, what its marks mean, and the table.

use charts::Table;
use leptos::prelude::*;
use locales::{Lang, common};

/// A chart, ready to be shown.
pub struct Drawn {
    /// The picture for wide screens, an `<svg>` element.
    pub wide: String,
    /// The picture for phones.
    pub narrow: String,
    /// What is drawn, as text.
    pub table: Table,
    /// What the table says.
    pub caption: &'static str,
}

/// The chart with its key, a note and its table.
pub fn figure(lang: Lang, key: impl IntoView, note: impl IntoView, drawn: Drawn) -> impl IntoView {
    let Drawn { wide, narrow, table, caption } = drawn;
    let rows = table.to_html(caption, |_| None);
    view! {
        <figure class="usage-chart">
            <div class="chart-frame">
                <div class="chart-wide" inner_html=wide></div>
                <div class="chart-narrow" inner_html=narrow></div>
            </div>
            <figcaption class="stack">
                {key}
                <p class="chart-note">{note}</p>
            </figcaption>
        </figure>
        <details class="usage-table">
            <summary>{common::as_table(lang)}</summary>
            <div class="scroll" tabindex="0" role="region" aria-label=caption inner_html=rows></div>
        </details>
    }
}
