//! Starts units, starts them again when they fail or panic, and counts.

use std::collections::BTreeMap;
use std::future::Future;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use lectern_api::status::UnitStatus;
use tokio::task::JoinHandle;

use crate::backoff::Backoff;

const BACKOFF: Backoff = Backoff::new(Duration::from_millis(100), Duration::from_secs(5));
/// A unit that ran for so long before it failed begins with a short pause.
const GOOD_AFTER: Duration = Duration::from_secs(30);

/// Starts units. Whatever was started ends when this is dropped.
#[derive(Debug, Default)]
pub(crate) struct Supervisor {
    restarts: Restarts,
    tasks: Vec<Task>,
}

/// How often each unit was started again.
#[derive(Debug, Clone, Default)]
pub(crate) struct Restarts(Arc<Mutex<BTreeMap<String, u64>>>);

impl Restarts {
    fn register(&self, name: &str) {
        self.lock().insert(name.to_owned(), 0);
    }

    fn count(&self, name: &str) {
        *self.lock().entry(name.to_owned()).or_default() += 1;
    }

    pub(crate) fn list(&self) -> Vec<UnitStatus> {
        let entry =
            |(name, restarts): (&String, &u64)| UnitStatus { name: name.clone(), restarts: *restarts };
        self.lock().iter().map(entry).collect()
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, BTreeMap<String, u64>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A task that ends with its owner.
#[derive(Debug)]
struct Task(JoinHandle<()>);

impl Drop for Task {
    fn drop(&mut self) {
        self.0.abort();
    }
}

impl Supervisor {
    pub(crate) fn restarts(&self) -> Restarts {
        self.restarts.clone()
    }

    /// Starts a unit: a task that ends only with an error, or when nothing is
    /// left for it to do. `factory` makes it anew after an error or a panic.
    #[expect(clippy::disallowed_methods, reason = "this is where units are started")]
    pub(crate) fn unit<F, Fut, E>(&mut self, name: impl Into<String>, mut factory: F)
    where
        F: FnMut() -> Fut + Send + 'static,
        Fut: Future<Output = Result<(), E>> + Send + 'static,
        E: std::fmt::Display + Send + 'static,
    {
        let name = name.into();
        self.restarts.register(&name);
        let restarts = self.restarts.clone();
        let task = tokio::spawn(async move {
            let mut failures = 0;
            loop {
                let begun = tokio::time::Instant::now();
                let mut running = Inner(tokio::spawn(factory()));
                let cause = match (&mut running.0).await {
                    Ok(Ok(())) => return,
                    Ok(Err(error)) => error.to_string(),
                    Err(error) => format!("panic: {error}"),
                };
                if begun.elapsed() > GOOD_AFTER {
                    failures = 0;
                }
                let pause = BACKOFF.pause(failures);
                failures += 1;
                restarts.count(&name);
                tracing::error!(unit = name, cause, restart_in = ?pause, "unit failed");
                tokio::time::sleep(pause).await;
            }
        });
        self.tasks.push(Task(task));
    }

    /// Starts a unit that has a thread of its own, because it waits for the
    /// disk. A panic in it is counted, and it goes on with the next item.
    pub(crate) fn thread(
        &mut self,
        name: &'static str,
        mut work: impl FnMut() + Send + 'static,
    ) -> std::io::Result<()> {
        self.restarts.register(name);
        let restarts = self.restarts.clone();
        std::thread::Builder::new().name(name.to_owned()).spawn(move || {
            while std::panic::catch_unwind(std::panic::AssertUnwindSafe(&mut work)).is_err() {
                restarts.count(name);
                tracing::error!(unit = name, "unit panicked: going on with the next item");
            }
        })?;
        Ok(())
    }
}

/// The unit itself ends with the task that watches it.
struct Inner<T>(JoinHandle<T>);

impl<T> Drop for Inner<T> {
    fn drop(&mut self) {
        self.0.abort();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicU32, Ordering};

    #[tokio::test(start_paused = true)]
    async fn a_unit_that_panics_or_fails_is_started_again_and_counted() {
        let mut supervisor = Supervisor::default();
        let starts = Arc::new(AtomicU32::new(0));
        let (done, mut is_done) = tokio::sync::mpsc::channel(1);
        let counted = Arc::clone(&starts);
        supervisor.unit("shaky", move || {
            let (n, done) = (counted.fetch_add(1, Ordering::SeqCst), done.clone());
            async move {
                match n {
                    0 => panic!("first"),
                    1 => Err("second"),
                    _ => {
                        let _ = done.send(()).await;
                        Ok(())
                    }
                }
            }
        });
        is_done.recv().await.unwrap();
        assert_eq!(starts.load(Ordering::SeqCst), 3);
        assert_eq!(supervisor.restarts().list()[0].restarts, 2);
    }

    #[test]
    fn a_thread_that_panics_goes_on() {
        let mut supervisor = Supervisor::default();
        let (done, is_done) = std::sync::mpsc::sync_channel(1);
        let mut n = 0;
        supervisor
            .thread("shaky", move || {
                n += 1;
                assert!(n > 1, "first");
                done.send(n).unwrap();
            })
            .unwrap();
        assert_eq!(is_done.recv(), Ok(2));
        assert_eq!(supervisor.restarts().list()[0].restarts, 1);
    }
}
