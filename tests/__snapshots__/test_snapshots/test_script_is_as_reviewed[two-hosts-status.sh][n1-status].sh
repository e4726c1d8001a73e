#!/usr/bin/env bash
# status.sh says of each object of the lab two-hosts on the host n1 whether it is as declared; netc wrote it from two-hosts.net.
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
  object 'two-hosts.net:8  sysctl net.ipv4.ip_forward of n1' 1 1 sysctl -n net.ipv4.ip_forward
  object 'two-hosts.net:10  netns a' 1 'alias netc two-hosts' ip -n a -o link show dev lo
  object 'two-hosts.net:11  netns b' 1 'alias netc two-hosts' ip -n b -o link show dev lo
  object 'two-hosts.net:9  address 10.1.1.1/24 of n1:br0' 1 10.1.1.1/24 ip -o addr show dev br0
  object 'two-hosts.net:9  bridge n1:br0' 3 UP '02:15:d8:31:14:6b brd' 'group 1639157458' ip -d -o link show dev br0
  object 'two-hosts.net:10  veth n1:a-eth0' 3 UP 'master br0' 'group 1639157458' ip -d -o link show dev a-eth0
  object 'two-hosts.net:10  address 10.1.1.2/24 of a:eth0' 1 10.1.1.2/24 ip -n a -o addr show dev eth0
  object 'two-hosts.net:10  veth a:eth0' 2 UP 'group 1639157458' ip -n a -d -o link show dev eth0
  object 'two-hosts.net:11  veth n1:b-eth0' 3 UP 'master br0' 'group 1639157458' ip -d -o link show dev b-eth0
  object 'two-hosts.net:11  address 10.1.1.3/24 of b:eth0' 1 10.1.1.3/24 ip -n b -o addr show dev eth0
  object 'two-hosts.net:11  veth b:eth0' 2 UP 'group 1639157458' ip -n b -d -o link show dev eth0
  object 'two-hosts.net:10  route default of a' 3 default 'via 10.1.1.1' 'dev eth0' ip -n a route show exact 0.0.0.0/0 table 254
  object 'two-hosts.net:11  route default of b' 3 default 'via 10.1.1.1' 'dev eth0' ip -n b route show exact 0.0.0.0/0 table 254
  object 'two-hosts.net:12  route 10.1.2.0/24 of n1' 3 10.1.2.0/24 'via 192.168.50.12' 'dev eth0' ip route show exact 10.1.2.0/24 table 254

  if [[ -z $quiet ]]; then printf '%s as declared, %s differ, %s missing\n' "$fine" "$differ" "$missing"; fi
  if ((differ || missing)); then exit 1; fi
  exit 0
}
