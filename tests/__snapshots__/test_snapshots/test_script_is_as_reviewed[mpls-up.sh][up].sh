#!/usr/bin/env bash
# up.sh brings up the lab mpls; netc wrote it from mpls.net. Run it as root. down.sh undoes it.
# up.sh -q says nothing but errors; up.sh -n prints the commands and runs none.
#
#   netns  device  addresses    joined
#   a      eth0    10.1.0.2/24  to edge1:a
#   b      eth0    10.2.0.2/24  to edge2:b
#   edge1  a       10.1.0.1/24  to a:eth0
#   edge1  core    10.0.1.1/24  to core1:edge
#   edge2  core    10.0.3.2/24  to core2:edge
#   edge2  b       10.2.0.1/24  to b:eth0
#   core1  edge    10.0.1.2/24  to edge1:core
#   core1  core    10.0.2.1/24  to core2:core
#   core2  core    10.0.2.2/24  to core1:core
#   core2  edge    10.0.3.1/24  to edge2:core
#
# The host itself is changed by, until down.sh:
#   modprobe mpls_router  (mpls.net:18)
# shellcheck disable=SC2016,SC2043,SC2317,SC2329 # a $ of the lab's own; a loop over one name; functions for traps
{
  # --- frame: the same text in every lab, explained in docs/scripts.md
  set -Eeuo pipefail
  trap : PIPE
  script=up.sh quiet='' dry=''
  tell() { printf '%s: %s\n' "$script" "$*" >&2 || :; }
  case $* in '') ;; -q) quiet=1 ;; -n) dry=1 ;; *) tell 'usage: up.sh [-q] [-n]' && exit 2 ;; esac
  lab=mpls plan=2766421de1e0bdb8 made='' refused='' here='mpls.net:2  lab mpls' bad=0
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
    if ours_netns core2; then users core2 && undone 'mpls.net:9  netns core2' ip netns del core2; fi
    if ours_netns core1; then users core1 && undone 'mpls.net:8  netns core1' ip netns del core1; fi
    if ours_netns edge2; then users edge2 && undone 'mpls.net:7  netns edge2' ip netns del edge2; fi
    if ours_netns edge1; then users edge1 && undone 'mpls.net:6  netns edge1' ip netns del edge1; fi
    if ours_netns b; then users b && undone 'mpls.net:5  netns b' ip netns del b; fi
    if ours_netns a; then users a && undone 'mpls.net:4  netns a' ip netns del a; fi
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
    for name in flock ip modprobe sysctl unshare; do type -P "$name" >/dev/null || refuse "this lab needs the command $name, which is not here"; done
    if ((bad)); then exit 1; fi
    root=$(readlink /proc/self/ns/net)
    root=/run/netc/${root//[!0-9]/} state=$root/$lab
    exec 9</proc/self/ns/net
    flock -w 300 9 # one up.sh or down.sh at a time on this host
    boot=$(</proc/sys/kernel/random/boot_id)
    if [[ -e $state/boot && $(<"$state/boot") != "$boot" ]]; then rm -rf "$state"; fi # it outlived a reboot
    if [[ -e $state/up && $(<"$state/up") == "$plan" ]] && ours_netns a; then trap - EXIT && say "the lab $lab is up already" && exit 0; fi
    if [[ -e $state ]]; then refuse "the lab $lab is up as another version of it, or only in part: run down.sh first" && exit 1; fi
    for name in a b edge1 edge2 core1 core2; do [[ ! -e /run/netns/$name ]] || refuse "there is a namespace $name, which is not the lab's"; done
    [[ -z $(ip -o link show group 1629522568) ]] || refuse 'there is a device of link group 1629522568, the mark of this lab'
    unshare --net ip link add name probe type veth || refuse 'this kernel cannot make a veth (mpls.net:10  veth a:eth0 10.1.0.2/24 -- edge1:a 10.1.0.1/24)'
    [[ -d /sys/module/mpls_router ]] || modprobe -n -q mpls_router || refuse 'this kernel has no module mpls_router (mpls.net:18)'
    if ((bad)); then exit 1; fi
    made=1
    (umask 022 && mkdir -p "$root") # the first change; nobody else may write there, or they could put in an `undo` of theirs
    mkdir -m 700 "$state"
    printf '%s\n' "$boot" >"$state/boot"
    declare -f undo undone ours_netns users >"$state/undo.new"
    mv "$state/undo.new" "$state/undo" # down.sh goes by it, even if its own file has changed by then
  fi

  # --- the lab

  at 'mpls.net:18  mpls 100 as 200/7000 via 10.0.2.2'
  modprobe mpls_router

  at 'mpls.net:4  netns a'
  unshare --net sh -c 'ip link set dev lo alias "$0" up && exec ip netns attach "$1" $$' 'netc mpls' a

  at 'mpls.net:5  netns b'
  unshare --net sh -c 'ip link set dev lo alias "$0" up && exec ip netns attach "$1" $$' 'netc mpls' b

  at 'mpls.net:6  netns edge1'
  unshare --net sh -c 'ip link set dev lo alias "$0" up && exec ip netns attach "$1" $$' 'netc mpls' edge1

  at 'mpls.net:7  netns edge2'
  unshare --net sh -c 'ip link set dev lo alias "$0" up && exec ip netns attach "$1" $$' 'netc mpls' edge2

  at 'mpls.net:8  netns core1'
  unshare --net sh -c 'ip link set dev lo alias "$0" up && exec ip netns attach "$1" $$' 'netc mpls' core1

  at 'mpls.net:9  netns core2'
  unshare --net sh -c 'ip link set dev lo alias "$0" up && exec ip netns attach "$1" $$' 'netc mpls' core2

  at 'mpls.net:6  forward ipv4'
  ip netns exec edge1 sysctl -qw net.ipv4.ip_forward=1

  at 'mpls.net:7  forward ipv4'
  ip netns exec edge2 sysctl -qw net.ipv4.ip_forward=1

  at 'mpls.net:18  mpls 100 as 200/7000 via 10.0.2.2'
  ip netns exec core1 sysctl -qw net.mpls.platform_labels=202

  at 'mpls.net:19  mpls 200 via 10.0.3.2'
  ip netns exec core2 sysctl -qw net.mpls.platform_labels=201

  at 'mpls.net:20  mpls 7000 dev lo'
  ip netns exec edge2 sysctl -qw net.mpls.platform_labels=7001

  at 'mpls.net:10  veth a:eth0 10.1.0.2/24 -- edge1:a 10.1.0.1/24'
  ip -n a link add name eth0 group 1629522568 type veth peer name a group 1629522568 netns edge1
  ip -n a addr add 10.1.0.2/24 brd + dev eth0
  ip -n a link set dev eth0 alias 'netc mpls mpls.net:10' up
  ip -n edge1 addr add 10.1.0.1/24 brd + dev a
  ip -n edge1 link set dev a alias 'netc mpls mpls.net:10' up

  at 'mpls.net:11  veth edge1:core 10.0.1.1/24 -- core1:edge 10.0.1.2/24'
  ip -n edge1 link add name core group 1629522568 type veth peer name edge group 1629522568 netns core1
  ip -n edge1 addr add 10.0.1.1/24 brd + dev core
  ip -n edge1 link set dev core alias 'netc mpls mpls.net:11' up
  ip -n core1 addr add 10.0.1.2/24 brd + dev edge
  ip -n core1 link set dev edge alias 'netc mpls mpls.net:11' up

  at 'mpls.net:12  veth core1:core 10.0.2.1/24 -- core2:core 10.0.2.2/24'
  ip -n core1 link add name core group 1629522568 type veth peer name core group 1629522568 netns core2
  ip -n core1 addr add 10.0.2.1/24 brd + dev core
  ip -n core1 link set dev core alias 'netc mpls mpls.net:12' up
  ip -n core2 addr add 10.0.2.2/24 brd + dev core
  ip -n core2 link set dev core alias 'netc mpls mpls.net:12' up

  at 'mpls.net:13  veth core2:edge 10.0.3.1/24 -- edge2:core 10.0.3.2/24'
  ip -n core2 link add name edge group 1629522568 type veth peer name core group 1629522568 netns edge2
  ip -n core2 addr add 10.0.3.1/24 brd + dev edge
  ip -n core2 link set dev edge alias 'netc mpls mpls.net:13' up
  ip -n edge2 addr add 10.0.3.2/24 brd + dev core
  ip -n edge2 link set dev core alias 'netc mpls mpls.net:13' up

  at 'mpls.net:14  veth edge2:b 10.2.0.1/24 -- b:eth0 10.2.0.2/24'
  ip -n edge2 link add name b group 1629522568 type veth peer name eth0 group 1629522568 netns b
  ip -n edge2 addr add 10.2.0.1/24 brd + dev b
  ip -n edge2 link set dev b alias 'netc mpls mpls.net:14' up
  ip -n b addr add 10.2.0.2/24 brd + dev eth0
  ip -n b link set dev eth0 alias 'netc mpls mpls.net:14' up

  at 'mpls.net:18  mpls 100 as 200/7000 via 10.0.2.2'
  ip netns exec core1 sysctl -qw net.mpls.conf.edge.input=1
  ip netns exec core1 sysctl -qw net.mpls.conf.core.input=1

  at 'mpls.net:19  mpls 200 via 10.0.3.2'
  ip netns exec core2 sysctl -qw net.mpls.conf.core.input=1
  ip netns exec core2 sysctl -qw net.mpls.conf.edge.input=1

  at 'mpls.net:20  mpls 7000 dev lo'
  ip netns exec edge2 sysctl -qw net.mpls.conf.core.input=1
  ip netns exec edge2 sysctl -qw net.mpls.conf.b.input=1

  at 'mpls.net:4  route default via 10.1.0.1'
  ip -n a route add default via 10.1.0.1 dev eth0

  at 'mpls.net:5  route default via 10.2.0.1'
  ip -n b route add default via 10.2.0.1 dev eth0

  at 'mpls.net:17  route 10.2.0.0/24 encap mpls 100 via 10.0.1.2'
  ip -n edge1 route add 10.2.0.0/24 encap mpls 100 via 10.0.1.2 dev core

  at 'mpls.net:23  route 10.1.0.0/24 encap mpls 101 via 10.0.3.1'
  ip -n edge2 route add 10.1.0.0/24 encap mpls 101 via 10.0.3.1 dev core

  at 'mpls.net:18  mpls 100 as 200/7000 via 10.0.2.2'
  ip -n core1 -f mpls route add 100 as 200/7000 via inet 10.0.2.2

  at 'mpls.net:25  mpls 201 via 10.0.1.1'
  ip -n core1 -f mpls route add 201 via inet 10.0.1.1

  at 'mpls.net:19  mpls 200 via 10.0.3.2'
  ip -n core2 -f mpls route add 200 via inet 10.0.3.2

  at 'mpls.net:24  mpls 101 as 201 via 10.0.2.1 dev core'
  ip -n core2 -f mpls route add 101 as 201 via inet 10.0.2.1 dev core

  at 'mpls.net:20  mpls 7000 dev lo'
  ip -n edge2 -f mpls route add 7000 dev lo

  # --- it is up
  if [[ -n $dry ]]; then exit 0; fi
  trap '' HUP INT QUIT TERM
  printf '%s\n' "$plan" >"$state/up"
  trap - EXIT && say "the lab $lab is up"
  exit 0
}
