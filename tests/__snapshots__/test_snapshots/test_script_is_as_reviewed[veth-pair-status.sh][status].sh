#!/usr/bin/env bash
# status.sh says of each object of the lab veth-pair whether it is as declared; netc wrote it from veth-pair.net.
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
  object 'veth-pair.net:4  netns ns1' 1 'alias netc veth-pair' ip -n ns1 -o link show dev lo
  object 'veth-pair.net:5  netns ns2' 1 'alias netc veth-pair' ip -n ns2 -o link show dev lo
  object 'veth-pair.net:7  address 1.1.1.1/24 of ns1:veth-ns1' 1 1.1.1.1/24 ip -n ns1 -o addr show dev veth-ns1
  object 'veth-pair.net:7  veth ns1:veth-ns1' 2 UP 'group 225373886' ip -n ns1 -d -o link show dev veth-ns1
  object 'veth-pair.net:7  address 1.1.1.2/24 of ns2:veth-ns2' 1 1.1.1.2/24 ip -n ns2 -o addr show dev veth-ns2
  object 'veth-pair.net:7  veth ns2:veth-ns2' 2 UP 'group 225373886' ip -n ns2 -d -o link show dev veth-ns2

  if [[ -z $quiet ]]; then printf '%s as declared, %s differ, %s missing\n' "$fine" "$differ" "$missing"; fi
  if ((differ || missing)); then exit 1; fi
  exit 0
}
