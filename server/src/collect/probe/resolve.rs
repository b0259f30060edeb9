//! From a host to the addresses that may be connected to.
//!
//! Invariant: the addresses that were judged are the ones that are connected to; nothing is looked up twice.

use std::io;
use std::net::{IpAddr, SocketAddr, ToSocketAddrs};

use tokio::sync::Semaphore;
use tokio::task;
use url::Host;

use super::{Egress, FailureReason, Interruption};
use crate::source::Address;

/// Addresses tried per attempt; names with more are cut.
const ADDRESSES_MAX: usize = 8;
/// Look-ups under way in the whole process. The system's resolver blocks a thread and cannot be cancelled, so look-ups
/// outlive their attempt's deadline when name servers are silent, and must not pile up.
const LOOKUPS_MAX: usize = 64;

static LOOKUPS: Semaphore = Semaphore::const_new(LOOKUPS_MAX);

/// The addresses of a host that may be connected to, in the resolver's order, at least one.
pub(super) async fn addresses(address: &Address, egress: Egress) -> Result<Vec<SocketAddr>, Interruption> {
    let port = address.port;
    let mut found = match &address.host {
        Host::Ipv4(v4) => vec![SocketAddr::new(IpAddr::V4(*v4), port)],
        Host::Ipv6(v6) => vec![SocketAddr::new(IpAddr::V6(*v6), port)],
        Host::Domain(name) => look_up(name, port).await?,
    };
    let mut refused = None;
    found.retain(|candidate| match egress.vet(candidate.ip()) {
        Ok(()) => true,
        Err(reason) => {
            refused.get_or_insert(reason);
            false
        }
    });
    found.truncate(ADDRESSES_MAX);
    match refused {
        // Nobody was asked, so nothing is known about the target.
        Some(reason) if found.is_empty() => Err(Interruption::Forbidden(reason)),
        _ => Ok(found),
    }
}

async fn look_up(name: &str, port: u16) -> Result<Vec<SocketAddr>, Interruption> {
    let own =
        |error: &dyn std::fmt::Display| Interruption::Own(format!("this machine's resolver failed: {error}"));
    let permit = LOOKUPS.acquire().await.map_err(|error| own(&error))?;
    let owned = name.to_owned();
    let looked_up = task::spawn_blocking(move || {
        let found = (owned.as_str(), port).to_socket_addrs().map(Iterator::collect::<Vec<_>>);
        drop(permit);
        found
    });
    match looked_up.await.map_err(|error| own(&error))? {
        Ok(found) if found.is_empty() => Err(not_found(name)),
        Ok(found) => Ok(found),
        Err(error) if is_not_found(&error) => Err(not_found(name)),
        Err(error) => Err(own(&error)),
    }
}

fn not_found(name: &str) -> Interruption {
    Interruption::Target(FailureReason::NameNotFound(name.to_owned()))
}

/// The standard library passes the resolver's code on as text alone. These are what glibc and musl say when the name
/// servers answered that there is no such name or that it has no address; all else is trouble of our own.
fn is_not_found(error: &io::Error) -> bool {
    let text = error.to_string();
    [
        "Name or service not known",
        "No address associated with hostname",
        "Name does not resolve",
        "Name has no usable address",
    ]
    .iter()
    .any(|known| text.contains(known))
}
