# A virtual environment with exactly the locked packages. Sourced by bash after common.sh.
# shellcheck shell=bash

# Print a Python >= 3.11 that can make virtual environments.
find_python() {
    local candidate
    for candidate in python3 python3.14 python3.13 python3.12 python3.11; do
        if "$candidate" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            command -v "$candidate"
            return
        fi
    done
    return 1
}

ensure_python() {
    if find_python >/dev/null; then return; fi
    must_install "Python >= 3.11 (with its venv module)"
    refuse_unknown "Python >= 3.11 (with its venv module)"
    need_root "Installing Python"
    step "Installing Python (python3, python3-venv) …"
    apt_install python3 python3-venv ca-certificates
    find_python >/dev/null || refuse "python3 is installed, but it is older than 3.11 or can't make virtual environments."
}

# What a finished environment was made of. It is compared on each start, so this must take milliseconds.
# shellcheck disable=SC2154  # root is the caller's
venv_stamp() {
    local venv=$1
    shift
    [[ -x $venv/bin/python ]] && readlink -f "$venv/bin/python" && (cd "$root" && cat "$@" | sha256sum)
}

venv_is_ready() {
    local stamp
    [[ -r $1/.complete ]] && stamp=$(venv_stamp "$@") && [[ $stamp == "$(<"$1/.complete")" ]]
}

# make_venv VENV LOCK...: the stamp is written last, so whatever a killed run left is made anew.
make_venv() {
    local venv=$1 lock python site
    ensure_python
    python=$(find_python)
    must_install "the Python environment $venv"
    step "Making the Python environment ${venv#"$root/"} ($("$python" --version)) …"
    if ! known_distribution >/dev/null; then
        note "Warning: this is $(os_release PRETTY_NAME), where llmchat-deploy isn't tested. Debian 12+ and Ubuntu 24.04+ are."
    fi
    if [[ -z ${PIP_CERT:-} && -r /etc/ssl/certs/ca-certificates.crt ]]; then
        export PIP_CERT=/etc/ssl/certs/ca-certificates.crt # also knows a company's own authority
    fi
    local hint="If the package index is slow or unreachable, name a mirror: PIP_INDEX_URL=https://… ./llmchat-deploy …"
    rm -f "$venv/.complete"
    logged "Is the disk full, or the folder not writable?" "$python" -m venv --clear "$venv"
    shift
    for lock in "$@"; do
        logged "$hint" "$venv/bin/python" -m pip --disable-pip-version-check --no-input install \
            --require-hashes --no-deps --only-binary :all: --requirement "$root/$lock"
    done

    # The package is used from the repository, so a `git pull` needs no installation. The path is relative: the folder may move.
    site=$("$venv/bin/python" -c 'import sysconfig; print(sysconfig.get_path("purelib"))')
    realpath --relative-to="$site" "$root" "$root/service/archive" >"$site/llmchat-deploy.pth"
    cat >"$venv/bin/llmchat-deploy" <<-SCRIPT
		#!$venv/bin/python
		import sys
		from llmchat_deploy.cli.main import main
		sys.exit(main())
	SCRIPT
    chmod +x "$venv/bin/llmchat-deploy"
    venv_stamp "$venv" "$@" >"$venv/.complete"
}
