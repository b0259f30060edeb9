//! Which IP addresses a probe may connect to: decided on the address itself, after resolving, whatever its spelling.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// The metadata service of clouds that speak IPv6; IPv4 ones are link-local.
const METADATA_V6: Ipv6Addr = Ipv6Addr::new(0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x254);

/// False for link-local and metadata addresses: they hand out a machine's credentials and are nobody's service.
/// Private addresses are allowed: most services that are worth a probe live there.
pub(super) fn allowed(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => !v4.is_link_local(),
        IpAddr::V6(v6) => {
            !v6.is_unicast_link_local()
                && v6 != METADATA_V6
                && !embedded_v4(v6).is_some_and(|v4| v4.is_link_local())
        }
    }
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

    #[test]
    fn link_local_and_metadata_are_refused_in_every_dress() {
        for refused in [
            "169.254.169.254",
            "169.254.0.1",
            "fe80::1",
            "febf::1",
            "fd00:ec2::254",
            "::ffff:169.254.169.254",
            "::169.254.169.254",
            "64:ff9b::a9fe:a9fe",
            "2002:a9fe:a9fe::1",
        ] {
            assert!(!allowed(refused.parse().unwrap()), "{refused}");
        }
        for fine in [
            "127.0.0.1",
            "10.0.0.1",
            "::1",
            "fd00::1",
            "93.184.216.34",
            "2606:2800::1",
            "169.253.0.1",
            "fec0::1",
        ] {
            assert!(allowed(fine.parse().unwrap()), "{fine}");
        }
    }
}
