# system.conf, with its slots, is the machine's.
PACKAGE_ARCH:lectern = "${MACHINE_ARCH}"

do_install:prepend:lectern() {
    # With the example's certificate anybody who has its key could update a box.
    case "${RAUC_KEYRING_FILE}" in
    /*) ;;
    *) bbfatal "RAUC_KEYRING_FILE is not set: give the path of the certificates whose updates a box shall take" ;;
    esac
}

do_install:append:lectern() {
    sed -i -e 's!@MACHINE@!${MACHINE}!' ${D}${sysconfdir}/rauc/system.conf
    # By the name that system.conf has, whatever it was called.
    mv ${D}${sysconfdir}/rauc/${@os.path.basename(d.getVar('RAUC_KEYRING_FILE'))} ${D}${sysconfdir}/rauc/keyring.pem
}
