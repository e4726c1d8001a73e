#!/usr/bin/env bash
# down.sh takes down the lab ecmp; netc wrote it from ecmp.net. Run it as root; -q says nothing but errors.
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
  lab=ecmp here='ecmp.net:2  lab ecmp' bad=0
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
  undo() { # removes what is there and carries the lab's mark, last made first
    :
    if ours_netns right; then
      at 'ecmp.net:7  netns right'
      users right
      ip netns del right || bad=1
    fi
    if ours_netns left; then
      at 'ecmp.net:6  netns left'
      users left
      ip netns del left || bad=1
    fi
    if ours_netns b; then
      at 'ecmp.net:5  netns b'
      users b
      ip netns del b || bad=1
    fi
    if ours_netns a; then
      at 'ecmp.net:4  netns a'
      users a
      ip netns del a || bad=1
    fi
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
