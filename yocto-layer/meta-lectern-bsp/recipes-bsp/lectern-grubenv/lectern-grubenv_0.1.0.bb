# nooelint: oelint.var.mandatoryvar.HOMEPAGE,oelint.var.mandatoryvar.SRC_URI - made here, of nothing
SUMMARY = "GRUB's memory of which slot it tried"
DESCRIPTION = "The first grubenv of a box: both slots are good and none was tried."
LICENSE = "MIT"
# nooelint: oelint.var.licenseremotefile - made here
LIC_FILES_CHKSUM = "file://${COREBASE}/meta/COPYING.MIT;md5=3da9cfbcb788c80a0384361b4de20420"

INHIBIT_DEFAULT_DEPS = "1"

inherit allarch deploy nopackages

do_compile() {
    # GRUB takes a block of exactly 1024 bytes, filled up with '#'.
    printf '# GRUB Environment Block\nORDER=A B\nA_OK=1\nA_TRY=0\nB_OK=1\nB_TRY=0\n' > ${B}/grubenv
    used=$(stat -c %s ${B}/grubenv)
    printf '%*s' $(expr 1024 - $used) '' | tr ' ' '#' >> ${B}/grubenv
}

do_deploy() {
    install -m 0644 ${B}/grubenv ${DEPLOYDIR}/grubenv
}
addtask deploy after do_compile before do_build
