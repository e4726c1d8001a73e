#!/usr/bin/env bash
# status.sh says of each object of the lab flannel-dual-stack whether it is as declared; netc wrote it from flannel-dual-stack.net.
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
  object 'flannel-dual-stack.net:9  netns n1' 1 'alias netc flannel-dual-stack' ip -n n1 -o link show dev lo
  object 'flannel-dual-stack.net:12  netns n1-p1' 1 'alias netc flannel-dual-stack' ip -n n1-p1 -o link show dev lo
  object 'flannel-dual-stack.net:9  netns n2' 1 'alias netc flannel-dual-stack' ip -n n2 -o link show dev lo
  object 'flannel-dual-stack.net:12  netns n2-p2' 1 'alias netc flannel-dual-stack' ip -n n2-p2 -o link show dev lo
  object 'flannel-dual-stack.net:9  netns n3' 1 'alias netc flannel-dual-stack' ip -n n3 -o link show dev lo
  object 'flannel-dual-stack.net:12  netns n3-p3' 1 'alias netc flannel-dual-stack' ip -n n3-p3 -o link show dev lo
  object 'flannel-dual-stack.net:9  netns n4' 1 'alias netc flannel-dual-stack' ip -n n4 -o link show dev lo
  object 'flannel-dual-stack.net:12  netns n4-p4' 1 'alias netc flannel-dual-stack' ip -n n4-p4 -o link show dev lo
  object 'flannel-dual-stack.net:9  netns n5' 1 'alias netc flannel-dual-stack' ip -n n5 -o link show dev lo
  object 'flannel-dual-stack.net:12  netns n5-p5' 1 'alias netc flannel-dual-stack' ip -n n5-p5 -o link show dev lo
  object 'flannel-dual-stack.net:2  netns segments' 1 'alias netc flannel-dual-stack' ip -n segments -o link show dev lo
  object 'flannel-dual-stack.net:11  sysctl net.ipv4.ip_forward of n1' 1 1 ip netns exec n1 sysctl -n net.ipv4.ip_forward
  object 'flannel-dual-stack.net:11  sysctl net.ipv6.conf.all.forwarding of n1' 1 1 ip netns exec n1 sysctl -n net.ipv6.conf.all.forwarding
  object 'flannel-dual-stack.net:11  sysctl net.ipv4.ip_forward of n2' 1 1 ip netns exec n2 sysctl -n net.ipv4.ip_forward
  object 'flannel-dual-stack.net:11  sysctl net.ipv6.conf.all.forwarding of n2' 1 1 ip netns exec n2 sysctl -n net.ipv6.conf.all.forwarding
  object 'flannel-dual-stack.net:11  sysctl net.ipv4.ip_forward of n3' 1 1 ip netns exec n3 sysctl -n net.ipv4.ip_forward
  object 'flannel-dual-stack.net:11  sysctl net.ipv6.conf.all.forwarding of n3' 1 1 ip netns exec n3 sysctl -n net.ipv6.conf.all.forwarding
  object 'flannel-dual-stack.net:11  sysctl net.ipv4.ip_forward of n4' 1 1 ip netns exec n4 sysctl -n net.ipv4.ip_forward
  object 'flannel-dual-stack.net:11  sysctl net.ipv6.conf.all.forwarding of n4' 1 1 ip netns exec n4 sysctl -n net.ipv6.conf.all.forwarding
  object 'flannel-dual-stack.net:11  sysctl net.ipv4.ip_forward of n5' 1 1 ip netns exec n5 sysctl -n net.ipv4.ip_forward
  object 'flannel-dual-stack.net:11  sysctl net.ipv6.conf.all.forwarding of n5' 1 1 ip netns exec n5 sysctl -n net.ipv6.conf.all.forwarding
  object 'flannel-dual-stack.net:4  bridge segments:lan' 3 UP '02:33:68:1b:f5:ca brd' 'group 1352665393' ip -n segments -d -o link show dev lan
  object 'flannel-dual-stack.net:10  address 192.168.50.11/24 of n1:eth0' 1 192.168.50.11/24 ip -n n1 -o addr show dev eth0
  object 'flannel-dual-stack.net:10  address fd00:50::11/64 of n1:eth0' 1 fd00:50::11/64 ip -n n1 -o addr show dev eth0
  object 'flannel-dual-stack.net:10  veth n1:eth0' 2 UP 'group 1352665393' ip -n n1 -d -o link show dev eth0
  object 'flannel-dual-stack.net:10  veth segments:n1-eth0' 3 UP 'master lan' 'group 1352665393' ip -n segments -d -o link show dev n1-eth0
  object 'flannel-dual-stack.net:11  address 10.244.1.1/24 of n1:cni0' 1 10.244.1.1/24 ip -n n1 -o addr show dev cni0
  object 'flannel-dual-stack.net:11  address fd00:10:244:1::1/64 of n1:cni0' 1 fd00:10:244:1::1/64 ip -n n1 -o addr show dev cni0
  object 'flannel-dual-stack.net:11  bridge n1:cni0' 4 UP 'mtu 1430' '02:7d:b3:45:2b:9c brd' 'group 1352665393' ip -n n1 -d -o link show dev cni0
  object 'flannel-dual-stack.net:11  sysctl net/ipv6/conf/flannel.1/accept_ra' 1 0 ip netns exec n1 sysctl -n net/ipv6/conf/flannel.1/accept_ra
  object 'flannel-dual-stack.net:11  address 10.244.1.0/32 of n1:flannel.1' 1 10.244.1.0/32 ip -n n1 -o addr show dev flannel.1
  object 'flannel-dual-stack.net:11  vxlan n1:flannel.1' 8 UP 'mtu 1450' '02:a5:fb:7b:62:a8 brd' 'group 1352665393' 'id 1' 'dstport 8472' 'local 192.168.50.11' nolearning ip -n n1 -d -o link show dev flannel.1
  object 'flannel-dual-stack.net:11  sysctl net/ipv6/conf/flannel-v6.1/accept_ra' 1 0 ip netns exec n1 sysctl -n net/ipv6/conf/flannel-v6.1/accept_ra
  object 'flannel-dual-stack.net:11  address fd00:10:244:1::/128 of n1:flannel-v6.1' 1 fd00:10:244:1::/128 ip -n n1 -o addr show dev flannel-v6.1
  object 'flannel-dual-stack.net:11  vxlan n1:flannel-v6.1' 8 UP 'mtu 1430' '02:62:26:a1:55:03 brd' 'group 1352665393' 'id 1' 'dstport 8472' 'local fd00:50::11' nolearning ip -n n1 -d -o link show dev flannel-v6.1
  object 'flannel-dual-stack.net:12  veth n1:p1-eth0' 4 UP 'master cni0' 'mtu 1430' 'group 1352665393' ip -n n1 -d -o link show dev p1-eth0
  object 'flannel-dual-stack.net:12  bridge_slave n1:p1-eth0' 1 'hairpin on' ip -n n1 -d -o link show dev p1-eth0
  object 'flannel-dual-stack.net:12  address 10.244.1.2/24 of n1-p1:eth0' 1 10.244.1.2/24 ip -n n1-p1 -o addr show dev eth0
  object 'flannel-dual-stack.net:12  address fd00:10:244:1::2/64 of n1-p1:eth0' 1 fd00:10:244:1::2/64 ip -n n1-p1 -o addr show dev eth0
  object 'flannel-dual-stack.net:12  veth n1-p1:eth0' 3 UP 'mtu 1430' 'group 1352665393' ip -n n1-p1 -d -o link show dev eth0
  object 'flannel-dual-stack.net:10  address 192.168.50.12/24 of n2:eth0' 1 192.168.50.12/24 ip -n n2 -o addr show dev eth0
  object 'flannel-dual-stack.net:10  address fd00:50::12/64 of n2:eth0' 1 fd00:50::12/64 ip -n n2 -o addr show dev eth0
  object 'flannel-dual-stack.net:10  veth n2:eth0' 2 UP 'group 1352665393' ip -n n2 -d -o link show dev eth0
  object 'flannel-dual-stack.net:10  veth segments:n2-eth0' 3 UP 'master lan' 'group 1352665393' ip -n segments -d -o link show dev n2-eth0
  object 'flannel-dual-stack.net:11  address 10.244.2.1/24 of n2:cni0' 1 10.244.2.1/24 ip -n n2 -o addr show dev cni0
  object 'flannel-dual-stack.net:11  address fd00:10:244:2::1/64 of n2:cni0' 1 fd00:10:244:2::1/64 ip -n n2 -o addr show dev cni0
  object 'flannel-dual-stack.net:11  bridge n2:cni0' 4 UP 'mtu 1430' '02:45:10:ed:17:1f brd' 'group 1352665393' ip -n n2 -d -o link show dev cni0
  object 'flannel-dual-stack.net:11  sysctl net/ipv6/conf/flannel.1/accept_ra' 1 0 ip netns exec n2 sysctl -n net/ipv6/conf/flannel.1/accept_ra
  object 'flannel-dual-stack.net:11  address 10.244.2.0/32 of n2:flannel.1' 1 10.244.2.0/32 ip -n n2 -o addr show dev flannel.1
  object 'flannel-dual-stack.net:11  vxlan n2:flannel.1' 8 UP 'mtu 1450' '02:cf:95:4a:9d:92 brd' 'group 1352665393' 'id 1' 'dstport 8472' 'local 192.168.50.12' nolearning ip -n n2 -d -o link show dev flannel.1
  object 'flannel-dual-stack.net:11  sysctl net/ipv6/conf/flannel-v6.1/accept_ra' 1 0 ip netns exec n2 sysctl -n net/ipv6/conf/flannel-v6.1/accept_ra
  object 'flannel-dual-stack.net:11  address fd00:10:244:2::/128 of n2:flannel-v6.1' 1 fd00:10:244:2::/128 ip -n n2 -o addr show dev flannel-v6.1
  object 'flannel-dual-stack.net:11  vxlan n2:flannel-v6.1' 8 UP 'mtu 1430' '02:be:04:be:ed:52 brd' 'group 1352665393' 'id 1' 'dstport 8472' 'local fd00:50::12' nolearning ip -n n2 -d -o link show dev flannel-v6.1
  object 'flannel-dual-stack.net:12  veth n2:p2-eth0' 4 UP 'master cni0' 'mtu 1430' 'group 1352665393' ip -n n2 -d -o link show dev p2-eth0
  object 'flannel-dual-stack.net:12  bridge_slave n2:p2-eth0' 1 'hairpin on' ip -n n2 -d -o link show dev p2-eth0
  object 'flannel-dual-stack.net:12  address 10.244.2.2/24 of n2-p2:eth0' 1 10.244.2.2/24 ip -n n2-p2 -o addr show dev eth0
  object 'flannel-dual-stack.net:12  address fd00:10:244:2::2/64 of n2-p2:eth0' 1 fd00:10:244:2::2/64 ip -n n2-p2 -o addr show dev eth0
  object 'flannel-dual-stack.net:12  veth n2-p2:eth0' 3 UP 'mtu 1430' 'group 1352665393' ip -n n2-p2 -d -o link show dev eth0
  object 'flannel-dual-stack.net:10  address 192.168.50.13/24 of n3:eth0' 1 192.168.50.13/24 ip -n n3 -o addr show dev eth0
  object 'flannel-dual-stack.net:10  address fd00:50::13/64 of n3:eth0' 1 fd00:50::13/64 ip -n n3 -o addr show dev eth0
  object 'flannel-dual-stack.net:10  veth n3:eth0' 2 UP 'group 1352665393' ip -n n3 -d -o link show dev eth0
  object 'flannel-dual-stack.net:10  veth segments:n3-eth0' 3 UP 'master lan' 'group 1352665393' ip -n segments -d -o link show dev n3-eth0
  object 'flannel-dual-stack.net:11  address 10.244.3.1/24 of n3:cni0' 1 10.244.3.1/24 ip -n n3 -o addr show dev cni0
  object 'flannel-dual-stack.net:11  address fd00:10:244:3::1/64 of n3:cni0' 1 fd00:10:244:3::1/64 ip -n n3 -o addr show dev cni0
  object 'flannel-dual-stack.net:11  bridge n3:cni0' 4 UP 'mtu 1430' '02:bd:f5:99:61:01 brd' 'group 1352665393' ip -n n3 -d -o link show dev cni0
  object 'flannel-dual-stack.net:11  sysctl net/ipv6/conf/flannel.1/accept_ra' 1 0 ip netns exec n3 sysctl -n net/ipv6/conf/flannel.1/accept_ra
  object 'flannel-dual-stack.net:11  address 10.244.3.0/32 of n3:flannel.1' 1 10.244.3.0/32 ip -n n3 -o addr show dev flannel.1
  object 'flannel-dual-stack.net:11  vxlan n3:flannel.1' 8 UP 'mtu 1450' '02:c6:10:61:43:27 brd' 'group 1352665393' 'id 1' 'dstport 8472' 'local 192.168.50.13' nolearning ip -n n3 -d -o link show dev flannel.1
  object 'flannel-dual-stack.net:11  sysctl net/ipv6/conf/flannel-v6.1/accept_ra' 1 0 ip netns exec n3 sysctl -n net/ipv6/conf/flannel-v6.1/accept_ra
  object 'flannel-dual-stack.net:11  address fd00:10:244:3::/128 of n3:flannel-v6.1' 1 fd00:10:244:3::/128 ip -n n3 -o addr show dev flannel-v6.1
  object 'flannel-dual-stack.net:11  vxlan n3:flannel-v6.1' 8 UP 'mtu 1430' '02:11:88:b8:a1:5c brd' 'group 1352665393' 'id 1' 'dstport 8472' 'local fd00:50::13' nolearning ip -n n3 -d -o link show dev flannel-v6.1
  object 'flannel-dual-stack.net:12  veth n3:p3-eth0' 4 UP 'master cni0' 'mtu 1430' 'group 1352665393' ip -n n3 -d -o link show dev p3-eth0
  object 'flannel-dual-stack.net:12  bridge_slave n3:p3-eth0' 1 'hairpin on' ip -n n3 -d -o link show dev p3-eth0
  object 'flannel-dual-stack.net:12  address 10.244.3.2/24 of n3-p3:eth0' 1 10.244.3.2/24 ip -n n3-p3 -o addr show dev eth0
  object 'flannel-dual-stack.net:12  address fd00:10:244:3::2/64 of n3-p3:eth0' 1 fd00:10:244:3::2/64 ip -n n3-p3 -o addr show dev eth0
  object 'flannel-dual-stack.net:12  veth n3-p3:eth0' 3 UP 'mtu 1430' 'group 1352665393' ip -n n3-p3 -d -o link show dev eth0
  object 'flannel-dual-stack.net:10  address 192.168.50.14/24 of n4:eth0' 1 192.168.50.14/24 ip -n n4 -o addr show dev eth0
  object 'flannel-dual-stack.net:10  address fd00:50::14/64 of n4:eth0' 1 fd00:50::14/64 ip -n n4 -o addr show dev eth0
  object 'flannel-dual-stack.net:10  veth n4:eth0' 2 UP 'group 1352665393' ip -n n4 -d -o link show dev eth0
  object 'flannel-dual-stack.net:10  veth segments:n4-eth0' 3 UP 'master lan' 'group 1352665393' ip -n segments -d -o link show dev n4-eth0
  object 'flannel-dual-stack.net:11  address 10.244.4.1/24 of n4:cni0' 1 10.244.4.1/24 ip -n n4 -o addr show dev cni0
  object 'flannel-dual-stack.net:11  address fd00:10:244:4::1/64 of n4:cni0' 1 fd00:10:244:4::1/64 ip -n n4 -o addr show dev cni0
  object 'flannel-dual-stack.net:11  bridge n4:cni0' 4 UP 'mtu 1430' '02:58:77:0c:ee:7c brd' 'group 1352665393' ip -n n4 -d -o link show dev cni0
  object 'flannel-dual-stack.net:11  sysctl net/ipv6/conf/flannel.1/accept_ra' 1 0 ip netns exec n4 sysctl -n net/ipv6/conf/flannel.1/accept_ra
  object 'flannel-dual-stack.net:11  address 10.244.4.0/32 of n4:flannel.1' 1 10.244.4.0/32 ip -n n4 -o addr show dev flannel.1
  object 'flannel-dual-stack.net:11  vxlan n4:flannel.1' 8 UP 'mtu 1450' '02:49:09:6e:f3:83 brd' 'group 1352665393' 'id 1' 'dstport 8472' 'local 192.168.50.14' nolearning ip -n n4 -d -o link show dev flannel.1
  object 'flannel-dual-stack.net:11  sysctl net/ipv6/conf/flannel-v6.1/accept_ra' 1 0 ip netns exec n4 sysctl -n net/ipv6/conf/flannel-v6.1/accept_ra
  object 'flannel-dual-stack.net:11  address fd00:10:244:4::/128 of n4:flannel-v6.1' 1 fd00:10:244:4::/128 ip -n n4 -o addr show dev flannel-v6.1
  object 'flannel-dual-stack.net:11  vxlan n4:flannel-v6.1' 8 UP 'mtu 1430' '02:97:a6:82:2d:5e brd' 'group 1352665393' 'id 1' 'dstport 8472' 'local fd00:50::14' nolearning ip -n n4 -d -o link show dev flannel-v6.1
  object 'flannel-dual-stack.net:12  veth n4:p4-eth0' 4 UP 'master cni0' 'mtu 1430' 'group 1352665393' ip -n n4 -d -o link show dev p4-eth0
  object 'flannel-dual-stack.net:12  bridge_slave n4:p4-eth0' 1 'hairpin on' ip -n n4 -d -o link show dev p4-eth0
  object 'flannel-dual-stack.net:12  address 10.244.4.2/24 of n4-p4:eth0' 1 10.244.4.2/24 ip -n n4-p4 -o addr show dev eth0
  object 'flannel-dual-stack.net:12  address fd00:10:244:4::2/64 of n4-p4:eth0' 1 fd00:10:244:4::2/64 ip -n n4-p4 -o addr show dev eth0
  object 'flannel-dual-stack.net:12  veth n4-p4:eth0' 3 UP 'mtu 1430' 'group 1352665393' ip -n n4-p4 -d -o link show dev eth0
  object 'flannel-dual-stack.net:10  address 192.168.50.15/24 of n5:eth0' 1 192.168.50.15/24 ip -n n5 -o addr show dev eth0
  object 'flannel-dual-stack.net:10  address fd00:50::15/64 of n5:eth0' 1 fd00:50::15/64 ip -n n5 -o addr show dev eth0
  object 'flannel-dual-stack.net:10  veth n5:eth0' 2 UP 'group 1352665393' ip -n n5 -d -o link show dev eth0
  object 'flannel-dual-stack.net:10  veth segments:n5-eth0' 3 UP 'master lan' 'group 1352665393' ip -n segments -d -o link show dev n5-eth0
  object 'flannel-dual-stack.net:11  address 10.244.5.1/24 of n5:cni0' 1 10.244.5.1/24 ip -n n5 -o addr show dev cni0
  object 'flannel-dual-stack.net:11  address fd00:10:244:5::1/64 of n5:cni0' 1 fd00:10:244:5::1/64 ip -n n5 -o addr show dev cni0
  object 'flannel-dual-stack.net:11  bridge n5:cni0' 4 UP 'mtu 1430' '02:49:69:57:a4:da brd' 'group 1352665393' ip -n n5 -d -o link show dev cni0
  object 'flannel-dual-stack.net:11  sysctl net/ipv6/conf/flannel.1/accept_ra' 1 0 ip netns exec n5 sysctl -n net/ipv6/conf/flannel.1/accept_ra
  object 'flannel-dual-stack.net:11  address 10.244.5.0/32 of n5:flannel.1' 1 10.244.5.0/32 ip -n n5 -o addr show dev flannel.1
  object 'flannel-dual-stack.net:11  vxlan n5:flannel.1' 8 UP 'mtu 1450' '02:86:08:32:90:dc brd' 'group 1352665393' 'id 1' 'dstport 8472' 'local 192.168.50.15' nolearning ip -n n5 -d -o link show dev flannel.1
  object 'flannel-dual-stack.net:11  sysctl net/ipv6/conf/flannel-v6.1/accept_ra' 1 0 ip netns exec n5 sysctl -n net/ipv6/conf/flannel-v6.1/accept_ra
  object 'flannel-dual-stack.net:11  address fd00:10:244:5::/128 of n5:flannel-v6.1' 1 fd00:10:244:5::/128 ip -n n5 -o addr show dev flannel-v6.1
  object 'flannel-dual-stack.net:11  vxlan n5:flannel-v6.1' 8 UP 'mtu 1430' '02:bf:d3:42:4a:71 brd' 'group 1352665393' 'id 1' 'dstport 8472' 'local fd00:50::15' nolearning ip -n n5 -d -o link show dev flannel-v6.1
  object 'flannel-dual-stack.net:12  veth n5:p5-eth0' 4 UP 'master cni0' 'mtu 1430' 'group 1352665393' ip -n n5 -d -o link show dev p5-eth0
  object 'flannel-dual-stack.net:12  bridge_slave n5:p5-eth0' 1 'hairpin on' ip -n n5 -d -o link show dev p5-eth0
  object 'flannel-dual-stack.net:12  address 10.244.5.2/24 of n5-p5:eth0' 1 10.244.5.2/24 ip -n n5-p5 -o addr show dev eth0
  object 'flannel-dual-stack.net:12  address fd00:10:244:5::2/64 of n5-p5:eth0' 1 fd00:10:244:5::2/64 ip -n n5-p5 -o addr show dev eth0
  object 'flannel-dual-stack.net:12  veth n5-p5:eth0' 3 UP 'mtu 1430' 'group 1352665393' ip -n n5-p5 -d -o link show dev eth0
  object 'flannel-dual-stack.net:11  neighbour 10.244.2.0 of n1:flannel.1' 2 10.244.2.0 'lladdr 02:cf:95:4a:9d:92' ip -n n1 -N neigh show to 10.244.2.0 dev flannel.1
  object 'flannel-dual-stack.net:11  neighbour 10.244.3.0 of n1:flannel.1' 2 10.244.3.0 'lladdr 02:c6:10:61:43:27' ip -n n1 -N neigh show to 10.244.3.0 dev flannel.1
  object 'flannel-dual-stack.net:11  neighbour 10.244.4.0 of n1:flannel.1' 2 10.244.4.0 'lladdr 02:49:09:6e:f3:83' ip -n n1 -N neigh show to 10.244.4.0 dev flannel.1
  object 'flannel-dual-stack.net:11  neighbour 10.244.5.0 of n1:flannel.1' 2 10.244.5.0 'lladdr 02:86:08:32:90:dc' ip -n n1 -N neigh show to 10.244.5.0 dev flannel.1
  object 'flannel-dual-stack.net:11  neighbour fd00:10:244:2:: of n1:flannel-v6.1' 2 fd00:10:244:2:: 'lladdr 02:be:04:be:ed:52' ip -n n1 -N neigh show to fd00:10:244:2:: dev flannel-v6.1
  object 'flannel-dual-stack.net:11  neighbour fd00:10:244:3:: of n1:flannel-v6.1' 2 fd00:10:244:3:: 'lladdr 02:11:88:b8:a1:5c' ip -n n1 -N neigh show to fd00:10:244:3:: dev flannel-v6.1
  object 'flannel-dual-stack.net:11  neighbour fd00:10:244:4:: of n1:flannel-v6.1' 2 fd00:10:244:4:: 'lladdr 02:97:a6:82:2d:5e' ip -n n1 -N neigh show to fd00:10:244:4:: dev flannel-v6.1
  object 'flannel-dual-stack.net:11  neighbour fd00:10:244:5:: of n1:flannel-v6.1' 2 fd00:10:244:5:: 'lladdr 02:bf:d3:42:4a:71' ip -n n1 -N neigh show to fd00:10:244:5:: dev flannel-v6.1
  object 'flannel-dual-stack.net:11  neighbour 10.244.1.0 of n2:flannel.1' 2 10.244.1.0 'lladdr 02:a5:fb:7b:62:a8' ip -n n2 -N neigh show to 10.244.1.0 dev flannel.1
  object 'flannel-dual-stack.net:11  neighbour 10.244.3.0 of n2:flannel.1' 2 10.244.3.0 'lladdr 02:c6:10:61:43:27' ip -n n2 -N neigh show to 10.244.3.0 dev flannel.1
  object 'flannel-dual-stack.net:11  neighbour 10.244.4.0 of n2:flannel.1' 2 10.244.4.0 'lladdr 02:49:09:6e:f3:83' ip -n n2 -N neigh show to 10.244.4.0 dev flannel.1
  object 'flannel-dual-stack.net:11  neighbour 10.244.5.0 of n2:flannel.1' 2 10.244.5.0 'lladdr 02:86:08:32:90:dc' ip -n n2 -N neigh show to 10.244.5.0 dev flannel.1
  object 'flannel-dual-stack.net:11  neighbour fd00:10:244:1:: of n2:flannel-v6.1' 2 fd00:10:244:1:: 'lladdr 02:62:26:a1:55:03' ip -n n2 -N neigh show to fd00:10:244:1:: dev flannel-v6.1
  object 'flannel-dual-stack.net:11  neighbour fd00:10:244:3:: of n2:flannel-v6.1' 2 fd00:10:244:3:: 'lladdr 02:11:88:b8:a1:5c' ip -n n2 -N neigh show to fd00:10:244:3:: dev flannel-v6.1
  object 'flannel-dual-stack.net:11  neighbour fd00:10:244:4:: of n2:flannel-v6.1' 2 fd00:10:244:4:: 'lladdr 02:97:a6:82:2d:5e' ip -n n2 -N neigh show to fd00:10:244:4:: dev flannel-v6.1
  object 'flannel-dual-stack.net:11  neighbour fd00:10:244:5:: of n2:flannel-v6.1' 2 fd00:10:244:5:: 'lladdr 02:bf:d3:42:4a:71' ip -n n2 -N neigh show to fd00:10:244:5:: dev flannel-v6.1
  object 'flannel-dual-stack.net:11  neighbour 10.244.1.0 of n3:flannel.1' 2 10.244.1.0 'lladdr 02:a5:fb:7b:62:a8' ip -n n3 -N neigh show to 10.244.1.0 dev flannel.1
  object 'flannel-dual-stack.net:11  neighbour 10.244.2.0 of n3:flannel.1' 2 10.244.2.0 'lladdr 02:cf:95:4a:9d:92' ip -n n3 -N neigh show to 10.244.2.0 dev flannel.1
  object 'flannel-dual-stack.net:11  neighbour 10.244.4.0 of n3:flannel.1' 2 10.244.4.0 'lladdr 02:49:09:6e:f3:83' ip -n n3 -N neigh show to 10.244.4.0 dev flannel.1
  object 'flannel-dual-stack.net:11  neighbour 10.244.5.0 of n3:flannel.1' 2 10.244.5.0 'lladdr 02:86:08:32:90:dc' ip -n n3 -N neigh show to 10.244.5.0 dev flannel.1
  object 'flannel-dual-stack.net:11  neighbour fd00:10:244:1:: of n3:flannel-v6.1' 2 fd00:10:244:1:: 'lladdr 02:62:26:a1:55:03' ip -n n3 -N neigh show to fd00:10:244:1:: dev flannel-v6.1
  object 'flannel-dual-stack.net:11  neighbour fd00:10:244:2:: of n3:flannel-v6.1' 2 fd00:10:244:2:: 'lladdr 02:be:04:be:ed:52' ip -n n3 -N neigh show to fd00:10:244:2:: dev flannel-v6.1
  object 'flannel-dual-stack.net:11  neighbour fd00:10:244:4:: of n3:flannel-v6.1' 2 fd00:10:244:4:: 'lladdr 02:97:a6:82:2d:5e' ip -n n3 -N neigh show to fd00:10:244:4:: dev flannel-v6.1
  object 'flannel-dual-stack.net:11  neighbour fd00:10:244:5:: of n3:flannel-v6.1' 2 fd00:10:244:5:: 'lladdr 02:bf:d3:42:4a:71' ip -n n3 -N neigh show to fd00:10:244:5:: dev flannel-v6.1
  object 'flannel-dual-stack.net:11  neighbour 10.244.1.0 of n4:flannel.1' 2 10.244.1.0 'lladdr 02:a5:fb:7b:62:a8' ip -n n4 -N neigh show to 10.244.1.0 dev flannel.1
  object 'flannel-dual-stack.net:11  neighbour 10.244.2.0 of n4:flannel.1' 2 10.244.2.0 'lladdr 02:cf:95:4a:9d:92' ip -n n4 -N neigh show to 10.244.2.0 dev flannel.1
  object 'flannel-dual-stack.net:11  neighbour 10.244.3.0 of n4:flannel.1' 2 10.244.3.0 'lladdr 02:c6:10:61:43:27' ip -n n4 -N neigh show to 10.244.3.0 dev flannel.1
  object 'flannel-dual-stack.net:11  neighbour 10.244.5.0 of n4:flannel.1' 2 10.244.5.0 'lladdr 02:86:08:32:90:dc' ip -n n4 -N neigh show to 10.244.5.0 dev flannel.1
  object 'flannel-dual-stack.net:11  neighbour fd00:10:244:1:: of n4:flannel-v6.1' 2 fd00:10:244:1:: 'lladdr 02:62:26:a1:55:03' ip -n n4 -N neigh show to fd00:10:244:1:: dev flannel-v6.1
  object 'flannel-dual-stack.net:11  neighbour fd00:10:244:2:: of n4:flannel-v6.1' 2 fd00:10:244:2:: 'lladdr 02:be:04:be:ed:52' ip -n n4 -N neigh show to fd00:10:244:2:: dev flannel-v6.1
  object 'flannel-dual-stack.net:11  neighbour fd00:10:244:3:: of n4:flannel-v6.1' 2 fd00:10:244:3:: 'lladdr 02:11:88:b8:a1:5c' ip -n n4 -N neigh show to fd00:10:244:3:: dev flannel-v6.1
  object 'flannel-dual-stack.net:11  neighbour fd00:10:244:5:: of n4:flannel-v6.1' 2 fd00:10:244:5:: 'lladdr 02:bf:d3:42:4a:71' ip -n n4 -N neigh show to fd00:10:244:5:: dev flannel-v6.1
  object 'flannel-dual-stack.net:11  neighbour 10.244.1.0 of n5:flannel.1' 2 10.244.1.0 'lladdr 02:a5:fb:7b:62:a8' ip -n n5 -N neigh show to 10.244.1.0 dev flannel.1
  object 'flannel-dual-stack.net:11  neighbour 10.244.2.0 of n5:flannel.1' 2 10.244.2.0 'lladdr 02:cf:95:4a:9d:92' ip -n n5 -N neigh show to 10.244.2.0 dev flannel.1
  object 'flannel-dual-stack.net:11  neighbour 10.244.3.0 of n5:flannel.1' 2 10.244.3.0 'lladdr 02:c6:10:61:43:27' ip -n n5 -N neigh show to 10.244.3.0 dev flannel.1
  object 'flannel-dual-stack.net:11  neighbour 10.244.4.0 of n5:flannel.1' 2 10.244.4.0 'lladdr 02:49:09:6e:f3:83' ip -n n5 -N neigh show to 10.244.4.0 dev flannel.1
  object 'flannel-dual-stack.net:11  neighbour fd00:10:244:1:: of n5:flannel-v6.1' 2 fd00:10:244:1:: 'lladdr 02:62:26:a1:55:03' ip -n n5 -N neigh show to fd00:10:244:1:: dev flannel-v6.1
  object 'flannel-dual-stack.net:11  neighbour fd00:10:244:2:: of n5:flannel-v6.1' 2 fd00:10:244:2:: 'lladdr 02:be:04:be:ed:52' ip -n n5 -N neigh show to fd00:10:244:2:: dev flannel-v6.1
  object 'flannel-dual-stack.net:11  neighbour fd00:10:244:3:: of n5:flannel-v6.1' 2 fd00:10:244:3:: 'lladdr 02:11:88:b8:a1:5c' ip -n n5 -N neigh show to fd00:10:244:3:: dev flannel-v6.1
  object 'flannel-dual-stack.net:11  neighbour fd00:10:244:4:: of n5:flannel-v6.1' 2 fd00:10:244:4:: 'lladdr 02:97:a6:82:2d:5e' ip -n n5 -N neigh show to fd00:10:244:4:: dev flannel-v6.1
  object 'flannel-dual-stack.net:11  FDB entry 02:cf:95:4a:9d:92 of n1:flannel.1' 1 '02:cf:95:4a:9d:92 dst 192.168.50.12' bridge -n n1 fdb show dev flannel.1
  object 'flannel-dual-stack.net:11  FDB entry 02:c6:10:61:43:27 of n1:flannel.1' 1 '02:c6:10:61:43:27 dst 192.168.50.13' bridge -n n1 fdb show dev flannel.1
  object 'flannel-dual-stack.net:11  FDB entry 02:49:09:6e:f3:83 of n1:flannel.1' 1 '02:49:09:6e:f3:83 dst 192.168.50.14' bridge -n n1 fdb show dev flannel.1
  object 'flannel-dual-stack.net:11  FDB entry 02:86:08:32:90:dc of n1:flannel.1' 1 '02:86:08:32:90:dc dst 192.168.50.15' bridge -n n1 fdb show dev flannel.1
  object 'flannel-dual-stack.net:11  FDB entry 02:be:04:be:ed:52 of n1:flannel-v6.1' 1 '02:be:04:be:ed:52 dst fd00:50::12' bridge -n n1 fdb show dev flannel-v6.1
  object 'flannel-dual-stack.net:11  FDB entry 02:11:88:b8:a1:5c of n1:flannel-v6.1' 1 '02:11:88:b8:a1:5c dst fd00:50::13' bridge -n n1 fdb show dev flannel-v6.1
  object 'flannel-dual-stack.net:11  FDB entry 02:97:a6:82:2d:5e of n1:flannel-v6.1' 1 '02:97:a6:82:2d:5e dst fd00:50::14' bridge -n n1 fdb show dev flannel-v6.1
  object 'flannel-dual-stack.net:11  FDB entry 02:bf:d3:42:4a:71 of n1:flannel-v6.1' 1 '02:bf:d3:42:4a:71 dst fd00:50::15' bridge -n n1 fdb show dev flannel-v6.1
  object 'flannel-dual-stack.net:11  FDB entry 02:a5:fb:7b:62:a8 of n2:flannel.1' 1 '02:a5:fb:7b:62:a8 dst 192.168.50.11' bridge -n n2 fdb show dev flannel.1
  object 'flannel-dual-stack.net:11  FDB entry 02:c6:10:61:43:27 of n2:flannel.1' 1 '02:c6:10:61:43:27 dst 192.168.50.13' bridge -n n2 fdb show dev flannel.1
  object 'flannel-dual-stack.net:11  FDB entry 02:49:09:6e:f3:83 of n2:flannel.1' 1 '02:49:09:6e:f3:83 dst 192.168.50.14' bridge -n n2 fdb show dev flannel.1
  object 'flannel-dual-stack.net:11  FDB entry 02:86:08:32:90:dc of n2:flannel.1' 1 '02:86:08:32:90:dc dst 192.168.50.15' bridge -n n2 fdb show dev flannel.1
  object 'flannel-dual-stack.net:11  FDB entry 02:62:26:a1:55:03 of n2:flannel-v6.1' 1 '02:62:26:a1:55:03 dst fd00:50::11' bridge -n n2 fdb show dev flannel-v6.1
  object 'flannel-dual-stack.net:11  FDB entry 02:11:88:b8:a1:5c of n2:flannel-v6.1' 1 '02:11:88:b8:a1:5c dst fd00:50::13' bridge -n n2 fdb show dev flannel-v6.1
  object 'flannel-dual-stack.net:11  FDB entry 02:97:a6:82:2d:5e of n2:flannel-v6.1' 1 '02:97:a6:82:2d:5e dst fd00:50::14' bridge -n n2 fdb show dev flannel-v6.1
  object 'flannel-dual-stack.net:11  FDB entry 02:bf:d3:42:4a:71 of n2:flannel-v6.1' 1 '02:bf:d3:42:4a:71 dst fd00:50::15' bridge -n n2 fdb show dev flannel-v6.1
  object 'flannel-dual-stack.net:11  FDB entry 02:a5:fb:7b:62:a8 of n3:flannel.1' 1 '02:a5:fb:7b:62:a8 dst 192.168.50.11' bridge -n n3 fdb show dev flannel.1
  object 'flannel-dual-stack.net:11  FDB entry 02:cf:95:4a:9d:92 of n3:flannel.1' 1 '02:cf:95:4a:9d:92 dst 192.168.50.12' bridge -n n3 fdb show dev flannel.1
  object 'flannel-dual-stack.net:11  FDB entry 02:49:09:6e:f3:83 of n3:flannel.1' 1 '02:49:09:6e:f3:83 dst 192.168.50.14' bridge -n n3 fdb show dev flannel.1
  object 'flannel-dual-stack.net:11  FDB entry 02:86:08:32:90:dc of n3:flannel.1' 1 '02:86:08:32:90:dc dst 192.168.50.15' bridge -n n3 fdb show dev flannel.1
  object 'flannel-dual-stack.net:11  FDB entry 02:62:26:a1:55:03 of n3:flannel-v6.1' 1 '02:62:26:a1:55:03 dst fd00:50::11' bridge -n n3 fdb show dev flannel-v6.1
  object 'flannel-dual-stack.net:11  FDB entry 02:be:04:be:ed:52 of n3:flannel-v6.1' 1 '02:be:04:be:ed:52 dst fd00:50::12' bridge -n n3 fdb show dev flannel-v6.1
  object 'flannel-dual-stack.net:11  FDB entry 02:97:a6:82:2d:5e of n3:flannel-v6.1' 1 '02:97:a6:82:2d:5e dst fd00:50::14' bridge -n n3 fdb show dev flannel-v6.1
  object 'flannel-dual-stack.net:11  FDB entry 02:bf:d3:42:4a:71 of n3:flannel-v6.1' 1 '02:bf:d3:42:4a:71 dst fd00:50::15' bridge -n n3 fdb show dev flannel-v6.1
  object 'flannel-dual-stack.net:11  FDB entry 02:a5:fb:7b:62:a8 of n4:flannel.1' 1 '02:a5:fb:7b:62:a8 dst 192.168.50.11' bridge -n n4 fdb show dev flannel.1
  object 'flannel-dual-stack.net:11  FDB entry 02:cf:95:4a:9d:92 of n4:flannel.1' 1 '02:cf:95:4a:9d:92 dst 192.168.50.12' bridge -n n4 fdb show dev flannel.1
  object 'flannel-dual-stack.net:11  FDB entry 02:c6:10:61:43:27 of n4:flannel.1' 1 '02:c6:10:61:43:27 dst 192.168.50.13' bridge -n n4 fdb show dev flannel.1
  object 'flannel-dual-stack.net:11  FDB entry 02:86:08:32:90:dc of n4:flannel.1' 1 '02:86:08:32:90:dc dst 192.168.50.15' bridge -n n4 fdb show dev flannel.1
  object 'flannel-dual-stack.net:11  FDB entry 02:62:26:a1:55:03 of n4:flannel-v6.1' 1 '02:62:26:a1:55:03 dst fd00:50::11' bridge -n n4 fdb show dev flannel-v6.1
  object 'flannel-dual-stack.net:11  FDB entry 02:be:04:be:ed:52 of n4:flannel-v6.1' 1 '02:be:04:be:ed:52 dst fd00:50::12' bridge -n n4 fdb show dev flannel-v6.1
  object 'flannel-dual-stack.net:11  FDB entry 02:11:88:b8:a1:5c of n4:flannel-v6.1' 1 '02:11:88:b8:a1:5c dst fd00:50::13' bridge -n n4 fdb show dev flannel-v6.1
  object 'flannel-dual-stack.net:11  FDB entry 02:bf:d3:42:4a:71 of n4:flannel-v6.1' 1 '02:bf:d3:42:4a:71 dst fd00:50::15' bridge -n n4 fdb show dev flannel-v6.1
  object 'flannel-dual-stack.net:11  FDB entry 02:a5:fb:7b:62:a8 of n5:flannel.1' 1 '02:a5:fb:7b:62:a8 dst 192.168.50.11' bridge -n n5 fdb show dev flannel.1
  object 'flannel-dual-stack.net:11  FDB entry 02:cf:95:4a:9d:92 of n5:flannel.1' 1 '02:cf:95:4a:9d:92 dst 192.168.50.12' bridge -n n5 fdb show dev flannel.1
  object 'flannel-dual-stack.net:11  FDB entry 02:c6:10:61:43:27 of n5:flannel.1' 1 '02:c6:10:61:43:27 dst 192.168.50.13' bridge -n n5 fdb show dev flannel.1
  object 'flannel-dual-stack.net:11  FDB entry 02:49:09:6e:f3:83 of n5:flannel.1' 1 '02:49:09:6e:f3:83 dst 192.168.50.14' bridge -n n5 fdb show dev flannel.1
  object 'flannel-dual-stack.net:11  FDB entry 02:62:26:a1:55:03 of n5:flannel-v6.1' 1 '02:62:26:a1:55:03 dst fd00:50::11' bridge -n n5 fdb show dev flannel-v6.1
  object 'flannel-dual-stack.net:11  FDB entry 02:be:04:be:ed:52 of n5:flannel-v6.1' 1 '02:be:04:be:ed:52 dst fd00:50::12' bridge -n n5 fdb show dev flannel-v6.1
  object 'flannel-dual-stack.net:11  FDB entry 02:11:88:b8:a1:5c of n5:flannel-v6.1' 1 '02:11:88:b8:a1:5c dst fd00:50::13' bridge -n n5 fdb show dev flannel-v6.1
  object 'flannel-dual-stack.net:11  FDB entry 02:97:a6:82:2d:5e of n5:flannel-v6.1' 1 '02:97:a6:82:2d:5e dst fd00:50::14' bridge -n n5 fdb show dev flannel-v6.1
  object 'flannel-dual-stack.net:11  route 10.244.2.0/24 of n1' 4 10.244.2.0/24 'via 10.244.2.0' 'dev flannel.1' onlink ip -n n1 route show exact 10.244.2.0/24 table 254
  object 'flannel-dual-stack.net:11  route 10.244.3.0/24 of n1' 4 10.244.3.0/24 'via 10.244.3.0' 'dev flannel.1' onlink ip -n n1 route show exact 10.244.3.0/24 table 254
  object 'flannel-dual-stack.net:11  route 10.244.4.0/24 of n1' 4 10.244.4.0/24 'via 10.244.4.0' 'dev flannel.1' onlink ip -n n1 route show exact 10.244.4.0/24 table 254
  object 'flannel-dual-stack.net:11  route 10.244.5.0/24 of n1' 4 10.244.5.0/24 'via 10.244.5.0' 'dev flannel.1' onlink ip -n n1 route show exact 10.244.5.0/24 table 254
  object 'flannel-dual-stack.net:11  route fd00:10:244:2::/64 of n1' 5 fd00:10:244:2::/64 'via fd00:10:244:2::' 'dev flannel-v6.1' 'metric 1024' onlink ip -n n1 -6 route show exact fd00:10:244:2::/64 table 254
  object 'flannel-dual-stack.net:11  route fd00:10:244:3::/64 of n1' 5 fd00:10:244:3::/64 'via fd00:10:244:3::' 'dev flannel-v6.1' 'metric 1024' onlink ip -n n1 -6 route show exact fd00:10:244:3::/64 table 254
  object 'flannel-dual-stack.net:11  route fd00:10:244:4::/64 of n1' 5 fd00:10:244:4::/64 'via fd00:10:244:4::' 'dev flannel-v6.1' 'metric 1024' onlink ip -n n1 -6 route show exact fd00:10:244:4::/64 table 254
  object 'flannel-dual-stack.net:11  route fd00:10:244:5::/64 of n1' 5 fd00:10:244:5::/64 'via fd00:10:244:5::' 'dev flannel-v6.1' 'metric 1024' onlink ip -n n1 -6 route show exact fd00:10:244:5::/64 table 254
  object 'flannel-dual-stack.net:12  route default of n1-p1' 3 default 'via 10.244.1.1' 'dev eth0' ip -n n1-p1 route show exact 0.0.0.0/0 table 254
  object 'flannel-dual-stack.net:12  route default of n1-p1' 4 default 'via fd00:10:244:1::1' 'dev eth0' 'metric 1024' ip -n n1-p1 -6 route show exact ::/0 table 254
  object 'flannel-dual-stack.net:11  route 10.244.1.0/24 of n2' 4 10.244.1.0/24 'via 10.244.1.0' 'dev flannel.1' onlink ip -n n2 route show exact 10.244.1.0/24 table 254
  object 'flannel-dual-stack.net:11  route 10.244.3.0/24 of n2' 4 10.244.3.0/24 'via 10.244.3.0' 'dev flannel.1' onlink ip -n n2 route show exact 10.244.3.0/24 table 254
  object 'flannel-dual-stack.net:11  route 10.244.4.0/24 of n2' 4 10.244.4.0/24 'via 10.244.4.0' 'dev flannel.1' onlink ip -n n2 route show exact 10.244.4.0/24 table 254
  object 'flannel-dual-stack.net:11  route 10.244.5.0/24 of n2' 4 10.244.5.0/24 'via 10.244.5.0' 'dev flannel.1' onlink ip -n n2 route show exact 10.244.5.0/24 table 254
  object 'flannel-dual-stack.net:11  route fd00:10:244:1::/64 of n2' 5 fd00:10:244:1::/64 'via fd00:10:244:1::' 'dev flannel-v6.1' 'metric 1024' onlink ip -n n2 -6 route show exact fd00:10:244:1::/64 table 254
  object 'flannel-dual-stack.net:11  route fd00:10:244:3::/64 of n2' 5 fd00:10:244:3::/64 'via fd00:10:244:3::' 'dev flannel-v6.1' 'metric 1024' onlink ip -n n2 -6 route show exact fd00:10:244:3::/64 table 254
  object 'flannel-dual-stack.net:11  route fd00:10:244:4::/64 of n2' 5 fd00:10:244:4::/64 'via fd00:10:244:4::' 'dev flannel-v6.1' 'metric 1024' onlink ip -n n2 -6 route show exact fd00:10:244:4::/64 table 254
  object 'flannel-dual-stack.net:11  route fd00:10:244:5::/64 of n2' 5 fd00:10:244:5::/64 'via fd00:10:244:5::' 'dev flannel-v6.1' 'metric 1024' onlink ip -n n2 -6 route show exact fd00:10:244:5::/64 table 254
  object 'flannel-dual-stack.net:12  route default of n2-p2' 3 default 'via 10.244.2.1' 'dev eth0' ip -n n2-p2 route show exact 0.0.0.0/0 table 254
  object 'flannel-dual-stack.net:12  route default of n2-p2' 4 default 'via fd00:10:244:2::1' 'dev eth0' 'metric 1024' ip -n n2-p2 -6 route show exact ::/0 table 254
  object 'flannel-dual-stack.net:11  route 10.244.1.0/24 of n3' 4 10.244.1.0/24 'via 10.244.1.0' 'dev flannel.1' onlink ip -n n3 route show exact 10.244.1.0/24 table 254
  object 'flannel-dual-stack.net:11  route 10.244.2.0/24 of n3' 4 10.244.2.0/24 'via 10.244.2.0' 'dev flannel.1' onlink ip -n n3 route show exact 10.244.2.0/24 table 254
  object 'flannel-dual-stack.net:11  route 10.244.4.0/24 of n3' 4 10.244.4.0/24 'via 10.244.4.0' 'dev flannel.1' onlink ip -n n3 route show exact 10.244.4.0/24 table 254
  object 'flannel-dual-stack.net:11  route 10.244.5.0/24 of n3' 4 10.244.5.0/24 'via 10.244.5.0' 'dev flannel.1' onlink ip -n n3 route show exact 10.244.5.0/24 table 254
  object 'flannel-dual-stack.net:11  route fd00:10:244:1::/64 of n3' 5 fd00:10:244:1::/64 'via fd00:10:244:1::' 'dev flannel-v6.1' 'metric 1024' onlink ip -n n3 -6 route show exact fd00:10:244:1::/64 table 254
  object 'flannel-dual-stack.net:11  route fd00:10:244:2::/64 of n3' 5 fd00:10:244:2::/64 'via fd00:10:244:2::' 'dev flannel-v6.1' 'metric 1024' onlink ip -n n3 -6 route show exact fd00:10:244:2::/64 table 254
  object 'flannel-dual-stack.net:11  route fd00:10:244:4::/64 of n3' 5 fd00:10:244:4::/64 'via fd00:10:244:4::' 'dev flannel-v6.1' 'metric 1024' onlink ip -n n3 -6 route show exact fd00:10:244:4::/64 table 254
  object 'flannel-dual-stack.net:11  route fd00:10:244:5::/64 of n3' 5 fd00:10:244:5::/64 'via fd00:10:244:5::' 'dev flannel-v6.1' 'metric 1024' onlink ip -n n3 -6 route show exact fd00:10:244:5::/64 table 254
  object 'flannel-dual-stack.net:12  route default of n3-p3' 3 default 'via 10.244.3.1' 'dev eth0' ip -n n3-p3 route show exact 0.0.0.0/0 table 254
  object 'flannel-dual-stack.net:12  route default of n3-p3' 4 default 'via fd00:10:244:3::1' 'dev eth0' 'metric 1024' ip -n n3-p3 -6 route show exact ::/0 table 254
  object 'flannel-dual-stack.net:11  route 10.244.1.0/24 of n4' 4 10.244.1.0/24 'via 10.244.1.0' 'dev flannel.1' onlink ip -n n4 route show exact 10.244.1.0/24 table 254
  object 'flannel-dual-stack.net:11  route 10.244.2.0/24 of n4' 4 10.244.2.0/24 'via 10.244.2.0' 'dev flannel.1' onlink ip -n n4 route show exact 10.244.2.0/24 table 254
  object 'flannel-dual-stack.net:11  route 10.244.3.0/24 of n4' 4 10.244.3.0/24 'via 10.244.3.0' 'dev flannel.1' onlink ip -n n4 route show exact 10.244.3.0/24 table 254
  object 'flannel-dual-stack.net:11  route 10.244.5.0/24 of n4' 4 10.244.5.0/24 'via 10.244.5.0' 'dev flannel.1' onlink ip -n n4 route show exact 10.244.5.0/24 table 254
  object 'flannel-dual-stack.net:11  route fd00:10:244:1::/64 of n4' 5 fd00:10:244:1::/64 'via fd00:10:244:1::' 'dev flannel-v6.1' 'metric 1024' onlink ip -n n4 -6 route show exact fd00:10:244:1::/64 table 254
  object 'flannel-dual-stack.net:11  route fd00:10:244:2::/64 of n4' 5 fd00:10:244:2::/64 'via fd00:10:244:2::' 'dev flannel-v6.1' 'metric 1024' onlink ip -n n4 -6 route show exact fd00:10:244:2::/64 table 254
  object 'flannel-dual-stack.net:11  route fd00:10:244:3::/64 of n4' 5 fd00:10:244:3::/64 'via fd00:10:244:3::' 'dev flannel-v6.1' 'metric 1024' onlink ip -n n4 -6 route show exact fd00:10:244:3::/64 table 254
  object 'flannel-dual-stack.net:11  route fd00:10:244:5::/64 of n4' 5 fd00:10:244:5::/64 'via fd00:10:244:5::' 'dev flannel-v6.1' 'metric 1024' onlink ip -n n4 -6 route show exact fd00:10:244:5::/64 table 254
  object 'flannel-dual-stack.net:12  route default of n4-p4' 3 default 'via 10.244.4.1' 'dev eth0' ip -n n4-p4 route show exact 0.0.0.0/0 table 254
  object 'flannel-dual-stack.net:12  route default of n4-p4' 4 default 'via fd00:10:244:4::1' 'dev eth0' 'metric 1024' ip -n n4-p4 -6 route show exact ::/0 table 254
  object 'flannel-dual-stack.net:11  route 10.244.1.0/24 of n5' 4 10.244.1.0/24 'via 10.244.1.0' 'dev flannel.1' onlink ip -n n5 route show exact 10.244.1.0/24 table 254
  object 'flannel-dual-stack.net:11  route 10.244.2.0/24 of n5' 4 10.244.2.0/24 'via 10.244.2.0' 'dev flannel.1' onlink ip -n n5 route show exact 10.244.2.0/24 table 254
  object 'flannel-dual-stack.net:11  route 10.244.3.0/24 of n5' 4 10.244.3.0/24 'via 10.244.3.0' 'dev flannel.1' onlink ip -n n5 route show exact 10.244.3.0/24 table 254
  object 'flannel-dual-stack.net:11  route 10.244.4.0/24 of n5' 4 10.244.4.0/24 'via 10.244.4.0' 'dev flannel.1' onlink ip -n n5 route show exact 10.244.4.0/24 table 254
  object 'flannel-dual-stack.net:11  route fd00:10:244:1::/64 of n5' 5 fd00:10:244:1::/64 'via fd00:10:244:1::' 'dev flannel-v6.1' 'metric 1024' onlink ip -n n5 -6 route show exact fd00:10:244:1::/64 table 254
  object 'flannel-dual-stack.net:11  route fd00:10:244:2::/64 of n5' 5 fd00:10:244:2::/64 'via fd00:10:244:2::' 'dev flannel-v6.1' 'metric 1024' onlink ip -n n5 -6 route show exact fd00:10:244:2::/64 table 254
  object 'flannel-dual-stack.net:11  route fd00:10:244:3::/64 of n5' 5 fd00:10:244:3::/64 'via fd00:10:244:3::' 'dev flannel-v6.1' 'metric 1024' onlink ip -n n5 -6 route show exact fd00:10:244:3::/64 table 254
  object 'flannel-dual-stack.net:11  route fd00:10:244:4::/64 of n5' 5 fd00:10:244:4::/64 'via fd00:10:244:4::' 'dev flannel-v6.1' 'metric 1024' onlink ip -n n5 -6 route show exact fd00:10:244:4::/64 table 254
  object 'flannel-dual-stack.net:12  route default of n5-p5' 3 default 'via 10.244.5.1' 'dev eth0' ip -n n5-p5 route show exact 0.0.0.0/0 table 254
  object 'flannel-dual-stack.net:12  route default of n5-p5' 4 default 'via fd00:10:244:5::1' 'dev eth0' 'metric 1024' ip -n n5-p5 -6 route show exact ::/0 table 254

  if [[ -z $quiet ]]; then printf '%s as declared, %s differ, %s missing\n' "$fine" "$differ" "$missing"; fi
  if ((differ || missing)); then exit 1; fi
  exit 0
}
