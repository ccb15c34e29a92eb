# Docker engine, Compose and Buildx from the distribution's packages. Sourced by bash after common.sh.
# shellcheck shell=bash

readonly DOCKER_SOCKET=/var/run/docker.sock DOCKER_PID=/var/run/docker.pid DOCKERD_LOG=/var/log/llmchat-dockerd.log

# has_plugin NAME: where the docker command looks for its plugins.
has_plugin() {
    local folder
    for folder in "${DOCKER_CONFIG:-$HOME/.docker}" /usr/local/lib/docker /usr/local/libexec/docker /usr/lib/docker /usr/libexec/docker; do
        if [[ -x $folder/cli-plugins/docker-$1 ]]; then return; fi
    done
    return 1
}

# Whether all is there and running, by looking at files only: a `docker version` costs 50 ms at each command.
docker_is_ready() {
    local pid
    command -v docker >/dev/null && has_plugin compose && has_plugin buildx || return 1
    [[ -z ${DOCKER_HOST:-} && -w $DOCKER_SOCKET && -r $DOCKER_PID ]] || return 1
    pid=$(<"$DOCKER_PID")
    [[ -r /proc/$pid/comm && $(<"/proc/$pid/comm") == dockerd ]]
}

# Whether there is an engine to use or to start: a machine may have Docker's client alone.
has_engine() {
    [[ -n ${DOCKER_HOST:-} || -S $DOCKER_SOCKET ]] || PATH=$PATH:/usr/local/sbin:/usr/sbin type -P dockerd >/dev/null || engine_answers >/dev/null
}

missing_docker_packages() {
    local distribution=$1
    if ! { command -v docker >/dev/null && has_engine; }; then
        echo docker.io
        echo iptables
        if [[ $distribution == debian ]]; then echo docker-cli; fi
        # A kernel that enforces AppArmor lets no container start without its parser.
        if [[ -r /sys/module/apparmor/parameters/enabled && $(</sys/module/apparmor/parameters/enabled) == Y ]]; then echo apparmor; fi
    fi
    if ! has_plugin compose; then
        if [[ $distribution == ubuntu ]]; then echo docker-compose-v2; else echo docker-compose; fi
    fi
    if ! has_plugin buildx; then echo docker-buildx; fi
}

# Debian 12's own Compose is version 1. Debian 13's two plugins run on it; a pin keeps everything else of 13 out.
offer_trixie_plugins() {
    local mirror
    # shellcheck disable=SC2016  # the dollars are apt's
    mirror=$(apt-get indextargets --format '$(RELEASE) $(REPO_URI)' 'Identifier: Packages' 'Component: main' |
        awk '$1 == "bookworm" { print $2; exit }')
    [[ -n $mirror ]] || refuse "apt has no source of Debian 12's main archive, so that of Debian 13 isn't known either."
    as_root tee /etc/apt/preferences.d/llmchat-deploy-plugins >/dev/null <<-'PIN'
		# llmchat-deploy: of Debian 13, only Docker's two plugins.
		Package: *
		Pin: release n=trixie
		Pin-Priority: -1

		Package: docker-compose docker-buildx
		Pin: release n=trixie
		Pin-Priority: 990
	PIN
    as_root tee /etc/apt/sources.list.d/llmchat-deploy-plugins.sources >/dev/null <<-SOURCE
		# llmchat-deploy: Docker's Compose and Buildx plugins, pinned in /etc/apt/preferences.d/llmchat-deploy-plugins.
		Types: deb
		URIs: $mirror
		Suites: trixie
		Components: main
		Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg
	SOURCE
    apt_is_fresh='' # there is a source that the last update didn't know
}

install_docker() {
    local distribution packages
    if command -v docker >/dev/null && has_engine && has_plugin compose && has_plugin buildx; then return; fi
    must_install "Docker (engine >= 20.10, Compose >= 2, Buildx)"
    refuse_unknown "Docker (engine >= 20.10, Compose >= 2, Buildx)"
    need_root "Installing Docker"
    distribution=$(known_distribution)
    mapfile -t packages < <(missing_docker_packages "$distribution")
    step "Installing Docker from $(os_release PRETTY_NAME) (${packages[*]}) …"
    if [[ $distribution == debian-12 && " ${packages[*]} " =~ " docker-"(compose|buildx)" " ]]; then
        note "Compose and Buildx come from Debian 13, pinned to these two packages."
        offer_trixie_plugins
    fi
    apt_install "${packages[@]}"
    hash -r
}

engine_answers() { docker version --format '{{.Server.Version}}' 2>/dev/null; }

refuse_without_permission() {
    if [[ -S $DOCKER_SOCKET && ! -w $DOCKER_SOCKET && -z ${DOCKER_HOST:-} ]]; then
        refuse "you ($(id -un)) may not use the Docker socket $DOCKER_SOCKET." \
            "Run it with sudo, or join the group once: sudo usermod -aG docker $(id -un)   (then log in again)" \
            "Members of that group are as powerful as root."
    fi
}

# Each way in turn: a service manager may be there and still not be able to (a container's rlimits, for example).
start_engine() {
    refuse_without_permission
    if [[ -n ${DOCKER_HOST:-} ]]; then
        refuse "the Docker engine at DOCKER_HOST=$DOCKER_HOST does not answer." "Start it, or unset DOCKER_HOST to use this machine's."
    fi
    must_install "a running Docker engine"
    need_root "Starting the Docker engine"
    step "Starting the Docker engine …"
    if [[ -d /run/systemd/system ]]; then
        as_root systemctl enable --now docker >/dev/null 2>&1 || true
        wait_for_engine 60 || refuse "the Docker engine does not start." "Look at: journalctl -u docker -n 50"
        return
    fi
    if [[ -x /etc/init.d/docker ]] && as_root service docker start >/dev/null 2>&1 {setup_lock}<&- && wait_for_engine 20; then
        return
    fi
    note "There is no service manager here: it runs in the background, its log is $DOCKERD_LOG"
    as_root sh -c "setsid dockerd >>$DOCKERD_LOG 2>&1 </dev/null &" {setup_lock}<&-
    if ! wait_for_engine 60; then
        as_root tail -n 15 "$DOCKERD_LOG" | sed 's/^/    | /' >&2
        refuse "the Docker engine does not start." "Its whole log: $DOCKERD_LOG"
    fi
}

wait_for_engine() {
    local deadline=$((SECONDS + $1))
    until engine_answers >/dev/null; do
        ((SECONDS < deadline)) || return 1
        sleep 0.3
        if [[ -S $DOCKER_SOCKET ]]; then refuse_without_permission; fi
    done
}

ensure_docker() {
    local version
    install_docker
    if ! version=$(engine_answers); then
        start_engine
        version=$(engine_answers)
    fi
    if [[ $version =~ ^([0-9]+)\.([0-9]+) ]] && ((BASH_REMATCH[1] * 100 + BASH_REMATCH[2] < 2010)); then
        refuse "Docker $version is too old; 20.10 is the oldest that works." "An engine that is there is never replaced: update it yourself."
    fi
}
