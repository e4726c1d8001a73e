#!/usr/bin/env bash
# status.sh says of each object of the lab calico-cross-subnet on the host router whether it is as declared; netc wrote it from calico-cross-subnet.net.
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
  object 'calico-cross-subnet.net:38  sysctl net.ipv4.ip_forward of router' 1 1 sysctl -n net.ipv4.ip_forward
  object 'calico-cross-subnet.net:38  sysctl net.ipv6.conf.all.forwarding of router' 1 1 sysctl -n net.ipv6.conf.all.forwarding

  if [[ -z $quiet ]]; then printf '%s as declared, %s differ, %s missing\n' "$fine" "$differ" "$missing"; fi
  if ((differ || missing)); then exit 1; fi
  exit 0
}
