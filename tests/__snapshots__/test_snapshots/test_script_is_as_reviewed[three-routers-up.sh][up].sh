#!/usr/bin/env bash
# up.sh brings up the lab three-routers; netc wrote it from three-routers.net. Run it as root. down.sh undoes it.
# up.sh -q says nothing but errors; up.sh -n prints the commands and runs none.
#
#   netns  device  addresses                       joined
#   a      eth0    10.0.1.2/24 fd00:0:0:1::2/64    to r1:lan
#   r1     lan     10.0.1.1/24 fd00:0:0:1::1/64    to a:eth0
#   r1     east    10.0.12.1/24 fd00:0:0:12::1/64  to r2:west
#   r2     west    10.0.12.2/24 fd00:0:0:12::2/64  to r1:east
#   r2     east    10.0.23.2/24 fd00:0:0:23::2/64  to r3:west
#   r3     west    10.0.23.3/24 fd00:0:0:23::3/64  to r2:east
#   r3     lan     10.0.3.1/24 fd00:0:0:3::1/64    to b:eth0
#   b      eth0    10.0.3.2/24 fd00:0:0:3::2/64    to r3:lan
# shellcheck disable=SC2016,SC2043,SC2317,SC2329 # a $ of the lab's own; a loop over one name; functions for traps
{
  # --- frame: the same text in every lab, explained in docs/scripts.md
  set -Eeuo pipefail
  trap : PIPE
  script=up.sh quiet='' dry=''
  tell() { printf '%s: %s\n' "$script" "$*" >&2 || :; }
  case $* in '') ;; -q) quiet=1 ;; -n) dry=1 ;; *) tell 'usage: up.sh [-q] [-n]' && exit 2 ;; esac
  lab=three-routers plan=7ff2f1f4b5db8303 made='' refused='' here='three-routers.net:2  lab three-routers' bad=0
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
    if ours_netns b; then users b && undone 'three-routers.net:8  netns b' ip netns del b; fi
    if ours_netns r3; then users r3 && undone 'three-routers.net:7  netns r3' ip netns del r3; fi
    if ours_netns r2; then users r2 && undone 'three-routers.net:6  netns r2' ip netns del r2; fi
    if ours_netns r1; then users r1 && undone 'three-routers.net:5  netns r1' ip netns del r1; fi
    if ours_netns a; then users a && undone 'three-routers.net:4  netns a' ip netns del a; fi
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
    for name in a r1 r2 r3 b; do [[ ! -e /run/netns/$name ]] || refuse "there is a namespace $name, which is not the lab's"; done
    [[ -z $(ip -o link show group 72422164) ]] || refuse 'there is a device of link group 72422164, the mark of this lab'
    unshare --net ip link add name probe type veth || refuse 'this kernel cannot make a veth (three-routers.net:10  veth a:eth0 10.0.1.2/24 fd00:0:0:1::2/64 -- r1:lan 10...'
    if ((bad)); then exit 1; fi
    made=1
    (umask 022 && mkdir -p "$root") # the first change; nobody else may write there, or they could put in an `undo` of theirs
    mkdir -m 700 "$state"
    printf '%s\n' "$boot" >"$state/boot"
    declare -f undo undone ours_netns users >"$state/undo.new"
    mv "$state/undo.new" "$state/undo" # down.sh goes by it, even if its own file has changed by then
  fi

  # --- the lab

  at 'three-routers.net:4  netns a'
  unshare --net sh -c 'ip link set dev lo alias "$0" up && exec ip netns attach "$1" $$' 'netc three-routers' a

  at 'three-routers.net:5  netns r1'
  unshare --net sh -c 'ip link set dev lo alias "$0" up && exec ip netns attach "$1" $$' 'netc three-routers' r1

  at 'three-routers.net:6  netns r2'
  unshare --net sh -c 'ip link set dev lo alias "$0" up && exec ip netns attach "$1" $$' 'netc three-routers' r2

  at 'three-routers.net:7  netns r3'
  unshare --net sh -c 'ip link set dev lo alias "$0" up && exec ip netns attach "$1" $$' 'netc three-routers' r3

  at 'three-routers.net:8  netns b'
  unshare --net sh -c 'ip link set dev lo alias "$0" up && exec ip netns attach "$1" $$' 'netc three-routers' b

  at 'three-routers.net:5  forward ipv4 ipv6'
  ip netns exec r1 sysctl -qw net.ipv4.ip_forward=1
  ip netns exec r1 sysctl -qw net.ipv6.conf.all.forwarding=1

  at 'three-routers.net:6  forward ipv4 ipv6'
  ip netns exec r2 sysctl -qw net.ipv4.ip_forward=1
  ip netns exec r2 sysctl -qw net.ipv6.conf.all.forwarding=1

  at 'three-routers.net:7  forward ipv4 ipv6'
  ip netns exec r3 sysctl -qw net.ipv4.ip_forward=1
  ip netns exec r3 sysctl -qw net.ipv6.conf.all.forwarding=1

  at 'three-routers.net:10  veth a:eth0 10.0.1.2/24 fd00:0:0:1::2/64 -- r1:lan 10.0.1.1/24 fd00:0:0:1::1/64'
  ip -n a link add name eth0 group 72422164 type veth peer name lan group 72422164 netns r1
  ip -n a addr add 10.0.1.2/24 brd + dev eth0
  ip -n a addr add fd00:0:0:1::2/64 dev eth0 nodad
  ip -n a link set dev eth0 alias 'netc three-routers three-routers.net:10' up
  ip -n r1 addr add 10.0.1.1/24 brd + dev lan
  ip -n r1 addr add fd00:0:0:1::1/64 dev lan nodad
  ip -n r1 link set dev lan alias 'netc three-routers three-routers.net:10' up

  at 'three-routers.net:11  veth r1:east 10.0.12.1/24 fd00:0:0:12::1/64 -- r2:west 10.0.12.2/24 fd00:0:0:12::2/64'
  ip -n r1 link add name east group 72422164 type veth peer name west group 72422164 netns r2
  ip -n r1 addr add 10.0.12.1/24 brd + dev east
  ip -n r1 addr add fd00:0:0:12::1/64 dev east nodad
  ip -n r1 link set dev east alias 'netc three-routers three-routers.net:11' up
  ip -n r2 addr add 10.0.12.2/24 brd + dev west
  ip -n r2 addr add fd00:0:0:12::2/64 dev west nodad
  ip -n r2 link set dev west alias 'netc three-routers three-routers.net:11' up

  at 'three-routers.net:12  veth r2:east 10.0.23.2/24 fd00:0:0:23::2/64 -- r3:west 10.0.23.3/24 fd00:0:0:23::3/64'
  ip -n r2 link add name east group 72422164 type veth peer name west group 72422164 netns r3
  ip -n r2 addr add 10.0.23.2/24 brd + dev east
  ip -n r2 addr add fd00:0:0:23::2/64 dev east nodad
  ip -n r2 link set dev east alias 'netc three-routers three-routers.net:12' up
  ip -n r3 addr add 10.0.23.3/24 brd + dev west
  ip -n r3 addr add fd00:0:0:23::3/64 dev west nodad
  ip -n r3 link set dev west alias 'netc three-routers three-routers.net:12' up

  at 'three-routers.net:13  veth r3:lan 10.0.3.1/24 fd00:0:0:3::1/64 -- b:eth0 10.0.3.2/24 fd00:0:0:3::2/64'
  ip -n r3 link add name lan group 72422164 type veth peer name eth0 group 72422164 netns b
  ip -n r3 addr add 10.0.3.1/24 brd + dev lan
  ip -n r3 addr add fd00:0:0:3::1/64 dev lan nodad
  ip -n r3 link set dev lan alias 'netc three-routers three-routers.net:13' up
  ip -n b addr add 10.0.3.2/24 brd + dev eth0
  ip -n b addr add fd00:0:0:3::2/64 dev eth0 nodad
  ip -n b link set dev eth0 alias 'netc three-routers three-routers.net:13' up

  at 'three-routers.net:15  route default via 10.0.1.1'
  ip -n a route add default via 10.0.1.1 dev eth0

  at 'three-routers.net:15  route default via fd00:0:0:1::1'
  ip -n a -6 route add default via fd00:0:0:1::1 dev eth0

  at 'three-routers.net:16  route default via 10.0.3.1'
  ip -n b route add default via 10.0.3.1 dev eth0

  at 'three-routers.net:16  route default via fd00:0:0:3::1'
  ip -n b -6 route add default via fd00:0:0:3::1 dev eth0

  at 'three-routers.net:17  route default via 10.0.12.2'
  ip -n r1 route add default via 10.0.12.2 dev east

  at 'three-routers.net:17  route default via fd00:0:0:12::2'
  ip -n r1 -6 route add default via fd00:0:0:12::2 dev east

  at 'three-routers.net:18  route default via 10.0.23.2'
  ip -n r3 route add default via 10.0.23.2 dev west

  at 'three-routers.net:18  route default via fd00:0:0:23::2'
  ip -n r3 -6 route add default via fd00:0:0:23::2 dev west

  at 'three-routers.net:20  route 10.0.1.0/24 via 10.0.12.1'
  ip -n r2 route add 10.0.1.0/24 via 10.0.12.1 dev west

  at 'three-routers.net:21  route 10.0.3.0/24 via 10.0.23.3'
  ip -n r2 route add 10.0.3.0/24 via 10.0.23.3 dev east

  at 'three-routers.net:22  route fd00:0:0:1::/64 via fd00:0:0:12::1'
  ip -n r2 -6 route add fd00:0:0:1::/64 via fd00:0:0:12::1 dev west

  at 'three-routers.net:23  route fd00:0:0:3::/64 via fd00:0:0:23::3'
  ip -n r2 -6 route add fd00:0:0:3::/64 via fd00:0:0:23::3 dev east

  # --- it is up
  if [[ -n $dry ]]; then exit 0; fi
  trap '' HUP INT QUIT TERM
  printf '%s\n' "$plan" >"$state/up"
  trap - EXIT && say "the lab $lab is up"
  exit 0
}
