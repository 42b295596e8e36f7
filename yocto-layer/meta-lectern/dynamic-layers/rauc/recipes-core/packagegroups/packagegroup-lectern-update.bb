SUMMARY = "Updates of a classroom recording box"
DESCRIPTION = "RAUC with the box's two slots; what counts tries in its boot loader is the machine's."

PACKAGE_ARCH = "${MACHINE_ARCH}"

inherit packagegroup

RDEPENDS:${PN} = " \
    rauc \
    rauc-conf \
    rauc-mark-good \
    rauc-service \
"
