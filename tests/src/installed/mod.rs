//! A box as the package makes it: its units, started by a systemd of its own in a
//! container with a network of its own.
//!
//! Needs root, namespaces and overlay mounts. Without them a test fails: what
//! units may do is seen nowhere else.

mod package;
mod root;

use std::fs;
use std::path::PathBuf;
use std::process::{Command, ExitStatus, Output};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use lectern_api::status::{LessonState, Status};
use rustix::process::{Pid, Signal, getuid, kill_process};
use tempfile::TempDir;

use crate::eventually;
use crate::process::{Process, command};

/// Systemd is up in 2 s, and down in as many; a loaded machine adds to it.
const BOOT_LIMIT: Duration = Duration::from_secs(60);
const LIMIT: Duration = Duration::from_secs(30);

/// `eth0` has the first default route and `wwan0` the second, in both families.
pub const UPLINKS: [&str; 2] = ["eth0", "wwan0"];
/// The address of `eth0`, by which the box finds its settings.
const MAC: &str = "02:00:00:00:00:07";

/// Makes the uplinks, then becomes what its arguments say.
const WITH_UPLINKS: &str = r#"
ip link set lo up
net=1
for link in eth0 wwan0; do
    ip link add "$link" type veth peer name "$link-far"
    [ "$link" = wwan0 ] || ip link set "$link" address "$MAC"
    ip link set "$link-far" up
    ip addr add "10.9.$net.2/24" dev "$link"
    ip addr add "2001:db8:$net::2/64" dev "$link" nodad
    ip link set "$link" up
    ip route add default via "10.9.$net.1" dev "$link" metric "${net}00"
    ip -6 route add default via "2001:db8:$net::1" dev "$link" metric "${net}00"
    net=$((net + 1))
done
exec "$@"
"#;

/// One line to a Unix socket, and what comes back. A stranger is answered before he
/// has asked.
const ASKING: &str = "import contextlib, socket, sys
s = socket.socket(socket.AF_UNIX)
s.connect(sys.argv[1])
with contextlib.suppress(BrokenPipeError):
    s.sendall(sys.argv[2].encode() + b'\\n')
print(s.recv(65536).decode())";

/// The box. Its container ends when this is dropped.
#[derive(Debug)]
pub struct InstalledBox {
    nspawn: Option<Process>,
    /// Its systemd, as this machine counts.
    leader: Option<Pid>,
    name: String,
    folder: TempDir,
}

