//! What stands on a slate.

use std::fmt::Display;

use crate::Text;

messages! {
    /// Instead of a camera's picture.
    slate_camera(name) { en: "No picture from {name}", zh: "摄像机没有画面（{name}）" }
    /// Instead of the board.
    slate_board(name) { en: "No signal from {name}", zh: "没收到大屏画面（{name}）" }
    /// Instead of everything, while the privacy shutter is closed.
    slate_shutter() { en: "Privacy shutter", zh: "画面已屏蔽" }
}
