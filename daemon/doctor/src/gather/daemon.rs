//! The daemon: what it says, and where it says nothing, what others know of it.

use std::io;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;

use lectern_api::status::Status;
use tokio::time::timeout;

use super::run::{Said, said};
use super::{EACH, Places, USUAL, blocking};
use crate::facts::{Daemon, Mistake, Service, Silence};
use crate::socket;

/// The service's name.
const SERVICE: &str = "lecternd.service";
/// Lines of the log that show why.
const LINES: usize = 6;
/// An answer of `lecternd check` or `systemctl`.
const MOST: u64 = 1 << 20;

/// What the daemon's own check says of the configuration.
pub(super) async fn checked(places: &Places, is_read: bool) -> Option<Result<Vec<Mistake>, String>> {
    if !is_read {
        return None;
    }
    let program = program();
    let config = places.config.display().to_string();
    let answered = said(&program, &["check", "--json", "--config", &config], EACH, MOST).await;
    Some(match answered {
        Ok(Said { code: Some(0), .. }) => Ok(Vec::new()),
        Ok(Said { text, .. }) => serde_json::from_str(&text).map_err(|error| error.to_string()),
        Err(error) => Err(error.to_string()),
    })
}

/// `lecternd` beside this program; else by `PATH`.
pub(crate) fn program() -> String {
    let own = std::env::current_exe().ok();
    let beside = own.as_deref().and_then(Path::parent).map(|folder| folder.join("lecternd"));
    beside
        .filter(|path| path.is_file())
        .map_or_else(|| "lecternd".to_owned(), |path| path.display().to_string())
}

/// With the last lines of the log as they are, secrets and all.
pub(super) async fn look(places: &Places) -> Daemon {
    let (proc, config) = (places.root.join("proc"), places.config.clone());
    let (answer, pid, service, log) = tokio::join!(
        timeout(EACH, status(&places.socket)),
        blocking(move || process(&proc, &config)),
        service(places),
        log(places, LINES),
    );
    let log = log.unwrap_or_default();
    let first = log.len().saturating_sub(LINES);
    Daemon {
        socket: places.socket.clone(),
        answer: answer.ok(),
        pid: pid.flatten(),
        service,
        log: log[first..].to_vec(),
    }
}

pub(super) async fn status(socket: &Path) -> Result<Box<Status>, Silence> {
    let bytes = socket::get(socket, "api/v1/status").await.map_err(|error| match error.kind() {
        io::ErrorKind::NotFound | io::ErrorKind::ConnectionRefused => Silence::Nobody,
        io::ErrorKind::PermissionDenied => Silence::Denied,
        _ => Silence::Other(error.to_string()),
    })?;
    serde_json::from_slice(&bytes).map_err(|error| Silence::Other(error.to_string()))
}

/// A process that runs `lecternd`, but for one with another configuration while
/// ours is there: that is another box on the same machine, or in a container.
fn process(proc: &Path, config: &Path) -> Option<u32> {
    let which = |path: &Path| std::fs::metadata(path).ok().map(|file| (file.dev(), file.ino()));
    let ours = which(config);
    let entries = std::fs::read_dir(proc).ok()?;
    let mut pids = entries.filter_map(|entry| {
        let entry = entry.ok()?;
        let pid: u32 = entry.file_name().to_str()?.parse().ok()?;
        let read = |file: &str| std::fs::read_to_string(entry.path().join(file));
        let line = read("cmdline").ok()?;
        let arguments: Vec<&str> = line.split('\0').collect();
        let runs = read("comm").ok()?.trim() == "lecternd" && arguments.contains(&"run");
        let named = Path::new(config_of(&arguments).unwrap_or(USUAL));
        // As the process sees it, whose root may be another one.
        let theirs = match named.strip_prefix("/") {
            Ok(named) => which(&entry.path().join("root").join(named)),
            Err(_) => which(&entry.path().join("cwd").join(named)),
        };
        let is_another = ours.zip(theirs).is_some_and(|(ours, theirs)| ours != theirs);
        (runs && !is_another).then_some(pid)
    });
    pids.next()
}

/// The configuration that a command line names.
fn config_of<'a>(arguments: &[&'a str]) -> Option<&'a str> {
    let after = || arguments.iter().skip_while(|argument| **argument != "--config").nth(1).copied();
    arguments.iter().find_map(|argument| argument.strip_prefix("--config=")).or_else(after)
}

/// What systemd knows; nothing where it does not run.
async fn service(places: &Places) -> Option<Service> {
    if !places.root.join("run/systemd/system").is_dir() {
        return None;
    }
    let wanted = "--property=LoadState,ActiveState,Result,ExecMainCode,ExecMainStatus";
    let answer = said("systemctl", &["show", SERVICE, wanted], EACH, MOST).await.ok()?;
    Some(read_service(&answer.text))
}

