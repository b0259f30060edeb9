//! The whole document around the application: head, body, icons, and our own start script.
//!
//! Leptos' `HydrationScripts` is not used: it cannot recover from a missing or an old bundle, `start.js` can. What
//! stands here after `<App/>` is not walked by hydration and costs the client nothing.

use leptos::prelude::*;
use leptos_meta::MetaTags;

use crate::app::App;
use crate::components::sprite::Sprite;
use crate::request::RequestInfo;
use crate::theme::Theme;

/// Where the client's files are, relative to the site root, as the bundler's manifest names them.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct ShellOptions {
    /// The JavaScript glue of the client.
    pub js: String,
    /// The client.
    pub wasm: String,
    /// The style sheet.
    pub css: String,
    /// The script that starts the client.
    pub start: String,
    /// The shared worker that holds the live stream.
    pub stream: String,
    /// Names this build; the live stream says another one after an upgrade.
    pub build: String,
}

/// The document of every page.
pub fn shell(options: ShellOptions) -> impl IntoView {
    let theme = use_context::<RequestInfo>().and_then(|request| request.theme).map(Theme::key);
    let at_root = |path: &str| format!("/{}", path.trim_start_matches('/'));
    view! {
        <!DOCTYPE html>
        <html lang="en" data-theme=theme data-build=options.build data-stream=at_root(&options.stream)>
            <head>
                <meta charset="utf-8" />
                <meta name="viewport" content="width=device-width, initial-scale=1" />
                <meta name="color-scheme" content="light dark" />
                <link rel="stylesheet" href=at_root(&options.css) />
                <link rel="icon" type="image/svg+xml" href="/favicon.svg" />
                <MetaTags />
                <script
                    type="module"
                    src=at_root(&options.start)
                    data-js=at_root(&options.js)
                    data-wasm=at_root(&options.wasm)
                ></script>
            </head>
            <body>
                <App />
                <Sprite />
            </body>
        </html>
    }
}
