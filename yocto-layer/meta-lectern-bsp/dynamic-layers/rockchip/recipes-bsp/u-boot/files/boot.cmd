# Starts the first slot in BOOT_ORDER that has tries left, as RAUC's U-Boot
# backend counts them. `rauc status mark-good` fills them up again once
# lectern-healthy.service has seen the box work.

test -n "${BOOT_ORDER}" || setenv BOOT_ORDER "A B"
test -n "${BOOT_A_LEFT}" || setenv BOOT_A_LEFT 3
test -n "${BOOT_B_LEFT}" || setenv BOOT_B_LEFT 3

setenv slot
for candidate in ${BOOT_ORDER}; do
    if test -n "${slot}"; then
        true
    elif test "${candidate}" = "A" && test ${BOOT_A_LEFT} -gt 0; then
        setexpr BOOT_A_LEFT ${BOOT_A_LEFT} - 1
        setenv slot A
        setenv label rootfs-a
    elif test "${candidate}" = "B" && test ${BOOT_B_LEFT} -gt 0; then
        setexpr BOOT_B_LEFT ${BOOT_B_LEFT} - 1
        setenv slot B
        setenv label rootfs-b
    fi
done

# Both were tried in vain: a box that stands still helps nobody, so once more.
if test -z "${slot}"; then
    setenv BOOT_A_LEFT 3
    setenv BOOT_B_LEFT 3
    saveenv
    reset
fi
saveenv

part number ${devtype} ${devnum} ${label} partition
setenv bootargs "root=PARTLABEL=${label} ro rootwait rootfstype=ext4 rauc.slot=${slot} panic=10 console=ttyS2,1500000n8 console=tty1"
load ${devtype} ${devnum}:${partition} ${kernel_addr_r} /boot/fitImage && bootm ${kernel_addr_r}
reset
