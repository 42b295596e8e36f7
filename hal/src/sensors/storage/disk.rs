//! Physical disks: what they have done and how worn they are.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::tree::Tree;

/// One disk, card or stick.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Disk {
    /// The kernel's name, such as `mmcblk0` or `nvme0n1`.
    pub name: String,
    /// What its maker calls it.
    pub model: Option<String>,
    /// How large it is.
    pub total_bytes: Option<u64>,
    /// Whether it can be taken out.
    pub removable: Option<bool>,
    /// What it has done since the start.
    pub counters: Option<Counters>,
    /// What an eMMC says about its age; other disks tell only by SMART.
    pub wear: Option<Wear>,
}

/// Source: `/sys/block/<disk>/stat`. All count up from the start of the kernel.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Counters {
    /// Reads that ended.
    pub reads: u64,
    /// How long they took, in sum.
    pub read_ms: u64,
    /// What they brought.
    pub read_bytes: u64,
    /// Writes that ended.
    pub writes: u64,
    /// How long they took, in sum.
    pub write_ms: u64,
    /// What they took along.
    pub written_bytes: u64,
    /// For how long something was under way.
    pub busy_ms: u64,
    /// Flushes that ended (since Linux 5.5).
    pub flushes: u64,
    /// How long they took, in sum.
    pub flush_ms: u64,
}

/// What a disk did between two moments.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Activity {
    /// How long a read took on average, from being asked for to its end.
    pub read_wait_micros: Option<u64>,
    /// How long a write took.
    pub write_wait_micros: Option<u64>,
    /// How long a flush took: what makes a fragment durable waits for it.
    pub flush_wait_micros: Option<u64>,
    /// For how much of the time something was under way.
    pub busy_permille: u32,
    /// What was written.
    pub written_bytes: u64,
}

impl Counters {
    /// What happened since `earlier`, `elapsed` ago; nothing when the counters ran
    /// backwards, because the disk is another one or a counter turned over.
    #[must_use]
    pub fn since(&self, earlier: &Self, elapsed: Duration) -> Option<Activity> {
        let wait = |done: u64, millis: u64| millis.saturating_mul(1000).checked_div(done);
        let reads = self.reads.checked_sub(earlier.reads)?;
        let writes = self.writes.checked_sub(earlier.writes)?;
        let flushes = self.flushes.checked_sub(earlier.flushes)?;
        let busy = u128::from(self.busy_ms.checked_sub(earlier.busy_ms)?) * 1000;
        Some(Activity {
            read_wait_micros: wait(reads, self.read_ms.checked_sub(earlier.read_ms)?),
            write_wait_micros: wait(writes, self.write_ms.checked_sub(earlier.write_ms)?),
            flush_wait_micros: wait(flushes, self.flush_ms.checked_sub(earlier.flush_ms)?),
            busy_permille: busy.checked_div(elapsed.as_millis()).unwrap_or(0).min(1000) as u32,
            written_bytes: self.written_bytes.checked_sub(earlier.written_bytes)?,
        })
    }
}

/// What an eMMC says about its age. Source: `life_time` and `pre_eol_info`, as
/// JEDEC's eMMC 5.0 defines them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Wear {
    /// How much of its life is used, in steps of 10; the worse of its two kinds of
    /// cells. 110 is more than the maker promised.
    pub used_percent: Option<u8>,
    /// What is left of its spare blocks.
    pub reserve: Option<Reserve>,
}

/// What is left of the spare blocks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reserve {
    /// Enough.
    Normal,
    /// 80 % are used.
    Low,
    /// 90 % are used.
    Urgent,
}

pub(super) fn read(tree: &Tree<'_>) -> Vec<Disk> {
    tree.names("sys/block").into_iter().filter_map(|name| disk(tree, name)).collect()
}

