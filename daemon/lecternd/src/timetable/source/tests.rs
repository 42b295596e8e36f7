//! Sources that somebody wants read again.

use tempfile::TempDir;

use super::*;

/// What a source tells, and how it is asked.
struct Listener {
    told: mpsc::Receiver<Delivery>,
    again: watch::Sender<()>,
    folder: TempDir,
}

impl Listener {
    #[expect(clippy::disallowed_methods, reason = "a unit of a test")]
    fn of<S: Future<Output = ()> + Send + 'static>(source: impl FnOnce(&TempDir, Ends) -> S) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (deliveries, told) = mpsc::channel(1);
        let again = watch::Sender::default();
        let ends = Ends { deliveries, again: again.subscribe() };
        tokio::spawn(source(&folder, ends));
        Self { told, again, folder }
    }

    async fn next(&mut self) -> Found {
        self.told.recv().await.unwrap().found
    }

    /// Tells nothing for an hour.
    async fn assert_quiet(&mut self) {
        let told = tokio::time::timeout(Duration::from_secs(3600), self.told.recv()).await;
        assert!(told.is_err(), "{told:?}");
    }
}

fn bytes(text: &str) -> Found {
    Found::Bytes(text.as_bytes().to_vec())
}

#[tokio::test(start_paused = true)]
async fn a_file_is_read_again_at_once_when_somebody_asks_changed_or_not() {
    let mut listener = Listener::of(|folder, ends| file::run(folder.path().join("t.toml"), ends));
    let path = listener.folder.path().join("t.toml");
    assert!(matches!(listener.next().await, Found::Failed(_)));
    std::fs::write(&path, "first").unwrap();
    assert_eq!(listener.next().await, bytes("first"));
    listener.assert_quiet().await;
    listener.again.send_replace(());
    assert_eq!(listener.next().await, bytes("first"));
    std::fs::write(&path, "second").unwrap();
    let asked = tokio::time::Instant::now();
    listener.again.send_replace(());
    assert_eq!(listener.next().await, bytes("second"));
    assert_eq!(asked.elapsed(), Duration::ZERO, "not with the next look");
    listener.assert_quiet().await;
}

#[tokio::test(start_paused = true)]
async fn a_stick_is_read_again_when_somebody_asks() {
    let mut listener = Listener::of(|folder, ends| stick::run(vec![folder.path().to_owned()], ends));
    let stick = listener.folder.path().join("STICK");
    std::fs::create_dir(&stick).unwrap();
    std::fs::write(stick.join("lectern-timetable.toml"), "a stick").unwrap();
    assert_eq!(listener.next().await, bytes("a stick"));
    listener.assert_quiet().await;
    listener.again.send_replace(());
    assert_eq!(listener.next().await, bytes("a stick"));
}

#[tokio::test(start_paused = true)]
async fn a_source_goes_on_when_nobody_is_left_who_could_ask() {
    let mut listener = Listener::of(|folder, ends| file::run(folder.path().join("t.toml"), ends));
    drop(std::mem::take(&mut listener.again));
    assert!(matches!(listener.next().await, Found::Failed(_)));
    std::fs::write(listener.folder.path().join("t.toml"), "later").unwrap();
    assert_eq!(listener.next().await, bytes("later"));
}
