#!/usr/bin/env bash
# status.sh says of each object of the lab vxlan whether it is as declared; netc wrote it from vxlan.net.
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
  object 'vxlan.net:4  netns a' 1 'alias netc vxlan' ip -n a -o link show dev lo
  object 'vxlan.net:5  netns r' 1 'alias netc vxlan' ip -n r -o link show dev lo
  object 'vxlan.net:6  netns b' 1 'alias netc vxlan' ip -n b -o link show dev lo
  object 'vxlan.net:5  sysctl net.ipv4.ip_forward of r' 1 1 ip netns exec r sysctl -n net.ipv4.ip_forward
  object 'vxlan.net:7  address 10.0.1.2/24 of a:eth0' 1 10.0.1.2/24 ip -n a -o addr show dev eth0
  object 'vxlan.net:7  veth a:eth0' 2 UP 'group 619004715' ip -n a -d -o link show dev eth0
  object 'vxlan.net:7  address 10.0.1.1/24 of r:a' 1 10.0.1.1/24 ip -n r -o addr show dev a
  object 'vxlan.net:7  veth r:a' 2 UP 'group 619004715' ip -n r -d -o link show dev a
  object 'vxlan.net:8  address 10.0.2.2/24 of b:eth0' 1 10.0.2.2/24 ip -n b -o addr show dev eth0
  object 'vxlan.net:8  veth b:eth0' 2 UP 'group 619004715' ip -n b -d -o link show dev eth0
  object 'vxlan.net:8  address 10.0.2.1/24 of r:b' 1 10.0.2.1/24 ip -n r -o addr show dev b
  object 'vxlan.net:8  veth r:b' 2 UP 'group 619004715' ip -n r -d -o link show dev b
  object 'vxlan.net:12  address 10.9.0.1/24 of a:vx0' 1 10.9.0.1/24 ip -n a -o addr show dev vx0
  object 'vxlan.net:12  vxlan a:vx0' 6 UP 'group 619004715' 'id 42' 'dstport 4789' 'local 10.0.1.2' 'remote 10.0.2.2' ip -n a -d -o link show dev vx0
  object 'vxlan.net:13  address 10.9.0.2/24 of b:vx0' 1 10.9.0.2/24 ip -n b -o addr show dev vx0
  object 'vxlan.net:13  vxlan b:vx0' 6 UP 'group 619004715' 'id 42' 'dstport 4789' 'local 10.0.2.2' 'remote 10.0.1.2' ip -n b -d -o link show dev vx0
  object 'vxlan.net:9  route default of a' 3 default 'via 10.0.1.1' 'dev eth0' ip -n a route show exact 0.0.0.0/0 table 254
  object 'vxlan.net:10  route default of b' 3 default 'via 10.0.2.1' 'dev eth0' ip -n b route show exact 0.0.0.0/0 table 254

  if [[ -z $quiet ]]; then printf '%s as declared, %s differ, %s missing\n' "$fine" "$differ" "$missing"; fi
  if ((differ || missing)); then exit 1; fi
  exit 0
}
