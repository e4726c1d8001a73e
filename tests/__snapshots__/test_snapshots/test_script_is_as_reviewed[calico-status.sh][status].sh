#!/usr/bin/env bash
# status.sh says of each object of the lab calico whether it is as declared; netc wrote it from calico.net.
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
  object 'calico.net:5  sysctl net.ipv4.ip_forward of host' 1 1 sysctl -n net.ipv4.ip_forward
  object 'calico.net:6  netns ns1' 1 'alias netc calico' ip -n ns1 -o link show dev lo
  object 'calico.net:7  netns ns2' 1 'alias netc calico' ip -n ns2 -o link show dev lo
  object 'calico.net:6  sysctl net.ipv4.ip_forward of ns1' 1 0 ip netns exec ns1 sysctl -n net.ipv4.ip_forward
  object 'calico.net:7  sysctl net.ipv4.ip_forward of ns2' 1 0 ip netns exec ns2 sysctl -n net.ipv4.ip_forward
  object 'calico.net:6  sysctl net.ipv4.conf.cali-ns1.proxy_arp' 1 1 sysctl -n net.ipv4.conf.cali-ns1.proxy_arp
  object 'calico.net:6  sysctl net.ipv4.neigh.cali-ns1.proxy_delay' 1 0 sysctl -n net.ipv4.neigh.cali-ns1.proxy_delay
  object 'calico.net:6  sysctl net.ipv4.conf.cali-ns1.forwarding' 1 1 sysctl -n net.ipv4.conf.cali-ns1.forwarding
  object 'calico.net:6  sysctl net.ipv4.conf.cali-ns1.route_localnet' 1 1 sysctl -n net.ipv4.conf.cali-ns1.route_localnet
  object 'calico.net:6  veth host:cali-ns1' 3 UP 'ee:ee:ee:ee:ee:ee brd' 'group 347231748' ip -d -o link show dev cali-ns1
  object 'calico.net:6  address 192.168.100.1/32 of ns1:eth0' 1 192.168.100.1/32 ip -n ns1 -o addr show dev eth0
  object 'calico.net:6  veth ns1:eth0' 2 UP 'group 347231748' ip -n ns1 -d -o link show dev eth0
  object 'calico.net:7  sysctl net.ipv4.conf.cali-ns2.proxy_arp' 1 1 sysctl -n net.ipv4.conf.cali-ns2.proxy_arp
  object 'calico.net:7  sysctl net.ipv4.neigh.cali-ns2.proxy_delay' 1 0 sysctl -n net.ipv4.neigh.cali-ns2.proxy_delay
  object 'calico.net:7  sysctl net.ipv4.conf.cali-ns2.forwarding' 1 1 sysctl -n net.ipv4.conf.cali-ns2.forwarding
  object 'calico.net:7  sysctl net.ipv4.conf.cali-ns2.route_localnet' 1 1 sysctl -n net.ipv4.conf.cali-ns2.route_localnet
  object 'calico.net:7  veth host:cali-ns2' 3 UP 'ee:ee:ee:ee:ee:ee brd' 'group 347231748' ip -d -o link show dev cali-ns2
  object 'calico.net:7  address 192.168.100.2/32 of ns2:eth0' 1 192.168.100.2/32 ip -n ns2 -o addr show dev eth0
  object 'calico.net:7  veth ns2:eth0' 2 UP 'group 347231748' ip -n ns2 -d -o link show dev eth0
  object 'calico.net:5  route 169.254.1.1 of host' 2 169.254.1.1 'dev lo' ip route show exact 169.254.1.1/32 table 254
  object 'calico.net:5  route 192.168.100.0/26 of host' 2 blackhole 192.168.100.0/26 ip route show exact 192.168.100.0/26 table 254
  object 'calico.net:6  route 169.254.1.1 of ns1' 3 169.254.1.1 'dev eth0' 'scope link' ip -n ns1 route show exact 169.254.1.1/32 table 254
  object 'calico.net:6  route 192.168.100.1 of host' 3 192.168.100.1 'dev cali-ns1' 'scope link' ip route show exact 192.168.100.1/32 table 254
  object 'calico.net:7  route 169.254.1.1 of ns2' 3 169.254.1.1 'dev eth0' 'scope link' ip -n ns2 route show exact 169.254.1.1/32 table 254
  object 'calico.net:7  route 192.168.100.2 of host' 3 192.168.100.2 'dev cali-ns2' 'scope link' ip route show exact 192.168.100.2/32 table 254
  object 'calico.net:6  route default of ns1' 3 default 'via 169.254.1.1' 'dev eth0' ip -n ns1 route show exact 0.0.0.0/0 table 254
  object 'calico.net:7  route default of ns2' 3 default 'via 169.254.1.1' 'dev eth0' ip -n ns2 route show exact 0.0.0.0/0 table 254

  if [[ -z $quiet ]]; then printf '%s as declared, %s differ, %s missing\n' "$fine" "$differ" "$missing"; fi
  if ((differ || missing)); then exit 1; fi
  exit 0
}
