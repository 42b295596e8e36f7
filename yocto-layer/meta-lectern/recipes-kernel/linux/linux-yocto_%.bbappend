FILESEXTRAPATHS:prepend:lectern := "${THISDIR}/files:"

SRC_URI:append:lectern = " file://lectern.cfg"
