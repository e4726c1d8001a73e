#!/usr/bin/env bash
# status.sh says of each object of the lab ecmp whether it is as declared; netc wrote it from ecmp.net.
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
  object 'ecmp.net:4  netns a' 1 'alias netc ecmp' ip -n a -o link show dev lo
  object 'ecmp.net:5  netns b' 1 'alias netc ecmp' ip -n b -o link show dev lo
  object 'ecmp.net:6  netns left' 1 'alias netc ecmp' ip -n left -o link show dev lo
  object 'ecmp.net:7  netns right' 1 'alias netc ecmp' ip -n right -o link show dev lo
  object 'ecmp.net:6  sysctl net.ipv4.ip_forward of left' 1 1 ip netns exec left sysctl -n net.ipv4.ip_forward
  object 'ecmp.net:6  sysctl net.ipv6.conf.all.forwarding of left' 1 1 ip netns exec left sysctl -n net.ipv6.conf.all.forwarding
  object 'ecmp.net:7  sysctl net.ipv4.ip_forward of right' 1 1 ip netns exec right sysctl -n net.ipv4.ip_forward
  object 'ecmp.net:7  sysctl net.ipv6.conf.all.forwarding of right' 1 1 ip netns exec right sysctl -n net.ipv6.conf.all.forwarding
  object 'ecmp.net:18  sysctl net.ipv4.fib_multipath_hash_policy of left' 1 1 ip netns exec left sysctl -n net.ipv4.fib_multipath_hash_policy
  object 'ecmp.net:8  address 10.0.1.2/24 of a:eth0' 1 10.0.1.2/24 ip -n a -o addr show dev eth0
  object 'ecmp.net:8  address fd01::2/64 of a:eth0' 1 fd01::2/64 ip -n a -o addr show dev eth0
  object 'ecmp.net:8  veth a:eth0' 2 UP 'group 250888005' ip -n a -d -o link show dev eth0
  object 'ecmp.net:8  address 10.0.1.1/24 of left:lan' 1 10.0.1.1/24 ip -n left -o addr show dev lan
  object 'ecmp.net:8  address fd01::1/64 of left:lan' 1 fd01::1/64 ip -n left -o addr show dev lan
  object 'ecmp.net:8  veth left:lan' 2 UP 'group 250888005' ip -n left -d -o link show dev lan
  object 'ecmp.net:9  address 10.0.2.2/24 of b:eth0' 1 10.0.2.2/24 ip -n b -o addr show dev eth0
  object 'ecmp.net:9  address fd02::2/64 of b:eth0' 1 fd02::2/64 ip -n b -o addr show dev eth0
  object 'ecmp.net:9  veth b:eth0' 2 UP 'group 250888005' ip -n b -d -o link show dev eth0
  object 'ecmp.net:9  address 10.0.2.1/24 of right:lan' 1 10.0.2.1/24 ip -n right -o addr show dev lan
  object 'ecmp.net:9  address fd02::1/64 of right:lan' 1 fd02::1/64 ip -n right -o addr show dev lan
  object 'ecmp.net:9  veth right:lan' 2 UP 'group 250888005' ip -n right -d -o link show dev lan
  object 'ecmp.net:10  address 10.1.0.1/30 of left:up0' 1 10.1.0.1/30 ip -n left -o addr show dev up0
  object 'ecmp.net:10  address fd10::1/64 of left:up0' 1 fd10::1/64 ip -n left -o addr show dev up0
  object 'ecmp.net:10  veth left:up0' 2 UP 'group 250888005' ip -n left -d -o link show dev up0
  object 'ecmp.net:10  address 10.1.0.2/30 of right:up0' 1 10.1.0.2/30 ip -n right -o addr show dev up0
  object 'ecmp.net:10  address fd10::2/64 of right:up0' 1 fd10::2/64 ip -n right -o addr show dev up0
  object 'ecmp.net:10  veth right:up0' 2 UP 'group 250888005' ip -n right -d -o link show dev up0
  object 'ecmp.net:11  address 10.1.1.1/30 of left:up1' 1 10.1.1.1/30 ip -n left -o addr show dev up1
  object 'ecmp.net:11  address fd11::1/64 of left:up1' 1 fd11::1/64 ip -n left -o addr show dev up1
  object 'ecmp.net:11  veth left:up1' 2 UP 'group 250888005' ip -n left -d -o link show dev up1
  object 'ecmp.net:11  address 10.1.1.2/30 of right:up1' 1 10.1.1.2/30 ip -n right -o addr show dev up1
  object 'ecmp.net:11  address fd11::2/64 of right:up1' 1 fd11::2/64 ip -n right -o addr show dev up1
  object 'ecmp.net:11  veth right:up1' 2 UP 'group 250888005' ip -n right -d -o link show dev up1
  object 'ecmp.net:13  route default of a' 3 default 'via 10.0.1.1' 'dev eth0' ip -n a route show exact 0.0.0.0/0 table 254
  object 'ecmp.net:13  route default of a' 4 default 'via fd01::1' 'dev eth0' 'metric 1024' ip -n a -6 route show exact ::/0 table 254
  object 'ecmp.net:14  route default of b' 3 default 'via 10.0.2.1' 'dev eth0' ip -n b route show exact 0.0.0.0/0 table 254
  object 'ecmp.net:14  route default of b' 5 default 'via fd02::1' 'dev eth0' 'metric 1024' 'mtu 1400' ip -n b -6 route show exact ::/0 table 254
  object 'ecmp.net:16  route 10.0.2.0/24 of left' 3 10.0.2.0/24 'nexthop via 10.1.0.2 dev up0 weight 2' 'nexthop via 10.1.1.2 dev up1 weight 1' ip -n left route show exact 10.0.2.0/24 table 254
  object 'ecmp.net:17  route fd02::/64 of left' 4 fd02::/64 'nexthop via fd10::2 dev up0 weight 2' 'nexthop via fd11::2 dev up1 weight 1' 'metric 1024' ip -n left -6 route show exact fd02::/64 table 254
  object 'ecmp.net:21  route 10.0.1.0/24 of right' 3 10.0.1.0/24 'nexthop via 10.1.0.1 dev up0 weight 2' 'nexthop via 10.1.1.1 dev up1 weight 1' ip -n right route show exact 10.0.1.0/24 table 254
  object 'ecmp.net:22  route fd01::/64 of right' 4 fd01::/64 'nexthop via fd10::1 dev up0 weight 2' 'nexthop via fd11::1 dev up1 weight 1' 'metric 1024' ip -n right -6 route show exact fd01::/64 table 254

  if [[ -z $quiet ]]; then printf '%s as declared, %s differ, %s missing\n' "$fine" "$differ" "$missing"; fi
  if ((differ || missing)); then exit 1; fi
  exit 0
}
