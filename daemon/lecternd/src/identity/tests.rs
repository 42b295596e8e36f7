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

    fn try_open(&self) -> Result<(Identity, Vec<KeyTrouble>), IdentityError> {
        let places = Places { folder: &self.keys, credentials: Some(&self.credentials), spool: &self.spool };
        Identity::open(places, None)
    }

    /// Opens without any trouble.
    fn open(&self) -> Identity {
        let (identity, troubles) = self.try_open().unwrap();
        assert_eq!(troubles, []);
        identity
    }

    /// Opens with one trouble, and once more without: it is told once.
    fn open_troubled(&self) -> (Identity, KeyTrouble) {
        let (identity, mut troubles) = self.try_open().unwrap();
        assert_eq!(self.open().id(), identity.id());
        let noted = fs::read_to_string(self.spool.join(MADE_WITH)).unwrap();
        assert_eq!(noted.trim(), identity.id());
        assert_eq!(troubles.len(), 1, "{troubles:?}");
        (identity, troubles.remove(0))
    }
}

#[test]
fn keys_are_made_once_for_their_owner_alone_and_are_two() {
    let folders = Folders::new();
    let first = folders.open();
    for name in [SIGNING, DEVICE] {
        let mode = fs::metadata(folders.keys.join(name)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{name}");
    }
    let left: Vec<_> = fs::read_dir(&folders.keys).unwrap().map(|file| file.unwrap().file_name()).collect();
    assert_eq!(left.len(), 2, "{left:?}");
    let again = folders.open();
    assert_eq!(
        (first.public_key(), first.device_key.to_bytes()),
        (again.public_key(), again.device_key.to_bytes())
    );
    assert_ne!(Signer::from_seed(&first.device_key.to_bytes()).public_key(), first.public_key());
    assert_ne!(Folders::new().open().public_key(), first.public_key());
}

#[test]
fn a_damaged_key_is_kept_aside_and_a_new_one_works() {
    for name in [SIGNING, DEVICE] {
        for content in ["", "\n", "12", "not hex at all", &"0".repeat(64), &"ab".repeat(33)] {
            let folders = Folders::new();
            let former = folders.open();
            let path = folders.keys.join(name);
            let mut asides = Vec::new();
            for n in 1..=2 {
                fs::write(&path, content).unwrap();
                let (identity, trouble) = folders.open_troubled();
                assert_ne!(identity.id(), former.id());
                let KeyTrouble::Damaged { path: of, aside, .. } = trouble else { panic!("{trouble:?}") };
                assert_eq!((of, &aside), (path.clone(), &folders.keys.join(format!("{name}.damaged-{n}"))));
                asides.push(aside);
            }
            for aside in asides {
                assert_eq!(fs::read_to_string(aside).unwrap(), content);
            }
        }
    }
}

#[test]
fn a_key_file_that_cannot_be_read_is_set_aside_too() {
    let folders = Folders::new();
    let path = folders.keys.join(DEVICE);
    fs::create_dir_all(path.join("in it")).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o700)).unwrap();
    let (_, troubles) = folders.try_open().unwrap();
    assert!(matches!(&troubles[..], [.., KeyTrouble::Damaged { aside, .. }] if aside.join("in it").exists()));
    folders.open();
}

#[test]
fn a_key_that_others_may_read_is_closed_to_them_and_used() {
    let folders = Folders::new();
    let former = folders.open();
    let path = folders.keys.join(DEVICE);
    fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
    let (identity, trouble) = folders.open_troubled();
    assert_eq!(identity.id(), former.id());
    assert_eq!(trouble, KeyTrouble::Exposed { path: path.clone(), mode: 0o640 });
    assert!(!trouble.changes_keys() && trouble.text().en.contains("mode 640"));
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
}

