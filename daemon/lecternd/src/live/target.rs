//! One live target: connects, sends, notices when nothing moves, tries again.
//! Whatever happens here reaches neither the other targets nor the record.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use gst::prelude::*;
use gst_app::AppSrc;
use lectern_api::Kbps;
use lectern_api::status::LiveState;
use tokio::sync::watch;

use super::encode::{PICTURE_CAPS, SOUND_CAPS};
use super::stream::{LiveStream, Outlet, Stamps};
use crate::backoff::Backoff;
use crate::capture::schedule::{BRIDGED, Broadcast, Schedule};
use crate::capture::session::broadcast_over;
use crate::capture::shutter::Shutter;
use crate::capture::stage::{Stage, StageError, Stopped};
use crate::capture::time::{ClockPoint, sleep_until};
use crate::config::{LiveUrl, Transport};

/// What a target tells about itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct TargetState {
    pub(crate) state: LiveState,
    pub(crate) rate: Kbps,
    /// As the transport measures it, where it does.
    pub(crate) round_trip: Option<Duration>,
    pub(crate) attempts: u64,
    pub(crate) abandoned: u64,
    pub(crate) dropped_pictures: u64,
    /// Why the last connection ended.
    pub(crate) last_error: Option<String>,
}

impl Default for TargetState {
    fn default() -> Self {
        Self {
            state: LiveState::Idle,
            rate: Kbps(0),
            round_trip: None,
            attempts: 0,
            abandoned: 0,
            dropped_pictures: 0,
            last_error: None,
        }
    }
}

/// The ends of channels that a target is given.
#[derive(Debug, Clone)]
pub(crate) struct TargetPorts {
    pub(crate) stream: Arc<LiveStream>,
    pub(crate) schedule: watch::Receiver<Schedule>,
    pub(crate) shutter: watch::Receiver<Shutter>,
    pub(crate) state: watch::Sender<TargetState>,
}

const START_LIMIT: Duration = Duration::from_secs(10);
const LOOK: Duration = Duration::from_millis(500);
/// The first piece is taken before the connection stands, so one look is no
/// proof.
const ESTABLISHED_AFTER: Duration = LOOK.saturating_mul(2);
/// From the end of a lesson to the encoder's last unit.
const LAST_UNIT_LIMIT: Duration = Duration::from_millis(1500);
/// Nothing taken for so long: the target is shown as stalled.
const STALLED_AFTER: Duration = Duration::from_secs(3);
/// Nothing taken for so long: the connection is given up. Beyond what a school
/// network's hiccup takes, and below what platforms keep a dead publisher.
const GIVE_UP_AFTER: Duration = Duration::from_secs(10);
/// SRS refuses a re-publish for about 5 s after a drop: the third try is past it.
const BACKOFF: Backoff = Backoff::new(Duration::from_millis(500), Duration::from_secs(10));
/// Sending for so long, a connection counts as good and the pause begins anew.
const GOOD_AFTER: Duration = Duration::from_secs(10);
/// Before the bell: a refusal costs nobody anything yet.
const EARLY_PAUSE: Duration = Duration::from_secs(1);
/// A connection is not opened longer before the bell: platforms drop a
/// publisher that sends nothing, SRS after 20 s.
const OPENED_AHEAD: gst::ClockTime = BRIDGED;

