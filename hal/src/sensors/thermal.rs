//! Temperatures, and whether the processor is held back for their sake.
//!
//! Sources: `/sys/class/thermal` (zones and cooling devices), `/sys/class/hwmon`
//! (chips that are no zone), `cpufreq`, and Intel's `thermal_throttle` counters.
//! A Raspberry Pi's firmware slows the processor without telling the kernel; its
//! `get_throttled` is left alone, because reading it writes a warning into the
//! kernel's log.

use serde::{Deserialize, Serialize};

use crate::tree::Tree;

/// Outside of this a sensor is not connected or a zone is not set up: ACPI says
/// −273.2 °C, a chip's open input 127 °C and more.
const PLAUSIBLE_MILLIDEGREES: std::ops::Range<i32> = -40_000..126_000;

/// Heat and what it costs.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Thermal {
    /// The kernel's zones.
    pub zones: Vec<Zone>,
    /// What the kernel cools with, by fans or by slowing down.
    pub coolers: Vec<Cooler>,
    /// Sensors of chips that are no zone: disks, network cards, the board.
    pub chips: Vec<Chip>,
    /// Fans that can be counted.
    pub fans: Vec<Fan>,
    /// What each group of processors is allowed.
    pub clocks: Vec<Clock>,
    /// How often the processor has slowed itself down since the start (Intel).
    pub slowed_times: Option<u64>,
    /// For how long in sum (Intel, since Linux 5.6).
    pub slowed_ms: Option<u64>,
}

/// One zone.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Zone {
    /// Its type, such as `cpu-thermal`; where several have the same, `@` and the
    /// kernel's number follow.
    pub name: String,
    /// Nothing while the zone is off or its sensor has not measured yet.
    pub millidegrees: Option<i32>,
    /// The first temperature at which the kernel acts: slows down, or cuts power.
    pub limit_millidegrees: Option<i32>,
    /// Where it cuts power.
    pub critical_millidegrees: Option<i32>,
}

impl Zone {
    /// How much warmer it may get before the kernel acts.
    #[must_use]
    pub fn margin_millidegrees(&self) -> Option<i32> {
        Some(self.limit_millidegrees? - self.millidegrees?)
    }
}

/// One cooling device.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Cooler {
    /// Its type, such as `cpufreq-cpu0` or `pwm-fan`.
    pub name: String,
    /// Whether it can cool by making something slower.
    pub slows: bool,
    /// How hard it cools now, from 0; nothing while it is out of use.
    pub state: Option<u32>,
    /// The most it can.
    pub most: Option<u32>,
}

/// A temperature that a chip tells.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Chip {
    /// Chip and sensor, such as `nvme:Composite`.
    pub name: String,
    /// What it measures.
    pub millidegrees: Option<i32>,
    /// What its maker calls too hot.
    pub critical_millidegrees: Option<i32>,
}

/// A fan.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Fan {
    /// Chip and fan.
    pub name: String,
    /// Turns per minute; 0 is a fan that stands still.
    pub turns_per_minute: Option<u32>,
}

/// What a group of processors may run at.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Clock {
    /// `policy0` and so on.
    pub name: String,
    /// Allowed now.
    pub allowed_kilohertz: Option<u32>,
    /// What it is made for.
    pub most_kilohertz: Option<u32>,
}

impl Thermal {
    /// Whether heat makes the machine slower now; nothing where nobody can tell.
    /// A lowered `allowed_kilohertz` alone does not count: people lower it too.
    #[must_use]
    pub fn is_slowed(&self) -> Option<bool> {
        let states = self.coolers.iter().filter(|cooler| cooler.slows).filter_map(|cooler| cooler.state);
        states.map(|state| state > 0).reduce(|one, other| one || other)
    }

    /// The zone with the least room to its limit.
    #[must_use]
    pub fn hottest(&self) -> Option<&Zone> {
        self.zones
            .iter()
            .filter(|zone| zone.margin_millidegrees().is_some())
            .min_by_key(|zone| zone.margin_millidegrees())
    }

    pub(super) fn read(tree: &Tree<'_>) -> Self {
        let mut zones: Vec<Zone> = Vec::new();
        let mut coolers = Vec::new();
        for entry in tree.names("sys/class/thermal") {
            let folder = format!("sys/class/thermal/{entry}");
            if let Some(number) = entry.strip_prefix("thermal_zone") {
                let mut zone = zone(tree, &folder);
                if zones.iter().any(|other| other.name == zone.name) {
                    zone.name = format!("{}@{number}", zone.name);
                }
                zones.push(zone);
            } else if entry.starts_with("cooling_device") {
                coolers.push(cooler(tree, &folder));
            }
        }
        let (chips, fans) = chips(tree, &zones);
        let throttle = "sys/devices/system/cpu/cpu0/thermal_throttle";
        Self {
            zones,
            coolers,
            chips,
            fans,
            clocks: clocks(tree),
            slowed_times: tree.number(&format!("{throttle}/package_throttle_count")),
            slowed_ms: tree.number(&format!("{throttle}/package_throttle_total_time_ms")),
        }
    }
}