#[test]
fn a_lost_key_is_made_anew_and_the_former_one_may_come_back() {
    let folders = Folders::new();
    let former = folders.open();
    let path = folders.keys.join(DEVICE);
    let saved = fs::read(&path).unwrap();
    fs::remove_file(&path).unwrap();
    let (identity, trouble) = folders.open_troubled();
    assert_eq!(trouble, KeyTrouble::Missing { path: path.clone() });
    assert_eq!(identity.public_key(), former.public_key(), "the other key stays");
    assert_ne!(identity.device_key.to_bytes(), former.device_key.to_bytes());
    fs::write(&path, saved).unwrap();
    let (identity, trouble) = folders.open_troubled();
    assert_eq!(identity.id(), former.id());
    assert!(matches!(trouble, KeyTrouble::Foreign { .. }));
    // Without recordings nothing hangs on them.
    fs::remove_dir_all(&folders.keys).unwrap();
    fs::remove_dir_all(&folders.spool).unwrap();
    folders.open();
}

#[test]
fn the_keys_of_another_box_are_noticed_and_used() {
    let (here, there) = (Folders::new(), Folders::new());
    here.open();
    let other = there.open();
    fs::copy(there.keys.join(DEVICE), here.keys.join(DEVICE)).unwrap();
    let (identity, trouble) = here.open_troubled();
    assert_eq!(trouble, KeyTrouble::Foreign { spool: here.spool.clone() });
    assert_eq!(identity.device_key.to_bytes(), other.device_key.to_bytes());
}

#[test]
fn what_was_noted_of_the_keys_may_be_unreadable() {
    let folders = Folders::new();
    folders.open();
    fs::write(folders.spool.join(MADE_WITH), [0xff; 40]).unwrap();
    let (_, trouble) = folders.open_troubled();
    assert!(matches!(trouble, KeyTrouble::Foreign { .. }));
    fs::remove_file(folders.spool.join(MADE_WITH)).unwrap();
    fs::create_dir(folders.spool.join(MADE_WITH)).unwrap();
    folders.open();
}

#[test]
fn without_any_place_for_a_key_there_is_an_error() {
    let folders = Folders::new();
    fs::create_dir_all(folders.keys.parent().unwrap()).unwrap();
    fs::write(&folders.keys, "a file where the folder belongs").unwrap();
    assert!(matches!(folders.try_open().unwrap_err(), IdentityError::Io { .. }));
}

#[test]
fn systemds_credentials_come_first_and_leave_no_file() {
    let folders = Folders::new();
    fs::write(folders.credentials.join(SIGNING_CREDENTIAL), [7; 32]).unwrap();
    fs::write(folders.credentials.join(DEVICE_CREDENTIAL), "08".repeat(32) + "\n").unwrap();
    let identity = folders.open();
    assert_eq!(identity.public_key(), Signer::from_seed(&[7; 32]).public_key());
    assert_eq!(*identity.device_key.to_bytes(), [8; 32]);
    assert!(!folders.keys.exists());
    // A damaged one gives way to the folder's own.
    let path = folders.credentials.join(SIGNING_CREDENTIAL);
    fs::write(&path, "").unwrap();
    let (fallen_back, troubles) = folders.try_open().unwrap();
    assert!(matches!(&troubles[..], [KeyTrouble::Credential { path: of, .. }] if *of == path));
    assert_eq!(*fallen_back.device_key.to_bytes(), [8; 32]);
    assert!(folders.keys.join(SIGNING).exists() && fs::read(&path).unwrap().is_empty());
    let (again, _) = folders.try_open().unwrap();
    assert_eq!(again.id(), fallen_back.id());
}

#[test]
fn what_is_printed_of_an_identity_holds_no_secret() {
    let identity = Folders::new().open();
    let shown = format!("{identity:?}");
    assert!(shown.contains(&identity.public_key().to_string()), "{shown}");
    let secret = data_encoding::HEXLOWER.encode(identity.device_key.to_bytes().as_slice());
    assert!(!shown.contains(&secret), "{shown}");
}
