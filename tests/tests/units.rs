//! The units of systemd: understood by systemd without a word of complaint,
//! little exposed, and each directive that matters where it belongs. What they
//! do on a machine `make test-install` proves.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A unit's assignments, in their order, without sections: no key that is asked
/// for here is in two of them.
struct Unit {
    name: String,
    keys: BTreeMap<String, Vec<String>>,
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../systemd")
}

/// The files of `systemd/` that systemd takes as units.
fn units() -> Vec<PathBuf> {
    let is_unit = |path: &PathBuf| {
        path.extension().is_some_and(|kind| ["service", "socket", "timer"].iter().any(|unit| kind == *unit))
    };
    let units: Vec<_> = fs::read_dir(folder())
        .expect("it is there and writable")
        .map(|entry| entry.expect("it is there and writable").path())
        .filter(is_unit)
        .collect();
    assert!(units.len() >= 8, "{units:?}");
    units
}

impl Unit {
    fn read(name: &str) -> Self {
        let text = fs::read_to_string(folder().join(name)).expect("it is there and writable");
        let mut keys = BTreeMap::<String, Vec<String>>::new();
        for line in text.lines().filter(|line| !line.starts_with(['#', '['])) {
            if let Some((key, value)) = line.split_once('=') {
                keys.entry(key.to_owned()).or_default().push(value.to_owned());
            }
        }
        Self { name: name.to_owned(), keys }
    }

    fn all(&self, key: &str) -> &[String] {
        self.keys.get(key).map_or(&[], Vec::as_slice)
    }

    #[track_caller]
    fn one(&self, key: &str) -> &str {
        match self.all(key) {
            [value] => value,
            other => panic!("{}: {key} has {other:?}", self.name),
        }
    }

    #[track_caller]
    fn has(&self, key: &str, value: &str) {
        assert_eq!(self.one(key), value, "{}: {key}", self.name);
    }

    #[track_caller]
    fn has_not(&self, key: &str) {
        assert!(self.all(key).is_empty(), "{}: {key} has {:?}", self.name, self.all(key));
    }

    /// A span of whole seconds or minutes.
    #[track_caller]
    fn seconds(&self, key: &str) -> u64 {
        let text = self.one(key);
        let minutes = text
            .strip_suffix("min")
            .map(|minutes| minutes.parse::<u64>().expect("it is there and writable") * 60);
        minutes.unwrap_or_else(|| text.trim_end_matches('s').parse().expect("it is there and writable"))
    }
}

fn systemd_analyze(arguments: &[&str], root: &Path) -> (bool, String) {
    let mut command = Command::new("systemd-analyze");
    command.args(arguments).arg(format!("--root={}", root.display()));
    let output = command.output().expect("systemd-analyze runs: install systemd");
    let said = String::from_utf8_lossy(&[output.stderr, output.stdout].concat()).into_owned();
    (output.status.success(), said)
}

/// A machine with systemd's own units, ours, and every program that they start.
fn machine() -> tempfile::TempDir {
    let root = tempfile::tempdir().expect("it is there and writable");
    let system = root.path().join("usr/lib/systemd/system");
    fs::create_dir_all(&system).expect("it is there and writable");
    for entry in fs::read_dir("/lib/systemd/system").expect("systemd is installed") {
        let path = entry.expect("it is there and writable").path();
        if path.is_file() {
            fs::copy(&path, system.join(path.file_name().expect("it is there and writable")))
                .expect("it is there and writable");
        }
    }
    for program in [
        "bin/kill",
        "usr/bin/lecternd",
        "usr/bin/lecternctl",
        "usr/libexec/lectern/lectern-helper",
        "usr/libexec/lectern/lectern-setup",
        "usr/libexec/lectern/lectern-restart-when-idle",
    ] {
        let path = root.path().join(program);
        fs::create_dir_all(path.parent().expect("it is there and writable"))
            .expect("it is there and writable");
        fs::write(&path, "#!/bin/sh\n").expect("it is there and writable");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).expect("it is there and writable");
    }
    for unit in units() {
        fs::copy(&unit, system.join(unit.file_name().expect("it is there and writable")))
            .expect("it is there and writable");
    }
    root
}

