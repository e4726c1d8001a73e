#!/usr/bin/env bash
# status.sh says of each object of the lab flannel-vxlan whether it is as declared; netc wrote it from flannel-vxlan.net.
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
  object 'flannel-vxlan.net:11  netns n1' 1 'alias netc flannel-vxlan' ip -n n1 -o link show dev lo
  object 'flannel-vxlan.net:14  netns n1-a' 1 'alias netc flannel-vxlan' ip -n n1-a -o link show dev lo
  object 'flannel-vxlan.net:15  netns n1-b' 1 'alias netc flannel-vxlan' ip -n n1-b -o link show dev lo
  object 'flannel-vxlan.net:17  netns n2' 1 'alias netc flannel-vxlan' ip -n n2 -o link show dev lo
  object 'flannel-vxlan.net:20  netns n2-c' 1 'alias netc flannel-vxlan' ip -n n2-c -o link show dev lo
  object 'flannel-vxlan.net:22  netns n3' 1 'alias netc flannel-vxlan' ip -n n3 -o link show dev lo
  object 'flannel-vxlan.net:25  netns n3-d' 1 'alias netc flannel-vxlan' ip -n n3-d -o link show dev lo
  object 'flannel-vxlan.net:2  netns segments' 1 'alias netc flannel-vxlan' ip -n segments -o link show dev lo
  object 'flannel-vxlan.net:13  sysctl net.ipv4.ip_forward of n1' 1 1 ip netns exec n1 sysctl -n net.ipv4.ip_forward
  object 'flannel-vxlan.net:19  sysctl net.ipv4.ip_forward of n2' 1 1 ip netns exec n2 sysctl -n net.ipv4.ip_forward
  object 'flannel-vxlan.net:24  sysctl net.ipv4.ip_forward of n3' 1 1 ip netns exec n3 sysctl -n net.ipv4.ip_forward
  object 'flannel-vxlan.net:4  bridge segments:lan' 3 UP '02:97:10:d7:8a:f4 brd' 'group 1599697767' ip -n segments -d -o link show dev lan
  object 'flannel-vxlan.net:12  address 192.168.50.11/24 of n1:eth0' 1 192.168.50.11/24 ip -n n1 -o addr show dev eth0
  object 'flannel-vxlan.net:12  veth n1:eth0' 2 UP 'group 1599697767' ip -n n1 -d -o link show dev eth0
  object 'flannel-vxlan.net:12  veth segments:n1-eth0' 3 UP 'master lan' 'group 1599697767' ip -n segments -d -o link show dev n1-eth0
  object 'flannel-vxlan.net:13  address 10.244.1.1/24 of n1:cni0' 1 10.244.1.1/24 ip -n n1 -o addr show dev cni0
  object 'flannel-vxlan.net:13  bridge n1:cni0' 4 UP 'mtu 1450' '02:f1:3c:aa:4f:84 brd' 'group 1599697767' ip -n n1 -d -o link show dev cni0
  object 'flannel-vxlan.net:13  sysctl net/ipv6/conf/flannel.1/accept_ra' 1 0 ip netns exec n1 sysctl -n net/ipv6/conf/flannel.1/accept_ra
  object 'flannel-vxlan.net:13  address 10.244.1.0/32 of n1:flannel.1' 1 10.244.1.0/32 ip -n n1 -o addr show dev flannel.1
  object 'flannel-vxlan.net:13  vxlan n1:flannel.1' 8 UP 'mtu 1450' '02:a5:fb:7b:62:a8 brd' 'group 1599697767' 'id 1' 'dstport 8472' 'local 192.168.50.11' nolearning ip -n n1 -d -o link show dev flannel.1
  object 'flannel-vxlan.net:14  veth n1:a-eth0' 4 UP 'master cni0' 'mtu 1450' 'group 1599697767' ip -n n1 -d -o link show dev a-eth0
  object 'flannel-vxlan.net:14  bridge_slave n1:a-eth0' 1 'hairpin on' ip -n n1 -d -o link show dev a-eth0
  object 'flannel-vxlan.net:14  address 10.244.1.2/24 of n1-a:eth0' 1 10.244.1.2/24 ip -n n1-a -o addr show dev eth0
  object 'flannel-vxlan.net:14  veth n1-a:eth0' 3 UP 'mtu 1450' 'group 1599697767' ip -n n1-a -d -o link show dev eth0
  object 'flannel-vxlan.net:15  veth n1:b-eth0' 4 UP 'master cni0' 'mtu 1450' 'group 1599697767' ip -n n1 -d -o link show dev b-eth0
  object 'flannel-vxlan.net:15  bridge_slave n1:b-eth0' 1 'hairpin on' ip -n n1 -d -o link show dev b-eth0
  object 'flannel-vxlan.net:15  address 10.244.1.3/24 of n1-b:eth0' 1 10.244.1.3/24 ip -n n1-b -o addr show dev eth0
  object 'flannel-vxlan.net:15  veth n1-b:eth0' 3 UP 'mtu 1450' 'group 1599697767' ip -n n1-b -d -o link show dev eth0
  object 'flannel-vxlan.net:18  address 192.168.50.12/24 of n2:eth0' 1 192.168.50.12/24 ip -n n2 -o addr show dev eth0
  object 'flannel-vxlan.net:18  veth n2:eth0' 2 UP 'group 1599697767' ip -n n2 -d -o link show dev eth0
  object 'flannel-vxlan.net:18  veth segments:n2-eth0' 3 UP 'master lan' 'group 1599697767' ip -n segments -d -o link show dev n2-eth0
  object 'flannel-vxlan.net:19  address 10.244.2.1/24 of n2:cni0' 1 10.244.2.1/24 ip -n n2 -o addr show dev cni0
  object 'flannel-vxlan.net:19  bridge n2:cni0' 4 UP 'mtu 1450' '02:f9:9d:70:bc:88 brd' 'group 1599697767' ip -n n2 -d -o link show dev cni0
  object 'flannel-vxlan.net:19  sysctl net/ipv6/conf/flannel.1/accept_ra' 1 0 ip netns exec n2 sysctl -n net/ipv6/conf/flannel.1/accept_ra
  object 'flannel-vxlan.net:19  address 10.244.2.0/32 of n2:flannel.1' 1 10.244.2.0/32 ip -n n2 -o addr show dev flannel.1
  object 'flannel-vxlan.net:19  vxlan n2:flannel.1' 8 UP 'mtu 1450' '02:cf:95:4a:9d:92 brd' 'group 1599697767' 'id 1' 'dstport 8472' 'local 192.168.50.12' nolearning ip -n n2 -d -o link show dev flannel.1
  object 'flannel-vxlan.net:20  veth n2:c-eth0' 4 UP 'master cni0' 'mtu 1450' 'group 1599697767' ip -n n2 -d -o link show dev c-eth0
  object 'flannel-vxlan.net:20  bridge_slave n2:c-eth0' 1 'hairpin on' ip -n n2 -d -o link show dev c-eth0
  object 'flannel-vxlan.net:20  address 10.244.2.9/24 of n2-c:eth0' 1 10.244.2.9/24 ip -n n2-c -o addr show dev eth0
  object 'flannel-vxlan.net:20  veth n2-c:eth0' 3 UP 'mtu 1450' 'group 1599697767' ip -n n2-c -d -o link show dev eth0
  object 'flannel-vxlan.net:23  address 192.168.50.13/24 of n3:eth0' 1 192.168.50.13/24 ip -n n3 -o addr show dev eth0
  object 'flannel-vxlan.net:23  veth n3:eth0' 2 UP 'group 1599697767' ip -n n3 -d -o link show dev eth0
  object 'flannel-vxlan.net:23  veth segments:n3-eth0' 3 UP 'master lan' 'group 1599697767' ip -n segments -d -o link show dev n3-eth0
  object 'flannel-vxlan.net:24  address 10.244.3.1/24 of n3:cni0' 1 10.244.3.1/24 ip -n n3 -o addr show dev cni0
  object 'flannel-vxlan.net:24  bridge n3:cni0' 4 UP 'mtu 1450' '02:7a:a6:a2:13:bb brd' 'group 1599697767' ip -n n3 -d -o link show dev cni0
  object 'flannel-vxlan.net:24  sysctl net/ipv6/conf/flannel.1/accept_ra' 1 0 ip netns exec n3 sysctl -n net/ipv6/conf/flannel.1/accept_ra
  object 'flannel-vxlan.net:24  address 10.244.3.0/32 of n3:flannel.1' 1 10.244.3.0/32 ip -n n3 -o addr show dev flannel.1
  object 'flannel-vxlan.net:24  vxlan n3:flannel.1' 8 UP 'mtu 1450' '02:c6:10:61:43:27 brd' 'group 1599697767' 'id 1' 'dstport 8472' 'local 192.168.50.13' nolearning ip -n n3 -d -o link show dev flannel.1
  object 'flannel-vxlan.net:25  veth n3:d-eth0' 4 UP 'master cni0' 'mtu 1450' 'group 1599697767' ip -n n3 -d -o link show dev d-eth0
  object 'flannel-vxlan.net:25  bridge_slave n3:d-eth0' 1 'hairpin on' ip -n n3 -d -o link show dev d-eth0
  object 'flannel-vxlan.net:25  address 10.244.3.2/24 of n3-d:eth0' 1 10.244.3.2/24 ip -n n3-d -o addr show dev eth0
  object 'flannel-vxlan.net:25  veth n3-d:eth0' 3 UP 'mtu 1450' 'group 1599697767' ip -n n3-d -d -o link show dev eth0
  object 'flannel-vxlan.net:13  neighbour 10.244.2.0 of n1:flannel.1' 2 10.244.2.0 'lladdr 02:cf:95:4a:9d:92' ip -n n1 -N neigh show to 10.244.2.0 dev flannel.1
  object 'flannel-vxlan.net:13  neighbour 10.244.3.0 of n1:flannel.1' 2 10.244.3.0 'lladdr 02:c6:10:61:43:27' ip -n n1 -N neigh show to 10.244.3.0 dev flannel.1
  object 'flannel-vxlan.net:19  neighbour 10.244.1.0 of n2:flannel.1' 2 10.244.1.0 'lladdr 02:a5:fb:7b:62:a8' ip -n n2 -N neigh show to 10.244.1.0 dev flannel.1
  object 'flannel-vxlan.net:19  neighbour 10.244.3.0 of n2:flannel.1' 2 10.244.3.0 'lladdr 02:c6:10:61:43:27' ip -n n2 -N neigh show to 10.244.3.0 dev flannel.1
  object 'flannel-vxlan.net:24  neighbour 10.244.1.0 of n3:flannel.1' 2 10.244.1.0 'lladdr 02:a5:fb:7b:62:a8' ip -n n3 -N neigh show to 10.244.1.0 dev flannel.1
  object 'flannel-vxlan.net:24  neighbour 10.244.2.0 of n3:flannel.1' 2 10.244.2.0 'lladdr 02:cf:95:4a:9d:92' ip -n n3 -N neigh show to 10.244.2.0 dev flannel.1
  object 'flannel-vxlan.net:13  FDB entry 02:cf:95:4a:9d:92 of n1:flannel.1' 1 '02:cf:95:4a:9d:92 dst 192.168.50.12' bridge -n n1 fdb show dev flannel.1
  object 'flannel-vxlan.net:13  FDB entry 02:c6:10:61:43:27 of n1:flannel.1' 1 '02:c6:10:61:43:27 dst 192.168.50.13' bridge -n n1 fdb show dev flannel.1
  object 'flannel-vxlan.net:19  FDB entry 02:a5:fb:7b:62:a8 of n2:flannel.1' 1 '02:a5:fb:7b:62:a8 dst 192.168.50.11' bridge -n n2 fdb show dev flannel.1
  object 'flannel-vxlan.net:19  FDB entry 02:c6:10:61:43:27 of n2:flannel.1' 1 '02:c6:10:61:43:27 dst 192.168.50.13' bridge -n n2 fdb show dev flannel.1
  object 'flannel-vxlan.net:24  FDB entry 02:a5:fb:7b:62:a8 of n3:flannel.1' 1 '02:a5:fb:7b:62:a8 dst 192.168.50.11' bridge -n n3 fdb show dev flannel.1
  object 'flannel-vxlan.net:24  FDB entry 02:cf:95:4a:9d:92 of n3:flannel.1' 1 '02:cf:95:4a:9d:92 dst 192.168.50.12' bridge -n n3 fdb show dev flannel.1
  object 'flannel-vxlan.net:13  route 10.244.2.0/24 of n1' 4 10.244.2.0/24 'via 10.244.2.0' 'dev flannel.1' onlink ip -n n1 route show exact 10.244.2.0/24 table 254
  object 'flannel-vxlan.net:13  route 10.244.3.0/24 of n1' 4 10.244.3.0/24 'via 10.244.3.0' 'dev flannel.1' onlink ip -n n1 route show exact 10.244.3.0/24 table 254
  object 'flannel-vxlan.net:14  route default of n1-a' 3 default 'via 10.244.1.1' 'dev eth0' ip -n n1-a route show exact 0.0.0.0/0 table 254
  object 'flannel-vxlan.net:15  route default of n1-b' 3 default 'via 10.244.1.1' 'dev eth0' ip -n n1-b route show exact 0.0.0.0/0 table 254
  object 'flannel-vxlan.net:19  route 10.244.1.0/24 of n2' 4 10.244.1.0/24 'via 10.244.1.0' 'dev flannel.1' onlink ip -n n2 route show exact 10.244.1.0/24 table 254
  object 'flannel-vxlan.net:19  route 10.244.3.0/24 of n2' 4 10.244.3.0/24 'via 10.244.3.0' 'dev flannel.1' onlink ip -n n2 route show exact 10.244.3.0/24 table 254
  object 'flannel-vxlan.net:20  route default of n2-c' 3 default 'via 10.244.2.1' 'dev eth0' ip -n n2-c route show exact 0.0.0.0/0 table 254
  object 'flannel-vxlan.net:24  route 10.244.1.0/24 of n3' 4 10.244.1.0/24 'via 10.244.1.0' 'dev flannel.1' onlink ip -n n3 route show exact 10.244.1.0/24 table 254
  object 'flannel-vxlan.net:24  route 10.244.2.0/24 of n3' 4 10.244.2.0/24 'via 10.244.2.0' 'dev flannel.1' onlink ip -n n3 route show exact 10.244.2.0/24 table 254
  object 'flannel-vxlan.net:25  route default of n3-d' 3 default 'via 10.244.3.1' 'dev eth0' ip -n n3-d route show exact 0.0.0.0/0 table 254
  loaded 'flannel-vxlan.net:13  nftables table netc-flannel-vxlan of n1' 4 ip netns exec n1 nft -s -t list table inet netc-flannel-vxlan <<'END'
