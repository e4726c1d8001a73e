#!/usr/bin/env bash
# status.sh says of each object of the lab team whether it is as declared; netc wrote it from team.net.
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
  object 'team.net:4  netns a' 1 'alias netc team' ip -n a -o link show dev lo
  object 'team.net:5  netns b' 1 'alias netc team' ip -n b -o link show dev lo
  object 'team.net:9  mode of a:team0' 1 roundrobin ip netns exec a teamnl team0 getoption mode
  object 'team.net:9  address 10.0.0.1/24 of a:team0' 1 10.0.0.1/24 ip -n a -o addr show dev team0
  object 'team.net:9  team a:team0' 2 UP 'group 748118207' ip -n a -d -o link show dev team0
  object 'team.net:10  mode of a:team1' 1 activebackup ip netns exec a teamnl team1 getoption mode
  object 'team.net:10  address 10.1.0.1/24 of a:team1' 1 10.1.0.1/24 ip -n a -o addr show dev team1
  object 'team.net:10  team a:team1' 2 UP 'group 748118207' ip -n a -d -o link show dev team1
  object 'team.net:9  mode of b:team0' 1 roundrobin ip netns exec b teamnl team0 getoption mode
  object 'team.net:9  address 10.0.0.2/24 of b:team0' 1 10.0.0.2/24 ip -n b -o addr show dev team0
  object 'team.net:9  team b:team0' 2 UP 'group 748118207' ip -n b -d -o link show dev team0
  object 'team.net:10  mode of b:team1' 1 activebackup ip netns exec b teamnl team1 getoption mode
  object 'team.net:10  address 10.1.0.2/24 of b:team1' 1 10.1.0.2/24 ip -n b -o addr show dev team1
  object 'team.net:10  team b:team1' 2 UP 'group 748118207' ip -n b -d -o link show dev team1
  object 'team.net:17  veth a:e0' 3 UP 'master team0' 'group 748118207' ip -n a -d -o link show dev e0
  object 'team.net:17  veth b:e0' 3 UP 'master team0' 'group 748118207' ip -n b -d -o link show dev e0
  object 'team.net:18  veth a:f0' 3 UP 'master team1' 'group 748118207' ip -n a -d -o link show dev f0
  object 'team.net:18  veth b:f0' 3 UP 'master team1' 'group 748118207' ip -n b -d -o link show dev f0
  object 'team.net:17  veth a:e1' 3 UP 'master team0' 'group 748118207' ip -n a -d -o link show dev e1
  object 'team.net:17  veth b:e1' 3 UP 'master team0' 'group 748118207' ip -n b -d -o link show dev e1
  object 'team.net:18  veth a:f1' 3 UP 'master team1' 'group 748118207' ip -n a -d -o link show dev f1
  object 'team.net:18  veth b:f1' 3 UP 'master team1' 'group 748118207' ip -n b -d -o link show dev f1

  if [[ -z $quiet ]]; then printf '%s as declared, %s differ, %s missing\n' "$fine" "$differ" "$missing"; fi
  if ((differ || missing)); then exit 1; fi
  exit 0
}