fn disk(tree: &Tree<'_>, name: String) -> Option<Disk> {
    let folder = format!("sys/block/{name}");
    let file = |file: &str| format!("{folder}/{file}");
    // Loops, memory disks and what is made of other disks have no device.
    let is_part_of_emmc = name.contains("boot") || name.ends_with("rpmb");
    let is_drive = name.starts_with("sr") || name.starts_with("fd");
    if !tree.has(&file("device")) || is_part_of_emmc || is_drive {
        return None;
    }
    // In sectors of 512 bytes, whatever the disk's own are. A card reader without
    // a card has a disk of size 0.
    let total_bytes = tree.number::<u64>(&file("size"))?.checked_mul(512).filter(|bytes| *bytes > 0)?;
    let model = tree.text(&file("device/model")).or_else(|| tree.text(&file("device/name")));
    Some(Disk {
        model,
        total_bytes: Some(total_bytes),
        removable: tree.flag(&file("removable")),
        counters: tree.text(&file("stat")).and_then(|stat| {
            let counters = counters(&stat);
            if counters.is_none() {
                tree.trouble(&file("stat"), format!("{stat:?} has no eleven numbers"));
            }
            counters
        }),
        wear: wear(tree, &folder),
        name,
    })
}

fn counters(stat: &str) -> Option<Counters> {
    let numbers: Vec<u64> = stat.split_ascii_whitespace().map(str::parse).collect::<Result<_, _>>().ok()?;
    let [reads, _, sectors_read, read_ms, writes, _, sectors_written, write_ms, _, busy_ms, _, rest @ ..] =
        numbers.as_slice()
    else {
        return None;
    };
    let [flushes, flush_ms] = match rest {
        [_, _, _, _, flushes, flush_ms, ..] => [*flushes, *flush_ms],
        _ => [0, 0],
    };
    Some(Counters {
        reads: *reads,
        read_ms: *read_ms,
        read_bytes: sectors_read.saturating_mul(512),
        writes: *writes,
        write_ms: *write_ms,
        written_bytes: sectors_written.saturating_mul(512),
        busy_ms: *busy_ms,
        flushes,
        flush_ms,
    })
}

fn wear(tree: &Tree<'_>, folder: &str) -> Option<Wear> {
    let hex = |text: &str| u8::from_str_radix(text.trim_start_matches("0x"), 16).ok();
    let life = tree.text(&format!("{folder}/device/life_time"));
    let used = life.iter().flat_map(|pair| pair.split_ascii_whitespace()).filter_map(hex);
    // 1 is up to 10 %, 10 is up to 100 %, 11 is beyond; 0 and the rest mean nothing.
    let used_percent = used.filter(|step| (1..=11).contains(step)).max().map(|step| step * 10);
    let reserve = match tree.text(&format!("{folder}/device/pre_eol_info")).as_deref().and_then(hex) {
        Some(1) => Some(Reserve::Normal),
        Some(2) => Some(Reserve::Low),
        Some(3) => Some(Reserve::Urgent),
        _ => None,
    };
    (used_percent.is_some() || reserve.is_some()).then_some(Wear { used_percent, reserve })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_are_averages_over_what_ended_in_between() {
        let before = counters("100 0 800 50 1000 0 8000 4000 0 3000 4050").unwrap();
        let after = counters("100 0 800 50 1010 0 8160 4250 2 3500 4300").unwrap();
        let activity = after.since(&before, Duration::from_secs(1)).unwrap();
        assert_eq!(activity.write_wait_micros, Some(25_000));
        assert_eq!((activity.read_wait_micros, activity.flush_wait_micros), (None, None));
        assert_eq!((activity.busy_permille, activity.written_bytes), (500, 160 * 512));
        assert_eq!(before.since(&after, Duration::from_secs(1)), None);
    }

    #[test]
    fn flushes_are_counted_where_the_kernel_counts_them() {
        let stat = "0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 335009 192284";
        assert_eq!(counters(stat).map(|c| (c.flushes, c.flush_ms)), Some((335_009, 192_284)));
        assert_eq!(counters("1 2 3"), None);
        assert_eq!(counters("1 2 3 4 5 6 7 8 9 10 eleven"), None);
    }
}
