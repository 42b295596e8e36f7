//! Keeps the daemon alive when an X server dies.
//!
//! Xlib ends the whole process when a connection breaks, and reads what to do
//! before it asks its handler, so the handler cannot change its mind. It can
//! only never return: the streaming thread of the dead screen's source is
//! parked for ever, its stage is left behind, and the guard opens a new one.

use std::ffi::{c_int, c_void};

type IoErrorHandler = extern "C" fn(*mut c_void) -> c_int;

extern "C" fn park_for_ever(_display: *mut c_void) -> c_int {
    tracing::error!("the connection to an X server broke: its source is left behind");
    loop {
        std::thread::park();
    }
}

/// Installs the handler. Call once, before the first pipeline is built.
/// Without libX11 there is nothing to do, since no screen can be captured.
pub(crate) fn survive_dead_servers() {
    #[expect(unsafe_code, reason = "Xlib offers this only as C functions")]
    // SAFETY: the library is never unloaded (its handle is leaked), both
    // symbols have had these signatures since X11R6, XInitThreads is called
    // before any other Xlib function of this process, and the handler never
    // unwinds into C.
    unsafe {
        let Ok(library) = libloading::Library::new("libX11.so.6") else { return };
        let library = Box::leak(Box::new(library));
        if let Ok(init_threads) = library.get::<unsafe extern "C" fn() -> c_int>(b"XInitThreads\0") {
            init_threads();
        }
        let set = library
            .get::<unsafe extern "C" fn(IoErrorHandler) -> Option<IoErrorHandler>>(b"XSetIOErrorHandler\0");
        if let Ok(set) = set {
            set(park_for_ever);
        }
    }
}
