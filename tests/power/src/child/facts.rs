//! The store alone: after a power cut it holds what some whole number of
//! batches left, and no committed one is missing.

use std::collections::BTreeMap;
use std::io;
use std::time::Duration;

use fastrand::Rng;
use lectern_store::{Batch, Keyspace, Opened, Store, StoreError};

use super::Task;
use super::marks::Marks;
use crate::model::{Facts, Mark, Model, Op, changes, payload};

const KEYSPACES: [Keyspace; 2] = [Keyspace::new("lessons"), Keyspace::new("facts")];
const LARGEST_VALUE: u64 = 4000;

fn value(seed: u64) -> Vec<u8> {
    payload(seed, (8 + seed % LARGEST_VALUE) as usize)
}

fn look(store: &Store) -> Result<BTreeMap<u32, Vec<u8>>, StoreError> {
    let mut found = BTreeMap::new();
    for (number, keyspace) in (0..).zip(KEYSPACES) {
        for (key, value) in store.scan(keyspace, b"", b"", usize::MAX)? {
            let key = key.as_slice().try_into().map_or(999, u32::from_be_bytes);
            found.insert(number * 1000 + key, value);
        }
    }
    Ok(found)
}

pub(super) fn carry_out(task: &Task, marks: &mut Marks) -> io::Result<Vec<String>> {
    marks.write(&Mark::Opening)?;
    let (store, opened) = Store::open(&task.folder, &KEYSPACES).map_err(io::Error::other)?;
    marks.write(&Mark::Opened)?;
    let mut expected = task.expected.clone();
    if let Some(op) = expected.pending.take() {
        expected.attempted(op);
    }
    let is_true = match opened {
        Opened::Existing { .. } => true,
        Opened::Fresh => !expected.born,
        _ => false,
    };
    if !is_true {
        return Ok(vec![format!("the store is reported as {opened:?}")]);
    }
    let found = look(&store).map_err(io::Error::other)?;
    let as_after = |batches: &usize| {
        let state = expected.facts.after(*batches);
        state.len() == found.len() && state.iter().all(|(key, seed)| found.get(key) == Some(&value(*seed)))
    };
    let Some(batches) = (0..=expected.facts.applied.len()).rev().find(as_after) else {
        let what = format!("the store holds {} entries, as after no batch", found.len());
        return Ok(vec![what]);
    };
    let facts = Facts { durable: expected.facts.after(batches), applied: Vec::new() };
    let mut model = Model { born: true, seeds: expected.seeds, facts, ..Model::default() };
    marks.write(&Mark::Adopted(Box::new(model.clone())))?;
    let mut rng = Rng::with_seed(task.seed);
    for _ in 0..task.operations * 3 {
        let op = if rng.u8(..4) == 0 { Op::Commit } else { Op::Apply(model.seeds) };
        let mut mark = |mark: Mark| {
            model.take_in(mark.clone());
            marks.write(&mark)
        };
        mark(Mark::Begin(op.clone()))?;
        match op {
            Op::Apply(seed) => store.apply(&batch(seed)),
            _ => store.commit().map(drop),
        }
        .map_err(io::Error::other)?;
        mark(Mark::Done(Vec::new()))?;
    }
    if task.closes {
        store.close(Duration::from_secs(30)).map_err(io::Error::other)?;
    }
    std::process::exit(0);
}

fn batch(seed: u64) -> Batch {
    let mut batch = Batch::new();
    for (key, seed) in changes(seed) {
        let (keyspace, key) = (KEYSPACES[key as usize / 1000], (key % 1000).to_be_bytes());
        match seed {
            Some(seed) => batch.put(keyspace, key, value(seed)),
            None => batch.delete(keyspace, key),
        };
    }
    batch
}