/// Sends every broadcast, for the life of the daemon.
pub(crate) async fn run(name: String, url: LiveUrl, mut ports: TargetPorts) {
    let mut failures = 0;
    loop {
        let Some((broadcast, bell)) = due(&mut ports.schedule).await else { return };
        let error = match session(&name, &url, broadcast, &mut ports, &mut failures).await {
            Ok(Ended::Anew) => continue,
            Ok(Ended::Over) => {
                failures = 0;
                ports.state.send_modify(|s| (s.state, s.rate) = (LiveState::Idle, Kbps(0)));
                continue;
            }
            Err(error) => error,
        };
        let error = error.with_message(|message| url.hidden_in(message)).to_string();
        if ClockPoint::now() < bell {
            tracing::info!(target = name, error, "refused before the bell: trying again");
            tokio::select! {
                () = tokio::time::sleep(EARLY_PAUSE) => {}
                () = sleep_until(Some(bell)) => {}
                () = broadcast_over(&mut ports.schedule, broadcast, |_| {}) => {
                    ports.state.send_modify(|s| s.state = LiveState::Idle);
                }
            }
            continue;
        }
        let pause = BACKOFF.pause(failures);
        failures += 1;
        tracing::warn!(target = name, error, retry_in = ?pause, "live target lost");
        ports.state.send_modify(|s| {
            (s.state, s.rate, s.round_trip) = (LiveState::Waiting, Kbps(0), None);
            s.last_error = Some(error);
        });
        tokio::select! {
            () = tokio::time::sleep(pause) => {}
            () = broadcast_over(&mut ports.schedule, broadcast, |_| {}) => {}
        }
    }
}

/// Waits until a connection is due; gives the first bell too. Nothing when the
/// daemon ends.
async fn due(schedule: &mut watch::Receiver<Schedule>) -> Option<(Broadcast, ClockPoint)> {
    loop {
        let next = {
            let schedule = schedule.borrow_and_update();
            let broadcast = schedule.next_broadcast(ClockPoint::now());
            broadcast.and_then(|of| Some((of, schedule.bells(of).first()?.0)))
        };
        let opens = next.map(|(_, bell)| ClockPoint(bell.0.saturating_sub(OPENED_AHEAD)));
        tokio::select! {
            biased;
            changed = schedule.changed() => changed.ok()?,
            () = sleep_until(opens) => return next,
        }
    }
}

/// Why a connection ended without an error.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Ended {
    /// The broadcast is over.
    Over,
    /// What waited for the connection may not be shown any more.
    Anew,
}

/// One connection, until the broadcast is over or the connection fails.
async fn session(
    name: &str,
    url: &LiveUrl,
    broadcast: Broadcast,
    ports: &mut TargetPorts,
    failures: &mut u32,
) -> Result<Ended, StageError> {
    ports.state.send_modify(|s| {
        // A target that was lost stays so until it takes something again.
        if s.state == LiveState::Idle {
            s.state = LiveState::Connecting;
        }
        s.attempts += 1;
    });
    let mut stage = build(name, url)?;
    let taken = count_bytes(&stage)?;
    let stamps = match url.transport {
        Transport::Srt => Stamps::DecodedAhead,
        // A composition time where nothing is reordered puzzles platforms.
        Transport::Rtmp => Stamps::AsEncoded,
    };
    let (picture, sound) = (stage.element::<AppSrc>("out-picture")?, stage.element::<AppSrc>("out-sound")?);
    let outlet = Arc::new(Outlet::new(picture, sound, stamps));
    ports.stream.attach(&outlet);
    let end = tokio::select! {
        error = watch_over(&mut stage, &outlet, &taken, &ports.state, failures) => Err(error),
        () = broadcast_over(&mut ports.schedule, broadcast, |_| {}) => Ok(Ended::Over),
        () = shut_while_connecting(&mut ports.shutter, &outlet) => Ok(Ended::Anew),
    };
    if matches!(end, Ok(Ended::Over)) && outlet.offered() > 0 {
        let _ = tokio::time::timeout(LAST_UNIT_LIMIT, ports.stream.ended()).await;
    }
    ports.stream.detach(&outlet);
    if matches!(end, Ok(Ended::Over)) {
        finish(&mut stage).await;
    }
    let stopped = stage.stop().await;
    ports.state.send_modify(|s| {
        s.abandoned += u64::from(stopped == Stopped::Abandoned);
        s.dropped_pictures += outlet.dropped();
    });
    end
}

/// Returns when the shutter closes while pictures from before wait for the
/// connection.
async fn shut_while_connecting(shutter: &mut watch::Receiver<Shutter>, outlet: &Outlet) {
    let mut closed = shutter.borrow_and_update().is_closed();
    while shutter.changed().await.is_ok() {
        let was_closed = std::mem::replace(&mut closed, shutter.borrow_and_update().is_closed());
        if closed && !was_closed && outlet.holds_back() {
            return;
        }
    }
    std::future::pending().await
}

