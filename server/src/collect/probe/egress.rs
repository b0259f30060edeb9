//! Where probes may connect to: decided on the IP address itself, after resolving, never on a name, whatever its
//! spelling.
//!
//! Invariant: the address that was judged is the one that is connected to; every connection of every probe passes here.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Metadata services of clouds that are no link-local addresses.
const METADATA_V4: Ipv4Addr = Ipv4Addr::new(100, 100, 100, 200);
/// The metadata service of clouds that speak IPv6.
const METADATA_V6: Ipv6Addr = Ipv6Addr::new(0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x254);
/// The metadata service of most clouds, which is link-local as well.
const METADATA_LINK_LOCAL: Ipv4Addr = Ipv4Addr::new(169, 254, 169, 254);

/// Which addresses are allowed beyond those that nobody may reach.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Egress {
    /// Private and loopback ones too: most services that are worth a probe live there.
    #[default]
    Any,
    /// Public ones only.
    Public,
}

/// Why an address may not be connected to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// It hands out a machine's credentials.
    #[error("address not allowed: a metadata service")]
    Metadata,
    /// It is nobody's service.
    #[error("address not allowed: link-local")]
    LinkLocal,
    /// The operator keeps probes out of it.
    #[error("address not allowed: private")]
    Private,
    /// The operator keeps probes off this machine.
    #[error("address not allowed: loopback")]
    Loopback,
}

impl Egress {
    /// Whether a probe may connect to this address.
    pub fn vet(self, address: IpAddr) -> Result<(), Refused> {
        match address {
            IpAddr::V4(v4) => self.vet_v4(v4),
            IpAddr::V6(v6) if v6 == METADATA_V6 => Err(Refused::Metadata),
            IpAddr::V6(v6) if v6.is_unicast_link_local() => Err(Refused::LinkLocal),
            IpAddr::V6(v6) if v6.is_loopback() || v6.is_unspecified() => {
                self.unless_public(Refused::Loopback)
            }
            IpAddr::V6(v6) if v6.is_unique_local() => self.unless_public(Refused::Private),
            IpAddr::V6(v6) => embedded_v4(v6).map_or(Ok(()), |v4| self.vet_v4(v4)),
        }
    }

    fn vet_v4(self, v4: Ipv4Addr) -> Result<(), Refused> {
        match v4 {
            METADATA_V4 | METADATA_LINK_LOCAL => Err(Refused::Metadata),
            v4 if v4.is_link_local() => Err(Refused::LinkLocal),
            v4 if v4.is_loopback() || v4.octets().starts_with(&[0]) => self.unless_public(Refused::Loopback),
            v4 if v4.is_private() || is_shared(v4) => self.unless_public(Refused::Private),
            _ => Ok(()),
        }
    }

    fn unless_public(self, refused: Refused) -> Result<(), Refused> {
        match self {
            Self::Any => Ok(()),
            Self::Public => Err(refused),
        }
    }
}

/// 100.64.0.0/10, which carriers share out (RFC 6598).
fn is_shared(v4: Ipv4Addr) -> bool {
    v4.to_bits() >> 22 == Ipv4Addr::new(100, 64, 0, 0).to_bits() >> 22
}

/// The IPv4 address that traffic to `v6` ends up at: v4-mapped, v4-compatible, NAT64's well-known prefix, 6to4.
fn embedded_v4(v6: Ipv6Addr) -> Option<Ipv4Addr> {
    let low = v6.to_bits() & 0xffff_ffff;
    match v6.to_bits() >> 32 {
        0 | 0xffff | 0x0064_ff9b_0000_0000_0000_0000 => u32::try_from(low).ok().map(Ipv4Addr::from_bits),
        prefix if prefix >> 80 == 0x2002 => {
            u32::try_from((prefix >> 48) & 0xffff_ffff).ok().map(Ipv4Addr::from_bits)
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn vet(egress: Egress, address: &str) -> Result<(), Refused> {
        egress.vet(address.parse().unwrap())
    }

    #[test]
    fn link_local_and_metadata_are_refused_in_every_dress() {
        for refused in [
            "169.254.169.254",
            "100.100.100.200",
            "fd00:ec2::254",
            "::ffff:169.254.169.254",
            "::ffff:100.100.100.200",
            "::169.254.169.254",
            "64:ff9b::a9fe:a9fe",
            "2002:a9fe:a9fe::1",
        ] {
            assert_eq!(vet(Egress::Any, refused), Err(Refused::Metadata), "{refused}");
            assert_eq!(vet(Egress::Public, refused), Err(Refused::Metadata), "{refused}");
        }
        for refused in ["169.254.0.1", "fe80::1", "febf::1", "::ffff:169.254.1.1"] {
            assert_eq!(vet(Egress::Any, refused), Err(Refused::LinkLocal), "{refused}");
        }
        let public = ["93.184.216.34", "2606:2800::1", "169.253.0.1", "fec0::1", "100.128.0.1"];
        let private = ["10.0.0.1", "192.168.1.1", "172.16.0.1", "100.64.0.1", "fd00::1", "::ffff:10.0.0.1"];
        let loopback = ["127.0.0.1", "0.0.0.0", "::1", "::", "::ffff:127.0.0.1"];
        for (addresses, refused) in [
            (&public[..], None),
            (&private[..], Some(Refused::Private)),
            (&loopback[..], Some(Refused::Loopback)),
        ] {
            for address in addresses {
                assert_eq!(vet(Egress::Any, address), Ok(()), "{address}");
                assert_eq!(vet(Egress::Public, address).err(), refused, "{address}");
            }
        }
    }
}
