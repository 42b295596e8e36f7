FILESEXTRAPATHS:prepend:lectern-ops := "${THISDIR}/files:"

SRC_URI:append:lectern-ops = " file://efi.mount"

do_install:append:lectern-ops() {
    install -d ${D}/efi
    install -m 0644 ${WORKDIR}/efi.mount ${D}${systemd_system_unitdir}/efi.mount
}

FILES:${PN}-mark-good:append:lectern-ops = " /efi ${systemd_system_unitdir}/efi.mount"
SYSTEMD_SERVICE:${PN}-mark-good:append:lectern-ops = " efi.mount"
