"""A voice in the room: speech with a beep at each whole second of wall time.

Argument: the PulseAudio sink to speak into.
"""

import sys
import time

import gi

gi.require_version("Gst", "1.0")
from gi.repository import GLib, GObject, Gst

VOICE = (
    "lecternvoicesrc is-live=false ! audio/x-raw,format=S16LE,rate=48000 ! lecternbeep ! audioconvert "
    "! audio/x-raw,channels=2 ! pulsesink name=sink buffer-time=400000 latency-time=20000"
)
SETTLED_MS = 6000


def main() -> None:
    Gst.init(None)
    pipeline = Gst.parse_launch(VOICE)
    pipeline.get_by_name("sink").set_property("device", sys.argv[1])
    clock = GObject.new(Gst.SystemClock, name="wall", clock_type=Gst.ClockType.REALTIME)
    pipeline.use_clock(clock)
    # Running time is wall time, but for whole seconds.
    pipeline.set_start_time(Gst.CLOCK_TIME_NONE)
    pipeline.set_base_time((int(time.time()) + 2) * Gst.SECOND)
    pipeline.set_state(Gst.State.PLAYING)
    bus = pipeline.get_bus()
    bus.add_signal_watch()
    bus.connect("message::error", lambda _bus, message: sys.exit(str(message.parse_error())))
    # The first beeps find a sound server that is still settling.
    GLib.timeout_add(SETTLED_MS, lambda: print("voice ready", flush=True))
    GLib.MainLoop().run()


main()
