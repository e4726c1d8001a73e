#!/usr/bin/env bash
# up.sh brings up the lab srv6; netc wrote it from srv6.net. Run it as root. down.sh undoes it.
# up.sh -q says nothing but errors; up.sh -n prints the commands and runs none.
#
#   netns  device  addresses      joined
#   a      eth0    fd00:a::2/64   to r1:a
#   b      eth0    fd00:b::2/64   to r3:b
#   r1     a       fd00:a::1/64   to a:eth0
#   r1     r3      fd00:13::1/64  to r3:r1
#   r1     r2      fd00:12::1/64  to r2:r1
#   r2     r1      fd00:12::2/64  to r1:r2
#   r2     r3      fd00:23::2/64  to r3:r2
#   r3     b       fd00:b::1/64   to b:eth0
#   r3     r1      fd00:13::3/64  to r1:r3
#   r3     r2      fd00:23::3/64  to r2:r3
# shellcheck disable=SC2016,SC2043,SC2317,SC2329 # a $ of the lab's own; a loop over one name; functions for traps
{
  # --- frame: the same text in every lab, explained in docs/scripts.md
  set -Eeuo pipefail
  trap : PIPE
  script=up.sh quiet='' dry=''
  tell() { printf '%s: %s\n' "$script" "$*" >&2 || :; }
  case $* in '') ;; -q) quiet=1 ;; -n) dry=1 ;; *) tell 'usage: up.sh [-q] [-n]' && exit 2 ;; esac
  lab=srv6 plan=737b8142bc965ffe made='' refused='' here='srv6.net:2  lab srv6' bad=0
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
    if ours_netns r3; then users r3 && undone 'srv6.net:7  netns r3' ip netns del r3; fi
    if ours_netns r2; then users r2 && undone 'srv6.net:7  netns r2' ip netns del r2; fi
    if ours_netns r1; then users r1 && undone 'srv6.net:7  netns r1' ip netns del r1; fi
    if ours_netns b; then users b && undone 'srv6.net:5  netns b' ip netns del b; fi
    if ours_netns a; then users a && undone 'srv6.net:4  netns a' ip netns del a; fi
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
    for name in a b r1 r2 r3; do [[ ! -e /run/netns/$name ]] || refuse "there is a namespace $name, which is not the lab's"; done
    [[ -z $(ip -o link show group 394815313) ]] || refuse 'there is a device of link group 394815313, the mark of this lab'
    unshare --net ip link add name probe type veth || refuse 'this kernel cannot make a veth (srv6.net:9  veth a:eth0 fd00:a::2/64 -- r1:a fd00:a::1/64)'
    if ((bad)); then exit 1; fi
    made=1
    (umask 022 && mkdir -p "$root") # the first change; nobody else may write there, or they could put in an `undo` of theirs
    mkdir -m 700 "$state"
    printf '%s\n' "$boot" >"$state/boot"
    declare -f undo undone ours_netns users >"$state/undo.new"
    mv "$state/undo.new" "$state/undo" # down.sh goes by it, even if its own file has changed by then
  fi

  # --- the lab

  at 'srv6.net:4  netns a'
  unshare --net sh -c 'ip link set dev lo alias "$0" up && exec ip netns attach "$1" $$' 'netc srv6' a

  at 'srv6.net:5  netns b'
  unshare --net sh -c 'ip link set dev lo alias "$0" up && exec ip netns attach "$1" $$' 'netc srv6' b

  at 'srv6.net:7  netns r1'
  unshare --net sh -c 'ip link set dev lo alias "$0" up && exec ip netns attach "$1" $$' 'netc srv6' r1

  at 'srv6.net:7  netns r2'
  unshare --net sh -c 'ip link set dev lo alias "$0" up && exec ip netns attach "$1" $$' 'netc srv6' r2

  at 'srv6.net:7  netns r3'
  unshare --net sh -c 'ip link set dev lo alias "$0" up && exec ip netns attach "$1" $$' 'netc srv6' r3

  at 'srv6.net:7  forward ipv6'
  ip netns exec r1 sysctl -qw net.ipv6.conf.all.forwarding=1

  at 'srv6.net:7  forward ipv6'
  ip netns exec r2 sysctl -qw net.ipv6.conf.all.forwarding=1

  at 'srv6.net:7  forward ipv6'
  ip netns exec r3 sysctl -qw net.ipv6.conf.all.forwarding=1

  at 'srv6.net:9  veth a:eth0 fd00:a::2/64 -- r1:a fd00:a::1/64'
  ip -n a link add name eth0 group 394815313 type veth peer name a group 394815313 netns r1
  ip -n a addr add fd00:a::2/64 dev eth0 nodad
  ip -n a link set dev eth0 alias 'netc srv6 srv6.net:9' up
  ip -n r1 addr add fd00:a::1/64 dev a nodad
  ip -n r1 link set dev a alias 'netc srv6 srv6.net:9' up

  at 'srv6.net:10  veth b:eth0 fd00:b::2/64 -- r3:b fd00:b::1/64'
  ip -n b link add name eth0 group 394815313 type veth peer name b group 394815313 netns r3
  ip -n b addr add fd00:b::2/64 dev eth0 nodad
  ip -n b link set dev eth0 alias 'netc srv6 srv6.net:10' up
  ip -n r3 addr add fd00:b::1/64 dev b nodad
  ip -n r3 link set dev b alias 'netc srv6 srv6.net:10' up

  at 'srv6.net:11  veth r1:r3 fd00:13::1/64 -- r3:r1 fd00:13::3/64'
  ip -n r1 link add name r3 group 394815313 type veth peer name r1 group 394815313 netns r3
  ip -n r1 addr add fd00:13::1/64 dev r3 nodad
  ip -n r1 link set dev r3 alias 'netc srv6 srv6.net:11' up
  ip -n r3 addr add fd00:13::3/64 dev r1 nodad
  ip -n r3 link set dev r1 alias 'netc srv6 srv6.net:11' up

  at 'srv6.net:12  veth r1:r2 fd00:12::1/64 -- r2:r1 fd00:12::2/64'
  ip -n r1 link add name r2 group 394815313 type veth peer name r1 group 394815313 netns r2
  ip -n r1 addr add fd00:12::1/64 dev r2 nodad
  ip -n r1 link set dev r2 alias 'netc srv6 srv6.net:12' up
  ip -n r2 addr add fd00:12::2/64 dev r1 nodad
  ip -n r2 link set dev r1 alias 'netc srv6 srv6.net:12' up

  at 'srv6.net:13  veth r2:r3 fd00:23::2/64 -- r3:r2 fd00:23::3/64'
  ip -n r2 link add name r3 group 394815313 type veth peer name r2 group 394815313 netns r3
  ip -n r2 addr add fd00:23::2/64 dev r3 nodad
  ip -n r2 link set dev r3 alias 'netc srv6 srv6.net:13' up
  ip -n r3 addr add fd00:23::3/64 dev r2 nodad
  ip -n r3 link set dev r2 alias 'netc srv6 srv6.net:13' up

  at 'srv6.net:16  route fd00:b::/64 encap seg6 mode encap segs fd00:2::e fd00:3::d dev r2'
  ip -n r1 -6 route add fd00:b::/64 encap seg6 mode encap segs fd00:2::e,fd00:3::d dev r2

  at 'srv6.net:20  route fd00:2::e encap seg6local action End dev r1'
  ip -n r2 -6 route add fd00:2::e encap seg6local action End dev r1

  at 'srv6.net:24  route fd00:3::d encap seg6local action End.DT6 table 254 dev b'
  ip -n r3 -6 route add fd00:3::d encap seg6local action End.DT6 table 254 dev b

  at 'srv6.net:4  route default via fd00:a::1'
  ip -n a -6 route add default via fd00:a::1 dev eth0

  at 'srv6.net:5  route default via fd00:b::1'
  ip -n b -6 route add default via fd00:b::1 dev eth0

  at 'srv6.net:17  route fd00:2::/64 via fd00:12::2'
  ip -n r1 -6 route add fd00:2::/64 via fd00:12::2 dev r2

  at 'srv6.net:21  route fd00:3::/64 via fd00:23::3'
  ip -n r2 -6 route add fd00:3::/64 via fd00:23::3 dev r3

  at 'srv6.net:25  route fd00:a::/64 via fd00:13::1'
  ip -n r3 -6 route add fd00:a::/64 via fd00:13::1 dev r1

  # --- it is up
  if [[ -n $dry ]]; then exit 0; fi
  trap '' HUP INT QUIT TERM
  printf '%s\n' "$plan" >"$state/up"
  trap - EXIT && say "the lab $lab is up"
  exit 0
}
