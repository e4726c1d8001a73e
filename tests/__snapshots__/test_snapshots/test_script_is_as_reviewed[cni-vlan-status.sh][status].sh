#!/usr/bin/env bash
# status.sh says of each object of the lab cni-vlan whether it is as declared; netc wrote it from cni-vlan.net.
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
  object 'cni-vlan.net:6  sysctl net.ipv4.ip_forward of host' 1 1 sysctl -n net.ipv4.ip_forward
  object 'cni-vlan.net:9  netns a' 1 'alias netc cni-vlan' ip -n a -o link show dev lo
  object 'cni-vlan.net:13  netns b' 1 'alias netc cni-vlan' ip -n b -o link show dev lo
  object 'cni-vlan.net:14  netns c' 1 'alias netc cni-vlan' ip -n c -o link show dev lo
  object 'cni-vlan.net:18  netns d' 1 'alias netc cni-vlan' ip -n d -o link show dev lo
  object 'cni-vlan.net:6  bridge host:lab-br0' 4 UP '02:b0:a2:87:ad:70 brd' 'group 685516602' 'vlan_filtering 1' ip -d -o link show dev lab-br0
  object 'cni-vlan.net:6  address 10.10.1.1/24 of host:lab-br0.10' 1 10.10.1.1/24 ip -o addr show dev lab-br0.10
  object 'cni-vlan.net:6  veth host:lab-br0.10' 2 UP 'group 685516602' ip -d -o link show dev lab-br0.10
  object 'cni-vlan.net:6  veth host:host-lab-br0.10' 3 UP 'master lab-br0' 'group 685516602' ip -d -o link show dev host-lab-br0.10
  object 'cni-vlan.net:6  VLAN 10 of host:host-lab-br0.10' 1 '10 PVID Egress Untagged' bridge vlan show dev host-lab-br0.10
  object 'cni-vlan.net:7  address 10.20.1.1/24 of host:lab-br0.20' 1 10.20.1.1/24 ip -o addr show dev lab-br0.20
  object 'cni-vlan.net:7  veth host:lab-br0.20' 2 UP 'group 685516602' ip -d -o link show dev lab-br0.20
  object 'cni-vlan.net:7  veth host:host-lab-br0.20' 3 UP 'master lab-br0' 'group 685516602' ip -d -o link show dev host-lab-br0.20
  object 'cni-vlan.net:7  VLAN 20 of host:host-lab-br0.20' 1 '20 PVID Egress Untagged' bridge vlan show dev host-lab-br0.20
  object 'cni-vlan.net:10  veth host:a-eth0' 3 UP 'master lab-br0' 'group 685516602' ip -d -o link show dev a-eth0
  object 'cni-vlan.net:10  VLAN 10 of host:a-eth0' 1 '10 PVID Egress Untagged' bridge vlan show dev a-eth0
  object 'cni-vlan.net:10  address 10.10.1.2/24 of a:eth0' 1 10.10.1.2/24 ip -n a -o addr show dev eth0
  object 'cni-vlan.net:10  veth a:eth0' 2 UP 'group 685516602' ip -n a -d -o link show dev eth0
  object 'cni-vlan.net:11  address 10.30.0.1/24 of a:eth0.30' 1 10.30.0.1/24 ip -n a -o addr show dev eth0.30
  object 'cni-vlan.net:11  vlan a:eth0.30' 3 UP 'group 685516602' 'id 30' ip -n a -d -o link show dev eth0.30
  object 'cni-vlan.net:13  veth host:b-eth0' 3 UP 'master lab-br0' 'group 685516602' ip -d -o link show dev b-eth0
  object 'cni-vlan.net:13  VLAN 10 of host:b-eth0' 1 '10 PVID Egress Untagged' bridge vlan show dev b-eth0
  object 'cni-vlan.net:13  address 10.10.1.3/24 of b:eth0' 1 10.10.1.3/24 ip -n b -o addr show dev eth0
  object 'cni-vlan.net:13  veth b:eth0' 2 UP 'group 685516602' ip -n b -d -o link show dev eth0
  object 'cni-vlan.net:15  veth host:c-eth0' 3 UP 'master lab-br0' 'group 685516602' ip -d -o link show dev c-eth0
  object 'cni-vlan.net:15  VLAN 30-39 of host:c-eth0' 2 30 39 bridge vlan show dev c-eth0
  object 'cni-vlan.net:15  VLAN 20 of host:c-eth0' 1 '20 PVID Egress Untagged' bridge vlan show dev c-eth0
  object 'cni-vlan.net:15  address 10.20.1.2/24 of c:eth0' 1 10.20.1.2/24 ip -n c -o addr show dev eth0
  object 'cni-vlan.net:15  veth c:eth0' 2 UP 'group 685516602' ip -n c -d -o link show dev eth0
  object 'cni-vlan.net:16  address 10.30.0.2/24 of c:eth0.30' 1 10.30.0.2/24 ip -n c -o addr show dev eth0.30
  object 'cni-vlan.net:16  vlan c:eth0.30' 3 UP 'group 685516602' 'id 30' ip -n c -d -o link show dev eth0.30
  object 'cni-vlan.net:19  veth host:d-eth0' 3 UP 'master lab-br0' 'group 685516602' ip -d -o link show dev d-eth0
  object 'cni-vlan.net:19  VLAN 30-39 of host:d-eth0' 2 30 39 bridge vlan show dev d-eth0
  object 'cni-vlan.net:19  VLAN 20 of host:d-eth0' 1 '20 PVID Egress Untagged' bridge vlan show dev d-eth0
  object 'cni-vlan.net:19  address 10.20.1.3/24 of d:eth0' 1 10.20.1.3/24 ip -n d -o addr show dev eth0
  object 'cni-vlan.net:19  veth d:eth0' 2 UP 'group 685516602' ip -n d -d -o link show dev eth0
  object 'cni-vlan.net:20  address 10.30.0.3/24 of d:eth0.30' 1 10.30.0.3/24 ip -n d -o addr show dev eth0.30
  object 'cni-vlan.net:20  vlan d:eth0.30' 3 UP 'group 685516602' 'id 30' ip -n d -d -o link show dev eth0.30
  object 'cni-vlan.net:10  route default of a' 3 default 'via 10.10.1.1' 'dev eth0' ip -n a route show exact 0.0.0.0/0 table 254
  object 'cni-vlan.net:13  route default of b' 3 default 'via 10.10.1.1' 'dev eth0' ip -n b route show exact 0.0.0.0/0 table 254
  object 'cni-vlan.net:15  route default of c' 3 default 'via 10.20.1.1' 'dev eth0' ip -n c route show exact 0.0.0.0/0 table 254
  object 'cni-vlan.net:19  route default of d' 3 default 'via 10.20.1.1' 'dev eth0' ip -n d route show exact 0.0.0.0/0 table 254

  if [[ -z $quiet ]]; then printf '%s as declared, %s differ, %s missing\n' "$fine" "$differ" "$missing"; fi
  if ((differ || missing)); then exit 1; fi
  exit 0
}
