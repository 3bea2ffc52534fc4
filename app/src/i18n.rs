//! The language of the page and the name of the utility: what every view needs and none carries about.

use leptos::prelude::*;
use locales::Lang;

/// The language that the person reads.
#[must_use]
pub fn use_lang() -> Lang {
    use_context::<Lang>().unwrap_or_default()
}

/// Whose portal this is, as the operator set it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Brand {
    /// The utility's name.
    pub name: String,
    /// A number that people may call.
    pub phone: String,
}

/// Whose portal this is.
#[must_use]
pub fn use_brand() -> Brand {
    expect_context::<Brand>()
}

/// Reads the brand from the page that the server sent.
#[cfg(feature = "hydrate")]
#[must_use]
pub fn brand_of_page() -> Brand {
    let of = |name: &str| document().document_element().and_then(|e| e.get_attribute(name)).unwrap_or_default();
    Brand { name: of("data-utility"), phone: of("data-phone") }
}
