#!/usr/bin/env bash
# status.sh says of each object of the lab qinq whether it is as declared; netc wrote it from qinq.net.
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
  object 'qinq.net:5  netns p1' 1 'alias netc qinq' ip -n p1 -o link show dev lo
  object 'qinq.net:5  netns p2' 1 'alias netc qinq' ip -n p2 -o link show dev lo
  object 'qinq.net:10  netns red1' 1 'alias netc qinq' ip -n red1 -o link show dev lo
  object 'qinq.net:10  netns red2' 1 'alias netc qinq' ip -n red2 -o link show dev lo
  object 'qinq.net:10  netns blue1' 1 'alias netc qinq' ip -n blue1 -o link show dev lo
  object 'qinq.net:10  netns blue2' 1 'alias netc qinq' ip -n blue2 -o link show dev lo
  object 'qinq.net:5  bridge p1:br0' 6 UP '02:08:f9:eb:60:ec brd' 'group 1617568496' 'vlan_filtering 1' 'vlan_protocol 802.1ad' 'vlan_default_pvid 0' ip -n p1 -d -o link show dev br0
  object 'qinq.net:5  bridge p2:br0' 6 UP '02:c0:66:e0:a1:34 brd' 'group 1617568496' 'vlan_filtering 1' 'vlan_protocol 802.1ad' 'vlan_default_pvid 0' ip -n p2 -d -o link show dev br0
  object 'qinq.net:7  veth p1:core' 4 UP 'master br0' 'mtu 1504' 'group 1617568496' ip -n p1 -d -o link show dev core
  object 'qinq.net:7  VLAN 100 of p1:core' 1 100 bridge -n p1 vlan show dev core
  object 'qinq.net:7  VLAN 200 of p1:core' 1 200 bridge -n p1 vlan show dev core
  object 'qinq.net:7  veth p2:core' 4 UP 'master br0' 'mtu 1504' 'group 1617568496' ip -n p2 -d -o link show dev core
  object 'qinq.net:7  VLAN 100 of p2:core' 1 100 bridge -n p2 vlan show dev core
  object 'qinq.net:7  VLAN 200 of p2:core' 1 200 bridge -n p2 vlan show dev core
  object 'qinq.net:11  veth red1:wan' 3 UP 'mtu 1504' 'group 1617568496' ip -n red1 -d -o link show dev wan
  object 'qinq.net:11  veth p1:red1-wan' 4 UP 'master br0' 'mtu 1504' 'group 1617568496' ip -n p1 -d -o link show dev red1-wan
  object 'qinq.net:11  VLAN 100 of p1:red1-wan' 1 '100 PVID Egress Untagged' bridge -n p1 vlan show dev red1-wan
  object 'qinq.net:13  address 10.0.10.1/24 of red1:wan.10' 1 10.0.10.1/24 ip -n red1 -o addr show dev wan.10
  object 'qinq.net:13  vlan red1:wan.10' 4 UP 'mtu 1500' 'group 1617568496' 'id 10' ip -n red1 -d -o link show dev wan.10
  object 'qinq.net:14  address 10.0.20.1/24 of red1:wan.20' 1 10.0.20.1/24 ip -n red1 -o addr show dev wan.20
  object 'qinq.net:14  vlan red1:wan.20' 4 UP 'mtu 1500' 'group 1617568496' 'id 20' ip -n red1 -d -o link show dev wan.20
  object 'qinq.net:11  veth red2:wan' 3 UP 'mtu 1504' 'group 1617568496' ip -n red2 -d -o link show dev wan
  object 'qinq.net:11  veth p2:red2-wan' 4 UP 'master br0' 'mtu 1504' 'group 1617568496' ip -n p2 -d -o link show dev red2-wan
  object 'qinq.net:11  VLAN 100 of p2:red2-wan' 1 '100 PVID Egress Untagged' bridge -n p2 vlan show dev red2-wan
  object 'qinq.net:13  address 10.0.10.2/24 of red2:wan.10' 1 10.0.10.2/24 ip -n red2 -o addr show dev wan.10
  object 'qinq.net:13  vlan red2:wan.10' 4 UP 'mtu 1500' 'group 1617568496' 'id 10' ip -n red2 -d -o link show dev wan.10
  object 'qinq.net:14  address 10.0.20.2/24 of red2:wan.20' 1 10.0.20.2/24 ip -n red2 -o addr show dev wan.20
  object 'qinq.net:14  vlan red2:wan.20' 4 UP 'mtu 1500' 'group 1617568496' 'id 20' ip -n red2 -d -o link show dev wan.20
  object 'qinq.net:11  veth blue1:wan' 3 UP 'mtu 1504' 'group 1617568496' ip -n blue1 -d -o link show dev wan
  object 'qinq.net:11  veth p1:blue1-wan' 4 UP 'master br0' 'mtu 1504' 'group 1617568496' ip -n p1 -d -o link show dev blue1-wan
  object 'qinq.net:11  VLAN 200 of p1:blue1-wan' 1 '200 PVID Egress Untagged' bridge -n p1 vlan show dev blue1-wan
  object 'qinq.net:13  address 10.0.10.3/24 of blue1:wan.10' 1 10.0.10.3/24 ip -n blue1 -o addr show dev wan.10
  object 'qinq.net:13  vlan blue1:wan.10' 4 UP 'mtu 1500' 'group 1617568496' 'id 10' ip -n blue1 -d -o link show dev wan.10
  object 'qinq.net:14  address 10.0.20.3/24 of blue1:wan.20' 1 10.0.20.3/24 ip -n blue1 -o addr show dev wan.20
  object 'qinq.net:14  vlan blue1:wan.20' 4 UP 'mtu 1500' 'group 1617568496' 'id 20' ip -n blue1 -d -o link show dev wan.20
  object 'qinq.net:11  veth blue2:wan' 3 UP 'mtu 1504' 'group 1617568496' ip -n blue2 -d -o link show dev wan
  object 'qinq.net:11  veth p2:blue2-wan' 4 UP 'master br0' 'mtu 1504' 'group 1617568496' ip -n p2 -d -o link show dev blue2-wan
  object 'qinq.net:11  VLAN 200 of p2:blue2-wan' 1 '200 PVID Egress Untagged' bridge -n p2 vlan show dev blue2-wan
  object 'qinq.net:13  address 10.0.10.4/24 of blue2:wan.10' 1 10.0.10.4/24 ip -n blue2 -o addr show dev wan.10
  object 'qinq.net:13  vlan blue2:wan.10' 4 UP 'mtu 1500' 'group 1617568496' 'id 10' ip -n blue2 -d -o link show dev wan.10
  object 'qinq.net:14  address 10.0.20.4/24 of blue2:wan.20' 1 10.0.20.4/24 ip -n blue2 -o addr show dev wan.20
  object 'qinq.net:14  vlan blue2:wan.20' 4 UP 'mtu 1500' 'group 1617568496' 'id 20' ip -n blue2 -d -o link show dev wan.20

  if [[ -z $quiet ]]; then printf '%s as declared, %s differ, %s missing\n' "$fine" "$differ" "$missing"; fi
  if ((differ || missing)); then exit 1; fi
  exit 0
}
