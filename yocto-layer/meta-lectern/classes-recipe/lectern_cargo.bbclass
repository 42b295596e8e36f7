# Builds packages of Lectern's own workspace, without a network, from the crates
# that do_fetch brought. The compiler is meta-rust-bin's; that layer's class would
# let cargo fetch while it compiles, and install whatever it finds.

inherit cargo_bin pkgconfig

# The packages of the workspace that a recipe builds.
# nooelint: oelint.vars.mispell.unknown - this class brings it
LECTERN_PACKAGES ?= "${BPN}"

# Paths of the build machine belong into no binary.
# nooelint: oelint.vars.mispell - of meta-rust-bin
EXTRA_RUSTFLAGS += "--remap-path-prefix=${WORKDIR}=${TARGET_DBGSRC_DIR}"
# --frozen: neither the network nor another Cargo.lock.
# nooelint: oelint.vars.mispell - of meta-rust-bin
EXTRA_CARGO_FLAGS += "--frozen ${@' '.join('--package ' + p for p in d.getVar('LECTERN_PACKAGES').split())} ${PACKAGECONFIG_CONFARGS}"

export CARGO_NET_OFFLINE = "true"

do_configure:append() {
    printf '%s\n' '[source.crates-io]' 'replace-with = "bitbake"' \
        '[source.bitbake]' 'directory = "${CARGO_HOME}/bitbake"' > ${CARGO_HOME}/config.toml
}
