/// Bytes that are the same for the same seed, and no others.
#[must_use]
pub fn payload(seed: u64, bytes: usize) -> Vec<u8> {
    let mut rng = fastrand::Rng::with_seed(seed);
    let mut out = vec![0; bytes];
    rng.fill(&mut out);
    out
}
