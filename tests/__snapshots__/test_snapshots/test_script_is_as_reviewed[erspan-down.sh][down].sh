#!/usr/bin/env bash
# down.sh takes down the lab erspan; netc wrote it from erspan.net. Run it as root; -q says nothing but errors.
# It removes what up.sh made and still carries the lab's mark; stopped half-way, it goes on when it is run again.
# shellcheck disable=SC2016,SC2317,SC2329 # a $ of a command of its own; it does not see that traps call functions
{
  # --- frame: the same text in every lab, explained in docs/scripts.md
  set -Eeuo pipefail
  trap : PIPE
  script=down.sh quiet=''
  tell() { printf '%s: %s\n' "$script" "$*" >&2 || :; }
  case $* in '') ;; -q) quiet=1 ;; *) tell 'usage: down.sh [-q]' && exit 2 ;; esac
  lab=erspan here='erspan.net:3  lab erspan' bad=0
  say() { if [[ -z $quiet ]]; then tell "$*"; fi; }
  at() { here=$1 && if [[ -z $quiet ]]; then printf '%s\n' "$here" >&2 || :; fi; }
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
  undone() { at "$1" && if ! "${@:2}"; then bad=1; fi; }
  undo() { # removes what is there and carries the lab's mark, last made first
    if ours_netns analyser; then users analyser && undone 'erspan.net:14  netns analyser' ip netns del analyser; fi
    if ours_netns r; then users r && undone 'erspan.net:13  netns r' ip netns del r; fi
    if ours_netns client; then users client && undone 'erspan.net:11  netns client' ip netns del client; fi
    if ours_netns server; then users server && undone 'erspan.net:10  netns server' ip netns del server; fi
    if ours_netns sw; then users sw && undone 'erspan.net:5  netns sw' ip netns del sw; fi
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
