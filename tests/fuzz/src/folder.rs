use std::path::Path;

/// A folder in memory.
///
/// # Panics
/// When it cannot be made.
#[must_use]
pub fn folder() -> tempfile::TempDir {
    let memory = Path::new("/dev/shm");
    let place = if memory.is_dir() { memory.to_owned() } else { std::env::temp_dir() };
    tempfile::Builder::new().prefix("lectern-fuzz-").tempdir_in(place).expect("a folder for one input")
}

#[cfg(feature = "archive")]
/// Runs one future on this thread.
///
/// # Panics
/// When there is no runtime to be had.
pub fn block_on<T>(future: impl Future<Output = T>) -> T {
    let mut runtime = tokio::runtime::Builder::new_current_thread();
    runtime.enable_all().build().expect("a runtime").block_on(future)
}
