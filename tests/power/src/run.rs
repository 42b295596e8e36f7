//! What a run is told by its environment.

/// A number from the environment, or the one given.
///
/// # Panics
/// When it is set and no number.
#[must_use]
pub fn number(variable: &str, otherwise: usize) -> usize {
    match std::env::var(variable) {
        Ok(text) => text.parse().unwrap_or_else(|e| panic!("{variable}={text}: {e}")),
        Err(_) => otherwise,
    }
}

/// `LECTERN_SEED`, or a new one; printed either way.
#[must_use]
pub fn seed() -> u64 {
    let seed = number("LECTERN_SEED", fastrand::usize(..1 << 32)) as u64;
    eprintln!("LECTERN_SEED={seed}");
    seed
}
