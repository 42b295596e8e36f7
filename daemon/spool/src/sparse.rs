//! Segments without payloads, for measuring how long a large spool takes to
//! open. Not for anything else: what they claim to hold cannot be read.

use std::fs::{self, File};
use std::io;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use lectern_api::manifest::{LessonInfo, Trigger};
use lectern_api::{LessonId, Name, Ticks};

use crate::SpoolError;
use crate::append::RunFrame;
use crate::cipher::Sealing;
use crate::disk::{DiskFile, write_all};
use crate::footer::Footer;
use crate::frame::{HASH_BYTES, HEADER_BYTES, Header, Kind, Sealed, SealedHash};
use crate::keyring::{DeviceKey, Keyring};
use crate::keys::to_json;
use crate::segment::file_name;
use crate::wrapped::LessonKey;

/// What two seconds of 2.4 Mbit/s take.
const FRAGMENT_BYTES: u32 = 600 << 10;
/// Size of every segment of [`write_spool`].
pub const SEGMENT_BYTES: u64 = 32 << 20;
/// 45 minutes of two seconds.
const LESSON_FRAGMENTS: u64 = 1350;

/// Writes so many segments of lessons that began hourly, into the folder of a
/// spool that is not there yet; says how many fragments they hold.
///
/// # Errors
/// [`SpoolError::Invalid`] with the system's answer.
pub fn write_spool(dir: &Path, segments: u64, footers: bool, begin: Timestamp) -> Result<u64, SpoolError> {
    let invalid = |e: &dyn std::fmt::Display| SpoolError::Invalid(e.to_string());
    let folder = dir.join("segments");
    fs::create_dir_all(&folder).map_err(|e| invalid(&e))?;
    let track = Name::new("program").map_err(|e| invalid(&e))?;
    let (mut epoch, mut fragments) = (0, 0);
    for number in 0.. {
        let since = begin + Duration::from_secs(3600 * number);
        let lesson = LessonInfo {
            id: LessonId::new(format!("sparse-{number}")).map_err(|e| invalid(&e))?,
            title: "sparse".into(),
            date: jiff::civil::date(2026, 9, 21),
            since,
            until: None,
            planned_until: None,
            trigger: Trigger::Hand,
            planned: None,
        };
        let mut seq = 1;
        while seq <= LESSON_FRAGMENTS {
            if epoch == segments {
                return Ok(fragments);
            }
            epoch += 1;
            let model = Model {
                epoch,
                lesson: &lesson,
                track: &track,
                first_seq: seq,
                last_seq: LESSON_FRAGMENTS,
                fragment_bytes: FRAGMENT_BYTES,
                duration_90k: Ticks(2 * Ticks::PER_SECOND),
                segment_bytes: SEGMENT_BYTES,
                has_footer: footers,
            };
            let file = File::create_new(folder.join(file_name(epoch))).map_err(|e| invalid(&e))?;
            let written = write_segment(file, &model)?;
            fragments += written;
            seq += written;
        }
    }
    Ok(fragments)
}

/// One segment of a lesson with fragments of one size.
#[derive(Debug)]
struct Model<'a> {
    /// The segment's number.
    epoch: u64,
    /// The lesson; closed by the segment that holds its last fragment.
    lesson: &'a LessonInfo,
    /// Its only track.
    track: &'a Name,
    /// The number of the first fragment here.
    first_seq: u64,
    /// The number of the lesson's last fragment.
    last_seq: u64,
    /// Size of each fragment, never written.
    fragment_bytes: u32,
    /// Length of each fragment.
    duration_90k: Ticks,
    /// Size of the segment.
    segment_bytes: u64,
    /// Whether it ends as a sealed segment does.
    has_footer: bool,
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

/// Says how many fragments the segment holds.
fn write_segment(file: File, model: &Model<'_>) -> Result<u64, SpoolError> {
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
        sealed: Some(Sealed {
            key: key.id,
            sealing: Sealing { nonce: [0; 12], tag: [0; 16] },
            hash: SealedHash::Behind,
        }),
        ..of_run(Kind::Media)
    };
    // A torn last frame would be told apart by its crc: of a hole it is this.
    let crc = crc32c::crc32c(&vec![0; HASH_BYTES + model.fragment_bytes as usize]);
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