#[test]
fn systemd_understands_every_unit_without_a_word() {
    let root = machine();
    for unit in units() {
        let name = unit.file_name().unwrap().to_str().unwrap().replace("@.", "@sdb1.");
        let (is_fine, said) = systemd_analyze(&["verify", "--man=no", &name], root.path());
        assert!(is_fine && said.is_empty(), "{name}: {said}");
    }
    // A mistake would be seen: systemd-analyze itself calls it success.
    let path = root.path().join("usr/lib/systemd/system/lecternd.service");
    let text = fs::read_to_string(&path).unwrap().replace("RestrictRealtime=", "RestrictRealtme=");
    fs::write(path, text).unwrap();
    let (_, said) = systemd_analyze(&["verify", "--man=no", "lecternd.service"], root.path());
    assert!(said.contains("RestrictRealtme"), "{said}");
}

#[test]
fn every_service_is_as_little_exposed_as_it_can_be() {
    let root = machine();
    // In tenths. The helper has no private mounts, which alone are 2.2 of it.
    for (unit, most) in [
        ("lecternd.service", 15),
        ("lectern-helper.service", 39),
        ("lectern-setup.service", 15),
        ("lectern-healthy.service", 5),
        ("lectern-stick@.service", 5),
        ("lecternd-restart.service", 12),
    ] {
        let most = format!("--threshold={most}");
        let (is_fine, said) = systemd_analyze(&["security", "--offline=true", &most, unit], root.path());
        assert!(is_fine, "{unit}: {said}");
    }
}

#[test]
fn the_daemon_has_no_right_of_roots_and_can_get_none() {
    let daemon = Unit::read("lecternd.service");
    daemon.has("User", "lectern");
    daemon.has("Group", "lectern");
    daemon.has("UMask", "0077");
    daemon.has("CapabilityBoundingSet", "");
    daemon.has("AmbientCapabilities", "");
    for yes in [
        "NoNewPrivileges",
        "RestrictSUIDSGID",
        "RestrictRealtime",
        "RestrictNamespaces",
        "LockPersonality",
        "MemoryDenyWriteExecute",
        "RemoveIPC",
        "ProtectHome",
        "PrivateTmp",
        "PrivateMounts",
        "ProtectControlGroups",
        "ProtectKernelLogs",
        "ProtectKernelModules",
        "ProtectKernelTunables",
        "ProtectHostname",
        "ProtectClock",
    ] {
        daemon.has(yes, "yes");
    }
    daemon.has("ProtectSystem", "strict");
    daemon.has("ProtectProc", "invisible");
    daemon.has("KeyringMode", "private");
    daemon.has("SystemCallArchitectures", "native");
    assert_eq!(
        daemon.all("SystemCallFilter"),
        ["@system-service", "~@privileged @resources @keyring @obsolete"]
    );
    daemon.has("RestrictAddressFamilies", "AF_UNIX AF_INET AF_INET6 AF_NETLINK");
    // It would map the groups of cameras and sound away.
    daemon.has_not("PrivateUsers");
}

#[test]
fn the_daemon_has_cameras_sound_and_encoders_and_no_other_device() {
    let daemon = Unit::read("lecternd.service");
    daemon.has("DevicePolicy", "closed");
    let allowed: Vec<_> =
        daemon.all("DeviceAllow").iter().map(|device| device.split_once(' ').unwrap()).collect();
    for needed in ["char-video4linux", "char-media", "char-alsa", "char-drm"] {
        assert!(allowed.contains(&(needed, "rw")), "{needed}: {allowed:?}");
    }
    for (device, _) in &allowed {
        // A disk has every recording.
        assert!(device.starts_with("char-"), "{device}");
        assert!(!["char-mem", "char-rtc", "char-sg", "char-nvme"].contains(device), "{device}");
    }
    let groups = fs::read_to_string(folder().join("lectern.sysusers")).unwrap();
    for group in ["video", "audio", "render", "dialout"] {
        assert!(groups.contains(&format!("m lectern {group}\n")), "{group}");
    }
    // An input device has every password: the daemon reads buttons, not keyboards.
    assert!(allowed.contains(&("char-input", "r")), "{allowed:?}");
    assert!(!groups.contains("input"), "the group input reads keyboards");
    daemon.has_not("SupplementaryGroups");
    let rules = fs::read_to_string(folder().join("70-lectern.rules")).unwrap();
    let of_input: Vec<_> = rules.lines().filter(|line| line.starts_with("SUBSYSTEM==\"input\"")).collect();
    assert!(matches!(&of_input[..], [one] if one.contains("DRIVERS==\"gpio-keys|")), "{of_input:?}");
}

