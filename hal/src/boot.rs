//! Which start of the kernel this is.

use std::path::Path;
use std::time::Duration;

/// The kernel's id of this boot, or nothing where `/proc` is absent.
/// Source: `/proc/sys/kernel/random/boot_id`.
#[must_use]
pub fn id(root: &Path) -> Option<String> {
    let text = std::fs::read_to_string(root.join("proc/sys/kernel/random/boot_id")).ok()?;
    Some(text.trim().to_owned()).filter(|id| !id.is_empty())
}

/// How long the kernel has been running, to 10 ms, suspension included; nothing
/// where `/proc` is absent. Source: the first number of `/proc/uptime`.
#[must_use]
pub fn uptime(root: &Path) -> Option<Duration> {
    let text = std::fs::read_to_string(root.join("proc/uptime")).ok()?;
    let seconds: f64 = text.split_whitespace().next()?.parse().ok()?;
    Duration::try_from_secs_f64(seconds).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_kernel_tells_its_boot_and_how_long_it_runs() {
        let root = tempfile::tempdir().unwrap();
        assert_eq!((id(root.path()), uptime(root.path())), (None, None));
        std::fs::create_dir_all(root.path().join("proc/sys/kernel/random")).unwrap();
        std::fs::write(root.path().join("proc/sys/kernel/random/boot_id"), "0f6b-1\n").unwrap();
        std::fs::write(root.path().join("proc/uptime"), "25026.46 16220.43\n").unwrap();
        assert_eq!(id(root.path()).as_deref(), Some("0f6b-1"));
        assert_eq!(uptime(root.path()), Some(Duration::from_millis(25_026_460)));
        std::fs::write(root.path().join("proc/uptime"), "-3 x\n").unwrap();
        assert_eq!(uptime(root.path()), None);
    }
}
