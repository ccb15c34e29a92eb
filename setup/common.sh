# Shared by llmchat-deploy and run-tests: messages, logs, privileges, packages. Sourced by bash; $root is the repository.
# shellcheck shell=bash

readonly EXIT_PREREQUISITE=4 # the same code the command line tool uses for it

# Everything here goes to stderr: the tool's own output, perhaps JSON, has stdout for itself.
step() { printf '==> %s\n' "$*" >&2; }
note() { printf '    %s\n' "$*" >&2; }

refuse() {
    printf 'llmchat-deploy: %s\n' "$1" >&2
    shift
    local hint
    for hint in "$@"; do note "$hint"; done
    exit "$EXIT_PREREQUISITE"
}

# must_install WHAT: with LLMCHAT_NO_SETUP=1 say what is missing instead of installing it.
must_install() {
    if [[ ${LLMCHAT_NO_SETUP:-} == 1 ]]; then
        refuse "$1 is missing, and LLMCHAT_NO_SETUP=1 forbids to install it."
    fi
}

# One setup at a time: the second one waits and then finds everything done. The lock is on the folder itself, so it
# leaves no file; it is released by closing the descriptor, which a daemon that we start must not inherit.
lock_setup() {
    exec {setup_lock}<"$root"
    if ! flock --nonblock "$setup_lock"; then
        step "Waiting for another setup that is running here …"
        flock "$setup_lock"
    fi
}

unlock_setup() { exec {setup_lock}<&-; }

# logged HINT COMMAND...: run it silently; on failure show the end of what it said, where the rest is, and the hint.
logged() {
    local hint=$1 log
    shift
    log=$(mktemp "${TMPDIR:-/tmp}/llmchat-setup.XXXXXX.log")
    if "$@" >"$log" 2>&1 </dev/null; then
        rm -f "$log"
        return
    fi
    tail -n 15 "$log" | sed 's/^/    | /' >&2
    refuse "this failed: $*" "The whole log: $log" "$hint"
}

as_root() {
    if ((EUID == 0)); then
        "$@"
    else
        sudo "$@"
    fi
}

need_root() {
    if ((EUID == 0)); then return; fi
    command -v sudo >/dev/null || refuse "$1 needs root, and there is no sudo here." "Run this once as root: ./llmchat-deploy setup"
    sudo -v -p "    sudo password for %p: " || refuse "$1 needs root, and sudo refused."
}

os_release() { (
    ID='' VERSION_ID='' VERSION_CODENAME='' PRETTY_NAME=''
    # shellcheck disable=SC1091
    [[ ! -r /etc/os-release ]] || . /etc/os-release
    printf '%s' "${!1:-}"
); }

# Print debian-12, debian (13 and later) or ubuntu where setup knows the packages; fail elsewhere.
known_distribution() {
    local version
    version=$(os_release VERSION_ID)
    case $(os_release ID) in
    debian)
        if [[ $version == 12 ]]; then
            echo debian-12
        elif [[ -z $version ]] || ((${version%%.*} >= 13)); then # testing and unstable have no number
            echo debian
        else
            return 1
        fi
        ;;
    ubuntu)
        ((10#${version%%.*} >= 24)) || return 1
        echo ubuntu
        ;;
    *) return 1 ;;
    esac
}

# refuse_unknown WHAT: packages can be installed only on the systems whose packages we know.
refuse_unknown() {
    known_distribution >/dev/null || refuse \
        "$1 is missing, and setup supports Debian 12+ and Ubuntu 24.04+ only; this is $(os_release PRETTY_NAME)." \
        "Install it yourself and run this again: Python >= 3.11 with venv, Docker >= 20.10, Compose >= 2, Buildx."
}

# apt_install PACKAGE...
apt_install() {
    local hint="If the package mirror is slow or unreachable, set another one in /etc/apt/sources.list*, or a proxy in http_proxy."
    # A proxy in the environment is not in sudo's.
    local apt=(env DEBIAN_FRONTEND=noninteractive)
    local name
    for name in http_proxy https_proxy no_proxy; do
        [[ -z ${!name:-} ]] || apt+=("$name=${!name}")
    done
    apt+=(apt-get -q -y -o Acquire::Retries=3 -o Acquire::http::Timeout=30 -o DPkg::Lock::Timeout=300)
    if [[ -z ${apt_is_fresh:-} ]]; then
        # A run that was killed between unpacking and configuring leaves this to the next one.
        logged "$hint" as_root dpkg --configure -a
        logged "$hint" as_root "${apt[@]}" update
        apt_is_fresh=1
    fi
    logged "$hint" as_root "${apt[@]}" install --no-install-recommends "$@"
}
