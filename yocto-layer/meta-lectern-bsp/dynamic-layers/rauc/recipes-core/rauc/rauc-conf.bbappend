FILESEXTRAPATHS:prepend:lectern-ops := "${THISDIR}/files:"
FILESEXTRAPATHS:prepend:lectern-rk3588 := "${THISDIR}/files:"
