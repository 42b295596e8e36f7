//! The folder store on a real disk.

use std::process::Command;

use lectern_archive::store::{MAX_FILE_BYTES, Store, StoreError, StoreOptions};

use crate::lesson::store;

#[tokio::test]
async fn what_was_put_is_there_and_nothing_else_is() {
    let folder = tempfile::tempdir().unwrap();
    let store = store(folder.path());
    store.put("a/b/00000001.m4s", "one").await.unwrap();
    store.put("a/b/00000001.m4s", "two").await.unwrap();
    assert_eq!(store.get("a/b/00000001.m4s").await.unwrap().as_deref(), Some(&b"two"[..]));
    assert_eq!(store.size("a/b/00000001.m4s").await.unwrap(), Some(3));
    assert_eq!(store.get("a/b/00000002.m4s").await.unwrap(), None);
    assert_eq!(store.size("a/c").await.unwrap(), None);
    let names = std::fs::read_dir(folder.path().join("a/b")).unwrap();
    assert_eq!(names.count(), 1, "a temporary file stayed behind");
}

#[tokio::test]
async fn a_store_never_leaves_its_folder() {
    let folder = tempfile::tempdir().unwrap();
    let store = store(folder.path());
    for path in ["../x", "/etc/passwd", "a/../../x", "", "a//b", ".hidden"] {
        assert!(matches!(store.put(path, "x").await, Err(StoreError::Path { .. })), "{path}");
        assert!(matches!(store.get(path).await, Err(StoreError::Path { .. })), "{path}");
        assert!(store.within(path).is_err(), "{path}");
    }
}

#[tokio::test]
async fn a_medium_that_is_not_mounted_is_not_an_empty_one() {
    let folder = tempfile::tempdir().unwrap();
    let absent = folder.path().join("usb");
    let store = store(&absent);
    let error = store.put("a/1.m4s", "x").await.unwrap_err();
    assert!(matches!(error, StoreError::NotMounted { .. }) && error.is_temporary(), "{error:?}");
    assert!(matches!(store.get("a/1.m4s").await, Err(StoreError::NotMounted { .. })));
    assert!(!absent.exists(), "the mount point was created");
    std::fs::create_dir(&absent).unwrap();
    store.put("a/1.m4s", "x").await.unwrap();
}

#[tokio::test]
async fn a_mount_point_without_a_medium_is_no_store_although_the_folder_is_there() {
    let folder = tempfile::tempdir().unwrap();
    let lessons = folder.path().join("lessons");
    std::fs::create_dir(&lessons).unwrap();
    let of = |mount_point: &std::path::Path, root: &std::path::Path| {
        let url = format!("file://{}", root.display());
        let mount_point = Some(mount_point.to_owned());
        Store::open_with(&StoreOptions { mount_point, ..StoreOptions::new(url) }).unwrap()
    };
    for store in [of(folder.path(), &lessons), of(&lessons, &lessons)] {
        let error = store.put("a/1.m4s", "x").await.unwrap_err();
        assert!(matches!(error, StoreError::NotMounted { .. }), "{error:?}");
    }
    assert_eq!(std::fs::read_dir(&lessons).unwrap().count(), 0, "nothing fills the system's own disk");

    let Some(medium) = Tiny::mount() else {
        println!("not tested: a medium needs root and the right to mount a tmpfs");
        return;
    };
    of(medium.0.path(), medium.0.path()).put("a/1.m4s", "x").await.unwrap();
    let deeper = medium.0.path().join("lessons");
    std::fs::create_dir(&deeper).unwrap();
    let store = of(medium.0.path(), &deeper);
    store.put("a/1.m4s", "x").await.unwrap();
    assert!(Command::new("umount").arg(medium.0.path()).status().unwrap().success());
    assert!(matches!(store.put("a/2.m4s", "x").await, Err(StoreError::NotMounted { .. })));
}

#[tokio::test]
async fn what_an_upload_left_behind_that_was_killed_is_cleared_away() {
    let folder = tempfile::tempdir().unwrap();
    let lesson = folder.path().join("a");
    std::fs::create_dir(&lesson).unwrap();
    for name in ["00000001.m4s#1", "manifest.json#12", "notes#x"] {
        std::fs::write(lesson.join(name), "half").unwrap();
    }
    store(folder.path()).put("a/00000002.m4s", "whole").await.unwrap();
    let mut left: Vec<_> = std::fs::read_dir(&lesson)
        .unwrap()
        .map(|item| item.unwrap().file_name().into_string().unwrap())
        .collect();
    left.sort();
    assert_eq!(left, ["00000002.m4s", "notes#x"]);
}

#[tokio::test]
async fn a_file_of_absurd_size_is_not_read() {
    let folder = tempfile::tempdir().unwrap();
    let file = std::fs::File::create(folder.path().join("huge.m4s")).unwrap();
    file.set_len(MAX_FILE_BYTES + 1).unwrap();
    let error = store(folder.path()).get("huge.m4s").await.unwrap_err();
    assert!(matches!(error, StoreError::TooLarge { .. }), "{error:?}");
}

#[tokio::test]
async fn a_file_in_the_place_of_a_folder_is_an_error_not_a_panic() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("a"), "a file").unwrap();
    assert!(store(folder.path()).put("a/1.m4s", "x").await.is_err());
}

/// A tiny file system of its own, which only root can make.
pub(crate) struct Tiny(pub(crate) tempfile::TempDir);

impl Tiny {
    pub(crate) fn mount() -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        let mut mount = Command::new("mount");
        mount.args(["-t", "tmpfs", "-o", "size=256k", "tiny"]).arg(folder.path());
        mount.status().is_ok_and(|status| status.success()).then_some(Self(folder))
    }
}

impl Drop for Tiny {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg(self.0.path()).status();
    }
}

#[tokio::test]
async fn a_full_disk_is_no_room_and_leaves_no_half_file() {
    let Some(tiny) = Tiny::mount() else {
        println!("not tested: a full disk needs root and the right to mount a tmpfs");
        return;
    };
    let store = store(tiny.0.path());
    store.put("a/1.m4s", vec![1; 100_000]).await.unwrap();
    let error = store.put("a/2.m4s", vec![2; 300_000]).await.unwrap_err();
    assert!(matches!(error, StoreError::NoRoom { .. }) && error.is_temporary(), "{error:?}");
    assert_eq!(store.get("a/2.m4s").await.unwrap(), None);
    assert_eq!(std::fs::read_dir(tiny.0.path().join("a")).unwrap().count(), 1);
    std::fs::remove_file(tiny.0.path().join("a/1.m4s")).unwrap();
    store.put("a/3.m4s", vec![3; 100_000]).await.unwrap();
}

#[test]
fn only_whole_paths_and_known_schemes_open_a_store() {
    for url in
        ["file:archive", "file://host/x", "gopher://host", "s3://bucket:1/x", "s3://", "nonsense", "http://"]
    {
        assert!(matches!(Store::open(url), Err(StoreError::Url { .. })), "{url}");
    }
    assert!(Store::open("file:///").is_ok());
}
