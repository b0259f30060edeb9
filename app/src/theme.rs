//! Light, dark, or what the system prefers.
//!
//! The choice lives in a cookie, so that the server renders it at once, and in local storage, which outlives the cookie.
//! On the page it is `data-theme` on `<html>`; without it the style sheet follows the system.

use leptos::prelude::*;

use crate::request::RequestInfo;

/// A chosen theme; no choice means the system's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Theme {
    /// Dark text on white.
    Light,
    /// Light text on near-black.
    Dark,
}

impl Theme {
    /// Name of the cookie, and of the key in local storage.
    pub const COOKIE: &'static str = "theme";

    /// `light` or `dark`; anything else is no choice.
    pub fn from_key(key: &str) -> Option<Self> {
        match key {
            "light" => Some(Self::Light),
            "dark" => Some(Self::Dark),
            _ => None,
        }
    }

    /// The text in the cookie and in `data-theme`.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }

    /// From a `Cookie` header.
    pub fn from_cookie_header(header: &str) -> Option<Self> {
        header
            .split(';')
            .filter_map(|pair| pair.trim().split_once('='))
            .find_map(|(name, value)| if name == Self::COOKIE { Self::from_key(value) } else { None })
    }

    /// The next choice of the button: system, light, dark, system.
    pub const fn next(choice: Option<Self>) -> Option<Self> {
        match choice {
            None => Some(Self::Light),
            Some(Self::Light) => Some(Self::Dark),
            Some(Self::Dark) => None,
        }
    }

    /// The choice in words.
    pub const fn label(choice: Option<Self>) -> &'static str {
        match choice {
            None => "System",
            Some(Self::Light) => "Light",
            Some(Self::Dark) => "Dark",
        }
    }
}

/// The choice that rules the page, in context.
#[derive(Clone, Copy)]
pub(crate) struct ThemeChoice(RwSignal<Option<Theme>>);

impl ThemeChoice {
    /// Puts the choice into context: on the server from the request, in the client from the page that came of it.
    pub(crate) fn provide() {
        let request = use_context::<RequestInfo>().and_then(|request| request.theme);
        let choice = Self(RwSignal::new(request.or_else(browser::on_page)));
        provide_context(choice);
        // Local storage outlives the cookie; it is asked once the page is hydrated, so that server and client agree.
        Effect::new(move |_| {
            if choice.0.get_untracked().is_none()
                && let Some(kept) = browser::kept()
            {
                choice.set(Some(kept));
            }
        });
    }

    /// From context.
    pub(crate) fn get() -> Self {
        expect_context()
    }

    /// The choice.
    pub(crate) fn read(self) -> Option<Theme> {
        self.0.get()
    }

    /// Chooses, shows and remembers.
    pub(crate) fn set(self, choice: Option<Theme>) {
        self.0.set(choice);
        browser::keep(choice);
    }
}

#[cfg(feature = "hydrate")]
mod browser {
    use leptos::prelude::{document, window};
    use wasm_bindgen::JsCast;

    use super::Theme;

    /// A year, after which the cookie has to be set again.
    const COOKIE_SECONDS: u32 = 31_536_000;

    pub(super) fn on_page() -> Option<Theme> {
        Theme::from_key(&document().document_element()?.get_attribute("data-theme")?)
    }

    pub(super) fn kept() -> Option<Theme> {
        let storage = window().local_storage().ok().flatten()?;
        Theme::from_key(&storage.get_item(Theme::COOKIE).ok().flatten()?)
    }

    /// Storage and cookies may be forbidden: then the choice lasts as long as the page.
    pub(super) fn keep(choice: Option<Theme>) {
        let Some(root) = document().document_element() else { return };
        let storage = window().local_storage().ok().flatten();
        let (value, seconds) = choice.map_or(("", 0), |theme| (theme.key(), COOKIE_SECONDS));
        if let Some(theme) = choice {
            drop(root.set_attribute("data-theme", theme.key()));
            drop(storage.map(|storage| storage.set_item(Theme::COOKIE, theme.key())));
        } else {
            drop(root.remove_attribute("data-theme"));
            drop(storage.map(|storage| storage.remove_item(Theme::COOKIE)));
        }
        let cookie = format!("{}={value}; Path=/; Max-Age={seconds}; SameSite=Lax", Theme::COOKIE);
        drop(document().unchecked_into::<web_sys::HtmlDocument>().set_cookie(&cookie));
    }
}

#[cfg(not(feature = "hydrate"))]
mod browser {
    use super::Theme;

    pub(super) fn on_page() -> Option<Theme> {
        None
    }

    pub(super) fn kept() -> Option<Theme> {
        None
    }

    pub(super) fn keep(_choice: Option<Theme>) {}
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_cookie_among_others() {
        assert_eq!(Theme::from_cookie_header("a=b; theme=dark; c=d"), Some(Theme::Dark));
        assert_eq!(Theme::from_cookie_header("theme=\"><script>"), None);
        assert_eq!(Theme::from_cookie_header("xtheme=dark"), None);
    }

    #[test]
    fn the_button_goes_round() {
        assert_eq!(Theme::next(Theme::next(Theme::next(None))), None);
    }
}
