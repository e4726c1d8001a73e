#!/usr/bin/env bash
# status.sh says of each object of the lab two-bridges whether it is as declared; netc wrote it from two-bridges.net.
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
  object 'two-bridges.net:7  netns router' 1 'alias netc two-bridges' ip -n router -o link show dev lo
  object 'two-bridges.net:14  netns r1' 1 'alias netc two-bridges' ip -n r1 -o link show dev lo
  object 'two-bridges.net:14  netns r2' 1 'alias netc two-bridges' ip -n r2 -o link show dev lo
  object 'two-bridges.net:14  netns b1' 1 'alias netc two-bridges' ip -n b1 -o link show dev lo
  object 'two-bridges.net:8  sysctl net.ipv4.ip_forward of router' 1 1 ip netns exec router sysctl -n net.ipv4.ip_forward
  object 'two-bridges.net:8  sysctl net.ipv6.conf.all.forwarding of router' 1 1 ip netns exec router sysctl -n net.ipv6.conf.all.forwarding
  object 'two-bridges.net:4  bridge host:red' 3 UP '02:15:44:24:ec:fa brd' 'group 590394133' ip -d -o link show dev red
  object 'two-bridges.net:5  bridge host:blue' 3 UP '02:d6:e8:f5:c4:0a brd' 'group 590394133' ip -d -o link show dev blue
  object 'two-bridges.net:9  veth host:router-to-red' 3 UP 'master red' 'group 590394133' ip -d -o link show dev router-to-red
  object 'two-bridges.net:9  address 10.1.0.1/24 of router:to-red' 1 10.1.0.1/24 ip -n router -o addr show dev to-red
  object 'two-bridges.net:9  address fd00:1::1/64 of router:to-red' 1 fd00:1::1/64 ip -n router -o addr show dev to-red
  object 'two-bridges.net:9  veth router:to-red' 2 UP 'group 590394133' ip -n router -d -o link show dev to-red
  object 'two-bridges.net:10  veth host:router-to-blue' 3 UP 'master blue' 'group 590394133' ip -d -o link show dev router-to-blue
  object 'two-bridges.net:10  address 10.2.0.1/24 of router:to-blue' 1 10.2.0.1/24 ip -n router -o addr show dev to-blue
  object 'two-bridges.net:10  address fd00:2::1/64 of router:to-blue' 1 fd00:2::1/64 ip -n router -o addr show dev to-blue
  object 'two-bridges.net:10  veth router:to-blue' 2 UP 'group 590394133' ip -n router -d -o link show dev to-blue
  object 'two-bridges.net:15  veth host:r1-eth0' 3 UP 'master red' 'group 590394133' ip -d -o link show dev r1-eth0
  object 'two-bridges.net:15  address 10.1.0.2/24 of r1:eth0' 1 10.1.0.2/24 ip -n r1 -o addr show dev eth0
  object 'two-bridges.net:15  address fd00:1::2/64 of r1:eth0' 1 fd00:1::2/64 ip -n r1 -o addr show dev eth0
  object 'two-bridges.net:15  veth r1:eth0' 2 UP 'group 590394133' ip -n r1 -d -o link show dev eth0
  object 'two-bridges.net:15  veth host:r2-eth0' 3 UP 'master red' 'group 590394133' ip -d -o link show dev r2-eth0
  object 'two-bridges.net:15  address 10.1.0.3/24 of r2:eth0' 1 10.1.0.3/24 ip -n r2 -o addr show dev eth0
  object 'two-bridges.net:15  address fd00:1::3/64 of r2:eth0' 1 fd00:1::3/64 ip -n r2 -o addr show dev eth0
  object 'two-bridges.net:15  veth r2:eth0' 2 UP 'group 590394133' ip -n r2 -d -o link show dev eth0
  object 'two-bridges.net:15  veth host:b1-eth0' 3 UP 'master blue' 'group 590394133' ip -d -o link show dev b1-eth0
  object 'two-bridges.net:15  address 10.2.0.2/24 of b1:eth0' 1 10.2.0.2/24 ip -n b1 -o addr show dev eth0
  object 'two-bridges.net:15  address fd00:2::2/64 of b1:eth0' 1 fd00:2::2/64 ip -n b1 -o addr show dev eth0
  object 'two-bridges.net:15  veth b1:eth0' 2 UP 'group 590394133' ip -n b1 -d -o link show dev eth0
  object 'two-bridges.net:16  route default of r1' 3 default 'via 10.1.0.1' 'dev eth0' ip -n r1 route show exact 0.0.0.0/0 table 254
  object 'two-bridges.net:17  route default of r1' 4 default 'via fd00:1::1' 'dev eth0' 'metric 1024' ip -n r1 -6 route show exact ::/0 table 254
  object 'two-bridges.net:16  route default of r2' 3 default 'via 10.1.0.1' 'dev eth0' ip -n r2 route show exact 0.0.0.0/0 table 254
  object 'two-bridges.net:17  route default of r2' 4 default 'via fd00:1::1' 'dev eth0' 'metric 1024' ip -n r2 -6 route show exact ::/0 table 254
  object 'two-bridges.net:16  route default of b1' 3 default 'via 10.2.0.1' 'dev eth0' ip -n b1 route show exact 0.0.0.0/0 table 254
  object 'two-bridges.net:17  route default of b1' 4 default 'via fd00:2::1' 'dev eth0' 'metric 1024' ip -n b1 -6 route show exact ::/0 table 254

  if [[ -z $quiet ]]; then printf '%s as declared, %s differ, %s missing\n' "$fine" "$differ" "$missing"; fi
  if ((differ || missing)); then exit 1; fi
  exit 0
}
