#!/usr/bin/env bash
# up.sh brings up the lab vlan; netc wrote it from vlan.net. Run it as root. down.sh undoes it.
# up.sh -q says nothing but errors; up.sh -n prints the commands and runs none.
#
#   netns  device    addresses    joined
#   a      eth0      10.0.0.1/24  to b:eth0
#   a      eth0.100  10.1.0.1/24  on a:eth0
#   a      eth0.200  10.2.0.1/24  on a:eth0
#   a      inner     10.3.0.1/24  on a:eth0.200
#   b      eth0      10.0.0.2/24  to a:eth0
#   b      eth0.100  10.1.0.2/24  on b:eth0
#   b      eth0.200  10.2.0.2/24  on b:eth0
#   b      inner     10.3.0.2/24  on b:eth0.200
# shellcheck disable=SC2016,SC2043,SC2317,SC2329 # a $ of the lab's own; a loop over one name; functions for traps
{
  # --- frame: the same text in every lab, explained in docs/scripts.md
  set -Eeuo pipefail
  trap : PIPE
  script=up.sh quiet='' dry=''
  tell() { printf '%s: %s\n' "$script" "$*" >&2 || :; }
  case $* in '') ;; -q) quiet=1 ;; -n) dry=1 ;; *) tell 'usage: up.sh [-q] [-n]' && exit 2 ;; esac
  lab=vlan plan=f3086a45dce12cc2 made='' refused='' here='vlan.net:2  lab vlan' bad=0
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
    if ours_netns b; then users b && undone 'vlan.net:5  netns b' ip netns del b; fi
    if ours_netns a; then users a && undone 'vlan.net:4  netns a' ip netns del a; fi
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
    [[ -z $(ip -o link show group 713573301) ]] || refuse 'there is a device of link group 713573301, the mark of this lab'
    unshare --net ip link add name probe type veth || refuse 'this kernel cannot make a veth (vlan.net:6  veth a:eth0 10.0.0.1/24 -- b:eth0 10.0.0.2/24)'
    if ((bad)); then exit 1; fi
    made=1
    (umask 022 && mkdir -p "$root") # the first change; nobody else may write there, or they could put in an `undo` of theirs
    mkdir -m 700 "$state"
    printf '%s\n' "$boot" >"$state/boot"
    declare -f undo undone ours_netns users >"$state/undo.new"
    mv "$state/undo.new" "$state/undo" # down.sh goes by it, even if its own file has changed by then
  fi

  # --- the lab

  at 'vlan.net:4  netns a'
  unshare --net sh -c 'ip link set dev lo alias "$0" up && exec ip netns attach "$1" $$' 'netc vlan' a

  at 'vlan.net:5  netns b'
  unshare --net sh -c 'ip link set dev lo alias "$0" up && exec ip netns attach "$1" $$' 'netc vlan' b

  at 'vlan.net:6  veth a:eth0 10.0.0.1/24 -- b:eth0 10.0.0.2/24'
  ip -n a link add name eth0 group 713573301 type veth peer name eth0 group 713573301 netns b
  ip -n a addr add 10.0.0.1/24 brd + dev eth0
  ip -n a link set dev eth0 alias 'netc vlan vlan.net:6' up
  ip -n b addr add 10.0.0.2/24 brd + dev eth0
  ip -n b link set dev eth0 alias 'netc vlan vlan.net:6' up

  at 'vlan.net:10  vlan eth0.100 10.1.0.1/24 on eth0'
  ip -n a link add link eth0 name eth0.100 group 713573301 type vlan id 100
  ip -n a addr add 10.1.0.1/24 brd + dev eth0.100
  ip -n a link set dev eth0.100 alias 'netc vlan vlan.net:10' up

  at 'vlan.net:11  vlan eth0.200 10.2.0.1/24 on eth0'
  ip -n a link add link eth0 name eth0.200 group 713573301 type vlan protocol 802.1ad id 200
  ip -n a addr add 10.2.0.1/24 brd + dev eth0.200
  ip -n a link set dev eth0.200 alias 'netc vlan vlan.net:11' up

  at 'vlan.net:12  vlan inner 10.3.0.1/24 on eth0.200'
  ip -n a link add link eth0.200 name inner group 713573301 type vlan id 7
  ip -n a addr add 10.3.0.1/24 brd + dev inner
  ip -n a link set dev inner alias 'netc vlan vlan.net:12' up

  at 'vlan.net:10  vlan eth0.100 10.1.0.2/24 on eth0'
  ip -n b link add link eth0 name eth0.100 group 713573301 type vlan id 100
  ip -n b addr add 10.1.0.2/24 brd + dev eth0.100
  ip -n b link set dev eth0.100 alias 'netc vlan vlan.net:10' up

  at 'vlan.net:11  vlan eth0.200 10.2.0.2/24 on eth0'
  ip -n b link add link eth0 name eth0.200 group 713573301 type vlan protocol 802.1ad id 200
  ip -n b addr add 10.2.0.2/24 brd + dev eth0.200
  ip -n b link set dev eth0.200 alias 'netc vlan vlan.net:11' up

  at 'vlan.net:12  vlan inner 10.3.0.2/24 on eth0.200'
  ip -n b link add link eth0.200 name inner group 713573301 type vlan id 7
  ip -n b addr add 10.3.0.2/24 brd + dev inner
  ip -n b link set dev inner alias 'netc vlan vlan.net:12' up

  # --- it is up
  if [[ -n $dry ]]; then exit 0; fi
  trap '' HUP INT QUIT TERM
  printf '%s\n' "$plan" >"$state/up"
  trap - EXIT && say "the lab $lab is up"
  exit 0
}
