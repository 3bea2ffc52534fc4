//! The WASM entry: takes over the page that the server sent.

use wasm_bindgen::prelude::wasm_bindgen;

/// Called by the page's own script once the WASM is there.
#[wasm_bindgen]
pub fn hydrate() {
    console_error_panic_hook::set_once();
    leptos::mount::hydrate_body(app::App);
    if let Some(root) = leptos::prelude::document().document_element() {
        // Tests, and nothing else, wait for this mark.
        let _ = root.set_attribute("data-hydrated", "");
    }
}
