//! Faults of what is seen and heard of a source that delivers.

use crate::Text;

messages! {
    /// `camera.lost`: the camera's input has no signal.
    camera_no_signal() {
        en: "The camera's input shows a blue screen or colour bars, not the class: the camera is off or its video cable came loose. The board and the sound are recorded as usual.",
        zh: "摄像机只有蓝屏或彩条，录不到课堂：摄像机没开机，或视频线松了。大屏和声音照常录制。"
    }
    /// Hint of [`camera_no_signal`].
    camera_no_signal_hint() {
        en: "Look at the camera's light: dark, check its power; lit, plug the video cable in again at both ends.",
        zh: "看摄像机指示灯：不亮查电源，亮着就把视频线两头重插一遍。"
    }
    /// `board.no_signal`: the board's input has no signal.
    board_blue() {
        en: "The board's input shows a blue screen or colour bars: the board or its computer is off, or the HDMI cable came loose.",
        zh: "大屏只有蓝屏或彩条，没有内容：大屏或 OPS 没开机，或 HDMI 线松了。"
    }
    /// `picture.frozen`
    picture_frozen() {
        en: "The camera's picture stands still: the camera hangs, and the class is not recorded. The board and the sound are recorded as usual.",
        zh: "摄像机画面卡住不动了，录不到课堂。大屏和声音照常录制。"
    }
    /// Hint of [`picture_frozen`].
    picture_frozen_hint() {
        en: "Wave before the camera; if the picture does not follow, pull its power and plug it in again.",
        zh: "到镜头前挥挥手；画面不动就给摄像机断电再插上。"
    }
    /// `picture.black` of a camera
    camera_black() {
        en: "The camera's picture is black: its lens is covered, or the room is dark. The board and the sound are recorded as usual.",
        zh: "摄像机画面全黑：镜头被盖住了，或教室没开灯。大屏和声音照常录制。"
    }
    /// Hint of [`camera_black`].
    camera_black_hint() {
        en: "Take the cover off the lens and switch the light on; if it stays black, pull the camera's power and plug it in again.",
        zh: "取下镜头盖、打开教室的灯；还是黑的，给摄像机断电再插上。"
    }
    /// `picture.black` of a board
    board_black() {
        en: "The board's picture is black: its computer sleeps or is off, or the teacher has made it black. The camera and the sound are recorded as usual.",
        zh: "大屏画面全黑：电脑休眠或关机了，或老师切了黑屏。摄像机和声音照常录制。"
    }
    /// Hint of [`board_black`].
    board_black_hint() {
        en: "Move the mouse or switch the board on; if it is black on purpose, nothing is to be done.",
        zh: "动一下鼠标，或打开大屏电源；老师有意切黑屏的，不用管。"
    }
    /// `picture.exposure`
    picture_dark() {
        en: "The camera's picture is too dark: the class can hardly be seen.",
        zh: "摄像机画面太暗，课堂看不清。大屏和声音照常录制。"
    }
    /// Hint of [`picture_dark`].
    picture_dark_hint() {
        en: "Switch the light on; if it is on, wipe the lens and look at the camera's exposure setting.",
        zh: "打开教室的灯；灯开着还暗，擦擦镜头，再查摄像机的曝光设置。"
    }
    /// `picture.exposure`
    picture_bright() {
        en: "The camera's picture is too bright: the class can hardly be seen.",
        zh: "摄像机画面太亮、发白，课堂看不清。大屏和声音照常录制。"
    }
    /// Hint of [`picture_bright`].
    picture_bright_hint() {
        en: "Draw the curtain of the window that it looks at; if that does not help, look at its exposure setting.",
        zh: "拉上镜头对着的窗帘；还是太亮，查摄像机的曝光设置。"
    }
    /// `mic.clipping`
    mic_clipping() {
        en: "The microphone is too loud: the voice is recorded distorted and hard to understand.",
        zh: "话筒声音太大，录出来破音、听不清。"
    }
    /// Hint of [`mic_clipping`].
    mic_clipping_hint() {
        en: "Hold it a hand's breadth farther away, or turn the receiver's or mixer's volume down a little.",
        zh: "话筒离嘴远一拳，或把接收器、调音台的音量调小一格。"
    }
    /// `mic.hum`
    mic_hum() {
        en: "The microphone hums: the mains are heard beneath the voice. The lesson is recorded with it.",
        zh: "话筒里有嗡嗡的电流声，会录进课里。"
    }
    /// Hint of [`mic_hum`].
    mic_hum_hint() {
        en: "Move the audio cable away from power cables and plug it in firmly; if it stays, try another socket or another cable.",
        zh: "让音频线离电源线远一点、插紧；还有声音，换个插座或换根音频线。"
    }
}
