#!/usr/bin/env bash
# status.sh says of each object of the lab two-hosts on the host n2 whether it is as declared; netc wrote it from two-hosts.net.
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
  object 'two-hosts.net:17  sysctl net.ipv4.ip_forward of n2' 1 1 sysctl -n net.ipv4.ip_forward
  object 'two-hosts.net:19  netns c' 1 'alias netc two-hosts' ip -n c -o link show dev lo
  object 'two-hosts.net:20  netns d' 1 'alias netc two-hosts' ip -n d -o link show dev lo
  object 'two-hosts.net:18  address 10.1.2.1/24 of n2:br0' 1 10.1.2.1/24 ip -o addr show dev br0
  object 'two-hosts.net:18  bridge n2:br0' 3 UP '02:ee:a4:54:41:71 brd' 'group 1639157458' ip -d -o link show dev br0
  object 'two-hosts.net:19  veth n2:c-eth0' 3 UP 'master br0' 'group 1639157458' ip -d -o link show dev c-eth0
  object 'two-hosts.net:19  address 10.1.2.2/24 of c:eth0' 1 10.1.2.2/24 ip -n c -o addr show dev eth0
  object 'two-hosts.net:19  veth c:eth0' 2 UP 'group 1639157458' ip -n c -d -o link show dev eth0
  object 'two-hosts.net:20  veth n2:d-eth0' 3 UP 'master br0' 'group 1639157458' ip -d -o link show dev d-eth0
  object 'two-hosts.net:20  address 10.1.2.3/24 of d:eth0' 1 10.1.2.3/24 ip -n d -o addr show dev eth0
  object 'two-hosts.net:20  veth d:eth0' 2 UP 'group 1639157458' ip -n d -d -o link show dev eth0
  object 'two-hosts.net:19  route default of c' 3 default 'via 10.1.2.1' 'dev eth0' ip -n c route show exact 0.0.0.0/0 table 254
  object 'two-hosts.net:20  route default of d' 3 default 'via 10.1.2.1' 'dev eth0' ip -n d route show exact 0.0.0.0/0 table 254
  object 'two-hosts.net:21  route 10.1.1.0/24 of n2' 3 10.1.1.0/24 'via 192.168.50.11' 'dev eth0' ip route show exact 10.1.1.0/24 table 254

  if [[ -z $quiet ]]; then printf '%s as declared, %s differ, %s missing\n' "$fine" "$differ" "$missing"; fi
  if ((differ || missing)); then exit 1; fi
  exit 0
}
