# nooelint: oelint.var.mandatoryvar.HOMEPAGE - the project has no page beside its tree
SUMMARY = "Where a box with a read-only root keeps what it must keep"
DESCRIPTION = "Mounts the data partition and puts lessons, keys, settings and the journal there; lets it grow over the rest of the disk."
SECTION = "base"
LICENSE = "MIT"
# nooelint: oelint.var.licenseremotefile - a few units, written for this recipe
LIC_FILES_CHKSUM = "file://${COREBASE}/meta/COPYING.MIT;md5=3da9cfbcb788c80a0384361b4de20420"

SRC_URI = " \
    file://data.conf.in \
    file://data.mount \
    file://fallback-dns.conf \
    file://lectern-data \
    file://lectern-data.service \
    file://needs-data.conf \
    file://var-lib.mount \
    file://var-log-journal.mount \
"

S = "${WORKDIR}"

inherit features_check systemd

REQUIRED_DISTRO_FEATURES = "overlayfs systemd"

# The partition's type is the machine's.
PACKAGE_ARCH = "${MACHINE_ARCH}"

LECTERN_DATA_TYPE ??= "linux-generic"

SYSTEMD_SERVICE:${PN} = "data.mount var-lib.mount var-log-journal.mount"

do_install() {
    install -d ${D}${systemd_system_unitdir}
    for unit in data.mount lectern-data.service var-lib.mount var-log-journal.mount; do
        install -m 0644 ${S}/$unit ${D}${systemd_system_unitdir}/
    done
    install -D -m 0755 ${S}/lectern-data ${D}${libexecdir}/lectern/lectern-data
    install -D -m 0644 ${S}/fallback-dns.conf ${D}${nonarch_libdir}/systemd/resolved.conf.d/lectern.conf
    install -D -m 0644 ${S}/needs-data.conf ${D}${systemd_system_unitdir}/lecternd.service.d/needs-data.conf
    install -D -m 0644 ${S}/needs-data.conf ${D}${systemd_system_unitdir}/lectern-setup.service.d/needs-data.conf

    install -d ${D}${nonarch_libdir}/repart.d
    sed -e 's/@TYPE@/${LECTERN_DATA_TYPE}/' ${S}/data.conf.in > ${D}${nonarch_libdir}/repart.d/50-lectern-data.conf

    # What is mounted upon has to be there: the root cannot be written to.
    install -d ${D}/data ${D}${localstatedir}/log/journal
}

FILES:${PN} += "/data \
    ${localstatedir}/log/journal \
    ${nonarch_libdir} \
    ${systemd_system_unitdir} \
"

RDEPENDS:${PN} += "e2fsprogs-e2fsck e2fsprogs-resize2fs util-linux-mount"
