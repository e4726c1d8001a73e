#!/usr/bin/env bash
# status.sh says of each object of the lab isolated-ports whether it is as declared; netc wrote it from isolated-ports.net.
# Run it as root: it changes nothing. The status is 0 only if everything is there as the lab declares it.
{
  # --- frame: the same text in every lab, explained in docs/scripts.md
  set -Eeuo pipefail
  trap : PIPE
  script=status.sh quiet=''
  tell() { printf '%s: %s\n' "$script" "$*" >&2 || :; }
  case $* in '') ;; -q) quiet=1 ;; *) tell 'usage: status.sh [-q]' && exit 2 ;; esac
  export LC_ALL=C
  fine=0 differ=0 missing=0
  as_declared() { fine=$((fine + 1)) && if [[ -z $quiet ]]; then printf 'ok       %s\n' "$1"; fi; }
  is_missing() { missing=$((missing + 1)) && printf 'missing  %s\n' "$1"; }
  object() { # WHAT COUNT WORDS... COMMAND...: what COMMAND prints must hold the COUNT WORDS
    local out seen wanted lacking=''
    if ! out=$("${@:$2+3}" 2>/dev/null) || [[ -z $out ]]; then
      is_missing "$1" && return
    fi
    read -r -d '' -a seen <<<"${out//[<>,\\]/ }" || :
    for wanted in "${@:3:$2}"; do
      if [[ " ${seen[*]} " != *" $wanted "* ]]; then lacking+=" '$wanted'"; fi
    done
    if [[ -n $lacking ]]; then
      differ=$((differ + 1)) && printf 'differs  %s: without%s: %s\n' "$1" "$lacking" "${seen[*]}" && return
    fi
    as_declared "$1"
  }
  if ((EUID)); then tell 'run me as root' && exit 1; fi

  # --- the lab
  object 'isolated-ports.net:4  netns sw' 1 'alias netc isolated-ports' ip -n sw -o link show dev lo
  object 'isolated-ports.net:5  netns gateway' 1 'alias netc isolated-ports' ip -n gateway -o link show dev lo
  object 'isolated-ports.net:8  netns guest1' 1 'alias netc isolated-ports' ip -n guest1 -o link show dev lo
  object 'isolated-ports.net:8  netns guest2' 1 'alias netc isolated-ports' ip -n guest2 -o link show dev lo
  object 'isolated-ports.net:8  netns guest3' 1 'alias netc isolated-ports' ip -n guest3 -o link show dev lo
  object 'isolated-ports.net:4  bridge sw:br0' 3 UP '02:bb:3b:e3:93:51 brd' 'group 607672923' ip -n sw -d -o link show dev br0
  object 'isolated-ports.net:5  address 10.0.0.1/24 of gateway:eth0' 1 10.0.0.1/24 ip -n gateway -o addr show dev eth0
  object 'isolated-ports.net:5  veth gateway:eth0' 2 UP 'group 607672923' ip -n gateway -d -o link show dev eth0
  object 'isolated-ports.net:5  veth sw:uplink' 3 UP 'master br0' 'group 607672923' ip -n sw -d -o link show dev uplink
  object 'isolated-ports.net:5  bridge_slave sw:uplink' 1 'guard on' ip -n sw -d -o link show dev uplink
  object 'isolated-ports.net:8  address 10.0.0.11/24 of guest1:eth0' 1 10.0.0.11/24 ip -n guest1 -o addr show dev eth0
  object 'isolated-ports.net:8  veth guest1:eth0' 2 UP 'group 607672923' ip -n guest1 -d -o link show dev eth0
  object 'isolated-ports.net:8  veth sw:guest1-eth0' 3 UP 'master br0' 'group 607672923' ip -n sw -d -o link show dev guest1-eth0
  object 'isolated-ports.net:8  bridge_slave sw:guest1-eth0' 2 'isolated on' 'mcast_flood off' ip -n sw -d -o link show dev guest1-eth0
  object 'isolated-ports.net:8  address 10.0.0.12/24 of guest2:eth0' 1 10.0.0.12/24 ip -n guest2 -o addr show dev eth0
  object 'isolated-ports.net:8  veth guest2:eth0' 2 UP 'group 607672923' ip -n guest2 -d -o link show dev eth0
  object 'isolated-ports.net:8  veth sw:guest2-eth0' 3 UP 'master br0' 'group 607672923' ip -n sw -d -o link show dev guest2-eth0
  object 'isolated-ports.net:8  bridge_slave sw:guest2-eth0' 2 'isolated on' 'mcast_flood off' ip -n sw -d -o link show dev guest2-eth0
  object 'isolated-ports.net:8  address 10.0.0.13/24 of guest3:eth0' 1 10.0.0.13/24 ip -n guest3 -o addr show dev eth0
  object 'isolated-ports.net:8  veth guest3:eth0' 2 UP 'group 607672923' ip -n guest3 -d -o link show dev eth0
  object 'isolated-ports.net:8  veth sw:guest3-eth0' 3 UP 'master br0' 'group 607672923' ip -n sw -d -o link show dev guest3-eth0
  object 'isolated-ports.net:8  bridge_slave sw:guest3-eth0' 2 'isolated on' 'mcast_flood off' ip -n sw -d -o link show dev guest3-eth0

  if [[ -z $quiet ]]; then printf '%s as declared, %s differ, %s missing\n' "$fine" "$differ" "$missing"; fi
  if ((differ || missing)); then exit 1; fi
  exit 0
}
