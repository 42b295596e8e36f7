//! The front panel: mistakes in its table.

use std::fmt::Display;

use crate::Text;

messages! {
    /// A light that is not there.
    config_light_absent(name) {
        en: "there is no light `{name}` on this machine",
        zh: "这台机器上没有名为 `{name}` 的灯"
    }
    /// Remedy of [`config_light_absent`].
    config_light_absent_remedy() {
        en: "write a name from /sys/class/leds; a light that comes later is taken up by itself",
        zh: "请写 /sys/class/leds 里有的名称；以后接上的灯会自动启用"
    }
    /// A button that is not there.
    config_button_absent(name) {
        en: "there is no button `{name}` on this machine",
        zh: "这台机器上没有按键 `{name}`"
    }
    /// Remedy of [`config_button_absent`].
    config_button_absent_remedy() {
        en: "write a Name from /proc/bus/input/devices, and `:` with the key's number where it has several keys; a button that comes later is taken up by itself",
        zh: "请写 /proc/bus/input/devices 里的 Name，有多个键的后面加冒号和键码；以后接上的按键会自动启用"
    }
    /// A path in place of a light's name.
    config_light_name(name) { en: "`{name}` is no light's name", zh: "`{name}` 不是灯的名称" }
    /// Remedy of [`config_light_name`].
    config_light_name_remedy() {
        en: "write the name alone, such as \"lectern:red:recording\"",
        zh: "只写名称，不写路径，例如 \"lectern:red:recording\""
    }
    /// Two purposes for one thing.
    config_twice(name) {
        en: "`{name}` has another purpose already",
        zh: "`{name}` 已经有别的用途"
    }
    /// Remedy of [`config_twice`].
    config_twice_remedy() {
        en: "give each light and each key one purpose",
        zh: "一盏灯、一个键只能有一种用途"
    }
}
