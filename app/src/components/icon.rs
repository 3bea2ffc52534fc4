//! A few icons, drawn in one stroke, always beside a word (so hidden from screen readers).

use leptos::prelude::*;

/// Which icon.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Glyph {
    /// A house.
    Home,
    /// Bars.
    Usage,
    /// A sheet with lines.
    Bills,
    /// A speech bubble.
    Help,
    /// A person.
    Account,
    /// A bolt.
    Electricity,
    /// A flame.
    Gas,
    /// A drop.
    Water,
    /// A triangle with a mark: look here.
    Notice,
    /// A tick.
    Done,
    /// An eye: someone is looking.
    Eye,
    /// An arrow to the right.
    Next,
    /// An arrow to the left.
    Previous,
    /// An arrow into a tray.
    Download,
    /// An arrow out of a tray.
    Upload,
    /// A chevron pointing down.
    Down,
    /// A flag: a day that is marked.
    Flag,
}

impl Glyph {
    const fn path(self) -> &'static str {
        match self {
            Self::Home => "M4 11 12 4l8 7v9h-5v-6H9v6H4Z",
            Self::Usage => "M4 20h16M6 20v-6M10.5 20V8M15 20v-9M19 20V5",
            Self::Bills => "M6 3h12v18l-3-2-3 2-3-2-3 2ZM9 8h6M9 12h6",
            Self::Help => "M4 5h16v11H12l-5 4v-4H4Z",
            Self::Account => "M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8ZM4 21c1-4 4-6 8-6s7 2 8 6",
            Self::Electricity => "M13 3 6 13h5l-1 8 8-11h-5Z",
            Self::Gas => "M12 3c1 4 5 6 5 11a5 5 0 0 1-10 0c0-2 1-3 2-4 0 2 1 3 2 3 1-3-1-6 1-10Z",
            Self::Water => "M12 3c4 5 6 8 6 11a6 6 0 0 1-12 0c0-3 2-6 6-11Z",
            Self::Notice => "M12 4 2.5 20h19ZM12 10v5M12 17.5v.5",
            Self::Done => "m5 12.5 4.5 4.5L19 7.5",
            Self::Eye => "M2 12c3-5 6-7 10-7s7 2 10 7c-3 5-6 7-10 7s-7-2-10-7ZM12 15a3 3 0 1 0 0-6 3 3 0 0 0 0 6Z",
            Self::Next => "m9 5 7 7-7 7",
            Self::Previous => "m15 5-7 7 7 7",
            Self::Download => "M12 4v11M7 11l5 5 5-5M4 20h16",
            Self::Upload => "M12 16V5M7 9l5-5 5 5M4 20h16",
            Self::Down => "m5 9 7 7 7-7",
            Self::Flag => "M6 21V4h11l-2 4 2 4H6",
        }
    }
}

/// Draws a glyph in the colour of the text around it.
#[component]
pub fn Icon(
    /// Which.
    glyph: Glyph,
) -> impl IntoView {
    view! {
        <svg class="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false">
            <path d=glyph.path()></path>
        </svg>
    }
}
