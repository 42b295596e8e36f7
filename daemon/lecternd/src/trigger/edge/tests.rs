use proptest::prelude::*;

use super::*;

const PATIENCE: Patience = Patience {
    hold: Duration::from_secs(10),
    pause: Duration::from_secs(1),
    away: Duration::from_secs(15),
    over: Duration::from_secs(60),
    doubtful_away: Duration::from_secs(60),
    doubtful_over: Duration::from_secs(200),
};
const TICK: Duration = Duration::from_millis(500);

/// A room in which the signal's wishes come true, and people do as they like.
struct Room {
    edge: Edge,
    on_air: OnAir,
    now: Duration,
    /// What was noticed at each tick.
    past: Vec<Notice>,
    /// Ticks at which lessons began and ended by the signal.
    begun: Vec<usize>,
    ended: Vec<usize>,
}

impl Room {
    fn new() -> Self {
        let edge = Edge::new(PATIENCE, false, Duration::ZERO);
        let (past, begun, ended) = (Vec::new(), Vec::new(), Vec::new());
        Self { edge, on_air: OnAir::Nothing, now: Duration::ZERO, past, begun, ended }
    }

    fn tick(&mut self, notice: Notice) {
        let wish = self.edge.notice(notice, &self.on_air, self.now);
        self.past.push(notice);
        match wish {
            Some(Wish::Begin) => {
                self.on_air = OnAir::Own(LessonId::new("own").unwrap());
                self.begun.push(self.past.len());
            }
            Some(Wish::End(_)) => {
                self.on_air = OnAir::Nothing;
                self.ended.push(self.past.len());
            }
            None => {}
        }
        self.now += TICK;
    }

    fn pass(&mut self, notice: Notice, seconds: u32) {
        (0..seconds * 2).for_each(|_| self.tick(notice));
    }

    /// For how many ticks before the `n`-th nothing but these was noticed.
    fn run_of(&self, before: usize, of: &[Notice]) -> usize {
        self.past[..before].iter().rev().take_while(|notice| of.contains(notice)).count()
    }
}

fn ticks(duration: Duration) -> usize {
    usize::try_from(duration.as_millis() / TICK.as_millis()).unwrap()
}

#[test]
fn a_board_that_comes_up_begins_a_lesson_and_ends_it_when_it_has_gone() {
    let mut room = Room::new();
    room.pass(Notice::Away, 30);
    room.pass(Notice::There, 9);
    assert_eq!(room.on_air, OnAir::Nothing);
    room.pass(Notice::There, 2);
    assert!(matches!(room.on_air, OnAir::Own(_)));
    room.pass(Notice::Away, 55);
    room.pass(Notice::There, 1);
    room.pass(Notice::Away, 59);
    assert!(matches!(room.on_air, OnAir::Own(_)), "it came back in between");
    room.pass(Notice::Away, 2);
    assert_eq!(room.on_air, OnAir::Nothing);
}

#[test]
fn what_a_person_has_ended_is_not_begun_again_until_the_signal_has_gone_once() {
    let mut room = Room::new();
    room.pass(Notice::There, 11);
    room.on_air = OnAir::Nothing;
    room.pass(Notice::There, 3_000);
    room.pass(Notice::Away, 10);
    room.pass(Notice::There, 100);
    assert_eq!((room.begun.len(), &room.on_air), (1, &OnAir::Nothing), "too short to have gone");
    room.pass(Notice::Away, 16);
    room.pass(Notice::There, 11);
    assert_eq!(room.begun.len(), 2);
}

#[test]
fn a_board_that_stays_on_in_the_break_after_a_planned_lesson_begins_nothing() {
    let mut room = Room::new();
    room.on_air = OnAir::Other;
    room.pass(Notice::Away, 60);
    room.pass(Notice::There, 60);
    room.on_air = OnAir::Nothing;
    room.pass(Notice::There, 600);
    assert_eq!(room.begun, Vec::<usize>::new());
}

#[test]
fn a_board_that_is_on_when_an_exam_is_over_begins_nothing() {
    let mut room = Room::new();
    room.on_air = OnAir::Other;
    room.pass(Notice::Hidden, 3_600);
    room.on_air = OnAir::Nothing;
    room.pass(Notice::There, 600);
    assert_eq!(room.begun, Vec::<usize>::new());
}

#[test]
fn a_blank_board_begins_nothing_and_ends_a_lesson_only_after_long() {
    let mut room = Room::new();
    room.pass(Notice::Doubtful, 600);
    assert_eq!(room.begun, Vec::<usize>::new());
    room.pass(Notice::There, 11);
    room.pass(Notice::Doubtful, 190);
    assert!(matches!(room.on_air, OnAir::Own(_)), "the teacher has darkened the board");
    room.pass(Notice::Doubtful, 12);
    assert_eq!(room.on_air, OnAir::Nothing);
}

