//! The archive of lessons: where each file lies ([`layout`]), what a player is
//! given ([`playlist`]), what is known of a lesson before it closes ([`ledger`]),
//! whose word it is ([`signature`]), where the files are put and read ([`store`]), the
//! proof that nothing is missing ([`verify`]) and one file for people to take
//! away ([`export`]). What lies there is believed within bounds ([`limits`]).
//!
//! The daemon's uploader and the command line share this crate. It knows the
//! manifest's types of [`lectern_api`] and nothing of the spool, of pipelines
//! or of databases.
//!
//! It measures no time of its own: the only timers are the time-outs of
//! [`store`], which run on tokio's timer.

pub mod export;
pub mod layout;
pub mod ledger;
pub mod limits;
pub mod playlist;
pub mod signature;
pub mod store;
pub mod verify;

pub use store::{Store, StoreError};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_future_can_run_on_any_thread() {
        fn send(_: impl Send) {}
        let store = Store::open("file:///nowhere").unwrap();
        send(store.put("a", "b"));
        send(store.get("a"));
        send(verify::read_manifest(&store));
        // Only their types matter: nothing is awaited.
        let _ = |manifest: &lectern_api::manifest::Manifest, track: &lectern_api::Name| {
            send(verify::verify(&store, manifest, |_| {}));
            send(export::export(&store, manifest, track, &mut export::Single(Vec::new()), |_| {}));
        };
    }
}
