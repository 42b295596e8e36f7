# nooelint: oelint.var.mandatoryvar.HOMEPAGE - the project has no page beside its tree
SUMMARY = "GStreamer elements of the classroom recording box"
DESCRIPTION = "Guards of picture and sound, marks to measure delay with and a test classroom, for gst-launch-1.0 and other programs. The daemon has them built in and does not need this package."

LICENSE = "MIT | Apache-2.0"

DEPENDS = "glib-2.0 gstreamer1.0 gstreamer1.0-plugins-base"

require lectern.inc

do_install() {
    install -D -m 0644 ${CARGO_BINDIR}/libgstlectern.so ${D}${libdir}/gstreamer-1.0/libgstlectern.so
}

FILES:${PN} += "${libdir}/gstreamer-1.0/libgstlectern.so"
RDEPENDS:${PN} += "gstreamer1.0"