fn millidegrees(tree: &Tree<'_>, place: &str) -> Option<i32> {
    tree.number(place).filter(|value| PLAUSIBLE_MILLIDEGREES.contains(value))
}

fn zone(tree: &Tree<'_>, folder: &str) -> Zone {
    let off = tree.text(&format!("{folder}/mode")).is_some_and(|mode| mode == "disabled");
    let mut zone = Zone {
        name: tree.text(&format!("{folder}/type")).unwrap_or_default(),
        millidegrees: millidegrees(tree, &format!("{folder}/temp")).filter(|_| !off),
        ..Zone::default()
    };
    for file in tree.names(folder) {
        let Some(trip) = file.strip_suffix("_type").filter(|trip| trip.starts_with("trip_point_")) else {
            continue;
        };
        let Some(kind) = tree.text(&format!("{folder}/{file}")) else { continue };
        // 0 and below is a trip that nobody has set.
        let Some(at) = millidegrees(tree, &format!("{folder}/{trip}_temp")).filter(|at| *at > 0) else {
            continue;
        };
        if kind == "critical" {
            zone.critical_millidegrees = Some(at.min(zone.critical_millidegrees.unwrap_or(at)));
        }
        // An `active` trip starts a fan, which is what fans are for.
        if kind != "active" {
            zone.limit_millidegrees = Some(at.min(zone.limit_millidegrees.unwrap_or(at)));
        }
    }
    zone
}

fn cooler(tree: &Tree<'_>, folder: &str) -> Cooler {
    let name = tree.text(&format!("{folder}/type")).unwrap_or_default();
    // `TCC Offset` is where the firmware has set the limit, and no cooling.
    let slowing = ["cpufreq", "cpuidle", "devfreq", "thermal-", "intel_powerclamp", "Processor"];
    let most = tree.number(&format!("{folder}/max_state"));
    Cooler {
        // A virtual processor has steps from 0 to 0.
        slows: slowing.iter().any(|start| name.starts_with(start)) && most != Some(0),
        // intel_powerclamp says -1 while it is out of use.
        state: tree.number::<i64>(&format!("{folder}/cur_state")).and_then(|state| state.try_into().ok()),
        most,
        name,
    }
}

fn chips(tree: &Tree<'_>, zones: &[Zone]) -> (Vec<Chip>, Vec<Fan>) {
    let (mut chips, mut fans) = (Vec::new(), Vec::new());
    for entry in tree.names("sys/class/hwmon") {
        let folder = format!("sys/class/hwmon/{entry}");
        let chip = tree.text(&format!("{folder}/name")).unwrap_or_else(|| entry.clone());
        // A zone appears a second time as a chip, its dashes made underlines.
        let is_zone = zones.iter().any(|zone| zone.name.replace('-', "_") == chip);
        for file in tree.names(&folder) {
            let Some(sensor) = file.strip_suffix("_input") else { continue };
            let label = tree.text(&format!("{folder}/{sensor}_label")).unwrap_or_else(|| sensor.to_owned());
            let name = format!("{chip}:{label}");
            if sensor.starts_with("temp") && !is_zone {
                chips.push(Chip {
                    name,
                    millidegrees: millidegrees(tree, &format!("{folder}/{file}")),
                    critical_millidegrees: millidegrees(tree, &format!("{folder}/{sensor}_crit")),
                });
            } else if sensor.starts_with("fan") {
                fans.push(Fan { name, turns_per_minute: tree.number(&format!("{folder}/{file}")) });
            }
        }
    }
    (chips, fans)
}

fn clocks(tree: &Tree<'_>) -> Vec<Clock> {
    let folder = "sys/devices/system/cpu/cpufreq";
    let policies = tree.names(folder).into_iter().filter(|name| name.starts_with("policy"));
    policies
        .map(|name| Clock {
            allowed_kilohertz: tree.number(&format!("{folder}/{name}/scaling_max_freq")),
            most_kilohertz: tree.number(&format!("{folder}/{name}/cpuinfo_max_freq")),
            name,
        })
        .collect()
}
