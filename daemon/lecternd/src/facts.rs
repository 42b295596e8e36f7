//! What the box knows beyond its recordings: the timetable in force, what
//! became of each planned lesson, what time it was. One database in a folder of
//! its own, so that damage here never reaches the recordings.
//!
//! Values are JSON. One that is longer than a value of the store may be lies in
//! pieces: the key itself tells how many, and of which writing.

use std::path::Path;
use std::sync::Mutex;

use lectern_store::{Batch, Keyspace, MAX_VALUE_BYTES, Opened, Store, StoreError};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// The timetables: versions and which is in force.
pub(crate) const TIMETABLE: Keyspace = Keyspace::new("timetable");
/// What became of each planned lesson, by its begin.
pub(crate) const ACCOUNTS: Keyspace = Keyspace::new("accounts");
/// What happened to the box: starts, ends, faults of the clock, suspensions.
pub(crate) const JOURNAL: Keyspace = Keyspace::new("journal");
/// Single facts: the last known time, the boot counter, the shutter.
pub(crate) const BOX: Keyspace = Keyspace::new("box");
/// What was wrong, by the number of the fault.
pub(crate) const FAULTS: Keyspace = Keyspace::new("faults");
/// Who repaired what, by the number of the fault.
pub(crate) const REPAIRS: Keyspace = Keyspace::new("repairs");
/// The pieces of long values.
const PIECES: Keyspace = Keyspace::new("pieces");

const KEYSPACES: [Keyspace; 7] = [TIMETABLE, ACCOUNTS, JOURNAL, BOX, FAULTS, REPAIRS, PIECES];

/// Why a fact cannot be read or written.
#[derive(Debug, thiserror::Error)]
pub(crate) enum FactsError {
    /// The database refuses.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// What lies there is not what was expected, most often of a newer version.
    #[error("the fact {key} in {keyspace} cannot be read: {cause}; it is left as it is")]
    Unreadable { keyspace: &'static str, key: String, cause: String },
}

/// The database of facts. Every call blocks on the disk: not for an async
/// thread (see [`crate::off_thread::OffThread`]).
#[derive(Debug)]
pub(crate) struct Facts {
    store: Store,
    /// One writer at a time: pieces and their key belong together.
    writing: Mutex<()>,
    /// Whether it has everything that was ever written to it.
    whole: bool,
}

/// What stands under the key of a value in pieces.
#[derive(Debug, serde::Serialize, serde::Deserialize)]
struct InPieces {
    pieces: u32,
    writing: u64,
}

/// The first byte of a value tells which it is.
const WHOLE: u8 = b'J';
const PARTED: u8 = b'P';

impl Facts {
    /// Opens the database in a folder, which is made when missing. What is
    /// damaged is set aside; [`Opened`] says so.
    pub(crate) fn open(folder: &Path) -> Result<(Self, Opened), FactsError> {
        let (store, opened) = Store::open(folder, &KEYSPACES)?;
        Ok((Self { store, writing: Mutex::default(), whole: !opened.lost_something() }, opened))
    }

    /// Whether what earlier starts have written is there.
    pub(crate) fn is_whole(&self) -> bool {
        self.whole
    }

    /// The key of what is numbered, so that the order of keys is that of numbers.
    pub(crate) fn numbered(number: u64) -> String {
        format!("{number:012}")
    }

    /// The fact under a key.
    pub(crate) fn get<T: DeserializeOwned>(
        &self,
        keyspace: Keyspace,
        key: &str,
    ) -> Result<Option<T>, FactsError> {
        self.store.get(keyspace, key.as_bytes())?.map(|value| self.read(keyspace, key, &value)).transpose()
    }

    /// The facts whose key begins with `prefix` and is not below `from`, in the
    /// order of their keys, at most `limit`.
    pub(crate) fn scan<T: DeserializeOwned>(
        &self,
        keyspace: Keyspace,
        prefix: &str,
        from: &str,
        limit: usize,
    ) -> Result<Vec<(String, T)>, FactsError> {
        let found = self.store.scan(keyspace, prefix.as_bytes(), from.as_bytes(), limit)?;
        let read = found.into_iter().map(|(key, value)| {
            let key = String::from_utf8_lossy(&key).into_owned();
            let value = self.read(keyspace, &key, &value)?;
            Ok((key, value))
        });
        read.collect()
    }

    /// Puts a fact there, durably.
    pub(crate) fn put<T: Serialize>(
        &self,
        keyspace: Keyspace,
        key: &str,
        fact: &T,
    ) -> Result<(), FactsError> {
        let _one = self.writing.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let json = to_json(keyspace, key, fact)?;
        let mut batch = Batch::new();
        self.take_pieces_out(keyspace, key, &mut batch)?;
        if json.len() < MAX_VALUE_BYTES {
            batch.put(keyspace, key, with_mark(WHOLE, &json));
        } else {
            let writing = self.store.generation() + 1;
            let pieces = json.chunks(MAX_VALUE_BYTES);
            let head = InPieces { pieces: u32::try_from(pieces.len()).unwrap_or(u32::MAX), writing };
            for (number, piece) in pieces.enumerate() {
                batch.put(PIECES, piece_key(keyspace, key, writing, number), piece);
            }
            batch.put(keyspace, key, with_mark(PARTED, &to_json(keyspace, key, &head)?));
        }
        self.store.apply(&batch)?;
        self.store.commit()?;
        Ok(())
    }

