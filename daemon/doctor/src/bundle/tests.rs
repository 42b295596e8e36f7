use std::collections::BTreeMap;
use std::io::Read as _;

use data_encoding::{BASE64, HEXLOWER};
use flate2::read::GzDecoder;
use sha2::{Digest as _, Sha256};

use super::*;

fn at() -> Timestamp {
    "2026-03-02T00:04:10Z".parse().unwrap()
}

/// A box in a folder, without a daemon.
fn places(folder: &Path, config: &str) -> Places {
    std::fs::write(folder.join("lectern.toml"), config).unwrap();
    let root = folder.join("root");
    std::fs::create_dir_all(&root).unwrap();
    let log = Some(folder.join("lecternd.log"));
    Places { log, root, ..Places::new(&folder.join("lectern.toml"), &folder.join("control.sock")) }
}

fn unpack(bytes: &[u8]) -> BTreeMap<String, String> {
    let mut archive = tar::Archive::new(GzDecoder::new(bytes));
    let files = archive.entries().unwrap().map(|entry| {
        let mut entry = entry.unwrap();
        let path = entry.path().unwrap().to_string_lossy().into_owned();
        let mut text = String::new();
        entry.read_to_string(&mut text).unwrap();
        (path.split_once('/').unwrap().1.to_owned(), text)
    });
    files.collect()
}

#[tokio::test]
async fn a_bundle_tells_what_is_in_it_and_what_is_missing_and_why() {
    let folder = tempfile::tempdir().unwrap();
    let config =
        format!("[device]\nid = 'LB-7'\n[spool]\npath = '{}'\n", folder.path().join("spool").display());
    let places = places(folder.path(), &config);
    std::fs::write(folder.path().join("lecternd.log"), "one\ntwo\n").unwrap();
    let bundle = Bundle::collect(&places, at, Pictures::None).await.unwrap();
    assert_eq!(bundle.name, "lectern-LB-7-20260302T000410Z.tar.gz");
    let files = unpack(&bundle.bytes);
    let told: Manifest = serde_json::from_str(&files["manifest.json"]).unwrap();
    assert_eq!(told, bundle.manifest);
    assert_eq!(told.files.len() + 1, files.len());
    for part in &told.files {
        let text = &files[&part.path];
        assert_eq!(part.sha256, HEXLOWER.encode(&Sha256::digest(text.as_bytes())), "{}", part.path);
    }
    assert_eq!(files["log.txt"], "one\ntwo\n");
    let missing = |path: &str| told.missing.iter().find(|missing| missing.path == path);
    assert!(missing("status.json").unwrap().why.contains("lecternd"), "{:?}", told.missing);
    assert!(!told.with_pictures && told.never.contains(&"pictures".to_owned()));
    assert_eq!(missing("local.toml").unwrap().why, "there is none");
    assert_eq!(missing("status.json").unwrap().why, "lecternd does not answer");
    assert!(missing("doctor.json").is_none());
}

