//! File names that every classroom computer takes.

use lectern_api::manifest::LessonInfo;

/// The longest stem in bytes of UTF-8: with `.part12.mp4` and a number behind
/// it, it stays below the 255 bytes of ext4 and the 255 characters of FAT32.
pub const MAX_STEM_BYTES: usize = 200;

/// `<date> <title>`, fit for Windows, FAT32, exFAT and Linux, without an
/// extension. A lesson without a title is named by its id.
#[must_use]
pub fn stem(lesson: &LessonInfo) -> String {
    let title = if lesson.title.trim().is_empty() { lesson.id.as_str() } else { &lesson.title };
    sanitise(&format!("{} {title}", lesson.date))
}

/// Replaces what Windows or FAT32 forbid in a file name (Microsoft, "Naming
/// Files, Paths, and Namespaces"): `<>:"/\|?*` and control characters, names of
/// devices, dots and spaces at the end. Never empty.
#[must_use]
pub fn sanitise(name: &str) -> String {
    let legal = |c: char| match c {
        '<' | '>' | ':' | '"' | '/' | '\\' | '|' | '?' | '*' => '_',
        c if c.is_control() || is_invisible(c) => '_',
        c => c,
    };
    let mut name: String = name.trim().chars().map(legal).collect();
    name.truncate(name.floor_char_boundary(MAX_STEM_BYTES));
    // A dot in front hides a file on Linux.
    name = name.trim_end_matches(['.', ' ']).trim_start_matches(['.', ' ']).to_owned();
    if name.is_empty() || is_device(&name) {
        name.insert(0, '_');
    }
    name
}

/// Marks that turn or hide text: a name must read as it is.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

/// Whether Windows takes the part before the first dot for a device.
fn is_device(name: &str) -> bool {
    let stem = name.split('.').next().unwrap_or(name).trim_end().to_ascii_uppercase();
    let numbered = |prefix: &str| {
        stem.strip_prefix(prefix).is_some_and(|rest| {
            let mut rest = rest.chars();
            matches!((rest.next(), rest.next()), (Some('0'..='9' | '¹' | '²' | '³'), None))
        })
    };
    matches!(stem.as_str(), "CON" | "PRN" | "AUX" | "NUL" | "CONIN$" | "CONOUT$")
        || numbered("COM")
        || numbered("LPT")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_title_becomes_a_name_that_windows_takes() {
        assert_eq!(sanitise("2026-03-02 语文：第3课 \"春\"? <上>"), "2026-03-02 语文：第3课 _春__ _上_");
        assert_eq!(sanitise("数学 a/b\\c|d*e:f\n"), "数学 a_b_c_d_e_f");
        assert_eq!(sanitise("第一课... "), "第一课");
        assert_eq!(sanitise("../../etc"), "_.._etc");
    }

    #[test]
    fn the_name_of_a_device_is_no_file_name() {
        for (bad, good) in [("con", "_con"), ("NUL.txt", "_NUL.txt"), ("com1", "_com1"), ("LPT³", "_LPT³")]
        {
            assert_eq!(sanitise(bad), good);
        }
        assert_eq!(sanitise("console"), "console");
        assert_eq!(sanitise("com10"), "com10");
        for empty in ["", " ", "...", ". ."] {
            assert_eq!(sanitise(empty), "_", "{empty:?}");
        }
    }

    #[test]
    fn a_long_title_is_cut_between_characters() {
        let name = sanitise(&"课".repeat(300));
        assert_eq!(name.len(), 198);
        assert!(name.chars().all(|c| c == '课'));
    }
}
