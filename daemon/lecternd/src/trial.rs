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
    let language = match lectern_api::Language::of_environment() {
        lectern_api::Language::En => "en",
        lectern_api::Language::ZhCn => "zh-CN",
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

[keys]
path = {keys}

[control]
socket = {socket}
"#,
        spool = quoted("spool"),
        keys = quoted("keys"),
        socket = format_args!("{:?}", socket(folder).to_string_lossy()),
    )
}

/// The control socket: in the folder, or, since the kernel takes no address of
/// more than 107 bytes, beside other temporary files under a name of its own.
fn socket(folder: &Path) -> PathBuf {
    let inside = folder.join("control.sock");
    if inside.as_os_str().len() <= 100 {
        return inside;
    }
    let name = folder.as_os_str().as_encoded_bytes().iter();
    let hash = name.fold(0_u64, |hash, byte| hash.wrapping_mul(1_099_511_628_211) ^ u64::from(*byte));
    std::env::temp_dir().join(format!("lectern-{hash:016x}.sock"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;

    #[test]
    fn a_trials_configuration_has_no_mistakes_wherever_it_lies() {
        let deep = "张家村中心小学/三年级二班/录播教室/专递课堂试用/二〇二六年秋季学期";
        for name in ["plain", "with space", "张村", "quote\"s", deep] {
            let root = tempfile::tempdir().unwrap();
            let path = configuration(&root.path().join(name)).unwrap();
            let config = Config::load(&path);
            let socket = config.as_ref().map_or(0, |config| config.control.socket.as_os_str().len());
            assert!(socket <= 107, "{name}: an address of {socket} bytes");
            assert!(config.is_ok(), "{name}: {:?}\n{}", config.err(), std::fs::read_to_string(path).unwrap());
        }
    }
}