impl InstalledBox {
    /// Installs a box and switches it on for the first time, until its daemon
    /// answers.
    ///
    /// # Panics
    /// When the machine makes no containers, or the box does not come up.
    #[must_use]
    #[track_caller]
    pub fn switch_on_first() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        assert!(getuid().is_root(), "a box in a container needs root, for namespaces and mounts");
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let folder = crate::folder::temporary("installed");
        let name = format!("lectern-{}-{number}", std::process::id());
        root::make(&folder.path().join("root"), &folder.path().join("kept"), MAC);
        let mut this = Self { nspawn: None, leader: None, name, folder };
        this.switch_on();
        // Its folder is a medium that is mounted; the daemon may write to it.
        this.does(&["install", "-d", "-o", "lectern", "-g", "lectern", "/srv/archive"]);
        this
    }

    /// Switches it on, and waits until its daemon answers.
    ///
    /// # Panics
    /// When it does not.
    #[track_caller]
    pub fn switch_on(&mut self) {
        let root = self.folder.path().join("root");
        let mut nspawn = command("unshare", "util-linux");
        nspawn.args(["--net", "--", "sh", "-euc", WITH_UPLINKS, "sh"]).env("MAC", MAC);
        nspawn.args(["systemd-nspawn", "--quiet", "--register=no", "--keep-unit", "--boot", "--read-only"]);
        nspawn.args(["--console=pipe", "--resolv-conf=off", "--timezone=off", "--hostname=box"]);
        nspawn.args(["--machine", &self.name]).arg("--directory").arg(&root);
        // A container without a private network has no right over its network.
        nspawn.arg("--capability=CAP_NET_ADMIN,CAP_SYS_RAWIO");
        nspawn.arg(format!("--overlay-ro=/usr:{}:/usr", root.join("usr").display()));
        nspawn.args(root::WRITABLE.map(|place| format!("--bind={}:{place}", self.kept(place).display())));
        nspawn.args(root::BORROWED.map(|place| format!("--bind-ro={place}")));
        let console = self.folder.path().join("console.log");
        let mut nspawn = Process::start("systemd-nspawn", nspawn, &console);
        let children = format!("/proc/{0}/task/{0}/children", nspawn.pid());
        self.leader = Some(eventually("the container's systemd", BOOT_LIMIT, || {
            if let Some(status) = nspawn.ended() {
                panic!("this machine makes no container ({status}): {}", nspawn.log());
            }
            let children = fs::read_to_string(&children).ok()?;
            children.split_whitespace().find_map(|child| {
                let program = fs::read_to_string(format!("/proc/{child}/comm")).ok()?;
                (program.trim() == "systemd").then(|| Pid::from_raw(child.parse().ok()?))?
            })
        }));
        self.nspawn = Some(nspawn);
        eventually("a machine that is up", BOOT_LIMIT, || {
            let state = self.inside(&["systemctl", "is-system-running"]).stdout;
            matches!(state.trim_ascii(), b"running" | b"degraded").then_some(())
        });
        eventually("the daemon's answer", LIMIT, || {
            self.inside(&["lecternctl", "status"]).status.success().then_some(())
        });
    }

    /// How its container ends, when it ends by itself.
    ///
    /// # Panics
    /// When it does not.
    #[track_caller]
    pub fn ends(&mut self) -> ExitStatus {
        self.leader = None;
        self.nspawn.take().expect("it is on").wait(BOOT_LIMIT)
    }

    /// A place of the box that is written to, as this machine sees it.
    #[must_use]
    pub fn kept(&self, place: &str) -> PathBuf {
        self.folder.path().join("kept").join(place.trim_start_matches('/'))
    }

    /// A command that runs in the box, as its root.
    fn command(&self, arguments: &[&str]) -> Command {
        let leader = self.leader.expect("it is on").as_raw_nonzero().to_string();
        let mut inside = command("nsenter", "util-linux");
        inside.args(["-t", &leader, "-m", "-u", "-i", "-n", "-p", "-C", "--", "env", "-i", "LANG=C.UTF-8"]);
        inside.arg("PATH=/usr/sbin:/usr/bin").args(arguments);
        inside
    }

    /// Runs something in the box, as its root.
    ///
    /// # Panics
    /// When the box is off.
    #[must_use]
    #[track_caller]
    pub fn inside(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().expect("nsenter runs")
    }

    /// Runs something in the box that must succeed, and answers what it says.
    ///
    /// # Panics
    /// When it fails.
    #[track_caller]
    pub fn does(&self, arguments: &[&str]) -> String {
        let Output { status, stdout, stderr } = self.inside(arguments);
        let (said, errors) = (String::from_utf8_lossy(&stdout), String::from_utf8_lossy(&stderr));
        assert!(status.success(), "{arguments:?} {status}: {said}{errors}");
        said.trim().to_owned()
    }

    /// Asks the helper, as a user.
    ///
    /// # Panics
    /// When no JSON comes back.
    #[track_caller]
    pub fn ask_helper(&self, user: &str, line: &str) -> serde_json::Value {
        let Output { stdout, stderr, .. } = self.tell_helper(user, line);
        serde_json::from_slice(&stdout)
            .unwrap_or_else(|error| panic!("{line}: {error}: {}", String::from_utf8_lossy(&stderr)))
    }

    /// Asks the helper, as a user, for what may end the box before it answers.
    ///
    /// # Panics
    /// When the box is off.
    #[track_caller]
    pub fn tell_helper(&self, user: &str, line: &str) -> Output {
        let as_user = ["setpriv", "--reuid", user, "--regid", "lectern", "--clear-groups"];
        let asking = ["python3", "-c", ASKING, "/run/lectern/helper.sock", line];
        self.inside(&[as_user.as_slice(), asking.as_slice()].concat())
    }

    /// What the daemon says of itself, when it answers.
    #[must_use]
    #[track_caller]
    pub fn status(&self) -> Option<Status> {
        let said = self.inside(&["lecternctl", "--json", "status"]);
        said.status.success().then(|| serde_json::from_slice(&said.stdout).expect("a status"))
    }

    /// Waits until a lesson is on the air and `more` of its fragments are durable.
    ///
    /// # Panics
    /// When that does not come to be.
    #[track_caller]
    pub fn wait_records(&self, more: u64) -> lectern_api::status::LessonStatus {
        let mut at_first = None;
        eventually("a lesson that records", LIMIT, || {
            let lesson = self.status()?.lesson.filter(|lesson| lesson.state == LessonState::OnAir)?;
            let at_first = *at_first.get_or_insert(lesson.fragments);
            (lesson.fragments >= at_first + more).then_some(lesson)
        })
    }

    /// The number of a unit's process, as the box counts.
    ///
    /// # Panics
    /// When the box does not know the unit.
    #[must_use]
    #[track_caller]
    pub fn process_of(&self, unit: &str) -> u32 {
        self.does(&["systemctl", "show", "-P", "MainPID", unit]).parse().expect("a number")
    }
}

impl Drop for InstalledBox {
    fn drop(&mut self) {
        let Some(leader) = self.leader.take() else { return };
        if std::thread::panicking() {
            self.leader = Some(leader);
            let log = self.inside(&["journalctl", "-u", "lectern*", "-n", "60", "--no-pager", "-o", "short"]);
            eprintln!("---- the box's journal ----\n{}----", String::from_utf8_lossy(&log.stdout));
        }
        let _ = kill_process(leader, Signal::KILL);
        if let Some(nspawn) = &mut self.nspawn {
            let _ = nspawn.wait(LIMIT);
        }
        // nspawn leaves it where /run is no memory.
        let _ = fs::remove_dir(format!("/run/systemd/nspawn/propagate/{}", self.name));
    }
}
