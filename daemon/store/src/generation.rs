//! The side file that knows how far the database had come.
//!
//! Two slots, at 0 and 4096, so that they never share a sector; each commit
//! overwrites the older one and syncs it. A torn slot fails its crc and the
//! other one, one generation older, is used: the file can only fall behind the
//! database, never run ahead of it.
//!
//! Slot, little endian: magic `LECTERNG` (8), generation u64, format u32, crc32c
//! u32 of the 20 bytes before it, zero to 32. This layout stays for all formats,
//! so that a newer database is recognised before sled touches it.

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

use crate::StoreError;
use crate::engine::{io_error, sync_folder};
use crate::open::FORMAT;

const MAGIC: &[u8; 8] = b"LECTERNG";
const SLOT_BYTES: usize = 32;
const SLOT_OFFSETS: [u64; 2] = [0, 4096];
const FILE_BYTES: usize = 8192;

/// The open side file.
#[derive(Debug)]
pub(crate) struct GenerationFile {
    file: File,
    path: PathBuf,
}

/// What a slot says. Ordered by generation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Expected {
    pub(crate) generation: u64,
    pub(crate) format: u32,
}

fn encode(generation: u64) -> [u8; SLOT_BYTES] {
    let mut slot = [0; SLOT_BYTES];
    slot[..8].copy_from_slice(MAGIC);
    slot[8..16].copy_from_slice(&generation.to_le_bytes());
    slot[16..20].copy_from_slice(&FORMAT.to_le_bytes());
    let crc = crc32c::crc32c(&slot[..20]);
    slot[20..24].copy_from_slice(&crc.to_le_bytes());
    slot
}

fn decode(slot: &[u8; SLOT_BYTES]) -> Option<Expected> {
    let word = |at: usize| u32::from_le_bytes([slot[at], slot[at + 1], slot[at + 2], slot[at + 3]]);
    (&slot[..8] == MAGIC && word(20) == crc32c::crc32c(&slot[..20]))
        .then(|| Expected { generation: u64::from(word(12)) << 32 | u64::from(word(8)), format: word(16) })
}

impl GenerationFile {
    fn path_in(dir: &Path) -> PathBuf {
        dir.join("generation")
    }

    /// The newest valid slot; `None` when there is no file or
    /// neither slot can be trusted.
    pub(crate) fn expected(dir: &Path) -> Result<Option<Expected>, StoreError> {
        let path = Self::path_in(dir);
        let file = match File::open(&path) {
            Ok(file) => file,
            Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(e) => return Err(io_error("opening", &path, e)),
        };
        let slots = SLOT_OFFSETS.iter().filter_map(|offset| {
            let mut slot = [0; SLOT_BYTES];
            file.read_exact_at(&mut slot, *offset).ok()?;
            decode(&slot)
        });
        Ok(slots.max())
    }

    /// Puts a new side file in place, at once and durably.
    pub(crate) fn create(dir: &Path, generation: u64) -> Result<Self, StoreError> {
        let path = Self::path_in(dir);
        let draft = dir.join("generation.new");
        let mut bytes = vec![0; FILE_BYTES];
        for offset in SLOT_OFFSETS {
            let at = usize::try_from(offset).unwrap_or(0);
            bytes[at..at + SLOT_BYTES].copy_from_slice(&encode(generation));
        }
        let mut file = File::create(&draft).map_err(|e| io_error("creating", &draft, e))?;
        file.write_all(&bytes).map_err(|e| io_error("writing", &draft, e))?;
        file.sync_all().map_err(|e| io_error("syncing", &draft, e))?;
        std::fs::rename(&draft, &path).map_err(|e| io_error("renaming to", &path, e))?;
        sync_folder(dir)?;
        let file = OpenOptions::new().write(true).open(&path).map_err(|e| io_error("opening", &path, e))?;
        Ok(Self { file, path })
    }

    /// Records a generation, durably.
    pub(crate) fn record(&self, generation: u64) -> Result<(), StoreError> {
        let offset = SLOT_OFFSETS[usize::from(generation % 2 == 1)];
        self.file
            .write_all_at(&encode(generation), offset)
            .map_err(|e| io_error("writing", &self.path, e))?;
        self.file.sync_data().map_err(|e| io_error("syncing", &self.path, e))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_torn_slot_gives_way_to_the_other_one() {
        let dir = tempfile::tempdir().unwrap();
        let side = GenerationFile::create(dir.path(), 6).unwrap();
        side.record(7).unwrap();
        side.record(8).unwrap();
        assert_eq!(GenerationFile::expected(dir.path()).unwrap().map(|e| e.generation), Some(8));
        let file = OpenOptions::new().write(true).open(dir.path().join("generation")).unwrap();
        file.write_all_at(&[0xff; 5], 10).unwrap();
        assert_eq!(GenerationFile::expected(dir.path()).unwrap().map(|e| e.generation), Some(7));
        file.write_all_at(&[0xff; 5], 4100).unwrap();
        assert_eq!(GenerationFile::expected(dir.path()).unwrap(), None);
    }
}
