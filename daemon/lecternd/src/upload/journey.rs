//! How far a lesson was brought, beyond what the spool's cursors say. Lost with
//! the process: everything in it can be found again or done twice.

use std::collections::{HashMap, HashSet};

use lectern_api::Name;
use lectern_archive::ledger::Reach;
use lectern_archive::playlist::Budget;

use super::media::IN_FLIGHT;

/// One lesson on its way to one store.
#[derive(Debug)]
pub(super) struct Journey {
    /// The opening manifest is there.
    pub(super) opened: bool,
    /// What comes next of a track may be there already: it was sent and nobody
    /// heard the answer, or a restart came between the answer and the index. So
    /// many more that are not there, and it is not; of a track that is not named
    /// here yet, as many as may have been on their way.
    unsure: HashMap<Name, usize>,
    /// Runs whose init segment is there.
    pub(super) inits: HashSet<u32>,
    /// The number of the ledger's next part, and how far those before it reach;
    /// unknown after a restart.
    pub(super) ledger: Option<(u32, Vec<Reach>)>,
    /// What the playlist may cost.
    pub(super) playlist: Budget,
}

impl Journey {
    pub(super) fn new(playlist: Budget) -> Self {
        Self { opened: false, unsure: HashMap::new(), inits: HashSet::new(), ledger: None, playlist }
    }

    pub(super) fn unsure_of(&mut self, track: &Name) -> &mut usize {
        self.unsure.entry(track.clone()).or_insert(IN_FLIGHT)
    }
}
