"""An IP camera: H.264 with stamped pictures over RTSP, digest authentication.

Arguments: port, user, password, and a file that says what the camera shows:
"room", "frozen" or "black"; without one it shows the room for ever, stamped. The
stream is at /stream.
"""

import pathlib
import sys

import gi

gi.require_version("Gst", "1.0")
gi.require_version("GstRtsp", "1.0")
gi.require_version("GstRtspServer", "1.0")
from gi.repository import GLib, Gst, GstRtsp, GstRtspServer

PICTURES = (
    "( lecternroomsrc scene=camera ! video/x-raw,width=320,height=180,framerate=25/1 "
    "! lecternstamp preset=wide ! x264enc tune=zerolatency speed-preset=ultrafast "
    "key-int-max=25 bitrate=800 ! rtph264pay name=pay0 pt=96 config-interval=1 )"
)

FORM = "video/x-raw,format=I420,width=320,height=180,framerate=25/1"
SHOWN = ("room", "frozen", "black")
# Of steady quality: one of steady rate goes on to refine a picture that stands still.
FAILING = (
    "( input-selector name=shown sync-streams=false "
    "! x264enc tune=zerolatency speed-preset=ultrafast key-int-max=25 pass=quant quantizer=28 "
    "! rtph264pay name=pay0 pt=96 config-interval=1 "
    f"lecternroomsrc scene=camera ! {FORM} ! queue ! shown.sink_0 "
    f"lecternroomsrc scene=camera is-live=false num-buffers=1 ! {FORM} "
    f"! imagefreeze is-live=true ! {FORM} ! queue ! shown.sink_1 "
    f"videotestsrc pattern=black is-live=true ! {FORM} ! queue ! shown.sink_2 )"
)


def follow(factory: GstRtspServer.RTSPMediaFactory, file: pathlib.Path) -> None:
    """Shows what the file says, looked at ten times a second."""
    selectors = []
    factory.connect(
        "media-configure",
        lambda _, media: selectors.append(media.get_element().get_by_name("shown")),
    )

    def look() -> bool:
        number = SHOWN.index(file.read_text().strip() or "room") if file.exists() else 0
        for selector in selectors:
            selector.set_property("active-pad", selector.get_static_pad(f"sink_{number}"))
        return True

    GLib.timeout_add(100, look)


def main() -> None:
    port, user, password = sys.argv[1:4]
    Gst.init(None)

    token = GstRtspServer.RTSPToken()
    token.set_string("media.factory.role", "viewer")
    auth = GstRtspServer.RTSPAuth()
    auth.set_supported_methods(GstRtsp.RTSPAuthMethod.DIGEST)
    auth.add_digest(user, password, token)

    permissions = GstRtspServer.RTSPPermissions()
    for right in ("media.factory.access", "media.factory.construct"):
        permissions.add_permission_for_role("viewer", right, True)
    factory = GstRtspServer.RTSPMediaFactory()
    if len(sys.argv) > 4:
        factory.set_launch(FAILING)
        follow(factory, pathlib.Path(sys.argv[4]))
    else:
        factory.set_launch(PICTURES)
    factory.set_shared(True)
    factory.set_permissions(permissions)

    server = GstRtspServer.RTSPServer()
    server.set_address("127.0.0.1")
    server.set_service(port)
    server.set_auth(auth)
    server.get_mount_points().add_factory("/stream", factory)
    if server.attach(None) == 0:
        sys.exit(f"port {port} cannot be listened on")
    print("camera ready", flush=True)
    GLib.MainLoop().run()


main()