/// Sends the last frames and says goodbye; platforms keep a publisher that
/// only vanishes for 15 s and more.
async fn finish(stage: &mut Stage) {
    for source in ["out-picture", "out-sound"] {
        if let Ok(source) = stage.element::<AppSrc>(source) {
            let _ = source.end_of_stream();
        }
    }
    let _ = tokio::time::timeout(Duration::from_millis(500), stage.next_event()).await;
}

/// Returns why the connection cannot go on.
async fn watch_over(
    stage: &mut Stage,
    outlet: &Outlet,
    taken: &AtomicU64,
    state: &watch::Sender<TargetState>,
    failures: &mut u32,
) -> StageError {
    if let Err(error) = stage.play(START_LIMIT).await {
        return error;
    }
    let sink = stage.element::<gst::Element>("sink").ok();
    let mut look = tokio::time::interval(LOOK);
    look.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    let (mut before, mut offered) = (0, 0);
    let mut still = Duration::ZERO;
    let mut sending = Duration::ZERO;
    loop {
        tokio::select! {
            error = stage.failed() => return error,
            _ = look.tick() => {}
        }
        let now = taken.load(Ordering::Relaxed);
        let moved = now - before;
        before = now;
        if moved == 0 {
            // Before the bell, and in a break, there is nothing to take.
            let owes = std::mem::replace(&mut offered, outlet.offered()) != outlet.offered();
            still = if owes { still + LOOK } else { Duration::ZERO };
        } else {
            still = Duration::ZERO;
            sending += LOOK;
        }
        if sending >= ESTABLISHED_AFTER {
            outlet.establish();
        }
        if sending >= GOOD_AFTER {
            *failures = 0;
        }
        if still >= GIVE_UP_AFTER {
            return StageError::Stalled { stage: stage.name().to_owned(), limit: GIVE_UP_AFTER };
        }
        let rate =
            u32::try_from(moved * 8 / u64::try_from(LOOK.as_millis()).unwrap_or(1)).unwrap_or(u32::MAX);
        let round_trip = sink.as_ref().and_then(round_trip);
        state.send_modify(|s| {
            // A mean over some four seconds: groups of pictures come in lumps.
            s.rate = Kbps((s.rate.0.saturating_mul(7).saturating_add(rate)) / 8);
            s.round_trip = round_trip;
            s.state = match s.state {
                state @ (LiveState::Connecting | LiveState::Waiting) if sending < ESTABLISHED_AFTER => state,
                _ if still >= STALLED_AFTER => LiveState::Stalled,
                _ => LiveState::Sending,
            };
        });
    }
}

fn round_trip(sink: &gst::Element) -> Option<Duration> {
    sink.find_property("stats")?;
    let stats = sink.property_value("stats").get::<gst::Structure>().ok()?;
    Some(Duration::from_secs_f64(stats.get::<f64>("rtt-ms").ok()?.max(0.0) / 1000.0))
}

/// Counts what the sink has taken. A sink that is blocked takes nothing more.
fn count_bytes(stage: &Stage) -> Result<Arc<AtomicU64>, StageError> {
    let taken = Arc::new(AtomicU64::new(0));
    let pad = stage.element::<gst::Element>("sink")?.static_pad("sink");
    if let Some(pad) = pad {
        let taken = Arc::clone(&taken);
        let kinds = gst::PadProbeType::BUFFER | gst::PadProbeType::BUFFER_LIST;
        pad.add_probe(kinds, move |_, info| {
            let bytes = match &info.data {
                Some(gst::PadProbeData::Buffer(buffer)) => buffer.size(),
                Some(gst::PadProbeData::BufferList(list)) => list.calculate_size(),
                _ => 0,
            };
            taken.fetch_add(bytes as u64, Ordering::Relaxed);
            gst::PadProbeReturn::Ok
        });
    }
    Ok(taken)
}

