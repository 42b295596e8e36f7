//! Which start of the kernel this is.

use std::path::Path;

/// The kernel's id of this boot, or nothing where `/proc` is absent.
/// Source: `/proc/sys/kernel/random/boot_id`.
#[must_use]
pub fn id(root: &Path) -> Option<String> {
    let text = std::fs::read_to_string(root.join("proc/sys/kernel/random/boot_id")).ok()?;
    Some(text.trim().to_owned()).filter(|id| !id.is_empty())
}
