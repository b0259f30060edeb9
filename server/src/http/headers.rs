//! What every answer carries: the content security policy, its companions, a request id.

use axum::extract::Request;
use axum::http::header::{HeaderName, HeaderValue};
use axum::middleware::Next;
use axum::response::Response;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;

use super::problem::REQUEST_ID;

/// The nonce of one page, handed to its renderer as a request extension.
#[derive(Debug, Clone)]
pub(super) struct PageNonce(pub(super) String);

/// Bytes of randomness in a nonce and in a request id.
const RANDOM_BYTES: usize = 16;

const FIXED: [(&str, &str); 5] = [
    ("x-content-type-options", "nosniff"),
    ("referrer-policy", "same-origin"),
    ("cross-origin-opener-policy", "same-origin"),
    ("cross-origin-resource-policy", "same-origin"),
    ("x-frame-options", "DENY"),
];

/// Mints nonce and request id, runs the request under them, and sets the headers.
pub(super) async fn protect(mut request: Request, next: Next) -> Response {
    let nonce = random();
    let id = random();
    request.extensions_mut().insert(PageNonce(nonce.clone()));
    let mut response = REQUEST_ID.scope(id.clone(), next.run(request)).await;
    let policy = format!(
        "default-src 'none'; script-src 'self' 'nonce-{nonce}' 'wasm-unsafe-eval'; style-src 'self'; \
         img-src 'self' data:; font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; \
         frame-ancestors 'none'"
    );
    let headers = response.headers_mut();
    let mut set = |name: &'static str, value: &str| {
        if let Ok(value) = HeaderValue::from_str(value) {
            headers.insert(HeaderName::from_static(name), value);
        }
    };
    set("content-security-policy", &policy);
    set("x-request-id", &id);
    for (name, value) in FIXED {
        set(name, value);
    }
    response
}

fn random() -> String {
    let mut bytes = [0_u8; RANDOM_BYTES];
    if getrandom::fill(&mut bytes).is_err() {
        // Without randomness there is no nonce that an attacker cannot guess: an empty one matches no script.
        return String::new();
    }
    STANDARD_NO_PAD.encode(bytes)
}
