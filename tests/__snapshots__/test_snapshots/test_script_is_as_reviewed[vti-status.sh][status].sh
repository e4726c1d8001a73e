#!/usr/bin/env bash
# status.sh says of each object of the lab vti whether it is as declared; netc wrote it from vti.net.
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
  object 'vti.net:4  netns a' 1 'alias netc vti' ip -n a -o link show dev lo
  object 'vti.net:5  netns b' 1 'alias netc vti' ip -n b -o link show dev lo
  object 'vti.net:6  address 10.0.0.1/24 of a:eth0' 1 10.0.0.1/24 ip -n a -o addr show dev eth0
  object 'vti.net:6  address fd00::1/64 of a:eth0' 1 fd00::1/64 ip -n a -o addr show dev eth0
  object 'vti.net:6  veth a:eth0' 2 UP 'group 1043766547' ip -n a -d -o link show dev eth0
  object 'vti.net:6  address 10.0.0.2/24 of b:eth0' 1 10.0.0.2/24 ip -n b -o addr show dev eth0
  object 'vti.net:6  address fd00::2/64 of b:eth0' 1 fd00::2/64 ip -n b -o addr show dev eth0
  object 'vti.net:6  veth b:eth0' 2 UP 'group 1043766547' ip -n b -d -o link show dev eth0
  object 'vti.net:7  address 10.9.0.1/30 of a:vti4' 1 10.9.0.1/30 ip -n a -o addr show dev vti4
  object 'vti.net:7  vti a:vti4' 6 UP 'group 1043766547' 'local 10.0.0.1' 'remote 10.0.0.2' 'ikey 0.0.0.42' 'okey 0.0.0.42' ip -n a -d -o link show dev vti4
  object 'vti.net:7  address 10.9.0.2/30 of b:vti4' 1 10.9.0.2/30 ip -n b -o addr show dev vti4
  object 'vti.net:7  vti b:vti4' 6 UP 'group 1043766547' 'local 10.0.0.2' 'remote 10.0.0.1' 'ikey 0.0.0.42' 'okey 0.0.0.42' ip -n b -d -o link show dev vti4
  object 'vti.net:8  address fd09::1/64 of a:vti6' 1 fd09::1/64 ip -n a -o addr show dev vti6
  object 'vti.net:8  vti6 a:vti6' 6 UP 'group 1043766547' 'local fd00::1' 'remote fd00::2' 'ikey 0.0.0.43' 'okey 0.0.0.43' ip -n a -d -o link show dev vti6
  object 'vti.net:8  address fd09::2/64 of b:vti6' 1 fd09::2/64 ip -n b -o addr show dev vti6
  object 'vti.net:8  vti6 b:vti6' 6 UP 'group 1043766547' 'local fd00::2' 'remote fd00::1' 'ikey 0.0.0.43' 'okey 0.0.0.43' ip -n b -d -o link show dev vti6
  object 'vti.net:12  ipsec state src 10.0.0.1 dst 10.0.0.2 proto esp spi 0x00000101 of a' 1 'mode tunnel' ip -n a -o xfrm state list nokeys src 10.0.0.1 dst 10.0.0.2 proto esp spi 0x00000101
  object 'vti.net:13  ipsec state src 10.0.0.2 dst 10.0.0.1 proto esp spi 0x00000102 of a' 1 'mode tunnel' ip -n a -o xfrm state list nokeys src 10.0.0.2 dst 10.0.0.1 proto esp spi 0x00000102
  object 'vti.net:12  ipsec state src fd00::1 dst fd00::2 proto esp spi 0x00000201 of a' 1 'mode tunnel' ip -n a -o xfrm state list nokeys src fd00::1 dst fd00::2 proto esp spi 0x00000201
  object 'vti.net:13  ipsec state src fd00::2 dst fd00::1 proto esp spi 0x00000202 of a' 1 'mode tunnel' ip -n a -o xfrm state list nokeys src fd00::2 dst fd00::1 proto esp spi 0x00000202
  object 'vti.net:14  ipsec policy src 0.0.0.0/0 dst 0.0.0.0/0 dir out of a' 1 'dir out' ip -n a -o xfrm policy list src 0.0.0.0/0 dst 0.0.0.0/0 dir out
  object 'vti.net:15  ipsec policy src 0.0.0.0/0 dst 0.0.0.0/0 dir in of a' 1 'dir in' ip -n a -o xfrm policy list src 0.0.0.0/0 dst 0.0.0.0/0 dir 'in'
  object 'vti.net:14  ipsec policy src 0.0.0.0/0 dst 0.0.0.0/0 dir out of b' 1 'dir out' ip -n b -o xfrm policy list src 0.0.0.0/0 dst 0.0.0.0/0 dir out
  object 'vti.net:15  ipsec policy src 0.0.0.0/0 dst 0.0.0.0/0 dir in of b' 1 'dir in' ip -n b -o xfrm policy list src 0.0.0.0/0 dst 0.0.0.0/0 dir 'in'
  object 'vti.net:14  ipsec policy src ::/0 dst ::/0 dir out of a' 1 'dir out' ip -n a -o xfrm policy list src ::/0 dst ::/0 dir out
  object 'vti.net:15  ipsec policy src ::/0 dst ::/0 dir in of a' 1 'dir in' ip -n a -o xfrm policy list src ::/0 dst ::/0 dir 'in'
  object 'vti.net:14  ipsec policy src ::/0 dst ::/0 dir out of b' 1 'dir out' ip -n b -o xfrm policy list src ::/0 dst ::/0 dir out
  object 'vti.net:15  ipsec policy src ::/0 dst ::/0 dir in of b' 1 'dir in' ip -n b -o xfrm policy list src ::/0 dst ::/0 dir 'in'

  if [[ -z $quiet ]]; then printf '%s as declared, %s differ, %s missing\n' "$fine" "$differ" "$missing"; fi
  if ((differ || missing)); then exit 1; fi
  exit 0
}
