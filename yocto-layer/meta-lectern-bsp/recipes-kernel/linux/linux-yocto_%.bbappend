FILESEXTRAPATHS:prepend:lectern-ops := "${THISDIR}/files:"

SRC_URI:append:lectern-ops = " file://ops.cfg"

KMACHINE:lectern-ops ?= "common-pc-64"
COMPATIBLE_MACHINE:lectern-ops = "lectern-ops"
