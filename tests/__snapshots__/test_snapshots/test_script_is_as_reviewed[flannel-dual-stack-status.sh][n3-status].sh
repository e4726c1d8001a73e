#!/usr/bin/env bash
# status.sh says of each object of the lab flannel-dual-stack on the host n3 whether it is as declared; netc wrote it from flannel-dual-stack.net.
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
  object 'flannel-dual-stack.net:11  sysctl net.ipv4.ip_forward of n3' 1 1 sysctl -n net.ipv4.ip_forward
  object 'flannel-dual-stack.net:11  sysctl net.ipv6.conf.all.forwarding of n3' 1 1 sysctl -n net.ipv6.conf.all.forwarding
  object 'flannel-dual-stack.net:12  netns p3' 1 'alias netc flannel-dual-stack' ip -n p3 -o link show dev lo
  object 'flannel-dual-stack.net:11  address 10.244.3.1/24 of n3:cni0' 1 10.244.3.1/24 ip -o addr show dev cni0
  object 'flannel-dual-stack.net:11  address fd00:10:244:3::1/64 of n3:cni0' 1 fd00:10:244:3::1/64 ip -o addr show dev cni0
  object 'flannel-dual-stack.net:11  bridge n3:cni0' 4 UP 'mtu 1430' '02:bd:f5:99:61:01 brd' 'group 1352665393' ip -d -o link show dev cni0
  object 'flannel-dual-stack.net:11  sysctl net/ipv6/conf/flannel.1/accept_ra' 1 0 sysctl -n net/ipv6/conf/flannel.1/accept_ra
  object 'flannel-dual-stack.net:11  address 10.244.3.0/32 of n3:flannel.1' 1 10.244.3.0/32 ip -o addr show dev flannel.1
  object 'flannel-dual-stack.net:11  vxlan n3:flannel.1' 8 UP 'mtu 1450' '02:c6:10:61:43:27 brd' 'group 1352665393' 'id 1' 'dstport 8472' 'local 192.168.50.13' nolearning ip -d -o link show dev flannel.1
  object 'flannel-dual-stack.net:11  sysctl net/ipv6/conf/flannel-v6.1/accept_ra' 1 0 sysctl -n net/ipv6/conf/flannel-v6.1/accept_ra
  object 'flannel-dual-stack.net:11  address fd00:10:244:3::/128 of n3:flannel-v6.1' 1 fd00:10:244:3::/128 ip -o addr show dev flannel-v6.1
  object 'flannel-dual-stack.net:11  vxlan n3:flannel-v6.1' 8 UP 'mtu 1430' '02:11:88:b8:a1:5c brd' 'group 1352665393' 'id 1' 'dstport 8472' 'local fd00:50::13' nolearning ip -d -o link show dev flannel-v6.1
  object 'flannel-dual-stack.net:12  veth n3:p3-eth0' 4 UP 'master cni0' 'mtu 1430' 'group 1352665393' ip -d -o link show dev p3-eth0
  object 'flannel-dual-stack.net:12  bridge_slave n3:p3-eth0' 1 'hairpin on' ip -d -o link show dev p3-eth0
  object 'flannel-dual-stack.net:12  address 10.244.3.2/24 of p3:eth0' 1 10.244.3.2/24 ip -n p3 -o addr show dev eth0
  object 'flannel-dual-stack.net:12  address fd00:10:244:3::2/64 of p3:eth0' 1 fd00:10:244:3::2/64 ip -n p3 -o addr show dev eth0
  object 'flannel-dual-stack.net:12  veth p3:eth0' 3 UP 'mtu 1430' 'group 1352665393' ip -n p3 -d -o link show dev eth0
  object 'flannel-dual-stack.net:11  neighbour 10.244.1.0 of n3:flannel.1' 2 10.244.1.0 'lladdr 02:a5:fb:7b:62:a8' ip -N neigh show to 10.244.1.0 dev flannel.1
  object 'flannel-dual-stack.net:11  neighbour 10.244.2.0 of n3:flannel.1' 2 10.244.2.0 'lladdr 02:cf:95:4a:9d:92' ip -N neigh show to 10.244.2.0 dev flannel.1
  object 'flannel-dual-stack.net:11  neighbour 10.244.4.0 of n3:flannel.1' 2 10.244.4.0 'lladdr 02:49:09:6e:f3:83' ip -N neigh show to 10.244.4.0 dev flannel.1
  object 'flannel-dual-stack.net:11  neighbour 10.244.5.0 of n3:flannel.1' 2 10.244.5.0 'lladdr 02:86:08:32:90:dc' ip -N neigh show to 10.244.5.0 dev flannel.1
  object 'flannel-dual-stack.net:11  neighbour fd00:10:244:1:: of n3:flannel-v6.1' 2 fd00:10:244:1:: 'lladdr 02:62:26:a1:55:03' ip -N neigh show to fd00:10:244:1:: dev flannel-v6.1
  object 'flannel-dual-stack.net:11  neighbour fd00:10:244:2:: of n3:flannel-v6.1' 2 fd00:10:244:2:: 'lladdr 02:be:04:be:ed:52' ip -N neigh show to fd00:10:244:2:: dev flannel-v6.1
  object 'flannel-dual-stack.net:11  neighbour fd00:10:244:4:: of n3:flannel-v6.1' 2 fd00:10:244:4:: 'lladdr 02:97:a6:82:2d:5e' ip -N neigh show to fd00:10:244:4:: dev flannel-v6.1
  object 'flannel-dual-stack.net:11  neighbour fd00:10:244:5:: of n3:flannel-v6.1' 2 fd00:10:244:5:: 'lladdr 02:bf:d3:42:4a:71' ip -N neigh show to fd00:10:244:5:: dev flannel-v6.1
  object 'flannel-dual-stack.net:11  FDB entry 02:a5:fb:7b:62:a8 of n3:flannel.1' 1 '02:a5:fb:7b:62:a8 dst 192.168.50.11' bridge fdb show dev flannel.1
  object 'flannel-dual-stack.net:11  FDB entry 02:cf:95:4a:9d:92 of n3:flannel.1' 1 '02:cf:95:4a:9d:92 dst 192.168.50.12' bridge fdb show dev flannel.1
  object 'flannel-dual-stack.net:11  FDB entry 02:49:09:6e:f3:83 of n3:flannel.1' 1 '02:49:09:6e:f3:83 dst 192.168.50.14' bridge fdb show dev flannel.1
  object 'flannel-dual-stack.net:11  FDB entry 02:86:08:32:90:dc of n3:flannel.1' 1 '02:86:08:32:90:dc dst 192.168.50.15' bridge fdb show dev flannel.1
  object 'flannel-dual-stack.net:11  FDB entry 02:62:26:a1:55:03 of n3:flannel-v6.1' 1 '02:62:26:a1:55:03 dst fd00:50::11' bridge fdb show dev flannel-v6.1
  object 'flannel-dual-stack.net:11  FDB entry 02:be:04:be:ed:52 of n3:flannel-v6.1' 1 '02:be:04:be:ed:52 dst fd00:50::12' bridge fdb show dev flannel-v6.1
  object 'flannel-dual-stack.net:11  FDB entry 02:97:a6:82:2d:5e of n3:flannel-v6.1' 1 '02:97:a6:82:2d:5e dst fd00:50::14' bridge fdb show dev flannel-v6.1
  object 'flannel-dual-stack.net:11  FDB entry 02:bf:d3:42:4a:71 of n3:flannel-v6.1' 1 '02:bf:d3:42:4a:71 dst fd00:50::15' bridge fdb show dev flannel-v6.1
  object 'flannel-dual-stack.net:11  route 10.244.1.0/24 of n3' 4 10.244.1.0/24 'via 10.244.1.0' 'dev flannel.1' onlink ip route show exact 10.244.1.0/24 table 254
  object 'flannel-dual-stack.net:11  route 10.244.2.0/24 of n3' 4 10.244.2.0/24 'via 10.244.2.0' 'dev flannel.1' onlink ip route show exact 10.244.2.0/24 table 254
  object 'flannel-dual-stack.net:11  route 10.244.4.0/24 of n3' 4 10.244.4.0/24 'via 10.244.4.0' 'dev flannel.1' onlink ip route show exact 10.244.4.0/24 table 254
  object 'flannel-dual-stack.net:11  route 10.244.5.0/24 of n3' 4 10.244.5.0/24 'via 10.244.5.0' 'dev flannel.1' onlink ip route show exact 10.244.5.0/24 table 254
  object 'flannel-dual-stack.net:11  route fd00:10:244:1::/64 of n3' 5 fd00:10:244:1::/64 'via fd00:10:244:1::' 'dev flannel-v6.1' 'metric 1024' onlink ip -6 route show exact fd00:10:244:1::/64 table 254
  object 'flannel-dual-stack.net:11  route fd00:10:244:2::/64 of n3' 5 fd00:10:244:2::/64 'via fd00:10:244:2::' 'dev flannel-v6.1' 'metric 1024' onlink ip -6 route show exact fd00:10:244:2::/64 table 254
  object 'flannel-dual-stack.net:11  route fd00:10:244:4::/64 of n3' 5 fd00:10:244:4::/64 'via fd00:10:244:4::' 'dev flannel-v6.1' 'metric 1024' onlink ip -6 route show exact fd00:10:244:4::/64 table 254
  object 'flannel-dual-stack.net:11  route fd00:10:244:5::/64 of n3' 5 fd00:10:244:5::/64 'via fd00:10:244:5::' 'dev flannel-v6.1' 'metric 1024' onlink ip -6 route show exact fd00:10:244:5::/64 table 254
  object 'flannel-dual-stack.net:12  route default of p3' 3 default 'via 10.244.3.1' 'dev eth0' ip -n p3 route show exact 0.0.0.0/0 table 254
  object 'flannel-dual-stack.net:12  route default of p3' 4 default 'via fd00:10:244:3::1' 'dev eth0' 'metric 1024' ip -n p3 -6 route show exact ::/0 table 254

  if [[ -z $quiet ]]; then printf '%s as declared, %s differ, %s missing\n' "$fine" "$differ" "$missing"; fi
  if ((differ || missing)); then exit 1; fi
  exit 0
}
