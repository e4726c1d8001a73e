#!/usr/bin/env bash
# up.sh brings up the lab isolated-ports; netc wrote it from isolated-ports.net. Run it as root. down.sh undoes it.
# up.sh -q says nothing but errors; up.sh -n prints the commands and runs none.
#
#   netns    device       addresses     joined
#   sw       br0          -             bridge
#   sw       uplink       -             in br0, to gateway:eth0
#   sw       guest1-eth0  -             in br0, to guest1:eth0
#   sw       guest2-eth0  -             in br0, to guest2:eth0
#   sw       guest3-eth0  -             in br0, to guest3:eth0
#   gateway  eth0         10.0.0.1/24   to sw:uplink
#   guest1   eth0         10.0.0.11/24  to sw:guest1-eth0
#   guest2   eth0         10.0.0.12/24  to sw:guest2-eth0
#   guest3   eth0         10.0.0.13/24  to sw:guest3-eth0
# shellcheck disable=SC2016,SC2043,SC2317,SC2329 # a $ of the lab's own; a loop over one name; functions for traps
{
  # --- frame: the same text in every lab, explained in docs/scripts.md
  set -Eeuo pipefail
  trap : PIPE
  script=up.sh quiet='' dry=''
  tell() { printf '%s: %s\n' "$script" "$*" >&2 || :; }
  case $* in '') ;; -q) quiet=1 ;; -n) dry=1 ;; *) tell 'usage: up.sh [-q] [-n]' && exit 2 ;; esac
  lab=isolated-ports plan=e0ca85dd19e830b0 made='' refused='' here='isolated-ports.net:2  lab isolated-ports' bad=0
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
    if ours_netns guest3; then users guest3 && undone 'isolated-ports.net:8  netns guest3' ip netns del guest3; fi
    if ours_netns guest2; then users guest2 && undone 'isolated-ports.net:8  netns guest2' ip netns del guest2; fi
    if ours_netns guest1; then users guest1 && undone 'isolated-ports.net:8  netns guest1' ip netns del guest1; fi
    if ours_netns gateway; then users gateway && undone 'isolated-ports.net:5  netns gateway' ip netns del gateway; fi
    if ours_netns sw; then users sw && undone 'isolated-ports.net:4  netns sw' ip netns del sw; fi
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
    for name in sw gateway guest1 guest2 guest3; do [[ ! -e /run/netns/$name ]] || refuse "there is a namespace $name, which is not the lab's"; done
    [[ -z $(ip -o link show group 607672923) ]] || refuse 'there is a device of link group 607672923, the mark of this lab'
    unshare --net ip link add name probe type bridge || refuse 'this kernel cannot make a bridge (isolated-ports.net:4  bridge br0)'
    unshare --net ip link add name probe type veth || refuse 'this kernel cannot make a veth (isolated-ports.net:5  veth eth0 10.0.0.1/24 -- sw:br0:uplink)'
    if ((bad)); then exit 1; fi
    made=1
    (umask 022 && mkdir -p "$root") # the first change; nobody else may write there, or they could put in an `undo` of theirs
    mkdir -m 700 "$state"
    printf '%s\n' "$boot" >"$state/boot"
    declare -f undo undone ours_netns users >"$state/undo.new"
    mv "$state/undo.new" "$state/undo" # down.sh goes by it, even if its own file has changed by then
  fi

  # --- the lab

  at 'isolated-ports.net:4  netns sw'
  unshare --net sh -c 'ip link set dev lo alias "$0" up && exec ip netns attach "$1" $$' 'netc isolated-ports' sw

  at 'isolated-ports.net:5  netns gateway'
  unshare --net sh -c 'ip link set dev lo alias "$0" up && exec ip netns attach "$1" $$' 'netc isolated-ports' gateway

  at 'isolated-ports.net:8  netns guest1'
  unshare --net sh -c 'ip link set dev lo alias "$0" up && exec ip netns attach "$1" $$' 'netc isolated-ports' guest1

  at 'isolated-ports.net:8  netns guest2'
  unshare --net sh -c 'ip link set dev lo alias "$0" up && exec ip netns attach "$1" $$' 'netc isolated-ports' guest2

  at 'isolated-ports.net:8  netns guest3'
  unshare --net sh -c 'ip link set dev lo alias "$0" up && exec ip netns attach "$1" $$' 'netc isolated-ports' guest3

  at 'isolated-ports.net:4  bridge br0'
  ip -n sw link add name br0 address 02:bb:3b:e3:93:51 group 607672923 type bridge
  ip -n sw link set dev br0 alias 'netc isolated-ports isolated-ports.net:4'

  at 'isolated-ports.net:5  veth eth0 10.0.0.1/24 -- sw:br0:uplink'
  ip -n gateway link add name eth0 group 607672923 type veth peer name uplink group 607672923 netns sw
  ip -n gateway addr add 10.0.0.1/24 brd + dev eth0
  ip -n gateway link set dev eth0 alias 'netc isolated-ports isolated-ports.net:5' up
  ip -n sw link set dev uplink alias 'netc isolated-ports isolated-ports.net:5' master br0 up
  ip -n sw link set dev uplink type bridge_slave guard on

  at 'isolated-ports.net:8  veth eth0 10.0.0.11/24 -- sw:br0'
  ip -n guest1 link add name eth0 group 607672923 type veth peer name guest1-eth0 group 607672923 netns sw
  ip -n guest1 addr add 10.0.0.11/24 brd + dev eth0
  ip -n guest1 link set dev eth0 alias 'netc isolated-ports isolated-ports.net:8' up
  ip -n sw link set dev guest1-eth0 alias 'netc isolated-ports isolated-ports.net:8' master br0 up
  ip -n sw link set dev guest1-eth0 type bridge_slave isolated on mcast_flood off

  at 'isolated-ports.net:8  veth eth0 10.0.0.12/24 -- sw:br0'
  ip -n guest2 link add name eth0 group 607672923 type veth peer name guest2-eth0 group 607672923 netns sw
  ip -n guest2 addr add 10.0.0.12/24 brd + dev eth0
  ip -n guest2 link set dev eth0 alias 'netc isolated-ports isolated-ports.net:8' up
  ip -n sw link set dev guest2-eth0 alias 'netc isolated-ports isolated-ports.net:8' master br0 up
  ip -n sw link set dev guest2-eth0 type bridge_slave isolated on mcast_flood off

  at 'isolated-ports.net:8  veth eth0 10.0.0.13/24 -- sw:br0'
  ip -n guest3 link add name eth0 group 607672923 type veth peer name guest3-eth0 group 607672923 netns sw
  ip -n guest3 addr add 10.0.0.13/24 brd + dev eth0
  ip -n guest3 link set dev eth0 alias 'netc isolated-ports isolated-ports.net:8' up
  ip -n sw link set dev guest3-eth0 alias 'netc isolated-ports isolated-ports.net:8' master br0 up
  ip -n sw link set dev guest3-eth0 type bridge_slave isolated on mcast_flood off

  at 'isolated-ports.net:4  bridge br0'
  ip -n sw link set dev br0 up

  # --- it is up
  if [[ -n $dry ]]; then exit 0; fi
  trap '' HUP INT QUIT TERM
  printf '%s\n' "$plan" >"$state/up"
  trap - EXIT && say "the lab $lab is up"
  exit 0
}
