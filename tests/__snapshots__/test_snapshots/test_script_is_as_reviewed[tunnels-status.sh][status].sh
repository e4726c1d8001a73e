#!/usr/bin/env bash
# status.sh says of each object of the lab tunnels whether it is as declared; netc wrote it from tunnels.net.
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
  object 'tunnels.net:4  netns a' 1 'alias netc tunnels' ip -n a -o link show dev lo
  object 'tunnels.net:5  netns r' 1 'alias netc tunnels' ip -n r -o link show dev lo
  object 'tunnels.net:6  netns b' 1 'alias netc tunnels' ip -n b -o link show dev lo
  object 'tunnels.net:5  sysctl net.ipv4.ip_forward of r' 1 1 ip netns exec r sysctl -n net.ipv4.ip_forward
  object 'tunnels.net:5  sysctl net.ipv6.conf.all.forwarding of r' 1 1 ip netns exec r sysctl -n net.ipv6.conf.all.forwarding
  object 'tunnels.net:7  address 10.0.1.2/24 of a:eth0' 1 10.0.1.2/24 ip -n a -o addr show dev eth0
  object 'tunnels.net:7  address fd00:1::2/64 of a:eth0' 1 fd00:1::2/64 ip -n a -o addr show dev eth0
  object 'tunnels.net:7  veth a:eth0' 2 UP 'group 1348421574' ip -n a -d -o link show dev eth0
  object 'tunnels.net:7  address 10.0.1.1/24 of r:a' 1 10.0.1.1/24 ip -n r -o addr show dev a
  object 'tunnels.net:7  address fd00:1::1/64 of r:a' 1 fd00:1::1/64 ip -n r -o addr show dev a
  object 'tunnels.net:7  veth r:a' 2 UP 'group 1348421574' ip -n r -d -o link show dev a
  object 'tunnels.net:8  address 10.0.2.2/24 of b:eth0' 1 10.0.2.2/24 ip -n b -o addr show dev eth0
  object 'tunnels.net:8  address fd00:2::2/64 of b:eth0' 1 fd00:2::2/64 ip -n b -o addr show dev eth0
  object 'tunnels.net:8  veth b:eth0' 2 UP 'group 1348421574' ip -n b -d -o link show dev eth0
  object 'tunnels.net:8  address 10.0.2.1/24 of r:b' 1 10.0.2.1/24 ip -n r -o addr show dev b
  object 'tunnels.net:8  address fd00:2::1/64 of r:b' 1 fd00:2::1/64 ip -n r -o addr show dev b
  object 'tunnels.net:8  veth r:b' 2 UP 'group 1348421574' ip -n r -d -o link show dev b
  object 'tunnels.net:14  address 10.11.0.1/30 of a:gre1' 1 10.11.0.1/30 ip -n a -o addr show dev gre1
  object 'tunnels.net:14  gre a:gre1' 9 UP 'group 1348421574' 'local 10.0.1.2' 'remote 10.0.2.2' 'ttl 64' 'ikey 0.0.0.5' 'okey 0.0.0.5' icsum ocsum ip -n a -d -o link show dev gre1
  object 'tunnels.net:15  address 10.12.0.1/24 of a:gretp1' 1 10.12.0.1/24 ip -n a -o addr show dev gretp1
  object 'tunnels.net:15  gretap a:gretp1' 6 UP 'group 1348421574' 'local 10.0.1.2' 'remote 10.0.2.2' 'ikey 0.0.0.7' 'okey 0.0.0.7' ip -n a -d -o link show dev gretp1
  object 'tunnels.net:16  address 10.13.0.1/30 of a:ipip1' 1 10.13.0.1/30 ip -n a -o addr show dev ipip1
  object 'tunnels.net:16  ipip a:ipip1' 5 UP 'group 1348421574' 'local 10.0.1.2' 'remote 10.0.2.2' 'ttl 64' ip -n a -d -o link show dev ipip1
  object 'tunnels.net:17  address fd13::1/64 of a:sit1' 1 fd13::1/64 ip -n a -o addr show dev sit1
  object 'tunnels.net:17  sit a:sit1' 5 UP 'group 1348421574' 'local 10.0.1.2' 'remote 10.0.2.2' 'ttl 64' ip -n a -d -o link show dev sit1
  object 'tunnels.net:18  address 10.14.0.1/24 of a:gnv1' 1 10.14.0.1/24 ip -n a -o addr show dev gnv1
  object 'tunnels.net:18  geneve a:gnv1' 4 UP 'group 1348421574' 'id 4' 'remote 10.0.2.2' ip -n a -d -o link show dev gnv1
  object 'tunnels.net:19  address 10.15.0.1/30 of a:gre6' 1 10.15.0.1/30 ip -n a -o addr show dev gre6
  object 'tunnels.net:19  ip6gre a:gre6' 4 UP 'group 1348421574' 'local fd00:1::2' 'remote fd00:2::2' ip -n a -d -o link show dev gre6
  object 'tunnels.net:20  address 10.16.0.1/24 of a:gretp6' 1 10.16.0.1/24 ip -n a -o addr show dev gretp6
  object 'tunnels.net:20  ip6gretap a:gretp6' 6 UP 'group 1348421574' 'local fd00:1::2' 'remote fd00:2::2' 'ikey 0.0.0.9' 'okey 0.0.0.9' ip -n a -d -o link show dev gretp6
  object 'tunnels.net:21  address 10.17.0.1/30 of a:tnl6' 1 10.17.0.1/30 ip -n a -o addr show dev tnl6
  object 'tunnels.net:21  ip6tnl a:tnl6' 5 UP 'group 1348421574' 'local fd00:1::2' 'remote fd00:2::2' any ip -n a -d -o link show dev tnl6
  object 'tunnels.net:14  address 10.11.0.2/30 of b:gre1' 1 10.11.0.2/30 ip -n b -o addr show dev gre1
  object 'tunnels.net:14  gre b:gre1' 9 UP 'group 1348421574' 'local 10.0.2.2' 'remote 10.0.1.2' 'ttl 64' 'ikey 0.0.0.5' 'okey 0.0.0.5' icsum ocsum ip -n b -d -o link show dev gre1
  object 'tunnels.net:15  address 10.12.0.2/24 of b:gretp1' 1 10.12.0.2/24 ip -n b -o addr show dev gretp1
  object 'tunnels.net:15  gretap b:gretp1' 6 UP 'group 1348421574' 'local 10.0.2.2' 'remote 10.0.1.2' 'ikey 0.0.0.7' 'okey 0.0.0.7' ip -n b -d -o link show dev gretp1
  object 'tunnels.net:16  address 10.13.0.2/30 of b:ipip1' 1 10.13.0.2/30 ip -n b -o addr show dev ipip1
  object 'tunnels.net:16  ipip b:ipip1' 5 UP 'group 1348421574' 'local 10.0.2.2' 'remote 10.0.1.2' 'ttl 64' ip -n b -d -o link show dev ipip1
  object 'tunnels.net:17  address fd13::2/64 of b:sit1' 1 fd13::2/64 ip -n b -o addr show dev sit1
  object 'tunnels.net:17  sit b:sit1' 5 UP 'group 1348421574' 'local 10.0.2.2' 'remote 10.0.1.2' 'ttl 64' ip -n b -d -o link show dev sit1
  object 'tunnels.net:18  address 10.14.0.2/24 of b:gnv1' 1 10.14.0.2/24 ip -n b -o addr show dev gnv1
  object 'tunnels.net:18  geneve b:gnv1' 4 UP 'group 1348421574' 'id 4' 'remote 10.0.1.2' ip -n b -d -o link show dev gnv1
  object 'tunnels.net:19  address 10.15.0.2/30 of b:gre6' 1 10.15.0.2/30 ip -n b -o addr show dev gre6
  object 'tunnels.net:19  ip6gre b:gre6' 4 UP 'group 1348421574' 'local fd00:2::2' 'remote fd00:1::2' ip -n b -d -o link show dev gre6
  object 'tunnels.net:20  address 10.16.0.2/24 of b:gretp6' 1 10.16.0.2/24 ip -n b -o addr show dev gretp6
  object 'tunnels.net:20  ip6gretap b:gretp6' 6 UP 'group 1348421574' 'local fd00:2::2' 'remote fd00:1::2' 'ikey 0.0.0.9' 'okey 0.0.0.9' ip -n b -d -o link show dev gretp6
  object 'tunnels.net:21  address 10.17.0.2/30 of b:tnl6' 1 10.17.0.2/30 ip -n b -o addr show dev tnl6
  object 'tunnels.net:21  ip6tnl b:tnl6' 5 UP 'group 1348421574' 'local fd00:2::2' 'remote fd00:1::2' any ip -n b -d -o link show dev tnl6
  object 'tunnels.net:9  route default of a' 3 default 'via 10.0.1.1' 'dev eth0' ip -n a route show exact 0.0.0.0/0 table 254
  object 'tunnels.net:9  route default of a' 4 default 'via fd00:1::1' 'dev eth0' 'metric 1024' ip -n a -6 route show exact ::/0 table 254
  object 'tunnels.net:10  route default of b' 3 default 'via 10.0.2.1' 'dev eth0' ip -n b route show exact 0.0.0.0/0 table 254
  object 'tunnels.net:10  route default of b' 4 default 'via fd00:2::1' 'dev eth0' 'metric 1024' ip -n b -6 route show exact ::/0 table 254

  if [[ -z $quiet ]]; then printf '%s as declared, %s differ, %s missing\n' "$fine" "$differ" "$missing"; fi
  if ((differ || missing)); then exit 1; fi
  exit 0
}
