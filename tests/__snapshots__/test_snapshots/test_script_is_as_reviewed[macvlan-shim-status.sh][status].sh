#!/usr/bin/env bash
# status.sh says of each object of the lab macvlan-shim whether it is as declared; netc wrote it from macvlan-shim.net.
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
  object 'macvlan-shim.net:4  netns far' 1 'alias netc macvlan-shim' ip -n far -o link show dev lo
  object 'macvlan-shim.net:9  netns c1' 1 'alias netc macvlan-shim' ip -n c1 -o link show dev lo
  object 'macvlan-shim.net:9  netns c2' 1 'alias netc macvlan-shim' ip -n c2 -o link show dev lo
  object 'macvlan-shim.net:5  address 192.168.7.1/24 of host:wire' 1 192.168.7.1/24 ip -o addr show dev wire
  object 'macvlan-shim.net:5  veth host:wire' 2 UP 'group 1367925258' ip -d -o link show dev wire
  object 'macvlan-shim.net:5  address 192.168.7.2/24 of far:eth0' 1 192.168.7.2/24 ip -n far -o addr show dev eth0
  object 'macvlan-shim.net:5  veth far:eth0' 2 UP 'group 1367925258' ip -n far -d -o link show dev eth0
  object 'macvlan-shim.net:7  address 192.168.7.250/32 of host:shim' 1 192.168.7.250/32 ip -o addr show dev shim
  object 'macvlan-shim.net:7  macvlan host:shim' 3 UP 'group 1367925258' 'mode bridge' ip -d -o link show dev shim
  object 'macvlan-shim.net:9  address 192.168.7.11/24 of c1:eth0' 1 192.168.7.11/24 ip -n c1 -o addr show dev eth0
  object 'macvlan-shim.net:9  macvlan c1:eth0' 3 UP 'group 1367925258' 'mode bridge' ip -n c1 -d -o link show dev eth0
  object 'macvlan-shim.net:9  address 192.168.7.12/24 of c2:eth0' 1 192.168.7.12/24 ip -n c2 -o addr show dev eth0
  object 'macvlan-shim.net:9  macvlan c2:eth0' 3 UP 'group 1367925258' 'mode bridge' ip -n c2 -d -o link show dev eth0
  object 'macvlan-shim.net:10  route 192.168.7.11 of host' 3 192.168.7.11 'dev shim' 'scope link' ip route show exact 192.168.7.11/32 table 254
  object 'macvlan-shim.net:10  route 192.168.7.12 of host' 3 192.168.7.12 'dev shim' 'scope link' ip route show exact 192.168.7.12/32 table 254

  if [[ -z $quiet ]]; then printf '%s as declared, %s differ, %s missing\n' "$fine" "$differ" "$missing"; fi
  if ((differ || missing)); then exit 1; fi
  exit 0
}
