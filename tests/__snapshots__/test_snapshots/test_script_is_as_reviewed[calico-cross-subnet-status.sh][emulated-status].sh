#!/usr/bin/env bash
# status.sh says of each object of the lab calico-cross-subnet whether it is as declared; netc wrote it from calico-cross-subnet.net.
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
  loaded() { # WHAT COUNT ENTER... SHOW...: SHOW prints, entered by COUNT words, what it does where standard input is loaded
    local out wanted line lacking='' more=''
    # shellcheck disable=SC2016
    wanted=$(unshare --net sh -c '"$1" -f - && exec "$@"' sh "${@:$2+3}") || :
    if ! out=$("${@:3}" 2>/dev/null) || [[ -z $out ]]; then
      is_missing "$1" && return
    fi
    if [[ $out != "$wanted" ]]; then
      while read -r line; do [[ " $out" == *[[:space:]]"$line"* ]] || lacking+=" '$line'"; done <<<"$wanted"
      while read -r line; do [[ " $wanted" == *[[:space:]]"$line"* ]] || more+=" '$line'"; done <<<"$out"
      if [[ -z $lacking$more ]]; then lacking=' the order' more=' another'; fi
      differ=$((differ + 1)) && printf 'differs  %s: without%s; with%s\n' "$1" "${lacking:- nothing}" "${more:- nothing}" && return
    fi
    as_declared "$1"
  }
  if ((EUID)); then tell 'run me as root' && exit 1; fi

  # --- the lab
  object 'calico-cross-subnet.net:13  netns n1' 1 'alias netc calico-cross-subnet' ip -n n1 -o link show dev lo
  object 'calico-cross-subnet.net:18  netns n1-a' 1 'alias netc calico-cross-subnet' ip -n n1-a -o link show dev lo
  object 'calico-cross-subnet.net:19  netns n1-b' 1 'alias netc calico-cross-subnet' ip -n n1-b -o link show dev lo
  object 'calico-cross-subnet.net:21  netns n2' 1 'alias netc calico-cross-subnet' ip -n n2 -o link show dev lo
  object 'calico-cross-subnet.net:26  netns n2-c' 1 'alias netc calico-cross-subnet' ip -n n2-c -o link show dev lo
  object 'calico-cross-subnet.net:28  netns n3' 1 'alias netc calico-cross-subnet' ip -n n3 -o link show dev lo
  object 'calico-cross-subnet.net:33  netns n3-d' 1 'alias netc calico-cross-subnet' ip -n n3-d -o link show dev lo
  object 'calico-cross-subnet.net:35  netns router' 1 'alias netc calico-cross-subnet' ip -n router -o link show dev lo
  object 'calico-cross-subnet.net:2  netns segments' 1 'alias netc calico-cross-subnet' ip -n segments -o link show dev lo
  object 'calico-cross-subnet.net:17  sysctl net.ipv4.ip_forward of n1' 1 1 ip netns exec n1 sysctl -n net.ipv4.ip_forward
  object 'calico-cross-subnet.net:17  sysctl net.ipv6.conf.all.forwarding of n1' 1 1 ip netns exec n1 sysctl -n net.ipv6.conf.all.forwarding
  object 'calico-cross-subnet.net:25  sysctl net.ipv4.ip_forward of n2' 1 1 ip netns exec n2 sysctl -n net.ipv4.ip_forward
  object 'calico-cross-subnet.net:25  sysctl net.ipv6.conf.all.forwarding of n2' 1 1 ip netns exec n2 sysctl -n net.ipv6.conf.all.forwarding
  object 'calico-cross-subnet.net:32  sysctl net.ipv4.ip_forward of n3' 1 1 ip netns exec n3 sysctl -n net.ipv4.ip_forward
  object 'calico-cross-subnet.net:32  sysctl net.ipv6.conf.all.forwarding of n3' 1 1 ip netns exec n3 sysctl -n net.ipv6.conf.all.forwarding
  object 'calico-cross-subnet.net:38  sysctl net.ipv4.ip_forward of router' 1 1 ip netns exec router sysctl -n net.ipv4.ip_forward
  object 'calico-cross-subnet.net:38  sysctl net.ipv6.conf.all.forwarding of router' 1 1 ip netns exec router sysctl -n net.ipv6.conf.all.forwarding
  object 'calico-cross-subnet.net:18  sysctl net.ipv4.ip_forward of n1-a' 1 0 ip netns exec n1-a sysctl -n net.ipv4.ip_forward
  object 'calico-cross-subnet.net:19  sysctl net.ipv4.ip_forward of n1-b' 1 0 ip netns exec n1-b sysctl -n net.ipv4.ip_forward
  object 'calico-cross-subnet.net:26  sysctl net.ipv4.ip_forward of n2-c' 1 0 ip netns exec n2-c sysctl -n net.ipv4.ip_forward
  object 'calico-cross-subnet.net:33  sysctl net.ipv4.ip_forward of n3-d' 1 0 ip netns exec n3-d sysctl -n net.ipv4.ip_forward
  object 'calico-cross-subnet.net:4  bridge segments:east' 3 UP '02:1a:0f:c6:72:d7 brd' 'group 862592345' ip -n segments -d -o link show dev east
  object 'calico-cross-subnet.net:14  address 192.168.50.11/24 of n1:eth0' 1 192.168.50.11/24 ip -n n1 -o addr show dev eth0
  object 'calico-cross-subnet.net:14  address fd00:50::11/64 of n1:eth0' 1 fd00:50::11/64 ip -n n1 -o addr show dev eth0
  object 'calico-cross-subnet.net:14  veth n1:eth0' 2 UP 'group 862592345' ip -n n1 -d -o link show dev eth0
  object 'calico-cross-subnet.net:14  veth segments:n1-eth0' 3 UP 'master east' 'group 862592345' ip -n segments -d -o link show dev n1-eth0
  object 'calico-cross-subnet.net:17  address 192.168.100.64/32 of n1:vxlan.calico' 1 192.168.100.64/32 ip -n n1 -o addr show dev vxlan.calico
  object 'calico-cross-subnet.net:17  vxlan n1:vxlan.calico' 8 UP 'mtu 1450' '02:a5:fb:7b:62:a8 brd' 'group 862592345' 'id 4096' 'dstport 4789' 'local 192.168.50.11' nolearning ip -n n1 -d -o link show dev vxlan.calico
  object 'calico-cross-subnet.net:17  address fd00:100::40/128 of n1:vxlan-v6.calico' 1 fd00:100::40/128 ip -n n1 -o addr show dev vxlan-v6.calico
  object 'calico-cross-subnet.net:17  vxlan n1:vxlan-v6.calico' 8 UP 'mtu 1430' '02:62:26:a1:55:03 brd' 'group 862592345' 'id 4096' 'dstport 4789' 'local fd00:50::11' nolearning ip -n n1 -d -o link show dev vxlan-v6.calico
  object 'calico-cross-subnet.net:18  sysctl net.ipv4.conf.cali-a.proxy_arp' 1 1 ip netns exec n1 sysctl -n net.ipv4.conf.cali-a.proxy_arp
  object 'calico-cross-subnet.net:18  sysctl net.ipv4.neigh.cali-a.proxy_delay' 1 0 ip netns exec n1 sysctl -n net.ipv4.neigh.cali-a.proxy_delay
  object 'calico-cross-subnet.net:18  sysctl net.ipv4.conf.cali-a.forwarding' 1 1 ip netns exec n1 sysctl -n net.ipv4.conf.cali-a.forwarding
  object 'calico-cross-subnet.net:18  sysctl net.ipv4.conf.cali-a.route_localnet' 1 1 ip netns exec n1 sysctl -n net.ipv4.conf.cali-a.route_localnet
  object 'calico-cross-subnet.net:18  sysctl net.ipv6.conf.cali-a.accept_ra' 1 0 ip netns exec n1 sysctl -n net.ipv6.conf.cali-a.accept_ra
  object 'calico-cross-subnet.net:18  sysctl net.ipv6.conf.cali-a.accept_dad' 1 0 ip netns exec n1 sysctl -n net.ipv6.conf.cali-a.accept_dad
  object 'calico-cross-subnet.net:18  sysctl net.ipv6.conf.cali-a.proxy_ndp' 1 1 ip netns exec n1 sysctl -n net.ipv6.conf.cali-a.proxy_ndp
  object 'calico-cross-subnet.net:18  veth n1:cali-a' 4 UP 'mtu 1430' 'ee:ee:ee:ee:ee:ee brd' 'group 862592345' ip -n n1 -d -o link show dev cali-a
  object 'calico-cross-subnet.net:18  address 192.168.100.65/32 of n1-a:eth0' 1 192.168.100.65/32 ip -n n1-a -o addr show dev eth0
  object 'calico-cross-subnet.net:18  address fd00:100::41/128 of n1-a:eth0' 1 fd00:100::41/128 ip -n n1-a -o addr show dev eth0
  object 'calico-cross-subnet.net:18  veth n1-a:eth0' 3 UP 'mtu 1430' 'group 862592345' ip -n n1-a -d -o link show dev eth0
  object 'calico-cross-subnet.net:19  sysctl net.ipv4.conf.cali-b.proxy_arp' 1 1 ip netns exec n1 sysctl -n net.ipv4.conf.cali-b.proxy_arp
  object 'calico-cross-subnet.net:19  sysctl net.ipv4.neigh.cali-b.proxy_delay' 1 0 ip netns exec n1 sysctl -n net.ipv4.neigh.cali-b.proxy_delay
  object 'calico-cross-subnet.net:19  sysctl net.ipv4.conf.cali-b.forwarding' 1 1 ip netns exec n1 sysctl -n net.ipv4.conf.cali-b.forwarding
  object 'calico-cross-subnet.net:19  sysctl net.ipv4.conf.cali-b.route_localnet' 1 1 ip netns exec n1 sysctl -n net.ipv4.conf.cali-b.route_localnet
  object 'calico-cross-subnet.net:19  sysctl net.ipv6.conf.cali-b.accept_ra' 1 0 ip netns exec n1 sysctl -n net.ipv6.conf.cali-b.accept_ra
  object 'calico-cross-subnet.net:19  sysctl net.ipv6.conf.cali-b.accept_dad' 1 0 ip netns exec n1 sysctl -n net.ipv6.conf.cali-b.accept_dad
  object 'calico-cross-subnet.net:19  sysctl net.ipv6.conf.cali-b.proxy_ndp' 1 1 ip netns exec n1 sysctl -n net.ipv6.conf.cali-b.proxy_ndp
  object 'calico-cross-subnet.net:19  veth n1:cali-b' 4 UP 'mtu 1430' 'ee:ee:ee:ee:ee:ee brd' 'group 862592345' ip -n n1 -d -o link show dev cali-b
  object 'calico-cross-subnet.net:19  address 192.168.100.66/32 of n1-b:eth0' 1 192.168.100.66/32 ip -n n1-b -o addr show dev eth0
  object 'calico-cross-subnet.net:19  address fd00:100::42/128 of n1-b:eth0' 1 fd00:100::42/128 ip -n n1-b -o addr show dev eth0
  object 'calico-cross-subnet.net:19  veth n1-b:eth0' 3 UP 'mtu 1430' 'group 862592345' ip -n n1-b -d -o link show dev eth0
  object 'calico-cross-subnet.net:22  address 192.168.50.12/24 of n2:eth0' 1 192.168.50.12/24 ip -n n2 -o addr show dev eth0
  object 'calico-cross-subnet.net:22  address fd00:50::12/64 of n2:eth0' 1 fd00:50::12/64 ip -n n2 -o addr show dev eth0
  object 'calico-cross-subnet.net:22  veth n2:eth0' 2 UP 'group 862592345' ip -n n2 -d -o link show dev eth0
  object 'calico-cross-subnet.net:22  veth segments:n2-eth0' 3 UP 'master east' 'group 862592345' ip -n segments -d -o link show dev n2-eth0
  object 'calico-cross-subnet.net:25  address 192.168.100.128/32 of n2:vxlan.calico' 1 192.168.100.128/32 ip -n n2 -o addr show dev vxlan.calico
  object 'calico-cross-subnet.net:25  vxlan n2:vxlan.calico' 8 UP 'mtu 1450' '02:cf:95:4a:9d:92 brd' 'group 862592345' 'id 4096' 'dstport 4789' 'local 192.168.50.12' nolearning ip -n n2 -d -o link show dev vxlan.calico
  object 'calico-cross-subnet.net:25  address fd00:100::80/128 of n2:vxlan-v6.calico' 1 fd00:100::80/128 ip -n n2 -o addr show dev vxlan-v6.calico
  object 'calico-cross-subnet.net:25  vxlan n2:vxlan-v6.calico' 8 UP 'mtu 1430' '02:be:04:be:ed:52 brd' 'group 862592345' 'id 4096' 'dstport 4789' 'local fd00:50::12' nolearning ip -n n2 -d -o link show dev vxlan-v6.calico
  object 'calico-cross-subnet.net:26  sysctl net.ipv4.conf.cali-c.proxy_arp' 1 1 ip netns exec n2 sysctl -n net.ipv4.conf.cali-c.proxy_arp
  object 'calico-cross-subnet.net:26  sysctl net.ipv4.neigh.cali-c.proxy_delay' 1 0 ip netns exec n2 sysctl -n net.ipv4.neigh.cali-c.proxy_delay
  object 'calico-cross-subnet.net:26  sysctl net.ipv4.conf.cali-c.forwarding' 1 1 ip netns exec n2 sysctl -n net.ipv4.conf.cali-c.forwarding
  object 'calico-cross-subnet.net:26  sysctl net.ipv4.conf.cali-c.route_localnet' 1 1 ip netns exec n2 sysctl -n net.ipv4.conf.cali-c.route_localnet
  object 'calico-cross-subnet.net:26  sysctl net.ipv6.conf.cali-c.accept_ra' 1 0 ip netns exec n2 sysctl -n net.ipv6.conf.cali-c.accept_ra
  object 'calico-cross-subnet.net:26  sysctl net.ipv6.conf.cali-c.accept_dad' 1 0 ip netns exec n2 sysctl -n net.ipv6.conf.cali-c.accept_dad
  object 'calico-cross-subnet.net:26  sysctl net.ipv6.conf.cali-c.proxy_ndp' 1 1 ip netns exec n2 sysctl -n net.ipv6.conf.cali-c.proxy_ndp
  object 'calico-cross-subnet.net:26  veth n2:cali-c' 4 UP 'mtu 1430' 'ee:ee:ee:ee:ee:ee brd' 'group 862592345' ip -n n2 -d -o link show dev cali-c
  object 'calico-cross-subnet.net:26  address 192.168.100.129/32 of n2-c:eth0' 1 192.168.100.129/32 ip -n n2-c -o addr show dev eth0
  object 'calico-cross-subnet.net:26  address fd00:100::81/128 of n2-c:eth0' 1 fd00:100::81/128 ip -n n2-c -o addr show dev eth0
  object 'calico-cross-subnet.net:26  veth n2-c:eth0' 3 UP 'mtu 1430' 'group 862592345' ip -n n2-c -d -o link show dev eth0
  object 'calico-cross-subnet.net:5  bridge segments:west' 3 UP '02:6a:b4:13:25:6a brd' 'group 862592345' ip -n segments -d -o link show dev west
  object 'calico-cross-subnet.net:29  address 192.168.60.13/24 of n3:eth0' 1 192.168.60.13/24 ip -n n3 -o addr show dev eth0
  object 'calico-cross-subnet.net:29  address fd00:60::13/64 of n3:eth0' 1 fd00:60::13/64 ip -n n3 -o addr show dev eth0
  object 'calico-cross-subnet.net:29  veth n3:eth0' 2 UP 'group 862592345' ip -n n3 -d -o link show dev eth0
  object 'calico-cross-subnet.net:29  veth segments:n3-eth0' 3 UP 'master west' 'group 862592345' ip -n segments -d -o link show dev n3-eth0
  object 'calico-cross-subnet.net:32  address 192.168.100.192/32 of n3:vxlan.calico' 1 192.168.100.192/32 ip -n n3 -o addr show dev vxlan.calico
  object 'calico-cross-subnet.net:32  vxlan n3:vxlan.calico' 8 UP 'mtu 1450' '02:c6:10:61:43:27 brd' 'group 862592345' 'id 4096' 'dstport 4789' 'local 192.168.60.13' nolearning ip -n n3 -d -o link show dev vxlan.calico
  object 'calico-cross-subnet.net:32  address fd00:100::c0/128 of n3:vxlan-v6.calico' 1 fd00:100::c0/128 ip -n n3 -o addr show dev vxlan-v6.calico
  object 'calico-cross-subnet.net:32  vxlan n3:vxlan-v6.calico' 8 UP 'mtu 1430' '02:11:88:b8:a1:5c brd' 'group 862592345' 'id 4096' 'dstport 4789' 'local fd00:60::13' nolearning ip -n n3 -d -o link show dev vxlan-v6.calico
  object 'calico-cross-subnet.net:33  sysctl net.ipv4.conf.cali-d.proxy_arp' 1 1 ip netns exec n3 sysctl -n net.ipv4.conf.cali-d.proxy_arp
  object 'calico-cross-subnet.net:33  sysctl net.ipv4.neigh.cali-d.proxy_delay' 1 0 ip netns exec n3 sysctl -n net.ipv4.neigh.cali-d.proxy_delay
  object 'calico-cross-subnet.net:33  sysctl net.ipv4.conf.cali-d.forwarding' 1 1 ip netns exec n3 sysctl -n net.ipv4.conf.cali-d.forwarding
  object 'calico-cross-subnet.net:33  sysctl net.ipv4.conf.cali-d.route_localnet' 1 1 ip netns exec n3 sysctl -n net.ipv4.conf.cali-d.route_localnet
  object 'calico-cross-subnet.net:33  sysctl net.ipv6.conf.cali-d.accept_ra' 1 0 ip netns exec n3 sysctl -n net.ipv6.conf.cali-d.accept_ra
  object 'calico-cross-subnet.net:33  sysctl net.ipv6.conf.cali-d.accept_dad' 1 0 ip netns exec n3 sysctl -n net.ipv6.conf.cali-d.accept_dad
  object 'calico-cross-subnet.net:33  sysctl net.ipv6.conf.cali-d.proxy_ndp' 1 1 ip netns exec n3 sysctl -n net.ipv6.conf.cali-d.proxy_ndp
  object 'calico-cross-subnet.net:33  veth n3:cali-d' 4 UP 'mtu 1430' 'ee:ee:ee:ee:ee:ee brd' 'group 862592345' ip -n n3 -d -o link show dev cali-d
  object 'calico-cross-subnet.net:33  address 192.168.100.193/32 of n3-d:eth0' 1 192.168.100.193/32 ip -n n3-d -o addr show dev eth0
  object 'calico-cross-subnet.net:33  address fd00:100::c1/128 of n3-d:eth0' 1 fd00:100::c1/128 ip -n n3-d -o addr show dev eth0
  object 'calico-cross-subnet.net:33  veth n3-d:eth0' 3 UP 'mtu 1430' 'group 862592345' ip -n n3-d -d -o link show dev eth0
  object 'calico-cross-subnet.net:36  address 192.168.50.1/24 of router:eth0' 1 192.168.50.1/24 ip -n router -o addr show dev eth0
  object 'calico-cross-subnet.net:36  address fd00:50::1/64 of router:eth0' 1 fd00:50::1/64 ip -n router -o addr show dev eth0
  object 'calico-cross-subnet.net:36  veth router:eth0' 2 UP 'group 862592345' ip -n router -d -o link show dev eth0
  object 'calico-cross-subnet.net:36  veth segments:router-eth0' 3 UP 'master east' 'group 862592345' ip -n segments -d -o link show dev router-eth0
  object 'calico-cross-subnet.net:37  address 192.168.60.1/24 of router:eth1' 1 192.168.60.1/24 ip -n router -o addr show dev eth1
  object 'calico-cross-subnet.net:37  address fd00:60::1/64 of router:eth1' 1 fd00:60::1/64 ip -n router -o addr show dev eth1
  object 'calico-cross-subnet.net:37  veth router:eth1' 2 UP 'group 862592345' ip -n router -d -o link show dev eth1
  object 'calico-cross-subnet.net:37  veth segments:router-eth1' 3 UP 'master west' 'group 862592345' ip -n segments -d -o link show dev router-eth1
  object 'calico-cross-subnet.net:17  neighbour 192.168.100.192 of n1:vxlan.calico' 2 192.168.100.192 'lladdr 02:c6:10:61:43:27' ip -n n1 -N neigh show to 192.168.100.192 dev vxlan.calico
  object 'calico-cross-subnet.net:17  neighbour fd00:100::c0 of n1:vxlan-v6.calico' 2 fd00:100::c0 'lladdr 02:11:88:b8:a1:5c' ip -n n1 -N neigh show to fd00:100::c0 dev vxlan-v6.calico
  object 'calico-cross-subnet.net:25  neighbour 192.168.100.192 of n2:vxlan.calico' 2 192.168.100.192 'lladdr 02:c6:10:61:43:27' ip -n n2 -N neigh show to 192.168.100.192 dev vxlan.calico
  object 'calico-cross-subnet.net:25  neighbour fd00:100::c0 of n2:vxlan-v6.calico' 2 fd00:100::c0 'lladdr 02:11:88:b8:a1:5c' ip -n n2 -N neigh show to fd00:100::c0 dev vxlan-v6.calico
  object 'calico-cross-subnet.net:32  neighbour 192.168.100.64 of n3:vxlan.calico' 2 192.168.100.64 'lladdr 02:a5:fb:7b:62:a8' ip -n n3 -N neigh show to 192.168.100.64 dev vxlan.calico
  object 'calico-cross-subnet.net:32  neighbour 192.168.100.128 of n3:vxlan.calico' 2 192.168.100.128 'lladdr 02:cf:95:4a:9d:92' ip -n n3 -N neigh show to 192.168.100.128 dev vxlan.calico
  object 'calico-cross-subnet.net:32  neighbour fd00:100::40 of n3:vxlan-v6.calico' 2 fd00:100::40 'lladdr 02:62:26:a1:55:03' ip -n n3 -N neigh show to fd00:100::40 dev vxlan-v6.calico
  object 'calico-cross-subnet.net:32  neighbour fd00:100::80 of n3:vxlan-v6.calico' 2 fd00:100::80 'lladdr 02:be:04:be:ed:52' ip -n n3 -N neigh show to fd00:100::80 dev vxlan-v6.calico
  object 'calico-cross-subnet.net:17  FDB entry 02:c6:10:61:43:27 of n1:vxlan.calico' 1 '02:c6:10:61:43:27 dst 192.168.60.13' bridge -n n1 fdb show dev vxlan.calico
  object 'calico-cross-subnet.net:17  FDB entry 02:11:88:b8:a1:5c of n1:vxlan-v6.calico' 1 '02:11:88:b8:a1:5c dst fd00:60::13' bridge -n n1 fdb show dev vxlan-v6.calico
  object 'calico-cross-subnet.net:25  FDB entry 02:c6:10:61:43:27 of n2:vxlan.calico' 1 '02:c6:10:61:43:27 dst 192.168.60.13' bridge -n n2 fdb show dev vxlan.calico
  object 'calico-cross-subnet.net:25  FDB entry 02:11:88:b8:a1:5c of n2:vxlan-v6.calico' 1 '02:11:88:b8:a1:5c dst fd00:60::13' bridge -n n2 fdb show dev vxlan-v6.calico
  object 'calico-cross-subnet.net:32  FDB entry 02:a5:fb:7b:62:a8 of n3:vxlan.calico' 1 '02:a5:fb:7b:62:a8 dst 192.168.50.11' bridge -n n3 fdb show dev vxlan.calico
  object 'calico-cross-subnet.net:32  FDB entry 02:cf:95:4a:9d:92 of n3:vxlan.calico' 1 '02:cf:95:4a:9d:92 dst 192.168.50.12' bridge -n n3 fdb show dev vxlan.calico
  object 'calico-cross-subnet.net:32  FDB entry 02:62:26:a1:55:03 of n3:vxlan-v6.calico' 1 '02:62:26:a1:55:03 dst fd00:50::11' bridge -n n3 fdb show dev vxlan-v6.calico
  object 'calico-cross-subnet.net:32  FDB entry 02:be:04:be:ed:52 of n3:vxlan-v6.calico' 1 '02:be:04:be:ed:52 dst fd00:50::12' bridge -n n3 fdb show dev vxlan-v6.calico
  object 'calico-cross-subnet.net:17  route 169.254.1.1 of n1' 2 169.254.1.1 'dev lo' ip -n n1 route show exact 169.254.1.1/32 table 254
  object 'calico-cross-subnet.net:17  route 192.168.100.64/26 of n1' 2 blackhole 192.168.100.64/26 ip -n n1 route show exact 192.168.100.64/26 table 254
  object 'calico-cross-subnet.net:17  route fd00:100::40/122 of n1' 3 blackhole fd00:100::40/122 'metric 1024' ip -n n1 -6 route show exact fd00:100::40/122 table 254
  object 'calico-cross-subnet.net:18  route 169.254.1.1 of n1-a' 3 169.254.1.1 'dev eth0' 'scope link' ip -n n1-a route show exact 169.254.1.1/32 table 254
  object 'calico-cross-subnet.net:18  route 192.168.100.65 of n1' 3 192.168.100.65 'dev cali-a' 'scope link' ip -n n1 route show exact 192.168.100.65/32 table 254
  object 'calico-cross-subnet.net:18  route fd00:100::41 of n1' 3 fd00:100::41 'dev cali-a' 'metric 1024' ip -n n1 -6 route show exact fd00:100::41/128 table 254
  object 'calico-cross-subnet.net:19  route 169.254.1.1 of n1-b' 3 169.254.1.1 'dev eth0' 'scope link' ip -n n1-b route show exact 169.254.1.1/32 table 254
  object 'calico-cross-subnet.net:19  route 192.168.100.66 of n1' 3 192.168.100.66 'dev cali-b' 'scope link' ip -n n1 route show exact 192.168.100.66/32 table 254
  object 'calico-cross-subnet.net:19  route fd00:100::42 of n1' 3 fd00:100::42 'dev cali-b' 'metric 1024' ip -n n1 -6 route show exact fd00:100::42/128 table 254
  object 'calico-cross-subnet.net:25  route 169.254.1.1 of n2' 2 169.254.1.1 'dev lo' ip -n n2 route show exact 169.254.1.1/32 table 254
  object 'calico-cross-subnet.net:25  route 192.168.100.128/26 of n2' 2 blackhole 192.168.100.128/26 ip -n n2 route show exact 192.168.100.128/26 table 254
  object 'calico-cross-subnet.net:25  route fd00:100::80/122 of n2' 3 blackhole fd00:100::80/122 'metric 1024' ip -n n2 -6 route show exact fd00:100::80/122 table 254
  object 'calico-cross-subnet.net:26  route 169.254.1.1 of n2-c' 3 169.254.1.1 'dev eth0' 'scope link' ip -n n2-c route show exact 169.254.1.1/32 table 254
  object 'calico-cross-subnet.net:26  route 192.168.100.129 of n2' 3 192.168.100.129 'dev cali-c' 'scope link' ip -n n2 route show exact 192.168.100.129/32 table 254
  object 'calico-cross-subnet.net:26  route fd00:100::81 of n2' 3 fd00:100::81 'dev cali-c' 'metric 1024' ip -n n2 -6 route show exact fd00:100::81/128 table 254
  object 'calico-cross-subnet.net:32  route 169.254.1.1 of n3' 2 169.254.1.1 'dev lo' ip -n n3 route show exact 169.254.1.1/32 table 254
  object 'calico-cross-subnet.net:32  route 192.168.100.192/26 of n3' 2 blackhole 192.168.100.192/26 ip -n n3 route show exact 192.168.100.192/26 table 254
  object 'calico-cross-subnet.net:32  route fd00:100::c0/122 of n3' 3 blackhole fd00:100::c0/122 'metric 1024' ip -n n3 -6 route show exact fd00:100::c0/122 table 254
  object 'calico-cross-subnet.net:33  route 169.254.1.1 of n3-d' 3 169.254.1.1 'dev eth0' 'scope link' ip -n n3-d route show exact 169.254.1.1/32 table 254
  object 'calico-cross-subnet.net:33  route 192.168.100.193 of n3' 3 192.168.100.193 'dev cali-d' 'scope link' ip -n n3 route show exact 192.168.100.193/32 table 254
  object 'calico-cross-subnet.net:33  route fd00:100::c1 of n3' 3 fd00:100::c1 'dev cali-d' 'metric 1024' ip -n n3 -6 route show exact fd00:100::c1/128 table 254
  object 'calico-cross-subnet.net:15  route 192.168.60.0/24 of n1' 3 192.168.60.0/24 'via 192.168.50.1' 'dev eth0' ip -n n1 route show exact 192.168.60.0/24 table 254
  object 'calico-cross-subnet.net:16  route fd00:60::/64 of n1' 4 fd00:60::/64 'via fd00:50::1' 'dev eth0' 'metric 1024' ip -n n1 -6 route show exact fd00:60::/64 table 254
  object 'calico-cross-subnet.net:17  route 192.168.100.128/26 of n1' 3 192.168.100.128/26 'via 192.168.50.12' 'dev eth0' ip -n n1 route show exact 192.168.100.128/26 table 254
  object 'calico-cross-subnet.net:17  route 192.168.100.192/26 of n1' 4 192.168.100.192/26 'via 192.168.100.192' 'dev vxlan.calico' onlink ip -n n1 route show exact 192.168.100.192/26 table 254
  object 'calico-cross-subnet.net:17  route fd00:100::80/122 of n1' 4 fd00:100::80/122 'via fd00:50::12' 'dev eth0' 'metric 1024' ip -n n1 -6 route show exact fd00:100::80/122 table 254
  object 'calico-cross-subnet.net:17  route fd00:100::c0/122 of n1' 5 fd00:100::c0/122 'via fd00:100::c0' 'dev vxlan-v6.calico' 'metric 1024' onlink ip -n n1 -6 route show exact fd00:100::c0/122 table 254
  object 'calico-cross-subnet.net:18  route default of n1-a' 3 default 'via 169.254.1.1' 'dev eth0' ip -n n1-a route show exact 0.0.0.0/0 table 254
  object 'calico-cross-subnet.net:18  route default of n1-a' 4 default 'via fe80::ecee:eeff:feee:eeee' 'dev eth0' 'metric 1024' ip -n n1-a -6 route show exact ::/0 table 254
  object 'calico-cross-subnet.net:19  route default of n1-b' 3 default 'via 169.254.1.1' 'dev eth0' ip -n n1-b route show exact 0.0.0.0/0 table 254
  object 'calico-cross-subnet.net:19  route default of n1-b' 4 default 'via fe80::ecee:eeff:feee:eeee' 'dev eth0' 'metric 1024' ip -n n1-b -6 route show exact ::/0 table 254
  object 'calico-cross-subnet.net:23  route 192.168.60.0/24 of n2' 3 192.168.60.0/24 'via 192.168.50.1' 'dev eth0' ip -n n2 route show exact 192.168.60.0/24 table 254
  object 'calico-cross-subnet.net:24  route fd00:60::/64 of n2' 4 fd00:60::/64 'via fd00:50::1' 'dev eth0' 'metric 1024' ip -n n2 -6 route show exact fd00:60::/64 table 254
  object 'calico-cross-subnet.net:25  route 192.168.100.64/26 of n2' 3 192.168.100.64/26 'via 192.168.50.11' 'dev eth0' ip -n n2 route show exact 192.168.100.64/26 table 254
  object 'calico-cross-subnet.net:25  route 192.168.100.192/26 of n2' 4 192.168.100.192/26 'via 192.168.100.192' 'dev vxlan.calico' onlink ip -n n2 route show exact 192.168.100.192/26 table 254
  object 'calico-cross-subnet.net:25  route fd00:100::40/122 of n2' 4 fd00:100::40/122 'via fd00:50::11' 'dev eth0' 'metric 1024' ip -n n2 -6 route show exact fd00:100::40/122 table 254
  object 'calico-cross-subnet.net:25  route fd00:100::c0/122 of n2' 5 fd00:100::c0/122 'via fd00:100::c0' 'dev vxlan-v6.calico' 'metric 1024' onlink ip -n n2 -6 route show exact fd00:100::c0/122 table 254
  object 'calico-cross-subnet.net:26  route default of n2-c' 3 default 'via 169.254.1.1' 'dev eth0' ip -n n2-c route show exact 0.0.0.0/0 table 254
  object 'calico-cross-subnet.net:26  route default of n2-c' 4 default 'via fe80::ecee:eeff:feee:eeee' 'dev eth0' 'metric 1024' ip -n n2-c -6 route show exact ::/0 table 254
  object 'calico-cross-subnet.net:30  route 192.168.50.0/24 of n3' 3 192.168.50.0/24 'via 192.168.60.1' 'dev eth0' ip -n n3 route show exact 192.168.50.0/24 table 254
  object 'calico-cross-subnet.net:31  route fd00:50::/64 of n3' 4 fd00:50::/64 'via fd00:60::1' 'dev eth0' 'metric 1024' ip -n n3 -6 route show exact fd00:50::/64 table 254
  object 'calico-cross-subnet.net:32  route 192.168.100.64/26 of n3' 4 192.168.100.64/26 'via 192.168.100.64' 'dev vxlan.calico' onlink ip -n n3 route show exact 192.168.100.64/26 table 254
  object 'calico-cross-subnet.net:32  route 192.168.100.128/26 of n3' 4 192.168.100.128/26 'via 192.168.100.128' 'dev vxlan.calico' onlink ip -n n3 route show exact 192.168.100.128/26 table 254
  object 'calico-cross-subnet.net:32  route fd00:100::40/122 of n3' 5 fd00:100::40/122 'via fd00:100::40' 'dev vxlan-v6.calico' 'metric 1024' onlink ip -n n3 -6 route show exact fd00:100::40/122 table 254
  object 'calico-cross-subnet.net:32  route fd00:100::80/122 of n3' 5 fd00:100::80/122 'via fd00:100::80' 'dev vxlan-v6.calico' 'metric 1024' onlink ip -n n3 -6 route show exact fd00:100::80/122 table 254
  object 'calico-cross-subnet.net:33  route default of n3-d' 3 default 'via 169.254.1.1' 'dev eth0' ip -n n3-d route show exact 0.0.0.0/0 table 254
  object 'calico-cross-subnet.net:33  route default of n3-d' 4 default 'via fe80::ecee:eeff:feee:eeee' 'dev eth0' 'metric 1024' ip -n n3-d -6 route show exact ::/0 table 254
  loaded 'calico-cross-subnet.net:17  nftables table netc-calico-cross-subnet of n1' 4 ip netns exec n1 nft -s -t list table inet netc-calico-cross-subnet <<'END'