#[test]
fn lights_go_out_however_the_daemon_ends_and_are_all_that_it_may_change_of_the_kernel() {
    let daemon = Unit::read("lecternd.service");
    // systemd runs it after a crash too, and a failure of it changes nothing.
    daemon.has("ExecStopPost", "-/usr/bin/lecternd lights-off");
    let written = daemon.all("ReadWritePaths");
    assert!(written.contains(&"-/sys/devices".to_owned()), "lights are set there: {written:?}");
    assert!(!written.iter().any(|path| path.ends_with("/sys")), "{written:?}");
    let rules = fs::read_to_string(folder().join("70-lectern.rules")).unwrap();
    let lights = rules.lines().find(|line| line.starts_with("SUBSYSTEM==\"leds\"")).unwrap();
    assert!(lights.contains("KERNEL==\"lectern:*\""), "{lights}");
    let given: Vec<_> = lights.split("/sys%p/").skip(1).map(|file| file.split(['"', ' ']).next()).collect();
    assert!(given.iter().all(|file| [Some("brightness"), Some("trigger")].contains(file)), "{given:?}");
}

#[test]
fn a_daemon_that_ends_hangs_or_grows_is_started_again_for_ever() {
    let daemon = Unit::read("lecternd.service");
    daemon.has("Type", "notify");
    daemon.has("NotifyAccess", "main");
    daemon.has("Restart", "always");
    daemon.has("OOMPolicy", "stop");
    daemon.has_not("RestartPreventExitStatus");
    assert!(daemon.one("OOMScoreAdjust").parse::<i32>().unwrap() < 0);
    assert!(daemon.one("MemoryMax").ends_with('%'), "boards have from 1 to 16 GB");
    // Pictures of children are in its memory.
    daemon.has("LimitCORE", "0");
    // What it needs by itself, and no more than a shutdown may wait.
    let (watchdog, stop) = (daemon.seconds("WatchdogSec"), daemon.seconds("TimeoutStopSec"));
    assert!((20..=40).contains(&watchdog), "{watchdog}");
    assert!((12..=30).contains(&stop), "the daemon drains for 10 s: {stop}");
    assert!(daemon.seconds("TimeoutAbortSec") <= 10);
    assert!(daemon.seconds("TimeoutStartSec") >= 60, "a lost index is read again");
    // Its limit is reached by one that fails at once, and then it is paused.
    let (burst, interval) =
        (daemon.one("StartLimitBurst").parse::<u64>().unwrap(), daemon.seconds("StartLimitIntervalSec"));
    assert!(burst * (daemon.seconds("RestartSec") + 1) < interval, "{burst} in {interval} s");
    daemon.has("OnFailure", "lecternd-retry.timer");
    let retry = Unit::read("lecternd-retry.timer");
    retry.has("Unit", "lecternd.service");
    retry.has("RemainAfterElapse", "no");
    assert!(retry.seconds("OnActiveSec") >= interval, "systemd would refuse the start");
}

#[test]
fn secrets_come_as_credentials_and_stand_in_no_unit() {
    let daemon = Unit::read("lecternd.service");
    assert_eq!(
        daemon.all("LoadCredential"),
        ["lectern.signing", "lectern.device", "lectern:/etc/lectern/secrets"]
    );
    assert_eq!(daemon.all("LoadCredentialEncrypted"), ["sealed:/etc/lectern/secrets.encrypted"]);
    for unit in units() {
        let unit = Unit::read(unit.file_name().unwrap().to_str().unwrap());
        unit.has_not("SetCredential");
        unit.has_not("EnvironmentFile");
        unit.has_not("PassEnvironment");
    }
    let folders = fs::read_to_string(folder().join("lectern.tmpfiles")).unwrap();
    for folder in [
        "/etc/lectern/secrets",
        "/etc/lectern/secrets.encrypted",
        "/var/lib/lectern-sealed",
        "/run/credstore.encrypted",
    ] {
        assert!(folders.contains(&format!("d {folder} 0700 root root -\n")), "{folder}");
    }
}

