FILESEXTRAPATHS:prepend:lectern-rk3588 := "${THISDIR}/files:"

DEPENDS:append:lectern-rk3588 = " u-boot-tools-native"
SRC_URI:append:lectern-rk3588 = " file://boot.cmd file://slots.cfg"

do_compile:append:lectern-rk3588() {
    mkimage -A ${UBOOT_ARCH} -T script -C none -n "Lectern slots" -d ${WORKDIR}/boot.cmd ${B}/boot.scr
}

do_deploy:append:lectern-rk3588() {
    install -m 0644 ${B}/boot.scr ${DEPLOYDIR}/boot.scr
}