fn read_service(text: &str) -> Service {
    let value = |key: &str| {
        text.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix('=')).unwrap_or_default()
    };
    Service {
        load: value("LoadState").to_owned(),
        active: value("ActiveState").to_owned(),
        result: value("Result").to_owned(),
        code: value("ExecMainCode").parse().unwrap_or_default(),
        status: value("ExecMainStatus").parse().unwrap_or_default(),
    }
}

/// The newest lines of the log: of a file where one is named, else of the
/// journal.
async fn log(places: &Places, lines: usize) -> Option<Vec<String>> {
    if let Some(path) = places.log.clone() {
        return blocking(move || tail(&path, 16 << 10)).await?.ok();
    }
    let count = lines.to_string();
    let asked = ["--unit", SERVICE, "--lines", &count, "--output", "cat", "--no-pager", "--quiet"];
    let answer = said("journalctl", &asked, EACH, MOST).await.ok()?;
    Some(answer.text.lines().map(str::to_owned).collect())
}

/// The whole lines of a file's end.
pub(crate) fn tail(path: &Path, bytes: u64) -> io::Result<Vec<String>> {
    use std::io::{Read as _, Seek as _};
    let mut file = std::fs::File::open(path)?;
    let from = file.metadata()?.len().saturating_sub(bytes);
    file.seek(io::SeekFrom::Start(from))?;
    let mut text = Vec::new();
    file.take(bytes).read_to_end(&mut text)?;
    let text = String::from_utf8_lossy(&text);
    // The first line may be cut.
    Ok(text.lines().skip(usize::from(from > 0)).map(str::to_owned).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_systemd_says_is_read_and_what_it_leaves_out_is_nothing() {
        let text =
            "LoadState=loaded\nActiveState=failed\nResult=exit-code\nExecMainCode=1\nExecMainStatus=2\n";
        let service = read_service(text);
        assert_eq!((service.active.as_str(), service.code, service.status), ("failed", 1, 2));
        assert_eq!(read_service("garbage"), Service::default());
    }

    /// A folder as `/proc`, with processes that were started in it.
    fn processes(of: &[(&str, &str, &str)]) -> tempfile::TempDir {
        let proc = tempfile::tempdir().unwrap();
        for (pid, comm, cmdline) in of {
            let folder = proc.path().join(pid);
            std::fs::create_dir(&folder).unwrap();
            std::fs::write(folder.join("comm"), comm).unwrap();
            std::fs::write(folder.join("cmdline"), cmdline).unwrap();
            std::os::unix::fs::symlink(proc.path(), folder.join("cwd")).unwrap();
        }
        proc
    }

    #[test]
    fn a_process_is_the_daemon_by_its_name_and_what_it_was_told() {
        let proc = processes(&[
            ("7", "lecternd\n", "lecternd\0check\0"),
            ("9", "lecternd\n", "lecternd\0run\0"),
            ("x", "", ""),
        ]);
        assert_eq!(process(proc.path(), Path::new("none.toml")), Some(9));
    }

    #[test]
    fn a_daemon_with_another_configuration_is_another_box_s() {
        let told = |argument: &str| format!("lecternd\0run\0{argument}\0--start\0");
        let (apart, joined) = (told("--config\0ours.toml"), told("--config=/other.toml"));
        let proc = processes(&[
            ("7", "lecternd\n", &apart),
            ("8", "lecternd\n", "lecternd\0run\0"),
            ("9", "lecternd\n", &joined),
        ]);
        let ours = proc.path().join("ours.toml");
        std::fs::write(&ours, "").unwrap();
        let of_root = |pid: &str, path: &str| {
            let file = proc.path().join(pid).join("root").join(path);
            std::fs::create_dir_all(file.parent().unwrap()).unwrap();
            std::fs::write(&file, "").unwrap();
            file
        };
        let (usual, other) = (of_root("8", "etc/lectern/lectern.toml"), of_root("9", "other.toml"));
        let found = [&ours, &usual, &other].map(|config| process(proc.path(), config));
        assert_eq!(found, [Some(7), Some(8), Some(9)]);
        std::fs::remove_file(&ours).unwrap();
        assert!(process(proc.path(), &ours).is_some(), "whoever runs may be meant");
    }

    #[test]
    fn the_end_of_a_log_has_whole_lines_only() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("log");
        std::fs::write(&path, "first line\nsecond\nthird\n").unwrap();
        assert_eq!(tail(&path, 16).unwrap(), ["second", "third"]);
        assert_eq!(tail(&path, 1000).unwrap().len(), 3);
        assert!(tail(&folder.path().join("none"), 9).is_err());
    }
}
