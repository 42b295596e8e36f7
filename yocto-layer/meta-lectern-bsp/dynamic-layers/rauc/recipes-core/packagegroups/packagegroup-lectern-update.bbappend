RDEPENDS:${PN}:append:lectern-ops = " grub-editenv"
RDEPENDS:${PN}:append:lectern-rk3588 = " u-boot-fw-utils"
