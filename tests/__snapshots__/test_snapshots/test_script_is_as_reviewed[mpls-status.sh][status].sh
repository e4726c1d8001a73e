#!/usr/bin/env bash
# status.sh says of each object of the lab mpls whether it is as declared; netc wrote it from mpls.net.
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
  object 'mpls.net:4  netns a' 1 'alias netc mpls' ip -n a -o link show dev lo
  object 'mpls.net:5  netns b' 1 'alias netc mpls' ip -n b -o link show dev lo
  object 'mpls.net:6  netns edge1' 1 'alias netc mpls' ip -n edge1 -o link show dev lo
  object 'mpls.net:7  netns edge2' 1 'alias netc mpls' ip -n edge2 -o link show dev lo
  object 'mpls.net:8  netns core1' 1 'alias netc mpls' ip -n core1 -o link show dev lo
  object 'mpls.net:9  netns core2' 1 'alias netc mpls' ip -n core2 -o link show dev lo
  object 'mpls.net:6  sysctl net.ipv4.ip_forward of edge1' 1 1 ip netns exec edge1 sysctl -n net.ipv4.ip_forward
  object 'mpls.net:7  sysctl net.ipv4.ip_forward of edge2' 1 1 ip netns exec edge2 sysctl -n net.ipv4.ip_forward
  object 'mpls.net:18  sysctl net.mpls.platform_labels of core1' 1 202 ip netns exec core1 sysctl -n net.mpls.platform_labels
  object 'mpls.net:19  sysctl net.mpls.platform_labels of core2' 1 201 ip netns exec core2 sysctl -n net.mpls.platform_labels
  object 'mpls.net:20  sysctl net.mpls.platform_labels of edge2' 1 7001 ip netns exec edge2 sysctl -n net.mpls.platform_labels
  object 'mpls.net:10  address 10.1.0.2/24 of a:eth0' 1 10.1.0.2/24 ip -n a -o addr show dev eth0
  object 'mpls.net:10  veth a:eth0' 2 UP 'group 1629522568' ip -n a -d -o link show dev eth0
  object 'mpls.net:10  address 10.1.0.1/24 of edge1:a' 1 10.1.0.1/24 ip -n edge1 -o addr show dev a
  object 'mpls.net:10  veth edge1:a' 2 UP 'group 1629522568' ip -n edge1 -d -o link show dev a
  object 'mpls.net:11  address 10.0.1.1/24 of edge1:core' 1 10.0.1.1/24 ip -n edge1 -o addr show dev core
  object 'mpls.net:11  veth edge1:core' 2 UP 'group 1629522568' ip -n edge1 -d -o link show dev core
  object 'mpls.net:11  address 10.0.1.2/24 of core1:edge' 1 10.0.1.2/24 ip -n core1 -o addr show dev edge
  object 'mpls.net:11  veth core1:edge' 2 UP 'group 1629522568' ip -n core1 -d -o link show dev edge
  object 'mpls.net:12  address 10.0.2.1/24 of core1:core' 1 10.0.2.1/24 ip -n core1 -o addr show dev core
  object 'mpls.net:12  veth core1:core' 2 UP 'group 1629522568' ip -n core1 -d -o link show dev core
  object 'mpls.net:12  address 10.0.2.2/24 of core2:core' 1 10.0.2.2/24 ip -n core2 -o addr show dev core
  object 'mpls.net:12  veth core2:core' 2 UP 'group 1629522568' ip -n core2 -d -o link show dev core
  object 'mpls.net:13  address 10.0.3.1/24 of core2:edge' 1 10.0.3.1/24 ip -n core2 -o addr show dev edge
  object 'mpls.net:13  veth core2:edge' 2 UP 'group 1629522568' ip -n core2 -d -o link show dev edge
  object 'mpls.net:13  address 10.0.3.2/24 of edge2:core' 1 10.0.3.2/24 ip -n edge2 -o addr show dev core
  object 'mpls.net:13  veth edge2:core' 2 UP 'group 1629522568' ip -n edge2 -d -o link show dev core
  object 'mpls.net:14  address 10.2.0.1/24 of edge2:b' 1 10.2.0.1/24 ip -n edge2 -o addr show dev b
  object 'mpls.net:14  veth edge2:b' 2 UP 'group 1629522568' ip -n edge2 -d -o link show dev b
  object 'mpls.net:14  address 10.2.0.2/24 of b:eth0' 1 10.2.0.2/24 ip -n b -o addr show dev eth0
  object 'mpls.net:14  veth b:eth0' 2 UP 'group 1629522568' ip -n b -d -o link show dev eth0
  object 'mpls.net:18  sysctl net.mpls.conf.edge.input of core1' 1 1 ip netns exec core1 sysctl -n net.mpls.conf.edge.input
  object 'mpls.net:18  sysctl net.mpls.conf.core.input of core1' 1 1 ip netns exec core1 sysctl -n net.mpls.conf.core.input
  object 'mpls.net:19  sysctl net.mpls.conf.core.input of core2' 1 1 ip netns exec core2 sysctl -n net.mpls.conf.core.input
  object 'mpls.net:19  sysctl net.mpls.conf.edge.input of core2' 1 1 ip netns exec core2 sysctl -n net.mpls.conf.edge.input
  object 'mpls.net:20  sysctl net.mpls.conf.core.input of edge2' 1 1 ip netns exec edge2 sysctl -n net.mpls.conf.core.input
  object 'mpls.net:20  sysctl net.mpls.conf.b.input of edge2' 1 1 ip netns exec edge2 sysctl -n net.mpls.conf.b.input
  object 'mpls.net:4  route default of a' 3 default 'via 10.1.0.1' 'dev eth0' ip -n a route show exact 0.0.0.0/0 table 254
  object 'mpls.net:5  route default of b' 3 default 'via 10.2.0.1' 'dev eth0' ip -n b route show exact 0.0.0.0/0 table 254
  object 'mpls.net:17  route 10.2.0.0/24 of edge1' 3 10.2.0.0/24 'via 10.0.1.2' 'dev core' ip -n edge1 route show exact 10.2.0.0/24 table 254
  object 'mpls.net:23  route 10.1.0.0/24 of edge2' 3 10.1.0.0/24 'via 10.0.3.1' 'dev core' ip -n edge2 route show exact 10.1.0.0/24 table 254
  object 'mpls.net:18  route for label 100 of core1' 1 '100 as to 200/7000 via inet 10.0.2.2' ip -n core1 -f mpls -N route show 100
  object 'mpls.net:25  route for label 201 of core1' 1 '201 via inet 10.0.1.1' ip -n core1 -f mpls -N route show 201
  object 'mpls.net:19  route for label 200 of core2' 1 '200 via inet 10.0.3.2' ip -n core2 -f mpls -N route show 200
  object 'mpls.net:24  route for label 101 of core2' 1 '101 as to 201 via inet 10.0.2.1 dev core' ip -n core2 -f mpls -N route show 101
  object 'mpls.net:20  route for label 7000 of edge2' 1 '7000 dev lo' ip -n edge2 -f mpls -N route show 7000

  if [[ -z $quiet ]]; then printf '%s as declared, %s differ, %s missing\n' "$fine" "$differ" "$missing"; fi
  if ((differ || missing)); then exit 1; fi
  exit 0
}
