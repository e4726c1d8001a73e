#!/usr/bin/env bash
# up.sh brings up the lab routing-auto; netc wrote it from routing-auto.net. Run it as root. down.sh undoes it.
# up.sh -q says nothing but errors; up.sh -n prints the commands and runs none.
#
#   netns  device  addresses                     joined
#   r1     r2      10.0.12.1/30 fd00:0:12::1/64  to r2:r1
#   r1     r4      10.0.41.2/30                  to r4:r1
#   r1     lan     10.1.0.1/24 fd00:1::1/64      to a:eth0
#   r2     r1      10.0.12.2/30 fd00:0:12::2/64  to r1:r2
#   r2     r3      10.0.23.1/30 fd00:0:23::1/64  to r3:r2
#   r3     r2      10.0.23.2/30 fd00:0:23::2/64  to r2:r3
#   r3     r4      10.0.34.1/30                  to r4:r3
#   r3     lan     10.3.0.1/24 fd00:3::1/64      to b:eth0
#   r4     lo      10.255.0.4/32                 lo
#   r4     r3      10.0.34.2/30                  to r3:r4
#   r4     r1      10.0.41.1/30                  to r1:r4
#   a      eth0    10.1.0.2/24 fd00:1::2/64      to r1:lan
#   b      eth0    10.3.0.2/24 fd00:3::2/64      to r3:lan
# shellcheck disable=SC2016,SC2043,SC2317,SC2329 # a $ of the lab's own; a loop over one name; functions for traps
{
  # --- frame: the same text in every lab, explained in docs/scripts.md
  set -Eeuo pipefail
  trap : PIPE
  script=up.sh quiet='' dry=''
  tell() { printf '%s: %s\n' "$script" "$*" >&2 || :; }
  case $* in '') ;; -q) quiet=1 ;; -n) dry=1 ;; *) tell 'usage: up.sh [-q] [-n]' && exit 2 ;; esac
  lab=routing-auto plan=246fbb37c702bfd6 made='' refused='' here='routing-auto.net:3  lab routing-auto' bad=0
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
    if ours_netns b; then users b && undone 'routing-auto.net:7  netns b' ip netns del b; fi
    if ours_netns a; then users a && undone 'routing-auto.net:6  netns a' ip netns del a; fi
    if ours_netns r4; then users r4 && undone 'routing-auto.net:5  netns r4' ip netns del r4; fi
    if ours_netns r3; then users r3 && undone 'routing-auto.net:5  netns r3' ip netns del r3; fi
    if ours_netns r2; then users r2 && undone 'routing-auto.net:5  netns r2' ip netns del r2; fi
    if ours_netns r1; then users r1 && undone 'routing-auto.net:5  netns r1' ip netns del r1; fi
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
    if [[ -e $state/up && $(<"$state/up") == "$plan" ]] && ours_netns r1; then trap - EXIT && say "the lab $lab is up already" && exit 0; fi
    if [[ -e $state ]]; then refuse "the lab $lab is up as another version of it, or only in part: run down.sh first" && exit 1; fi
    for name in r1 r2 r3 r4 a b; do [[ ! -e /run/netns/$name ]] || refuse "there is a namespace $name, which is not the lab's"; done
    [[ -z $(ip -o link show group 1973787476) ]] || refuse 'there is a device of link group 1973787476, the mark of this lab'
    unshare --net ip link add name probe type veth || refuse 'this kernel cannot make a veth (routing-auto.net:9  veth r1:r2 10.0.12.1/30 fd00:0:12::1/64 -- r2:r1 10.0.1...'
    if ((bad)); then exit 1; fi
    made=1
    (umask 022 && mkdir -p "$root") # the first change; nobody else may write there, or they could put in an `undo` of theirs
    mkdir -m 700 "$state"
    printf '%s\n' "$boot" >"$state/boot"
    declare -f undo undone ours_netns users >"$state/undo.new"
    mv "$state/undo.new" "$state/undo" # down.sh goes by it, even if its own file has changed by then
  fi

  # --- the lab

  at 'routing-auto.net:5  netns r1'
  unshare --net sh -c 'ip link set dev lo alias "$0" up && exec ip netns attach "$1" $$' 'netc routing-auto' r1

  at 'routing-auto.net:5  netns r2'
  unshare --net sh -c 'ip link set dev lo alias "$0" up && exec ip netns attach "$1" $$' 'netc routing-auto' r2

  at 'routing-auto.net:5  netns r3'
  unshare --net sh -c 'ip link set dev lo alias "$0" up && exec ip netns attach "$1" $$' 'netc routing-auto' r3

  at 'routing-auto.net:5  netns r4'
  unshare --net sh -c 'ip link set dev lo alias "$0" up && exec ip netns attach "$1" $$' 'netc routing-auto' r4

  at 'routing-auto.net:6  netns a'
  unshare --net sh -c 'ip link set dev lo alias "$0" up && exec ip netns attach "$1" $$' 'netc routing-auto' a

  at 'routing-auto.net:7  netns b'
  unshare --net sh -c 'ip link set dev lo alias "$0" up && exec ip netns attach "$1" $$' 'netc routing-auto' b

  at 'routing-auto.net:5  forward ipv4 ipv6'
  ip netns exec r1 sysctl -qw net.ipv4.ip_forward=1
  ip netns exec r1 sysctl -qw net.ipv6.conf.all.forwarding=1

  at 'routing-auto.net:5  forward ipv4 ipv6'
  ip netns exec r2 sysctl -qw net.ipv4.ip_forward=1
  ip netns exec r2 sysctl -qw net.ipv6.conf.all.forwarding=1

  at 'routing-auto.net:5  forward ipv4 ipv6'
  ip netns exec r3 sysctl -qw net.ipv4.ip_forward=1
  ip netns exec r3 sysctl -qw net.ipv6.conf.all.forwarding=1

  at 'routing-auto.net:5  forward ipv4 ipv6'
  ip netns exec r4 sysctl -qw net.ipv4.ip_forward=1
  ip netns exec r4 sysctl -qw net.ipv6.conf.all.forwarding=1

  at 'routing-auto.net:9  veth r1:r2 10.0.12.1/30 fd00:0:12::1/64 -- r2:r1 10.0.12.2/30 fd00:0:12::2/64'
  ip -n r1 link add name r2 group 1973787476 type veth peer name r1 group 1973787476 netns r2
  ip -n r1 addr add 10.0.12.1/30 brd + dev r2
  ip -n r1 addr add fd00:0:12::1/64 dev r2 nodad
  ip -n r1 link set dev r2 alias 'netc routing-auto routing-auto.net:9' up
  ip -n r2 addr add 10.0.12.2/30 brd + dev r1
  ip -n r2 addr add fd00:0:12::2/64 dev r1 nodad
  ip -n r2 link set dev r1 alias 'netc routing-auto routing-auto.net:9' up

  at 'routing-auto.net:10  veth r2:r3 10.0.23.1/30 fd00:0:23::1/64 -- r3:r2 10.0.23.2/30 fd00:0:23::2/64'
  ip -n r2 link add name r3 group 1973787476 type veth peer name r2 group 1973787476 netns r3
  ip -n r2 addr add 10.0.23.1/30 brd + dev r3
  ip -n r2 addr add fd00:0:23::1/64 dev r3 nodad
  ip -n r2 link set dev r3 alias 'netc routing-auto routing-auto.net:10' up
  ip -n r3 addr add 10.0.23.2/30 brd + dev r2
  ip -n r3 addr add fd00:0:23::2/64 dev r2 nodad
  ip -n r3 link set dev r2 alias 'netc routing-auto routing-auto.net:10' up

  at 'routing-auto.net:11  veth r3:r4 10.0.34.1/30 -- r4:r3 10.0.34.2/30'
  ip -n r3 link add name r4 group 1973787476 type veth peer name r3 group 1973787476 netns r4
  ip -n r3 addr add 10.0.34.1/30 brd + dev r4
  ip -n r3 link set dev r4 alias 'netc routing-auto routing-auto.net:11' up
  ip -n r4 addr add 10.0.34.2/30 brd + dev r3
  ip -n r4 link set dev r3 alias 'netc routing-auto routing-auto.net:11' up

  at 'routing-auto.net:12  veth r4:r1 10.0.41.1/30 -- r1:r4 10.0.41.2/30'
  ip -n r4 link add name r1 group 1973787476 type veth peer name r4 group 1973787476 netns r1
  ip -n r4 addr add 10.0.41.1/30 brd + dev r1
  ip -n r4 link set dev r1 alias 'netc routing-auto routing-auto.net:12' up
  ip -n r1 addr add 10.0.41.2/30 brd + dev r4
  ip -n r1 link set dev r4 alias 'netc routing-auto routing-auto.net:12' up

  at 'routing-auto.net:13  veth r1:lan 10.1.0.1/24 fd00:1::1/64 -- a:eth0 10.1.0.2/24 fd00:1::2/64'
  ip -n r1 link add name lan group 1973787476 type veth peer name eth0 group 1973787476 netns a
  ip -n r1 addr add 10.1.0.1/24 brd + dev lan
  ip -n r1 addr add fd00:1::1/64 dev lan nodad
  ip -n r1 link set dev lan alias 'netc routing-auto routing-auto.net:13' up
  ip -n a addr add 10.1.0.2/24 brd + dev eth0
  ip -n a addr add fd00:1::2/64 dev eth0 nodad
  ip -n a link set dev eth0 alias 'netc routing-auto routing-auto.net:13' up

  at 'routing-auto.net:14  veth r3:lan 10.3.0.1/24 fd00:3::1/64 -- b:eth0 10.3.0.2/24 fd00:3::2/64'
  ip -n r3 link add name lan group 1973787476 type veth peer name eth0 group 1973787476 netns b
  ip -n r3 addr add 10.3.0.1/24 brd + dev lan
  ip -n r3 addr add fd00:3::1/64 dev lan nodad
  ip -n r3 link set dev lan alias 'netc routing-auto routing-auto.net:14' up
  ip -n b addr add 10.3.0.2/24 brd + dev eth0
  ip -n b addr add fd00:3::2/64 dev eth0 nodad
  ip -n b link set dev eth0 alias 'netc routing-auto routing-auto.net:14' up

  at 'routing-auto.net:15  address lo 10.255.0.4/32'
  ip -n r4 addr add 10.255.0.4/32 dev lo

  at 'routing-auto.net:18  route blackhole 10.3.0.0/24'
  ip -n r4 route add blackhole 10.3.0.0/24

  at 'routing-auto.net:17  route 10.0.23.0/30 via 10.0.12.2'
  ip -n r1 route add 10.0.23.0/30 via 10.0.12.2 dev r2

  at 'routing-auto.net:17  route 10.0.34.0/30 via 10.0.41.1'
  ip -n r1 route add 10.0.34.0/30 via 10.0.41.1 dev r4

  at 'routing-auto.net:17  route 10.3.0.0/24 via 10.0.12.2'
  ip -n r1 route add 10.3.0.0/24 via 10.0.12.2 dev r2

  at 'routing-auto.net:17  route 10.255.0.4/32 via 10.0.41.1'
  ip -n r1 route add 10.255.0.4 via 10.0.41.1 dev r4

  at 'routing-auto.net:17  route fd00:0:23::/64 via fd00:0:12::2'
  ip -n r1 -6 route add fd00:0:23::/64 via fd00:0:12::2 dev r2

  at 'routing-auto.net:17  route fd00:3::/64 via fd00:0:12::2'
  ip -n r1 -6 route add fd00:3::/64 via fd00:0:12::2 dev r2

  at 'routing-auto.net:17  route 10.0.34.0/30 via 10.0.23.2'
  ip -n r2 route add 10.0.34.0/30 via 10.0.23.2 dev r3

  at 'routing-auto.net:17  route 10.0.41.0/30 via 10.0.12.1'
  ip -n r2 route add 10.0.41.0/30 via 10.0.12.1 dev r1

  at 'routing-auto.net:17  route 10.1.0.0/24 via 10.0.12.1'
  ip -n r2 route add 10.1.0.0/24 via 10.0.12.1 dev r1

  at 'routing-auto.net:17  route 10.3.0.0/24 via 10.0.23.2'
  ip -n r2 route add 10.3.0.0/24 via 10.0.23.2 dev r3

  at 'routing-auto.net:17  route 10.255.0.4/32 via 10.0.12.1'
  ip -n r2 route add 10.255.0.4 via 10.0.12.1 dev r1

  at 'routing-auto.net:17  route fd00:1::/64 via fd00:0:12::1'
  ip -n r2 -6 route add fd00:1::/64 via fd00:0:12::1 dev r1

  at 'routing-auto.net:17  route fd00:3::/64 via fd00:0:23::2'
  ip -n r2 -6 route add fd00:3::/64 via fd00:0:23::2 dev r3

  at 'routing-auto.net:17  route 10.0.12.0/30 via 10.0.23.1'
  ip -n r3 route add 10.0.12.0/30 via 10.0.23.1 dev r2

  at 'routing-auto.net:17  route 10.0.41.0/30 via 10.0.34.2'
  ip -n r3 route add 10.0.41.0/30 via 10.0.34.2 dev r4

  at 'routing-auto.net:17  route 10.1.0.0/24 via 10.0.23.1'
  ip -n r3 route add 10.1.0.0/24 via 10.0.23.1 dev r2

  at 'routing-auto.net:17  route 10.255.0.4/32 via 10.0.34.2'
  ip -n r3 route add 10.255.0.4 via 10.0.34.2 dev r4

  at 'routing-auto.net:17  route fd00:0:12::/64 via fd00:0:23::1'
  ip -n r3 -6 route add fd00:0:12::/64 via fd00:0:23::1 dev r2

  at 'routing-auto.net:17  route fd00:1::/64 via fd00:0:23::1'
  ip -n r3 -6 route add fd00:1::/64 via fd00:0:23::1 dev r2

  at 'routing-auto.net:17  route 10.0.12.0/30 via 10.0.41.2'
  ip -n r4 route add 10.0.12.0/30 via 10.0.41.2 dev r1

  at 'routing-auto.net:17  route 10.0.23.0/30 via 10.0.34.1'
  ip -n r4 route add 10.0.23.0/30 via 10.0.34.1 dev r3

  at 'routing-auto.net:17  route 10.1.0.0/24 via 10.0.41.2'
  ip -n r4 route add 10.1.0.0/24 via 10.0.41.2 dev r1

  at 'routing-auto.net:17  route default via 10.1.0.1'
  ip -n a route add default via 10.1.0.1 dev eth0

  at 'routing-auto.net:17  route default via fd00:1::1'
  ip -n a -6 route add default via fd00:1::1 dev eth0

  at 'routing-auto.net:17  route default via 10.3.0.1'
  ip -n b route add default via 10.3.0.1 dev eth0

  at 'routing-auto.net:17  route default via fd00:3::1'
  ip -n b -6 route add default via fd00:3::1 dev eth0

  # --- it is up
  if [[ -n $dry ]]; then exit 0; fi
  trap '' HUP INT QUIT TERM
  printf '%s\n' "$plan" >"$state/up"
  trap - EXIT && say "the lab $lab is up"
  exit 0
}
