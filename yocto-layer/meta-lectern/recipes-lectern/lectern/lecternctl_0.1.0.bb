# nooelint: oelint.var.mandatoryvar.HOMEPAGE - the project has no page beside its tree
SUMMARY = "The command line of the classroom recording box"
DESCRIPTION = "Shows what a box does and what is wrong with it, starts and ends lessons, checks that recordings are whole, and reads the disk of a dead box."

LICENSE = "(MIT | Apache-2.0) & Apache-2.0 & BSD-3-Clause & ISC & Unicode-3.0 & Zlib"

DEPENDS = "openssl"

require lectern.inc

do_install() {
    install -D -m 0755 ${CARGO_BINDIR}/lecternctl ${D}${bindir}/lecternctl
}

RDEPENDS:${PN} += "ca-certificates tzdata"
