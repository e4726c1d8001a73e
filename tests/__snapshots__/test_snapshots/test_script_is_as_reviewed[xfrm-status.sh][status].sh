#!/usr/bin/env bash
# status.sh says of each object of the lab xfrm whether it is as declared; netc wrote it from xfrm.net.
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
  object 'xfrm.net:5  netns a' 1 'alias netc xfrm' ip -n a -o link show dev lo
  object 'xfrm.net:6  netns b' 1 'alias netc xfrm' ip -n b -o link show dev lo
  object 'xfrm.net:7  address 10.0.0.1/24 of a:eth0' 1 10.0.0.1/24 ip -n a -o addr show dev eth0
  object 'xfrm.net:7  veth a:eth0' 2 UP 'group 1736247582' ip -n a -d -o link show dev eth0
  object 'xfrm.net:7  address 10.0.0.2/24 of b:eth0' 1 10.0.0.2/24 ip -n b -o addr show dev eth0
  object 'xfrm.net:7  veth b:eth0' 2 UP 'group 1736247582' ip -n b -d -o link show dev eth0
  object 'xfrm.net:8  address 10.9.0.1/30 of a:ipsec0' 1 10.9.0.1/30 ip -n a -o addr show dev ipsec0
  object 'xfrm.net:8  address fd09::1/64 of a:ipsec0' 1 fd09::1/64 ip -n a -o addr show dev ipsec0
  object 'xfrm.net:8  xfrm a:ipsec0' 3 UP 'group 1736247582' 'if_id 0x2a' ip -n a -d -o link show dev ipsec0
  object 'xfrm.net:8  address 10.9.0.2/30 of b:ipsec0' 1 10.9.0.2/30 ip -n b -o addr show dev ipsec0
  object 'xfrm.net:8  address fd09::2/64 of b:ipsec0' 1 fd09::2/64 ip -n b -o addr show dev ipsec0
  object 'xfrm.net:8  xfrm b:ipsec0' 3 UP 'group 1736247582' 'if_id 0x2a' ip -n b -d -o link show dev ipsec0
  object 'xfrm.net:12  ipsec state src 10.0.0.1 dst 10.0.0.2 proto esp spi 0x00000101 of a' 1 'mode tunnel' ip -n a -o xfrm state list nokeys src 10.0.0.1 dst 10.0.0.2 proto esp spi 0x00000101
  object 'xfrm.net:13  ipsec state src 10.0.0.2 dst 10.0.0.1 proto esp spi 0x00000102 of a' 1 'mode tunnel' ip -n a -o xfrm state list nokeys src 10.0.0.2 dst 10.0.0.1 proto esp spi 0x00000102
  object 'xfrm.net:15  ipsec policy src 0.0.0.0/0 dst 0.0.0.0/0 dir out of a' 1 'dir out' ip -n a -o xfrm policy list src 0.0.0.0/0 dst 0.0.0.0/0 dir out
  object 'xfrm.net:16  ipsec policy src 0.0.0.0/0 dst 0.0.0.0/0 dir in of a' 1 'dir in' ip -n a -o xfrm policy list src 0.0.0.0/0 dst 0.0.0.0/0 dir 'in'
  object 'xfrm.net:15  ipsec policy src ::/0 dst ::/0 dir out of a' 1 'dir out' ip -n a -o xfrm policy list src ::/0 dst ::/0 dir out
  object 'xfrm.net:16  ipsec policy src ::/0 dst ::/0 dir in of a' 1 'dir in' ip -n a -o xfrm policy list src ::/0 dst ::/0 dir 'in'
  object 'xfrm.net:15  ipsec policy src 0.0.0.0/0 dst 0.0.0.0/0 dir out of b' 1 'dir out' ip -n b -o xfrm policy list src 0.0.0.0/0 dst 0.0.0.0/0 dir out
  object 'xfrm.net:16  ipsec policy src 0.0.0.0/0 dst 0.0.0.0/0 dir in of b' 1 'dir in' ip -n b -o xfrm policy list src 0.0.0.0/0 dst 0.0.0.0/0 dir 'in'
  object 'xfrm.net:15  ipsec policy src ::/0 dst ::/0 dir out of b' 1 'dir out' ip -n b -o xfrm policy list src ::/0 dst ::/0 dir out
  object 'xfrm.net:16  ipsec policy src ::/0 dst ::/0 dir in of b' 1 'dir in' ip -n b -o xfrm policy list src ::/0 dst ::/0 dir 'in'

  if [[ -z $quiet ]]; then printf '%s as declared, %s differ, %s missing\n' "$fine" "$differ" "$missing"; fi
  if ((differ || missing)); then exit 1; fi
  exit 0
}
