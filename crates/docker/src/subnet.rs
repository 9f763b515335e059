//! Addresses for a network where the engine's own pools have none left: it has enough for some thirty networks, and a team takes one.

use ipnet::Ipv4Net;
use std::net::Ipv4Addr;

/// Where they are taken from: private (RFC 1918), and none of the engine's own pools.
const RANGE: Ipv4Net = Ipv4Net::new_assert(Ipv4Addr::new(10, 208, 0, 0), 12);
/// Enough for 254 containers.
const PREFIX: u8 = 24;

/// The first subnet that touches none of these.
pub(crate) fn free(taken: &[Ipv4Net]) -> Option<Ipv4Net> {
    let touches = |one: &Ipv4Net, other: &Ipv4Net| one.contains(other) || other.contains(one);
    RANGE.subnets(PREFIX).ok()?.find(|subnet| !taken.iter().any(|taken| touches(subnet, taken)))
}

/// The networks of a routing table as the kernel writes it to `/proc/net/route`: addresses are hexadecimal numbers of the machine's own byte order. The default
/// route is none.
pub(crate) fn of_routes(table: &str) -> Vec<Ipv4Net> {
    let number = |word: &str| u32::from_str_radix(word, 16).ok().map(|number| Ipv4Addr::from(number.to_ne_bytes()));
    let network = |line: &str| {
        let words: Vec<&str> = line.split_whitespace().collect();
        Ipv4Net::with_netmask(number(words.get(1)?)?, number(words.get(7)?)?).ok()
    };
    table.lines().skip(1).filter_map(network).filter(|network| network.prefix_len() > 0).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn nets(texts: &[&str]) -> Vec<Ipv4Net> {
        texts.iter().map(|text| text.parse().expect("a network")).collect()
    }

    #[test]
    fn the_first_that_touches_nothing_is_free() {
        assert_eq!(free(&nets(&["172.17.0.0/16"])), Some("10.208.0.0/24".parse().expect("a network")));
        assert_eq!(free(&nets(&["10.208.0.0/23", "10.208.2.128/25"])), Some("10.208.3.0/24".parse().expect("a network")));
        assert_eq!(free(&nets(&["10.0.0.0/8"])), None);
    }

    #[test]
    #[cfg(target_endian = "little")]
    fn networks_are_read_from_the_routing_table() {
        let table = "Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT\n\
                     eth0\t00000000\t0100A8C0\t0003\t0\t0\t0\t00000000\t0\t0\t0\n\
                     eth0\t0000D00A\t00000000\t0001\t0\t0\t0\t0000FFFF\t0\t0\t0\n";
        assert_eq!(of_routes(table), nets(&["10.208.0.0/16"]));
    }
}
