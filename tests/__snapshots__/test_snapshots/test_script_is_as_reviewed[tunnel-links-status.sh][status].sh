#!/usr/bin/env bash
# status.sh says of each object of the lab tunnel-links whether it is as declared; netc wrote it from tunnel-links.net.
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
  object 'tunnel-links.net:5  netns a' 1 'alias netc tunnel-links' ip -n a -o link show dev lo
  object 'tunnel-links.net:6  netns b' 1 'alias netc tunnel-links' ip -n b -o link show dev lo
  object 'tunnel-links.net:7  address 10.0.0.1/24 of a:eth0' 1 10.0.0.1/24 ip -n a -o addr show dev eth0
  object 'tunnel-links.net:7  address fd00::1/64 of a:eth0' 1 fd00::1/64 ip -n a -o addr show dev eth0
  object 'tunnel-links.net:7  veth a:eth0' 2 UP 'group 1155169661' ip -n a -d -o link show dev eth0
  object 'tunnel-links.net:7  address 10.0.0.2/24 of b:eth0' 1 10.0.0.2/24 ip -n b -o addr show dev eth0
  object 'tunnel-links.net:7  address fd00::2/64 of b:eth0' 1 fd00::2/64 ip -n b -o addr show dev eth0
  object 'tunnel-links.net:7  veth b:eth0' 2 UP 'group 1155169661' ip -n b -d -o link show dev eth0
  object 'tunnel-links.net:9  address 10.11.0.1/30 of a:gre1' 1 10.11.0.1/30 ip -n a -o addr show dev gre1
  object 'tunnel-links.net:9  gre a:gre1' 9 UP 'group 1155169661' 'local 10.0.0.1' 'remote 10.0.0.2' 'ttl 64' 'ikey 0.0.0.5' 'okey 0.0.0.5' icsum ocsum ip -n a -d -o link show dev gre1
  object 'tunnel-links.net:9  address 10.11.0.2/30 of b:gre1' 1 10.11.0.2/30 ip -n b -o addr show dev gre1
  object 'tunnel-links.net:9  gre b:gre1' 9 UP 'group 1155169661' 'local 10.0.0.2' 'remote 10.0.0.1' 'ttl 64' 'ikey 0.0.0.5' 'okey 0.0.0.5' icsum ocsum ip -n b -d -o link show dev gre1
  object 'tunnel-links.net:10  address 10.12.0.1/30 of a:gre2' 1 10.12.0.1/30 ip -n a -o addr show dev gre2
  object 'tunnel-links.net:10  gre a:gre2' 6 UP 'group 1155169661' 'local 10.0.0.1' 'remote 10.0.0.2' 'ikey 0.0.0.2' 'okey 0.0.0.1' ip -n a -d -o link show dev gre2
  object 'tunnel-links.net:10  address 10.12.0.2/30 of b:gre2' 1 10.12.0.2/30 ip -n b -o addr show dev gre2
  object 'tunnel-links.net:10  gre b:gre2' 6 UP 'group 1155169661' 'local 10.0.0.2' 'remote 10.0.0.1' 'ikey 0.0.0.1' 'okey 0.0.0.2' ip -n b -d -o link show dev gre2
  object 'tunnel-links.net:11  address 10.13.0.1/24 of a:tap4' 1 10.13.0.1/24 ip -n a -o addr show dev tap4
  object 'tunnel-links.net:11  gretap a:tap4' 6 UP 'group 1155169661' 'local 10.0.0.1' 'remote 10.0.0.2' 'ikey 0.0.0.7' 'okey 0.0.0.7' ip -n a -d -o link show dev tap4
  object 'tunnel-links.net:11  address 10.13.0.2/24 of b:tap4' 1 10.13.0.2/24 ip -n b -o addr show dev tap4
  object 'tunnel-links.net:11  gretap b:tap4' 6 UP 'group 1155169661' 'local 10.0.0.2' 'remote 10.0.0.1' 'ikey 0.0.0.7' 'okey 0.0.0.7' ip -n b -d -o link show dev tap4
  object 'tunnel-links.net:12  address 10.14.0.1/30 of a:ipip1' 1 10.14.0.1/30 ip -n a -o addr show dev ipip1
  object 'tunnel-links.net:12  ipip a:ipip1' 5 UP 'group 1155169661' 'local 10.0.0.1' 'remote 10.0.0.2' 'ttl 64' ip -n a -d -o link show dev ipip1
  object 'tunnel-links.net:12  address 10.14.0.2/30 of b:ipip1' 1 10.14.0.2/30 ip -n b -o addr show dev ipip1
  object 'tunnel-links.net:12  ipip b:ipip1' 5 UP 'group 1155169661' 'local 10.0.0.2' 'remote 10.0.0.1' 'ttl 64' ip -n b -d -o link show dev ipip1
  object 'tunnel-links.net:13  address fd15::1/64 of a:sit1' 1 fd15::1/64 ip -n a -o addr show dev sit1
  object 'tunnel-links.net:13  sit a:sit1' 5 UP 'group 1155169661' 'local 10.0.0.1' 'remote 10.0.0.2' 'ttl 64' ip -n a -d -o link show dev sit1
  object 'tunnel-links.net:13  address fd15::2/64 of b:sit1' 1 fd15::2/64 ip -n b -o addr show dev sit1
  object 'tunnel-links.net:13  sit b:sit1' 5 UP 'group 1155169661' 'local 10.0.0.2' 'remote 10.0.0.1' 'ttl 64' ip -n b -d -o link show dev sit1
  object 'tunnel-links.net:14  address 10.16.0.1/30 of a:gre6' 1 10.16.0.1/30 ip -n a -o addr show dev gre6
  object 'tunnel-links.net:14  ip6gre a:gre6' 4 UP 'group 1155169661' 'local fd00::1' 'remote fd00::2' ip -n a -d -o link show dev gre6
  object 'tunnel-links.net:14  address 10.16.0.2/30 of b:gre6' 1 10.16.0.2/30 ip -n b -o addr show dev gre6
  object 'tunnel-links.net:14  ip6gre b:gre6' 4 UP 'group 1155169661' 'local fd00::2' 'remote fd00::1' ip -n b -d -o link show dev gre6
  object 'tunnel-links.net:15  address 10.17.0.1/24 of a:tap6' 1 10.17.0.1/24 ip -n a -o addr show dev tap6
  object 'tunnel-links.net:15  ip6gretap a:tap6' 6 UP 'group 1155169661' 'local fd00::1' 'remote fd00::2' 'ikey 0.0.0.9' 'okey 0.0.0.9' ip -n a -d -o link show dev tap6
  object 'tunnel-links.net:15  address 10.17.0.2/24 of b:tap6' 1 10.17.0.2/24 ip -n b -o addr show dev tap6
  object 'tunnel-links.net:15  ip6gretap b:tap6' 6 UP 'group 1155169661' 'local fd00::2' 'remote fd00::1' 'ikey 0.0.0.9' 'okey 0.0.0.9' ip -n b -d -o link show dev tap6
  object 'tunnel-links.net:16  address 10.18.0.1/30 of a:ipip6' 1 10.18.0.1/30 ip -n a -o addr show dev ipip6
  object 'tunnel-links.net:16  ip6tnl a:ipip6' 6 UP 'group 1155169661' 'local fd00::1' 'remote fd00::2' 'encaplimit none' ipip6 ip -n a -d -o link show dev ipip6
  object 'tunnel-links.net:16  address 10.18.0.2/30 of b:ipip6' 1 10.18.0.2/30 ip -n b -o addr show dev ipip6
  object 'tunnel-links.net:16  ip6tnl b:ipip6' 6 UP 'group 1155169661' 'local fd00::2' 'remote fd00::1' 'encaplimit none' ipip6 ip -n b -d -o link show dev ipip6
  object 'tunnel-links.net:17  address 10.19.0.1/24 of a:vx0' 1 10.19.0.1/24 ip -n a -o addr show dev vx0
  object 'tunnel-links.net:17  vxlan a:vx0' 6 UP 'group 1155169661' 'id 42' 'dstport 4789' 'local 10.0.0.1' 'remote 10.0.0.2' ip -n a -d -o link show dev vx0
  object 'tunnel-links.net:17  address 10.19.0.2/24 of b:vx0' 1 10.19.0.2/24 ip -n b -o addr show dev vx0
  object 'tunnel-links.net:17  vxlan b:vx0' 6 UP 'group 1155169661' 'id 42' 'dstport 4789' 'local 10.0.0.2' 'remote 10.0.0.1' ip -n b -d -o link show dev vx0
  object 'tunnel-links.net:18  address 10.20.0.1/24 of a:vx1' 1 10.20.0.1/24 ip -n a -o addr show dev vx1
  object 'tunnel-links.net:18  vxlan a:vx1' 6 UP 'group 1155169661' 'id 43' 'dstport 4789' 'local 10.0.0.1' 'remote 10.0.0.2' ip -n a -d -o link show dev vx1
  object 'tunnel-links.net:18  address 10.20.0.2/24 of b:vx1' 1 10.20.0.2/24 ip -n b -o addr show dev vx1
  object 'tunnel-links.net:18  vxlan b:vx1' 6 UP 'group 1155169661' 'id 43' 'dstport 4789' 'local 10.0.0.2' 'remote 10.0.0.1' ip -n b -d -o link show dev vx1
  object 'tunnel-links.net:19  address 10.21.0.1/24 of a:gnv0' 1 10.21.0.1/24 ip -n a -o addr show dev gnv0
  object 'tunnel-links.net:19  geneve a:gnv0' 4 UP 'group 1155169661' 'id 44' 'remote 10.0.0.2' ip -n a -d -o link show dev gnv0
  object 'tunnel-links.net:19  address 10.21.0.2/24 of b:gnv0' 1 10.21.0.2/24 ip -n b -o addr show dev gnv0
  object 'tunnel-links.net:19  geneve b:gnv0' 4 UP 'group 1155169661' 'id 44' 'remote 10.0.0.1' ip -n b -d -o link show dev gnv0
  object 'tunnel-links.net:20  address 10.22.0.1/30 of a:to-b' 1 10.22.0.1/30 ip -n a -o addr show dev to-b
  object 'tunnel-links.net:20  gre a:to-b' 7 UP 'mtu 1400' 'group 1155169661' 'local 10.0.0.1' 'remote 10.0.0.2' 'ikey 0.0.0.6' 'okey 0.0.0.6' ip -n a -d -o link show dev to-b
  object 'tunnel-links.net:20  address 10.22.0.2/30 of b:to-a' 1 10.22.0.2/30 ip -n b -o addr show dev to-a
  object 'tunnel-links.net:20  gre b:to-a' 7 UP 'mtu 1400' 'group 1155169661' 'local 10.0.0.2' 'remote 10.0.0.1' 'ikey 0.0.0.6' 'okey 0.0.0.6' ip -n b -d -o link show dev to-a

  if [[ -z $quiet ]]; then printf '%s as declared, %s differ, %s missing\n' "$fine" "$differ" "$missing"; fi
  if ((differ || missing)); then exit 1; fi
  exit 0
}
