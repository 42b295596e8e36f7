"""A camera on the network: an H.264 file, encoded beforehand, over and over.

Usage: camera.py FILE. Says the port it was given on standard output.
Nothing is encoded here, so that the camera takes next to nothing of the
machine that is measured.
"""

import sys

import gi

gi.require_version("Gst", "1.0")
gi.require_version("GstRtspServer", "1.0")
from gi.repository import GLib, Gst, GstRtspServer

Gst.init(None)
factory = GstRtspServer.RTSPMediaFactory()
factory.set_launch(
    f'( multifilesrc location="{sys.argv[1]}" loop=true '
    'caps="video/x-h264,stream-format=byte-stream,alignment=au,framerate=25/1" ! '
    "h264parse ! clocksync ! rtph264pay name=pay0 pt=96 config-interval=1 )"
)
server = GstRtspServer.RTSPServer()
server.set_address("127.0.0.1")
server.set_service("0")
server.get_mount_points().add_factory("/camera", factory)
server.attach(None)
print(server.get_bound_port(), flush=True)
GLib.MainLoop().run()
