//! The process that holds a squad.

use std::io::{BufRead as _, Write as _};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use lectern_api::{Clock as _, SystemClock};
use lectern_mqtt::client::{self, Pause};
use lectern_mqtt::link::Broker;
use lectern_mqtt::outbox::Outbox;
use tokio::runtime::Runtime;
use tokio::time::{Instant, sleep, sleep_until};

use super::{Belief, Order, Reply, Report, Roster, Try};
use crate::day::{self, DAY_S, Day, Told};
use crate::member::{self, Member};
use crate::{FleetError, proc};

/// Threads that wait for the disk. On a box it is one disk each; here all share
/// one and more would only wait for each other.
const DISK_THREADS: usize = 16;

struct Squad {
    runtime: Runtime,
    broker: Broker,
    opened: Vec<(usize, String, Outbox)>,
    members: Vec<Arc<Member>>,
    tries: Arc<Mutex<Vec<Try>>>,
}

/// Holds a squad until nobody asks any more.
///
/// # Errors
/// When its outboxes cannot be opened, or nobody listens.
pub fn serve(roster: &Roster) -> Result<(), FleetError> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .max_blocking_threads(DISK_THREADS)
        .enable_all()
        .build()
        .map_err(FleetError::io("threads"))?;
    let broker = Broker { ca: roster.ca.clone(), ..member::address(&roster.url)? };
    let mut opened = Vec::new();
    for number in roster.first..roster.first + roster.count {
        let device = format!("LB-2026-{number:06}");
        let outbox = member::outbox(&roster.folder.join(&device))?;
        opened.push((number, device, outbox));
    }
    let mut squad = Squad { runtime, broker, opened, members: Vec::new(), tries: Arc::default() };
    say(&Reply::Done)?;
    for line in std::io::stdin().lock().lines() {
        let line = line.map_err(FleetError::io("orders"))?;
        let order: Order = serde_json::from_str(&line)?;
        say(&squad.obey(order).unwrap_or_else(|error| Reply::Failed(error.to_string())))?;
    }
    squad.runtime.shutdown_background();
    Ok(())
}

fn say(reply: &Reply) -> Result<(), FleetError> {
    let mut out = std::io::stdout().lock();
    let text = serde_json::to_string(reply)?;
    writeln!(out, "{text}").and_then(|()| out.flush()).map_err(FleetError::io("an answer"))
}

/// The first try at once; later as a box waits.
fn pause() -> Pause {
    let (is_first, real) = (AtomicBool::new(true), client::pause(client::FIRST));
    Arc::new(
        move |failures| {
            if is_first.swap(false, Ordering::Relaxed) { Duration::ZERO } else { real(failures) }
        },
    )
}

impl Squad {
    fn obey(&mut self, order: Order) -> Result<Reply, FleetError> {
        match order {
            Order::Dial => self.dial()?,
            Order::Tell => self.members.iter().try_for_each(|member| begin(member, true))?,
            Order::Lose(cameras) => self.members.iter().for_each(|member| member.wrong(cameras)),
            Order::Live { event_s, measurement_s, seconds } => {
                let until = Instant::now() + Duration::from_secs(seconds);
                let (topic, numbers) = day::of_the_machine()?;
                for member in &self.members {
                    let (event, measurement) = (Arc::clone(member), Arc::clone(member));
                    self.runtime.spawn(now_and_then(event_s, until, move || begin(&event, true)));
                    let (topic, numbers) = (topic.clone(), numbers.clone());
                    self.runtime.spawn(now_and_then(measurement_s, until, move || {
                        measurement.measured(topic.clone(), &numbers)
                    }));
                }
            }
            Order::Day(day) => self.live(day)?,
            Order::Report => return self.report().map(Reply::Report),
            Order::Beliefs => {
                return Ok(Reply::Beliefs(self.members.iter().map(|member| belief(member)).collect()));
            }
            Order::Tries => {
                let mut tries = self.tries.lock().unwrap_or_else(PoisonError::into_inner);
                return Ok(Reply::Tries(std::mem::take(&mut *tries)));
            }
        }
        Ok(Reply::Done)
    }

    fn dial(&mut self) -> Result<(), FleetError> {
        for (number, device, outbox) in self.opened.drain(..) {
            let settings = member::settings(self.broker.clone(), &device, pause())?;
            // Nobody asks anything of these boxes.
            let (member, _) = Member::start(self.runtime.handle(), settings, outbox)?;
            let (mut state, tries, clock) =
                (member.state.clone(), Arc::clone(&self.tries), SystemClock::new());
            self.runtime.spawn(async move {
                let mut was_up = false;
                while state.changed().await.is_ok() {
                    let is_up = state.borrow_and_update().up;
                    // The loss itself is no try.
                    if is_up || !was_up {
                        let mut tries = tries.lock().unwrap_or_else(PoisonError::into_inner);
                        tries.push(Try { at_ms: clock.utc().as_millisecond(), member: number, is_up });
                    }
                    was_up = is_up;
                }
            });
            member.wrong(0);
            self.members.push(Arc::new(member));
        }
        Ok(())
    }

    /// Each member lives another slice of the day.
    fn live(&self, day: Day) -> Result<(), FleetError> {
        let script = day.script()?;
        let slice = DAY_S / self.members.len().max(1) as u32;
        let begun = Instant::now();
        for (member, first) in self.members.iter().zip((0..DAY_S).step_by(slice.max(1) as usize)) {
            let own: Vec<_> =
                script.iter().filter(|(at, _)| (first..first + slice).contains(at)).cloned().collect();
            let member = Arc::clone(member);
            self.runtime.spawn(async move {
                for (at, told) in own {
                    sleep_until(begun + Duration::from_secs((at - first).into())).await;
                    // A script that is not played as written shows in the numbers.
                    let _ = match told {
                        Told::Lesson(begins) => begin(&member, begins),
                        Told::Measured(topic, numbers) => member.measured(topic, &numbers),
                        Told::Lost(cameras) => {
                            member.wrong(cameras);
                            Ok(())
                        }
                    };
                }
            });
        }
        Ok(())
    }

    fn report(&self) -> Result<Report, FleetError> {
        let pid = std::process::id();
        Ok(Report {
            up: self.members.iter().filter(|member| member.is_up()).count(),
            waiting: self.members.iter().map(|member| member.waiting()).sum(),
            events: self.members.iter().map(|member| member.newest().1).sum(),
            cpu_s: proc::cpu(pid)?.as_secs_f64(),
            resident_bytes: proc::resident(pid)?,
            files: proc::files(pid)?,
        })
    }
}

fn begin(member: &Member, begins: bool) -> Result<(), FleetError> {
    if begins {
        member.tell("Lesson begun: Chinese, class 3.2.", "上课了:三年级二班 语文。")
    } else {
        member.tell("Lesson ended, 45 min recorded.", "下课了,录制45分钟。")
    }
}

fn belief(member: &Member) -> Belief {
    let (epoch, newest) = member.newest();
    Belief { device: member.device().to_owned(), epoch, newest, state: member.beliefs() }
}

/// Does something at random, once in so many seconds in the mean.
async fn now_and_then(mean_s: u64, until: Instant, act: impl Fn() -> Result<(), FleetError>) {
    loop {
        let pause = Duration::from_secs(2 * mean_s).mul_f64(fastrand::f64());
        if Instant::now() + pause > until {
            return;
        }
        sleep(pause).await;
        // A full channel refuses; what was refused was never promised.
        let _ = act();
    }
}