create table inet netc-calico-cross-subnet { comment "netc calico-cross-subnet"; }
table inet netc-calico-cross-subnet {
  chain srcnat {
    type nat hook postrouting priority srcnat; policy accept;
    oifname "eth0" ip saddr 192.168.100.0/22 ip daddr != 192.168.100.0/22 masquerade comment "calico-cross-subnet.net:17"
    oifname "eth0" ip6 saddr fd00:100::/112 ip6 daddr != fd00:100::/112 masquerade comment "calico-cross-subnet.net:17"
  }
}
END
  loaded 'calico-cross-subnet.net:25  nftables table netc-calico-cross-subnet of n2' 4 ip netns exec n2 nft -s -t list table inet netc-calico-cross-subnet <<'END'
create table inet netc-calico-cross-subnet { comment "netc calico-cross-subnet"; }
table inet netc-calico-cross-subnet {
  chain srcnat {
    type nat hook postrouting priority srcnat; policy accept;
    oifname "eth0" ip saddr 192.168.100.0/22 ip daddr != 192.168.100.0/22 masquerade comment "calico-cross-subnet.net:25"
    oifname "eth0" ip6 saddr fd00:100::/112 ip6 daddr != fd00:100::/112 masquerade comment "calico-cross-subnet.net:25"
  }
}
END
  loaded 'calico-cross-subnet.net:32  nftables table netc-calico-cross-subnet of n3' 4 ip netns exec n3 nft -s -t list table inet netc-calico-cross-subnet <<'END'
create table inet netc-calico-cross-subnet { comment "netc calico-cross-subnet"; }
table inet netc-calico-cross-subnet {
  chain srcnat {
    type nat hook postrouting priority srcnat; policy accept;
    oifname "eth0" ip saddr 192.168.100.0/22 ip daddr != 192.168.100.0/22 masquerade comment "calico-cross-subnet.net:32"
    oifname "eth0" ip6 saddr fd00:100::/112 ip6 daddr != fd00:100::/112 masquerade comment "calico-cross-subnet.net:32"
  }
}
END

  if [[ -z $quiet ]]; then printf '%s as declared, %s differ, %s missing\n' "$fine" "$differ" "$missing"; fi
  if ((differ || missing)); then exit 1; fi
  exit 0
}
