#!/usr/bin/env bash
# status.sh says of each object of the lab routing-auto whether it is as declared; netc wrote it from routing-auto.net.
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
  object 'routing-auto.net:5  netns r1' 1 'alias netc routing-auto' ip -n r1 -o link show dev lo
  object 'routing-auto.net:5  netns r2' 1 'alias netc routing-auto' ip -n r2 -o link show dev lo
  object 'routing-auto.net:5  netns r3' 1 'alias netc routing-auto' ip -n r3 -o link show dev lo
  object 'routing-auto.net:5  netns r4' 1 'alias netc routing-auto' ip -n r4 -o link show dev lo
  object 'routing-auto.net:6  netns a' 1 'alias netc routing-auto' ip -n a -o link show dev lo
  object 'routing-auto.net:7  netns b' 1 'alias netc routing-auto' ip -n b -o link show dev lo
  object 'routing-auto.net:5  sysctl net.ipv4.ip_forward of r1' 1 1 ip netns exec r1 sysctl -n net.ipv4.ip_forward
  object 'routing-auto.net:5  sysctl net.ipv6.conf.all.forwarding of r1' 1 1 ip netns exec r1 sysctl -n net.ipv6.conf.all.forwarding
  object 'routing-auto.net:5  sysctl net.ipv4.ip_forward of r2' 1 1 ip netns exec r2 sysctl -n net.ipv4.ip_forward
  object 'routing-auto.net:5  sysctl net.ipv6.conf.all.forwarding of r2' 1 1 ip netns exec r2 sysctl -n net.ipv6.conf.all.forwarding
  object 'routing-auto.net:5  sysctl net.ipv4.ip_forward of r3' 1 1 ip netns exec r3 sysctl -n net.ipv4.ip_forward
  object 'routing-auto.net:5  sysctl net.ipv6.conf.all.forwarding of r3' 1 1 ip netns exec r3 sysctl -n net.ipv6.conf.all.forwarding
  object 'routing-auto.net:5  sysctl net.ipv4.ip_forward of r4' 1 1 ip netns exec r4 sysctl -n net.ipv4.ip_forward
  object 'routing-auto.net:5  sysctl net.ipv6.conf.all.forwarding of r4' 1 1 ip netns exec r4 sysctl -n net.ipv6.conf.all.forwarding
  object 'routing-auto.net:9  address 10.0.12.1/30 of r1:r2' 1 10.0.12.1/30 ip -n r1 -o addr show dev r2
  object 'routing-auto.net:9  address fd00:0:12::1/64 of r1:r2' 1 fd00:0:12::1/64 ip -n r1 -o addr show dev r2
  object 'routing-auto.net:9  veth r1:r2' 2 UP 'group 1973787476' ip -n r1 -d -o link show dev r2
  object 'routing-auto.net:9  address 10.0.12.2/30 of r2:r1' 1 10.0.12.2/30 ip -n r2 -o addr show dev r1
  object 'routing-auto.net:9  address fd00:0:12::2/64 of r2:r1' 1 fd00:0:12::2/64 ip -n r2 -o addr show dev r1
  object 'routing-auto.net:9  veth r2:r1' 2 UP 'group 1973787476' ip -n r2 -d -o link show dev r1
  object 'routing-auto.net:10  address 10.0.23.1/30 of r2:r3' 1 10.0.23.1/30 ip -n r2 -o addr show dev r3
  object 'routing-auto.net:10  address fd00:0:23::1/64 of r2:r3' 1 fd00:0:23::1/64 ip -n r2 -o addr show dev r3
  object 'routing-auto.net:10  veth r2:r3' 2 UP 'group 1973787476' ip -n r2 -d -o link show dev r3
  object 'routing-auto.net:10  address 10.0.23.2/30 of r3:r2' 1 10.0.23.2/30 ip -n r3 -o addr show dev r2
  object 'routing-auto.net:10  address fd00:0:23::2/64 of r3:r2' 1 fd00:0:23::2/64 ip -n r3 -o addr show dev r2
  object 'routing-auto.net:10  veth r3:r2' 2 UP 'group 1973787476' ip -n r3 -d -o link show dev r2
  object 'routing-auto.net:11  address 10.0.34.1/30 of r3:r4' 1 10.0.34.1/30 ip -n r3 -o addr show dev r4
  object 'routing-auto.net:11  veth r3:r4' 2 UP 'group 1973787476' ip -n r3 -d -o link show dev r4
  object 'routing-auto.net:11  address 10.0.34.2/30 of r4:r3' 1 10.0.34.2/30 ip -n r4 -o addr show dev r3
  object 'routing-auto.net:11  veth r4:r3' 2 UP 'group 1973787476' ip -n r4 -d -o link show dev r3
  object 'routing-auto.net:12  address 10.0.41.1/30 of r4:r1' 1 10.0.41.1/30 ip -n r4 -o addr show dev r1
  object 'routing-auto.net:12  veth r4:r1' 2 UP 'group 1973787476' ip -n r4 -d -o link show dev r1
  object 'routing-auto.net:12  address 10.0.41.2/30 of r1:r4' 1 10.0.41.2/30 ip -n r1 -o addr show dev r4
  object 'routing-auto.net:12  veth r1:r4' 2 UP 'group 1973787476' ip -n r1 -d -o link show dev r4
  object 'routing-auto.net:13  address 10.1.0.1/24 of r1:lan' 1 10.1.0.1/24 ip -n r1 -o addr show dev lan
  object 'routing-auto.net:13  address fd00:1::1/64 of r1:lan' 1 fd00:1::1/64 ip -n r1 -o addr show dev lan
  object 'routing-auto.net:13  veth r1:lan' 2 UP 'group 1973787476' ip -n r1 -d -o link show dev lan
  object 'routing-auto.net:13  address 10.1.0.2/24 of a:eth0' 1 10.1.0.2/24 ip -n a -o addr show dev eth0
  object 'routing-auto.net:13  address fd00:1::2/64 of a:eth0' 1 fd00:1::2/64 ip -n a -o addr show dev eth0
  object 'routing-auto.net:13  veth a:eth0' 2 UP 'group 1973787476' ip -n a -d -o link show dev eth0
  object 'routing-auto.net:14  address 10.3.0.1/24 of r3:lan' 1 10.3.0.1/24 ip -n r3 -o addr show dev lan
  object 'routing-auto.net:14  address fd00:3::1/64 of r3:lan' 1 fd00:3::1/64 ip -n r3 -o addr show dev lan
  object 'routing-auto.net:14  veth r3:lan' 2 UP 'group 1973787476' ip -n r3 -d -o link show dev lan
  object 'routing-auto.net:14  address 10.3.0.2/24 of b:eth0' 1 10.3.0.2/24 ip -n b -o addr show dev eth0
  object 'routing-auto.net:14  address fd00:3::2/64 of b:eth0' 1 fd00:3::2/64 ip -n b -o addr show dev eth0
  object 'routing-auto.net:14  veth b:eth0' 2 UP 'group 1973787476' ip -n b -d -o link show dev eth0
  object 'routing-auto.net:15  address 10.255.0.4/32 of r4:lo' 1 10.255.0.4/32 ip -n r4 -o addr show dev lo
  object 'routing-auto.net:18  route 10.3.0.0/24 of r4' 2 blackhole 10.3.0.0/24 ip -n r4 route show exact 10.3.0.0/24 table 254
  object 'routing-auto.net:17  route 10.0.23.0/30 of r1' 3 10.0.23.0/30 'via 10.0.12.2' 'dev r2' ip -n r1 route show exact 10.0.23.0/30 table 254
  object 'routing-auto.net:17  route 10.0.34.0/30 of r1' 3 10.0.34.0/30 'via 10.0.41.1' 'dev r4' ip -n r1 route show exact 10.0.34.0/30 table 254
  object 'routing-auto.net:17  route 10.3.0.0/24 of r1' 3 10.3.0.0/24 'via 10.0.12.2' 'dev r2' ip -n r1 route show exact 10.3.0.0/24 table 254
  object 'routing-auto.net:17  route 10.255.0.4 of r1' 3 10.255.0.4 'via 10.0.41.1' 'dev r4' ip -n r1 route show exact 10.255.0.4/32 table 254
  object 'routing-auto.net:17  route fd00:0:23::/64 of r1' 4 fd00:0:23::/64 'via fd00:0:12::2' 'dev r2' 'metric 1024' ip -n r1 -6 route show exact fd00:0:23::/64 table 254
  object 'routing-auto.net:17  route fd00:3::/64 of r1' 4 fd00:3::/64 'via fd00:0:12::2' 'dev r2' 'metric 1024' ip -n r1 -6 route show exact fd00:3::/64 table 254
  object 'routing-auto.net:17  route 10.0.34.0/30 of r2' 3 10.0.34.0/30 'via 10.0.23.2' 'dev r3' ip -n r2 route show exact 10.0.34.0/30 table 254
  object 'routing-auto.net:17  route 10.0.41.0/30 of r2' 3 10.0.41.0/30 'via 10.0.12.1' 'dev r1' ip -n r2 route show exact 10.0.41.0/30 table 254
  object 'routing-auto.net:17  route 10.1.0.0/24 of r2' 3 10.1.0.0/24 'via 10.0.12.1' 'dev r1' ip -n r2 route show exact 10.1.0.0/24 table 254
  object 'routing-auto.net:17  route 10.3.0.0/24 of r2' 3 10.3.0.0/24 'via 10.0.23.2' 'dev r3' ip -n r2 route show exact 10.3.0.0/24 table 254
  object 'routing-auto.net:17  route 10.255.0.4 of r2' 3 10.255.0.4 'via 10.0.12.1' 'dev r1' ip -n r2 route show exact 10.255.0.4/32 table 254
  object 'routing-auto.net:17  route fd00:1::/64 of r2' 4 fd00:1::/64 'via fd00:0:12::1' 'dev r1' 'metric 1024' ip -n r2 -6 route show exact fd00:1::/64 table 254
  object 'routing-auto.net:17  route fd00:3::/64 of r2' 4 fd00:3::/64 'via fd00:0:23::2' 'dev r3' 'metric 1024' ip -n r2 -6 route show exact fd00:3::/64 table 254
  object 'routing-auto.net:17  route 10.0.12.0/30 of r3' 3 10.0.12.0/30 'via 10.0.23.1' 'dev r2' ip -n r3 route show exact 10.0.12.0/30 table 254
  object 'routing-auto.net:17  route 10.0.41.0/30 of r3' 3 10.0.41.0/30 'via 10.0.34.2' 'dev r4' ip -n r3 route show exact 10.0.41.0/30 table 254
  object 'routing-auto.net:17  route 10.1.0.0/24 of r3' 3 10.1.0.0/24 'via 10.0.23.1' 'dev r2' ip -n r3 route show exact 10.1.0.0/24 table 254
  object 'routing-auto.net:17  route 10.255.0.4 of r3' 3 10.255.0.4 'via 10.0.34.2' 'dev r4' ip -n r3 route show exact 10.255.0.4/32 table 254
  object 'routing-auto.net:17  route fd00:0:12::/64 of r3' 4 fd00:0:12::/64 'via fd00:0:23::1' 'dev r2' 'metric 1024' ip -n r3 -6 route show exact fd00:0:12::/64 table 254
  object 'routing-auto.net:17  route fd00:1::/64 of r3' 4 fd00:1::/64 'via fd00:0:23::1' 'dev r2' 'metric 1024' ip -n r3 -6 route show exact fd00:1::/64 table 254
  object 'routing-auto.net:17  route 10.0.12.0/30 of r4' 3 10.0.12.0/30 'via 10.0.41.2' 'dev r1' ip -n r4 route show exact 10.0.12.0/30 table 254
  object 'routing-auto.net:17  route 10.0.23.0/30 of r4' 3 10.0.23.0/30 'via 10.0.34.1' 'dev r3' ip -n r4 route show exact 10.0.23.0/30 table 254
  object 'routing-auto.net:17  route 10.1.0.0/24 of r4' 3 10.1.0.0/24 'via 10.0.41.2' 'dev r1' ip -n r4 route show exact 10.1.0.0/24 table 254
  object 'routing-auto.net:17  route default of a' 3 default 'via 10.1.0.1' 'dev eth0' ip -n a route show exact 0.0.0.0/0 table 254
  object 'routing-auto.net:17  route default of a' 4 default 'via fd00:1::1' 'dev eth0' 'metric 1024' ip -n a -6 route show exact ::/0 table 254
  object 'routing-auto.net:17  route default of b' 3 default 'via 10.3.0.1' 'dev eth0' ip -n b route show exact 0.0.0.0/0 table 254
  object 'routing-auto.net:17  route default of b' 4 default 'via fd00:3::1' 'dev eth0' 'metric 1024' ip -n b -6 route show exact ::/0 table 254

  if [[ -z $quiet ]]; then printf '%s as declared, %s differ, %s missing\n' "$fine" "$differ" "$missing"; fi
  if ((differ || missing)); then exit 1; fi
  exit 0
}
