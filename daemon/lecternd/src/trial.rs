//! A trial: everything in one folder, nothing to configure.

use std::path::{Path, PathBuf};

/// The configuration of a trial in `folder`, which is written there when there
/// is none yet, so that it can be looked at and changed.
pub(crate) fn configuration(folder: &Path) -> std::io::Result<PathBuf> {
    std::fs::create_dir_all(folder.join("archive"))?;
    let folder = folder.canonicalize()?;
    let path = folder.join("lectern.toml");
    if !path.exists() {
        std::fs::write(&path, text(&folder))?;
    }
    Ok(path)
}

fn text(folder: &Path) -> String {
    let language = std::env::var("LANG").ok().and_then(|tag| lectern_api::Language::from_tag(&tag));
    let language = match language {
        Some(lectern_api::Language::En) => "en",
        _ => "zh-CN",
    };
    // Debug quoting is valid as a TOML string for every path that is UTF-8
    // without control characters.
    let quoted = |name: &str| format!("{:?}", folder.join(name).to_string_lossy());
    let url = url::Url::from_file_path(folder.join("archive")).map(String::from).unwrap_or_default();
    format!(
        r#"# Written by `lecternd run --trial`; change it as you like.
[device]
id = "LB-TRIAL"
place = "试用 Trial"
language = "{language}"

# `auto`: the first real device, else the built-in test room.
[[source]]
name = "board"
role = "board"
uri = "auto"

[[source]]
name = "camera"
role = "camera"
uri = "auto"

[[source]]
name = "mic"
role = "mic"
uri = "auto"

# Waits to be called: ffplay srt://127.0.0.1:7001
[[live]]
name = "here"
url = "srt://127.0.0.1:7001?mode=listener&latency=50"

[[archive]]
name = "folder"
url = "{url}"

[spool]
path = {spool}
quota = "4GiB"

[control]
socket = {socket}
"#,
        spool = quoted("spool"),
        socket = quoted("control.sock"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;

    #[test]
    fn a_trials_configuration_has_no_mistakes_wherever_it_lies() {
        for name in ["plain", "with space", "张村", "quote\"s"] {
            let root = tempfile::tempdir().unwrap();
            let path = configuration(&root.path().join(name)).unwrap();
            let config = Config::load(&path);
            assert!(config.is_ok(), "{name}: {:?}\n{}", config.err(), std::fs::read_to_string(path).unwrap());
        }
    }
}
