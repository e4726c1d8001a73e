#!/usr/bin/env bash
# status.sh says of each object of the lab shaped-link whether it is as declared; netc wrote it from shaped-link.net.
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
  object 'shaped-link.net:4  netns office' 1 'alias netc shaped-link' ip -n office -o link show dev lo
  object 'shaped-link.net:5  netns provider' 1 'alias netc shaped-link' ip -n provider -o link show dev lo
  object 'shaped-link.net:6  address 10.0.0.1/30 of office:line' 1 10.0.0.1/30 ip -n office -o addr show dev line
  object 'shaped-link.net:6  veth office:line' 2 UP 'group 292709167' ip -n office -d -o link show dev line
  object 'shaped-link.net:6  address 10.0.0.2/30 of provider:line' 1 10.0.0.2/30 ip -n provider -o addr show dev line
  object 'shaped-link.net:6  veth provider:line' 2 UP 'group 292709167' ip -n provider -d -o link show dev line
  object 'shaped-link.net:10  ifb office:ifb-line' 2 UP 'group 292709167' ip -n office -d -o link show dev ifb-line
  object 'shaped-link.net:10  clsact of office:line' 1 clsact tc -n office qdisc show dev line
  object 'shaped-link.net:9  tbf of office:line' 2 'qdisc tbf 1:' 'rate 2Mbit' tc -n office qdisc show dev line
  object 'shaped-link.net:10  tbf of office:ifb-line' 2 'qdisc tbf 1:' 'rate 10Mbit' tc -n office qdisc show dev ifb-line
  object 'shaped-link.net:10  ingress of office:line' 2 'pref 100' '(Egress Redirect to device ifb-line)' tc -n office filter show dev line ingress

  if [[ -z $quiet ]]; then printf '%s as declared, %s differ, %s missing\n' "$fine" "$differ" "$missing"; fi
  if ((differ || missing)); then exit 1; fi
  exit 0
}
