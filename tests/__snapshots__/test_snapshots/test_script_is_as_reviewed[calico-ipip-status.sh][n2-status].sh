#!/usr/bin/env bash
# status.sh says of each object of the lab calico-ipip on the host n2 whether it is as declared; netc wrote it from calico-ipip.net.
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
  object 'calico-ipip.net:15  sysctl net.ipv4.ip_forward of n2' 1 1 sysctl -n net.ipv4.ip_forward
  object 'calico-ipip.net:16  netns b' 1 'alias netc calico-ipip' ip -n b -o link show dev lo
  object 'calico-ipip.net:16  sysctl net.ipv4.ip_forward of b' 1 0 ip netns exec b sysctl -n net.ipv4.ip_forward
  object 'calico-ipip.net:15  address 192.168.100.128/32 of n2:ipip.calico' 1 192.168.100.128/32 ip -o addr show dev ipip.calico
  object 'calico-ipip.net:15  ipip n2:ipip.calico' 4 UP 'mtu 1480' 'group 384325346' 'local 192.168.50.12' ip -d -o link show dev ipip.calico
  object 'calico-ipip.net:16  sysctl net.ipv4.conf.cali-b.proxy_arp' 1 1 sysctl -n net.ipv4.conf.cali-b.proxy_arp
  object 'calico-ipip.net:16  sysctl net.ipv4.neigh.cali-b.proxy_delay' 1 0 sysctl -n net.ipv4.neigh.cali-b.proxy_delay
  object 'calico-ipip.net:16  sysctl net.ipv4.conf.cali-b.forwarding' 1 1 sysctl -n net.ipv4.conf.cali-b.forwarding
  object 'calico-ipip.net:16  sysctl net.ipv4.conf.cali-b.route_localnet' 1 1 sysctl -n net.ipv4.conf.cali-b.route_localnet
  object 'calico-ipip.net:16  veth n2:cali-b' 4 UP 'mtu 1480' 'ee:ee:ee:ee:ee:ee brd' 'group 384325346' ip -d -o link show dev cali-b
  object 'calico-ipip.net:16  address 192.168.100.129/32 of b:eth0' 1 192.168.100.129/32 ip -n b -o addr show dev eth0
  object 'calico-ipip.net:16  veth b:eth0' 3 UP 'mtu 1480' 'group 384325346' ip -n b -d -o link show dev eth0
  object 'calico-ipip.net:15  route 169.254.1.1 of n2' 2 169.254.1.1 'dev lo' ip route show exact 169.254.1.1/32 table 254
  object 'calico-ipip.net:15  route 192.168.100.128/26 of n2' 2 blackhole 192.168.100.128/26 ip route show exact 192.168.100.128/26 table 254
  object 'calico-ipip.net:16  route 169.254.1.1 of b' 3 169.254.1.1 'dev eth0' 'scope link' ip -n b route show exact 169.254.1.1/32 table 254
  object 'calico-ipip.net:16  route 192.168.100.129 of n2' 3 192.168.100.129 'dev cali-b' 'scope link' ip route show exact 192.168.100.129/32 table 254
  object 'calico-ipip.net:15  route 192.168.100.64/26 of n2' 4 192.168.100.64/26 'via 192.168.50.11' 'dev ipip.calico' onlink ip route show exact 192.168.100.64/26 table 254
  object 'calico-ipip.net:16  route default of b' 3 default 'via 169.254.1.1' 'dev eth0' ip -n b route show exact 0.0.0.0/0 table 254

  if [[ -z $quiet ]]; then printf '%s as declared, %s differ, %s missing\n' "$fine" "$differ" "$missing"; fi
  if ((differ || missing)); then exit 1; fi
  exit 0
}