    /// Takes a fact away, durably; one that is not there is no error.
    pub(crate) fn delete(&self, keyspace: Keyspace, key: &str) -> Result<(), FactsError> {
        let _one = self.writing.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let mut batch = Batch::new();
        self.take_pieces_out(keyspace, key, &mut batch)?;
        batch.delete(keyspace, key);
        self.store.apply(&batch)?;
        self.store.commit()?;
        Ok(())
    }

    fn take_pieces_out(&self, keyspace: Keyspace, key: &str, batch: &mut Batch) -> Result<(), FactsError> {
        let former = self.store.get(keyspace, key.as_bytes())?;
        // One that cannot be read leaves its pieces behind, and no harm done.
        if let Some([PARTED, head @ ..]) = former.as_deref()
            && let Ok(InPieces { pieces, writing }) = serde_json::from_slice(head)
        {
            for number in 0..pieces {
                batch.delete(PIECES, piece_key(keyspace, key, writing, number as usize));
            }
        }
        Ok(())
    }

    fn read<T: DeserializeOwned>(
        &self,
        keyspace: Keyspace,
        key: &str,
        value: &[u8],
    ) -> Result<T, FactsError> {
        let unreadable =
            |cause: String| FactsError::Unreadable { keyspace: keyspace.name(), key: key.to_owned(), cause };
        let whole;
        let json = match value {
            [WHOLE, json @ ..] => json,
            [PARTED, head @ ..] => {
                let head: InPieces =
                    serde_json::from_slice(head).map_err(|error| unreadable(error.to_string()))?;
                let mut joined = Vec::new();
                for number in 0..head.pieces {
                    let piece = piece_key(keyspace, key, head.writing, number as usize);
                    let piece = self.store.get(PIECES, piece.as_bytes())?;
                    joined.extend(piece.ok_or_else(|| unreadable(format!("piece {number} is missing")))?);
                }
                whole = joined;
                &whole
            }
            _ => return Err(unreadable("neither whole nor in pieces".to_owned())),
        };
        serde_json::from_slice(json).map_err(|error| unreadable(error.to_string()))
    }
}

/// The database of facts. One that cannot be opened for a reason outside of it
/// keeps nobody from recording: facts of this start then lie in a folder that
/// the next start does not find.
pub(crate) fn open(folder: &Path) -> Result<Facts, FactsError> {
    let (facts, opened) = match Facts::open(folder) {
        Ok(opened) => opened,
        Err(error) => {
            tracing::error!(%error, "what the box knew cannot be read: it begins anew until the next start");
            let stand_in = std::env::temp_dir().join(format!("lectern-facts-{}", std::process::id()));
            let (facts, opened) = Facts::open(&stand_in)?;
            (Facts { whole: false, ..facts }, opened)
        }
    };
    if opened.lost_something() {
        tracing::error!(?opened, "facts were lost");
    }
    Ok(facts)
}

fn to_json<T: Serialize>(keyspace: Keyspace, key: &str, fact: &T) -> Result<Vec<u8>, FactsError> {
    serde_json::to_vec(fact).map_err(|error| FactsError::Unreadable {
        keyspace: keyspace.name(),
        key: key.to_owned(),
        cause: error.to_string(),
    })
}

fn with_mark(mark: u8, json: &[u8]) -> Vec<u8> {
    std::iter::once(mark).chain(json.iter().copied()).collect()
}

fn piece_key(keyspace: Keyspace, key: &str, writing: u64, number: usize) -> String {
    format!("{}/{key}/{writing}/{number:06}", keyspace.name())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fact_of_any_length_is_there_after_a_restart_and_leaves_nothing_when_it_goes() {
        let folder = tempfile::tempdir().unwrap();
        let long = "课表".repeat(20_000);
        {
            let (facts, _) = Facts::open(folder.path()).unwrap();
            facts.put(TIMETABLE, "version/1", &long).unwrap();
            facts.put(TIMETABLE, "version/2", &"short").unwrap();
            facts.put(TIMETABLE, "version/1", &format!("{long}!")).unwrap();
        }
        let (facts, _) = Facts::open(folder.path()).unwrap();
        let found: Vec<(String, String)> = facts.scan(TIMETABLE, "version/", "", 9).unwrap();
        assert_eq!(
            found,
            [("version/1".into(), format!("{long}!")), ("version/2".to_owned(), "short".to_owned())]
        );
        facts.delete(TIMETABLE, "version/1").unwrap();
        assert_eq!(facts.get::<String>(TIMETABLE, "version/1").unwrap(), None);
        assert_eq!(facts.store.scan(PIECES, b"", b"", 9).unwrap(), []);
    }

    #[test]
    fn a_fact_of_another_kind_is_named_and_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let (facts, _) = Facts::open(folder.path()).unwrap();
        facts.put(BOX, "clock", &"text").unwrap();
        let error = facts.get::<u64>(BOX, "clock").unwrap_err();
        assert!(error.to_string().contains("the fact clock in box"), "{error}");
        assert_eq!(facts.get::<String>(BOX, "clock").unwrap().as_deref(), Some("text"));
    }
}
