//! Refuses requests that a foreign web page may have sent: any page can post to 127.0.0.1, and a name of its own can
//! be made to resolve there.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::uri::Authority;
use axum::http::{HeaderMap, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::body;
use super::problem::Problem;

/// The names we answer to.
#[derive(Debug)]
pub(super) struct Hosts {
    listen: SocketAddr,
    names: Vec<String>,
}

impl Hosts {
    /// Our listen address, loopback names, and what the operator adds.
    pub(super) fn new(listen: SocketAddr, names: Vec<String>) -> Self {
        Self { listen, names: names.into_iter().map(|name| name.trim().to_ascii_lowercase()).collect() }
    }

    fn is_ours(&self, authority: &str) -> bool {
        let Ok(authority) = authority.parse::<Authority>() else { return false };
        let host = authority.host().to_ascii_lowercase();
        let bare = host.trim_start_matches('[').trim_end_matches(']');
        if host == "localhost" || host.ends_with(".localhost") || self.names.contains(&host) {
            return true;
        }
        bare.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback() || ip == self.listen.ip())
    }
}

/// The middleware.
pub(super) async fn refuse_foreign(
    State(hosts): State<Arc<Hosts>>,
    request: Request,
    next: Next,
) -> Response {
    if request.headers().get_all(header::HOST).iter().count() > 1 {
        body::discard(request).await;
        return Problem::bad_request("The request names more than one host.").into_response();
    }
    let host = request.headers().get(header::HOST).map_or_else(
        || request.uri().authority().map(ToString::to_string),
        |host| host.to_str().ok().map(str::to_owned),
    );
    let Some(host) = host.filter(|host| hosts.is_ours(host)) else {
        body::discard(request).await;
        return Problem::new(
            StatusCode::MISDIRECTED_REQUEST,
            "This server does not answer to that host name.",
        )
        .detail("Use its own address, or add the name to NINES_HOSTS.")
        .into_response();
    };
    let reads_only = matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS);
    if !reads_only && is_foreign(request.headers(), &host) {
        body::discard(request).await;
        return Problem::new(
            StatusCode::FORBIDDEN,
            "A request that changes something must come from our own pages.",
        )
        .into_response();
    }
    next.run(request).await
}

/// Whether a browser says that another site's page sent this. A client that is no browser sends neither header.
fn is_foreign(headers: &HeaderMap, host: &str) -> bool {
    let text = |name: &str| headers.get(name).map(|value| value.to_str().unwrap_or("?"));
    if text("sec-fetch-site").is_some_and(|site| !matches!(site, "same-origin" | "none")) {
        return true;
    }
    let same =
        |origin: &str| origin.split_once("://").is_some_and(|(_, rest)| rest.eq_ignore_ascii_case(host));
    text("origin").is_some_and(|origin| !same(origin))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn loopback_names_the_address_and_declared_names_are_ours() {
        let hosts = Hosts::new("192.0.2.7:3000".parse().unwrap(), vec!["Nines.example".into()]);
        for ours in [
            "localhost:3000",
            "127.0.0.1",
            "[::1]:3000",
            "192.0.2.7:3000",
            "nines.example:443",
            "127.0.0.2:1",
        ] {
            assert!(hosts.is_ours(ours), "{ours}");
        }
        for foreign in
            ["evil.example", "localhost.evil.example", "192.0.2.8", "", "a b", "127.0.0.1.evil.example"]
        {
            assert!(!hosts.is_ours(foreign), "{foreign}");
        }
    }
}
