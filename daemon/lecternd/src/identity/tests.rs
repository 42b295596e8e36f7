use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use super::*;

struct Folders {
    _root: tempfile::TempDir,
    keys: PathBuf,
    credentials: PathBuf,
    spool: PathBuf,
}

impl Folders {
    fn new() -> Self {
        let root = tempfile::tempdir().unwrap();
        let below = |name| root.path().join(name);
        let (keys, credentials, spool) = (below("var/keys"), below("credentials"), below("spool"));
        fs::create_dir(&credentials).unwrap();
        Self { _root: root, keys, credentials, spool }
    }

    fn open(&self) -> Result<Identity, IdentityError> {
        let places = Places { folder: &self.keys, credentials: Some(&self.credentials), spool: &self.spool };
        Identity::open(places, None)
    }
}

#[test]
fn keys_are_made_once_for_their_owner_alone_and_are_two() {
    let folders = Folders::new();
    let first = folders.open().unwrap();
    for name in [SIGNING, DEVICE] {
        let mode = fs::metadata(folders.keys.join(name)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{name}");
    }
    let left: Vec<_> = fs::read_dir(&folders.keys).unwrap().map(|file| file.unwrap().file_name()).collect();
    assert_eq!(left.len(), 2, "{left:?}");
    let again = folders.open().unwrap();
    assert_eq!(
        (first.public_key(), first.device_key.to_bytes()),
        (again.public_key(), again.device_key.to_bytes())
    );
    assert_ne!(Signer::from_seed(&first.device_key.to_bytes()).public_key(), first.public_key());
    assert_ne!(Folders::new().open().unwrap().public_key(), first.public_key());
}

#[test]
fn a_damaged_key_is_told_and_left_as_it_is() {
    for name in [SIGNING, DEVICE] {
        for content in ["", "\n", "12", "not hex at all", &"0".repeat(64), &"ab".repeat(33)] {
            let folders = Folders::new();
            folders.open().unwrap();
            let path = folders.keys.join(name);
            fs::write(&path, content).unwrap();
            let error = folders.open().unwrap_err();
            assert!(matches!(&error, IdentityError::Damaged { path: of, .. } if *of == path), "{error}");
            assert!(error.to_string().contains("backup"), "{error}");
            // Neither with a spool nor without one.
            fs::remove_dir_all(&folders.spool).unwrap();
            folders.open().unwrap_err();
            assert_eq!(fs::read_to_string(&path).unwrap(), content);
        }
    }
}

#[test]
fn a_key_that_others_may_read_is_refused_with_the_remedy() {
    let folders = Folders::new();
    folders.open().unwrap();
    let path = folders.keys.join(DEVICE);
    fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
    let error = folders.open().unwrap_err().to_string();
    assert!(error.contains("chmod 600") && error.contains("640"), "{error}");
}

#[test]
fn a_lost_key_is_not_replaced_while_recordings_were_made_with_it() {
    let folders = Folders::new();
    folders.open().unwrap();
    let path = folders.keys.join(DEVICE);
    let saved = fs::read(&path).unwrap();
    fs::remove_file(&path).unwrap();
    assert!(matches!(folders.open().unwrap_err(), IdentityError::Lost { .. }));
    assert!(!path.exists());
    fs::write(&path, saved).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
    folders.open().unwrap();
    // Without recordings nothing hangs on them.
    fs::remove_dir_all(&folders.keys).unwrap();
    fs::remove_dir_all(&folders.spool).unwrap();
    folders.open().unwrap();
}

#[test]
fn the_keys_of_another_box_are_noticed() {
    let (here, there) = (Folders::new(), Folders::new());
    here.open().unwrap();
    there.open().unwrap();
    fs::copy(there.keys.join(DEVICE), here.keys.join(DEVICE)).unwrap();
    assert!(matches!(here.open().unwrap_err(), IdentityError::Foreign { .. }));
}

#[test]
fn systemds_credentials_come_first_and_leave_no_file() {
    let folders = Folders::new();
    fs::write(folders.credentials.join(SIGNING_CREDENTIAL), [7; 32]).unwrap();
    fs::write(folders.credentials.join(DEVICE_CREDENTIAL), "08".repeat(32) + "\n").unwrap();
    let identity = folders.open().unwrap();
    assert_eq!(identity.public_key(), Signer::from_seed(&[7; 32]).public_key());
    assert_eq!(*identity.device_key.to_bytes(), [8; 32]);
    assert!(!folders.keys.exists());
    fs::write(folders.credentials.join(SIGNING_CREDENTIAL), "").unwrap();
    assert!(matches!(folders.open().unwrap_err(), IdentityError::Damaged { .. }));
}

#[test]
fn what_is_printed_of_an_identity_holds_no_secret() {
    let identity = Folders::new().open().unwrap();
    let shown = format!("{identity:?}");
    assert!(shown.contains(&identity.public_key().to_string()), "{shown}");
    assert!(
        !shown.contains(&lectern_archive::signature::hex(identity.device_key.to_bytes().as_slice())),
        "{shown}"
    );
}
