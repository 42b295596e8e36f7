FILESEXTRAPATHS:prepend:lectern := "${THISDIR}/files:"

SRC_URI:append:lectern = " file://mark-good-when-healthy.conf"
SRC_URI:append:lectern-ops = " file://efi.mount"

do_install:append:lectern() {
    install -D -m 0644 ${WORKDIR}/mark-good-when-healthy.conf \
        ${D}${systemd_system_unitdir}/rauc-mark-good.service.d/lectern.conf
}

do_install:append:lectern-ops() {
    install -d ${D}/efi
    install -m 0644 ${WORKDIR}/efi.mount ${D}${systemd_system_unitdir}/efi.mount
}

FILES:${PN}-mark-good:append:lectern = " ${systemd_system_unitdir}/rauc-mark-good.service.d"
FILES:${PN}-mark-good:append:lectern-ops = " /efi ${systemd_system_unitdir}/efi.mount"
SYSTEMD_SERVICE:${PN}-mark-good:append:lectern-ops = " efi.mount"
