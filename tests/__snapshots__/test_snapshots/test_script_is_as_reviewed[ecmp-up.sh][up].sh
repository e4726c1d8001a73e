#!/usr/bin/env bash
# up.sh brings up the lab ecmp; netc wrote it from ecmp.net. Run it as root. down.sh undoes it.
# up.sh -q says nothing but errors; up.sh -n prints the commands and runs none.
#
#   netns  device  addresses               joined
#   a      eth0    10.0.1.2/24 fd01::2/64  to left:lan
#   b      eth0    10.0.2.2/24 fd02::2/64  to right:lan
#   left   lan     10.0.1.1/24 fd01::1/64  to a:eth0
#   left   up0     10.1.0.1/30 fd10::1/64  to right:up0
#   left   up1     10.1.1.1/30 fd11::1/64  to right:up1
#   right  lan     10.0.2.1/24 fd02::1/64  to b:eth0
#   right  up0     10.1.0.2/30 fd10::2/64  to left:up0
#   right  up1     10.1.1.2/30 fd11::2/64  to left:up1
# shellcheck disable=SC2016,SC2043,SC2317,SC2329 # a $ of the lab's own; a loop over one name; functions for traps
{
  # --- frame: the same text in every lab, explained in docs/scripts.md
  set -Eeuo pipefail
  trap : PIPE
  script=up.sh quiet='' dry=''
  tell() { printf '%s: %s\n' "$script" "$*" >&2 || :; }
  case $* in '') ;; -q) quiet=1 ;; -n) dry=1 ;; *) tell 'usage: up.sh [-q] [-n]' && exit 2 ;; esac
  lab=ecmp plan=2036d4a5dc5613ec made='' refused='' here='ecmp.net:2  lab ecmp' bad=0
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
    if ours_netns right; then users right && undone 'ecmp.net:7  netns right' ip netns del right; fi
    if ours_netns left; then users left && undone 'ecmp.net:6  netns left' ip netns del left; fi
    if ours_netns b; then users b && undone 'ecmp.net:5  netns b' ip netns del b; fi
    if ours_netns a; then users a && undone 'ecmp.net:4  netns a' ip netns del a; fi
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
    for name in flock ip sysctl unshare; do type -P "$name" >/dev/null || refuse "this lab needs the command $name, which is not here"; done
    if ((bad)); then exit 1; fi
    root=$(readlink /proc/self/ns/net)
    root=/run/netc/${root//[!0-9]/} state=$root/$lab
    exec 9</proc/self/ns/net
    flock -w 300 9 # one up.sh or down.sh at a time on this host
    boot=$(</proc/sys/kernel/random/boot_id)
    if [[ -e $state/boot && $(<"$state/boot") != "$boot" ]]; then rm -rf "$state"; fi # it outlived a reboot
    if [[ -e $state/up && $(<"$state/up") == "$plan" ]] && ours_netns a; then trap - EXIT && say "the lab $lab is up already" && exit 0; fi
    if [[ -e $state ]]; then refuse "the lab $lab is up as another version of it, or only in part: run down.sh first" && exit 1; fi
    for name in a b left right; do [[ ! -e /run/netns/$name ]] || refuse "there is a namespace $name, which is not the lab's"; done
    [[ -z $(ip -o link show group 250888005) ]] || refuse 'there is a device of link group 250888005, the mark of this lab'
    unshare --net ip link add name probe type veth || refuse 'this kernel cannot make a veth (ecmp.net:8  veth a:eth0 10.0.1.2/24 fd01::2/64 -- left:lan 10.0.1.1/24 fd01...'
    if ((bad)); then exit 1; fi
    made=1
    (umask 022 && mkdir -p "$root") # the first change; nobody else may write there, or they could put in an `undo` of theirs
    mkdir -m 700 "$state"
    printf '%s\n' "$boot" >"$state/boot"
    declare -f undo undone ours_netns users >"$state/undo.new"
    mv "$state/undo.new" "$state/undo" # down.sh goes by it, even if its own file has changed by then
  fi

  # --- the lab

  at 'ecmp.net:4  netns a'
  unshare --net sh -c 'ip link set dev lo alias "$0" up && exec ip netns attach "$1" $$' 'netc ecmp' a

  at 'ecmp.net:5  netns b'
  unshare --net sh -c 'ip link set dev lo alias "$0" up && exec ip netns attach "$1" $$' 'netc ecmp' b

  at 'ecmp.net:6  netns left'
  unshare --net sh -c 'ip link set dev lo alias "$0" up && exec ip netns attach "$1" $$' 'netc ecmp' left

  at 'ecmp.net:7  netns right'
  unshare --net sh -c 'ip link set dev lo alias "$0" up && exec ip netns attach "$1" $$' 'netc ecmp' right

  at 'ecmp.net:6  forward ipv4 ipv6'
  ip netns exec left sysctl -qw net.ipv4.ip_forward=1
  ip netns exec left sysctl -qw net.ipv6.conf.all.forwarding=1

  at 'ecmp.net:7  forward ipv4 ipv6'
  ip netns exec right sysctl -qw net.ipv4.ip_forward=1
  ip netns exec right sysctl -qw net.ipv6.conf.all.forwarding=1

  at 'ecmp.net:18  sysctl net.ipv4.fib_multipath_hash_policy = 1'
  ip netns exec left sysctl -qw net.ipv4.fib_multipath_hash_policy=1

  at 'ecmp.net:8  veth a:eth0 10.0.1.2/24 fd01::2/64 -- left:lan 10.0.1.1/24 fd01::1/64'
  ip -n a link add name eth0 group 250888005 type veth peer name lan group 250888005 netns left
  ip -n a addr add 10.0.1.2/24 brd + dev eth0
  ip -n a addr add fd01::2/64 dev eth0 nodad
  ip -n a link set dev eth0 alias 'netc ecmp ecmp.net:8' up
  ip -n left addr add 10.0.1.1/24 brd + dev lan
  ip -n left addr add fd01::1/64 dev lan nodad
  ip -n left link set dev lan alias 'netc ecmp ecmp.net:8' up

  at 'ecmp.net:9  veth b:eth0 10.0.2.2/24 fd02::2/64 -- right:lan 10.0.2.1/24 fd02::1/64'
  ip -n b link add name eth0 group 250888005 type veth peer name lan group 250888005 netns right
  ip -n b addr add 10.0.2.2/24 brd + dev eth0
  ip -n b addr add fd02::2/64 dev eth0 nodad
  ip -n b link set dev eth0 alias 'netc ecmp ecmp.net:9' up
  ip -n right addr add 10.0.2.1/24 brd + dev lan
  ip -n right addr add fd02::1/64 dev lan nodad
  ip -n right link set dev lan alias 'netc ecmp ecmp.net:9' up

  at 'ecmp.net:10  veth left:up0 10.1.0.1/30 fd10::1/64 -- right:up0 10.1.0.2/30 fd10::2/64'
  ip -n left link add name up0 group 250888005 type veth peer name up0 group 250888005 netns right
  ip -n left addr add 10.1.0.1/30 brd + dev up0
  ip -n left addr add fd10::1/64 dev up0 nodad
  ip -n left link set dev up0 alias 'netc ecmp ecmp.net:10' up
  ip -n right addr add 10.1.0.2/30 brd + dev up0
  ip -n right addr add fd10::2/64 dev up0 nodad
  ip -n right link set dev up0 alias 'netc ecmp ecmp.net:10' up

  at 'ecmp.net:11  veth left:up1 10.1.1.1/30 fd11::1/64 -- right:up1 10.1.1.2/30 fd11::2/64'
  ip -n left link add name up1 group 250888005 type veth peer name up1 group 250888005 netns right
  ip -n left addr add 10.1.1.1/30 brd + dev up1
  ip -n left addr add fd11::1/64 dev up1 nodad
  ip -n left link set dev up1 alias 'netc ecmp ecmp.net:11' up
  ip -n right addr add 10.1.1.2/30 brd + dev up1
  ip -n right addr add fd11::2/64 dev up1 nodad
  ip -n right link set dev up1 alias 'netc ecmp ecmp.net:11' up

  at 'ecmp.net:13  route default via 10.0.1.1'
  ip -n a route add default via 10.0.1.1 dev eth0

  at 'ecmp.net:13  route default via fd01::1'
  ip -n a -6 route add default via fd01::1 dev eth0

  at 'ecmp.net:14  route default via 10.0.2.1'
  ip -n b route add default via 10.0.2.1 dev eth0

  at 'ecmp.net:14  route default via fd02::1 mtu 1400'
  ip -n b -6 route add default via fd02::1 dev eth0 mtu 1400

  at 'ecmp.net:16  route 10.0.2.0/24 nexthop via 10.1.0.2 weight 2 nexthop via 10.1.1.2'
  ip -n left route add 10.0.2.0/24 nexthop via 10.1.0.2 dev up0 weight 2 nexthop via 10.1.1.2 dev up1

  at 'ecmp.net:17  route fd02::/64 nexthop via fd10::2 weight 2 nexthop via fd11::2'
  ip -n left -6 route add fd02::/64 nexthop via fd10::2 dev up0 weight 2 nexthop via fd11::2 dev up1

  at 'ecmp.net:21  route 10.0.1.0/24 nexthop via 10.1.0.1 weight 2 nexthop via 10.1.1.1'
  ip -n right route add 10.0.1.0/24 nexthop via 10.1.0.1 dev up0 weight 2 nexthop via 10.1.1.1 dev up1

  at 'ecmp.net:22  route fd01::/64 nexthop via inet6 fd10::1 weight 2 nexthop via fd11::1 dev up1'
  ip -n right -6 route add fd01::/64 nexthop via fd10::1 dev up0 weight 2 nexthop via fd11::1 dev up1

  # --- it is up
  if [[ -n $dry ]]; then exit 0; fi
  trap '' HUP INT QUIT TERM
  printf '%s\n' "$plan" >"$state/up"
  trap - EXIT && say "the lab $lab is up"
  exit 0
}
