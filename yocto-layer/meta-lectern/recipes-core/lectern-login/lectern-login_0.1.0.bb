# nooelint: oelint.var.mandatoryvar.HOMEPAGE - the project has no page beside its tree
SUMMARY = "A technician's login over SSH, by key"
DESCRIPTION = "Lets those in who have one of the keys in LECTERN_AUTHORIZED_KEYS, and nobody by password. An image without this package has no login."
SECTION = "base"
LICENSE = "MIT"
# nooelint: oelint.var.licenseremotefile - one file, written for this recipe
LIC_FILES_CHKSUM = "file://${COREBASE}/meta/COPYING.MIT;md5=3da9cfbcb788c80a0384361b4de20420"

SRC_URI = "file://lectern-login.conf"

S = "${WORKDIR}"

# The path of a file with public keys, as authorized_keys(5) has them.
# nooelint: oelint.vars.mispell.unknown - this recipe brings it
LECTERN_AUTHORIZED_KEYS ??= ""

do_install() {
    if [ -z "${LECTERN_AUTHORIZED_KEYS}" ]; then
        bbfatal "LECTERN_AUTHORIZED_KEYS is not set: give the path of the public keys that may log in"
    fi
    install -D -m 0644 ${S}/lectern-login.conf ${D}${sysconfdir}/ssh/sshd_config.d/lectern-login.conf
    install -D -m 0644 ${LECTERN_AUTHORIZED_KEYS} ${D}${sysconfdir}/ssh/authorized_keys/root
}
do_install[file-checksums] += "${@d.getVar('LECTERN_AUTHORIZED_KEYS') + ':True' if d.getVar('LECTERN_AUTHORIZED_KEYS') else ''}"

RDEPENDS:${PN} = "openssh-sshd"
