# Sourced by ./demo and ./test: finds Python, makes .venv from the hashed lock. POSIX sh.
# On return $root is the project's root and .venv/bin is first on PATH.

say() { printf '%s\n' "$*" >&2; }
stop() { say "grader: $1; mend it with: $2"; exit 3; }

find_python() {
    for python in python3.13 python3.12 python3.11 python3; do
        if command -v "$python" >/dev/null 2>&1 &&
            "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            return 0
        fi
    done
    stop "Python 3.11 or newer is needed" "apt-get install python3"
}

make_environment() {
    lock=$root/requirements.lock
    stamp=$root/.venv/.lock-digest
    wanted=$(cat "$lock" "$root/pyproject.toml" | sha256sum)
    [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$wanted" ] && return 0
    say "grader: making .venv (once per lock)"
    if command -v uv >/dev/null 2>&1; then
        uv venv --quiet --clear --python "$python" "$root/.venv" &&
            VIRTUAL_ENV=$root/.venv uv pip sync --quiet --require-hashes "$lock" &&
            VIRTUAL_ENV=$root/.venv uv pip install --quiet --no-deps --editable "$root" ||
            stop "the packages of requirements.lock could not be installed" "check the network, then run this again"
    else
        "$python" -c 'import ensurepip' 2>/dev/null || install_venv
        "$python" -m venv --clear "$root/.venv" &&
            "$root/.venv/bin/pip" install --quiet --require-hashes -r "$lock" &&
            "$root/.venv/bin/pip" install --quiet --no-deps --editable "$root" ||
            stop "the packages of requirements.lock could not be installed" "check the network, then run this again"
    fi
    printf '%s\n' "$wanted" >"$stamp"
}

install_venv() {
    can_install || stop "Python's venv module is missing" "apt-get install python3-venv"
    install_packages python3-venv || stop "python3-venv could not be installed" "apt-get install python3-venv"
}

can_install() { [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; }

# install_packages NAME...: from the distribution, without what it merely recommends.
install_packages() {
    say "grader: installing $*"
    log=$(mktemp)
    if apt_get update >"$log" 2>&1 && apt_get install -y --no-install-recommends "$@" >>"$log" 2>&1; then
        rm -f "$log"
        return 0
    fi
    tail -n 3 "$log" >&2
    rm -f "$log"
    return 1
}

apt_get() { DEBIAN_FRONTEND=noninteractive apt-get -q -o DPkg::Lock::Timeout=300 "$@" </dev/null; }

root=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
command -v git >/dev/null 2>&1 || stop "git is needed" "apt-get install git"
find_python
make_environment
PATH=$root/.venv/bin:$PATH
export PATH