#[test]
fn a_closed_shutter_ends_no_lesson() {
    let mut room = Room::new();
    room.pass(Notice::There, 11);
    room.pass(Notice::Hidden, 3_600);
    room.pass(Notice::Away, 59);
    assert!(matches!(room.on_air, OnAir::Own(_)));
}

/// What happens for a while.
#[derive(Debug, Clone)]
enum Stretch {
    Noticed(Notice, usize),
    Flicker(usize),
    PersonEnds,
    OtherLesson(bool),
}

fn stretches() -> impl Strategy<Value = Vec<Stretch>> {
    let notice = prop_oneof![
        4 => Just(Notice::There),
        3 => Just(Notice::Away),
        1 => Just(Notice::Doubtful),
        1 => Just(Notice::Hidden),
    ];
    let length = prop_oneof![1..8_usize, 8..50_usize, 50..300_usize];
    let stretch = prop_oneof![
        8 => (notice, length).prop_map(|(notice, ticks)| Stretch::Noticed(notice, ticks)),
        2 => (1..60_usize).prop_map(Stretch::Flicker),
        1 => Just(Stretch::PersonEnds),
        1 => any::<bool>().prop_map(Stretch::OtherLesson),
    ];
    prop::collection::vec(stretch, 1..40)
}

proptest! {
    #[test]
    fn lessons_begin_and_end_only_by_what_has_held_long_enough(stretches in stretches()) {
        use Notice::{Away, Doubtful, Hidden, There};
        let mut room = Room::new();
        // The newest tick up to which the signal counted as used.
        let mut used = None;
        for stretch in stretches {
            let notices: Vec<Notice> = match stretch {
                Stretch::Noticed(notice, ticks) => vec![notice; ticks],
                // There for a second and away for longer than a pause.
                Stretch::Flicker(times) => [There, There, Away, Away, Away, Away].repeat(times),
                Stretch::PersonEnds => {
                    room.on_air = OnAir::Nothing;
                    continue;
                }
                Stretch::OtherLesson(runs) => {
                    room.on_air = if runs { OnAir::Other } else { OnAir::Nothing };
                    continue;
                }
            };
            for notice in notices {
                let was = (room.on_air.clone(), room.begun.len(), room.ended.len());
                room.tick(notice);
                let here = room.past.len();
                if room.begun.len() > was.1 {
                    prop_assert_eq!(&was.0, &OnAir::Nothing, "only when nothing else runs");
                    let held = &room.past[here - ticks(PATIENCE.hold)..here];
                    let longest_pause = held.split(|n| *n == There).map(<[Notice]>::len).max();
                    prop_assert!(longest_pause <= Some(ticks(PATIENCE.pause)), "{held:?}");
                    prop_assert!(!held.contains(&Hidden));
                    if let Some(used) = used {
                        let since: &[Notice] = &room.past[used..here];
                        let longest = |of: &[Notice]| {
                            since.split(|n| !of.contains(n)).map(<[Notice]>::len).max().unwrap_or(0)
                        };
                        prop_assert!(
                            longest(&[Away]) >= ticks(PATIENCE.away)
                                || longest(&[Away, Doubtful]) >= ticks(PATIENCE.doubtful_away),
                            "it has not gone away since {used}: {since:?}"
                        );
                    }
                    used = Some(here);
                }
                if room.ended.len() > was.2 {
                    prop_assert!(matches!(was.0, OnAir::Own(_)), "only its own lesson");
                    prop_assert!(
                        room.run_of(here, &[Away]) >= ticks(PATIENCE.over)
                            || room.run_of(here, &[Away, Doubtful]) >= ticks(PATIENCE.doubtful_over)
                    );
                }
                if was.0 == OnAir::Other && notice == There || notice == Hidden {
                    used = Some(here);
                }
            }
        }
    }

    #[test]
    fn a_signal_that_is_there_long_enough_after_it_was_away_always_begins_a_lesson(
        before in stretches(), away in 16..100_u32, there in 11..100_u32,
    ) {
        let mut room = Room::new();
        for stretch in before {
            match stretch {
                Stretch::Noticed(notice, ticks) => (0..ticks).for_each(|_| room.tick(notice)),
                Stretch::Flicker(times) => (0..times).for_each(|_| room.tick(Notice::There)),
                Stretch::PersonEnds | Stretch::OtherLesson(false) => room.on_air = OnAir::Nothing,
                Stretch::OtherLesson(true) => room.on_air = OnAir::Other,
            }
        }
        room.on_air = OnAir::Nothing;
        room.pass(Notice::Away, away);
        let begun = room.begun.len();
        room.pass(Notice::There, there);
        prop_assert_eq!(room.begun.len(), begun + 1, "once, and not twice");
    }
}
