#!/usr/bin/env bash
# status.sh says of each object of the lab program whether it is as declared; netc wrote it from program.net.
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
  object 'program.net:5  netns a' 1 'alias netc program' ip -n a -o link show dev lo
  object 'program.net:6  netns b' 1 'alias netc program' ip -n b -o link show dev lo
  object 'program.net:7  netns c' 1 'alias netc program' ip -n c -o link show dev lo
  object 'program.net:8  netns d' 1 'alias netc program' ip -n d -o link show dev lo
  object 'program.net:9  netns e' 1 'alias netc program' ip -n e -o link show dev lo
  object 'program.net:10  address 10.1.0.1/30 of a:b' 1 10.1.0.1/30 ip -n a -o addr show dev b
  object 'program.net:10  veth a:b' 2 UP 'group 804891207' ip -n a -d -o link show dev b
  object 'program.net:10  address 10.1.0.2/30 of b:eth0' 1 10.1.0.2/30 ip -n b -o addr show dev eth0
  object 'program.net:10  veth b:eth0' 2 UP 'group 804891207' ip -n b -d -o link show dev eth0
  object 'program.net:11  address 10.2.0.1/30 of a:c' 1 10.2.0.1/30 ip -n a -o addr show dev c
  object 'program.net:11  veth a:c' 2 UP 'group 804891207' ip -n a -d -o link show dev c
  object 'program.net:11  address 10.2.0.2/30 of c:eth0' 1 10.2.0.2/30 ip -n c -o addr show dev eth0
  object 'program.net:11  veth c:eth0' 2 UP 'group 804891207' ip -n c -d -o link show dev eth0
  object 'program.net:12  address 10.3.0.1/30 of a:d' 1 10.3.0.1/30 ip -n a -o addr show dev d
  object 'program.net:12  veth a:d' 2 UP 'group 804891207' ip -n a -d -o link show dev d
  object 'program.net:12  address 10.3.0.2/30 of d:eth0' 1 10.3.0.2/30 ip -n d -o addr show dev eth0
  object 'program.net:12  veth d:eth0' 2 UP 'group 804891207' ip -n d -d -o link show dev eth0
  object 'program.net:13  address 10.4.0.1/30 of a:e' 1 10.4.0.1/30 ip -n a -o addr show dev e
  object 'program.net:13  veth a:e' 2 UP 'group 804891207' ip -n a -d -o link show dev e
  object 'program.net:13  address 10.4.0.2/30 of e:eth0' 1 10.4.0.2/30 ip -n e -o addr show dev eth0
  object 'program.net:13  veth e:eth0' 2 UP 'group 804891207' ip -n e -d -o link show dev eth0
  object 'program.net:16  xdp program of b:eth0' 1 prog/xdp ip -n b -o link show dev eth0
  object 'program.net:17  ingress program of b:eth0' 3 bpf 'pref 10' 'pref 10' tc -n b filter show dev eth0 ingress
  object 'program.net:18  egress program of b:eth0' 1 bpf tc -n b filter show dev eth0 egress
  object 'program.net:20  xdpgeneric program of c:eth0' 1 prog/xdp ip -n c -o link show dev eth0
  object 'program.net:21  ingress program of d:eth0' 1 bpf tc -n d filter show dev eth0 ingress
  object 'program.net:22  egress program of e:eth0' 1 bpf tc -n e filter show dev eth0 egress

  if [[ -z $quiet ]]; then printf '%s as declared, %s differ, %s missing\n' "$fine" "$differ" "$missing"; fi
  if ((differ || missing)); then exit 1; fi
  exit 0
}
