#!/usr/bin/env bash
# status.sh says of each object of the lab vlan-bridge whether it is as declared; netc wrote it from vlan-bridge.net.
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
  object 'vlan-bridge.net:4  netns sw1' 1 'alias netc vlan-bridge' ip -n sw1 -o link show dev lo
  object 'vlan-bridge.net:5  netns sw2' 1 'alias netc vlan-bridge' ip -n sw2 -o link show dev lo
  object 'vlan-bridge.net:11  netns r' 1 'alias netc vlan-bridge' ip -n r -o link show dev lo
  object 'vlan-bridge.net:19  netns a10' 1 'alias netc vlan-bridge' ip -n a10 -o link show dev lo
  object 'vlan-bridge.net:19  netns b10' 1 'alias netc vlan-bridge' ip -n b10 -o link show dev lo
  object 'vlan-bridge.net:19  netns a20' 1 'alias netc vlan-bridge' ip -n a20 -o link show dev lo
  object 'vlan-bridge.net:19  netns b20' 1 'alias netc vlan-bridge' ip -n b20 -o link show dev lo
  object 'vlan-bridge.net:29  netns c' 1 'alias netc vlan-bridge' ip -n c -o link show dev lo
  object 'vlan-bridge.net:12  sysctl net.ipv4.ip_forward of r' 1 1 ip netns exec r sysctl -n net.ipv4.ip_forward
  object 'vlan-bridge.net:4  bridge sw1:br0' 5 UP '02:7e:47:7b:c3:d1 brd' 'group 199562698' 'vlan_filtering 1' 'vlan_default_pvid 0' ip -n sw1 -d -o link show dev br0
  object 'vlan-bridge.net:6  bridge sw2:br0' 5 UP '02:f5:21:8f:0b:f5 brd' 'group 199562698' 'vlan_filtering 1' 'vlan_default_pvid 0' ip -n sw2 -d -o link show dev br0
  object 'vlan-bridge.net:6  VLAN 10 of sw2:br0' 1 10 bridge -n sw2 vlan show dev br0
  object 'vlan-bridge.net:7  address 10.0.10.9/24 of sw2:br0.10' 1 10.0.10.9/24 ip -n sw2 -o addr show dev br0.10
  object 'vlan-bridge.net:7  vlan sw2:br0.10' 3 UP 'group 199562698' 'id 10' ip -n sw2 -d -o link show dev br0.10
  object 'vlan-bridge.net:9  veth sw1:trunk' 3 UP 'master br0' 'group 199562698' ip -n sw1 -d -o link show dev trunk
  object 'vlan-bridge.net:9  VLAN 10 of sw1:trunk' 1 10 bridge -n sw1 vlan show dev trunk
  object 'vlan-bridge.net:9  VLAN 20-29 of sw1:trunk' 2 20 29 bridge -n sw1 vlan show dev trunk
  object 'vlan-bridge.net:9  veth sw2:trunk' 3 UP 'master br0' 'group 199562698' ip -n sw2 -d -o link show dev trunk
  object 'vlan-bridge.net:9  VLAN 10 of sw2:trunk' 1 10 bridge -n sw2 vlan show dev trunk
  object 'vlan-bridge.net:9  VLAN 20-29 of sw2:trunk' 2 20 29 bridge -n sw2 vlan show dev trunk
  object 'vlan-bridge.net:13  veth r:eth0' 2 UP 'group 199562698' ip -n r -d -o link show dev eth0
  object 'vlan-bridge.net:13  veth sw1:r-eth0' 3 UP 'master br0' 'group 199562698' ip -n sw1 -d -o link show dev r-eth0
  object 'vlan-bridge.net:13  VLAN 10 of sw1:r-eth0' 1 10 bridge -n sw1 vlan show dev r-eth0
  object 'vlan-bridge.net:13  VLAN 20 of sw1:r-eth0' 1 20 bridge -n sw1 vlan show dev r-eth0
  object 'vlan-bridge.net:14  address 10.0.10.1/24 of r:eth0.10' 1 10.0.10.1/24 ip -n r -o addr show dev eth0.10
  object 'vlan-bridge.net:14  vlan r:eth0.10' 3 UP 'group 199562698' 'id 10' ip -n r -d -o link show dev eth0.10
  object 'vlan-bridge.net:15  address 10.0.20.1/24 of r:eth0.20' 1 10.0.20.1/24 ip -n r -o addr show dev eth0.20
  object 'vlan-bridge.net:15  vlan r:eth0.20' 3 UP 'group 199562698' 'id 20' ip -n r -d -o link show dev eth0.20
  object 'vlan-bridge.net:20  address 10.0.10.2/24 of a10:eth0' 1 10.0.10.2/24 ip -n a10 -o addr show dev eth0
  object 'vlan-bridge.net:20  veth a10:eth0' 2 UP 'group 199562698' ip -n a10 -d -o link show dev eth0
  object 'vlan-bridge.net:20  veth sw1:a10-eth0' 3 UP 'master br0' 'group 199562698' ip -n sw1 -d -o link show dev a10-eth0
  object 'vlan-bridge.net:20  VLAN 10 of sw1:a10-eth0' 1 '10 PVID Egress Untagged' bridge -n sw1 vlan show dev a10-eth0
  object 'vlan-bridge.net:20  address 10.0.10.3/24 of b10:eth0' 1 10.0.10.3/24 ip -n b10 -o addr show dev eth0
  object 'vlan-bridge.net:20  veth b10:eth0' 2 UP 'group 199562698' ip -n b10 -d -o link show dev eth0
  object 'vlan-bridge.net:20  veth sw2:b10-eth0' 3 UP 'master br0' 'group 199562698' ip -n sw2 -d -o link show dev b10-eth0
  object 'vlan-bridge.net:20  VLAN 10 of sw2:b10-eth0' 1 '10 PVID Egress Untagged' bridge -n sw2 vlan show dev b10-eth0
  object 'vlan-bridge.net:20  address 10.0.20.2/24 of a20:eth0' 1 10.0.20.2/24 ip -n a20 -o addr show dev eth0
  object 'vlan-bridge.net:20  veth a20:eth0' 2 UP 'group 199562698' ip -n a20 -d -o link show dev eth0
  object 'vlan-bridge.net:20  veth sw1:a20-eth0' 3 UP 'master br0' 'group 199562698' ip -n sw1 -d -o link show dev a20-eth0
  object 'vlan-bridge.net:20  VLAN 20 of sw1:a20-eth0' 1 '20 PVID Egress Untagged' bridge -n sw1 vlan show dev a20-eth0
  object 'vlan-bridge.net:20  address 10.0.20.3/24 of b20:eth0' 1 10.0.20.3/24 ip -n b20 -o addr show dev eth0
  object 'vlan-bridge.net:20  veth b20:eth0' 2 UP 'group 199562698' ip -n b20 -d -o link show dev eth0
  object 'vlan-bridge.net:20  veth sw2:b20-eth0' 3 UP 'master br0' 'group 199562698' ip -n sw2 -d -o link show dev b20-eth0
  object 'vlan-bridge.net:20  VLAN 20 of sw2:b20-eth0' 1 '20 PVID Egress Untagged' bridge -n sw2 vlan show dev b20-eth0
  object 'vlan-bridge.net:30  address 10.0.10.4/24 of c:eth0' 1 10.0.10.4/24 ip -n c -o addr show dev eth0
  object 'vlan-bridge.net:30  veth c:eth0' 2 UP 'group 199562698' ip -n c -d -o link show dev eth0
  object 'vlan-bridge.net:30  veth sw2:c-eth0' 3 UP 'master br0' 'group 199562698' ip -n sw2 -d -o link show dev c-eth0
  object 'vlan-bridge.net:30  VLAN 10 of sw2:c-eth0' 1 '10 PVID Egress Untagged' bridge -n sw2 vlan show dev c-eth0
  object 'vlan-bridge.net:30  VLAN 20 of sw2:c-eth0' 1 20 bridge -n sw2 vlan show dev c-eth0
  object 'vlan-bridge.net:31  address 10.0.20.4/24 of c:eth0.20' 1 10.0.20.4/24 ip -n c -o addr show dev eth0.20
  object 'vlan-bridge.net:31  vlan c:eth0.20' 3 UP 'group 199562698' 'id 20' ip -n c -d -o link show dev eth0.20
  object 'vlan-bridge.net:21  route default of a10' 3 default 'via 10.0.10.1' 'dev eth0' ip -n a10 route show exact 0.0.0.0/0 table 254
  object 'vlan-bridge.net:21  route default of b10' 3 default 'via 10.0.10.1' 'dev eth0' ip -n b10 route show exact 0.0.0.0/0 table 254
  object 'vlan-bridge.net:21  route default of a20' 3 default 'via 10.0.20.1' 'dev eth0' ip -n a20 route show exact 0.0.0.0/0 table 254
  object 'vlan-bridge.net:21  route default of b20' 3 default 'via 10.0.20.1' 'dev eth0' ip -n b20 route show exact 0.0.0.0/0 table 254

  if [[ -z $quiet ]]; then printf '%s as declared, %s differ, %s missing\n' "$fine" "$differ" "$missing"; fi
  if ((differ || missing)); then exit 1; fi
  exit 0
}
