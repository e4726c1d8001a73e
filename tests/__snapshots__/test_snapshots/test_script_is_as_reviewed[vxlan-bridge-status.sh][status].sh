#!/usr/bin/env bash
# status.sh says of each object of the lab vxlan-bridge whether it is as declared; netc wrote it from vxlan-bridge.net.
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
  object 'vxlan-bridge.net:4  netns core' 1 'alias netc vxlan-bridge' ip -n core -o link show dev lo
  object 'vxlan-bridge.net:6  netns h1' 1 'alias netc vxlan-bridge' ip -n h1 -o link show dev lo
  object 'vxlan-bridge.net:19  netns pod11' 1 'alias netc vxlan-bridge' ip -n pod11 -o link show dev lo
  object 'vxlan-bridge.net:19  netns pod12' 1 'alias netc vxlan-bridge' ip -n pod12 -o link show dev lo
  object 'vxlan-bridge.net:6  netns h2' 1 'alias netc vxlan-bridge' ip -n h2 -o link show dev lo
  object 'vxlan-bridge.net:19  netns pod21' 1 'alias netc vxlan-bridge' ip -n pod21 -o link show dev lo
  object 'vxlan-bridge.net:19  netns pod22' 1 'alias netc vxlan-bridge' ip -n pod22 -o link show dev lo
  object 'vxlan-bridge.net:4  sysctl net.ipv4.ip_forward of core' 1 1 ip netns exec core sysctl -n net.ipv4.ip_forward
  object 'vxlan-bridge.net:7  bridge h1:br0' 3 UP '02:5f:01:87:04:0b brd' 'group 10437816' ip -n h1 -d -o link show dev br0
  object 'vxlan-bridge.net:8  address 192.168.1.2/24 of h1:up' 1 192.168.1.2/24 ip -n h1 -o addr show dev up
  object 'vxlan-bridge.net:8  veth h1:up' 2 UP 'group 10437816' ip -n h1 -d -o link show dev up
  object 'vxlan-bridge.net:8  address 192.168.1.1/24 of core:h1' 1 192.168.1.1/24 ip -n core -o addr show dev h1
  object 'vxlan-bridge.net:8  veth core:h1' 2 UP 'group 10437816' ip -n core -d -o link show dev h1
  object 'vxlan-bridge.net:10  vxlan h1:vx0' 7 UP 'master br0' 'group 10437816' 'id 7' 'dstport 4789' 'local 192.168.1.2' 'remote 192.168.2.2' ip -n h1 -d -o link show dev vx0
  object 'vxlan-bridge.net:19  address 10.0.0.11/24 of pod11:eth0' 1 10.0.0.11/24 ip -n pod11 -o addr show dev eth0
  object 'vxlan-bridge.net:19  veth pod11:eth0' 3 UP 'mtu 1450' 'group 10437816' ip -n pod11 -d -o link show dev eth0
  object 'vxlan-bridge.net:19  veth h1:pod11-eth0' 4 UP 'master br0' 'mtu 1450' 'group 10437816' ip -n h1 -d -o link show dev pod11-eth0
  object 'vxlan-bridge.net:19  address 10.0.0.12/24 of pod12:eth0' 1 10.0.0.12/24 ip -n pod12 -o addr show dev eth0
  object 'vxlan-bridge.net:19  veth pod12:eth0' 3 UP 'mtu 1450' 'group 10437816' ip -n pod12 -d -o link show dev eth0
  object 'vxlan-bridge.net:19  veth h1:pod12-eth0' 4 UP 'master br0' 'mtu 1450' 'group 10437816' ip -n h1 -d -o link show dev pod12-eth0
  object 'vxlan-bridge.net:7  bridge h2:br0' 3 UP '02:c7:b7:5f:5d:e4 brd' 'group 10437816' ip -n h2 -d -o link show dev br0
  object 'vxlan-bridge.net:8  address 192.168.2.2/24 of h2:up' 1 192.168.2.2/24 ip -n h2 -o addr show dev up
  object 'vxlan-bridge.net:8  veth h2:up' 2 UP 'group 10437816' ip -n h2 -d -o link show dev up
  object 'vxlan-bridge.net:8  address 192.168.2.1/24 of core:h2' 1 192.168.2.1/24 ip -n core -o addr show dev h2
  object 'vxlan-bridge.net:8  veth core:h2' 2 UP 'group 10437816' ip -n core -d -o link show dev h2
  object 'vxlan-bridge.net:10  vxlan h2:vx0' 7 UP 'master br0' 'group 10437816' 'id 7' 'dstport 4789' 'local 192.168.2.2' 'remote 192.168.1.2' ip -n h2 -d -o link show dev vx0
  object 'vxlan-bridge.net:19  address 10.0.0.21/24 of pod21:eth0' 1 10.0.0.21/24 ip -n pod21 -o addr show dev eth0
  object 'vxlan-bridge.net:19  veth pod21:eth0' 3 UP 'mtu 1450' 'group 10437816' ip -n pod21 -d -o link show dev eth0
  object 'vxlan-bridge.net:19  veth h2:pod21-eth0' 4 UP 'master br0' 'mtu 1450' 'group 10437816' ip -n h2 -d -o link show dev pod21-eth0
  object 'vxlan-bridge.net:19  address 10.0.0.22/24 of pod22:eth0' 1 10.0.0.22/24 ip -n pod22 -o addr show dev eth0
  object 'vxlan-bridge.net:19  veth pod22:eth0' 3 UP 'mtu 1450' 'group 10437816' ip -n pod22 -d -o link show dev eth0
  object 'vxlan-bridge.net:19  veth h2:pod22-eth0' 4 UP 'master br0' 'mtu 1450' 'group 10437816' ip -n h2 -d -o link show dev pod22-eth0
  object 'vxlan-bridge.net:9  route default of h1' 3 default 'via 192.168.1.1' 'dev up' ip -n h1 route show exact 0.0.0.0/0 table 254
  object 'vxlan-bridge.net:9  route default of h2' 3 default 'via 192.168.2.1' 'dev up' ip -n h2 route show exact 0.0.0.0/0 table 254

  if [[ -z $quiet ]]; then printf '%s as declared, %s differ, %s missing\n' "$fine" "$differ" "$missing"; fi
  if ((differ || missing)); then exit 1; fi
  exit 0
}
