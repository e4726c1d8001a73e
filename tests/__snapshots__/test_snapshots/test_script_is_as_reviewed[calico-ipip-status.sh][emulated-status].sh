#!/usr/bin/env bash
# status.sh says of each object of the lab calico-ipip whether it is as declared; netc wrote it from calico-ipip.net.
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
  object 'calico-ipip.net:8  netns n1' 1 'alias netc calico-ipip' ip -n n1 -o link show dev lo
  object 'calico-ipip.net:11  netns n1-a' 1 'alias netc calico-ipip' ip -n n1-a -o link show dev lo
  object 'calico-ipip.net:13  netns n2' 1 'alias netc calico-ipip' ip -n n2 -o link show dev lo
  object 'calico-ipip.net:16  netns n2-b' 1 'alias netc calico-ipip' ip -n n2-b -o link show dev lo
  object 'calico-ipip.net:2  netns segments' 1 'alias netc calico-ipip' ip -n segments -o link show dev lo
  object 'calico-ipip.net:10  sysctl net.ipv4.ip_forward of n1' 1 1 ip netns exec n1 sysctl -n net.ipv4.ip_forward
  object 'calico-ipip.net:15  sysctl net.ipv4.ip_forward of n2' 1 1 ip netns exec n2 sysctl -n net.ipv4.ip_forward
  object 'calico-ipip.net:11  sysctl net.ipv4.ip_forward of n1-a' 1 0 ip netns exec n1-a sysctl -n net.ipv4.ip_forward
  object 'calico-ipip.net:16  sysctl net.ipv4.ip_forward of n2-b' 1 0 ip netns exec n2-b sysctl -n net.ipv4.ip_forward
  object 'calico-ipip.net:4  bridge segments:lan' 3 UP '02:d9:bd:14:ee:23 brd' 'group 384325346' ip -n segments -d -o link show dev lan
  object 'calico-ipip.net:9  address 192.168.50.11/24 of n1:eth0' 1 192.168.50.11/24 ip -n n1 -o addr show dev eth0
  object 'calico-ipip.net:9  veth n1:eth0' 2 UP 'group 384325346' ip -n n1 -d -o link show dev eth0
  object 'calico-ipip.net:9  veth segments:n1-eth0' 3 UP 'master lan' 'group 384325346' ip -n segments -d -o link show dev n1-eth0
  object 'calico-ipip.net:10  address 192.168.100.64/32 of n1:ipip.calico' 1 192.168.100.64/32 ip -n n1 -o addr show dev ipip.calico
  object 'calico-ipip.net:10  ipip n1:ipip.calico' 4 UP 'mtu 1480' 'group 384325346' 'local 192.168.50.11' ip -n n1 -d -o link show dev ipip.calico
  object 'calico-ipip.net:11  sysctl net.ipv4.conf.cali-a.proxy_arp' 1 1 ip netns exec n1 sysctl -n net.ipv4.conf.cali-a.proxy_arp
  object 'calico-ipip.net:11  sysctl net.ipv4.neigh.cali-a.proxy_delay' 1 0 ip netns exec n1 sysctl -n net.ipv4.neigh.cali-a.proxy_delay
  object 'calico-ipip.net:11  sysctl net.ipv4.conf.cali-a.forwarding' 1 1 ip netns exec n1 sysctl -n net.ipv4.conf.cali-a.forwarding
  object 'calico-ipip.net:11  sysctl net.ipv4.conf.cali-a.route_localnet' 1 1 ip netns exec n1 sysctl -n net.ipv4.conf.cali-a.route_localnet
  object 'calico-ipip.net:11  veth n1:cali-a' 4 UP 'mtu 1480' 'ee:ee:ee:ee:ee:ee brd' 'group 384325346' ip -n n1 -d -o link show dev cali-a
  object 'calico-ipip.net:11  address 192.168.100.65/32 of n1-a:eth0' 1 192.168.100.65/32 ip -n n1-a -o addr show dev eth0
  object 'calico-ipip.net:11  veth n1-a:eth0' 3 UP 'mtu 1480' 'group 384325346' ip -n n1-a -d -o link show dev eth0
  object 'calico-ipip.net:14  address 192.168.50.12/24 of n2:eth0' 1 192.168.50.12/24 ip -n n2 -o addr show dev eth0
  object 'calico-ipip.net:14  veth n2:eth0' 2 UP 'group 384325346' ip -n n2 -d -o link show dev eth0
  object 'calico-ipip.net:14  veth segments:n2-eth0' 3 UP 'master lan' 'group 384325346' ip -n segments -d -o link show dev n2-eth0
  object 'calico-ipip.net:15  address 192.168.100.128/32 of n2:ipip.calico' 1 192.168.100.128/32 ip -n n2 -o addr show dev ipip.calico
  object 'calico-ipip.net:15  ipip n2:ipip.calico' 4 UP 'mtu 1480' 'group 384325346' 'local 192.168.50.12' ip -n n2 -d -o link show dev ipip.calico
  object 'calico-ipip.net:16  sysctl net.ipv4.conf.cali-b.proxy_arp' 1 1 ip netns exec n2 sysctl -n net.ipv4.conf.cali-b.proxy_arp
  object 'calico-ipip.net:16  sysctl net.ipv4.neigh.cali-b.proxy_delay' 1 0 ip netns exec n2 sysctl -n net.ipv4.neigh.cali-b.proxy_delay
  object 'calico-ipip.net:16  sysctl net.ipv4.conf.cali-b.forwarding' 1 1 ip netns exec n2 sysctl -n net.ipv4.conf.cali-b.forwarding
  object 'calico-ipip.net:16  sysctl net.ipv4.conf.cali-b.route_localnet' 1 1 ip netns exec n2 sysctl -n net.ipv4.conf.cali-b.route_localnet
  object 'calico-ipip.net:16  veth n2:cali-b' 4 UP 'mtu 1480' 'ee:ee:ee:ee:ee:ee brd' 'group 384325346' ip -n n2 -d -o link show dev cali-b
  object 'calico-ipip.net:16  address 192.168.100.129/32 of n2-b:eth0' 1 192.168.100.129/32 ip -n n2-b -o addr show dev eth0
  object 'calico-ipip.net:16  veth n2-b:eth0' 3 UP 'mtu 1480' 'group 384325346' ip -n n2-b -d -o link show dev eth0
  object 'calico-ipip.net:10  route 169.254.1.1 of n1' 2 169.254.1.1 'dev lo' ip -n n1 route show exact 169.254.1.1/32 table 254
  object 'calico-ipip.net:10  route 192.168.100.64/26 of n1' 2 blackhole 192.168.100.64/26 ip -n n1 route show exact 192.168.100.64/26 table 254
  object 'calico-ipip.net:11  route 169.254.1.1 of n1-a' 3 169.254.1.1 'dev eth0' 'scope link' ip -n n1-a route show exact 169.254.1.1/32 table 254
  object 'calico-ipip.net:11  route 192.168.100.65 of n1' 3 192.168.100.65 'dev cali-a' 'scope link' ip -n n1 route show exact 192.168.100.65/32 table 254
  object 'calico-ipip.net:15  route 169.254.1.1 of n2' 2 169.254.1.1 'dev lo' ip -n n2 route show exact 169.254.1.1/32 table 254
  object 'calico-ipip.net:15  route 192.168.100.128/26 of n2' 2 blackhole 192.168.100.128/26 ip -n n2 route show exact 192.168.100.128/26 table 254
  object 'calico-ipip.net:16  route 169.254.1.1 of n2-b' 3 169.254.1.1 'dev eth0' 'scope link' ip -n n2-b route show exact 169.254.1.1/32 table 254
  object 'calico-ipip.net:16  route 192.168.100.129 of n2' 3 192.168.100.129 'dev cali-b' 'scope link' ip -n n2 route show exact 192.168.100.129/32 table 254
  object 'calico-ipip.net:10  route 192.168.100.128/26 of n1' 4 192.168.100.128/26 'via 192.168.50.12' 'dev ipip.calico' onlink ip -n n1 route show exact 192.168.100.128/26 table 254
  object 'calico-ipip.net:11  route default of n1-a' 3 default 'via 169.254.1.1' 'dev eth0' ip -n n1-a route show exact 0.0.0.0/0 table 254
  object 'calico-ipip.net:15  route 192.168.100.64/26 of n2' 4 192.168.100.64/26 'via 192.168.50.11' 'dev ipip.calico' onlink ip -n n2 route show exact 192.168.100.64/26 table 254
  object 'calico-ipip.net:16  route default of n2-b' 3 default 'via 169.254.1.1' 'dev eth0' ip -n n2-b route show exact 0.0.0.0/0 table 254

  if [[ -z $quiet ]]; then printf '%s as declared, %s differ, %s missing\n' "$fine" "$differ" "$missing"; fi
  if ((differ || missing)); then exit 1; fi
  exit 0
}
