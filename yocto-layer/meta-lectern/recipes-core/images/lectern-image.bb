SUMMARY = "The whole classroom recording box"
DESCRIPTION = "A root that is never written to, in two slots where RAUC is there, and a partition for lessons, keys and settings that updates leave alone."
LICENSE = "MIT"

inherit core-image

# No password and no login: what a box is told comes through its broker and its
# stick. lectern-login adds one by key.
IMAGE_FEATURES += "overlayfs-etc read-only-rootfs"

IMAGE_INSTALL:append = " \
    kernel-image \
    lectern-system \
    packagegroup-lectern \
    packagegroup-lectern-tools \
    ${@bb.utils.contains('DISTRO_FEATURES', 'rauc', 'packagegroup-lectern-update', '', d)} \
"
IMAGE_LINGUAS = "en-us zh-cn"

# RAUC's adaptive updates compare blocks of 4 KiB.
IMAGE_ROOTFS_ALIGNMENT = "4"
# nooelint: oelint.vars.specific - so image_types.bbclass wants it
EXTRA_IMAGECMD:ext4 = "-i 4096 -b 4096"
# The grown root is one slot; a slot of another size would not take an update.
IMAGE_OVERHEAD_FACTOR = "1.0"
IMAGE_ROOTFS_EXTRA_SPACE = "0"
