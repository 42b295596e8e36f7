//! This machine's addresses and its way out, from the kernel's own tables:
//! `/proc/net/fib_trie`, `if_inet6`, `route`, `ipv6_route`.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::path::Path;

use crate::facts::Network;

pub(super) fn look(root: &Path) -> Network {
    let read = |file: &str| std::fs::read_to_string(root.join("proc/net").join(file)).unwrap_or_default();
    let mut addresses = local_v4(&read("fib_trie"));
    addresses.extend(local_v6(&read("if_inet6")));
    let mut gateways = gateways_v4(&read("route"));
    gateways.extend(gateways_v6(&read("ipv6_route")));
    Network { addresses, gateways }
}

/// An address, and below it `/32 host LOCAL`.
fn local_v4(trie: &str) -> Vec<IpAddr> {
    let mut last = None;
    let mut found = Vec::new();
    for line in trie.lines() {
        if let Some(address) = line.trim_start().strip_prefix("|-- ") {
            last = address.trim().parse::<Ipv4Addr>().ok();
        } else if line.contains("/32 host LOCAL")
            && let Some(address) = last.filter(|address| !address.is_loopback())
            && !found.contains(&IpAddr::V4(address))
        {
            found.push(IpAddr::V4(address));
        }
    }
    found
}

/// Address, index, prefix, scope (00 is global), flags, interface.
fn local_v6(table: &str) -> Vec<IpAddr> {
    let addresses = table.lines().filter_map(|line| {
        let fields: Vec<&str> = line.split_whitespace().collect();
        let [address, _, _, "00", ..] = fields[..] else { return None };
        Some(IpAddr::V6(Ipv6Addr::from(u128::from_str_radix(address, 16).ok()?)))
    });
    addresses.collect()
}

/// Interface, destination, gateway, flags, …, mask; numbers in hex, of the
/// machine's own byte order.
fn gateways_v4(table: &str) -> Vec<String> {
    let gateways = table.lines().skip(1).filter_map(|line| {
        let fields: Vec<&str> = line.split_whitespace().collect();
        let (interface, gateway) = (fields.first()?, fields.get(2)?);
        let is_default = *fields.get(1)? == "00000000" && *fields.get(7)? == "00000000";
        let is_up = u32::from_str_radix(fields.get(3)?, 16).ok()? & 1 == 1;
        let gateway = Ipv4Addr::from(u32::from_str_radix(gateway, 16).ok()?.to_ne_bytes());
        let way = if gateway.is_unspecified() { String::new() } else { format!("{gateway} ") };
        (is_default && is_up).then(|| format!("{way}({interface})"))
    });
    gateways.collect()
}

/// Destination, its prefix, source, its prefix, next hop, metric, …, flags,
/// interface.
fn gateways_v6(table: &str) -> Vec<String> {
    let gateways = table.lines().filter_map(|line| {
        let fields: Vec<&str> = line.split_whitespace().collect();
        let zeros = "0".repeat(32);
        let [destination, "00", _, _, hop, .., flags, interface] = fields[..] else { return None };
        let is_gateway = u32::from_str_radix(flags, 16).ok()? & 3 == 3;
        let hop = Ipv6Addr::from(u128::from_str_radix(hop, 16).ok()?);
        (destination == zeros && is_gateway).then(|| format!("{hop} ({interface})"))
    });
    gateways.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const TRIE: &str = "Main:\n  +-- 0.0.0.0/0 3 0 5\n     |-- 127.0.0.1\n        /32 host LOCAL\n     \
                        |-- 192.0.2.2\n        /32 host LOCAL\n     |-- 192.0.2.255\n        /32 link BROADCAST\n\
                        Local:\n     |-- 192.0.2.2\n        /32 host LOCAL\n";
    const ROUTE: &str = "Iface\tDestination\tGateway\tFlags\tRefCnt\tUse\tMetric\tMask\n\
                         eth0\t00000000\t010200C0\t0003\t0\t0\t0\t00000000\n\
                         eth0\t000200C0\t00000000\t0001\t0\t0\t0\t00FFFFFF\n";

    #[test]
    fn own_addresses_are_those_beyond_the_machine_each_once() {
        assert_eq!(local_v4(TRIE), ["192.0.2.2".parse::<IpAddr>().unwrap()]);
        let table = "00000000000000000000000000000001 01 80 10 80 lo\n\
                     fe80000000000000000000000000abcd 02 40 20 80 eth0\n\
                     20010db8000000000000000000000007 02 40 00 80 eth0\nshort\n";
        assert_eq!(local_v6(table), ["2001:db8::7".parse::<IpAddr>().unwrap()]);
    }

    #[test]
    #[cfg(target_endian = "little")]
    fn the_way_out_is_the_route_to_everything() {
        assert_eq!(gateways_v4(ROUTE), ["192.0.2.1 (eth0)"]);
        let zeros = "0".repeat(32);
        let v6 = format!(
            "{zeros} 00 {zeros} 00 fe800000000000000000000000000001 00000400 1 0 00000003 eth0\n\
             {zeros} 00 {zeros} 00 {zeros} ffffffff 1 0 00200200 lo\n"
        );
        assert_eq!(gateways_v6(&v6), ["fe80::1 (eth0)"]);
    }

    #[test]
    fn a_machine_without_tables_has_no_network_and_garbage_is_none() {
        let root = tempfile::tempdir().unwrap();
        assert_eq!(look(root.path()), Network::default());
        assert!(gateways_v4("a\nb c\n\n").is_empty() && gateways_v6("x 00 y").is_empty());
    }
}
