FILESEXTRAPATHS:prepend:lectern := "${THISDIR}/files:"

SRC_URI:append:lectern = " file://lectern.cfg"

KMACHINE:lectern-ops ?= "common-pc-64"
COMPATIBLE_MACHINE:lectern-ops = "lectern-ops"