create table inet netc-flannel-vxlan { comment "netc flannel-vxlan"; }
table inet netc-flannel-vxlan {
  chain forward {
    type filter hook forward priority filter; policy accept;
    ip saddr 10.244.0.0/16 accept comment "flannel-vxlan.net:13"
    ip daddr 10.244.0.0/16 accept comment "flannel-vxlan.net:13"
  }
  chain srcnat {
    type nat hook postrouting priority srcnat; policy accept;
    meta nfproto ipv4 meta mark & 0x4000 == 0x4000 return comment "flannel-vxlan.net:13"
    ip saddr 10.244.1.0/24 ip daddr 10.244.0.0/16 return comment "flannel-vxlan.net:13"
    ip saddr 10.244.0.0/16 ip daddr 10.244.1.0/24 return comment "flannel-vxlan.net:13"
    ip saddr != 10.244.0.0/16 ip daddr 10.244.1.0/24 return comment "flannel-vxlan.net:13"
    ip saddr 10.244.0.0/16 ip daddr != 224.0.0.0/4 masquerade fully-random comment "flannel-vxlan.net:13"
    ip saddr != 10.244.0.0/16 ip daddr 10.244.0.0/16 masquerade fully-random comment "flannel-vxlan.net:13"
  }
}
END
  loaded 'flannel-vxlan.net:19  nftables table netc-flannel-vxlan of n2' 4 ip netns exec n2 nft -s -t list table inet netc-flannel-vxlan <<'END'
