#!/usr/bin/env bash
# up.sh brings up the lab bad-link; netc wrote it from bad-link.net. Run it as root. down.sh undoes it.
# up.sh -q says nothing but errors; up.sh -n prints the commands and runs none.
#
#   netns    device   addresses       joined
#   dish     sky      10.0.0.1/30     to station:sky
#   dish     ifb-sky  -               ifb
#   dish     lan      192.168.0.1/24  to home:eth0
#   station  sky      10.0.0.2/30     to dish:sky
#   home     eth0     192.168.0.2/24  to dish:lan
# shellcheck disable=SC2016,SC2043,SC2317,SC2329 # a $ of the lab's own; a loop over one name; functions for traps
{
  # --- frame: the same text in every lab, explained in docs/scripts.md
  set -Eeuo pipefail
  trap : PIPE
  script=up.sh quiet='' dry=''
  tell() { printf '%s: %s\n' "$script" "$*" >&2 || :; }
  case $* in '') ;; -q) quiet=1 ;; -n) dry=1 ;; *) tell 'usage: up.sh [-q] [-n]' && exit 2 ;; esac
  lab=bad-link plan=4e01f8e31330b7cf made='' refused='' here='bad-link.net:2  lab bad-link' bad=0
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
    if ours_netns home; then users home && undone 'bad-link.net:10  netns home' ip netns del home; fi
    if ours_netns station; then users station && undone 'bad-link.net:9  netns station' ip netns del station; fi
    if ours_netns dish; then users dish && undone 'bad-link.net:4  netns dish' ip netns del dish; fi
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
    for name in flock ip sysctl tc unshare; do type -P "$name" >/dev/null || refuse "this lab needs the command $name, which is not here"; done
    if ((bad)); then exit 1; fi
    root=$(readlink /proc/self/ns/net)
    root=/run/netc/${root//[!0-9]/} state=$root/$lab
    exec 9</proc/self/ns/net
    flock -w 300 9 # one up.sh or down.sh at a time on this host
    boot=$(</proc/sys/kernel/random/boot_id)
    if [[ -e $state/boot && $(<"$state/boot") != "$boot" ]]; then rm -rf "$state"; fi # it outlived a reboot
    if [[ -e $state/up && $(<"$state/up") == "$plan" ]] && ours_netns dish; then trap - EXIT && say "the lab $lab is up already" && exit 0; fi
    if [[ -e $state ]]; then refuse "the lab $lab is up as another version of it, or only in part: run down.sh first" && exit 1; fi
    for name in dish station home; do [[ ! -e /run/netns/$name ]] || refuse "there is a namespace $name, which is not the lab's"; done
    [[ -z $(ip -o link show group 249776343) ]] || refuse 'there is a device of link group 249776343, the mark of this lab'
    unshare --net ip link add name probe type veth || refuse 'this kernel cannot make a veth (bad-link.net:6  veth sky 10.0.0.1/30 -- station:sky 10.0.0.2/30)'
    unshare --net ip link add name probe type ifb || refuse 'this kernel cannot make a ifb (bad-link.net:7  impair sky)'
    unshare --net sh -c 'tc qdisc add dev lo clsact && tc filter add dev lo ingress protocol all u32 match u32 0 0 action mirred egress mirror dev lo' >/dev/null 2>&1 || refuse 'this kernel cannot mirror or redirect packets: clsact, cls_u32 or act_mirred is missing (bad-link.net:7)'
    unshare --net tc qdisc add dev lo root netem delay 250ms 20ms distribution normal loss 10% >/dev/null 2>&1 || refuse 'this host'"'"'s tc or kernel does not take `netem delay 250ms 20ms distribution normal loss 10%` (bad-link.net:7)'
    unshare --net tc qdisc add dev lo root tbf rate 512kbit burst 2836 latency 50ms >/dev/null 2>&1 || refuse 'this host'"'"'s tc or kernel does not take `tbf rate 512kbit burst 2836 latency 50ms` (bad-link.net:7)'
    if ((bad)); then exit 1; fi
    made=1
    (umask 022 && mkdir -p "$root") # the first change; nobody else may write there, or they could put in an `undo` of theirs
    mkdir -m 700 "$state"
    printf '%s\n' "$boot" >"$state/boot"
    declare -f undo undone ours_netns users >"$state/undo.new"
    mv "$state/undo.new" "$state/undo" # down.sh goes by it, even if its own file has changed by then
  fi

  # --- the lab

  at 'bad-link.net:4  netns dish'
  unshare --net sh -c 'ip link set dev lo alias "$0" up && exec ip netns attach "$1" $$' 'netc bad-link' dish

  at 'bad-link.net:9  netns station'
  unshare --net sh -c 'ip link set dev lo alias "$0" up && exec ip netns attach "$1" $$' 'netc bad-link' station

  at 'bad-link.net:10  netns home'
  unshare --net sh -c 'ip link set dev lo alias "$0" up && exec ip netns attach "$1" $$' 'netc bad-link' home

  at 'bad-link.net:5  forward ipv4'
  ip netns exec dish sysctl -qw net.ipv4.ip_forward=1

  at 'bad-link.net:6  veth sky 10.0.0.1/30 -- station:sky 10.0.0.2/30'
  ip -n dish link add name sky mtu 1400 group 249776343 type veth peer name sky mtu 1400 group 249776343 netns station
  ip -n dish addr add 10.0.0.1/30 brd + dev sky
  ip -n dish link set dev sky alias 'netc bad-link bad-link.net:6' up
  ip -n station addr add 10.0.0.2/30 brd + dev sky
  ip -n station link set dev sky alias 'netc bad-link bad-link.net:6' up

  at 'bad-link.net:7  impair sky'
  ip -n dish link add name ifb-sky group 249776343 type ifb
  ip -n dish link set dev ifb-sky alias 'netc bad-link bad-link.net:7' up

  at 'bad-link.net:10  veth eth0 192.168.0.2/24 -- dish:lan 192.168.0.1/24'
  ip -n home link add name eth0 group 249776343 type veth peer name lan group 249776343 netns dish
  ip -n home addr add 192.168.0.2/24 brd + dev eth0
  ip -n home link set dev eth0 alias 'netc bad-link bad-link.net:10' up
  ip -n dish addr add 192.168.0.1/24 brd + dev lan
  ip -n dish link set dev lan alias 'netc bad-link bad-link.net:10' up

  at 'bad-link.net:9  route default via 10.0.0.1'
  ip -n station route add default via 10.0.0.1 dev sky

  at 'bad-link.net:10  route default via 192.168.0.1'
  ip -n home route add default via 192.168.0.1 dev eth0

  at 'bad-link.net:7  impair sky'
  tc -n dish qdisc add dev sky clsact
  tc -n dish qdisc add dev ifb-sky root handle 1: netem delay 250ms 20ms distribution normal loss 10%
  tc -n dish qdisc add dev ifb-sky parent 1:1 handle 2: tbf rate 512kbit burst 2836 latency 50ms
  tc -n dish filter add dev sky ingress protocol all pref 100 u32 match u32 0 0 action mirred egress redirect dev ifb-sky
  tc -n dish qdisc add dev sky root handle 1: netem delay 250ms 20ms distribution normal loss 10%
  tc -n dish qdisc add dev sky parent 1:1 handle 2: tbf rate 512kbit burst 2836 latency 50ms

  # --- it is up
  if [[ -n $dry ]]; then exit 0; fi
  trap '' HUP INT QUIT TERM
  printf '%s\n' "$plan" >"$state/up"
  trap - EXIT && say "the lab $lab is up"
  exit 0
}
