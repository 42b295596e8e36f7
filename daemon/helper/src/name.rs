//! The kernel's names for things, in the only forms that a request may hold.
//! None can leave the folder it is looked up in.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A text that does not name what it should.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{text:?} is not the name of {what}; such a name looks like {example}")]
pub struct NotAName {
    text: String,
    what: &'static str,
    example: &'static str,
}

macro_rules! name {
    ($(#[$doc:meta])* $name:ident, $what:literal, $example:literal, $is_one:expr) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// Takes a text that has the form.
            ///
            /// # Errors
            /// [`NotAName`] for any other.
            pub fn new(text: impl Into<String>) -> Result<Self, NotAName> {
                let text = text.into();
                let is_one: fn(&str) -> bool = $is_one;
                if is_one(&text) {
                    return Ok(Self(text));
                }
                let text = text.chars().take(64).collect();
                Err(NotAName { text, what: $what, example: $example })
            }

            /// The name.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl TryFrom<String> for $name {
            type Error = NotAName;

            fn try_from(text: String) -> Result<Self, NotAName> {
                Self::new(text)
            }
        }

        impl From<$name> for String {
            fn from(name: $name) -> Self {
                name.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

name! {
    /// A USB port, as `/sys/bus/usb/devices` names what is plugged into it: the
    /// bus, then the port of each hub on the way, such as `1-1.4`.
    UsbPort, "a USB port", "1-1.4", is_usb_port
}

name! {
    /// A whole disk, such as `sda` or `nvme0n1`.
    Disk, "a disk", "sda", |text| is_sd(text) || is_nvme(text)
}

name! {
    /// What of a stick can be mounted: a partition such as `sdb1`, or `sdb` of one
    /// that has none.
    Partition, "a partition of a stick", "sdb1",
    |text| {
        let (disk, number) = text.split_at(text.trim_end_matches(|c: char| c.is_ascii_digit()).len());
        is_sd(disk) && (number.is_empty() || is_number(number))
    }
}

name! {
    /// A network interface, such as `eth0` or `wwp0s20f0u3`.
    Interface, "a network interface", "eth0", is_interface
}

impl UsbPort {
    /// The interface of the hub that has the port, and the port's folder in it,
    /// as the kernel names them below `/sys/bus/usb/devices`.
    pub(crate) fn on_its_hub(&self) -> (String, String) {
        let (hub, number) = match self.0.rsplit_once('.') {
            Some((hub, number)) => (hub, number),
            None => {
                let (bus, number) = self.0.split_once('-').unwrap_or((&self.0, ""));
                return (format!("{bus}-0:1.0"), format!("usb{bus}-port{number}"));
            }
        };
        (format!("{hub}:1.0"), format!("{hub}-port{number}"))
    }
}

/// The kernel (`dev_valid_name`) takes more: nothing that anybody calls one.
fn is_interface(text: &str) -> bool {
    let is_first = |first: u8| first.is_ascii_alphanumeric();
    let is_next = |next: u8| is_first(next) || matches!(next, b'-' | b'_' | b'.');
    (1..=15).contains(&text.len()) && text.bytes().next().is_some_and(is_first) && text.bytes().all(is_next)
}

/// Hubs behind hubs end at the sixth port (`MAX_TOPO_LEVEL` in the kernel's
/// `usb.h`).
const MOST_PORTS: usize = 6;

fn is_usb_port(text: &str) -> bool {
    let Some((bus, ports)) = text.split_once('-') else { return false };
    let ports: Vec<&str> = ports.split('.').collect();
    is_number(bus) && ports.len() <= MOST_PORTS && ports.into_iter().all(is_number)
}

/// 1 to 999, written without zeros in front.
fn is_number(text: &str) -> bool {
    (1..=3).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit()) && !text.starts_with('0')
}

fn is_sd(text: &str) -> bool {
    text.strip_prefix("sd").is_some_and(|letters| {
        (1..=3).contains(&letters.len()) && letters.bytes().all(|b| b.is_ascii_lowercase())
    })
}

/// Controller and namespace; the first controller is 0.
fn is_nvme(text: &str) -> bool {
    let numbers = text.strip_prefix("nvme").and_then(|rest| rest.split_once('n'));
    numbers
        .is_some_and(|(controller, space)| (controller == "0" || is_number(controller)) && is_number(space))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_the_kernel_pass() {
        for port in ["1-1", "1-1.4", "12-3.14.2", "2-1.1.1.1.1.7"] {
            assert_eq!(UsbPort::new(port).map(String::from).as_deref(), Ok(port));
        }
        for disk in ["sda", "sdaa", "nvme0n1", "nvme12n2"] {
            assert!(Disk::new(disk).is_ok(), "{disk}");
        }
        for partition in ["sdb", "sdb1", "sdab12"] {
            assert!(Partition::new(partition).is_ok(), "{partition}");
        }
        for interface in ["eth0", "wwp0s20f0u3i12", "eth0.100", "enx0250b6aabbcc", "1_a-b"] {
            assert!(Interface::new(interface).is_ok(), "{interface}");
        }
    }

    #[test]
    fn nothing_else_passes() {
        let strange =
            ["", ".", "..", "/", "../1-1", "1-1/..", "1-1\n", "1-1;reboot", "１-１", "1-1 ", "sda\0"];
        for text in strange {
            assert!(UsbPort::new(text).is_err(), "{text:?}");
            assert!(Disk::new(text).is_err(), "{text:?}");
            assert!(Partition::new(text).is_err(), "{text:?}");
        }
        for text in
            ["", ".", "..", "-4", "/", "../eth0", "eth0/..", "eth0 metric 1", "eth0\n", "a23456789abcdefg"]
        {
            assert!(Interface::new(text).is_err(), "{text:?}");
        }
        for text in ["1", "1-", "-1", "1-1.", "1-0", "01-1", "1-1.2.3.4.5.6.7", "1234-1", "usb1", "1-1:1.0"] {
            assert!(UsbPort::new(text).is_err(), "{text:?}");
        }
        for text in ["sd", "sda1", "sdA", "mmcblk0", "dm-0", "nvme0", "nvme0n0", "nvme0n1p1", "loop0"] {
            assert!(Disk::new(text).is_err(), "{text:?}");
        }
        for text in ["sd1", "sdb0", "sdb01", "nvme0n1p1", "loop0"] {
            assert!(Partition::new(text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn a_port_is_found_on_its_hub() {
        let on = |port| UsbPort::new(port).unwrap().on_its_hub();
        assert_eq!(on("1-4"), ("1-0:1.0".to_owned(), "usb1-port4".to_owned()));
        assert_eq!(on("1-1.4"), ("1-1:1.0".to_owned(), "1-1-port4".to_owned()));
        assert_eq!(on("2-1.3.2"), ("2-1.3:1.0".to_owned(), "2-1.3-port2".to_owned()));
    }

    #[test]
    fn a_long_text_is_not_repeated_whole() {
        let error = UsbPort::new("x".repeat(5000)).unwrap_err();
        assert!(error.to_string().len() < 200, "{error}");
    }
}
