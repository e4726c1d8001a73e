#!/usr/bin/env bash
# status.sh says of each object of the lab flannel-direct-routing whether it is as declared; netc wrote it from flannel-direct-routing.net.
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
  object 'flannel-direct-routing.net:12  netns n1' 1 'alias netc flannel-direct-routing' ip -n n1 -o link show dev lo
  object 'flannel-direct-routing.net:16  netns n1-a' 1 'alias netc flannel-direct-routing' ip -n n1-a -o link show dev lo
  object 'flannel-direct-routing.net:18  netns n2' 1 'alias netc flannel-direct-routing' ip -n n2 -o link show dev lo
  object 'flannel-direct-routing.net:22  netns n2-b' 1 'alias netc flannel-direct-routing' ip -n n2-b -o link show dev lo
  object 'flannel-direct-routing.net:24  netns n3' 1 'alias netc flannel-direct-routing' ip -n n3 -o link show dev lo
  object 'flannel-direct-routing.net:28  netns n3-c' 1 'alias netc flannel-direct-routing' ip -n n3-c -o link show dev lo
  object 'flannel-direct-routing.net:31  netns router' 1 'alias netc flannel-direct-routing' ip -n router -o link show dev lo
  object 'flannel-direct-routing.net:3  netns segments' 1 'alias netc flannel-direct-routing' ip -n segments -o link show dev lo
  object 'flannel-direct-routing.net:15  sysctl net.ipv4.ip_forward of n1' 1 1 ip netns exec n1 sysctl -n net.ipv4.ip_forward
  object 'flannel-direct-routing.net:21  sysctl net.ipv4.ip_forward of n2' 1 1 ip netns exec n2 sysctl -n net.ipv4.ip_forward
  object 'flannel-direct-routing.net:27  sysctl net.ipv4.ip_forward of n3' 1 1 ip netns exec n3 sysctl -n net.ipv4.ip_forward
  object 'flannel-direct-routing.net:34  sysctl net.ipv4.ip_forward of router' 1 1 ip netns exec router sysctl -n net.ipv4.ip_forward
  object 'flannel-direct-routing.net:5  bridge segments:east' 3 UP '02:9c:e9:71:34:7d brd' 'group 631835757' ip -n segments -d -o link show dev east
  object 'flannel-direct-routing.net:13  address 192.168.50.11/24 of n1:eth0' 1 192.168.50.11/24 ip -n n1 -o addr show dev eth0
  object 'flannel-direct-routing.net:13  veth n1:eth0' 2 UP 'group 631835757' ip -n n1 -d -o link show dev eth0
  object 'flannel-direct-routing.net:13  veth segments:n1-eth0' 3 UP 'master east' 'group 631835757' ip -n segments -d -o link show dev n1-eth0
  object 'flannel-direct-routing.net:15  address 10.244.1.1/24 of n1:cni0' 1 10.244.1.1/24 ip -n n1 -o addr show dev cni0
  object 'flannel-direct-routing.net:15  bridge n1:cni0' 4 UP 'mtu 1450' '02:cd:00:2f:00:82 brd' 'group 631835757' ip -n n1 -d -o link show dev cni0
  object 'flannel-direct-routing.net:15  sysctl net/ipv6/conf/flannel.1/accept_ra' 1 0 ip netns exec n1 sysctl -n net/ipv6/conf/flannel.1/accept_ra
  object 'flannel-direct-routing.net:15  address 10.244.1.0/32 of n1:flannel.1' 1 10.244.1.0/32 ip -n n1 -o addr show dev flannel.1
  object 'flannel-direct-routing.net:15  vxlan n1:flannel.1' 8 UP 'mtu 1450' '02:a5:fb:7b:62:a8 brd' 'group 631835757' 'id 1' 'dstport 8472' 'local 192.168.50.11' nolearning ip -n n1 -d -o link show dev flannel.1
  object 'flannel-direct-routing.net:16  veth n1:a-eth0' 4 UP 'master cni0' 'mtu 1450' 'group 631835757' ip -n n1 -d -o link show dev a-eth0
  object 'flannel-direct-routing.net:16  bridge_slave n1:a-eth0' 1 'hairpin on' ip -n n1 -d -o link show dev a-eth0
  object 'flannel-direct-routing.net:16  address 10.244.1.2/24 of n1-a:eth0' 1 10.244.1.2/24 ip -n n1-a -o addr show dev eth0
  object 'flannel-direct-routing.net:16  veth n1-a:eth0' 3 UP 'mtu 1450' 'group 631835757' ip -n n1-a -d -o link show dev eth0
  object 'flannel-direct-routing.net:19  address 192.168.50.12/24 of n2:eth0' 1 192.168.50.12/24 ip -n n2 -o addr show dev eth0
  object 'flannel-direct-routing.net:19  veth n2:eth0' 2 UP 'group 631835757' ip -n n2 -d -o link show dev eth0
  object 'flannel-direct-routing.net:19  veth segments:n2-eth0' 3 UP 'master east' 'group 631835757' ip -n segments -d -o link show dev n2-eth0
  object 'flannel-direct-routing.net:21  address 10.244.2.1/24 of n2:cni0' 1 10.244.2.1/24 ip -n n2 -o addr show dev cni0
  object 'flannel-direct-routing.net:21  bridge n2:cni0' 4 UP 'mtu 1450' '02:4d:a7:65:42:98 brd' 'group 631835757' ip -n n2 -d -o link show dev cni0
  object 'flannel-direct-routing.net:21  sysctl net/ipv6/conf/flannel.1/accept_ra' 1 0 ip netns exec n2 sysctl -n net/ipv6/conf/flannel.1/accept_ra
  object 'flannel-direct-routing.net:21  address 10.244.2.0/32 of n2:flannel.1' 1 10.244.2.0/32 ip -n n2 -o addr show dev flannel.1
  object 'flannel-direct-routing.net:21  vxlan n2:flannel.1' 8 UP 'mtu 1450' '02:cf:95:4a:9d:92 brd' 'group 631835757' 'id 1' 'dstport 8472' 'local 192.168.50.12' nolearning ip -n n2 -d -o link show dev flannel.1
  object 'flannel-direct-routing.net:22  veth n2:b-eth0' 4 UP 'master cni0' 'mtu 1450' 'group 631835757' ip -n n2 -d -o link show dev b-eth0
  object 'flannel-direct-routing.net:22  bridge_slave n2:b-eth0' 1 'hairpin on' ip -n n2 -d -o link show dev b-eth0
  object 'flannel-direct-routing.net:22  address 10.244.2.9/24 of n2-b:eth0' 1 10.244.2.9/24 ip -n n2-b -o addr show dev eth0
  object 'flannel-direct-routing.net:22  veth n2-b:eth0' 3 UP 'mtu 1450' 'group 631835757' ip -n n2-b -d -o link show dev eth0
  object 'flannel-direct-routing.net:6  bridge segments:west' 3 UP '02:f5:05:2f:4f:bd brd' 'group 631835757' ip -n segments -d -o link show dev west
  object 'flannel-direct-routing.net:25  address 192.168.60.13/24 of n3:eth0' 1 192.168.60.13/24 ip -n n3 -o addr show dev eth0
  object 'flannel-direct-routing.net:25  veth n3:eth0' 2 UP 'group 631835757' ip -n n3 -d -o link show dev eth0
  object 'flannel-direct-routing.net:25  veth segments:n3-eth0' 3 UP 'master west' 'group 631835757' ip -n segments -d -o link show dev n3-eth0
  object 'flannel-direct-routing.net:27  address 10.244.3.1/24 of n3:cni0' 1 10.244.3.1/24 ip -n n3 -o addr show dev cni0
  object 'flannel-direct-routing.net:27  bridge n3:cni0' 4 UP 'mtu 1450' '02:ad:3e:98:cc:06 brd' 'group 631835757' ip -n n3 -d -o link show dev cni0
  object 'flannel-direct-routing.net:27  sysctl net/ipv6/conf/flannel.1/accept_ra' 1 0 ip netns exec n3 sysctl -n net/ipv6/conf/flannel.1/accept_ra
  object 'flannel-direct-routing.net:27  address 10.244.3.0/32 of n3:flannel.1' 1 10.244.3.0/32 ip -n n3 -o addr show dev flannel.1
  object 'flannel-direct-routing.net:27  vxlan n3:flannel.1' 8 UP 'mtu 1450' '02:c6:10:61:43:27 brd' 'group 631835757' 'id 1' 'dstport 8472' 'local 192.168.60.13' nolearning ip -n n3 -d -o link show dev flannel.1
  object 'flannel-direct-routing.net:28  veth n3:c-eth0' 4 UP 'master cni0' 'mtu 1450' 'group 631835757' ip -n n3 -d -o link show dev c-eth0
  object 'flannel-direct-routing.net:28  bridge_slave n3:c-eth0' 1 'hairpin on' ip -n n3 -d -o link show dev c-eth0
  object 'flannel-direct-routing.net:28  address 10.244.3.2/24 of n3-c:eth0' 1 10.244.3.2/24 ip -n n3-c -o addr show dev eth0
  object 'flannel-direct-routing.net:28  veth n3-c:eth0' 3 UP 'mtu 1450' 'group 631835757' ip -n n3-c -d -o link show dev eth0
  object 'flannel-direct-routing.net:32  address 192.168.50.1/24 of router:eth0' 1 192.168.50.1/24 ip -n router -o addr show dev eth0
  object 'flannel-direct-routing.net:32  veth router:eth0' 2 UP 'group 631835757' ip -n router -d -o link show dev eth0
  object 'flannel-direct-routing.net:32  veth segments:router-eth0' 3 UP 'master east' 'group 631835757' ip -n segments -d -o link show dev router-eth0
  object 'flannel-direct-routing.net:33  address 192.168.60.1/24 of router:eth1' 1 192.168.60.1/24 ip -n router -o addr show dev eth1
  object 'flannel-direct-routing.net:33  veth router:eth1' 2 UP 'group 631835757' ip -n router -d -o link show dev eth1
  object 'flannel-direct-routing.net:33  veth segments:router-eth1' 3 UP 'master west' 'group 631835757' ip -n segments -d -o link show dev router-eth1
  object 'flannel-direct-routing.net:15  neighbour 10.244.3.0 of n1:flannel.1' 2 10.244.3.0 'lladdr 02:c6:10:61:43:27' ip -n n1 -N neigh show to 10.244.3.0 dev flannel.1
  object 'flannel-direct-routing.net:21  neighbour 10.244.3.0 of n2:flannel.1' 2 10.244.3.0 'lladdr 02:c6:10:61:43:27' ip -n n2 -N neigh show to 10.244.3.0 dev flannel.1
  object 'flannel-direct-routing.net:27  neighbour 10.244.1.0 of n3:flannel.1' 2 10.244.1.0 'lladdr 02:a5:fb:7b:62:a8' ip -n n3 -N neigh show to 10.244.1.0 dev flannel.1
  object 'flannel-direct-routing.net:27  neighbour 10.244.2.0 of n3:flannel.1' 2 10.244.2.0 'lladdr 02:cf:95:4a:9d:92' ip -n n3 -N neigh show to 10.244.2.0 dev flannel.1
  object 'flannel-direct-routing.net:15  FDB entry 02:c6:10:61:43:27 of n1:flannel.1' 1 '02:c6:10:61:43:27 dst 192.168.60.13' bridge -n n1 fdb show dev flannel.1
  object 'flannel-direct-routing.net:21  FDB entry 02:c6:10:61:43:27 of n2:flannel.1' 1 '02:c6:10:61:43:27 dst 192.168.60.13' bridge -n n2 fdb show dev flannel.1
  object 'flannel-direct-routing.net:27  FDB entry 02:a5:fb:7b:62:a8 of n3:flannel.1' 1 '02:a5:fb:7b:62:a8 dst 192.168.50.11' bridge -n n3 fdb show dev flannel.1
  object 'flannel-direct-routing.net:27  FDB entry 02:cf:95:4a:9d:92 of n3:flannel.1' 1 '02:cf:95:4a:9d:92 dst 192.168.50.12' bridge -n n3 fdb show dev flannel.1
  object 'flannel-direct-routing.net:14  route 192.168.60.0/24 of n1' 3 192.168.60.0/24 'via 192.168.50.1' 'dev eth0' ip -n n1 route show exact 192.168.60.0/24 table 254
  object 'flannel-direct-routing.net:15  route 10.244.2.0/24 of n1' 3 10.244.2.0/24 'via 192.168.50.12' 'dev eth0' ip -n n1 route show exact 10.244.2.0/24 table 254
  object 'flannel-direct-routing.net:15  route 10.244.3.0/24 of n1' 4 10.244.3.0/24 'via 10.244.3.0' 'dev flannel.1' onlink ip -n n1 route show exact 10.244.3.0/24 table 254
  object 'flannel-direct-routing.net:16  route default of n1-a' 3 default 'via 10.244.1.1' 'dev eth0' ip -n n1-a route show exact 0.0.0.0/0 table 254
  object 'flannel-direct-routing.net:20  route 192.168.60.0/24 of n2' 3 192.168.60.0/24 'via 192.168.50.1' 'dev eth0' ip -n n2 route show exact 192.168.60.0/24 table 254
  object 'flannel-direct-routing.net:21  route 10.244.1.0/24 of n2' 3 10.244.1.0/24 'via 192.168.50.11' 'dev eth0' ip -n n2 route show exact 10.244.1.0/24 table 254
  object 'flannel-direct-routing.net:21  route 10.244.3.0/24 of n2' 4 10.244.3.0/24 'via 10.244.3.0' 'dev flannel.1' onlink ip -n n2 route show exact 10.244.3.0/24 table 254
  object 'flannel-direct-routing.net:22  route default of n2-b' 3 default 'via 10.244.2.1' 'dev eth0' ip -n n2-b route show exact 0.0.0.0/0 table 254
  object 'flannel-direct-routing.net:26  route 192.168.50.0/24 of n3' 3 192.168.50.0/24 'via 192.168.60.1' 'dev eth0' ip -n n3 route show exact 192.168.50.0/24 table 254
  object 'flannel-direct-routing.net:27  route 10.244.1.0/24 of n3' 4 10.244.1.0/24 'via 10.244.1.0' 'dev flannel.1' onlink ip -n n3 route show exact 10.244.1.0/24 table 254
  object 'flannel-direct-routing.net:27  route 10.244.2.0/24 of n3' 4 10.244.2.0/24 'via 10.244.2.0' 'dev flannel.1' onlink ip -n n3 route show exact 10.244.2.0/24 table 254
  object 'flannel-direct-routing.net:28  route default of n3-c' 3 default 'via 10.244.3.1' 'dev eth0' ip -n n3-c route show exact 0.0.0.0/0 table 254

  if [[ -z $quiet ]]; then printf '%s as declared, %s differ, %s missing\n' "$fine" "$differ" "$missing"; fi
  if ((differ || missing)); then exit 1; fi
  exit 0
}