create table inet netc-flannel-vxlan { comment "netc flannel-vxlan"; }
table inet netc-flannel-vxlan {
  chain forward {
    type filter hook forward priority filter; policy accept;
    ip saddr 10.244.0.0/16 accept comment "flannel-vxlan.net:19"
    ip daddr 10.244.0.0/16 accept comment "flannel-vxlan.net:19"
  }
  chain srcnat {
    type nat hook postrouting priority srcnat; policy accept;
    meta nfproto ipv4 meta mark & 0x4000 == 0x4000 return comment "flannel-vxlan.net:19"
    ip saddr 10.244.2.0/24 ip daddr 10.244.0.0/16 return comment "flannel-vxlan.net:19"
    ip saddr 10.244.0.0/16 ip daddr 10.244.2.0/24 return comment "flannel-vxlan.net:19"
    ip saddr != 10.244.0.0/16 ip daddr 10.244.2.0/24 return comment "flannel-vxlan.net:19"
    ip saddr 10.244.0.0/16 ip daddr != 224.0.0.0/4 masquerade fully-random comment "flannel-vxlan.net:19"
    ip saddr != 10.244.0.0/16 ip daddr 10.244.0.0/16 masquerade fully-random comment "flannel-vxlan.net:19"
  }
}
END
  loaded 'flannel-vxlan.net:24  nftables table netc-flannel-vxlan of n3' 4 ip netns exec n3 nft -s -t list table inet netc-flannel-vxlan <<'END'
