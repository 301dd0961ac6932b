# Sourced after bootstrap.sh by ./demo and ./test: makes sure of a container engine, its images, and what tests need.
# POSIX sh. As root on a Debian-like system missing parts are installed; otherwise one line says what to do.

engine_answers() { python -c 'from grader.adapters.docker_sandbox.engine import connect; connect()' 2>/dev/null; }

# A container engine, and the image that submissions run in.
need_engine() {
    engine_answers || start_engine
    python -m grader sandbox build >/dev/null && return 0
    # No registry to pull from, and the engine came without us: the base is then made with mmdebstrap.
    if command -v mmdebstrap >/dev/null 2>&1 || ! can_install; then exit 3; fi
    install_packages mmdebstrap && python -m grader sandbox build >/dev/null || exit 3
}

start_engine() {
    [ -z "${DOCKER_HOST:-}" ] || stop "no container engine answers at DOCKER_HOST=$DOCKER_HOST" "start it, or unset DOCKER_HOST"
    if [ "$(id -u)" != 0 ]; then
        [ -S /var/run/docker.sock ] && stop "you may not use the container engine" "sudo usermod -aG docker $(id -un), then log in again"
        stop "no container engine answers" "sudo apt-get install docker.io"
    fi
    if ! command -v dockerd >/dev/null 2>&1; then
        can_install || stop "no container engine is installed" "your system's package manager, package docker"
        install_packages docker.io mmdebstrap || stop "docker.io could not be installed" "apt-get install docker.io"
    fi
    engine_answers && return 0
    if [ -d /run/systemd/system ]; then
        systemctl start docker || stop "the container engine does not start" "systemctl status docker"
    else
        start_dockerd
    fi
    wait_for_engine
}

# Without an init system: in the background, outliving this script. Sandboxes need no network, so it gets none to set up;
# but `--bridge=none` removes a docker0 that is there, which may be another engine's.
start_dockerd() {
    say "grader: starting dockerd in the background (log: /var/log/grader-dockerd.log)"
    if ! grep -q ' /sys/fs/cgroup' /proc/self/mounts; then
        mount -t cgroup2 cgroup2 /sys/fs/cgroup 2>/dev/null || true
    fi
    network="--bridge=none --iptables=false --ip6tables=false"
    [ ! -e /sys/class/net/docker0 ] || network=""
    # shellcheck disable=SC2086 - several options or none
    setsid dockerd $network >/var/log/grader-dockerd.log 2>&1 </dev/null &
}

wait_for_engine() {
    tries=0
    until engine_answers; do
        tries=$((tries + 1))
        [ "$tries" -lt 60 ] || stop "the container engine does not start" "tail /var/log/grader-dockerd.log"
        sleep 0.5
    done
}

has_postgres() { command -v pg_ctl || ls /usr/lib/postgresql/*/bin/pg_ctl; }
# A browser, and the driver of Playwright, which is a Node.js of its own that needs libatomic.
has_browser() {
    { command -v chromium || command -v chromium-browser || command -v google-chrome; } && python -m playwright --version
}
has_node() { command -v node && command -v npm; }

# need_part NAME PACKAGE...: what marked tests need. Only a part that GRADER_REQUIRE names must be had.
need_part() {
    part=$1
    shift
    "has_$part" >/dev/null 2>&1 && return 0
    if can_install && install_packages "$@" && "has_$part" >/dev/null 2>&1; then return 0; fi
    case ",${GRADER_REQUIRE:-}," in
    *",$part,"*) stop "the tests marked $part need $*" "apt-get install $*" ;;
    esac
    say "grader: the tests marked $part are skipped, for they need $*"
}

# What the whole suite needs; with GRADER_REQUIRE only what it names, as root everything, else what is there.
need_parts() {
    wanted=${GRADER_REQUIRE:-}
    [ -n "$wanted" ] || ! can_install || wanted=docker,postgres,browser,node
    for name in $(printf '%s' "$wanted" | tr ',' ' '); do
        case $name in
        docker) need_engine ;;
        postgres) need_part postgres postgresql ;;
        browser) need_part browser chromium libatomic1 ;;
        node) need_part node nodejs npm ;;
        *) stop "GRADER_REQUIRE names $name, which is no part" "GRADER_REQUIRE=docker,postgres,browser,node" ;;
        esac
    done
}
