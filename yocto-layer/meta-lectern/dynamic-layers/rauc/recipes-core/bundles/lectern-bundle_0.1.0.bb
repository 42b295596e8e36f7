# nooelint: oelint.var.mandatoryvar.HOMEPAGE,oelint.var.mandatoryvar.SRC_URI - an image, packed
SUMMARY = "An update of classroom recording boxes"
DESCRIPTION = "A RAUC bundle with lectern-image, signed with RAUC_KEY_FILE and RAUC_CERT_FILE of whoever runs the boxes; the layer has no keys."
LICENSE = "MIT"

inherit bundle

# Only boxes of one kind take it.
# nooelint: oelint.vars.mispell.unknown - of meta-rauc
RAUC_BUNDLE_COMPATIBLE = "${MACHINE}"
# nooelint: oelint.vars.mispell.unknown - of meta-rauc
RAUC_BUNDLE_FORMAT = "verity"

# nooelint: oelint.vars.mispell.unknown - of meta-rauc
RAUC_BUNDLE_SLOTS = "rootfs"
# nooelint: oelint.vars.mispell.unknown - of meta-rauc
RAUC_SLOT_rootfs = "lectern-image"
# nooelint: oelint.vars.mispell.unknown - of meta-rauc
RAUC_SLOT_rootfs[fstype] = "ext4"
# nooelint: oelint.vars.mispell.unknown - of meta-rauc
RAUC_SLOT_rootfs[adaptive] = "block-hash-index"
