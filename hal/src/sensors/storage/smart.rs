//! What disks say about themselves by SMART. Only root may ask; whoever may,
//! hands the answer of `smartctl --json --all` to [`Health::from_json`].

use serde::{Deserialize, Serialize};

/// Who can ask disks.
pub trait Smart: Send + Sync {
    /// Asks a disk, such as `nvme0n1`. Takes up to seconds; must not be asked
    /// while a lesson waits for the answer.
    ///
    /// # Errors
    /// When nobody may ask, or the answer cannot be read.
    fn health(&self, disk: &str) -> Result<Health, SmartError>;
}

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub enum SmartError {
    /// The disk, or a bridge in front of it, knows no SMART.
    #[error("{disk} does not answer SMART: {cause}. Nothing to do; many USB disks do not.")]
    Unsupported {
        /// Which disk.
        disk: String,
        /// What smartctl said.
        cause: String,
    },
    /// The answer is not what smartctl 7 prints.
    #[error("the SMART answer for {disk} cannot be read: {cause}. Install smartmontools 7.0 or newer.")]
    Answer {
        /// Which disk.
        disk: String,
        /// What is wrong with it.
        cause: String,
    },
    /// Nobody here may ask any disk. No fault: the box only knows less.
    #[error("disks are not asked for SMART: {cause}")]
    NoHelper {
        /// Why not, and what to do.
        cause: String,
    },
    /// Asking failed.
    #[error("{disk} could not be asked for SMART: {cause}. It is asked again later.")]
    Asking {
        /// Which disk.
        disk: String,
        /// What went wrong.
        cause: String,
    },
}

/// A disk's own word about itself.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Health {
    /// Whether the disk calls itself sound.
    pub passed: Option<bool>,
    /// How much of its life is used; may exceed 100.
    pub used_percent: Option<u8>,
    /// What is left of its spare blocks.
    pub spare_percent: Option<u8>,
    /// Blocks that were replaced by spare ones (SATA).
    pub replaced_blocks: Option<u64>,
    /// Blocks that could not be read and wait to be replaced (SATA).
    pub pending_blocks: Option<u64>,
    /// What was lost or read wrong (NVMe).
    pub media_errors: Option<u64>,
    /// How long it has been running.
    pub powered_hours: Option<u64>,
    /// How warm it is.
    pub millidegrees: Option<i32>,
}

#[derive(Deserialize)]
struct Answer {
    smartctl: Smartctl,
    smart_status: Option<Status>,
    temperature: Option<Temperature>,
    power_on_time: Option<PowerOn>,
    nvme_smart_health_information_log: Option<Nvme>,
    ata_smart_attributes: Option<Ata>,
}

#[derive(Deserialize)]
struct Smartctl {
    #[serde(default)]
    exit_status: u8,
    #[serde(default)]
    messages: Vec<Message>,
}

#[derive(Deserialize)]
struct Message {
    string: String,
}

#[derive(Deserialize)]
struct Status {
    passed: bool,
}

#[derive(Deserialize)]
struct Temperature {
    current: Option<i32>,
}

#[derive(Deserialize)]
struct PowerOn {
    hours: Option<u64>,
}

#[derive(Deserialize)]
struct Nvme {
    percentage_used: u8,
    available_spare: u8,
    media_errors: u64,
}

#[derive(Deserialize)]
struct Ata {
    #[serde(default)]
    table: Vec<Attribute>,
}

#[derive(Deserialize)]
struct Attribute {
    id: u8,
    value: u8,
    raw: Raw,
}

#[derive(Deserialize)]
struct Raw {
    value: u64,
}

/// Attributes by which SATA disks tell their age, as 100 that counts down:
/// media wearout (233), life left (231), wear levelling (177), life left (202).
const LIFE_LEFT: [u8; 4] = [233, 231, 202, 177];
const REPLACED: u8 = 5;
const PENDING: u8 = 197;

/// smartctl's exit bits: wrong use, and the disk could not be opened.
const NO_ANSWER: u8 = 0b11;