fn build(name: &str, url: &LiveUrl) -> Result<Stage, StageError> {
    let sink = match url.transport {
        Transport::Srt => "srtsink name=sink",
        Transport::Rtmp => "rtmp2sink name=sink",
    };
    let stage = Stage::parse(format!("live {name}"), &multiplexed_for(url.transport, sink))?;
    let sink = stage.element::<gst::Element>("sink")?;
    match url.transport {
        Transport::Srt => {
            sink.set_property("uri", url.secret());
            // A box that waits to be called sends whether anybody listens or not.
            sink.set_property("wait-for-connection", !url.is_listener());
        }
        Transport::Rtmp => sink.set_property("location", url.secret()),
    }
    Ok(stage)
}

/// From the outlet to the sink.
fn multiplexed_for(transport: Transport, sink: &str) -> String {
    let (mux, sound) = match transport {
        // Sound goes as it is. A parser would keep each frame until it sees the
        // next one, and the pictures in the multiplexer would wait with it.
        Transport::Srt => ("mpegtsmux name=mux alignment=7", ""),
        Transport::Rtmp => ("flvmux name=mux streamable=true", "! aacparse"),
    };
    let source = "is-live=false format=time block=false max-bytes=0 max-buffers=0 max-time=0";
    let queue = "queue max-size-bytes=0 max-size-buffers=3 max-size-time=0";
    format!(
        "{mux} ! {sink} sync=false async=false enable-last-sample=false \
         appsrc name=out-picture {source} caps={PICTURE_CAPS} ! h264parse config-interval=-1 ! {queue} ! mux. \
         appsrc name=out-sound {source} caps={SOUND_CAPS} {sound} ! {queue} ! mux."
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::live::gate::UnitKind;

    async fn playing(description: &str) -> Stage {
        let mut stage = Stage::parse("test", description).unwrap();
        stage.play(START_LIMIT).await.unwrap();
        stage
    }

    async fn key_picture(at: gst::ClockTime) -> gst::Buffer {
        let encoder = format!(
            "videotestsrc num-buffers=1 ! x264enc ! {PICTURE_CAPS} ! appsink name=pictures sync=false"
        );
        let encoder = playing(&encoder).await;
        let pictures = encoder.element::<gst_app::AppSink>("pictures").unwrap();
        let mut picture = pictures.pull_sample().unwrap().buffer_owned().unwrap();
        let stamps = picture.make_mut();
        stamps.set_pts(at);
        stamps.set_dts(at);
        picture
    }

    #[tokio::test]
    async fn a_first_picture_within_a_frame_of_the_bell_waits_for_no_sound() {
        gst::init().unwrap();
        let mut stage =
            Stage::parse("target", &multiplexed_for(Transport::Srt, "appsink name=sink")).unwrap();
        let [picture, sound] = ["out-picture", "out-sound"].map(|name| stage.element(name).unwrap());
        let stream = LiveStream::new(watch::Sender::new(Shutter::default()).subscribe());
        stream.attach(&Arc::new(Outlet::new(picture, sound, Stamps::DecodedAhead)));
        let session = stream.begin(ClockPoint(gst::ClockTime::ZERO));
        stream.push(session, UnitKind::Key, key_picture(gst::ClockTime::from_mseconds(39)).await);
        stage.play(START_LIMIT).await.unwrap();
        let sink = stage.element::<gst_app::AppSink>("sink").unwrap();
        let limit = gst::ClockTime::from_seconds(START_LIMIT.as_secs());
        // How a picture begins in a transport stream (ISO/IEC 13818-1, 2.4.3.7).
        let begins = [0, 0, 1, 0xe0];
        let is_out = std::iter::from_fn(|| sink.try_pull_sample(limit)).any(|sample| {
            let packets = sample.buffer().unwrap().map_readable().unwrap();
            packets.windows(begins.len()).any(|bytes| bytes == begins)
        });
        assert!(is_out, "it waits in the multiplexer");
    }
}