#[tokio::test]
async fn no_planted_secret_is_in_a_bundle_in_any_form() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    // Told apart from everything else, each planted where it belongs.
    let canaries = [
        "CANARYuser0",
        "CANARYpass1&x",
        "CANARYquery2",
        "CANARYstream3",
        "CANARYfile4",
        "CANARYenv5",
        "CANARYlocal6",
        "CANARYlog7",
        "CANARYrobot8",
        "CANARYsystemd9",
    ];
    let [user, pass, query, stream, in_file, env, local, log, robot, systemd] = canaries;
    let config = format!(
        "[device]\nid='LB-7'\n[spool]\npath='{}'\n[[source]]\nname='c'\nrole='camera'\n\
         uri='rtsp://{user}:CANARYpass1%26x@10.0.0.7/x'\n[[live]]\nname='l'\n\
         url='rtmp://push.example/live/{stream}?sign={query}'\n[mqtt]\nurl='mqtts://b'\n\
         credentials='file:{}'\nsecret_key = \"{local}-broken line\n",
        path("spool").display(),
        path("mqtt.toml").display()
    );
    let places = places(folder.path(), &config);
    std::fs::write(path("mqtt.toml"), format!("user = \"u\"\npassword = \"{in_file}\"\n")).unwrap();
    let credentials = places.root.join("run/credentials/lecternd.service");
    std::fs::create_dir_all(&credentials).unwrap();
    std::fs::write(credentials.join("broker"), format!("password = \"{systemd}\"\n")).unwrap();
    std::fs::write(credentials.join("robot"), format!("url = \"https://h/robot/send?key={robot}\"\n"))
        .unwrap();
    let proc = places.root.join("proc/7");
    std::fs::create_dir_all(&proc).unwrap();
    std::fs::write(proc.join("comm"), "lecternd\n").unwrap();
    std::fs::write(proc.join("environ"), format!("https_proxy=http://p:{env}@proxy:3128\0")).unwrap();
    let everything: String = [user, pass, query, stream, in_file, env, robot, systemd]
        .iter()
        .map(|secret| {
            let percent: String = secret.bytes().map(|byte| format!("%{byte:02X}")).collect();
            format!("said {secret}, {percent} and {}\n", BASE64.encode(format!("u:{secret}").as_bytes()))
        })
        .collect();
    let strangers = format!("PUT https://other.example/x?token={log}\nAuthorization: Bearer {log}\n");
    std::fs::write(path("lecternd.log"), everything + &strangers).unwrap();

    let bundle = Bundle::collect(&places, at, Pictures::None).await.unwrap();
    let files = unpack(&bundle.bytes);
    assert!(files["log.txt"].lines().count() >= 8 && files["lectern.toml"].contains("push.example"));
    for (file, text) in &files {
        for secret in canaries {
            let percent: String = secret.bytes().map(|byte| format!("%{byte:02X}")).collect();
            let in_base64 = BASE64.encode(format!("u:{secret}").as_bytes());
            for form in [secret, &percent, &in_base64[4..in_base64.len() - 4]] {
                assert!(!text.contains(form), "{file} has {form}:\n{text}");
            }
        }
    }
}

#[test]
fn of_a_long_text_the_newest_whole_lines_are_kept() {
    let text = "一二三\nfour\nfive\n".to_owned();
    assert_eq!(pack::newest(text.clone(), 100), (text.clone(), false));
    assert_eq!(pack::newest(text.clone(), 12), ("four\nfive\n".to_owned(), true));
    assert_eq!(pack::newest(text, 0), (String::new(), true));
}

#[tokio::test]
async fn a_collector_that_hangs_is_named_and_the_others_are_there() {
    let collector = |path, work| collect::Collector { path, work };
    let collectors = vec![
        collector("slow", Box::pin(std::future::pending()) as _),
        collector("quick", Box::pin(async { Ok("text".to_owned()) }) as _),
        collector("broken", Box::pin(async { Err("why".to_owned()) }) as _),
    ];
    let until = Instant::now() + Duration::from_millis(50);
    let (texts, missing) = run(collectors, until).await;
    assert_eq!(texts, [("quick", "text".to_owned())]);
    let told: Vec<_> = missing.iter().map(|missing| (missing.path.as_str(), missing.why.as_str())).collect();
    assert_eq!(told, [("slow", "no answer within 30 s"), ("broken", "why")]);
}

#[test]
fn a_bundle_that_cannot_be_written_leaves_nothing_behind() {
    let folder = tempfile::tempdir().unwrap();
    let manifest = Manifest {
        format: 1,
        device: None,
        made: at(),
        took_ms: 0,
        files: Vec::new(),
        missing: Vec::new(),
        with_pictures: false,
        never: Vec::new(),
    };
    let bundle = Bundle { manifest, bytes: b"bytes".to_vec(), name: name(None, at()) };
    let written = bundle.write(folder.path()).unwrap();
    assert_eq!(std::fs::read(&written).unwrap(), b"bytes");
    assert!(bundle.write(&folder.path().join("none/x.tar.gz")).is_err());
    // A folder that is not empty takes no file's place.
    let taken = folder.path().join("a");
    std::fs::create_dir_all(taken.join("b")).unwrap();
    assert!(bundle.write(&taken.join("b/..").join("c/d")).is_err());
    let left: Vec<_> = std::fs::read_dir(folder.path()).unwrap().map(|e| e.unwrap().file_name()).collect();
    assert_eq!(left.len(), 2, "{left:?}");
}
