#!/usr/bin/env bash
# status.sh says of each object of the lab flannel-direct-routing on the host n2 whether it is as declared; netc wrote it from flannel-direct-routing.net.
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
  object 'flannel-direct-routing.net:21  sysctl net.ipv4.ip_forward of n2' 1 1 sysctl -n net.ipv4.ip_forward
  object 'flannel-direct-routing.net:22  netns b' 1 'alias netc flannel-direct-routing' ip -n b -o link show dev lo
  object 'flannel-direct-routing.net:21  address 10.244.2.1/24 of n2:cni0' 1 10.244.2.1/24 ip -o addr show dev cni0
  object 'flannel-direct-routing.net:21  bridge n2:cni0' 4 UP 'mtu 1450' '02:4d:a7:65:42:98 brd' 'group 631835757' ip -d -o link show dev cni0
  object 'flannel-direct-routing.net:21  sysctl net/ipv6/conf/flannel.1/accept_ra' 1 0 sysctl -n net/ipv6/conf/flannel.1/accept_ra
  object 'flannel-direct-routing.net:21  address 10.244.2.0/32 of n2:flannel.1' 1 10.244.2.0/32 ip -o addr show dev flannel.1
  object 'flannel-direct-routing.net:21  vxlan n2:flannel.1' 8 UP 'mtu 1450' '02:cf:95:4a:9d:92 brd' 'group 631835757' 'id 1' 'dstport 8472' 'local 192.168.50.12' nolearning ip -d -o link show dev flannel.1
  object 'flannel-direct-routing.net:22  veth n2:b-eth0' 4 UP 'master cni0' 'mtu 1450' 'group 631835757' ip -d -o link show dev b-eth0
  object 'flannel-direct-routing.net:22  bridge_slave n2:b-eth0' 1 'hairpin on' ip -d -o link show dev b-eth0
  object 'flannel-direct-routing.net:22  address 10.244.2.9/24 of b:eth0' 1 10.244.2.9/24 ip -n b -o addr show dev eth0
  object 'flannel-direct-routing.net:22  veth b:eth0' 3 UP 'mtu 1450' 'group 631835757' ip -n b -d -o link show dev eth0
  object 'flannel-direct-routing.net:21  neighbour 10.244.3.0 of n2:flannel.1' 2 10.244.3.0 'lladdr 02:c6:10:61:43:27' ip -N neigh show to 10.244.3.0 dev flannel.1
  object 'flannel-direct-routing.net:21  FDB entry 02:c6:10:61:43:27 of n2:flannel.1' 1 '02:c6:10:61:43:27 dst 192.168.60.13' bridge fdb show dev flannel.1
  object 'flannel-direct-routing.net:20  route 192.168.60.0/24 of n2' 3 192.168.60.0/24 'via 192.168.50.1' 'dev eth0' ip route show exact 192.168.60.0/24 table 254
  object 'flannel-direct-routing.net:21  route 10.244.1.0/24 of n2' 3 10.244.1.0/24 'via 192.168.50.11' 'dev eth0' ip route show exact 10.244.1.0/24 table 254
  object 'flannel-direct-routing.net:21  route 10.244.3.0/24 of n2' 4 10.244.3.0/24 'via 10.244.3.0' 'dev flannel.1' onlink ip route show exact 10.244.3.0/24 table 254
  object 'flannel-direct-routing.net:22  route default of b' 3 default 'via 10.244.2.1' 'dev eth0' ip -n b route show exact 0.0.0.0/0 table 254

  if [[ -z $quiet ]]; then printf '%s as declared, %s differ, %s missing\n' "$fine" "$differ" "$missing"; fi
  if ((differ || missing)); then exit 1; fi
  exit 0
}
