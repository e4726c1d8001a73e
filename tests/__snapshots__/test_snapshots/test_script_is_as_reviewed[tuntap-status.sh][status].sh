#!/usr/bin/env bash
# status.sh says of each object of the lab tuntap whether it is as declared; netc wrote it from tuntap.net.
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
  object 'tuntap.net:7  netns a' 1 'alias netc tuntap' ip -n a -o link show dev lo
  object 'tuntap.net:14  netns b' 1 'alias netc tuntap' ip -n b -o link show dev lo
  object 'tuntap.net:8  sysctl net.ipv4.ip_forward of a' 1 1 ip netns exec a sysctl -n net.ipv4.ip_forward
  object 'tuntap.net:4  address 10.9.0.1/24 of host:vpn0' 1 10.9.0.1/24 ip -o addr show dev vpn0
  object 'tuntap.net:4  tun host:vpn0' 3 UP 'mtu 1400' 'group 1672037264' ip -d -o link show dev vpn0
  object 'tuntap.net:5  tap host:vm0' 3 UP '02:00:00:00:00:10 brd' 'group 1672037264' ip -d -o link show dev vm0
  object 'tuntap.net:9  address 10.10.0.1/24 of a:br0' 1 10.10.0.1/24 ip -n a -o addr show dev br0
  object 'tuntap.net:9  bridge a:br0' 3 UP '02:e3:00:fd:5c:c5 brd' 'group 1672037264' ip -n a -d -o link show dev br0
  object 'tuntap.net:10  tap a:vm1' 3 UP 'master br0' 'group 1672037264' ip -n a -d -o link show dev vm1
  object 'tuntap.net:11  address 10.11.0.1/24 of a:vpn1' 1 10.11.0.1/24 ip -n a -o addr show dev vpn1
  object 'tuntap.net:11  tun a:vpn1' 2 UP 'group 1672037264' ip -n a -d -o link show dev vpn1
  object 'tuntap.net:12  address 10.12.0.1/24 of a:eth0' 1 10.12.0.1/24 ip -n a -o addr show dev eth0
  object 'tuntap.net:12  veth a:eth0' 2 UP 'group 1672037264' ip -n a -d -o link show dev eth0
  object 'tuntap.net:12  address 10.12.0.2/24 of b:eth0' 1 10.12.0.2/24 ip -n b -o addr show dev eth0
  object 'tuntap.net:12  veth b:eth0' 2 UP 'group 1672037264' ip -n b -d -o link show dev eth0
  object 'tuntap.net:14  route default of b' 3 default 'via 10.12.0.1' 'dev eth0' ip -n b route show exact 0.0.0.0/0 table 254

  if [[ -z $quiet ]]; then printf '%s as declared, %s differ, %s missing\n' "$fine" "$differ" "$missing"; fi
  if ((differ || missing)); then exit 1; fi
  exit 0
}
