//! What a page has to know about its request, and the one thing it may change about the answer.
//!
//! The server provides both in context, for page renders and server functions alike; the client has neither.

use std::fmt;
use std::sync::Arc;

use crate::theme::Theme;

/// The request as pages see it. Provide it in context for each request; absent means all defaults.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RequestInfo {
    /// The theme in the cookie [`Theme::COOKIE`], see [`Theme::from_cookie_header`]; none means the system's.
    pub theme: Option<Theme>,
    /// The id under which the server logs this request; shown on error pages.
    pub request_id: Option<String>,
}

/// Sets the HTTP status of the answer. Provide it in context for each request.
#[derive(Clone)]
pub struct StatusHook(Arc<dyn Fn(u16) + Send + Sync>);

impl StatusHook {
    /// `set` gets the status code; the last call stands.
    pub fn new(set: impl Fn(u16) + Send + Sync + 'static) -> Self {
        Self(Arc::new(set))
    }

    /// Answers with this status code.
    pub fn set(&self, status: u16) {
        (self.0)(status);
    }
}

impl fmt::Debug for StatusHook {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("StatusHook")
    }
}
