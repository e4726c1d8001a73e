#!/usr/bin/env bash
# status.sh says of each object of the lab vxlan-static whether it is as declared; netc wrote it from vxlan-static.net.
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
  object 'vxlan-static.net:7  netns h1' 1 'alias netc vxlan-static' ip -n h1 -o link show dev lo
  object 'vxlan-static.net:7  netns h2' 1 'alias netc vxlan-static' ip -n h2 -o link show dev lo
  object 'vxlan-static.net:7  netns h3' 1 'alias netc vxlan-static' ip -n h3 -o link show dev lo
  object 'vxlan-static.net:4  bridge host:underlay' 3 UP '02:ab:bb:75:17:92 brd' 'group 477532254' ip -d -o link show dev underlay
  object 'vxlan-static.net:8  veth host:h1-eth0' 3 UP 'master underlay' 'group 477532254' ip -d -o link show dev h1-eth0
  object 'vxlan-static.net:8  address 192.168.50.1/24 of h1:eth0' 1 192.168.50.1/24 ip -n h1 -o addr show dev eth0
  object 'vxlan-static.net:8  veth h1:eth0' 2 UP 'group 477532254' ip -n h1 -d -o link show dev eth0
  object 'vxlan-static.net:9  address 10.9.0.1/24 of h1:vx0' 1 10.9.0.1/24 ip -n h1 -o addr show dev vx0
  object 'vxlan-static.net:9  vxlan h1:vx0' 7 UP '02:00:0a:09:00:01 brd' 'group 477532254' 'id 42' 'dstport 4789' 'local 192.168.50.1' nolearning ip -n h1 -d -o link show dev vx0
  object 'vxlan-static.net:8  veth host:h2-eth0' 3 UP 'master underlay' 'group 477532254' ip -d -o link show dev h2-eth0
  object 'vxlan-static.net:8  address 192.168.50.2/24 of h2:eth0' 1 192.168.50.2/24 ip -n h2 -o addr show dev eth0
  object 'vxlan-static.net:8  veth h2:eth0' 2 UP 'group 477532254' ip -n h2 -d -o link show dev eth0
  object 'vxlan-static.net:9  address 10.9.0.2/24 of h2:vx0' 1 10.9.0.2/24 ip -n h2 -o addr show dev vx0
  object 'vxlan-static.net:9  vxlan h2:vx0' 7 UP '02:00:0a:09:00:02 brd' 'group 477532254' 'id 42' 'dstport 4789' 'local 192.168.50.2' nolearning ip -n h2 -d -o link show dev vx0
  object 'vxlan-static.net:8  veth host:h3-eth0' 3 UP 'master underlay' 'group 477532254' ip -d -o link show dev h3-eth0
  object 'vxlan-static.net:8  address 192.168.50.3/24 of h3:eth0' 1 192.168.50.3/24 ip -n h3 -o addr show dev eth0
  object 'vxlan-static.net:8  veth h3:eth0' 2 UP 'group 477532254' ip -n h3 -d -o link show dev eth0
  object 'vxlan-static.net:9  address 10.9.0.3/24 of h3:vx0' 1 10.9.0.3/24 ip -n h3 -o addr show dev vx0
  object 'vxlan-static.net:9  vxlan h3:vx0' 7 UP '02:00:0a:09:00:03 brd' 'group 477532254' 'id 42' 'dstport 4789' 'local 192.168.50.3' nolearning ip -n h3 -d -o link show dev vx0
  object 'vxlan-static.net:34  address 10.10.0.1/24 of h1:vx1' 1 10.10.0.1/24 ip -n h1 -o addr show dev vx1
  object 'vxlan-static.net:34  vxlan h1:vx1' 5 UP 'group 477532254' 'id 43' 'dstport 4789' 'local 192.168.50.1' ip -n h1 -d -o link show dev vx1
  object 'vxlan-static.net:38  address 10.10.0.2/24 of h2:vx1' 1 10.10.0.2/24 ip -n h2 -o addr show dev vx1
  object 'vxlan-static.net:38  vxlan h2:vx1' 5 UP 'group 477532254' 'id 43' 'dstport 4789' 'local 192.168.50.2' ip -n h2 -d -o link show dev vx1
  object 'vxlan-static.net:39  address 10.10.0.3/24 of h3:vx1' 1 10.10.0.3/24 ip -n h3 -o addr show dev vx1
  object 'vxlan-static.net:39  vxlan h3:vx1' 5 UP 'group 477532254' 'id 43' 'dstport 4789' 'local 192.168.50.3' ip -n h3 -d -o link show dev vx1
  object 'vxlan-static.net:22  neighbour 10.9.0.2 of h1:vx0' 2 10.9.0.2 'lladdr 02:00:0a:09:00:02' ip -n h1 -N neigh show to 10.9.0.2 dev vx0
  object 'vxlan-static.net:22  neighbour 10.9.0.3 of h1:vx0' 2 10.9.0.3 'lladdr 02:00:0a:09:00:03' ip -n h1 -N neigh show to 10.9.0.3 dev vx0
  object 'vxlan-static.net:22  neighbour 10.9.0.1 of h2:vx0' 2 10.9.0.1 'lladdr 02:00:0a:09:00:01' ip -n h2 -N neigh show to 10.9.0.1 dev vx0
  object 'vxlan-static.net:22  neighbour 10.9.0.3 of h2:vx0' 2 10.9.0.3 'lladdr 02:00:0a:09:00:03' ip -n h2 -N neigh show to 10.9.0.3 dev vx0
  object 'vxlan-static.net:22  neighbour 10.9.0.1 of h3:vx0' 2 10.9.0.1 'lladdr 02:00:0a:09:00:01' ip -n h3 -N neigh show to 10.9.0.1 dev vx0
  object 'vxlan-static.net:22  neighbour 10.9.0.2 of h3:vx0' 2 10.9.0.2 'lladdr 02:00:0a:09:00:02' ip -n h3 -N neigh show to 10.9.0.2 dev vx0
  object 'vxlan-static.net:21  FDB entry 02:00:0a:09:00:02 of h1:vx0' 1 '02:00:0a:09:00:02 dst 192.168.50.2' bridge -n h1 fdb show dev vx0
  object 'vxlan-static.net:21  FDB entry 02:00:0a:09:00:03 of h1:vx0' 1 '02:00:0a:09:00:03 dst 192.168.50.3' bridge -n h1 fdb show dev vx0
  object 'vxlan-static.net:21  FDB entry 02:00:0a:09:00:01 of h2:vx0' 1 '02:00:0a:09:00:01 dst 192.168.50.1' bridge -n h2 fdb show dev vx0
  object 'vxlan-static.net:21  FDB entry 02:00:0a:09:00:03 of h2:vx0' 1 '02:00:0a:09:00:03 dst 192.168.50.3' bridge -n h2 fdb show dev vx0
  object 'vxlan-static.net:21  FDB entry 02:00:0a:09:00:01 of h3:vx0' 1 '02:00:0a:09:00:01 dst 192.168.50.1' bridge -n h3 fdb show dev vx0
  object 'vxlan-static.net:21  FDB entry 02:00:0a:09:00:02 of h3:vx0' 1 '02:00:0a:09:00:02 dst 192.168.50.2' bridge -n h3 fdb show dev vx0
  object 'vxlan-static.net:35  FDB entry 00:00:00:00:00:00 of h1:vx1' 1 '00:00:00:00:00:00 dst 192.168.50.2' bridge -n h1 fdb show dev vx1
  object 'vxlan-static.net:36  FDB entry 00:00:00:00:00:00 of h1:vx1' 1 '00:00:00:00:00:00 dst 192.168.50.3' bridge -n h1 fdb show dev vx1

  if [[ -z $quiet ]]; then printf '%s as declared, %s differ, %s missing\n' "$fine" "$differ" "$missing"; fi
  if ((differ || missing)); then exit 1; fi
  exit 0
}
