#!/usr/bin/env bash
# status.sh says of each object of the lab ipsec whether it is as declared; netc wrote it from ipsec.net.
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
  object 'ipsec.net:5  netns a' 1 'alias netc ipsec' ip -n a -o link show dev lo
  object 'ipsec.net:6  netns b' 1 'alias netc ipsec' ip -n b -o link show dev lo
  object 'ipsec.net:38  netns g1' 1 'alias netc ipsec' ip -n g1 -o link show dev lo
  object 'ipsec.net:43  netns g2' 1 'alias netc ipsec' ip -n g2 -o link show dev lo
  object 'ipsec.net:48  netns c1' 1 'alias netc ipsec' ip -n c1 -o link show dev lo
  object 'ipsec.net:49  netns c2' 1 'alias netc ipsec' ip -n c2 -o link show dev lo
  object 'ipsec.net:39  sysctl net.ipv4.ip_forward of g1' 1 1 ip netns exec g1 sysctl -n net.ipv4.ip_forward
  object 'ipsec.net:44  sysctl net.ipv4.ip_forward of g2' 1 1 ip netns exec g2 sysctl -n net.ipv4.ip_forward
  object 'ipsec.net:7  address 10.0.0.1/24 of a:eth0' 1 10.0.0.1/24 ip -n a -o addr show dev eth0
  object 'ipsec.net:7  address fd00::1/64 of a:eth0' 1 fd00::1/64 ip -n a -o addr show dev eth0
  object 'ipsec.net:7  veth a:eth0' 2 UP 'group 734426633' ip -n a -d -o link show dev eth0
  object 'ipsec.net:7  address 10.0.0.2/24 of b:eth0' 1 10.0.0.2/24 ip -n b -o addr show dev eth0
  object 'ipsec.net:7  address fd00::2/64 of b:eth0' 1 fd00::2/64 ip -n b -o addr show dev eth0
  object 'ipsec.net:7  veth b:eth0' 2 UP 'group 734426633' ip -n b -d -o link show dev eth0
  object 'ipsec.net:40  address 10.1.0.1/24 of g1:in' 1 10.1.0.1/24 ip -n g1 -o addr show dev 'in'
  object 'ipsec.net:40  veth g1:in' 2 UP 'group 734426633' ip -n g1 -d -o link show dev 'in'
  object 'ipsec.net:40  address 10.1.0.2/24 of c1:eth0' 1 10.1.0.2/24 ip -n c1 -o addr show dev eth0
  object 'ipsec.net:40  veth c1:eth0' 2 UP 'group 734426633' ip -n c1 -d -o link show dev eth0
  object 'ipsec.net:45  address 10.2.0.1/24 of g2:in' 1 10.2.0.1/24 ip -n g2 -o addr show dev 'in'
  object 'ipsec.net:45  veth g2:in' 2 UP 'group 734426633' ip -n g2 -d -o link show dev 'in'
  object 'ipsec.net:45  address 10.2.0.2/24 of c2:eth0' 1 10.2.0.2/24 ip -n c2 -o addr show dev eth0
  object 'ipsec.net:45  veth c2:eth0' 2 UP 'group 734426633' ip -n c2 -d -o link show dev eth0
  object 'ipsec.net:50  address 192.168.0.1/24 of g1:out' 1 192.168.0.1/24 ip -n g1 -o addr show dev out
  object 'ipsec.net:50  veth g1:out' 2 UP 'group 734426633' ip -n g1 -d -o link show dev out
  object 'ipsec.net:50  address 192.168.0.2/24 of g2:out' 1 192.168.0.2/24 ip -n g2 -o addr show dev out
  object 'ipsec.net:50  veth g2:out' 2 UP 'group 734426633' ip -n g2 -d -o link show dev out
  object 'ipsec.net:41  route 10.2.0.0/24 of g1' 3 10.2.0.0/24 'via 192.168.0.2' 'dev out' ip -n g1 route show exact 10.2.0.0/24 table 254
  object 'ipsec.net:46  route 10.1.0.0/24 of g2' 3 10.1.0.0/24 'via 192.168.0.1' 'dev out' ip -n g2 route show exact 10.1.0.0/24 table 254
  object 'ipsec.net:48  route default of c1' 3 default 'via 10.1.0.1' 'dev eth0' ip -n c1 route show exact 0.0.0.0/0 table 254
  object 'ipsec.net:49  route default of c2' 3 default 'via 10.2.0.1' 'dev eth0' ip -n c2 route show exact 0.0.0.0/0 table 254
  object 'ipsec.net:12  ipsec state src 10.0.0.1 dst 10.0.0.2 proto esp spi 0x00000101 of a' 1 'mode transport' ip -n a -o xfrm state list nokeys src 10.0.0.1 dst 10.0.0.2 proto esp spi 0x00000101
  object 'ipsec.net:13  ipsec state src 10.0.0.2 dst 10.0.0.1 proto esp spi 0x00000102 of a' 1 'mode transport' ip -n a -o xfrm state list nokeys src 10.0.0.2 dst 10.0.0.1 proto esp spi 0x00000102
  object 'ipsec.net:24  ipsec state src fd00::1 dst fd00::2 proto ah spi 0x00000201 of a' 1 'mode transport' ip -n a -o xfrm state list nokeys src fd00::1 dst fd00::2 proto ah spi 0x00000201
  object 'ipsec.net:25  ipsec state src fd00::2 dst fd00::1 proto ah spi 0x00000202 of a' 1 'mode transport' ip -n a -o xfrm state list nokeys src fd00::2 dst fd00::1 proto ah spi 0x00000202
  object 'ipsec.net:54  ipsec state src 192.168.0.1 dst 192.168.0.2 proto esp spi 0x00000301 of g1' 2 'reqid 3' 'mode tunnel' ip -n g1 -o xfrm state list nokeys src 192.168.0.1 dst 192.168.0.2 proto esp spi 0x00000301
  object 'ipsec.net:55  ipsec state src 192.168.0.2 dst 192.168.0.1 proto esp spi 0x00000302 of g1' 2 'reqid 3' 'mode tunnel' ip -n g1 -o xfrm state list nokeys src 192.168.0.2 dst 192.168.0.1 proto esp spi 0x00000302
  object 'ipsec.net:14  ipsec policy src 10.0.0.1/32 dst 10.0.0.2/32 dir out of a' 1 'dir out' ip -n a -o xfrm policy list src 10.0.0.1/32 dst 10.0.0.2/32 dir out
  object 'ipsec.net:15  ipsec policy src 10.0.0.2/32 dst 10.0.0.1/32 dir in of a' 1 'dir in' ip -n a -o xfrm policy list src 10.0.0.2/32 dst 10.0.0.1/32 dir 'in'
  object 'ipsec.net:14  ipsec policy src 10.0.0.2/32 dst 10.0.0.1/32 dir out of b' 1 'dir out' ip -n b -o xfrm policy list src 10.0.0.2/32 dst 10.0.0.1/32 dir out
  object 'ipsec.net:15  ipsec policy src 10.0.0.1/32 dst 10.0.0.2/32 dir in of b' 1 'dir in' ip -n b -o xfrm policy list src 10.0.0.1/32 dst 10.0.0.2/32 dir 'in'
  object 'ipsec.net:26  ipsec policy src fd00::1/128 dst fd00::2/128 proto ipv6-icmp type 128 dir out of a' 1 'dir out' ip -n a -o xfrm policy list src fd00::1/128 dst fd00::2/128 proto ipv6-icmp type 128 dir out
  object 'ipsec.net:27  ipsec policy src fd00::2/128 dst fd00::1/128 proto ipv6-icmp type 128 dir in of a' 1 'dir in' ip -n a -o xfrm policy list src fd00::2/128 dst fd00::1/128 proto ipv6-icmp type 128 dir 'in'
  object 'ipsec.net:28  ipsec policy src fd00::1/128 dst fd00::2/128 proto ipv6-icmp type 129 dir out of a' 1 'dir out' ip -n a -o xfrm policy list src fd00::1/128 dst fd00::2/128 proto ipv6-icmp type 129 dir out
  object 'ipsec.net:29  ipsec policy src fd00::2/128 dst fd00::1/128 proto ipv6-icmp type 129 dir in of a' 1 'dir in' ip -n a -o xfrm policy list src fd00::2/128 dst fd00::1/128 proto ipv6-icmp type 129 dir 'in'
  object 'ipsec.net:26  ipsec policy src fd00::2/128 dst fd00::1/128 proto ipv6-icmp type 128 dir out of b' 1 'dir out' ip -n b -o xfrm policy list src fd00::2/128 dst fd00::1/128 proto ipv6-icmp type 128 dir out
  object 'ipsec.net:27  ipsec policy src fd00::1/128 dst fd00::2/128 proto ipv6-icmp type 128 dir in of b' 1 'dir in' ip -n b -o xfrm policy list src fd00::1/128 dst fd00::2/128 proto ipv6-icmp type 128 dir 'in'
  object 'ipsec.net:28  ipsec policy src fd00::2/128 dst fd00::1/128 proto ipv6-icmp type 129 dir out of b' 1 'dir out' ip -n b -o xfrm policy list src fd00::2/128 dst fd00::1/128 proto ipv6-icmp type 129 dir out
  object 'ipsec.net:29  ipsec policy src fd00::1/128 dst fd00::2/128 proto ipv6-icmp type 129 dir in of b' 1 'dir in' ip -n b -o xfrm policy list src fd00::1/128 dst fd00::2/128 proto ipv6-icmp type 129 dir 'in'
  object 'ipsec.net:56  ipsec policy src 10.1.0.0/24 dst 10.2.0.0/24 dir out of g1' 1 'dir out' ip -n g1 -o xfrm policy list src 10.1.0.0/24 dst 10.2.0.0/24 dir out
  object 'ipsec.net:57  ipsec policy src 10.2.0.0/24 dst 10.1.0.0/24 dir fwd of g1' 1 'dir fwd' ip -n g1 -o xfrm policy list src 10.2.0.0/24 dst 10.1.0.0/24 dir fwd
  object 'ipsec.net:56  ipsec policy src 10.2.0.0/24 dst 10.1.0.0/24 dir out of g2' 1 'dir out' ip -n g2 -o xfrm policy list src 10.2.0.0/24 dst 10.1.0.0/24 dir out
  object 'ipsec.net:57  ipsec policy src 10.1.0.0/24 dst 10.2.0.0/24 dir fwd of g2' 1 'dir fwd' ip -n g2 -o xfrm policy list src 10.1.0.0/24 dst 10.2.0.0/24 dir fwd

  if [[ -z $quiet ]]; then printf '%s as declared, %s differ, %s missing\n' "$fine" "$differ" "$missing"; fi
  if ((differ || missing)); then exit 1; fi
  exit 0
}
