#!/usr/bin/env bash
# up.sh brings up the lab qinq; netc wrote it from qinq.net. Run it as root. down.sh undoes it.
# up.sh -q says nothing but errors; up.sh -n prints the commands and runs none.
#
#   netns  device     addresses     joined
#   p1     br0        -             bridge
#   p1     core       -             in br0, to p2:core
#   p1     red1-wan   -             in br0, to red1:wan
#   p1     blue1-wan  -             in br0, to blue1:wan
#   p2     br0        -             bridge
#   p2     core       -             in br0, to p1:core
#   p2     red2-wan   -             in br0, to red2:wan
#   p2     blue2-wan  -             in br0, to blue2:wan
#   red1   wan        -             to p1:red1-wan
#   red1   wan.10     10.0.10.1/24  on red1:wan
#   red1   wan.20     10.0.20.1/24  on red1:wan
#   red2   wan        -             to p2:red2-wan
#   red2   wan.10     10.0.10.2/24  on red2:wan
#   red2   wan.20     10.0.20.2/24  on red2:wan
#   blue1  wan        -             to p1:blue1-wan
#   blue1  wan.10     10.0.10.3/24  on blue1:wan
#   blue1  wan.20     10.0.20.3/24  on blue1:wan
#   blue2  wan        -             to p2:blue2-wan
#   blue2  wan.10     10.0.10.4/24  on blue2:wan
#   blue2  wan.20     10.0.20.4/24  on blue2:wan
# shellcheck disable=SC2016,SC2043,SC2317,SC2329 # a $ of the lab's own; a loop over one name; functions for traps
{
  # --- frame: the same text in every lab, explained in docs/scripts.md
  set -Eeuo pipefail
  trap : PIPE
  script=up.sh quiet='' dry=''
  tell() { printf '%s: %s\n' "$script" "$*" >&2 || :; }
  case $* in '') ;; -q) quiet=1 ;; -n) dry=1 ;; *) tell 'usage: up.sh [-q] [-n]' && exit 2 ;; esac
  lab=qinq plan=b9b6ebed9f3ab990 made='' refused='' here='qinq.net:2  lab qinq' bad=0
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
    if ours_netns blue2; then users blue2 && undone 'qinq.net:10  netns blue2' ip netns del blue2; fi
    if ours_netns blue1; then users blue1 && undone 'qinq.net:10  netns blue1' ip netns del blue1; fi
    if ours_netns red2; then users red2 && undone 'qinq.net:10  netns red2' ip netns del red2; fi
    if ours_netns red1; then users red1 && undone 'qinq.net:10  netns red1' ip netns del red1; fi
    if ours_netns p2; then users p2 && undone 'qinq.net:5  netns p2' ip netns del p2; fi
    if ours_netns p1; then users p1 && undone 'qinq.net:5  netns p1' ip netns del p1; fi
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
    for name in bridge flock ip unshare; do type -P "$name" >/dev/null || refuse "this lab needs the command $name, which is not here"; done
    if ((bad)); then exit 1; fi
    root=$(readlink /proc/self/ns/net)
    root=/run/netc/${root//[!0-9]/} state=$root/$lab
    exec 9</proc/self/ns/net
    flock -w 300 9 # one up.sh or down.sh at a time on this host
    boot=$(</proc/sys/kernel/random/boot_id)
    if [[ -e $state/boot && $(<"$state/boot") != "$boot" ]]; then rm -rf "$state"; fi # it outlived a reboot
    if [[ -e $state/up && $(<"$state/up") == "$plan" ]] && ours_netns p1; then trap - EXIT && say "the lab $lab is up already" && exit 0; fi
    if [[ -e $state ]]; then refuse "the lab $lab is up as another version of it, or only in part: run down.sh first" && exit 1; fi
    for name in p1 p2 red1 red2 blue1 blue2; do [[ ! -e /run/netns/$name ]] || refuse "there is a namespace $name, which is not the lab's"; done
    [[ -z $(ip -o link show group 1617568496) ]] || refuse 'there is a device of link group 1617568496, the mark of this lab'
    unshare --net ip link add name probe type bridge || refuse 'this kernel cannot make a bridge (qinq.net:5  bridge br0)'
    unshare --net ip link add name probe type veth || refuse 'this kernel cannot make a veth (qinq.net:7  veth p1:br0:core)'
    unshare --net sh -c 'ip link add name probe type bridge vlan_filtering 1 && bridge vlan add dev probe vid 2 self' >/dev/null 2>&1 || refuse 'this kernel'"'"'s bridges know no VLANs (qinq.net:5)'
    if ((bad)); then exit 1; fi
    made=1
    (umask 022 && mkdir -p "$root") # the first change; nobody else may write there, or they could put in an `undo` of theirs
    mkdir -m 700 "$state"
    printf '%s\n' "$boot" >"$state/boot"
    declare -f undo undone ours_netns users >"$state/undo.new"
    mv "$state/undo.new" "$state/undo" # down.sh goes by it, even if its own file has changed by then
  fi

  # --- the lab

  at 'qinq.net:5  netns p1'
  unshare --net sh -c 'ip link set dev lo alias "$0" up && exec ip netns attach "$1" $$' 'netc qinq' p1

  at 'qinq.net:5  netns p2'
  unshare --net sh -c 'ip link set dev lo alias "$0" up && exec ip netns attach "$1" $$' 'netc qinq' p2

  at 'qinq.net:10  netns red1'
  unshare --net sh -c 'ip link set dev lo alias "$0" up && exec ip netns attach "$1" $$' 'netc qinq' red1

  at 'qinq.net:10  netns red2'
  unshare --net sh -c 'ip link set dev lo alias "$0" up && exec ip netns attach "$1" $$' 'netc qinq' red2

  at 'qinq.net:10  netns blue1'
  unshare --net sh -c 'ip link set dev lo alias "$0" up && exec ip netns attach "$1" $$' 'netc qinq' blue1

  at 'qinq.net:10  netns blue2'
  unshare --net sh -c 'ip link set dev lo alias "$0" up && exec ip netns attach "$1" $$' 'netc qinq' blue2

  at 'qinq.net:5  bridge br0'
  ip -n p1 link add name br0 address 02:08:f9:eb:60:ec group 1617568496 type bridge vlan_filtering 1 vlan_protocol 802.1ad vlan_default_pvid 0
  ip -n p1 link set dev br0 alias 'netc qinq qinq.net:5'

  at 'qinq.net:5  bridge br0'
  ip -n p2 link add name br0 address 02:c0:66:e0:a1:34 group 1617568496 type bridge vlan_filtering 1 vlan_protocol 802.1ad vlan_default_pvid 0
  ip -n p2 link set dev br0 alias 'netc qinq qinq.net:5'

  at 'qinq.net:7  veth p1:br0:core'
  ip -n p1 link add name core mtu 1504 group 1617568496 type veth peer name core mtu 1504 group 1617568496 netns p2
  ip -n p1 link set dev core alias 'netc qinq qinq.net:7' master br0 up
  bridge -n p1 vlan add dev core vid 100
  bridge -n p1 vlan add dev core vid 200
  ip -n p2 link set dev core alias 'netc qinq qinq.net:7' master br0 up
  bridge -n p2 vlan add dev core vid 100
  bridge -n p2 vlan add dev core vid 200

  at 'qinq.net:11  veth red1:wan'
  ip -n red1 link add name wan mtu 1504 group 1617568496 type veth peer name red1-wan mtu 1504 group 1617568496 netns p1
  ip -n red1 link set dev wan alias 'netc qinq qinq.net:11' up
  ip -n p1 link set dev red1-wan alias 'netc qinq qinq.net:11' master br0 up
  bridge -n p1 vlan add dev red1-wan vid 100 pvid untagged

  at 'qinq.net:13  vlan wan.10 10.0.10.1/24 on wan'
  ip -n red1 link add link wan name wan.10 mtu 1500 group 1617568496 type vlan id 10
  ip -n red1 addr add 10.0.10.1/24 brd + dev wan.10
  ip -n red1 link set dev wan.10 alias 'netc qinq qinq.net:13' up

  at 'qinq.net:14  vlan wan.20 10.0.20.1/24 on wan'
  ip -n red1 link add link wan name wan.20 mtu 1500 group 1617568496 type vlan id 20
  ip -n red1 addr add 10.0.20.1/24 brd + dev wan.20
  ip -n red1 link set dev wan.20 alias 'netc qinq qinq.net:14' up

  at 'qinq.net:11  veth red2:wan'
  ip -n red2 link add name wan mtu 1504 group 1617568496 type veth peer name red2-wan mtu 1504 group 1617568496 netns p2
  ip -n red2 link set dev wan alias 'netc qinq qinq.net:11' up
  ip -n p2 link set dev red2-wan alias 'netc qinq qinq.net:11' master br0 up
  bridge -n p2 vlan add dev red2-wan vid 100 pvid untagged

  at 'qinq.net:13  vlan wan.10 10.0.10.2/24 on wan'
  ip -n red2 link add link wan name wan.10 mtu 1500 group 1617568496 type vlan id 10
  ip -n red2 addr add 10.0.10.2/24 brd + dev wan.10
  ip -n red2 link set dev wan.10 alias 'netc qinq qinq.net:13' up

  at 'qinq.net:14  vlan wan.20 10.0.20.2/24 on wan'
  ip -n red2 link add link wan name wan.20 mtu 1500 group 1617568496 type vlan id 20
  ip -n red2 addr add 10.0.20.2/24 brd + dev wan.20
  ip -n red2 link set dev wan.20 alias 'netc qinq qinq.net:14' up

  at 'qinq.net:11  veth blue1:wan'
  ip -n blue1 link add name wan mtu 1504 group 1617568496 type veth peer name blue1-wan mtu 1504 group 1617568496 netns p1
  ip -n blue1 link set dev wan alias 'netc qinq qinq.net:11' up
  ip -n p1 link set dev blue1-wan alias 'netc qinq qinq.net:11' master br0 up
  bridge -n p1 vlan add dev blue1-wan vid 200 pvid untagged

  at 'qinq.net:13  vlan wan.10 10.0.10.3/24 on wan'
  ip -n blue1 link add link wan name wan.10 mtu 1500 group 1617568496 type vlan id 10
  ip -n blue1 addr add 10.0.10.3/24 brd + dev wan.10
  ip -n blue1 link set dev wan.10 alias 'netc qinq qinq.net:13' up

  at 'qinq.net:14  vlan wan.20 10.0.20.3/24 on wan'
  ip -n blue1 link add link wan name wan.20 mtu 1500 group 1617568496 type vlan id 20
  ip -n blue1 addr add 10.0.20.3/24 brd + dev wan.20
  ip -n blue1 link set dev wan.20 alias 'netc qinq qinq.net:14' up

  at 'qinq.net:11  veth blue2:wan'
  ip -n blue2 link add name wan mtu 1504 group 1617568496 type veth peer name blue2-wan mtu 1504 group 1617568496 netns p2
  ip -n blue2 link set dev wan alias 'netc qinq qinq.net:11' up
  ip -n p2 link set dev blue2-wan alias 'netc qinq qinq.net:11' master br0 up
  bridge -n p2 vlan add dev blue2-wan vid 200 pvid untagged

  at 'qinq.net:13  vlan wan.10 10.0.10.4/24 on wan'
  ip -n blue2 link add link wan name wan.10 mtu 1500 group 1617568496 type vlan id 10
  ip -n blue2 addr add 10.0.10.4/24 brd + dev wan.10
  ip -n blue2 link set dev wan.10 alias 'netc qinq qinq.net:13' up

  at 'qinq.net:14  vlan wan.20 10.0.20.4/24 on wan'
  ip -n blue2 link add link wan name wan.20 mtu 1500 group 1617568496 type vlan id 20
  ip -n blue2 addr add 10.0.20.4/24 brd + dev wan.20
  ip -n blue2 link set dev wan.20 alias 'netc qinq qinq.net:14' up

  at 'qinq.net:5  bridge br0'
  ip -n p1 link set dev br0 up

  at 'qinq.net:5  bridge br0'
  ip -n p2 link set dev br0 up

  # --- it is up
  if [[ -n $dry ]]; then exit 0; fi
  trap '' HUP INT QUIT TERM
  printf '%s\n' "$plan" >"$state/up"
  trap - EXIT && say "the lab $lab is up"
  exit 0
}
