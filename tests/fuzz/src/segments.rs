//! Segment files as a fuzzer builds them: frames with right checksums and any
//! content, so that what lies behind the checksums is reached, and then bytes
//! changed at will.

use std::fs;
use std::path::Path;

use lectern_api::Name;
use lectern_spool::frame::{ALIGN_BYTES, HEADER_BYTES, Kind};
use libfuzzer_sys::arbitrary::{self, Arbitrary};
use sha2::{Digest as _, Sha256};

/// Every segment of a spool.
#[derive(Debug, Arbitrary)]
pub struct Segments(Vec<Segment>);

/// One file.
#[derive(Debug, Arbitrary)]
pub struct Segment {
    epoch: u8,
    frames: Vec<Frame>,
    /// Bytes written over it, anywhere.
    patches: Vec<(u16, u8)>,
    /// Where it ends early.
    end: Option<u16>,
}

#[derive(Debug, Arbitrary)]
struct Frame {
    kind: u8,
    content: Content,
    /// Which of a few names; 0 is none.
    track: u8,
    run: u8,
    seq: u16,
    pts_90k: u64,
    duration_90k: u64,
}

#[derive(Debug, Arbitrary)]
enum Content {
    Lesson { number: u8, since: i64, until: Option<i64> },
    Gap { track: u8, from: u64, to: u64 },
    Anchor { pts_90k: u64, utc: i64 },
    Run,
    Filled { byte: u8, bytes: u16 },
    Raw(Vec<u8>),
}

fn track(number: u8) -> Option<Name> {
    let names = ["program", "camera-1", "screen"];
    number.checked_sub(1).and_then(|n| Name::new(names[usize::from(n) % names.len()]).ok())
}

fn utc(second: i64) -> jiff::Timestamp {
    jiff::Timestamp::from_second(second % 250_000_000_000).unwrap_or_default()
}

impl Content {
    fn bytes(&self) -> Vec<u8> {
        let name = |number: &u8| track(number % 3 + 1).map(|name| name.as_str().to_owned());
        let json = match self {
            Self::Lesson { number, since, until } => serde_json::json!({
                "id": format!("lesson-{}", number % 4), "title": "t", "date": "2026-09-21", "trigger": "hand",
                "since": utc(*since), "until": until.map(utc),
            }),
            Self::Gap { track, from, to } => serde_json::json!({
                "track": name(track), "from_90k": from, "to_90k": to, "reason": "pipeline_restarted",
            }),
            Self::Anchor { pts_90k, utc: at } => {
                serde_json::json!({ "pts_90k": pts_90k, "utc": utc(*at), "synced": true })
            }
            Self::Run => serde_json::json!({ "codecs": "avc1" }),
            Self::Filled { byte, bytes } => return vec![*byte; usize::from(*bytes)],
            Self::Raw(bytes) => return bytes.clone(),
        };
        json.to_string().into_bytes()
    }

    fn kind(&self) -> Option<Kind> {
        match self {
            Self::Lesson { .. } => Some(Kind::Lesson),
            Self::Gap { .. } => Some(Kind::Gap),
            Self::Anchor { .. } => Some(Kind::Anchor),
            Self::Run => Some(Kind::Run),
            Self::Filled { .. } | Self::Raw(_) => None,
        }
    }
}

impl Frame {
    fn write(&self, epoch: u64, out: &mut Vec<u8>) {
        let payload = self.content.bytes();
        // A fact is of its own kind as a rule.
        let any = self.kind % 11;
        let kind = self.content.kind().filter(|_| self.kind < 200).map_or(any, |kind| kind as u8);
        let name = track(self.track % 4);
        let mut header = [0; HEADER_BYTES];
        header[..4].copy_from_slice(b"LFRM");
        header[4] = if self.kind < 100 { 1 } else { 2 };
        header[6] = kind;
        header[8..16].copy_from_slice(&epoch.to_le_bytes());
        header[16..24].copy_from_slice(&u64::from(self.seq).to_le_bytes());
        header[24..32].copy_from_slice(&self.pts_90k.to_le_bytes());
        header[32..40].copy_from_slice(&self.duration_90k.to_le_bytes());
        header[40..44].copy_from_slice(&(payload.len() as u32).to_le_bytes());
        header[44..48].copy_from_slice(&u32::from(self.run).to_le_bytes());
        header[48..52].copy_from_slice(&crc32c::crc32c(&payload).to_le_bytes());
        header[52..84].copy_from_slice(&Sha256::digest(&payload));
        let name = name.as_ref().map_or("", Name::as_str).as_bytes();
        header[84..84 + name.len()].copy_from_slice(name);
        let crc = crc32c::crc32c(&header[..HEADER_BYTES - 4]);
        header[HEADER_BYTES - 4..].copy_from_slice(&crc.to_le_bytes());
        out.extend(header);
        out.extend(payload);
        out.resize(out.len().next_multiple_of(ALIGN_BYTES as usize), 0);
    }
}

impl Segments {
    /// Writes the files into the folder `segments` of a spool.
    ///
    /// # Panics
    /// When they cannot be written.
    pub fn write(&self, spool: &Path) {
        let folder = spool.join("segments");
        fs::create_dir_all(&folder).expect("a folder");
        for segment in self.0.iter().take(6) {
            let mut bytes = Vec::new();
            for frame in segment.frames.iter().take(24) {
                frame.write(u64::from(segment.epoch), &mut bytes);
            }
            for (at, byte) in &segment.patches {
                // Mostly into headers: payloads only have a checksum.
                let at = usize::from(at / 16) % (bytes.len() / HEADER_BYTES).max(1) * HEADER_BYTES;
                if let Some(place) = bytes.get_mut(at + usize::from(at as u16 % 192)) {
                    *place = *byte;
                }
            }
            if let Some(end) = segment.end {
                bytes.truncate(usize::from(end));
            }
            fs::write(folder.join(format!("{:016x}.seg", segment.epoch)), bytes).expect("a segment");
        }
    }
}
