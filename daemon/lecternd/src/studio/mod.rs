//! A classroom, its program, both lanes of the record and a broadcast, all
//! with real pipelines, and a desk that a test drives instead of the timetable.
//! They run in real time and take both cores, so the long form of the tests
//! (`make test-long`) runs them by themselves; what they have in common with the
//! whole daemon is in the scenario `bell` of every `make test`.

mod broadcast;
mod record;
mod single;
mod tape;
mod wire;

use std::sync::Arc;
use std::time::Duration;

use lectern_api::manifest::GapReason;
use lectern_api::status::Role;
use lectern_api::{Kbps, Language, LessonId, SystemClock, Ticks};
use tempfile::TempDir;
use tokio::sync::{Mutex, mpsc, watch};

use crate::capture::air::AirDesk;
use crate::capture::encoder::{self, EncoderKind};
use crate::capture::feed::ProgramFeed;
use crate::capture::guard::{self, Guard, GuardState};
use crate::capture::input::MixerInput;
use crate::capture::layout;
use crate::capture::mixer::{self, MixerPlan, MixerSlot};
use crate::capture::record::{self as recording, RecordPorts};
use crate::capture::schedule::{Lane, tests::info};
use crate::capture::session::EncodePlan;
use crate::capture::source::{self, Shape};
use crate::capture::time::{ClockPoint, sleep_until};
use crate::capture::wanted::Wanted;
use crate::capture::writer::Recorded;
use crate::config::{LiveUrl, SourceUri, TestSource};
use crate::live::encode::{self, EncodePorts};
use crate::live::stream::LiveStream;
use crate::live::target::{self, TargetPorts, TargetState};
use crate::supervisor::Supervisor;
use tape::Tape;

const FPS: u32 = 25;
/// A loaded machine keeps it.
const LIMIT: Duration = Duration::from_secs(40);

struct Studio {
    desk: AirDesk,
    recorded: mpsc::Receiver<Recorded>,
    targets: Vec<watch::Receiver<TargetState>>,
    folder: TempDir,
    _room: watch::Sender<bool>,
    _supervisor: Supervisor,
}

impl Studio {
    /// Everything runs and the room's pictures come; nothing is on the air.
    async fn open(targets: &[String]) -> Self {
        Self::with_encoder(targets, None).await
    }

