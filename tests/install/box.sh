# A box in a container with systemd of its own, alone with the platform on a
# network without IPv4. Sourced by .ci/test-install; needs root.
#
# Everything lies below $work; namespaces, mounts and processes go with the
# program that made them.

say() { echo "== $*" >&2; }
die() { echo "FAILED: $*" >&2; inside journalctl -u 'lectern*' -n 40 --no-pager -o short >&2 || true; exit 1; }

# A base system with what the package depends on: made once, kept in $work/base.
make_base() {
    [ -e "$work/base/.whole" ] && return
    say "making a base system (once)"
    rm -rf "$work/base"
    debootstrap --variant=minbase \
        --include=systemd,systemd-sysv,dbus,udev,iproute2,ca-certificates,procps,debconf-utils \
        bookworm "$work/base" >"$work/debootstrap.log"
    echo "deb http://deb.debian.org/debian bookworm main" >"$work/base/etc/apt/sources.list"
    cp /etc/resolv.conf "$work/base/etc/resolv.conf"
    # Nothing of it is started while it is installed from outside.
    printf '#!/bin/sh\nexit 101\n' >"$work/base/usr/sbin/policy-rc.d"
    chmod +x "$work/base/usr/sbin/policy-rc.d"
    mount -t proc proc "$work/base/proc"
    local depends
    depends=$(dpkg-deb -f "$deb" Depends | sed -e 's/([^)]*)//g' -e 's/|[^,]*//g' -e 's/,/ /g')
    # shellcheck disable=SC2086
    DEBIAN_FRONTEND=noninteractive chroot "$work/base" sh -c \
        "apt-get update -qq && apt-get install -y -qq --no-install-recommends systemd-timesyncd $(echo $depends)" \
        >"$work/apt.log" 2>&1
    umount "$work/base/proc"
    rm "$work/base/usr/sbin/policy-rc.d"
    touch "$work/base/.whole"
}

# The platform's end and the box's end of a cable.
lay_cable() {
    ip netns add "$platform_net"
    ip netns add "$box_net"
    ip link add name lec-plat type veth peer name host0
    ip link set lec-plat netns "$platform_net"
    ip link set host0 netns "$box_net"
    for net in "$platform_net" "$box_net"; do ip -n "$net" link set lo up; done
    ip -n "$platform_net" addr add fd00:1ec::1/64 dev lec-plat nodad
    ip -n "$box_net" addr add fd00:1ec::2/64 dev host0 nodad
    ip -n "$platform_net" link set lec-plat up
    ip -n "$box_net" link set host0 up
}

# Two other uplinks, over IPv4, which lead nowhere; and both taken away.
lay_uplinks() {
    local link net=1
    for link in eth0 wwan0; do
        ip -n "$box_net" link add "$link" type veth peer name "$link-far"
        ip -n "$box_net" link set "$link-far" up
        ip -n "$box_net" addr add "10.9.$net.2/24" dev "$link"
        ip -n "$box_net" link set "$link" up
        ip -n "$box_net" route add default via "10.9.$net.1" dev "$link" metric "${net}00"
        net=$((net + 1))
    done
}
take_uplinks() {
    local link
    for link in eth0 wwan0; do ip -n "$box_net" link del "$link"; done
}

start_platform() {
    rm -rf "$work/platform"
    mkdir -p "$work/platform/recorded"
    chmod 0777 "$work/platform/recorded"
    cat >"$work/platform/nginx.conf" <<END
load_module /usr/lib/nginx/modules/ngx_rtmp_module.so;
daemon off; worker_processes 1; pid $work/platform/pid; error_log $work/platform/error.log;
events { worker_connections 64; }
rtmp { server { listen [::]:1935 ipv6only=on; application live {
    live on; record all; record_path $work/platform/recorded; record_unique on;
} } }
END
    ip netns exec "$platform_net" nginx -c "$work/platform/nginx.conf" &
    platform=$!
}

