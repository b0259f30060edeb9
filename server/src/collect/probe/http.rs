//! HTTP: the request, its redirects, the answer.
//!
//! Invariants: every hop is vetted like the first; what a person declared for one host, headers and body, goes to no
//! other; a body is read up to a bound that is counted after decoding.

mod body;
mod exchange;
mod redirect;

use std::borrow::Cow;

use domain::Instant;
use hyper::HeaderMap;

use super::progress::Progress;
use super::{FailureReason, Interruption, Network, Phase, connect};
use crate::source::{Address, HttpRequest};
pub use body::{BODY_BYTES_MAX, Body};
pub(super) use exchange::USER_AGENT_TEXT;

/// The last answer of an attempt.
#[derive(Debug, Clone, PartialEq)]
pub struct HttpAnswer {
    /// Its status code.
    pub status: u16,
    /// Its headers.
    pub headers: HeaderMap,
    /// Its body, if somebody judges it.
    pub body: Option<Body>,
}

/// Asks, and follows redirects as far as the request says.
pub(super) async fn ask(
    request: &HttpRequest,
    scheduled: Instant,
    network: &Network,
    progress: &mut Progress,
) -> Result<HttpAnswer, Interruption> {
    let mut hop = Cow::Borrowed(request);
    let mut followed = 0;
    loop {
        let answer = match once(&hop, scheduled, network, progress).await {
            // The target sent us there, and so that is its answer.
            Err(Interruption::Forbidden(refused)) if followed > 0 => {
                let reason = FailureReason::Redirect(format!("to an {refused}"));
                return Err(Interruption::Target(reason));
            }
            answer => answer?,
        };
        if request.redirects == 0 {
            return Ok(answer);
        }
        match redirect::next(&hop, answer.status, &answer.headers).map_err(Interruption::Target)? {
            None => return Ok(answer),
            Some(_) if followed >= request.redirects => {
                return Err(Interruption::Target(FailureReason::TooManyRedirects(request.redirects)));
            }
            Some(next) => hop = Cow::Owned(next),
        }
        followed += 1;
    }
}

/// One request on a connection of its own.
async fn once(
    request: &HttpRequest,
    scheduled: Instant,
    network: &Network,
    progress: &mut Progress,
) -> Result<HttpAnswer, Interruption> {
    let url = &request.url;
    let message = exchange::message(request, scheduled)?;
    let own = |text: &str| Interruption::Own(text.to_owned());
    let host = url.host().ok_or_else(|| own("the URL has no host"))?.to_owned();
    let port = url.port_or_known_default().ok_or_else(|| own("the URL has no port"))?;
    let address = Address { host, port };
    let stream = connect::dial(&address, network, progress).await?;
    if url.scheme() == "https" {
        progress.enter(Phase::Handshaking);
        let stream = network.tls.handshake(&address.host, stream).await?;
        exchange::exchange(stream, message, request.keep_body, progress).await
    } else {
        exchange::exchange(stream, message, request.keep_body, progress).await
    }
}
