#!/usr/bin/env bash
# up.sh brings up the lab shaped-link; netc wrote it from shaped-link.net. Run it as root. down.sh undoes it.
# up.sh -q says nothing but errors; up.sh -n prints the commands and runs none.
#
#   netns     device    addresses    joined
#   office    line      10.0.0.1/30  to provider:line
#   office    ifb-line  -            ifb
#   provider  line      10.0.0.2/30  to office:line
# shellcheck disable=SC2016,SC2043,SC2317,SC2329 # a $ of the lab's own; a loop over one name; functions for traps
{
  # --- frame: the same text in every lab, explained in docs/scripts.md
  set -Eeuo pipefail
  trap : PIPE
  script=up.sh quiet='' dry=''
  tell() { printf '%s: %s\n' "$script" "$*" >&2 || :; }
  case $* in '') ;; -q) quiet=1 ;; -n) dry=1 ;; *) tell 'usage: up.sh [-q] [-n]' && exit 2 ;; esac
  lab=shaped-link plan=ebd311a1f8494ef9 made='' refused='' here='shaped-link.net:2  lab shaped-link' bad=0
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
    if ours_netns provider; then users provider && undone 'shaped-link.net:5  netns provider' ip netns del provider; fi
    if ours_netns office; then users office && undone 'shaped-link.net:4  netns office' ip netns del office; fi
  }
  undo_all() { # undoes it all and forgets it; tries twice, since what goes with its namespace goes a moment later
    bad=0 && undo
    if ((bad)); then sleep 0.5 && bad=0 && undo; fi
    ((bad == 0)) && rm -rf "$state" && if [[ -e $root ]]; then rmdir --ignore-fail-on-non-empty "$root"; fi # others may be in it
  }
  finish() { # STATUS COMMAND: the way out of whatever goes wrong: tells it, and undoes what was done
    trap '' HUP INT QUIT TERM && trap - EXIT && set +e
    if [[ -z $refused ]]; then tell "FAILED with status $1 at $here: $2"; fi
    if [[ -n $made ]] && ! undo_all; then tell 'not all of it could be undone: run down.sh'; fi
    exit "$1"
  }
  trap 'finish $? "$BASH_COMMAND"' EXIT
  trap 'exit 129' HUP && trap 'exit 130' INT && trap 'exit 131' QUIT && trap 'exit 143' TERM
  refuse() { bad=1 refused=1 && tell "$*"; }
  if [[ -n $dry ]]; then # bash prints each command and skips it
    trap - EXIT && shopt -s extdebug
    trap 'case $BASH_COMMAND in "[[ -n \$dry ]]" | "exit 0") ;; *) printf "%s\n" "$BASH_COMMAND" && ! : ;; esac' DEBUG
  else # preflight: looks, and changes nothing until it has nothing to refuse
    if ((EUID)); then refuse 'run me as root' && exit 1; fi
    for name in flock ip tc unshare; do type -P "$name" >/dev/null || refuse "this lab needs the command $name, which is not here"; done
    if ((bad)); then exit 1; fi
    root=$(readlink /proc/self/ns/net)
    root=/run/netc/${root//[!0-9]/} state=$root/$lab
    exec 9</proc/self/ns/net
    flock -w 300 9 # one up.sh or down.sh at a time on this host
    boot=$(</proc/sys/kernel/random/boot_id)
    if [[ -e $state/boot && $(<"$state/boot") != "$boot" ]]; then rm -rf "$state"; fi # it outlived a reboot
    if [[ -e $state/up && $(<"$state/up") == "$plan" ]] && ours_netns office; then trap - EXIT && say "the lab $lab is up already" && exit 0; fi
    if [[ -e $state ]]; then refuse "the lab $lab is up as another version of it, or only in part: run down.sh first" && exit 1; fi
    for name in office provider; do [[ ! -e /run/netns/$name ]] || refuse "there is a namespace $name, which is not the lab's"; done
    [[ -z $(ip -o link show group 292709167) ]] || refuse 'there is a device of link group 292709167, the mark of this lab'
    unshare --net ip link add name probe type veth || refuse 'this kernel cannot make a veth (shaped-link.net:6  veth office:line 10.0.0.1/30 -- provider:line 10.0.0.2/30)'
    unshare --net ip link add name probe type ifb || refuse 'this kernel cannot make a ifb (shaped-link.net:10  impair line)'
    unshare --net sh -c 'tc qdisc add dev lo clsact && tc filter add dev lo ingress protocol all u32 match u32 0 0 action mirred egress mirror dev lo' >/dev/null 2>&1 || refuse 'this kernel cannot mirror or redirect packets: clsact, cls_u32 or act_mirred is missing (shaped-link.net:10)'
    unshare --net tc qdisc add dev lo root tbf rate 2mbit burst 16384 latency 50ms >/dev/null 2>&1 || refuse 'this host'"'"'s tc or kernel does not take `tbf rate 2mbit burst 16384 latency 50ms` (shaped-link.net:9)'
    unshare --net tc qdisc add dev lo root tbf rate 10mbit burst 12500 latency 100ms >/dev/null 2>&1 || refuse 'this host'"'"'s tc or kernel does not take `tbf rate 10mbit burst 12500 latency 100ms` (shaped-link.net:10)'
    if ((bad)); then exit 1; fi
    made=1
    (umask 022 && mkdir -p "$root") # the first change; nobody else may write there, or they could put in an `undo` of theirs
    mkdir -m 700 "$state"
    printf '%s\n' "$boot" >"$state/boot"
    declare -f undo undone ours_netns users >"$state/undo.new"
    mv "$state/undo.new" "$state/undo" # down.sh goes by it, even if its own file has changed by then
  fi

  # --- the lab

  at 'shaped-link.net:4  netns office'
  unshare --net sh -c 'ip link set dev lo alias "$0" up && exec ip netns attach "$1" $$' 'netc shaped-link' office

  at 'shaped-link.net:5  netns provider'
  unshare --net sh -c 'ip link set dev lo alias "$0" up && exec ip netns attach "$1" $$' 'netc shaped-link' provider

  at 'shaped-link.net:6  veth office:line 10.0.0.1/30 -- provider:line 10.0.0.2/30'
  ip -n office link add name line group 292709167 type veth peer name line group 292709167 netns provider
  ip -n office addr add 10.0.0.1/30 brd + dev line
  ip -n office link set dev line alias 'netc shaped-link shaped-link.net:6' up
  ip -n provider addr add 10.0.0.2/30 brd + dev line
  ip -n provider link set dev line alias 'netc shaped-link shaped-link.net:6' up

  at 'shaped-link.net:10  impair line'
  ip -n office link add name ifb-line group 292709167 type ifb
  ip -n office link set dev ifb-line alias 'netc shaped-link shaped-link.net:10' up
  tc -n office qdisc add dev line clsact

  at 'shaped-link.net:9  impair line'
  tc -n office qdisc add dev line root handle 1: tbf rate 2mbit burst 16384 latency 50ms

  at 'shaped-link.net:10  impair line'
  tc -n office qdisc add dev ifb-line root handle 1: tbf rate 10mbit burst 12500 latency 100ms
  tc -n office filter add dev line ingress protocol all pref 100 u32 match u32 0 0 action mirred egress redirect dev ifb-line

  # --- it is up
  if [[ -n $dry ]]; then exit 0; fi
  trap '' HUP INT QUIT TERM
  printf '%s\n' "$plan" >"$state/up"
  trap - EXIT && say "the lab $lab is up"
  exit 0
}
