#!/usr/bin/env bash
# status.sh says of each object of the lab gre-ipsec whether it is as declared; netc wrote it from gre-ipsec.net.
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
  object 'gre-ipsec.net:4  netns a' 1 'alias netc gre-ipsec' ip -n a -o link show dev lo
  object 'gre-ipsec.net:5  netns r' 1 'alias netc gre-ipsec' ip -n r -o link show dev lo
  object 'gre-ipsec.net:6  netns b' 1 'alias netc gre-ipsec' ip -n b -o link show dev lo
  object 'gre-ipsec.net:5  sysctl net.ipv4.ip_forward of r' 1 1 ip netns exec r sysctl -n net.ipv4.ip_forward
  object 'gre-ipsec.net:7  address 192.168.1.2/24 of a:eth0' 1 192.168.1.2/24 ip -n a -o addr show dev eth0
  object 'gre-ipsec.net:7  veth a:eth0' 2 UP 'group 1243184561' ip -n a -d -o link show dev eth0
  object 'gre-ipsec.net:7  address 192.168.1.1/24 of r:a' 1 192.168.1.1/24 ip -n r -o addr show dev a
  object 'gre-ipsec.net:7  veth r:a' 2 UP 'group 1243184561' ip -n r -d -o link show dev a
  object 'gre-ipsec.net:8  address 192.168.2.2/24 of b:eth0' 1 192.168.2.2/24 ip -n b -o addr show dev eth0
  object 'gre-ipsec.net:8  veth b:eth0' 2 UP 'group 1243184561' ip -n b -d -o link show dev eth0
  object 'gre-ipsec.net:8  address 192.168.2.1/24 of r:b' 1 192.168.2.1/24 ip -n r -o addr show dev b
  object 'gre-ipsec.net:8  veth r:b' 2 UP 'group 1243184561' ip -n r -d -o link show dev b
  object 'gre-ipsec.net:12  address 10.9.0.1/30 of a:gre1' 1 10.9.0.1/30 ip -n a -o addr show dev gre1
  object 'gre-ipsec.net:12  address fd09::1/64 of a:gre1' 1 fd09::1/64 ip -n a -o addr show dev gre1
  object 'gre-ipsec.net:12  gre a:gre1' 6 UP 'mtu 1400' 'group 1243184561' 'local 192.168.1.2' 'remote 192.168.2.2' 'ttl 64' ip -n a -d -o link show dev gre1
  object 'gre-ipsec.net:12  address 10.9.0.2/30 of b:gre1' 1 10.9.0.2/30 ip -n b -o addr show dev gre1
  object 'gre-ipsec.net:12  address fd09::2/64 of b:gre1' 1 fd09::2/64 ip -n b -o addr show dev gre1
  object 'gre-ipsec.net:12  gre b:gre1' 6 UP 'mtu 1400' 'group 1243184561' 'local 192.168.2.2' 'remote 192.168.1.2' 'ttl 64' ip -n b -d -o link show dev gre1
  object 'gre-ipsec.net:9  route default of a' 3 default 'via 192.168.1.1' 'dev eth0' ip -n a route show exact 0.0.0.0/0 table 254
  object 'gre-ipsec.net:10  route default of b' 3 default 'via 192.168.2.1' 'dev eth0' ip -n b route show exact 0.0.0.0/0 table 254
  object 'gre-ipsec.net:16  ipsec state src 192.168.1.2 dst 192.168.2.2 proto esp spi 0x00000101 of a' 1 'mode transport' ip -n a -o xfrm state list nokeys src 192.168.1.2 dst 192.168.2.2 proto esp spi 0x00000101
  object 'gre-ipsec.net:17  ipsec state src 192.168.2.2 dst 192.168.1.2 proto esp spi 0x00000102 of a' 1 'mode transport' ip -n a -o xfrm state list nokeys src 192.168.2.2 dst 192.168.1.2 proto esp spi 0x00000102
  object 'gre-ipsec.net:18  ipsec policy src 192.168.1.2/32 dst 192.168.2.2/32 proto gre dir out of a' 1 'dir out' ip -n a -o xfrm policy list src 192.168.1.2/32 dst 192.168.2.2/32 proto gre dir out
  object 'gre-ipsec.net:19  ipsec policy src 192.168.2.2/32 dst 192.168.1.2/32 proto gre dir in of a' 1 'dir in' ip -n a -o xfrm policy list src 192.168.2.2/32 dst 192.168.1.2/32 proto gre dir 'in'
  object 'gre-ipsec.net:18  ipsec policy src 192.168.2.2/32 dst 192.168.1.2/32 proto gre dir out of b' 1 'dir out' ip -n b -o xfrm policy list src 192.168.2.2/32 dst 192.168.1.2/32 proto gre dir out
  object 'gre-ipsec.net:19  ipsec policy src 192.168.1.2/32 dst 192.168.2.2/32 proto gre dir in of b' 1 'dir in' ip -n b -o xfrm policy list src 192.168.1.2/32 dst 192.168.2.2/32 proto gre dir 'in'

  if [[ -z $quiet ]]; then printf '%s as declared, %s differ, %s missing\n' "$fine" "$differ" "$missing"; fi
  if ((differ || missing)); then exit 1; fi
  exit 0
}
