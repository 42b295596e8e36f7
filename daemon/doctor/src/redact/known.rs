//! Secrets that are known, wherever and however they stand.

use aho_corasick::AhoCorasick;
use data_encoding::{BASE64, BASE64URL, HEXLOWER, HEXUPPER};

use super::HIDDEN;

/// Less than this is found in any text.
const SHORTEST: usize = 4;
/// How often percent-encoding is looked through: a URL in the query of a URL in
/// a query.
const DEPTH: usize = 3;

/// Finds known secrets.
#[derive(Debug)]
pub(super) struct Known {
    /// Nothing where there are no secrets.
    plain: Option<AhoCorasick>,
    /// Forms that are part of a longer token.
    inside: Option<AhoCorasick>,
}

impl Known {
    pub(super) fn new(secrets: &[Vec<u8>]) -> Self {
        let long = || secrets.iter().filter(|secret| secret.len() >= SHORTEST);
        let automaton =
            |needles: Vec<Vec<u8>>| (!needles.is_empty()).then(|| AhoCorasick::new(needles).ok()).flatten();
        Self {
            plain: automaton(long().flat_map(|secret| as_text(secret)).collect()),
            inside: automaton(long().flat_map(|secret| in_base64(secret)).collect()),
        }
    }

    pub(super) fn hide(&self, text: &str) -> String {
        let bytes = text.as_bytes();
        let mut hidden = vec![false; bytes.len()];
        // Each byte of a layer stands for a stretch of the text.
        let mut layer: Vec<(u8, usize, usize)> =
            bytes.iter().enumerate().map(|(at, byte)| (*byte, at, at + 1)).collect();
        for _ in 0..=DEPTH {
            let seen: Vec<u8> = layer.iter().map(|(byte, ..)| *byte).collect();
            self.mark(&seen, |from, to| {
                hidden[layer[from].1..layer[to - 1].2].fill(true);
            });
            match decoded(&layer) {
                Some(deeper) => layer = deeper,
                None => break,
            }
        }
        write(bytes, &hidden)
    }

    /// Calls for each stretch that is or holds a secret.
    fn mark(&self, seen: &[u8], mut mark: impl FnMut(usize, usize)) {
        for found in self.plain.iter().flat_map(|plain| plain.find_overlapping_iter(seen)) {
            mark(found.start(), found.end());
        }
        for found in self.inside.iter().flat_map(|inside| inside.find_overlapping_iter(seen)) {
            let before = seen[..found.start()].iter().rev().take_while(|byte| is_base64(**byte)).count();
            let behind = seen[found.end()..].iter().take_while(|byte| is_base64(**byte)).count();
            mark(found.start() - before, found.end() + behind);
        }
    }
}

fn is_base64(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"+/-_=".contains(&byte)
}

/// One layer of percent-encoding less; nothing where there is none.
fn decoded(layer: &[(u8, usize, usize)]) -> Option<Vec<(u8, usize, usize)>> {
    let digit = |at: usize| layer.get(at).and_then(|(byte, ..)| char::from(*byte).to_digit(16));
    let (mut deeper, mut at) = (Vec::with_capacity(layer.len()), 0);
    while let Some((byte, from, to)) = layer.get(at).copied() {
        match (byte, digit(at + 1), digit(at + 2)) {
            (b'%', Some(high), Some(low)) => {
                deeper.push(((high * 16 + low) as u8, from, layer[at + 2].2));
                at += 3;
            }
            _ => {
                deeper.push((byte, from, to));
                at += 1;
            }
        }
    }
    (deeper.len() < layer.len()).then_some(deeper)
}

fn write(bytes: &[u8], hidden: &[bool]) -> String {
    let mut out = Vec::with_capacity(bytes.len());
    let mut was_hidden = false;
    for (byte, is_hidden) in bytes.iter().zip(hidden) {
        match (is_hidden, was_hidden) {
            (true, false) => out.extend_from_slice(HIDDEN.as_bytes()),
            (true, true) => {}
            (false, _) => out.push(*byte),
        }
        was_hidden = *is_hidden;
    }
    String::from_utf8_lossy(&out).into_owned()
}

/// A secret as it may stand in a text: itself, as JSON and Rust's logs escape
/// it, as a form encodes its spaces, in hex.
fn as_text(secret: &[u8]) -> Vec<Vec<u8>> {
    let mut forms = vec![HEXLOWER.encode(secret).into_bytes(), HEXUPPER.encode(secret).into_bytes()];
    if let Ok(text) = std::str::from_utf8(secret) {
        let inner = |quoted: String| quoted.as_bytes()[1..quoted.len() - 1].to_vec();
        forms.push(secret.to_vec());
        forms.push(inner(format!("{text:?}")));
        forms.extend(serde_json::to_string(text).map(inner));
        forms.push(text.replace(' ', "+").into_bytes());
    }
    forms.sort();
    forms.dedup();
    forms
}

/// The characters of base64 that a secret alone decides, at each of the three
/// places where it may begin within a group.
fn in_base64(secret: &[u8]) -> Vec<Vec<u8>> {
    let mut forms = Vec::new();
    for before in 0..3_usize {
        let padded = [&vec![0; before][..], secret].concat();
        let first = (before * 8).div_ceil(6);
        let last = padded.len() * 8 / 6;
        for encoded in [BASE64.encode(&padded), BASE64URL.encode(&padded)] {
            forms.push(encoded.as_bytes()[first..last].to_vec());
        }
    }
    forms.sort();
    forms.dedup();
    forms
}
