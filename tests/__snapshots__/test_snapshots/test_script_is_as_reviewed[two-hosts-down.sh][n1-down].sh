#!/usr/bin/env bash
# down.sh takes down the lab two-hosts on the host n1; netc wrote it from two-hosts.net. Run it as root; -q says nothing but errors.
# It removes what up.sh made and still carries the lab's mark; stopped half-way, it goes on when it is run again.
# shellcheck disable=SC2016,SC2317,SC2329 # a $ of a command of its own; it does not see that traps call functions
{
  # --- frame: the same text in every lab, explained in docs/scripts.md
  set -Eeuo pipefail
  trap : PIPE
  script=down.sh quiet=''
  tell() { printf '%s: %s\n' "$script" "$*" >&2 || :; }
  case $* in '') ;; -q) quiet=1 ;; *) tell 'usage: down.sh [-q]' && exit 2 ;; esac
  lab=two-hosts here='two-hosts.net:2  lab two-hosts' bad=0
  say() { if [[ -z $quiet ]]; then tell "$*"; fi; }
  at() { here=$1 && if [[ -z $quiet ]]; then printf '%s\n' "$here" >&2 || :; fi; }
  ours_link() { # LINK: whether there is one of that name that carries the lab's mark, its group
    local seen
    seen=$(ip -o link show dev "$1" group 1639157458 2>&1) || if [[ $seen != *'does not exist'* ]]; then bad=1 && tell "$seen"; fi
    [[ $seen == *": $1"[@:]* ]]
  }
  ours_netns() { # NETNS: whether it is there and carries the lab's mark, the alias of its lo
    local seen
    if [[ ! -e /run/netns/$1 ]]; then return 1; fi
    seen=$(ip -o -n "$1" link show dev lo 2>&1) || case $seen in
      *'Invalid argument'*) if [[ -e $state ]]; then return 0; fi ;; # a name that a killed `ip netns attach` left
      *) bad=1 && tell "$seen" ;;
    esac
    [[ $seen == *"alias netc $lab" ]]
  }
  users() { for pid in $(ip netns pids "$1"); do tell "process $pid, which is not the lab's, is still in $1: left alone"; done; }
  ours() { # PATTERN COMMAND...: whether a line that COMMAND prints matches
    local line lines
    lines=$("${@:2}") || { bad=1 && tell "at $here: this failed: ${*:2}"; }
    # shellcheck disable=SC2053
    while IFS= read -r line; do if [[ $line == $1 ]]; then return 0; fi; done <<<"$lines"
    return 1
  }
  renamed() { # COMMAND...: removes links with the lab's mark and alias that have another name than the lab gave them
    local line name
    while IFS= read -r line; do
      name=${line#*: } && name=${name%%[@:]*}
      if [[ $line == *"alias netc $lab "* ]]; then undone "the renamed device $name" "$@" "$name"; fi
    done <<<"$(ip -o link show group 1639157458)"
  }
  held() { # FILE: prints, as WANTED|OLD, what another lab that is up noted of FILE, if FILE is as that lab wants it
    local notes file wanted old now
    now=$(<"$1") && now=${now//$'\t'/ }
    for notes in "$root"/*/sysctl; do
      if [[ $notes == "$state/sysctl" || ! -e $notes ]]; then continue; fi
      while IFS='|' read -r wanted old file; do
        if [[ $file == "$1" && $wanted == "$now" ]]; then printf '%s\n' "$wanted|$old" && return; fi
      done <"$notes"
    done
    return 1
  }
  restore() { # writes back what note noted, unless another lab holds it or someone else has changed it
    local file wanted old now
    local -A noted=() written=() target=()
    if [[ ! -e $state/sysctl ]]; then return 0; fi
    while IFS='|' read -r wanted old file; do
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
  undone() { at "$1" && if ! "${@:2}"; then bad=1; fi; }
  undo() { # removes what is there and carries the lab's mark, last made first
    if ours '10.1.2.0/24 !(*metric *)' ip -N route show table main proto 122; then undone 'two-hosts.net:12  route 10.1.2.0/24 via 192.168.50.12' ip route del 10.1.2.0/24 via 192.168.50.12 dev eth0 proto 122; fi
    if ours_link b-eth0; then undone 'two-hosts.net:11  veth eth0 10.1.1.3/24 -- br0' ip link del dev b-eth0; fi
    if ours_link a-eth0; then undone 'two-hosts.net:10  veth eth0 10.1.1.2/24 -- br0' ip link del dev a-eth0; fi
    if ours_link br0; then undone 'two-hosts.net:9  bridge br0 10.1.1.1/24' ip link del dev br0; fi
    if ours_netns b; then users b && undone 'two-hosts.net:11  netns b' ip netns del b; fi
    if ours_netns a; then users a && undone 'two-hosts.net:10  netns a' ip netns del a; fi
    renamed ip link del dev
    restore
  }
  undo_all() { # undoes it all and forgets it; tries twice, since what goes with its namespace goes a moment later
    bad=0 && undo
    if ((bad)); then sleep 0.5 && bad=0 && undo; fi
    ((bad == 0)) && rm -rf "$state" && if [[ -e $root ]]; then rmdir --ignore-fail-on-non-empty "$root"; fi # others may be in it
  }
  trap 'tell "FAILED with status $? at $here: $BASH_COMMAND"' EXIT
  if ((EUID)); then tell 'run me as root' && trap - EXIT && exit 1; fi
  root=$(readlink /proc/self/ns/net)
  root=/run/netc/${root//[!0-9]/} state=$root/$lab
  exec 9</proc/self/ns/net
  flock -w 300 9 # one up.sh or down.sh at a time on this host
  boot=$(</proc/sys/kernel/random/boot_id)
  if [[ -e $state/boot && $(<"$state/boot") != "$boot" ]]; then rm -rf "$state"; fi # it outlived a reboot
  was='not up' before=$here
  if [[ -e $state ]]; then was=down; fi
  if [[ -e $state/undo ]]; then
    # shellcheck disable=SC1091
    . "$state/undo" # as up.sh made it
  fi
  trap - EXIT && set +e
  if ! undo_all; then tell "the lab $lab is not quite down: run down.sh again" && exit 1; fi
  if [[ $here != "$before" ]]; then was=down; fi
  say "the lab $lab is $was"
  exit 0
}