create table inet netc-flannel-vxlan { comment "netc flannel-vxlan"; }
table inet netc-flannel-vxlan {
  chain forward {
    type filter hook forward priority filter; policy accept;
    ip saddr 10.244.0.0/16 accept comment "flannel-vxlan.net:24"
    ip daddr 10.244.0.0/16 accept comment "flannel-vxlan.net:24"
  }
  chain srcnat {
    type nat hook postrouting priority srcnat; policy accept;
    meta nfproto ipv4 meta mark & 0x4000 == 0x4000 return comment "flannel-vxlan.net:24"
    ip saddr 10.244.3.0/24 ip daddr 10.244.0.0/16 return comment "flannel-vxlan.net:24"
    ip saddr 10.244.0.0/16 ip daddr 10.244.3.0/24 return comment "flannel-vxlan.net:24"
    ip saddr != 10.244.0.0/16 ip daddr 10.244.3.0/24 return comment "flannel-vxlan.net:24"
    ip saddr 10.244.0.0/16 ip daddr != 224.0.0.0/4 masquerade fully-random comment "flannel-vxlan.net:24"
    ip saddr != 10.244.0.0/16 ip daddr 10.244.0.0/16 masquerade fully-random comment "flannel-vxlan.net:24"
  }
}
END

  if [[ -z $quiet ]]; then printf '%s as declared, %s differ, %s missing\n' "$fine" "$differ" "$missing"; fi
  if ((differ || missing)); then exit 1; fi
  exit 0
}