# A fresh root over the base.
new_root() {
    rm -rf "$work/changes" "$work/overlay" "$work/var"
    mkdir -p "$work/changes" "$work/overlay" "$work/box"
    mount -t overlay overlay -o "lowerdir=$work/base,upperdir=$work/changes,workdir=$work/overlay" "$work/box"
}

# Switches the box on, and waits until systemd has finished; with further options
# for systemd-nspawn.
boot() {
    # Begun in its network: given as an option, /sys shows that of this machine.
    nsenter --net="/run/netns/$box_net" \
        systemd-nspawn --quiet --register=no --keep-unit --boot --directory="$work/box" --hostname=box \
        --capability=CAP_NET_ADMIN,CAP_SYS_RAWIO --resolv-conf=off --console=pipe --kill-signal=SIGRTMIN+3 \
        "$@" </dev/null >>"$work/console.log" 2>&1 &
    nspawn=$!
    within 60 "the container starts" eval '[ -n "$(pgrep -P "$nspawn" -x systemd)" ]'
    leader=$(pgrep -P "$nspawn" -x systemd)
    within 120 "systemd is up" is_up
}

is_up() {
    case $(inside systemctl is-system-running 2>/dev/null) in running | degraded) ;; *) return 1 ;; esac
}

# Switches it off in order.
halt() {
    kill -s RTMIN+4 "$leader"
    within 60 "the container ends" eval '! kill -0 "$nspawn" 2>/dev/null'
    wait "$nspawn" || true
    leader=''
}

# Something done inside, as root.
inside() {
    nsenter -t "$leader" -m -u -i -n -p -C \
        env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin LANG=C.UTF-8 "$@"
}

# Waits for a condition: seconds, what for, and the command that tells.
within() {
    local limit=$1 what=$2 begun=$SECONDS
    shift 2
    until "$@"; do
        [ $((SECONDS - begun)) -lt "$limit" ] || die "not within $limit s: $what"
        sleep 0.5
    done
    waited=$((SECONDS - begun))
}

# The daemon's number inside, and outside.
daemon() { inside systemctl show -P MainPID lecternd.service; }
daemon_outside() {
    local pid
    for pid in $(pgrep -x lecternd); do
        grep -q "^NSpid:.*[[:space:]]$1\$" "/proc/$pid/status" && echo "$pid" && return
    done
}

status() { inside lecternctl --json status | tr -d ' \n'; }
records() { status | grep -q '"lesson":{.*"state":"on_air"'; }
is_idle() { status | grep -q '"lesson":null'; }
is_another_daemon() { local now; now=$(daemon); [ "$now" != 0 ] && [ "$now" != "$1" ]; }

# Bytes that the platform has of the broadcast.
received() { find "$work/platform/recorded" -type f -printf '%s\n' | awk '{ n += $1 } END { print n + 0 }'; }
receives_more_than() { [ "$(received)" -gt "$1" ]; }

# Everything of the root but what every system writes by itself.
listing() {
    inside find / -xdev \( -path /proc -o -path /sys -o -path /run -o -path /dev -o -path /tmp -o -path /root \
        -o -path /var/cache/apt -o -path /var/cache/debconf -o -path /var/cache/ldconfig -o -path /var/lib/apt \
        -o -path /var/lib/dpkg -o -path /var/log -o -path /var/tmp -o -path /var/lib/systemd/timesync \) -prune \
        -o -print | sort
}

sweep() {
    local done=$?
    set +e
    if [ -n "${leader:-}" ]; then kill -s RTMIN+4 "$leader"; sleep 3; fi
    for pid in "${nspawn:-}" "${platform:-}" "${freezer:-}"; do [ -n "$pid" ] && kill "$pid" 2>/dev/null; done
    sleep 1
    mountpoint -q "$work/base/proc" && umount "$work/base/proc"
    mountpoint -q "$work/box" && umount -R "$work/box"
    ip netns del "$platform_net" 2>/dev/null
    ip netns del "$box_net" 2>/dev/null
    [ -n "${LECTERN_KEEP:-}" ] || rm -rf "$work/box" "$work/changes" "$work/overlay" "$work/platform" "$work/var"
    exit "$done"
}
