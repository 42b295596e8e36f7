SUMMARY = "What a classroom recording box needs"
DESCRIPTION = "The daemon, its command line, letters for its slates and the tools that a technician takes to a box."

# Kernel modules are not for every machine.
PACKAGE_ARCH = "${MACHINE_ARCH}"

inherit features_check packagegroup

# As lecternd.
REQUIRED_DISTRO_FEATURES = "systemd"
EXCLUDE_FROM_WORLD = "1"

PACKAGES = "${PN} ${PN}-tools"

RDEPENDS:${PN} = " \
    lecternctl \
    lecternd \
    source-han-sans-cn-fonts \
"
RDEPENDS:${PN}-tools = " \
    alsa-utils-amixer \
    ethtool \
    gst-plugin-lectern \
    gstreamer1.0 \
    usbutils \
    v4l-utils \
"

RRECOMMENDS:${PN} = " \
    kernel-module-ledtrig-timer \
    kernel-module-snd-usb-audio \
    kernel-module-uvcvideo \
"
