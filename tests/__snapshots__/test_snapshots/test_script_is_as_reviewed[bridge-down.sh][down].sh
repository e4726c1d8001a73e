#!/usr/bin/env bash
# down.sh takes down the lab bridge; netc wrote it from bridge.net. Run it as root; -q says nothing but errors.
# It removes what up.sh made and still carries the lab's mark; stopped half-way, it goes on when it is run again.
# shellcheck disable=SC2317,SC2329 # it does not see that traps call functions
{
  # --- frame: the same text in every lab, explained in docs/scripts.md
  set -Eeuo pipefail
  umask 077
  export LC_ALL=C
  trap '' PIPE
  script=down.sh quiet=''
  tell() { printf '%s: %s\n' "$script" "$*" >&2 || :; }
  case $* in '') ;; -q) quiet=1 ;; *) tell 'usage: down.sh [-q]' && exit 2 ;; esac
  lab=bridge here='bridge.net:2  lab bridge' bad=0
  at() { here=$1 && if [[ -z $quiet ]]; then printf '%s\n' "$here" >&2; fi; }
  place() { # finds the lab's state folder, and waits its turn: one up.sh or down.sh at a time on this host
    root=$(readlink /proc/self/ns/net)
    root=/run/netc/${root//[!0-9]/}
    state=$root/$lab
    exec 9</proc/self/ns/net
    flock -w 300 9
    boot=$(</proc/sys/kernel/random/boot_id)
    if [[ -e $state/boot && $(<"$state/boot") != "$boot" ]]; then rm -rf "$state"; fi # it outlived a reboot
  }
  forget() { # removes the lab's own folder; other labs may have theirs beside it
    rm -rf "$state" && if [[ -e $root ]]; then rmdir --ignore-fail-on-non-empty "$root"; fi
  }
  ours() { # PATTERN COMMAND...: whether a line that COMMAND prints matches
    local line lines
    lines=$("${@:2}") || { bad=1 && tell "at $here: this failed: ${*:2}"; }
    while IFS= read -r line; do
      # shellcheck disable=SC2053
      if [[ $line == $1 ]]; then return 0; fi
    done <<<"$lines"
    return 1
  }
  ours_netns() { # NETNS: whether it is there and carries the lab's mark, the alias of its lo
    local seen
    if [[ ! -e /run/netns/$1 ]]; then return 1; fi
    if seen=$(ip -o -n "$1" link show dev lo 2>/dev/null); then
      [[ $seen == *"alias netc $lab" ]]
    else # a name without a namespace was left by a killed `ip netns attach`; a namespace could not be looked into
      seen=$(stat -f -c %T "/run/netns/$1") || seen=nsfs
      if [[ $seen == nsfs ]]; then bad=1; fi
      [[ $seen != nsfs && -e $state ]]
    fi
  }
  users() { # NETNS: names the processes of others that are in it
    local pid
    for pid in $(ip netns pids "$1"); do tell "process $pid, which is not the lab's, is still in $1: left alone"; done
  }
  first() { # FILE NOTES: prints what NOTES first say of FILE, as WANTED|OLD
    local file rest
    while IFS='|' read -r file rest; do
      if [[ $file == "$1" ]]; then printf '%s\n' "$rest" && return 0; fi
    done <"$2"
    return 1
  }
  held() { # FILE: prints what another lab that is up noted of FILE
    local other
    for other in "$root"/*/sysctl; do
      if [[ $other != "$state/sysctl" && -e $other ]] && first "$1" "$other"; then return 0; fi
    done
    return 1
  }
  restore() { # writes back what note noted, unless another lab needs it or someone else has changed it
    local file wanted old now
    local -A noted=() written=() target=()
    if [[ ! -e $state/sysctl ]]; then return 0; fi
    while IFS='|' read -r file wanted old; do
      if [[ -e $file ]]; then noted[$file]=$old && written[$file]+="|$wanted|"; fi
    done <"$state/sysctl"
    for file in "${!noted[@]}"; do
      now=$(<"$file") && now=${now//$'\t'/ } && target[$file]=$now
      if [[ $now == "${noted[$file]}" ]] || held "$file" >/dev/null; then continue; fi
      if [[ ${written[$file]} == *"|$now|"* ]]; then target[$file]=${noted[$file]}; else tell "$file: left at $now, which someone else wrote"; fi
    done
    for _ in 1 2; do # twice: one parameter may change others along
      for file in "${!target[@]}"; do
        now=$(<"$file") && now=${now//$'\t'/ }
        if [[ $now != "${target[$file]}" ]]; then printf '%s\n' "${target[$file]}" >"$file" || bad=1; fi
      done
    done
  }
  undo() { # removes what is there and carries the lab's mark, last made first
    :
    if ours '*: veth2[@:]*' ip -N -o link show group 1807801229; then
      at 'bridge.net:10  veth veth2-ns2 1.1.1.2/24 -- br0:veth2'
      ip link del dev veth2 || bad=1
    fi
    if ours '*: veth1[@:]*' ip -N -o link show group 1807801229; then
      at 'bridge.net:9  veth veth1-ns1 1.1.1.1/24 -- br0:veth1'
      ip link del dev veth1 || bad=1
    fi
    if ours '*: br0[@:]*' ip -N -o link show group 1807801229; then
      at 'bridge.net:4  bridge br0'
      ip link del dev br0 || bad=1
    fi
    if ours_netns ns2; then
      at 'bridge.net:10  netns ns2'
      users ns2
      ip netns del ns2 || bad=1
    fi
    if ours_netns ns1; then
      at 'bridge.net:9  netns ns1'
      users ns1
      ip netns del ns1 || bad=1
    fi
    restore
  }
  trap 'tell "FAILED with status $? at $here: $BASH_COMMAND"' EXIT
  if ((EUID)); then tell 'run me as root' && trap - EXIT && exit 1; fi
  place
  was='not up' before=$here
  if [[ -e $state/undo ]]; then
    # shellcheck disable=SC1091
    . "$state/undo" # as up.sh made it
  fi
  trap - EXIT && set +e
  undo
  if ((bad)); then sleep 0.5 && bad=0 && undo; fi # what goes with its namespace goes a moment later
  if [[ -e $state || $here != "$before" ]]; then was=down; fi
  if ((bad == 0)); then forget || bad=1; fi
  if ((bad)); then tell "the lab $lab is not quite down: run down.sh again" && exit 1; fi
  if [[ -z $quiet ]]; then tell "the lab $lab is $was"; fi
  exit 0
}
