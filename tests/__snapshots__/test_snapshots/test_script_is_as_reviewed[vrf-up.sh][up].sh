#!/usr/bin/env bash
# up.sh brings up the lab vrf; netc wrote it from vrf.net. Run it as root. down.sh undoes it.
# up.sh -q says nothing but errors; up.sh -n prints the commands and runs none.
#
#   netns  device  addresses    joined
#   r      red     -            vrf
#   r      blue    -            vrf
#   r      red-1   10.0.1.1/24  in red, to red1:eth0
#   r      red-2   10.0.2.1/24  in red, to red2:eth0
#   r      blue-1  10.0.1.1/24  in blue, to blue1:eth0
#   r      blue-2  10.0.2.1/24  in blue, to blue2:eth0
#   red1   eth0    10.0.1.2/24  to r:red-1
#   red2   eth0    10.0.2.2/24  to r:red-2
#   blue1  eth0    10.0.1.2/24  to r:blue-1
#   blue2  eth0    10.0.2.2/24  to r:blue-2
# shellcheck disable=SC2016,SC2043,SC2317,SC2329 # a $ of the lab's own; a loop over one name; functions for traps
{
  # --- frame: the same text in every lab, explained in docs/scripts.md
  set -Eeuo pipefail
  trap : PIPE
  script=up.sh quiet='' dry=''
  tell() { printf '%s: %s\n' "$script" "$*" >&2 || :; }
  case $* in '') ;; -q) quiet=1 ;; -n) dry=1 ;; *) tell 'usage: up.sh [-q] [-n]' && exit 2 ;; esac
  lab=vrf plan=e091b617dfbf019c made='' refused='' here='vrf.net:2  lab vrf' bad=0
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
    if ours_netns blue2; then users blue2 && undone 'vrf.net:11  netns blue2' ip netns del blue2; fi
    if ours_netns blue1; then users blue1 && undone 'vrf.net:11  netns blue1' ip netns del blue1; fi
    if ours_netns red2; then users red2 && undone 'vrf.net:11  netns red2' ip netns del red2; fi
    if ours_netns red1; then users red1 && undone 'vrf.net:11  netns red1' ip netns del red1; fi
    if ours_netns r; then users r && undone 'vrf.net:4  netns r' ip netns del r; fi
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
    if [[ -e $state/up && $(<"$state/up") == "$plan" ]] && ours_netns r; then trap - EXIT && say "the lab $lab is up already" && exit 0; fi
    if [[ -e $state ]]; then refuse "the lab $lab is up as another version of it, or only in part: run down.sh first" && exit 1; fi
    for name in r red1 red2 blue1 blue2; do [[ ! -e /run/netns/$name ]] || refuse "there is a namespace $name, which is not the lab's"; done
    [[ -z $(ip -o link show group 1347930426) ]] || refuse 'there is a device of link group 1347930426, the mark of this lab'
    unshare --net ip link add name probe type vrf table 10 || refuse 'this kernel cannot make a vrf (vrf.net:6  vrf red)'
    unshare --net ip link add name probe type veth || refuse 'this kernel cannot make a veth (vrf.net:12  veth red-1 10.0.1.1/24)'
    if ((bad)); then exit 1; fi
    made=1
    (umask 022 && mkdir -p "$root") # the first change; nobody else may write there, or they could put in an `undo` of theirs
    mkdir -m 700 "$state"
    printf '%s\n' "$boot" >"$state/boot"
    declare -f undo undone ours_netns users >"$state/undo.new"
    mv "$state/undo.new" "$state/undo" # down.sh goes by it, even if its own file has changed by then
  fi

  # --- the lab

  at 'vrf.net:4  netns r'
  unshare --net sh -c 'ip link set dev lo alias "$0" up && exec ip netns attach "$1" $$' 'netc vrf' r

  at 'vrf.net:11  netns red1'
  unshare --net sh -c 'ip link set dev lo alias "$0" up && exec ip netns attach "$1" $$' 'netc vrf' red1

  at 'vrf.net:11  netns red2'
  unshare --net sh -c 'ip link set dev lo alias "$0" up && exec ip netns attach "$1" $$' 'netc vrf' red2

  at 'vrf.net:11  netns blue1'
  unshare --net sh -c 'ip link set dev lo alias "$0" up && exec ip netns attach "$1" $$' 'netc vrf' blue1

  at 'vrf.net:11  netns blue2'
  unshare --net sh -c 'ip link set dev lo alias "$0" up && exec ip netns attach "$1" $$' 'netc vrf' blue2

  at 'vrf.net:5  forward ipv4'
  ip netns exec r sysctl -qw net.ipv4.ip_forward=1

  at 'vrf.net:6  vrf red'
  ip -n r link add name red group 1347930426 type vrf table 10
  ip -n r link set dev red alias 'netc vrf vrf.net:6' up

  at 'vrf.net:7  vrf blue'
  ip -n r link add name blue group 1347930426 type vrf table 20
  ip -n r link set dev blue alias 'netc vrf vrf.net:7' up

  at 'vrf.net:12  veth red-1 10.0.1.1/24'
  ip -n r link add name red-1 group 1347930426 type veth peer name eth0 group 1347930426 netns red1
  ip -n r addr add 10.0.1.1/24 brd + dev red-1
  ip -n r link set dev red-1 alias 'netc vrf vrf.net:12' master red up
  ip -n red1 addr add 10.0.1.2/24 brd + dev eth0
  ip -n red1 link set dev eth0 alias 'netc vrf vrf.net:12' up

  at 'vrf.net:12  veth red-2 10.0.2.1/24'
  ip -n r link add name red-2 group 1347930426 type veth peer name eth0 group 1347930426 netns red2
  ip -n r addr add 10.0.2.1/24 brd + dev red-2
  ip -n r link set dev red-2 alias 'netc vrf vrf.net:12' master red up
  ip -n red2 addr add 10.0.2.2/24 brd + dev eth0
  ip -n red2 link set dev eth0 alias 'netc vrf vrf.net:12' up

  at 'vrf.net:12  veth blue-1 10.0.1.1/24'
  ip -n r link add name blue-1 group 1347930426 type veth peer name eth0 group 1347930426 netns blue1
  ip -n r addr add 10.0.1.1/24 brd + dev blue-1
  ip -n r link set dev blue-1 alias 'netc vrf vrf.net:12' master blue up
  ip -n blue1 addr add 10.0.1.2/24 brd + dev eth0
  ip -n blue1 link set dev eth0 alias 'netc vrf vrf.net:12' up

  at 'vrf.net:12  veth blue-2 10.0.2.1/24'
  ip -n r link add name blue-2 group 1347930426 type veth peer name eth0 group 1347930426 netns blue2
  ip -n r addr add 10.0.2.1/24 brd + dev blue-2
  ip -n r link set dev blue-2 alias 'netc vrf vrf.net:12' master blue up
  ip -n blue2 addr add 10.0.2.2/24 brd + dev eth0
  ip -n blue2 link set dev eth0 alias 'netc vrf vrf.net:12' up

  at 'vrf.net:11  route default via 10.0.1.1'
  ip -n red1 route add default via 10.0.1.1 dev eth0

  at 'vrf.net:11  route default via 10.0.2.1'
  ip -n red2 route add default via 10.0.2.1 dev eth0

  at 'vrf.net:11  route default via 10.0.1.1'
  ip -n blue1 route add default via 10.0.1.1 dev eth0

  at 'vrf.net:11  route default via 10.0.2.1'
  ip -n blue2 route add default via 10.0.2.1 dev eth0

  # --- it is up
  if [[ -n $dry ]]; then exit 0; fi
  trap '' HUP INT QUIT TERM
  printf '%s\n' "$plan" >"$state/up"
  trap - EXIT && say "the lab $lab is up"
  exit 0
}
