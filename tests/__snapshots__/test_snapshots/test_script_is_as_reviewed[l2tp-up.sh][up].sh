#!/usr/bin/env bash
# up.sh brings up the lab l2tp; netc wrote it from l2tp.net. Run it as root. down.sh undoes it.
# up.sh -q says nothing but errors; up.sh -n prints the commands and runs none.
#
#   netns  device  addresses     joined
#   a      eth0    10.0.0.1/24   to b:eth0
#   a      l2tp0   10.9.0.1/24   to b:l2tp0
#   a      l2tp1   10.10.0.1/24  to b:l2tp1
#   a      l2tp2   10.11.0.1/24  to b:l2tp2
#   b      eth0    10.0.0.2/24   to a:eth0
#   b      l2tp0   10.9.0.2/24   to a:l2tp0
#   b      l2tp1   10.10.0.2/24  to a:l2tp1
#   b      br0     10.11.0.2/24  bridge
#   b      l2tp2   -             in br0, to a:l2tp2
# shellcheck disable=SC2016,SC2043,SC2317,SC2329 # a $ of the lab's own; a loop over one name; functions for traps
{
  # --- frame: the same text in every lab, explained in docs/scripts.md
  set -Eeuo pipefail
  trap : PIPE
  script=up.sh quiet='' dry=''
  tell() { printf '%s: %s\n' "$script" "$*" >&2 || :; }
  case $* in '') ;; -q) quiet=1 ;; -n) dry=1 ;; *) tell 'usage: up.sh [-q] [-n]' && exit 2 ;; esac
  lab=l2tp plan=7615a9261b052649 made='' refused='' here='l2tp.net:2  lab l2tp' bad=0
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
    if ours_netns b; then users b && undone 'l2tp.net:5  netns b' ip netns del b; fi
    if ours_netns a; then users a && undone 'l2tp.net:4  netns a' ip netns del a; fi
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
    if [[ -e $state/up && $(<"$state/up") == "$plan" ]] && ours_netns a; then trap - EXIT && say "the lab $lab is up already" && exit 0; fi
    if [[ -e $state ]]; then refuse "the lab $lab is up as another version of it, or only in part: run down.sh first" && exit 1; fi
    for name in a b; do [[ ! -e /run/netns/$name ]] || refuse "there is a namespace $name, which is not the lab's"; done
    [[ -z $(ip -o link show group 959756101) ]] || refuse 'there is a device of link group 959756101, the mark of this lab'
    unshare --net ip link add name probe type veth || refuse 'this kernel cannot make a veth (l2tp.net:6  veth a:eth0 10.0.0.1/24 -- b:eth0 10.0.0.2/24)'
    unshare --net ip link add name probe type bridge || refuse 'this kernel cannot make a bridge (l2tp.net:26  bridge br0 10.11.0.2/24)'
    if ((bad)); then exit 1; fi
    made=1
    (umask 022 && mkdir -p "$root") # the first change; nobody else may write there, or they could put in an `undo` of theirs
    mkdir -m 700 "$state"
    printf '%s\n' "$boot" >"$state/boot"
    declare -f undo undone ours_netns users >"$state/undo.new"
    mv "$state/undo.new" "$state/undo" # down.sh goes by it, even if its own file has changed by then
  fi

  # --- the lab

  at 'l2tp.net:4  netns a'
  unshare --net sh -c 'ip link set dev lo alias "$0" up && exec ip netns attach "$1" $$' 'netc l2tp' a

  at 'l2tp.net:5  netns b'
  unshare --net sh -c 'ip link set dev lo alias "$0" up && exec ip netns attach "$1" $$' 'netc l2tp' b

  at 'l2tp.net:6  veth a:eth0 10.0.0.1/24 -- b:eth0 10.0.0.2/24'
  ip -n a link add name eth0 group 959756101 type veth peer name eth0 group 959756101 netns b
  ip -n a addr add 10.0.0.1/24 brd + dev eth0
  ip -n a link set dev eth0 alias 'netc l2tp l2tp.net:6' up
  ip -n b addr add 10.0.0.2/24 brd + dev eth0
  ip -n b link set dev eth0 alias 'netc l2tp l2tp.net:6' up

  at 'l2tp.net:8  l2tp a:l2tp0 10.9.0.1/24 -- b:l2tp0 10.9.0.2/24'
  ip -n a l2tp add tunnel remote 10.0.0.2 local 10.0.0.1 tunnel_id 1 peer_tunnel_id 2 encap udp udp_sport 1701 udp_dport 1702
  ip -n a l2tp add session name l2tp0 tunnel_id 1 session_id 10 peer_session_id 20 cookie 89abcdef peer_cookie 0123456789abcdef
  ip -n a link set dev l2tp0 group 959756101
  ip -n a addr add 10.9.0.1/24 brd + dev l2tp0
  ip -n a link set dev l2tp0 alias 'netc l2tp l2tp.net:8' up
  ip -n b l2tp add tunnel remote 10.0.0.1 local 10.0.0.2 tunnel_id 2 peer_tunnel_id 1 encap udp udp_sport 1702 udp_dport 1701
  ip -n b l2tp add session name l2tp0 tunnel_id 2 session_id 20 peer_session_id 10 cookie 0123456789abcdef peer_cookie 89abcdef
  ip -n b link set dev l2tp0 group 959756101
  ip -n b addr add 10.9.0.2/24 brd + dev l2tp0
  ip -n b link set dev l2tp0 alias 'netc l2tp l2tp.net:8' up

  at 'l2tp.net:17  l2tp a:l2tp1 10.10.0.1/24'
  ip -n a l2tp add session name l2tp1 tunnel_id 1 session_id 21 peer_session_id 21 seq both
  ip -n a link set dev l2tp1 group 959756101
  ip -n a addr add 10.10.0.1/24 brd + dev l2tp1
  ip -n a link set dev l2tp1 alias 'netc l2tp l2tp.net:17' up
  ip -n b l2tp add session name l2tp1 tunnel_id 2 session_id 21 peer_session_id 21 seq both
  ip -n b link set dev l2tp1 group 959756101
  ip -n b addr add 10.10.0.2/24 brd + dev l2tp1
  ip -n b link set dev l2tp1 alias 'netc l2tp l2tp.net:17' up

  at 'l2tp.net:26  bridge br0 10.11.0.2/24'
  ip -n b link add name br0 address 02:4e:4e:2b:73:e2 group 959756101 type bridge
  ip -n b addr add 10.11.0.2/24 brd + dev br0
  ip -n b link set dev br0 alias 'netc l2tp l2tp.net:26'

  at 'l2tp.net:27  l2tp a:l2tp2 10.11.0.1/24 -- b:br0:l2tp2'
  ip -n a l2tp add tunnel remote 10.0.0.2 local 10.0.0.1 tunnel_id 3 peer_tunnel_id 3 encap ip
  ip -n a l2tp add session name l2tp2 tunnel_id 3 session_id 30 peer_session_id 30
  ip -n a link set dev l2tp2 group 959756101
  ip -n a addr add 10.11.0.1/24 brd + dev l2tp2
  ip -n a link set dev l2tp2 alias 'netc l2tp l2tp.net:27' up
  ip -n b l2tp add tunnel remote 10.0.0.1 local 10.0.0.2 tunnel_id 3 peer_tunnel_id 3 encap ip
  ip -n b l2tp add session name l2tp2 tunnel_id 3 session_id 30 peer_session_id 30
  ip -n b link set dev l2tp2 group 959756101
  ip -n b link set dev l2tp2 alias 'netc l2tp l2tp.net:27' master br0 up

  at 'l2tp.net:26  bridge br0 10.11.0.2/24'
  ip -n b link set dev br0 up

  # --- it is up
  if [[ -n $dry ]]; then exit 0; fi
  trap '' HUP INT QUIT TERM
  printf '%s\n' "$plan" >"$state/up"
  trap - EXIT && say "the lab $lab is up"
  exit 0
}
