//! One scenario at a time may load the machine.

use std::fs::File;
use std::sync::OnceLock;

use crate::classroom_box::built_folder;

/// Held until the process ends: each scenario is a process of its own.
static TURN: OnceLock<File> = OnceLock::new();

/// Waits until no other scenario of this build encodes for targets, browses or
/// decodes a camera, and keeps others from it from now on. Two cores that others use too
/// do not do that twice at once; what mostly waits runs beside it.
///
/// # Panics
/// When the file cannot be locked.
pub(crate) fn take() {
    TURN.get_or_init(|| {
        let file = File::create(built_folder().join("lectern-tests.turn"))
            .expect("a file can be made beside the tests");
        file.lock().expect("a file of this user's can be locked");
        file
    });
}
