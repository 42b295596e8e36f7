use super::*;

const BOX: &str = "[device]\nid='LB-1'\nplace='x'\n[[source]]\nname='b'\nrole='mic'\nuri='auto'\n";

/// A box with both files, as its daemon begins.
struct Room {
    folder: tempfile::TempDir,
    unit: Standing,
    told: watch::Receiver<Vec<UnusableFile>>,
    seen: Option<Stamps>,
}

impl Room {
    fn new(local: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let main = folder.path().join("lectern.toml");
        std::fs::write(&main, text(&folder, "")).unwrap();
        std::fs::write(folder.path().join("local.toml"), local).unwrap();
        let (config, aside) = Config::load_to_run(&main).unwrap();
        let (unusable, told) = watch::channel(aside.iter().map(SetAside::told).collect());
        let unit = Standing { main, local: local::path(&config), unusable };
        Self { folder, unit, told, seen: None }
    }

    fn write(&self, name: &str, text: &str) {
        std::fs::write(self.folder.path().join(name), text).unwrap();
    }

    /// What is told after a look.
    fn look(&mut self) -> Vec<(ConfigFile, bool)> {
        self.seen = self.unit.look(self.seen);
        self.told.borrow().iter().map(|file| (file.file, file.set_aside)).collect()
    }
}

fn text(folder: &tempfile::TempDir, more: &str) -> String {
    format!("{BOX}[spool]\npath={:?}\n{more}", folder.path().join("spool"))
}

#[test]
fn what_was_set_aside_is_told_until_there_is_a_good_local_toml() {
    let mut room = Room::new("[program]\nfps = 'many'\n");
    assert_eq!(room.look(), [(ConfigFile::Local, true)]);
    let told = room.told.borrow()[0].clone();
    assert!(told.path.ends_with("local.toml.damaged-1"), "{told:?}");
    assert!(told.cause.en.starts_with("line 2: ") && told.cause.zh.starts_with("第 2 行"), "{told:?}");
    room.write("local.toml", "[program]\nfps = 'few'\n");
    assert_eq!(room.look(), [(ConfigFile::Local, false)]);
    room.write("local.toml", "[program]\nfps = 20\n");
    assert_eq!(room.look(), []);
    room.write("local.toml", "[[[");
    assert_eq!(room.look(), [(ConfigFile::Local, false)], "it would not be used at the next start");
}

#[test]
fn a_start_without_the_file_has_nothing_to_tell() {
    let mut room = Room::new("[[[");
    assert_eq!(room.look(), [(ConfigFile::Local, true)]);
    assert!(Config::load_to_run(&room.unit.main).unwrap().1.is_none());
}

#[test]
fn a_lectern_toml_that_would_not_start_the_box_is_told_while_the_box_runs() {
    let mut room = Room::new("");
    assert_eq!(room.look(), []);
    room.write("lectern.toml", "[device]\n");
    assert_eq!(room.look(), [(ConfigFile::Main, false)]);
    room.write("lectern.toml", &text(&room.folder, "[program]\nfps = 20\n"));
    assert_eq!(room.look(), []);
    std::fs::remove_file(&room.unit.main).unwrap();
    assert_eq!(room.look(), [(ConfigFile::Main, false)]);
}

#[test]
fn a_mistake_in_the_one_file_does_not_mend_the_other() {
    let mut room = Room::new("[[[");
    room.write("lectern.toml", "[device]\n");
    assert_eq!(room.look(), [(ConfigFile::Local, true), (ConfigFile::Main, false)]);
    room.write("lectern.toml", &text(&room.folder, ""));
    assert_eq!(room.look(), [(ConfigFile::Local, true)]);
}

#[test]
fn files_that_are_as_they_were_are_not_read_again() {
    let mut room = Room::new("");
    room.look();
    room.unit.unusable.send_replace(vec![unusable(
        ConfigFile::Main,
        Path::new("/x"),
        &ConfigError::Mistaken(Mistakes {
            files: super::super::Files::single(Path::new("/x"), ""),
            list: vec![],
        }),
    )]);
    assert_eq!(room.look(), [(ConfigFile::Main, false)], "nobody looked");
}
