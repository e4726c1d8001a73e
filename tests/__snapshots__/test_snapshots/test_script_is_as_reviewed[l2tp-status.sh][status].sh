#!/usr/bin/env bash
# status.sh says of each object of the lab l2tp whether it is as declared; netc wrote it from l2tp.net.
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
  object 'l2tp.net:4  netns a' 1 'alias netc l2tp' ip -n a -o link show dev lo
  object 'l2tp.net:5  netns b' 1 'alias netc l2tp' ip -n b -o link show dev lo
  object 'l2tp.net:6  address 10.0.0.1/24 of a:eth0' 1 10.0.0.1/24 ip -n a -o addr show dev eth0
  object 'l2tp.net:6  veth a:eth0' 2 UP 'group 959756101' ip -n a -d -o link show dev eth0
  object 'l2tp.net:6  address 10.0.0.2/24 of b:eth0' 1 10.0.0.2/24 ip -n b -o addr show dev eth0
  object 'l2tp.net:6  veth b:eth0' 2 UP 'group 959756101' ip -n b -d -o link show dev eth0
  object 'l2tp.net:8  tunnel 1 of a' 4 'Tunnel 1 encap UDP' 'From 10.0.0.1 to 10.0.0.2' 'Peer tunnel 2' 'UDP source / dest ports: 1701/1702' ip -n a l2tp show tunnel tunnel_id 1
  object 'l2tp.net:8  session of a:l2tp0' 4 'Peer session 20 tunnel 2' 'interface name: l2tp0' 'cookie 89abcdef' 'peer cookie 0123456789abcdef' ip -n a l2tp show session tunnel_id 1 session_id 10
  object 'l2tp.net:8  address 10.9.0.1/24 of a:l2tp0' 1 10.9.0.1/24 ip -n a -o addr show dev l2tp0
  object 'l2tp.net:8  l2tp a:l2tp0' 2 UP 'group 959756101' ip -n a -d -o link show dev l2tp0
  object 'l2tp.net:8  tunnel 2 of b' 4 'Tunnel 2 encap UDP' 'From 10.0.0.2 to 10.0.0.1' 'Peer tunnel 1' 'UDP source / dest ports: 1702/1701' ip -n b l2tp show tunnel tunnel_id 2
  object 'l2tp.net:8  session of b:l2tp0' 4 'Peer session 10 tunnel 1' 'interface name: l2tp0' 'cookie 0123456789abcdef' 'peer cookie 89abcdef' ip -n b l2tp show session tunnel_id 2 session_id 20
  object 'l2tp.net:8  address 10.9.0.2/24 of b:l2tp0' 1 10.9.0.2/24 ip -n b -o addr show dev l2tp0
  object 'l2tp.net:8  l2tp b:l2tp0' 2 UP 'group 959756101' ip -n b -d -o link show dev l2tp0
  object 'l2tp.net:17  session of a:l2tp1' 3 'Peer session 21 tunnel 2' 'interface name: l2tp1' 'sequence numbering: send recv' ip -n a l2tp show session tunnel_id 1 session_id 21
  object 'l2tp.net:17  address 10.10.0.1/24 of a:l2tp1' 1 10.10.0.1/24 ip -n a -o addr show dev l2tp1
  object 'l2tp.net:17  l2tp a:l2tp1' 2 UP 'group 959756101' ip -n a -d -o link show dev l2tp1
  object 'l2tp.net:17  session of b:l2tp1' 3 'Peer session 21 tunnel 1' 'interface name: l2tp1' 'sequence numbering: send recv' ip -n b l2tp show session tunnel_id 2 session_id 21
  object 'l2tp.net:17  address 10.10.0.2/24 of b:l2tp1' 1 10.10.0.2/24 ip -n b -o addr show dev l2tp1
  object 'l2tp.net:17  l2tp b:l2tp1' 2 UP 'group 959756101' ip -n b -d -o link show dev l2tp1
  object 'l2tp.net:26  address 10.11.0.2/24 of b:br0' 1 10.11.0.2/24 ip -n b -o addr show dev br0
  object 'l2tp.net:26  bridge b:br0' 3 UP '02:4e:4e:2b:73:e2 brd' 'group 959756101' ip -n b -d -o link show dev br0
  object 'l2tp.net:27  tunnel 3 of a' 3 'Tunnel 3 encap IP' 'From 10.0.0.1 to 10.0.0.2' 'Peer tunnel 3' ip -n a l2tp show tunnel tunnel_id 3
  object 'l2tp.net:27  session of a:l2tp2' 2 'Peer session 30 tunnel 3' 'interface name: l2tp2' ip -n a l2tp show session tunnel_id 3 session_id 30
  object 'l2tp.net:27  address 10.11.0.1/24 of a:l2tp2' 1 10.11.0.1/24 ip -n a -o addr show dev l2tp2
  object 'l2tp.net:27  l2tp a:l2tp2' 2 UP 'group 959756101' ip -n a -d -o link show dev l2tp2
  object 'l2tp.net:27  tunnel 3 of b' 3 'Tunnel 3 encap IP' 'From 10.0.0.2 to 10.0.0.1' 'Peer tunnel 3' ip -n b l2tp show tunnel tunnel_id 3
  object 'l2tp.net:27  session of b:l2tp2' 2 'Peer session 30 tunnel 3' 'interface name: l2tp2' ip -n b l2tp show session tunnel_id 3 session_id 30
  object 'l2tp.net:27  l2tp b:l2tp2' 3 UP 'master br0' 'group 959756101' ip -n b -d -o link show dev l2tp2

  if [[ -z $quiet ]]; then printf '%s as declared, %s differ, %s missing\n' "$fine" "$differ" "$missing"; fi
  if ((differ || missing)); then exit 1; fi
  exit 0
}
