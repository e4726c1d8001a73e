#!/usr/bin/env bash
# status.sh says of each object of the lab vrf whether it is as declared; netc wrote it from vrf.net.
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
  object 'vrf.net:4  netns r' 1 'alias netc vrf' ip -n r -o link show dev lo
  object 'vrf.net:11  netns red1' 1 'alias netc vrf' ip -n red1 -o link show dev lo
  object 'vrf.net:11  netns red2' 1 'alias netc vrf' ip -n red2 -o link show dev lo
  object 'vrf.net:11  netns blue1' 1 'alias netc vrf' ip -n blue1 -o link show dev lo
  object 'vrf.net:11  netns blue2' 1 'alias netc vrf' ip -n blue2 -o link show dev lo
  object 'vrf.net:5  sysctl net.ipv4.ip_forward of r' 1 1 ip netns exec r sysctl -n net.ipv4.ip_forward
  object 'vrf.net:6  vrf r:red' 3 UP 'group 1347930426' 'table 10' ip -n r -d -o link show dev red
  object 'vrf.net:7  vrf r:blue' 3 UP 'group 1347930426' 'table 20' ip -n r -d -o link show dev blue
  object 'vrf.net:12  address 10.0.1.1/24 of r:red-1' 1 10.0.1.1/24 ip -n r -o addr show dev red-1
  object 'vrf.net:12  veth r:red-1' 3 UP 'master red' 'group 1347930426' ip -n r -d -o link show dev red-1
  object 'vrf.net:12  address 10.0.1.2/24 of red1:eth0' 1 10.0.1.2/24 ip -n red1 -o addr show dev eth0
  object 'vrf.net:12  veth red1:eth0' 2 UP 'group 1347930426' ip -n red1 -d -o link show dev eth0
  object 'vrf.net:12  address 10.0.2.1/24 of r:red-2' 1 10.0.2.1/24 ip -n r -o addr show dev red-2
  object 'vrf.net:12  veth r:red-2' 3 UP 'master red' 'group 1347930426' ip -n r -d -o link show dev red-2
  object 'vrf.net:12  address 10.0.2.2/24 of red2:eth0' 1 10.0.2.2/24 ip -n red2 -o addr show dev eth0
  object 'vrf.net:12  veth red2:eth0' 2 UP 'group 1347930426' ip -n red2 -d -o link show dev eth0
  object 'vrf.net:12  address 10.0.1.1/24 of r:blue-1' 1 10.0.1.1/24 ip -n r -o addr show dev blue-1
  object 'vrf.net:12  veth r:blue-1' 3 UP 'master blue' 'group 1347930426' ip -n r -d -o link show dev blue-1
  object 'vrf.net:12  address 10.0.1.2/24 of blue1:eth0' 1 10.0.1.2/24 ip -n blue1 -o addr show dev eth0
  object 'vrf.net:12  veth blue1:eth0' 2 UP 'group 1347930426' ip -n blue1 -d -o link show dev eth0
  object 'vrf.net:12  address 10.0.2.1/24 of r:blue-2' 1 10.0.2.1/24 ip -n r -o addr show dev blue-2
  object 'vrf.net:12  veth r:blue-2' 3 UP 'master blue' 'group 1347930426' ip -n r -d -o link show dev blue-2
  object 'vrf.net:12  address 10.0.2.2/24 of blue2:eth0' 1 10.0.2.2/24 ip -n blue2 -o addr show dev eth0
  object 'vrf.net:12  veth blue2:eth0' 2 UP 'group 1347930426' ip -n blue2 -d -o link show dev eth0
  object 'vrf.net:11  route default of red1' 3 default 'via 10.0.1.1' 'dev eth0' ip -n red1 route show exact 0.0.0.0/0 table 254
  object 'vrf.net:11  route default of red2' 3 default 'via 10.0.2.1' 'dev eth0' ip -n red2 route show exact 0.0.0.0/0 table 254
  object 'vrf.net:11  route default of blue1' 3 default 'via 10.0.1.1' 'dev eth0' ip -n blue1 route show exact 0.0.0.0/0 table 254
  object 'vrf.net:11  route default of blue2' 3 default 'via 10.0.2.1' 'dev eth0' ip -n blue2 route show exact 0.0.0.0/0 table 254

  if [[ -z $quiet ]]; then printf '%s as declared, %s differ, %s missing\n' "$fine" "$differ" "$missing"; fi
  if ((differ || missing)); then exit 1; fi
  exit 0
}
