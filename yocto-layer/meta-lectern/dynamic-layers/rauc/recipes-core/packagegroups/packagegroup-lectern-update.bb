SUMMARY = "Updates of a classroom recording box"
DESCRIPTION = "RAUC with the box's two slots, and what counts tries in its boot loader."

PACKAGE_ARCH = "${MACHINE_ARCH}"

inherit packagegroup

RDEPENDS:${PN} = " \
    rauc \
    rauc-conf \
    rauc-mark-good \
    rauc-service \
"
RDEPENDS:${PN}:append:lectern-ops = " grub-editenv"
RDEPENDS:${PN}:append:lectern-rk3588 = " u-boot-fw-utils"
