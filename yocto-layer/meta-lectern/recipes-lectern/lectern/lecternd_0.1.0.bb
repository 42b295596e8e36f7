# nooelint: oelint.var.mandatoryvar.HOMEPAGE - the project has no page beside its tree
SUMMARY = "The daemon of the classroom recording box"
DESCRIPTION = "Captures camera, board and microphone, records every lesson, broadcasts it live and brings it to archives; with the helper that does what needs root, and the units of both."

# What is linked in: gst-plugin-fmp4 is MPL-2.0, crates of Unicode, cryptography and TLS have their own.
LICENSE = "(MIT | Apache-2.0) & Apache-2.0 & BSD-3-Clause & ISC & MPL-2.0 & Unicode-3.0 & Zlib"

DEPENDS = "glib-2.0 gstreamer1.0 gstreamer1.0-plugins-base openssl"

require lectern.inc

SRC_URI += "file://docs/design/install.md;subdir=${BP} \
            file://docs/reference/config.md;subdir=${BP} \
            file://docs/reference/doctor.md;subdir=${BP} \
            file://systemd;subdir=${BP}"

inherit features_check systemd useradd

REQUIRED_DISTRO_FEATURES = "systemd"
# Its codecs are built only where LICENSE_FLAGS_ACCEPTED says so.
EXCLUDE_FROM_WORLD = "1"

# nooelint: oelint.vars.mispell.unknown - of lectern_cargo.bbclass
LECTERN_PACKAGES = "lecternd lectern-helper"

# The packages have no cargo features: what is wanted is chosen while the daemon
# runs, among the elements that are there. So a switch here brings elements. One
# that maps to a feature would name it in its first field, `--features PACKAGE/NAME`.
PACKAGECONFIG ??= "alsa h264 rtmp rtsp smart srt x264 ${@bb.utils.filter('DISTRO_FEATURES', 'pulseaudio x11', d)}"
PACKAGECONFIG[alsa] = ",,,gstreamer1.0-plugins-base-alsa"
PACKAGECONFIG[file] = ",,,gstreamer1.0-plugins-good-isomp4 gstreamer1.0-plugins-good-matroska"
PACKAGECONFIG[h264] = ",,,gstreamer1.0-libav"
PACKAGECONFIG[openh264] = ",,,gstreamer1.0-plugins-bad-openh264"
PACKAGECONFIG[pipewire] = ",,,gstreamer1.0-pipewire"
PACKAGECONFIG[pulseaudio] = ",,,gstreamer1.0-plugins-good-pulseaudio"
PACKAGECONFIG[rtmp] = ",,,gstreamer1.0-plugins-bad-rtmp2 gstreamer1.0-plugins-good-flv"
PACKAGECONFIG[rtsp] = ",,,gstreamer1.0-plugins-good-alaw gstreamer1.0-plugins-good-mulaw gstreamer1.0-plugins-good-rtp gstreamer1.0-plugins-good-rtpmanager gstreamer1.0-plugins-good-rtsp gstreamer1.0-plugins-good-udp"
PACKAGECONFIG[smart] = ",,,smartmontools"
PACKAGECONFIG[srt] = ",,,gstreamer1.0-plugins-bad-mpegtsmux gstreamer1.0-plugins-bad-srt"
PACKAGECONFIG[va] = ",,,gstreamer1.0-plugins-bad-va"
PACKAGECONFIG[x11] = ",,,gstreamer1.0-plugins-good-ximagesrc libx11"
PACKAGECONFIG[x264] = ",,,gstreamer1.0-plugins-ugly-x264"

do_install() {
    install -D -m 0755 ${CARGO_BINDIR}/lecternd ${D}${bindir}/lecternd
    install -D -m 0755 ${CARGO_BINDIR}/lectern-helper ${D}${libexecdir}/lectern/lectern-helper

    install -d ${D}${systemd_system_unitdir}
    for unit in ${S}/systemd/*.service ${S}/systemd/*.socket ${S}/systemd/*.timer; do
        case $unit in
        # It waits for the end of a lesson after an upgrade by apt; a slot is upgraded by a restart.
        */lecternd-restart.service) ;;
        *) install -m 0644 "$unit" ${D}${systemd_system_unitdir}/ ;;
        esac
    done
    install -D -m 0755 ${S}/systemd/lectern-setup ${D}${libexecdir}/lectern/lectern-setup
    install -D -m 0755 ${S}/systemd/lectern-move ${D}${sbindir}/lectern-move
    install -D -m 0644 ${S}/systemd/lectern.toml ${D}${datadir}/lectern/lectern.toml
    install -D -m 0644 ${S}/systemd/70-lectern.rules ${D}${nonarch_base_libdir}/udev/rules.d/70-lectern.rules
    install -D -m 0644 ${S}/systemd/lectern.sysusers ${D}${nonarch_libdir}/sysusers.d/lectern.conf
    install -D -m 0644 ${S}/systemd/lectern.tmpfiles ${D}${nonarch_libdir}/tmpfiles.d/lectern.conf
    for what in journald system timesyncd; do
        install -D -m 0644 ${S}/systemd/$what.conf ${D}${nonarch_libdir}/systemd/$what.conf.d/lectern.conf
    done

    install -d ${D}${docdir}/lectern
    install -m 0644 ${S}/docs/design/install.md ${S}/docs/reference/*.md ${D}${docdir}/lectern/
}

# The user that lectern.sysusers names: with a read-only root it is made here.
USERADD_PACKAGES = "${PN}"
GROUPADD_PARAM:${PN} = "--system lectern; --system render"
USERADD_PARAM:${PN} = "--system --home-dir ${localstatedir}/lib/lectern --no-create-home --shell ${sbindir}/nologin --gid lectern --groups audio,dialout,render,video lectern"

SYSTEMD_SERVICE:${PN} = "lecternd.service lectern-helper.socket lectern-healthy.service lectern-setup.service"

# What the units call documentation.
FILES:${PN}-doc += "${docdir}/lectern"
FILES:${PN} += "${datadir}/lectern \
                ${nonarch_base_libdir}/udev \
                ${nonarch_libdir}/systemd \
                ${nonarch_libdir}/sysusers.d \
                ${nonarch_libdir}/tmpfiles.d \
                ${systemd_system_unitdir}"

# Elements that every lesson needs; those of inputs and targets are switches above.
RDEPENDS:${PN} = " \
    ca-certificates \
    gstreamer1.0 \
    gstreamer1.0-plugins-bad-videoparsersbad \
    gstreamer1.0-plugins-base-app \
    gstreamer1.0-plugins-base-audioconvert \
    gstreamer1.0-plugins-base-audiomixer \
    gstreamer1.0-plugins-base-audioresample \
    gstreamer1.0-plugins-base-audiotestsrc \
    gstreamer1.0-plugins-base-compositor \
    gstreamer1.0-plugins-base-pango \
    gstreamer1.0-plugins-base-playback \
    gstreamer1.0-plugins-base-typefindfunctions \
    gstreamer1.0-plugins-base-videoconvertscale \
    gstreamer1.0-plugins-base-videotestsrc \
    gstreamer1.0-plugins-base-volume \
    gstreamer1.0-plugins-good-audioparsers \
    gstreamer1.0-plugins-good-imagefreeze \
    gstreamer1.0-plugins-good-jpeg \
    gstreamer1.0-plugins-good-level \
    gstreamer1.0-plugins-good-video4linux2 \
    iproute2-ip \
    lecternctl \
    tzdata \
"
