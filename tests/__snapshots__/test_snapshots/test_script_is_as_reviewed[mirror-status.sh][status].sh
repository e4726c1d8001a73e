#!/usr/bin/env bash
# status.sh says of each object of the lab mirror whether it is as declared; netc wrote it from mirror.net.
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
  object 'mirror.net:5  netns server' 1 'alias netc mirror' ip -n server -o link show dev lo
  object 'mirror.net:6  netns client' 1 'alias netc mirror' ip -n client -o link show dev lo
  object 'mirror.net:7  netns analyser' 1 'alias netc mirror' ip -n analyser -o link show dev lo
  object 'mirror.net:4  bridge host:sw' 3 UP '02:2d:c6:fc:00:05 brd' 'group 1800526318' ip -d -o link show dev sw
  object 'mirror.net:5  veth host:server' 3 UP 'master sw' 'group 1800526318' ip -d -o link show dev server
  object 'mirror.net:5  address 10.0.0.1/24 of server:eth0' 1 10.0.0.1/24 ip -n server -o addr show dev eth0
  object 'mirror.net:5  veth server:eth0' 2 UP 'group 1800526318' ip -n server -d -o link show dev eth0
  object 'mirror.net:6  veth host:client' 3 UP 'master sw' 'group 1800526318' ip -d -o link show dev client
  object 'mirror.net:6  address 10.0.0.2/24 of client:eth0' 1 10.0.0.2/24 ip -n client -o addr show dev eth0
  object 'mirror.net:6  veth client:eth0' 2 UP 'group 1800526318' ip -n client -d -o link show dev eth0
  object 'mirror.net:7  veth host:tap' 2 UP 'group 1800526318' ip -d -o link show dev tap
  object 'mirror.net:7  veth analyser:probe' 2 UP 'group 1800526318' ip -n analyser -d -o link show dev probe
  object 'mirror.net:9  clsact of host:server' 1 clsact tc qdisc show dev server
  object 'mirror.net:9  mirror of host:server (ingress) to tap' 2 'pref 1' '(Egress Mirror to device tap)' tc filter show dev server ingress
  object 'mirror.net:9  mirror of host:server (egress) to tap' 2 'pref 1' '(Egress Mirror to device tap)' tc filter show dev server egress

  if [[ -z $quiet ]]; then printf '%s as declared, %s differ, %s missing\n' "$fine" "$differ" "$missing"; fi
  if ((differ || missing)); then exit 1; fi
  exit 0
}
