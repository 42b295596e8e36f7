//! All cameras and sound cards, with what people call them and where they are
//! plugged in.
//!
//! Sources: `/sys/class/video4linux`, udev's word about what a node can do,
//! `/sys/class/sound`, `/proc/asound`. Nothing is opened, so nothing that somebody
//! records from is disturbed.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::tree::Tree;

/// What a lesson can be captured with.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Devices {
    /// Nodes that capture pictures, in the order of their numbers.
    pub cameras: Vec<Camera>,
    /// Cards, those that only play included.
    pub sound_cards: Vec<SoundCard>,
}

/// One camera or capture card.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Camera {
    /// The kernel's name, such as `video0`; another one after each plugging in.
    pub name: String,
    /// What its maker calls it.
    pub label: Option<String>,
    /// The kernel's driver, such as `uvcvideo`.
    pub driver: Option<String>,
    /// Where it is plugged in, if by USB.
    pub usb: Option<Usb>,
}

impl Camera {
    /// Where it is opened.
    #[must_use]
    pub fn node(&self) -> PathBuf {
        Path::new("/dev").join(&self.name)
    }
}

/// One sound card.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SoundCard {
    /// The kernel's name, such as `card1`.
    pub name: String,
    /// ALSA's name for it, which stays while the number may change: `hw:CARD=C920`.
    pub id: Option<String>,
    /// What its maker calls it.
    pub label: Option<String>,
    /// Inputs, as `hw:1,0`.
    pub inputs: Vec<String>,
    /// Where it is plugged in, if by USB.
    pub usb: Option<Usb>,
}

/// Where something is plugged in.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Usb {
    /// Bus and port, such as `1-1.3`: the same port has the same name after every
    /// start, whatever is plugged into it.
    pub port: String,
    /// `046d:082d`.
    pub model: Option<String>,
    /// What tells two of the same model apart; many have none.
    pub serial: Option<String>,
    /// How fast the port runs with it: 480 for USB 2, 5000 for USB 3. A camera for
    /// USB 3 in a port for USB 2 brings fewer or smaller pictures.
    pub megabits: Option<u32>,
}

impl Devices {
    /// Looks below `root`.
    #[must_use]
    pub fn read(root: &Path) -> Self {
        let tree = Tree::new(root);
        Self { cameras: cameras(&tree), sound_cards: sound_cards(&tree) }
    }

    /// What came and what went since `before`, as the kernel's names. What was
    /// plugged into another port under the same name has gone and come.
    #[must_use]
    pub fn since(&self, before: &Self) -> Changes {
        Changes { came: self.names_missing_in(before), went: before.names_missing_in(self) }
    }

    fn names_missing_in(&self, other: &Self) -> Vec<String> {
        let cameras = self.cameras.iter().filter(|camera| !other.cameras.contains(camera));
        let cards = self.sound_cards.iter().filter(|card| !other.sound_cards.contains(card));
        cameras.map(|camera| camera.name.clone()).chain(cards.map(|card| card.name.clone())).collect()
    }
}

/// What was plugged in and pulled out.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Changes {
    /// Names that are new.
    pub came: Vec<String>,
    /// Names that are gone.
    pub went: Vec<String>,
}

fn cameras(tree: &Tree<'_>) -> Vec<Camera> {
    let class = "sys/class/video4linux";
    let nodes = tree.names(class).into_iter();
    nodes
        .filter(|name| name.strip_prefix("video").is_some_and(|number| number.parse::<u32>().is_ok()))
        .filter(|name| captures(tree, &format!("{class}/{name}")))
        .map(|name| Camera {
            label: tree.text(&format!("{class}/{name}/name")),
            driver: tree.target(&format!("{class}/{name}/device/driver")),
            usb: usb(tree, &format!("{class}/{name}/device")),
            name,
        })
        .collect()
}

/// Drivers register further nodes for metadata and for codecs: where udev has
/// looked at the node, its `ID_V4L_CAPABILITIES` decides; elsewhere the node's
/// index must be 0, which excludes the metadata nodes of USB cameras.
fn captures(tree: &Tree<'_>, folder: &str) -> bool {
    let database =
        tree.text(&format!("{folder}/dev")).and_then(|dev| tree.text(&format!("run/udev/data/c{dev}")));
    let by_udev = database
        .as_deref()
        .and_then(|database| database.lines().find_map(|line| line.strip_prefix("E:ID_V4L_CAPABILITIES=")));
    match by_udev {
        Some(capabilities) => capabilities.split(':').any(|capability| capability == "capture"),
        None => tree.number::<u32>(&format!("{folder}/index")) == Some(0),
    }
}

fn sound_cards(tree: &Tree<'_>) -> Vec<SoundCard> {
    let labels = tree.text("proc/asound/cards").unwrap_or_default();
    let streams = tree.text("proc/asound/pcm").unwrap_or_default();
    let cards = tree.names("sys/class/sound").into_iter();
    cards
        .filter_map(|name| Some((name.strip_prefix("card")?.parse::<u32>().ok()?, name)))
        .map(|(number, name)| SoundCard {
            id: tree.text(&format!("sys/class/sound/{name}/id")),
            label: label(&labels, number),
            inputs: inputs(&streams).filter(|(card, _)| *card == number).map(|(_, input)| input).collect(),
            usb: usb(tree, &format!("sys/class/sound/{name}/device")),
            name,
        })
        .collect()
}

/// Lines such as ` 1 [C920           ]: USB-Audio - HD Pro Webcam C920`.
fn label(cards: &str, number: u32) -> Option<String> {
    cards.lines().find_map(|line| {
        let (head, rest) = line.split_once('[')?;
        if head.trim().parse() != Ok(number) {
            return None;
        }
        let (_, driver_and_name) = rest.split_once("]:")?;
        Some(driver_and_name.split_once(" - ")?.1.trim().to_owned())
    })
}

/// Card numbers and inputs of `/proc/asound/pcm`, whose lines look like
/// `01-00: USB Audio : USB Audio : playback 1 : capture 1`.
pub(super) fn inputs(streams: &str) -> impl Iterator<Item = (u32, String)> {
    streams.lines().filter_map(|line| {
        let (address, rest) = line.split_once(':')?;
        if !rest.split(':').any(|part| part.trim().starts_with("capture")) {
            return None;
        }
        let (card, device) = address.split_once('-')?;
        let (card, device): (u32, u32) = (card.trim().parse().ok()?, device.trim().parse().ok()?);
        Some((card, format!("hw:{card},{device}")))
    })
}

/// The USB device above an interface, by the file that only devices have.
fn usb(tree: &Tree<'_>, link: &str) -> Option<Usb> {
    let interface = tree.path(link).canonicalize().ok()?;
    let folder = interface.ancestors().find(|folder| folder.join("idVendor").is_file())?;
    let read = |file: &str| {
        let text = std::fs::read_to_string(folder.join(file)).ok()?;
        Some(text.trim().to_owned()).filter(|text| !text.is_empty())
    };
    Some(Usb {
        port: folder.file_name()?.to_str()?.to_owned(),
        model: read("idVendor").zip(read("idProduct")).map(|(vendor, product)| format!("{vendor}:{product}")),
        serial: read("serial"),
        megabits: read("speed").and_then(|speed| speed.parse().ok()),
    })
}
