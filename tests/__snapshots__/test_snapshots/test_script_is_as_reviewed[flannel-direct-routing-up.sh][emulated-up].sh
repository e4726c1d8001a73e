#!/usr/bin/env bash
# up.sh brings up the lab flannel-direct-routing; netc wrote it from flannel-direct-routing.net. Run it as root. down.sh undoes it.
# up.sh -q says nothing but errors; up.sh -n prints the commands and runs none.
#
#   netns     device       addresses         joined
#   n1        eth0         192.168.50.11/24  to segments:n1-eth0
#   n1        cni0         10.244.1.1/24     bridge
#   n1        flannel.1    10.244.1.0/32     on n1:eth0
#   n1        a-eth0       -                 in cni0, to n1-a:eth0
#   n1-a      eth0         10.244.1.2/24     to n1:a-eth0
#   n2        eth0         192.168.50.12/24  to segments:n2-eth0
#   n2        cni0         10.244.2.1/24     bridge
#   n2        flannel.1    10.244.2.0/32     on n2:eth0
#   n2        b-eth0       -                 in cni0, to n2-b:eth0
#   n2-b      eth0         10.244.2.9/24     to n2:b-eth0
#   n3        eth0         192.168.60.13/24  to segments:n3-eth0
#   n3        cni0         10.244.3.1/24     bridge
#   n3        flannel.1    10.244.3.0/32     on n3:eth0
#   n3        c-eth0       -                 in cni0, to n3-c:eth0
#   n3-c      eth0         10.244.3.2/24     to n3:c-eth0
#   router    eth0         192.168.50.1/24   to segments:router-eth0
#   router    eth1         192.168.60.1/24   to segments:router-eth1
#   segments  east         -                 bridge
#   segments  west         -                 bridge
#   segments  n1-eth0      -                 in east, to n1:eth0
#   segments  n2-eth0      -                 in east, to n2:eth0
#   segments  n3-eth0      -                 in west, to n3:eth0
#   segments  router-eth0  -                 in east, to router:eth0
#   segments  router-eth1  -                 in west, to router:eth1
# shellcheck disable=SC2016,SC2043,SC2317,SC2329 # a $ of the lab's own; a loop over one name; functions for traps
{
  # --- frame: the same text in every lab, explained in docs/scripts.md
  set -Eeuo pipefail
  trap : PIPE
  script=up.sh quiet='' dry=''
  tell() { printf '%s: %s\n' "$script" "$*" >&2 || :; }
  case $* in '') ;; -q) quiet=1 ;; -n) dry=1 ;; *) tell 'usage: up.sh [-q] [-n]' && exit 2 ;; esac
  lab=flannel-direct-routing plan=4df5734ab0ffdb77 made='' refused='' here='flannel-direct-routing.net:3  lab flannel-direct-routing' bad=0
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
    if ours_netns segments; then users segments && undone 'flannel-direct-routing.net:3  lab flannel-direct-routing' ip netns del segments; fi
    if ours_netns router; then users router && undone 'flannel-direct-routing.net:31  host router' ip netns del router; fi
    if ours_netns n3-c; then users n3-c && undone 'flannel-direct-routing.net:28  netns c' ip netns del n3-c; fi
    if ours_netns n3; then users n3 && undone 'flannel-direct-routing.net:24  host n3' ip netns del n3; fi
    if ours_netns n2-b; then users n2-b && undone 'flannel-direct-routing.net:22  netns b' ip netns del n2-b; fi
    if ours_netns n2; then users n2 && undone 'flannel-direct-routing.net:18  host n2' ip netns del n2; fi
    if ours_netns n1-a; then users n1-a && undone 'flannel-direct-routing.net:16  netns a' ip netns del n1-a; fi
    if ours_netns n1; then users n1 && undone 'flannel-direct-routing.net:12  host n1' ip netns del n1; fi
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
    for name in bridge flock ip sysctl unshare; do type -P "$name" >/dev/null || refuse "this lab needs the command $name, which is not here"; done
    if ((bad)); then exit 1; fi
    root=$(readlink /proc/self/ns/net)
    root=/run/netc/${root//[!0-9]/} state=$root/$lab
    exec 9</proc/self/ns/net
    flock -w 300 9 # one up.sh or down.sh at a time on this host
    boot=$(</proc/sys/kernel/random/boot_id)
    if [[ -e $state/boot && $(<"$state/boot") != "$boot" ]]; then rm -rf "$state"; fi # it outlived a reboot
    if [[ -e $state/up && $(<"$state/up") == "$plan" ]] && ours_netns n1; then trap - EXIT && say "the lab $lab is up already" && exit 0; fi
    if [[ -e $state ]]; then refuse "the lab $lab is up as another version of it, or only in part: run down.sh first" && exit 1; fi
    for name in n1 n1-a n2 n2-b n3 n3-c router segments; do [[ ! -e /run/netns/$name ]] || refuse "there is a namespace $name, which is not the lab's"; done
    [[ -z $(ip -o link show group 631835757) ]] || refuse 'there is a device of link group 631835757, the mark of this lab'
    unshare --net ip link add name probe type veth || refuse 'this kernel cannot make a veth (flannel-direct-routing.net:13  uplink eth0 192.168.50.11/24 on east)'
    unshare --net ip link add name probe type bridge || refuse 'this kernel cannot make a bridge (flannel-direct-routing.net:15  bridge cni0 10.244.1.1/24)'
    unshare --net ip link add name probe type vxlan id 1 dstport 4789 || refuse 'this kernel cannot make a vxlan (flannel-direct-routing.net:15  vxlan flannel.1 10.244.1.0/32 on eth0)'
    if ((bad)); then exit 1; fi
    made=1
    (umask 022 && mkdir -p "$root") # the first change; nobody else may write there, or they could put in an `undo` of theirs
    mkdir -m 700 "$state"
    printf '%s\n' "$boot" >"$state/boot"
    declare -f undo undone ours_netns users >"$state/undo.new"
    mv "$state/undo.new" "$state/undo" # down.sh goes by it, even if its own file has changed by then
  fi

  # --- the lab

  at 'flannel-direct-routing.net:12  host n1'
  unshare --net sh -c 'ip link set dev lo alias "$0" up && exec ip netns attach "$1" $$' 'netc flannel-direct-routing' n1

  at 'flannel-direct-routing.net:16  netns a'
  unshare --net sh -c 'ip link set dev lo alias "$0" up && exec ip netns attach "$1" $$' 'netc flannel-direct-routing' n1-a

  at 'flannel-direct-routing.net:18  host n2'
  unshare --net sh -c 'ip link set dev lo alias "$0" up && exec ip netns attach "$1" $$' 'netc flannel-direct-routing' n2

  at 'flannel-direct-routing.net:22  netns b'
  unshare --net sh -c 'ip link set dev lo alias "$0" up && exec ip netns attach "$1" $$' 'netc flannel-direct-routing' n2-b

  at 'flannel-direct-routing.net:24  host n3'
  unshare --net sh -c 'ip link set dev lo alias "$0" up && exec ip netns attach "$1" $$' 'netc flannel-direct-routing' n3

  at 'flannel-direct-routing.net:28  netns c'
  unshare --net sh -c 'ip link set dev lo alias "$0" up && exec ip netns attach "$1" $$' 'netc flannel-direct-routing' n3-c

  at 'flannel-direct-routing.net:31  host router'
  unshare --net sh -c 'ip link set dev lo alias "$0" up && exec ip netns attach "$1" $$' 'netc flannel-direct-routing' router

  at 'flannel-direct-routing.net:3  lab flannel-direct-routing'
  unshare --net sh -c 'ip link set dev lo alias "$0" up && exec ip netns attach "$1" $$' 'netc flannel-direct-routing' segments

  at 'flannel-direct-routing.net:15  forward ipv4'
  ip netns exec n1 sysctl -qw net.ipv4.ip_forward=1

  at 'flannel-direct-routing.net:21  forward ipv4'
  ip netns exec n2 sysctl -qw net.ipv4.ip_forward=1

  at 'flannel-direct-routing.net:27  forward ipv4'
  ip netns exec n3 sysctl -qw net.ipv4.ip_forward=1

  at 'flannel-direct-routing.net:34  forward ipv4'
  ip netns exec router sysctl -qw net.ipv4.ip_forward=1

  at 'flannel-direct-routing.net:5  segment east 192.168.50.0/24'
  ip -n segments link add name east address 02:9c:e9:71:34:7d group 631835757 type bridge
  ip -n segments link set dev east alias 'netc flannel-direct-routing flannel-direct-routing.net:5'

  at 'flannel-direct-routing.net:13  uplink eth0 192.168.50.11/24 on east'
  ip -n n1 link add name eth0 group 631835757 type veth peer name n1-eth0 group 631835757 netns segments
  ip -n n1 addr add 192.168.50.11/24 brd + dev eth0
  ip -n n1 link set dev eth0 alias 'netc flannel-direct-routing flannel-direct-routing.net:13' up
  ip -n segments link set dev n1-eth0 alias 'netc flannel-direct-routing flannel-direct-routing.net:13' master east up

  at 'flannel-direct-routing.net:15  bridge cni0 10.244.1.1/24'
  ip -n n1 link add name cni0 address 02:cd:00:2f:00:82 mtu 1450 group 631835757 type bridge
  ip -n n1 addr add 10.244.1.1/24 brd + dev cni0
  ip -n n1 link set dev cni0 alias 'netc flannel-direct-routing flannel-direct-routing.net:15'

  at 'flannel-direct-routing.net:15  vxlan flannel.1 10.244.1.0/32 on eth0'
  ip -n n1 link add name flannel.1 address 02:a5:fb:7b:62:a8 mtu 1450 group 631835757 type vxlan id 1 dstport 8472 local 192.168.50.11 nolearning dev eth0
  ip netns exec n1 sysctl -qw net/ipv6/conf/flannel.1/accept_ra=0
  ip -n n1 addr add 10.244.1.0/32 dev flannel.1
  ip -n n1 link set dev flannel.1 alias 'netc flannel-direct-routing flannel-direct-routing.net:15' up

  at 'flannel-direct-routing.net:16  veth eth0 10.244.1.2/24 -- cni0'
  ip -n n1 link add name a-eth0 mtu 1450 group 631835757 type veth peer name eth0 mtu 1450 group 631835757 netns n1-a
  ip -n n1 link set dev a-eth0 alias 'netc flannel-direct-routing flannel-direct-routing.net:16' master cni0 up
  ip -n n1 link set dev a-eth0 type bridge_slave hairpin on
  ip -n n1-a addr add 10.244.1.2/24 brd + dev eth0
  ip -n n1-a link set dev eth0 alias 'netc flannel-direct-routing flannel-direct-routing.net:16' up

  at 'flannel-direct-routing.net:19  uplink eth0 192.168.50.12/24 on east'
  ip -n n2 link add name eth0 group 631835757 type veth peer name n2-eth0 group 631835757 netns segments
  ip -n n2 addr add 192.168.50.12/24 brd + dev eth0
  ip -n n2 link set dev eth0 alias 'netc flannel-direct-routing flannel-direct-routing.net:19' up
  ip -n segments link set dev n2-eth0 alias 'netc flannel-direct-routing flannel-direct-routing.net:19' master east up

  at 'flannel-direct-routing.net:21  bridge cni0 10.244.2.1/24'
  ip -n n2 link add name cni0 address 02:4d:a7:65:42:98 mtu 1450 group 631835757 type bridge
  ip -n n2 addr add 10.244.2.1/24 brd + dev cni0
  ip -n n2 link set dev cni0 alias 'netc flannel-direct-routing flannel-direct-routing.net:21'

  at 'flannel-direct-routing.net:21  vxlan flannel.1 10.244.2.0/32 on eth0'
  ip -n n2 link add name flannel.1 address 02:cf:95:4a:9d:92 mtu 1450 group 631835757 type vxlan id 1 dstport 8472 local 192.168.50.12 nolearning dev eth0
  ip netns exec n2 sysctl -qw net/ipv6/conf/flannel.1/accept_ra=0
  ip -n n2 addr add 10.244.2.0/32 dev flannel.1
  ip -n n2 link set dev flannel.1 alias 'netc flannel-direct-routing flannel-direct-routing.net:21' up

  at 'flannel-direct-routing.net:22  veth eth0 10.244.2.9/24 -- cni0'
  ip -n n2 link add name b-eth0 mtu 1450 group 631835757 type veth peer name eth0 mtu 1450 group 631835757 netns n2-b
  ip -n n2 link set dev b-eth0 alias 'netc flannel-direct-routing flannel-direct-routing.net:22' master cni0 up
  ip -n n2 link set dev b-eth0 type bridge_slave hairpin on
  ip -n n2-b addr add 10.244.2.9/24 brd + dev eth0
  ip -n n2-b link set dev eth0 alias 'netc flannel-direct-routing flannel-direct-routing.net:22' up

  at 'flannel-direct-routing.net:6  segment west 192.168.60.0/24'
  ip -n segments link add name west address 02:f5:05:2f:4f:bd group 631835757 type bridge
  ip -n segments link set dev west alias 'netc flannel-direct-routing flannel-direct-routing.net:6'

  at 'flannel-direct-routing.net:25  uplink eth0 192.168.60.13/24 on west'
  ip -n n3 link add name eth0 group 631835757 type veth peer name n3-eth0 group 631835757 netns segments
  ip -n n3 addr add 192.168.60.13/24 brd + dev eth0
  ip -n n3 link set dev eth0 alias 'netc flannel-direct-routing flannel-direct-routing.net:25' up
  ip -n segments link set dev n3-eth0 alias 'netc flannel-direct-routing flannel-direct-routing.net:25' master west up

  at 'flannel-direct-routing.net:27  bridge cni0 10.244.3.1/24'
  ip -n n3 link add name cni0 address 02:ad:3e:98:cc:06 mtu 1450 group 631835757 type bridge
  ip -n n3 addr add 10.244.3.1/24 brd + dev cni0
  ip -n n3 link set dev cni0 alias 'netc flannel-direct-routing flannel-direct-routing.net:27'

  at 'flannel-direct-routing.net:27  vxlan flannel.1 10.244.3.0/32 on eth0'
  ip -n n3 link add name flannel.1 address 02:c6:10:61:43:27 mtu 1450 group 631835757 type vxlan id 1 dstport 8472 local 192.168.60.13 nolearning dev eth0
  ip netns exec n3 sysctl -qw net/ipv6/conf/flannel.1/accept_ra=0
  ip -n n3 addr add 10.244.3.0/32 dev flannel.1
  ip -n n3 link set dev flannel.1 alias 'netc flannel-direct-routing flannel-direct-routing.net:27' up

  at 'flannel-direct-routing.net:28  veth eth0 10.244.3.2/24 -- cni0'
  ip -n n3 link add name c-eth0 mtu 1450 group 631835757 type veth peer name eth0 mtu 1450 group 631835757 netns n3-c
  ip -n n3 link set dev c-eth0 alias 'netc flannel-direct-routing flannel-direct-routing.net:28' master cni0 up
  ip -n n3 link set dev c-eth0 type bridge_slave hairpin on
  ip -n n3-c addr add 10.244.3.2/24 brd + dev eth0
  ip -n n3-c link set dev eth0 alias 'netc flannel-direct-routing flannel-direct-routing.net:28' up

  at 'flannel-direct-routing.net:32  uplink eth0 192.168.50.1/24 on east'
  ip -n router link add name eth0 group 631835757 type veth peer name router-eth0 group 631835757 netns segments
  ip -n router addr add 192.168.50.1/24 brd + dev eth0
  ip -n router link set dev eth0 alias 'netc flannel-direct-routing flannel-direct-routing.net:32' up
  ip -n segments link set dev router-eth0 alias 'netc flannel-direct-routing flannel-direct-routing.net:32' master east up

  at 'flannel-direct-routing.net:33  uplink eth1 192.168.60.1/24 on west'
  ip -n router link add name eth1 group 631835757 type veth peer name router-eth1 group 631835757 netns segments
  ip -n router addr add 192.168.60.1/24 brd + dev eth1
  ip -n router link set dev eth1 alias 'netc flannel-direct-routing flannel-direct-routing.net:33' up
  ip -n segments link set dev router-eth1 alias 'netc flannel-direct-routing flannel-direct-routing.net:33' master west up

  at 'flannel-direct-routing.net:5  segment east 192.168.50.0/24'
  ip -n segments link set dev east up

  at 'flannel-direct-routing.net:15  bridge cni0 10.244.1.1/24'
  ip -n n1 link set dev cni0 mtu 1450 up

  at 'flannel-direct-routing.net:21  bridge cni0 10.244.2.1/24'
  ip -n n2 link set dev cni0 mtu 1450 up

  at 'flannel-direct-routing.net:6  segment west 192.168.60.0/24'
  ip -n segments link set dev west up

  at 'flannel-direct-routing.net:27  bridge cni0 10.244.3.1/24'
  ip -n n3 link set dev cni0 mtu 1450 up

  at 'flannel-direct-routing.net:15  neigh 10.244.3.0 lladdr 02:c6:10:61:43:27 dev flannel.1'
  ip -n n1 neigh replace 10.244.3.0 lladdr 02:c6:10:61:43:27 dev flannel.1 nud permanent

  at 'flannel-direct-routing.net:21  neigh 10.244.3.0 lladdr 02:c6:10:61:43:27 dev flannel.1'
  ip -n n2 neigh replace 10.244.3.0 lladdr 02:c6:10:61:43:27 dev flannel.1 nud permanent

  at 'flannel-direct-routing.net:27  neigh 10.244.1.0 lladdr 02:a5:fb:7b:62:a8 dev flannel.1'
  ip -n n3 neigh replace 10.244.1.0 lladdr 02:a5:fb:7b:62:a8 dev flannel.1 nud permanent

  at 'flannel-direct-routing.net:27  neigh 10.244.2.0 lladdr 02:cf:95:4a:9d:92 dev flannel.1'
  ip -n n3 neigh replace 10.244.2.0 lladdr 02:cf:95:4a:9d:92 dev flannel.1 nud permanent

  at 'flannel-direct-routing.net:15  fdb 02:c6:10:61:43:27 dst 192.168.60.13 dev flannel.1'
  bridge -n n1 fdb replace 02:c6:10:61:43:27 dev flannel.1 dst 192.168.60.13 self permanent

  at 'flannel-direct-routing.net:21  fdb 02:c6:10:61:43:27 dst 192.168.60.13 dev flannel.1'
  bridge -n n2 fdb replace 02:c6:10:61:43:27 dev flannel.1 dst 192.168.60.13 self permanent

  at 'flannel-direct-routing.net:27  fdb 02:a5:fb:7b:62:a8 dst 192.168.50.11 dev flannel.1'
  bridge -n n3 fdb replace 02:a5:fb:7b:62:a8 dev flannel.1 dst 192.168.50.11 self permanent

  at 'flannel-direct-routing.net:27  fdb 02:cf:95:4a:9d:92 dst 192.168.50.12 dev flannel.1'
  bridge -n n3 fdb replace 02:cf:95:4a:9d:92 dev flannel.1 dst 192.168.50.12 self permanent

  at 'flannel-direct-routing.net:14  route 192.168.60.0/24 via 192.168.50.1'
  ip -n n1 route add 192.168.60.0/24 via 192.168.50.1 dev eth0

  at 'flannel-direct-routing.net:15  route 10.244.2.0/24 via 192.168.50.12 dev eth0'
  ip -n n1 route add 10.244.2.0/24 via 192.168.50.12 dev eth0

  at 'flannel-direct-routing.net:15  route 10.244.3.0/24 via 10.244.3.0 dev flannel.1 onlink'
  ip -n n1 route add 10.244.3.0/24 via 10.244.3.0 dev flannel.1 onlink

  at 'flannel-direct-routing.net:16  route default via 10.244.1.1'
  ip -n n1-a route add default via 10.244.1.1 dev eth0

  at 'flannel-direct-routing.net:20  route 192.168.60.0/24 via 192.168.50.1'
  ip -n n2 route add 192.168.60.0/24 via 192.168.50.1 dev eth0

  at 'flannel-direct-routing.net:21  route 10.244.1.0/24 via 192.168.50.11 dev eth0'
  ip -n n2 route add 10.244.1.0/24 via 192.168.50.11 dev eth0

  at 'flannel-direct-routing.net:21  route 10.244.3.0/24 via 10.244.3.0 dev flannel.1 onlink'
  ip -n n2 route add 10.244.3.0/24 via 10.244.3.0 dev flannel.1 onlink

  at 'flannel-direct-routing.net:22  route default via 10.244.2.1'
  ip -n n2-b route add default via 10.244.2.1 dev eth0

  at 'flannel-direct-routing.net:26  route 192.168.50.0/24 via 192.168.60.1'
  ip -n n3 route add 192.168.50.0/24 via 192.168.60.1 dev eth0

  at 'flannel-direct-routing.net:27  route 10.244.1.0/24 via 10.244.1.0 dev flannel.1 onlink'
  ip -n n3 route add 10.244.1.0/24 via 10.244.1.0 dev flannel.1 onlink

  at 'flannel-direct-routing.net:27  route 10.244.2.0/24 via 10.244.2.0 dev flannel.1 onlink'
  ip -n n3 route add 10.244.2.0/24 via 10.244.2.0 dev flannel.1 onlink

  at 'flannel-direct-routing.net:28  route default via 10.244.3.1'
  ip -n n3-c route add default via 10.244.3.1 dev eth0

  # --- it is up
  if [[ -n $dry ]]; then exit 0; fi
  trap '' HUP INT QUIT TERM
  printf '%s\n' "$plan" >"$state/up"
  trap - EXIT && say "the lab $lab is up"
  exit 0
}
