#!/usr/bin/env bash
# up.sh brings up the lab team; netc wrote it from team.net. Run it as root. down.sh undoes it.
# up.sh -q says nothing but errors; up.sh -n prints the commands and runs none.
#
#   netns  device  addresses    joined
#   a      team0   10.0.0.1/24  team
#   a      team1   10.1.0.1/24  team
#   a      e0      -            in team0, to b:e0
#   a      f0      -            in team1, to b:f0
#   a      e1      -            in team0, to b:e1
#   a      f1      -            in team1, to b:f1
#   b      team0   10.0.0.2/24  team
#   b      team1   10.1.0.2/24  team
#   b      e0      -            in team0, to a:e0
#   b      f0      -            in team1, to a:f0
#   b      e1      -            in team0, to a:e1
#   b      f1      -            in team1, to a:f1
# shellcheck disable=SC2016,SC2043,SC2317,SC2329 # a $ of the lab's own; a loop over one name; functions for traps
{
  # --- frame: the same text in every lab, explained in docs/scripts.md
  set -Eeuo pipefail
  trap : PIPE
  script=up.sh quiet='' dry=''
  tell() { printf '%s: %s\n' "$script" "$*" >&2 || :; }
  case $* in '') ;; -q) quiet=1 ;; -n) dry=1 ;; *) tell 'usage: up.sh [-q] [-n]' && exit 2 ;; esac
  lab=team plan=576b6be09596efd4 made='' refused='' here='team.net:2  lab team' bad=0
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
    if ours_netns b; then users b && undone 'team.net:5  netns b' ip netns del b; fi
    if ours_netns a; then users a && undone 'team.net:4  netns a' ip netns del a; fi
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
    for name in flock ip sh teamnl unshare; do type -P "$name" >/dev/null || refuse "this lab needs the command $name, which is not here"; done
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
    [[ -z $(ip -o link show group 748118207) ]] || refuse 'there is a device of link group 748118207, the mark of this lab'
    unshare --net ip link add name probe type team || refuse 'this kernel cannot make a team (team.net:9  team team0 10.0.0.1/24)'
    unshare --net ip link add name probe type veth || refuse 'this kernel cannot make a veth (team.net:17  veth a:e0)'
    teamnl -h >/dev/null 2>&1 || refuse 'this lab needs the command teamnl, which is not here (team.net:9)'
    if ((bad)); then exit 1; fi
    made=1
    (umask 022 && mkdir -p "$root") # the first change; nobody else may write there, or they could put in an `undo` of theirs
    mkdir -m 700 "$state"
    printf '%s\n' "$boot" >"$state/boot"
    declare -f undo undone ours_netns users >"$state/undo.new"
    mv "$state/undo.new" "$state/undo" # down.sh goes by it, even if its own file has changed by then
  fi

  # --- the lab

  at 'team.net:4  netns a'
  unshare --net sh -c 'ip link set dev lo alias "$0" up && exec ip netns attach "$1" $$' 'netc team' a

  at 'team.net:5  netns b'
  unshare --net sh -c 'ip link set dev lo alias "$0" up && exec ip netns attach "$1" $$' 'netc team' b

  at 'team.net:9  team team0 10.0.0.1/24'
  ip -n a link add name team0 group 748118207 type team
  ip netns exec a teamnl team0 setoption mode roundrobin
  ip -n a addr add 10.0.0.1/24 brd + dev team0
  ip -n a link set dev team0 alias 'netc team team.net:9' up

  at 'team.net:10  team team1 10.1.0.1/24'
  ip -n a link add name team1 group 748118207 type team
  ip netns exec a teamnl team1 setoption mode activebackup
  ip -n a addr add 10.1.0.1/24 brd + dev team1
  ip -n a link set dev team1 alias 'netc team team.net:10' up

  at 'team.net:9  team team0 10.0.0.2/24'
  ip -n b link add name team0 group 748118207 type team
  ip netns exec b teamnl team0 setoption mode roundrobin
  ip -n b addr add 10.0.0.2/24 brd + dev team0
  ip -n b link set dev team0 alias 'netc team team.net:9' up

  at 'team.net:10  team team1 10.1.0.2/24'
  ip -n b link add name team1 group 748118207 type team
  ip netns exec b teamnl team1 setoption mode activebackup
  ip -n b addr add 10.1.0.2/24 brd + dev team1
  ip -n b link set dev team1 alias 'netc team team.net:10' up

  at 'team.net:17  veth a:e0'
  ip -n a link add name e0 group 748118207 type veth peer name e0 group 748118207 netns b
  ip -n a link set dev e0 alias 'netc team team.net:17' master team0
  ip -n a link set dev e0 up
  ip -n b link set dev e0 alias 'netc team team.net:17' master team0
  ip -n b link set dev e0 up

  at 'team.net:18  veth a:f0'
  ip -n a link add name f0 group 748118207 type veth peer name f0 group 748118207 netns b
  ip -n a link set dev f0 alias 'netc team team.net:18' master team1
  ip -n a link set dev f0 up
  ip -n b link set dev f0 alias 'netc team team.net:18' master team1
  ip -n b link set dev f0 up

  at 'team.net:17  veth a:e1'
  ip -n a link add name e1 group 748118207 type veth peer name e1 group 748118207 netns b
  ip -n a link set dev e1 alias 'netc team team.net:17' master team0
  ip -n a link set dev e1 up
  ip -n b link set dev e1 alias 'netc team team.net:17' master team0
  ip -n b link set dev e1 up

  at 'team.net:18  veth a:f1'
  ip -n a link add name f1 group 748118207 type veth peer name f1 group 748118207 netns b
  ip -n a link set dev f1 alias 'netc team team.net:18' master team1
  ip -n a link set dev f1 up
  ip -n b link set dev f1 alias 'netc team team.net:18' master team1
  ip -n b link set dev f1 up

  at 'team.net:10  team team1 10.1.0.1/24'
  ip netns exec a sh -c 'port=$(ip -o link show dev "$1") && set -- "$1" $(ip -br link show dev "$0") && ip link set dev "$1" address "$4" && exec teamnl "$0" setoption activeport "${port%%:*}"' team1 f1

  at 'team.net:10  team team1 10.1.0.2/24'
  ip netns exec b sh -c 'port=$(ip -o link show dev "$1") && set -- "$1" $(ip -br link show dev "$0") && ip link set dev "$1" address "$4" && exec teamnl "$0" setoption activeport "${port%%:*}"' team1 f1

  # --- it is up
  if [[ -n $dry ]]; then exit 0; fi
  trap '' HUP INT QUIT TERM
  printf '%s\n' "$plan" >"$state/up"
  trap - EXIT && say "the lab $lab is up"
  exit 0
}
