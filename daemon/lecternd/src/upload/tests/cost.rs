//! What an archive costs beside the media.

use std::sync::Arc;

use axum::http::Method;
use lectern_archive::verify;

use super::room::{Room, id};
use super::shelf::Shelf;

/// 2 s at 2.5 Mbit/s and the sound.
const FRAGMENT: u64 = 656_000;

#[derive(Debug)]
struct Cost {
    ledger: u64,
    playlists: u64,
    manifests: u64,
    inits: u64,
    media: u64,
    requests: usize,
}

impl Cost {
    fn beside(&self) -> u64 {
        self.ledger + self.playlists + self.manifests + self.inits
    }
}

/// A lesson as it is recorded: two seconds pass with each fragment. Fragments
/// have a `scale`-th of their size, and the playlist's budget counts them so:
/// what is beside them does not depend on their size otherwise.
async fn cost_of(fragments: u64, scale: u64) -> (Cost, Shelf, Room) {
    let shelf = Shelf::open().await;
    let mut room = Room::new(&shelf.url);
    room.scale_budget(scale);
    let clock = Arc::clone(&room.clock);
    shelf.watch(move |request| {
        if request.method == Method::PUT && request.is_media() {
            clock.advance(2);
        }
    });
    room.begin("lesson-1");
    room.record("lesson-1", fragments, usize::try_from(FRAGMENT / scale).unwrap());
    let running = room.start();
    room.until("everything is there", |room| room.reached("lesson-1") == fragments).await;
    room.end("lesson-1");
    room.until("the lesson is archived", |room| room.is_archived("lesson-1")).await;
    running.kill().await;
    let puts = shelf.puts();
    let sum = |wanted: &dyn Fn(&str) -> bool| {
        puts.iter().filter(|put| wanted(&put.file)).map(|put| put.bytes).sum::<u64>()
    };
    let cost = Cost {
        ledger: sum(&|file| file.starts_with("ledger/")),
        playlists: sum(&|file| file.ends_with(".m3u8")),
        manifests: sum(&|file| file.ends_with(".json")),
        inits: sum(&|file| file.ends_with(".mp4")),
        media: sum(&|file| file.ends_with(".m4s")) * scale,
        requests: shelf.content().log.len(),
    };
    println!("{fragments} fragments: {cost:?}, {} ‰ beside", cost.beside() * 1_000 / cost.media);
    (cost, shelf, room)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_lesson_of_45_minutes_costs_less_than_one_percent_beside_its_media() {
    let (cost, shelf, room) = cost_of(1_350, 32).await;
    assert_eq!(cost.media, 1_350 * (FRAGMENT / 32) * 32, "each fragment went once");
    assert!(cost.beside() * 100 < cost.media, "{cost:?}");
    assert!(cost.ledger > 0 && cost.playlists > 0);
    // One HEAD for each at the end, since this server cannot list.
    let growing = cost.requests - 1_350;
    assert!(growing < 1_350 + 400, "{growing} requests beside the media");

    let store = room.store().within("LB-1/2026-03-02/lesson-1").unwrap();
    let found = verify::read_lesson(&store).await.unwrap();
    assert!(matches!(found.standing, lectern_archive::signature::Standing::Valid(_)));
    assert_eq!(found.manifest.tracks[0].fragments.len(), 1_350);
    assert_eq!(found.manifest.lesson.id, id("lesson-1"));
    let parts = shelf.puts().into_iter().filter(|put| put.file.starts_with("ledger/"));
    assert_eq!(parts.count(), 9);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_lesson_of_8_hours_costs_less_than_one_percent_beside_its_media() {
    let (cost, ..) = cost_of(14_400, 128).await;
    assert!(cost.beside() * 100 < cost.media, "{cost:?}");
    assert!(cost.playlists * 1_000 < cost.media * 6, "{cost:?}");
}
