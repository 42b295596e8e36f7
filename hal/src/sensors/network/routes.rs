//! By which interfaces a machine could reach the world.
//!
//! Sources: `/proc/net/route` and `/proc/net/ipv6_route`, which are those of the
//! network namespace of whoever reads.

use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::tree::Tree;

/// A way out.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct DefaultRoute {
    /// The kernel's name of its interface.
    pub name: String,
    /// The lowest comes first.
    pub metric: u32,
    /// Two routes, each to half of the world, lead there before any default
    /// route: a VPN's, or those by which the box has chosen another uplink.
    pub is_preferred: bool,
    /// Its interface is a tunnel, which itself needs another way.
    pub is_tunnel: bool,
}

/// Reads them below `root`, `/` in life: the first choice of the kernel first,
/// each interface once. What cannot be read is no way.
#[must_use]
pub fn ways_out(root: &Path) -> Vec<DefaultRoute> {
    read(&Tree::new(root))
}

/// `RTF_UP` and `RTF_REJECT` of the kernel's `route.h`.
const UP: u32 = 0x1;
const REJECT: u32 = 0x200;
/// `ARPHRD_NONE` of the kernel's `if_arp.h`: WireGuard, tun, and modems, which
/// hang on a device.
const NO_ADDRESSES: u32 = 65_534;

pub(super) fn read(tree: &Tree<'_>) -> Vec<DefaultRoute> {
    let (v4, v6) = (tree.text("proc/net/route"), tree.text("proc/net/ipv6_route"));
    let v4: Vec<Entry<'_>> = v4.iter().flat_map(|text| text.lines()).filter_map(entry_v4).collect();
    let v6: Vec<Entry<'_>> = v6.iter().flat_map(|text| text.lines()).filter_map(entry_v6).collect();
    let mut entries = [v4, v6];
    entries.iter_mut().for_each(|family| family.sort_by_key(|entry| (!entry.is_half, entry.metric)));
    let mut ways: Vec<DefaultRoute> = Vec::new();
    for Entry { interface, metric, is_half } in entries.into_iter().flatten() {
        if let Some(way) = ways.iter_mut().find(|way| way.name == interface) {
            way.metric = if way.is_preferred && !is_half { metric } else { way.metric };
            way.is_preferred |= is_half;
            continue;
        }
        let folder = format!("sys/class/net/{interface}");
        let is_tunnel = tree.number::<u32>(&format!("{folder}/type")) == Some(NO_ADDRESSES)
            && !tree.has(&format!("{folder}/device"));
        ways.push(DefaultRoute { name: interface.to_owned(), metric, is_preferred: is_half, is_tunnel });
    }
    // By IPv6 alone, too.
    ways.sort_by_key(|way| !way.is_preferred);
    ways
}

/// A route to the whole world or to its lower half.
struct Entry<'a> {
    interface: &'a str,
    metric: u32,
    is_half: bool,
}

/// `eth0 00000000 0101A8C0 0003 0 0 100 00000000 0 0 0`: interface, destination,
/// gateway, flags, references, uses, metric, mask … Addresses are as they lie in
/// memory.
fn entry_v4(line: &str) -> Option<Entry<'_>> {
    let fields: Vec<&str> = line.split_ascii_whitespace().collect();
    let [interface, "00000000", _, flags, _, _, metric, mask, ..] = *fields.as_slice() else { return None };
    let is_half = match mask {
        "00000000" => false,
        "00000080" | "80000000" => true,
        _ => return None,
    };
    is_used(flags).then_some(Entry { interface, metric: metric.parse().ok()?, is_half })
}

/// Destination and source with their lengths, next hop, metric, references,
/// uses, flags, interface; all hexadecimal.
fn entry_v6(line: &str) -> Option<Entry<'_>> {
    let fields: Vec<&str> = line.split_ascii_whitespace().collect();
    let [to, length @ ("00" | "01"), _, "00", _, metric, _, _, flags, interface] = *fields.as_slice() else {
        return None;
    };
    let metric = u32::from_str_radix(metric, 16).ok()?;
    let is_zero = to.bytes().all(|digit| digit == b'0');
    (is_zero && is_used(flags)).then_some(Entry { interface, metric, is_half: length == "01" })
}

