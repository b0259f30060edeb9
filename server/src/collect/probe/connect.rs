//! A TCP connection to the first of several addresses that accepts one.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use futures::StreamExt;
use futures::stream::FuturesUnordered;
use rustix::io::Errno;
use tokio::net::TcpStream;
use tokio::time;

use super::progress::Progress;
use super::{FailureReason, Interruption, Network, Phase, resolve};
use crate::source::Address;

/// Head start of an address over the next one (RFC 8305 recommends 250 ms): one dead address of several costs little.
const HEAD_START: Duration = Duration::from_millis(250);

/// Why no address accepted; of several errors the greatest counts.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Fault {
    /// This machine has no way to that address, e.g. IPv6 without a route.
    NoRoute,
    /// The target's side said no; refused is the more telling answer.
    Unreachable,
    Closed,
    Refused,
    /// This machine lacks files, memory or permission.
    Resource,
}

/// Resolves, and connects to where that is allowed.
pub(super) async fn dial(
    address: &Address,
    network: &Network,
    progress: &mut Progress,
) -> Result<TcpStream, Interruption> {
    progress.enter(Phase::Resolving);
    let addresses = resolve::addresses(address, network.egress).await?;
    progress.enter(Phase::Connecting);
    connect(&addresses).await
}

/// Connects to the first address that accepts; later ones start when earlier ones fail or take long.
pub(super) async fn connect(addresses: &[SocketAddr]) -> Result<TcpStream, Interruption> {
    let mut rest = addresses.iter();
    let mut under_way = FuturesUnordered::new();
    let mut worst = None;
    loop {
        if let Some(address) = rest.next() {
            under_way.push(TcpStream::connect(*address));
        }
        let more = rest.len() > 0;
        tokio::select! {
            ended = under_way.next() => match ended {
                Some(Ok(stream)) => {
                    // Without it a request in two segments may wait for a delayed acknowledgement; only timing is at stake.
                    drop(stream.set_nodelay(true));
                    return Ok(stream);
                }
                Some(Err(error)) => worst = worst.max(Some((fault(&error), error.to_string()))),
                None => return Err(interruption(worst)),
            },
            () = time::sleep(HEAD_START), if more => {}
        }
    }
}

fn fault(error: &io::Error) -> Fault {
    match Errno::from_io_error(error) {
        Some(Errno::CONNREFUSED) => Fault::Refused,
        Some(Errno::CONNRESET | Errno::CONNABORTED | Errno::PIPE) => Fault::Closed,
        Some(Errno::HOSTUNREACH | Errno::HOSTDOWN | Errno::TIMEDOUT) => Fault::Unreachable,
        Some(Errno::NETUNREACH | Errno::NETDOWN | Errno::ADDRNOTAVAIL | Errno::AFNOSUPPORT) => Fault::NoRoute,
        // EMFILE, ENFILE, ENOMEM, ENOBUFS, EACCES, EPERM, and what we do not know.
        _ => Fault::Resource,
    }
}

fn interruption(worst: Option<(Fault, String)>) -> Interruption {
    match worst {
        Some((Fault::Refused, _)) => Interruption::Target(FailureReason::Refused),
        Some((Fault::Closed, _)) => Interruption::Target(FailureReason::Closed),
        Some((Fault::Unreachable, _)) => Interruption::Target(FailureReason::Unreachable),
        Some((Fault::NoRoute | Fault::Resource, text)) => {
            Interruption::Own(format!("could not connect: {text}"))
        }
        None => Interruption::Own("no address to connect to".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn our_own_lack_of_files_is_not_the_targets_failure() {
        let of = |errno: Errno| fault(&io::Error::from_raw_os_error(errno.raw_os_error()));
        assert_eq!(of(Errno::MFILE), Fault::Resource);
        assert_eq!(of(Errno::NOMEM), Fault::Resource);
        assert!(of(Errno::CONNREFUSED) > of(Errno::NETUNREACH), "one address without a route hides nothing");
        assert!(matches!(interruption(Some((Fault::NoRoute, String::new()))), Interruption::Own(_)));
    }
}
