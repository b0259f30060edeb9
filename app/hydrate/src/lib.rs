//! Starts the client on a page that the server has rendered. Nothing else lives here.

/// Attaches the application to the server's document.
#[wasm_bindgen::prelude::wasm_bindgen]
pub fn hydrate() {
    console_error_panic_hook::set_once();
    leptos::mount::hydrate_body(app::App);
}