fn is_used(flags: &str) -> bool {
    u32::from_str_radix(flags, 16).is_ok_and(|flags| flags & UP != 0 && flags & REJECT == 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Of a machine with Wi-Fi beside its cable and a tunnel.
    const V4: &str = "Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT\n\
        wlan0\t00000000\t0102A8C0\t0003\t0\t0\t600\t00000000\t0\t0\t0\n\
        eth0\t00000000\t0101A8C0\t0003\t0\t0\t100\t00000000\t0\t0\t0\n\
        eth0\t0001A8C0\t00000000\t0001\t0\t0\t100\t00FFFFFF\t0\t0\t0\n\
        eth1\t00000000\t00000000\t0200\t0\t0\t5\t00000000\t0\t0\t0\n";
    const V6: &str = "00000000000000000000000000000000 00 00000000000000000000000000000000 00 \
        fe800000000000000000000000000001 00000400 00000001 00000000 00450003     eth0\n\
        00000000000000000000000000000000 00 00000000000000000000000000000000 00 \
        00000000000000000000000000000000 00000100 00000001 00000000 00000001      wg0\n\
        00000000000000000000000000000000 00 00000000000000000000000000000000 00 \
        00000000000000000000000000000000 ffffffff 00000001 00000000 00200200       lo\n\
        fe800000000000000000000000000000 40 00000000000000000000000000000000 00 \
        00000000000000000000000000000000 00000100 00000001 00000000 00000001     eth0\n";

    fn of(files: &[(&str, &str)]) -> Vec<DefaultRoute> {
        let root = tempfile::tempdir().unwrap();
        for (place, text) in files {
            let path = root.path().join(place);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }
        read(&Tree::new(root.path()))
    }

    fn route(interface: &str, metric: u32, is_tunnel: bool) -> DefaultRoute {
        DefaultRoute { name: interface.to_owned(), metric, is_preferred: false, is_tunnel }
    }

    #[test]
    fn every_interface_with_a_default_route_stands_once_in_the_kernels_order() {
        let files = [
            ("proc/net/route", V4),
            ("proc/net/ipv6_route", V6),
            ("sys/class/net/wg0/type", "65534"),
            ("sys/class/net/eth0/type", "1"),
        ];
        assert_eq!(
            of(&files),
            [route("eth0", 100, false), route("wlan0", 600, false), route("wg0", 256, true)]
        );
        assert_eq!(of(&files[1..2]), [route("wg0", 256, false), route("eth0", 1024, false)]);
    }

    #[test]
    fn two_halves_of_the_world_come_before_any_default_route() {
        for halves in [
            [("proc/net/route", "wlan0 00000000 0102A8C0 0003 0 0 0 00000080 0 0 0"), ("none", "")],
            [
                ("none", ""),
                (
                    "proc/net/ipv6_route",
                    "00000000000000000000000000000000 01 \
             00000000000000000000000000000000 00 fe800000000000000000000000000001 00000400 00000001 \
             00000000 00000003 wlan0",
                ),
            ],
        ] {
            let v4 = format!("{V4}{}\n", halves[0].1);
            let ways = of(&[("proc/net/route", v4.as_str()), halves[1]]);
            let expected = DefaultRoute { is_preferred: true, ..route("wlan0", 600, false) };
            assert_eq!(ways, [expected, route("eth0", 100, false)], "{halves:?}");
        }
        let vpn =
            of(&[("proc/net/route", &format!("{V4}tun0 00000000 01000A0A 0003 0 0 0 00000080 0 0 0\n"))]);
        assert_eq!((vpn[0].name.as_str(), vpn[0].is_preferred, vpn.len()), ("tun0", true, 3));
    }

    #[test]
    fn a_modem_without_hardware_addresses_is_no_tunnel() {
        let line = "wwan0 00000000 00000000 0001 0 0 700 00000000 0 0 0\n";
        let files = [
            ("proc/net/route", line),
            ("sys/class/net/wwan0/type", "65534"),
            ("sys/class/net/wwan0/device/uevent", "DRIVER=qmi_wwan"),
        ];
        assert_eq!(of(&files), [route("wwan0", 700, false)]);
    }

    #[test]
    fn what_is_absent_or_cut_off_is_no_route() {
        assert_eq!(of(&[]), []);
        for cut in 0..V4.len() {
            assert!(of(&[("proc/net/route", &V4[..cut])]).len() <= 2, "{cut}");
        }
        for text in [
            "\0",
            "eth0 00000000",
            "eth0 00000000 0 zz 0 0 100 00000000",
            "eth0 00000000 0 3 0 0 -1 00000000",
        ] {
            assert_eq!(of(&[("proc/net/route", text), ("proc/net/ipv6_route", text)]), [], "{text:?}");
        }
    }
}
