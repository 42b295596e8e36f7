//! Work that waits for a disk or a slow bus, off the threads of the async tasks.

use std::sync::Arc;

/// Does `work` on a thread that may wait, from now on: not only when somebody
/// waits for it. A panic there is one here.
pub(crate) fn off_thread<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> impl Future<Output = T> + Send {
    let begun = tokio::task::spawn_blocking(work);
    async move {
        match begun.await {
            Ok(done) => done,
            Err(end) => match end.try_into_panic() {
                Ok(panicked) => std::panic::resume_unwind(panicked),
                // The runtime ends, and with it whoever waits here.
                Err(_cancelled) => std::future::pending().await,
            },
        }
    }
}

/// Databases wait for the disk; async tasks ask them from here.
pub(crate) trait OffThread {
    /// What is asked.
    type Database;
    /// Does `work` on a thread that may wait, from now on: not only when
    /// somebody waits for it.
    fn off_thread<T: Send + 'static, E: Send + 'static>(
        &self,
        work: impl FnOnce(&Self::Database) -> Result<T, E> + Send + 'static,
    ) -> impl Future<Output = Result<T, E>> + Send;
}

impl<D: Send + Sync + 'static> OffThread for Arc<D> {
    type Database = D;

    fn off_thread<T: Send + 'static, E: Send + 'static>(
        &self,
        work: impl FnOnce(&D) -> Result<T, E> + Send + 'static,
    ) -> impl Future<Output = Result<T, E>> + Send {
        let database = Self::clone(self);
        off_thread(move || work(&database))
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::runtime::{Builder, Runtime};

    use super::*;

    fn runtime() -> Runtime {
        Builder::new_current_thread().enable_time().build().unwrap()
    }

    #[test]
    fn who_asks_when_the_runtime_ends_is_told_nothing_any_more() {
        let ending = runtime();
        let handle = ending.handle().clone();
        ending.shutdown_background();
        let waits = {
            let _within = handle.enter();
            off_thread(|| 7)
        };
        let told =
            runtime().block_on(async { tokio::time::timeout(Duration::from_millis(200), waits).await });
        assert!(told.is_err());
    }
}
