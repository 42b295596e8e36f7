FILESEXTRAPATHS:prepend:lectern := "${THISDIR}/files:"

SRC_URI:append:lectern = " file://mark-good-when-healthy.conf"

do_install:append:lectern() {
    install -D -m 0644 ${WORKDIR}/mark-good-when-healthy.conf \
        ${D}${systemd_system_unitdir}/rauc-mark-good.service.d/lectern.conf
}

FILES:${PN}-mark-good:append:lectern = " ${systemd_system_unitdir}/rauc-mark-good.service.d"
