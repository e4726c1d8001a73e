#!/usr/bin/env bash
# up.sh brings up the lab vxlan-bridge; netc wrote it from vxlan-bridge.net. Run it as root. down.sh undoes it.
# up.sh -q says nothing but errors; up.sh -n prints the commands and runs none.
#
#   netns  device      addresses       joined
#   core   h1          192.168.1.1/24  to h1:up
#   core   h2          192.168.2.1/24  to h2:up
#   h1     br0         -               bridge
#   h1     up          192.168.1.2/24  to core:h1
#   h1     vx0         -               in br0, on h1:up
#   h1     pod11-eth0  -               in br0, to pod11:eth0
#   h1     pod12-eth0  -               in br0, to pod12:eth0
#   pod11  eth0        10.0.0.11/24    to h1:pod11-eth0
#   pod12  eth0        10.0.0.12/24    to h1:pod12-eth0
#   h2     br0         -               bridge
#   h2     up          192.168.2.2/24  to core:h2
#   h2     vx0         -               in br0, on h2:up
#   h2     pod21-eth0  -               in br0, to pod21:eth0
#   h2     pod22-eth0  -               in br0, to pod22:eth0
#   pod21  eth0        10.0.0.21/24    to h2:pod21-eth0
#   pod22  eth0        10.0.0.22/24    to h2:pod22-eth0
# shellcheck disable=SC2016,SC2043,SC2317,SC2329 # a $ of the lab's own; a loop over one name; functions for traps
{
  # --- frame: the same text in every lab, explained in docs/scripts.md
  set -Eeuo pipefail
  trap : PIPE
  script=up.sh quiet='' dry=''
  tell() { printf '%s: %s\n' "$script" "$*" >&2 || :; }
  case $* in '') ;; -q) quiet=1 ;; -n) dry=1 ;; *) tell 'usage: up.sh [-q] [-n]' && exit 2 ;; esac
  lab=vxlan-bridge plan=85b74c61d2ae0d3c made='' refused='' here='vxlan-bridge.net:2  lab vxlan-bridge' bad=0
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
    if ours_netns pod22; then users pod22 && undone 'vxlan-bridge.net:19  netns pod22' ip netns del pod22; fi
    if ours_netns pod21; then users pod21 && undone 'vxlan-bridge.net:19  netns pod21' ip netns del pod21; fi
    if ours_netns h2; then users h2 && undone 'vxlan-bridge.net:6  netns h2' ip netns del h2; fi
    if ours_netns pod12; then users pod12 && undone 'vxlan-bridge.net:19  netns pod12' ip netns del pod12; fi
    if ours_netns pod11; then users pod11 && undone 'vxlan-bridge.net:19  netns pod11' ip netns del pod11; fi
    if ours_netns h1; then users h1 && undone 'vxlan-bridge.net:6  netns h1' ip netns del h1; fi
    if ours_netns core; then users core && undone 'vxlan-bridge.net:4  netns core' ip netns del core; fi
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
    if [[ -e $state/up && $(<"$state/up") == "$plan" ]] && ours_netns core; then trap - EXIT && say "the lab $lab is up already" && exit 0; fi
    if [[ -e $state ]]; then refuse "the lab $lab is up as another version of it, or only in part: run down.sh first" && exit 1; fi
    for name in core h1 pod11 pod12 h2 pod21 pod22; do [[ ! -e /run/netns/$name ]] || refuse "there is a namespace $name, which is not the lab's"; done
    [[ -z $(ip -o link show group 10437816) ]] || refuse 'there is a device of link group 10437816, the mark of this lab'
    unshare --net ip link add name probe type bridge || refuse 'this kernel cannot make a bridge (vxlan-bridge.net:7  bridge br0)'
    unshare --net ip link add name probe type veth || refuse 'this kernel cannot make a veth (vxlan-bridge.net:8  veth up 192.168.1.2/24 -- core:h1 192.168.1.1/24)'
    unshare --net ip link add name probe type vxlan id 1 dstport 4789 || refuse 'this kernel cannot make a vxlan (vxlan-bridge.net:10  vxlan vx0 on up)'
    if ((bad)); then exit 1; fi
    made=1
    (umask 022 && mkdir -p "$root") # the first change; nobody else may write there, or they could put in an `undo` of theirs
    mkdir -m 700 "$state"
    printf '%s\n' "$boot" >"$state/boot"
    declare -f undo undone ours_netns users >"$state/undo.new"
    mv "$state/undo.new" "$state/undo" # down.sh goes by it, even if its own file has changed by then
  fi

  # --- the lab

  at 'vxlan-bridge.net:4  netns core'
  unshare --net sh -c 'ip link set dev lo alias "$0" up && exec ip netns attach "$1" $$' 'netc vxlan-bridge' core

  at 'vxlan-bridge.net:6  netns h1'
  unshare --net sh -c 'ip link set dev lo alias "$0" up && exec ip netns attach "$1" $$' 'netc vxlan-bridge' h1

  at 'vxlan-bridge.net:19  netns pod11'
  unshare --net sh -c 'ip link set dev lo alias "$0" up && exec ip netns attach "$1" $$' 'netc vxlan-bridge' pod11

  at 'vxlan-bridge.net:19  netns pod12'
  unshare --net sh -c 'ip link set dev lo alias "$0" up && exec ip netns attach "$1" $$' 'netc vxlan-bridge' pod12

  at 'vxlan-bridge.net:6  netns h2'
  unshare --net sh -c 'ip link set dev lo alias "$0" up && exec ip netns attach "$1" $$' 'netc vxlan-bridge' h2

  at 'vxlan-bridge.net:19  netns pod21'
  unshare --net sh -c 'ip link set dev lo alias "$0" up && exec ip netns attach "$1" $$' 'netc vxlan-bridge' pod21

  at 'vxlan-bridge.net:19  netns pod22'
  unshare --net sh -c 'ip link set dev lo alias "$0" up && exec ip netns attach "$1" $$' 'netc vxlan-bridge' pod22

  at 'vxlan-bridge.net:4  forward ipv4'
  ip netns exec core sysctl -qw net.ipv4.ip_forward=1

  at 'vxlan-bridge.net:7  bridge br0'
  ip -n h1 link add name br0 address 02:5f:01:87:04:0b group 10437816 type bridge
  ip -n h1 link set dev br0 alias 'netc vxlan-bridge vxlan-bridge.net:7'

  at 'vxlan-bridge.net:8  veth up 192.168.1.2/24 -- core:h1 192.168.1.1/24'
  ip -n h1 link add name up group 10437816 type veth peer name h1 group 10437816 netns core
  ip -n h1 addr add 192.168.1.2/24 brd + dev up
  ip -n h1 link set dev up alias 'netc vxlan-bridge vxlan-bridge.net:8' up
  ip -n core addr add 192.168.1.1/24 brd + dev h1
  ip -n core link set dev h1 alias 'netc vxlan-bridge vxlan-bridge.net:8' up

  at 'vxlan-bridge.net:10  vxlan vx0 on up'
  ip -n h1 link add name vx0 group 10437816 type vxlan id 7 dstport 4789 local 192.168.1.2 remote 192.168.2.2 dev up
  ip -n h1 link set dev vx0 alias 'netc vxlan-bridge vxlan-bridge.net:10' master br0 up

  at 'vxlan-bridge.net:19  veth eth0 10.0.0.11/24 -- h1:br0'
  ip -n pod11 link add name eth0 mtu 1450 group 10437816 type veth peer name pod11-eth0 mtu 1450 group 10437816 netns h1
  ip -n pod11 addr add 10.0.0.11/24 brd + dev eth0
  ip -n pod11 link set dev eth0 alias 'netc vxlan-bridge vxlan-bridge.net:19' up
  ip -n h1 link set dev pod11-eth0 alias 'netc vxlan-bridge vxlan-bridge.net:19' master br0 up

  at 'vxlan-bridge.net:19  veth eth0 10.0.0.12/24 -- h1:br0'
  ip -n pod12 link add name eth0 mtu 1450 group 10437816 type veth peer name pod12-eth0 mtu 1450 group 10437816 netns h1
  ip -n pod12 addr add 10.0.0.12/24 brd + dev eth0
  ip -n pod12 link set dev eth0 alias 'netc vxlan-bridge vxlan-bridge.net:19' up
  ip -n h1 link set dev pod12-eth0 alias 'netc vxlan-bridge vxlan-bridge.net:19' master br0 up

  at 'vxlan-bridge.net:7  bridge br0'
  ip -n h2 link add name br0 address 02:c7:b7:5f:5d:e4 group 10437816 type bridge
  ip -n h2 link set dev br0 alias 'netc vxlan-bridge vxlan-bridge.net:7'

  at 'vxlan-bridge.net:8  veth up 192.168.2.2/24 -- core:h2 192.168.2.1/24'
  ip -n h2 link add name up group 10437816 type veth peer name h2 group 10437816 netns core
  ip -n h2 addr add 192.168.2.2/24 brd + dev up
  ip -n h2 link set dev up alias 'netc vxlan-bridge vxlan-bridge.net:8' up
  ip -n core addr add 192.168.2.1/24 brd + dev h2
  ip -n core link set dev h2 alias 'netc vxlan-bridge vxlan-bridge.net:8' up

  at 'vxlan-bridge.net:10  vxlan vx0 on up'
  ip -n h2 link add name vx0 group 10437816 type vxlan id 7 dstport 4789 local 192.168.2.2 remote 192.168.1.2 dev up
  ip -n h2 link set dev vx0 alias 'netc vxlan-bridge vxlan-bridge.net:10' master br0 up

  at 'vxlan-bridge.net:19  veth eth0 10.0.0.21/24 -- h2:br0'
  ip -n pod21 link add name eth0 mtu 1450 group 10437816 type veth peer name pod21-eth0 mtu 1450 group 10437816 netns h2
  ip -n pod21 addr add 10.0.0.21/24 brd + dev eth0
  ip -n pod21 link set dev eth0 alias 'netc vxlan-bridge vxlan-bridge.net:19' up
  ip -n h2 link set dev pod21-eth0 alias 'netc vxlan-bridge vxlan-bridge.net:19' master br0 up

  at 'vxlan-bridge.net:19  veth eth0 10.0.0.22/24 -- h2:br0'
  ip -n pod22 link add name eth0 mtu 1450 group 10437816 type veth peer name pod22-eth0 mtu 1450 group 10437816 netns h2
  ip -n pod22 addr add 10.0.0.22/24 brd + dev eth0
  ip -n pod22 link set dev eth0 alias 'netc vxlan-bridge vxlan-bridge.net:19' up
  ip -n h2 link set dev pod22-eth0 alias 'netc vxlan-bridge vxlan-bridge.net:19' master br0 up

  at 'vxlan-bridge.net:7  bridge br0'
  ip -n h1 link set dev br0 up

  at 'vxlan-bridge.net:7  bridge br0'
  ip -n h2 link set dev br0 up

  at 'vxlan-bridge.net:9  route default via 192.168.1.1'
  ip -n h1 route add default via 192.168.1.1 dev up

  at 'vxlan-bridge.net:9  route default via 192.168.2.1'
  ip -n h2 route add default via 192.168.2.1 dev up

  # --- it is up
  if [[ -n $dry ]]; then exit 0; fi
  trap '' HUP INT QUIT TERM
  printf '%s\n' "$plan" >"$state/up"
  trap - EXIT && say "the lab $lab is up"
  exit 0
}
