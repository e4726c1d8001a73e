#!/usr/bin/env bash
# up.sh brings up the lab star; netc wrote it from star.net. Run it as root. down.sh undoes it.
# up.sh -q says nothing but errors; up.sh -n prints the commands and runs none.
#
#   netns  device   addresses    joined
#   sw     br0      -            bridge
#   sw     h1-eth0  -            in br0, to h1:eth0
#   sw     h2-eth0  -            in br0, to h2:eth0
#   sw     h3-eth0  -            in br0, to h3:eth0
#   sw     h4-eth0  -            in br0, to h4:eth0
#   sw     h5-eth0  -            in br0, to h5:eth0
#   sw     h6-eth0  -            in br0, to h6:eth0
#   sw     h7-eth0  -            in br0, to h7:eth0
#   sw     h8-eth0  -            in br0, to h8:eth0
#   h1     eth0     10.0.0.1/24  to sw:h1-eth0
#   h2     eth0     10.0.0.2/24  to sw:h2-eth0
#   h3     eth0     10.0.0.3/24  to sw:h3-eth0
#   h4     eth0     10.0.0.4/24  to sw:h4-eth0
#   h5     eth0     10.0.0.5/24  to sw:h5-eth0
#   h6     eth0     10.0.0.6/24  to sw:h6-eth0
#   h7     eth0     10.0.0.7/24  to sw:h7-eth0
#   h8     eth0     10.0.0.8/24  to sw:h8-eth0
# shellcheck disable=SC2016,SC2043,SC2317,SC2329 # a $ of the lab's own; a loop over one name; functions for traps
{
  # --- frame: the same text in every lab, explained in docs/scripts.md
  set -Eeuo pipefail
  trap : PIPE
  script=up.sh quiet='' dry=''
  tell() { printf '%s: %s\n' "$script" "$*" >&2 || :; }
  case $* in '') ;; -q) quiet=1 ;; -n) dry=1 ;; *) tell 'usage: up.sh [-q] [-n]' && exit 2 ;; esac
  lab=star plan=d116d5275576b0ef made='' refused='' here='star.net:2  lab star' bad=0
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
    if ours_netns h8; then users h8 && undone 'star.net:10  netns h8' ip netns del h8; fi
    if ours_netns h7; then users h7 && undone 'star.net:10  netns h7' ip netns del h7; fi
    if ours_netns h6; then users h6 && undone 'star.net:10  netns h6' ip netns del h6; fi
    if ours_netns h5; then users h5 && undone 'star.net:10  netns h5' ip netns del h5; fi
    if ours_netns h4; then users h4 && undone 'star.net:10  netns h4' ip netns del h4; fi
    if ours_netns h3; then users h3 && undone 'star.net:10  netns h3' ip netns del h3; fi
    if ours_netns h2; then users h2 && undone 'star.net:10  netns h2' ip netns del h2; fi
    if ours_netns h1; then users h1 && undone 'star.net:10  netns h1' ip netns del h1; fi
    if ours_netns sw; then users sw && undone 'star.net:7  netns sw' ip netns del sw; fi
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
    for name in flock ip unshare; do type -P "$name" >/dev/null || refuse "this lab needs the command $name, which is not here"; done
    if ((bad)); then exit 1; fi
    root=$(readlink /proc/self/ns/net)
    root=/run/netc/${root//[!0-9]/} state=$root/$lab
    exec 9</proc/self/ns/net
    flock -w 300 9 # one up.sh or down.sh at a time on this host
    boot=$(</proc/sys/kernel/random/boot_id)
    if [[ -e $state/boot && $(<"$state/boot") != "$boot" ]]; then rm -rf "$state"; fi # it outlived a reboot
    if [[ -e $state/up && $(<"$state/up") == "$plan" ]] && ours_netns sw; then trap - EXIT && say "the lab $lab is up already" && exit 0; fi
    if [[ -e $state ]]; then refuse "the lab $lab is up as another version of it, or only in part: run down.sh first" && exit 1; fi
    for name in sw h1 h2 h3 h4 h5 h6 h7 h8; do [[ ! -e /run/netns/$name ]] || refuse "there is a namespace $name, which is not the lab's"; done
    [[ -z $(ip -o link show group 1686670509) ]] || refuse 'there is a device of link group 1686670509, the mark of this lab'
    unshare --net ip link add name probe type bridge || refuse 'this kernel cannot make a bridge (star.net:7  bridge br0)'
    unshare --net ip link add name probe type veth || refuse 'this kernel cannot make a veth (star.net:10  veth eth0 10.0.0.1/24 -- sw:br0)'
    if ((bad)); then exit 1; fi
    made=1
    (umask 022 && mkdir -p "$root") # the first change; nobody else may write there, or they could put in an `undo` of theirs
    mkdir -m 700 "$state"
    printf '%s\n' "$boot" >"$state/boot"
    declare -f undo undone ours_netns users >"$state/undo.new"
    mv "$state/undo.new" "$state/undo" # down.sh goes by it, even if its own file has changed by then
  fi

  # --- the lab

  at 'star.net:7  netns sw'
  unshare --net sh -c 'ip link set dev lo alias "$0" up && exec ip netns attach "$1" $$' 'netc star' sw

  at 'star.net:10  netns h1'
  unshare --net sh -c 'ip link set dev lo alias "$0" up && exec ip netns attach "$1" $$' 'netc star' h1

  at 'star.net:10  netns h2'
  unshare --net sh -c 'ip link set dev lo alias "$0" up && exec ip netns attach "$1" $$' 'netc star' h2

  at 'star.net:10  netns h3'
  unshare --net sh -c 'ip link set dev lo alias "$0" up && exec ip netns attach "$1" $$' 'netc star' h3

  at 'star.net:10  netns h4'
  unshare --net sh -c 'ip link set dev lo alias "$0" up && exec ip netns attach "$1" $$' 'netc star' h4

  at 'star.net:10  netns h5'
  unshare --net sh -c 'ip link set dev lo alias "$0" up && exec ip netns attach "$1" $$' 'netc star' h5

  at 'star.net:10  netns h6'
  unshare --net sh -c 'ip link set dev lo alias "$0" up && exec ip netns attach "$1" $$' 'netc star' h6

  at 'star.net:10  netns h7'
  unshare --net sh -c 'ip link set dev lo alias "$0" up && exec ip netns attach "$1" $$' 'netc star' h7

  at 'star.net:10  netns h8'
  unshare --net sh -c 'ip link set dev lo alias "$0" up && exec ip netns attach "$1" $$' 'netc star' h8

  at 'star.net:7  bridge br0'
  ip -n sw link add name br0 address 02:d1:a8:a6:cd:c5 group 1686670509 type bridge
  ip -n sw link set dev br0 alias 'netc star star.net:7'

  at 'star.net:10  veth eth0 10.0.0.1/24 -- sw:br0'
  ip -n h1 link add name eth0 group 1686670509 type veth peer name h1-eth0 group 1686670509 netns sw
  ip -n h1 addr add 10.0.0.1/24 brd + dev eth0
  ip -n h1 link set dev eth0 alias 'netc star star.net:10' up
  ip -n sw link set dev h1-eth0 alias 'netc star star.net:10' master br0 up

  at 'star.net:10  veth eth0 10.0.0.2/24 -- sw:br0'
  ip -n h2 link add name eth0 group 1686670509 type veth peer name h2-eth0 group 1686670509 netns sw
  ip -n h2 addr add 10.0.0.2/24 brd + dev eth0
  ip -n h2 link set dev eth0 alias 'netc star star.net:10' up
  ip -n sw link set dev h2-eth0 alias 'netc star star.net:10' master br0 up

  at 'star.net:10  veth eth0 10.0.0.3/24 -- sw:br0'
  ip -n h3 link add name eth0 group 1686670509 type veth peer name h3-eth0 group 1686670509 netns sw
  ip -n h3 addr add 10.0.0.3/24 brd + dev eth0
  ip -n h3 link set dev eth0 alias 'netc star star.net:10' up
  ip -n sw link set dev h3-eth0 alias 'netc star star.net:10' master br0 up

  at 'star.net:10  veth eth0 10.0.0.4/24 -- sw:br0'
  ip -n h4 link add name eth0 group 1686670509 type veth peer name h4-eth0 group 1686670509 netns sw
  ip -n h4 addr add 10.0.0.4/24 brd + dev eth0
  ip -n h4 link set dev eth0 alias 'netc star star.net:10' up
  ip -n sw link set dev h4-eth0 alias 'netc star star.net:10' master br0 up

  at 'star.net:10  veth eth0 10.0.0.5/24 -- sw:br0'
  ip -n h5 link add name eth0 group 1686670509 type veth peer name h5-eth0 group 1686670509 netns sw
  ip -n h5 addr add 10.0.0.5/24 brd + dev eth0
  ip -n h5 link set dev eth0 alias 'netc star star.net:10' up
  ip -n sw link set dev h5-eth0 alias 'netc star star.net:10' master br0 up

  at 'star.net:10  veth eth0 10.0.0.6/24 -- sw:br0'
  ip -n h6 link add name eth0 group 1686670509 type veth peer name h6-eth0 group 1686670509 netns sw
  ip -n h6 addr add 10.0.0.6/24 brd + dev eth0
  ip -n h6 link set dev eth0 alias 'netc star star.net:10' up
  ip -n sw link set dev h6-eth0 alias 'netc star star.net:10' master br0 up

  at 'star.net:10  veth eth0 10.0.0.7/24 -- sw:br0'
  ip -n h7 link add name eth0 group 1686670509 type veth peer name h7-eth0 group 1686670509 netns sw
  ip -n h7 addr add 10.0.0.7/24 brd + dev eth0
  ip -n h7 link set dev eth0 alias 'netc star star.net:10' up
  ip -n sw link set dev h7-eth0 alias 'netc star star.net:10' master br0 up

  at 'star.net:10  veth eth0 10.0.0.8/24 -- sw:br0'
  ip -n h8 link add name eth0 group 1686670509 type veth peer name h8-eth0 group 1686670509 netns sw
  ip -n h8 addr add 10.0.0.8/24 brd + dev eth0
  ip -n h8 link set dev eth0 alias 'netc star star.net:10' up
  ip -n sw link set dev h8-eth0 alias 'netc star star.net:10' master br0 up

  at 'star.net:7  bridge br0'
  ip -n sw link set dev br0 up

  # --- it is up
  if [[ -n $dry ]]; then exit 0; fi
  trap '' HUP INT QUIT TERM
  printf '%s\n' "$plan" >"$state/up"
  trap - EXIT && say "the lab $lab is up"
  exit 0
}
