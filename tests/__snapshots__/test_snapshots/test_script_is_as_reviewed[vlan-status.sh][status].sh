#!/usr/bin/env bash
# status.sh says of each object of the lab vlan whether it is as declared; netc wrote it from vlan.net.
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
  object 'vlan.net:4  netns a' 1 'alias netc vlan' ip -n a -o link show dev lo
  object 'vlan.net:5  netns b' 1 'alias netc vlan' ip -n b -o link show dev lo
  object 'vlan.net:6  address 10.0.0.1/24 of a:eth0' 1 10.0.0.1/24 ip -n a -o addr show dev eth0
  object 'vlan.net:6  veth a:eth0' 2 UP 'group 713573301' ip -n a -d -o link show dev eth0
  object 'vlan.net:6  address 10.0.0.2/24 of b:eth0' 1 10.0.0.2/24 ip -n b -o addr show dev eth0
  object 'vlan.net:6  veth b:eth0' 2 UP 'group 713573301' ip -n b -d -o link show dev eth0
  object 'vlan.net:10  address 10.1.0.1/24 of a:eth0.100' 1 10.1.0.1/24 ip -n a -o addr show dev eth0.100
  object 'vlan.net:10  vlan a:eth0.100' 3 UP 'group 713573301' 'id 100' ip -n a -d -o link show dev eth0.100
  object 'vlan.net:11  address 10.2.0.1/24 of a:eth0.200' 1 10.2.0.1/24 ip -n a -o addr show dev eth0.200
  object 'vlan.net:11  vlan a:eth0.200' 4 UP 'group 713573301' 'protocol 802.1ad' 'id 200' ip -n a -d -o link show dev eth0.200
  object 'vlan.net:12  address 10.3.0.1/24 of a:inner' 1 10.3.0.1/24 ip -n a -o addr show dev inner
  object 'vlan.net:12  vlan a:inner' 3 UP 'group 713573301' 'id 7' ip -n a -d -o link show dev inner
  object 'vlan.net:10  address 10.1.0.2/24 of b:eth0.100' 1 10.1.0.2/24 ip -n b -o addr show dev eth0.100
  object 'vlan.net:10  vlan b:eth0.100' 3 UP 'group 713573301' 'id 100' ip -n b -d -o link show dev eth0.100
  object 'vlan.net:11  address 10.2.0.2/24 of b:eth0.200' 1 10.2.0.2/24 ip -n b -o addr show dev eth0.200
  object 'vlan.net:11  vlan b:eth0.200' 4 UP 'group 713573301' 'protocol 802.1ad' 'id 200' ip -n b -d -o link show dev eth0.200
  object 'vlan.net:12  address 10.3.0.2/24 of b:inner' 1 10.3.0.2/24 ip -n b -o addr show dev inner
  object 'vlan.net:12  vlan b:inner' 3 UP 'group 713573301' 'id 7' ip -n b -d -o link show dev inner

  if [[ -z $quiet ]]; then printf '%s as declared, %s differ, %s missing\n' "$fine" "$differ" "$missing"; fi
  if ((differ || missing)); then exit 1; fi
  exit 0
}
