#!/usr/bin/env bash
# status.sh says of each object of the lab srv6 whether it is as declared; netc wrote it from srv6.net.
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
  object 'srv6.net:4  netns a' 1 'alias netc srv6' ip -n a -o link show dev lo
  object 'srv6.net:5  netns b' 1 'alias netc srv6' ip -n b -o link show dev lo
  object 'srv6.net:7  netns r1' 1 'alias netc srv6' ip -n r1 -o link show dev lo
  object 'srv6.net:7  netns r2' 1 'alias netc srv6' ip -n r2 -o link show dev lo
  object 'srv6.net:7  netns r3' 1 'alias netc srv6' ip -n r3 -o link show dev lo
  object 'srv6.net:7  sysctl net.ipv6.conf.all.forwarding of r1' 1 1 ip netns exec r1 sysctl -n net.ipv6.conf.all.forwarding
  object 'srv6.net:7  sysctl net.ipv6.conf.all.forwarding of r2' 1 1 ip netns exec r2 sysctl -n net.ipv6.conf.all.forwarding
  object 'srv6.net:7  sysctl net.ipv6.conf.all.forwarding of r3' 1 1 ip netns exec r3 sysctl -n net.ipv6.conf.all.forwarding
  object 'srv6.net:9  address fd00:a::2/64 of a:eth0' 1 fd00:a::2/64 ip -n a -o addr show dev eth0
  object 'srv6.net:9  veth a:eth0' 2 UP 'group 394815313' ip -n a -d -o link show dev eth0
  object 'srv6.net:9  address fd00:a::1/64 of r1:a' 1 fd00:a::1/64 ip -n r1 -o addr show dev a
  object 'srv6.net:9  veth r1:a' 2 UP 'group 394815313' ip -n r1 -d -o link show dev a
  object 'srv6.net:10  address fd00:b::2/64 of b:eth0' 1 fd00:b::2/64 ip -n b -o addr show dev eth0
  object 'srv6.net:10  veth b:eth0' 2 UP 'group 394815313' ip -n b -d -o link show dev eth0
  object 'srv6.net:10  address fd00:b::1/64 of r3:b' 1 fd00:b::1/64 ip -n r3 -o addr show dev b
  object 'srv6.net:10  veth r3:b' 2 UP 'group 394815313' ip -n r3 -d -o link show dev b
  object 'srv6.net:11  address fd00:13::1/64 of r1:r3' 1 fd00:13::1/64 ip -n r1 -o addr show dev r3
  object 'srv6.net:11  veth r1:r3' 2 UP 'group 394815313' ip -n r1 -d -o link show dev r3
  object 'srv6.net:11  address fd00:13::3/64 of r3:r1' 1 fd00:13::3/64 ip -n r3 -o addr show dev r1
  object 'srv6.net:11  veth r3:r1' 2 UP 'group 394815313' ip -n r3 -d -o link show dev r1
  object 'srv6.net:12  address fd00:12::1/64 of r1:r2' 1 fd00:12::1/64 ip -n r1 -o addr show dev r2
  object 'srv6.net:12  veth r1:r2' 2 UP 'group 394815313' ip -n r1 -d -o link show dev r2
  object 'srv6.net:12  address fd00:12::2/64 of r2:r1' 1 fd00:12::2/64 ip -n r2 -o addr show dev r1
  object 'srv6.net:12  veth r2:r1' 2 UP 'group 394815313' ip -n r2 -d -o link show dev r1
  object 'srv6.net:13  address fd00:23::2/64 of r2:r3' 1 fd00:23::2/64 ip -n r2 -o addr show dev r3
  object 'srv6.net:13  veth r2:r3' 2 UP 'group 394815313' ip -n r2 -d -o link show dev r3
  object 'srv6.net:13  address fd00:23::3/64 of r3:r2' 1 fd00:23::3/64 ip -n r3 -o addr show dev r2
  object 'srv6.net:13  veth r3:r2' 2 UP 'group 394815313' ip -n r3 -d -o link show dev r2
  object 'srv6.net:16  route fd00:b::/64 of r1' 3 fd00:b::/64 'dev r2' 'metric 1024' ip -n r1 -6 route show exact fd00:b::/64 table 254
  object 'srv6.net:20  route fd00:2::e of r2' 3 fd00:2::e 'dev r1' 'metric 1024' ip -n r2 -6 route show exact fd00:2::e/128 table 254
  object 'srv6.net:24  route fd00:3::d of r3' 3 fd00:3::d 'dev b' 'metric 1024' ip -n r3 -6 route show exact fd00:3::d/128 table 254
  object 'srv6.net:4  route default of a' 4 default 'via fd00:a::1' 'dev eth0' 'metric 1024' ip -n a -6 route show exact ::/0 table 254
  object 'srv6.net:5  route default of b' 4 default 'via fd00:b::1' 'dev eth0' 'metric 1024' ip -n b -6 route show exact ::/0 table 254
  object 'srv6.net:17  route fd00:2::/64 of r1' 4 fd00:2::/64 'via fd00:12::2' 'dev r2' 'metric 1024' ip -n r1 -6 route show exact fd00:2::/64 table 254
  object 'srv6.net:21  route fd00:3::/64 of r2' 4 fd00:3::/64 'via fd00:23::3' 'dev r3' 'metric 1024' ip -n r2 -6 route show exact fd00:3::/64 table 254
  object 'srv6.net:25  route fd00:a::/64 of r3' 4 fd00:a::/64 'via fd00:13::1' 'dev r1' 'metric 1024' ip -n r3 -6 route show exact fd00:a::/64 table 254

  if [[ -z $quiet ]]; then printf '%s as declared, %s differ, %s missing\n' "$fine" "$differ" "$missing"; fi
  if ((differ || missing)); then exit 1; fi
  exit 0
}