    /// The same with an encoder that need not prove itself.
    async fn with_encoder(targets: &[String], given: Option<&'static EncoderKind>) -> Self {
        crate::capture::init().unwrap();
        lectern_tests::readings::init();
        let (schedule_tx, schedule) = watch::channel(Default::default());
        let (shutter_tx, shutter) = watch::channel(Default::default());
        let (room, wanted) = watch::channel(true);
        let (recorded_tx, recorded) = mpsc::channel(256);
        let feed = Arc::new(ProgramFeed::new(shutter.clone()));
        let stream = Arc::new(LiveStream::new(shutter.clone()));
        let mut supervisor = Supervisor::default();

        let sources = [
            (Role::Board, TestSource::Board),
            (Role::Camera, TestSource::Camera),
            (Role::Mic, TestSource::Mic),
        ];
        let mut rects = layout(&[Role::Board, Role::Camera], 640, 360).into_iter();
        let (mut slots, mut guards) = (Vec::new(), Vec::new());
        for (role, test) in sources {
            let (uri, input) = (SourceUri::Test(test, None), Arc::new(MixerInput::new(shutter.clone())));
            let shape = match role {
                Role::Mic => Shape::Sound,
                _ => Shape::Picture { rect: rects.next().unwrap(), fps: FPS },
            };
            let name = format!("{role:?}");
            let latency = source::pace(&uri).latency;
            slots.push(MixerSlot { name: name.clone(), role, latency, input: Arc::clone(&input) });
            let (state, is) = watch::channel(GuardState::default());
            guards.push(is);
            let (gauge, reopen) = (Arc::default(), watch::channel(0).1);
            let guard = Guard { name: name.clone(), role, uri, trial: true, shape, input, gauge, reopen };
            let wanted = Wanted::new(wanted.clone(), None);
            supervisor.unit(name, move || {
                let run = guard::run(guard.clone(), wanted.clone(), state.clone());
                async move {
                    run.await;
                    Ok::<_, std::convert::Infallible>(())
                }
            });
        }
        let plan = MixerPlan { width: 640, height: 360, fps: FPS, language: Language::default(), slots };
        let mixed = Arc::clone(&feed);
        supervisor.unit("program", move || mixer::run(plan.clone(), Arc::clone(&mixed), wanted.clone()));

        let (encoder_tx, encoder) = watch::channel(given);
        let (failed, has_failed) = mpsc::channel(1);
        let has_failed = Arc::new(Mutex::new(has_failed));
        supervisor.unit("encoder", move || {
            let (found, failed) = (encoder_tx.clone(), Arc::clone(&has_failed));
            async move {
                let mut failed = failed.lock().await;
                match given {
                    Some(_) => panic!("the record failed with {:?}", failed.recv().await),
                    None => {
                        encoder::choose(640, 360, FPS, &found, &watch::Sender::default(), &mut failed).await
                    }
                }
            }
        });
        let plan = EncodePlan { width: 640, height: 360, fps: FPS, rate: Kbps(600) };
        let ports = RecordPorts {
            feed: Arc::clone(&feed),
            schedule: schedule.clone(),
            shutter: shutter.clone(),
            encoder: encoder.clone(),
            failed,
            seats: Arc::default(),
            spool: recorded_tx,
            clock: Arc::new(SystemClock::new()),
        };
        for lane in Lane::BOTH {
            let (plan, ports) = (plan.clone(), ports.clone());
            supervisor.unit(format!("record:{}", lane.name()), move || {
                recording::run(lane, plan.clone(), ports.clone())
            });
        }
        let mut encoder_known = encoder.clone();
        if !targets.is_empty() {
            let ports = EncodePorts {
                feed: Arc::clone(&feed),
                schedule: schedule.clone(),
                encoder,
                stream: Arc::clone(&stream),
            };
            supervisor.unit("encode", move || encode::run(plan.clone(), ports.clone()));
        }
        let mut states = Vec::new();
        for (number, url) in targets.iter().enumerate() {
            let (state, is) = watch::channel(TargetState::default());
            states.push(is);
            let ports = TargetPorts {
                stream: Arc::clone(&stream),
                schedule: schedule.clone(),
                shutter: shutter.clone(),
                state,
            };
            let (name, url) = (format!("live{number}"), LiveUrl::parse(url).unwrap());
            supervisor.unit(name.clone(), move || {
                let run = target::run(name.clone(), url.clone(), ports.clone());
                async move {
                    run.await;
                    Ok::<_, std::convert::Infallible>(())
                }
            });
        }
        let ready = async {
            for guard in &mut guards {
                guard
                    .wait_for(|guard| guard.state == lectern_api::status::SourceState::Running)
                    .await
                    .unwrap();
            }
            encoder_known.wait_for(Option::is_some).await.unwrap();
        };
        tokio::time::timeout(LIMIT, ready).await.expect("the room is ready");
        Self {
            desk: AirDesk::new(schedule_tx, shutter_tx),
            recorded,
            targets: states,
            folder: tempfile::tempdir().unwrap(),
            _room: room,
            _supervisor: supervisor,
        }
    }

    /// Puts a lesson on the air.
    fn put_on(&self, lesson: &str, begin: ClockPoint) {
        self.desk.put_on(info(lesson), begin, None, GapReason::PipelineRestarted);
    }

    /// Takes a lesson off the air.
    fn take_off(&self, lesson: &str, end: ClockPoint) -> Option<Ticks> {
        self.desk.take_off(&LessonId::new(lesson).unwrap(), end)
    }

    /// What the lanes hand over, until so many lessons have ended.
    async fn tapes(&mut self, ends: usize) -> Vec<Tape> {
        let mut tapes: Vec<Tape> = Vec::new();
        let all = async {
            while tapes.iter().filter(|tape| tape.ended).count() < ends {
                tape::put(&mut tapes, self.recorded.recv().await.expect("the record goes on"));
            }
        };
        tokio::time::timeout(LIMIT, all).await.expect("every lesson ends");
        tapes
    }
}

/// So many milliseconds from now.
fn ahead(millis: u64) -> ClockPoint {
    ClockPoint::now().later_by(Duration::from_millis(millis))
}

/// So many milliseconds behind a point.
fn behind(point: ClockPoint, millis: u64) -> ClockPoint {
    point.later_by(Duration::from_millis(millis))
}

/// Lets the lesson run until a point: real time, because the clock that the
/// pipelines run by cannot be turned.
async fn until(point: ClockPoint) {
    sleep_until(Some(point)).await;
}
