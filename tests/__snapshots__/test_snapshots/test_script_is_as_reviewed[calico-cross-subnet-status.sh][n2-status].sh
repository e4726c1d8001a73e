#!/usr/bin/env bash
# status.sh says of each object of the lab calico-cross-subnet on the host n2 whether it is as declared; netc wrote it from calico-cross-subnet.net.
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
  object 'calico-cross-subnet.net:25  sysctl net.ipv4.ip_forward of n2' 1 1 sysctl -n net.ipv4.ip_forward
  object 'calico-cross-subnet.net:25  sysctl net.ipv6.conf.all.forwarding of n2' 1 1 sysctl -n net.ipv6.conf.all.forwarding
  object 'calico-cross-subnet.net:26  netns c' 1 'alias netc calico-cross-subnet' ip -n c -o link show dev lo
  object 'calico-cross-subnet.net:26  sysctl net.ipv4.ip_forward of c' 1 0 ip netns exec c sysctl -n net.ipv4.ip_forward
  object 'calico-cross-subnet.net:25  address 192.168.100.128/32 of n2:vxlan.calico' 1 192.168.100.128/32 ip -o addr show dev vxlan.calico
  object 'calico-cross-subnet.net:25  vxlan n2:vxlan.calico' 8 UP 'mtu 1450' '02:cf:95:4a:9d:92 brd' 'group 862592345' 'id 4096' 'dstport 4789' 'local 192.168.50.12' nolearning ip -d -o link show dev vxlan.calico
  object 'calico-cross-subnet.net:25  address fd00:100::80/128 of n2:vxlan-v6.calico' 1 fd00:100::80/128 ip -o addr show dev vxlan-v6.calico
  object 'calico-cross-subnet.net:25  vxlan n2:vxlan-v6.calico' 8 UP 'mtu 1430' '02:be:04:be:ed:52 brd' 'group 862592345' 'id 4096' 'dstport 4789' 'local fd00:50::12' nolearning ip -d -o link show dev vxlan-v6.calico
  object 'calico-cross-subnet.net:26  sysctl net.ipv4.conf.cali-c.proxy_arp' 1 1 sysctl -n net.ipv4.conf.cali-c.proxy_arp
  object 'calico-cross-subnet.net:26  sysctl net.ipv4.neigh.cali-c.proxy_delay' 1 0 sysctl -n net.ipv4.neigh.cali-c.proxy_delay
  object 'calico-cross-subnet.net:26  sysctl net.ipv4.conf.cali-c.forwarding' 1 1 sysctl -n net.ipv4.conf.cali-c.forwarding
  object 'calico-cross-subnet.net:26  sysctl net.ipv4.conf.cali-c.route_localnet' 1 1 sysctl -n net.ipv4.conf.cali-c.route_localnet
  object 'calico-cross-subnet.net:26  sysctl net.ipv6.conf.cali-c.accept_ra' 1 0 sysctl -n net.ipv6.conf.cali-c.accept_ra
  object 'calico-cross-subnet.net:26  sysctl net.ipv6.conf.cali-c.accept_dad' 1 0 sysctl -n net.ipv6.conf.cali-c.accept_dad
  object 'calico-cross-subnet.net:26  sysctl net.ipv6.conf.cali-c.proxy_ndp' 1 1 sysctl -n net.ipv6.conf.cali-c.proxy_ndp
  object 'calico-cross-subnet.net:26  veth n2:cali-c' 4 UP 'mtu 1430' 'ee:ee:ee:ee:ee:ee brd' 'group 862592345' ip -d -o link show dev cali-c
  object 'calico-cross-subnet.net:26  address 192.168.100.129/32 of c:eth0' 1 192.168.100.129/32 ip -n c -o addr show dev eth0
  object 'calico-cross-subnet.net:26  address fd00:100::81/128 of c:eth0' 1 fd00:100::81/128 ip -n c -o addr show dev eth0
  object 'calico-cross-subnet.net:26  veth c:eth0' 3 UP 'mtu 1430' 'group 862592345' ip -n c -d -o link show dev eth0
  object 'calico-cross-subnet.net:25  neighbour 192.168.100.192 of n2:vxlan.calico' 2 192.168.100.192 'lladdr 02:c6:10:61:43:27' ip -N neigh show to 192.168.100.192 dev vxlan.calico
  object 'calico-cross-subnet.net:25  neighbour fd00:100::c0 of n2:vxlan-v6.calico' 2 fd00:100::c0 'lladdr 02:11:88:b8:a1:5c' ip -N neigh show to fd00:100::c0 dev vxlan-v6.calico
  object 'calico-cross-subnet.net:25  FDB entry 02:c6:10:61:43:27 of n2:vxlan.calico' 1 '02:c6:10:61:43:27 dst 192.168.60.13' bridge fdb show dev vxlan.calico
  object 'calico-cross-subnet.net:25  FDB entry 02:11:88:b8:a1:5c of n2:vxlan-v6.calico' 1 '02:11:88:b8:a1:5c dst fd00:60::13' bridge fdb show dev vxlan-v6.calico
  object 'calico-cross-subnet.net:25  route 169.254.1.1 of n2' 2 169.254.1.1 'dev lo' ip route show exact 169.254.1.1/32 table 254
  object 'calico-cross-subnet.net:25  route 192.168.100.128/26 of n2' 2 blackhole 192.168.100.128/26 ip route show exact 192.168.100.128/26 table 254
  object 'calico-cross-subnet.net:25  route fd00:100::80/122 of n2' 3 blackhole fd00:100::80/122 'metric 1024' ip -6 route show exact fd00:100::80/122 table 254
  object 'calico-cross-subnet.net:26  route 169.254.1.1 of c' 3 169.254.1.1 'dev eth0' 'scope link' ip -n c route show exact 169.254.1.1/32 table 254
  object 'calico-cross-subnet.net:26  route 192.168.100.129 of n2' 3 192.168.100.129 'dev cali-c' 'scope link' ip route show exact 192.168.100.129/32 table 254
  object 'calico-cross-subnet.net:26  route fd00:100::81 of n2' 3 fd00:100::81 'dev cali-c' 'metric 1024' ip -6 route show exact fd00:100::81/128 table 254
  object 'calico-cross-subnet.net:23  route 192.168.60.0/24 of n2' 3 192.168.60.0/24 'via 192.168.50.1' 'dev eth0' ip route show exact 192.168.60.0/24 table 254
  object 'calico-cross-subnet.net:24  route fd00:60::/64 of n2' 4 fd00:60::/64 'via fd00:50::1' 'dev eth0' 'metric 1024' ip -6 route show exact fd00:60::/64 table 254
  object 'calico-cross-subnet.net:25  route 192.168.100.64/26 of n2' 3 192.168.100.64/26 'via 192.168.50.11' 'dev eth0' ip route show exact 192.168.100.64/26 table 254
  object 'calico-cross-subnet.net:25  route 192.168.100.192/26 of n2' 4 192.168.100.192/26 'via 192.168.100.192' 'dev vxlan.calico' onlink ip route show exact 192.168.100.192/26 table 254
  object 'calico-cross-subnet.net:25  route fd00:100::40/122 of n2' 4 fd00:100::40/122 'via fd00:50::11' 'dev eth0' 'metric 1024' ip -6 route show exact fd00:100::40/122 table 254
  object 'calico-cross-subnet.net:25  route fd00:100::c0/122 of n2' 5 fd00:100::c0/122 'via fd00:100::c0' 'dev vxlan-v6.calico' 'metric 1024' onlink ip -6 route show exact fd00:100::c0/122 table 254
  object 'calico-cross-subnet.net:26  route default of c' 3 default 'via 169.254.1.1' 'dev eth0' ip -n c route show exact 0.0.0.0/0 table 254
  object 'calico-cross-subnet.net:26  route default of c' 4 default 'via fe80::ecee:eeff:feee:eeee' 'dev eth0' 'metric 1024' ip -n c -6 route show exact ::/0 table 254
  loaded 'calico-cross-subnet.net:25  nftables table netc-calico-cross-subnet of n2' 0 nft -s -t list table inet netc-calico-cross-subnet <<'END'
create table inet netc-calico-cross-subnet { comment "netc calico-cross-subnet"; }
table inet netc-calico-cross-subnet {
  chain srcnat {
    type nat hook postrouting priority srcnat; policy accept;
    oifname "eth0" ip saddr 192.168.100.0/22 ip daddr != 192.168.100.0/22 masquerade comment "calico-cross-subnet.net:25"
    oifname "eth0" ip6 saddr fd00:100::/112 ip6 daddr != fd00:100::/112 masquerade comment "calico-cross-subnet.net:25"
  }
}
END

  if [[ -z $quiet ]]; then printf '%s as declared, %s differ, %s missing\n' "$fine" "$differ" "$missing"; fi
  if ((differ || missing)); then exit 1; fi
  exit 0
}