impl Health {
    /// Reads what `smartctl --json --all /dev/<disk>` printed.
    ///
    /// # Errors
    /// [`SmartError::Unsupported`] when smartctl says that it got no answer,
    /// [`SmartError::Answer`] when this is not its answer.
    pub fn from_json(disk: &str, json: &str) -> Result<Self, SmartError> {
        let answer: Answer = serde_json::from_str(json)
            .map_err(|error| SmartError::Answer { disk: disk.to_owned(), cause: error.to_string() })?;
        if answer.smartctl.exit_status & NO_ANSWER != 0 {
            let messages: Vec<_> = answer.smartctl.messages.iter().map(|message| &*message.string).collect();
            return Err(SmartError::Unsupported { disk: disk.to_owned(), cause: messages.join("; ") });
        }
        let table = answer.ata_smart_attributes.map(|ata| ata.table).unwrap_or_default();
        let attribute = |id: u8| table.iter().find(|attribute| attribute.id == id);
        let life_left = LIFE_LEFT.into_iter().find_map(attribute).map(|attribute| attribute.value.min(100));
        let nvme = answer.nvme_smart_health_information_log;
        Ok(Self {
            passed: answer.smart_status.map(|status| status.passed),
            used_percent: nvme.as_ref().map(|nvme| nvme.percentage_used).or(life_left.map(|left| 100 - left)),
            spare_percent: nvme.as_ref().map(|nvme| nvme.available_spare),
            replaced_blocks: attribute(REPLACED).map(|attribute| attribute.raw.value),
            pending_blocks: attribute(PENDING).map(|attribute| attribute.raw.value),
            media_errors: nvme.as_ref().map(|nvme| nvme.media_errors),
            powered_hours: answer.power_on_time.and_then(|time| time.hours),
            millidegrees: answer
                .temperature
                .and_then(|temperature| temperature.current)
                .map(|degrees| degrees.saturating_mul(1000)),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_nvme_disk_tells_its_wear_and_errors() {
        let health = Health::from_json("nvme0n1", include_str!("../../../tests/fixtures/smart/nvme.json"));
        let expected = Health {
            passed: Some(true),
            used_percent: Some(7),
            spare_percent: Some(100),
            media_errors: Some(0),
            powered_hours: Some(4312),
            millidegrees: Some(46_000),
            ..Health::default()
        };
        assert_eq!(health.unwrap(), expected);
    }

    #[test]
    fn a_sata_disk_tells_its_wear_and_its_bad_blocks() {
        let health =
            Health::from_json("sda", include_str!("../../../tests/fixtures/smart/sata.json")).unwrap();
        assert_eq!((health.passed, health.used_percent), (Some(false), Some(12)));
        assert_eq!((health.replaced_blocks, health.pending_blocks), (Some(24), Some(3)));
        assert_eq!(health.media_errors, None);
    }

    #[test]
    fn what_a_disk_leaves_out_is_absent_and_spoils_nothing_else() {
        let json = r#"{"smartctl":{"exit_status":0},"temperature":{"drive_trip":65},"power_on_time":{},
            "smart_status":{"passed":true}}"#;
        let health = Health::from_json("sda", json).unwrap();
        assert_eq!(health, Health { passed: Some(true), ..Health::default() });
    }

    #[test]
    fn a_stick_that_knows_no_smart_says_so() {
        let json = include_str!("../../../tests/fixtures/smart/usb.json");
        let error = Health::from_json("sdb", json).unwrap_err();
        assert!(matches!(&error, SmartError::Unsupported { .. }), "{error}");
        assert!(error.to_string().contains("Unknown USB bridge"), "{error}");
    }

    #[test]
    fn what_is_no_answer_of_smartctl_is_refused() {
        for json in ["", "{}", "[1]", "sh: smartctl: not found"] {
            assert!(matches!(Health::from_json("sda", json), Err(SmartError::Answer { .. })), "{json}");
        }
    }
}