#[test]
fn the_helper_mounts_and_routes_for_the_machine_and_is_bounded_by_all_else() {
    let helper = Unit::read("lectern-helper.service");
    // Each of these gives a mount namespace of its own (systemd.exec(5)).
    for own in [
        "ProtectSystem",
        "ProtectHome",
        "PrivateTmp",
        "PrivateDevices",
        "PrivateMounts",
        "MountFlags",
        "ReadWritePaths",
        "ReadOnlyPaths",
        "InaccessiblePaths",
        "BindPaths",
        "BindReadOnlyPaths",
        "TemporaryFileSystem",
        "ProtectKernelTunables",
        "ProtectKernelModules",
        "ProtectKernelLogs",
        "ProtectControlGroups",
        "ProtectProc",
        "ProcSubset",
        "RootDirectory",
        "RuntimeDirectory",
        "StateDirectory",
        "LoadCredential",
        "PrivateIPC",
        "DynamicUser",
        // Since systemd 254; and the routes are the machine's.
        "PrivateNetwork",
        "NetworkNamespacePath",
    ] {
        helper.has_not(own);
    }
    helper.has("CapabilityBoundingSet", "CAP_SYS_ADMIN CAP_SYS_RAWIO CAP_NET_ADMIN");
    // It asks the kernel for routes and speaks to nobody.
    helper.has("RestrictAddressFamilies", "AF_UNIX AF_NETLINK");
    helper.has("IPAddressDeny", "any");
    helper.has("DevicePolicy", "closed");
    for yes in ["NoNewPrivileges", "MemoryDenyWriteExecute", "RestrictNamespaces"] {
        helper.has(yes, "yes");
    }
    assert!(helper.one("ExecStart").ends_with("lectern-helper --user lectern"));
    helper.has_not("Restart");
    let socket = Unit::read("lectern-helper.socket");
    socket.has("ListenStream", "/run/lectern/helper.sock");
    socket.has("SocketMode", "0660");
    socket.has("SocketUser", "root");
    socket.has("SocketGroup", "lectern");
    socket.has("Accept", "no");
}

#[test]
fn who_asks_the_daemon_may_open_its_socket() {
    // Root without capabilities is nobody to a socket of another user.
    Unit::read("lecternd-restart.service").has("SupplementaryGroups", "lectern");
    Unit::read("lectern-healthy.service").has("User", "lectern");
    Unit::read("lectern-stick@.service").has("User", "lectern");
    // It runs as root, and would take the daemon's folder.
    Unit::read("lectern-setup.service").has_not("StateDirectory");
}

#[test]
fn a_boot_is_good_only_when_the_daemon_answers() {
    let healthy = Unit::read("lectern-healthy.service");
    healthy.has("Requires", "lecternd.service");
    healthy.has("Before", "boot-complete.target");
    healthy.has("RequiredBy", "boot-complete.target");
    healthy.has("ExecStart", "/usr/bin/lecternctl status");
}

#[test]
fn no_default_leads_abroad_and_a_hung_system_starts_again() {
    let time = fs::read_to_string(folder().join("timesyncd.conf")).unwrap();
    assert!(time.contains("\nNTP=ntp.ntsc.ac.cn ntp.aliyun.com\n"), "{time}");
    let servers =
        time.lines().filter(|line| !line.starts_with('#')).filter_map(|line| line.split_once("NTP="));
    for server in servers.flat_map(|(_, servers)| servers.split(' ')) {
        assert!(server.ends_with(".cn") || server.ends_with("aliyun.com") || server.ends_with("tencent.com"));
    }
    let system = fs::read_to_string(folder().join("system.conf")).unwrap();
    // Chips of small boards count to 15 s.
    assert!(system.contains("\nRuntimeWatchdogSec=15s\n"), "{system}");
    let log = fs::read_to_string(folder().join("journald.conf")).unwrap();
    for limit in ["Storage=persistent", "SystemMaxUse=512M", "SystemKeepFree=1G"] {
        assert!(log.contains(&format!("\n{limit}\n")), "{limit}");
    }
}
