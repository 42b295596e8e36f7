//! Segments without payloads, for measuring how long a large spool takes to
//! open. Not for anything else: what they claim to hold cannot be read.

use std::fs::File;
use std::io;
use std::sync::Arc;

use lectern_api::manifest::LessonInfo;
use lectern_api::{Name, Ticks};

use crate::SpoolError;
use crate::append::RunFrame;
use crate::cipher::Sealing;
use crate::disk::{DiskFile, write_all};
use crate::footer::Footer;
use crate::frame::{HEADER_BYTES, Header, Kind};
use crate::keyring::{DeviceKey, Keyring};
use crate::keys::to_json;
use crate::wrapped::LessonKey;

/// One segment of a lesson with fragments of one size.
#[derive(Debug)]
pub struct Model<'a> {
    /// The segment's number.
    pub epoch: u64,
    /// The lesson; closed by the segment that holds its last fragment.
    pub lesson: &'a LessonInfo,
    /// Its only track.
    pub track: &'a Name,
    /// The number of the first fragment here.
    pub first_seq: u64,
    /// The number of the lesson's last fragment.
    pub last_seq: u64,
    /// Size of each fragment, never written.
    pub fragment_bytes: u32,
    /// Length of each fragment.
    pub duration_90k: Ticks,
    /// Size of the segment.
    pub segment_bytes: u64,
    /// Whether it ends as a sealed segment does.
    pub has_footer: bool,
}

struct Writer {
    file: Arc<dyn DiskFile>,
    used: u64,
    footer: Footer,
}

impl Writer {
    /// A frame; with `payload` or, when that is `None`, with a hole.
    fn write(&mut self, header: Header, payload: Option<&[u8]>) -> io::Result<()> {
        let mut header = header;
        if let Some(payload) = payload {
            header.payload_bytes = u32::try_from(payload.len()).map_err(io::Error::other)?;
            header.payload_crc = crc32c::crc32c(payload);
            write_all(self.file.as_ref(), payload, self.used + HEADER_BYTES as u64)?;
        }
        write_all(self.file.as_ref(), &header.encode(), self.used)?;
        self.footer.add(self.used, &header, true, payload.unwrap_or_default());
        self.used += header.frame_bytes();
        Ok(())
    }
}

/// Writes such a segment; says how many fragments it holds.
///
/// # Errors
/// [`SpoolError::Invalid`] with the system's answer.
pub fn write_segment(file: File, model: &Model<'_>) -> Result<u64, SpoolError> {
    let keyring = Keyring { device: DeviceKey::from_bytes([7; 32]), recovery: None };
    let key = LessonKey::generate(&keyring)?;
    write(file, model, &key).map_err(|e| SpoolError::Invalid(e.to_string()))
}

fn write(file: File, model: &Model<'_>, key: &LessonKey) -> io::Result<u64> {
    file.set_len(model.segment_bytes)?;
    let mut writer = Writer { file: Arc::new(file), used: 0, footer: Footer::default() };
    let blank = |kind| Header { kind, ..Header::released(model.epoch) };
    let of_run = |kind| Header { run: 1, track: Some(model.track.clone()), ..blank(kind) };
    writer.write(blank(Kind::Lesson), Some(&to_json(model.lesson)))?;
    writer.write(blank(Kind::Key), Some(&key.wrapped))?;
    writer.write(of_run(Kind::Run), Some(&to_json(&RunFrame { codecs: "avc1".into() })))?;
    writer.write(of_run(Kind::Init), Some(&[7; 1200]))?;
    let media = |seq: u64| Header {
        seq,
        pts_90k: Ticks((seq - 1) * model.duration_90k.0),
        duration_90k: model.duration_90k,
        payload_bytes: model.fragment_bytes,
        sealing: Some((key.id, Sealing { nonce: [0; 12], tag: [0; 16] })),
        ..of_run(Kind::Media)
    };
    // A torn last frame would be told apart by its crc: of a hole it is this.
    let crc = crc32c::crc32c(&vec![0; model.fragment_bytes as usize]);
    let mut seq = model.first_seq;
    let room = media(seq).frame_bytes() + (64 << 10);
    while seq <= model.last_seq && writer.used + room <= model.segment_bytes {
        writer.write(Header { payload_crc: crc, ..media(seq) }, None)?;
        seq += 1;
    }
    if seq > model.last_seq {
        let until = Some(model.lesson.since);
        let closing = to_json(&LessonInfo { until, ..model.lesson.clone() });
        writer.write(blank(Kind::Lesson), Some(&closing))?;
    }
    if model.has_footer {
        writer.footer.write(writer.file.as_ref(), model.epoch, writer.used, model.segment_bytes)?;
    }
    Ok(seq - model.first_seq)
}
