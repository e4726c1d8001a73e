#!/usr/bin/env bash
# status.sh says of each object of the lab plain-devices whether it is as declared; netc wrote it from plain-devices.net.
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
  object 'plain-devices.net:4  netns a' 1 'alias netc plain-devices' ip -n a -o link show dev lo
  object 'plain-devices.net:10  netns b' 1 'alias netc plain-devices' ip -n b -o link show dev lo
  object 'plain-devices.net:5  address 10.9.0.1/32 of a:d0' 1 10.9.0.1/32 ip -n a -o addr show dev d0
  object 'plain-devices.net:5  dummy a:d0' 2 UP 'group 1638359439' ip -n a -d -o link show dev d0
  object 'plain-devices.net:6  ifb a:ifb0' 2 UP 'group 1638359439' ip -n a -d -o link show dev ifb0
  object 'plain-devices.net:7  nlmon a:mon0' 2 UP 'group 1638359439' ip -n a -d -o link show dev mon0
  object 'plain-devices.net:8  address 10.0.0.1/24 of a:eth0' 1 10.0.0.1/24 ip -n a -o addr show dev eth0
  object 'plain-devices.net:8  veth a:eth0' 2 UP 'group 1638359439' ip -n a -d -o link show dev eth0
  object 'plain-devices.net:8  address 10.0.0.2/24 of b:eth0' 1 10.0.0.2/24 ip -n b -o addr show dev eth0
  object 'plain-devices.net:8  veth b:eth0' 2 UP 'group 1638359439' ip -n b -d -o link show dev eth0
  object 'plain-devices.net:12  macvtap b:tap0' 3 UP 'group 1638359439' 'mode bridge' ip -n b -d -o link show dev tap0
  object 'plain-devices.net:11  route 10.9.0.1 of b' 3 10.9.0.1 'via 10.0.0.1' 'dev eth0' ip -n b route show exact 10.9.0.1/32 table 254

  if [[ -z $quiet ]]; then printf '%s as declared, %s differ, %s missing\n' "$fine" "$differ" "$missing"; fi
  if ((differ || missing)); then exit 1; fi
  exit 0
}
