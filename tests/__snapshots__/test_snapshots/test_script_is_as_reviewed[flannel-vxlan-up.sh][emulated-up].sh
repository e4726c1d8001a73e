#!/usr/bin/env bash
# up.sh brings up the lab flannel-vxlan; netc wrote it from flannel-vxlan.net. Run it as root. down.sh undoes it.
# up.sh -q says nothing but errors; up.sh -n prints the commands and runs none.
#
#   netns     device     addresses         joined
#   n1        eth0       192.168.50.11/24  to segments:n1-eth0
#   n1        cni0       10.244.1.1/24     bridge
#   n1        flannel.1  10.244.1.0/32     on n1:eth0
#   n1        a-eth0     -                 in cni0, to n1-a:eth0
#   n1        b-eth0     -                 in cni0, to n1-b:eth0
#   n1-a      eth0       10.244.1.2/24     to n1:a-eth0
#   n1-b      eth0       10.244.1.3/24     to n1:b-eth0
#   n2        eth0       192.168.50.12/24  to segments:n2-eth0
#   n2        cni0       10.244.2.1/24     bridge
#   n2        flannel.1  10.244.2.0/32     on n2:eth0
#   n2        c-eth0     -                 in cni0, to n2-c:eth0
#   n2-c      eth0       10.244.2.9/24     to n2:c-eth0
#   n3        eth0       192.168.50.13/24  to segments:n3-eth0
#   n3        cni0       10.244.3.1/24     bridge
#   n3        flannel.1  10.244.3.0/32     on n3:eth0
#   n3        d-eth0     -                 in cni0, to n3-d:eth0
#   n3-d      eth0       10.244.3.2/24     to n3:d-eth0
#   segments  lan        -                 bridge
#   segments  n1-eth0    -                 in lan, to n1:eth0
#   segments  n2-eth0    -                 in lan, to n2:eth0
#   segments  n3-eth0    -                 in lan, to n3:eth0
# shellcheck disable=SC2016,SC2043,SC2317,SC2329 # a $ of the lab's own; a loop over one name; functions for traps
{
  # --- frame: the same text in every lab, explained in docs/scripts.md
  set -Eeuo pipefail
  trap : PIPE
  script=up.sh quiet='' dry=''
  tell() { printf '%s: %s\n' "$script" "$*" >&2 || :; }
  case $* in '') ;; -q) quiet=1 ;; -n) dry=1 ;; *) tell 'usage: up.sh [-q] [-n]' && exit 2 ;; esac
  lab=flannel-vxlan plan=392a68a26131e82d made='' refused='' here='flannel-vxlan.net:2  lab flannel-vxlan' bad=0
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
    if ours_netns segments; then users segments && undone 'flannel-vxlan.net:2  lab flannel-vxlan' ip netns del segments; fi
    if ours_netns n3-d; then users n3-d && undone 'flannel-vxlan.net:25  netns d' ip netns del n3-d; fi
    if ours_netns n3; then users n3 && undone 'flannel-vxlan.net:22  host n3' ip netns del n3; fi
    if ours_netns n2-c; then users n2-c && undone 'flannel-vxlan.net:20  netns c' ip netns del n2-c; fi
    if ours_netns n2; then users n2 && undone 'flannel-vxlan.net:17  host n2' ip netns del n2; fi
    if ours_netns n1-b; then users n1-b && undone 'flannel-vxlan.net:15  netns b' ip netns del n1-b; fi
    if ours_netns n1-a; then users n1-a && undone 'flannel-vxlan.net:14  netns a' ip netns del n1-a; fi
    if ours_netns n1; then users n1 && undone 'flannel-vxlan.net:11  host n1' ip netns del n1; fi
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
    for name in bridge flock ip nft sysctl unshare; do type -P "$name" >/dev/null || refuse "this lab needs the command $name, which is not here"; done
    if ((bad)); then exit 1; fi
    root=$(readlink /proc/self/ns/net)
    root=/run/netc/${root//[!0-9]/} state=$root/$lab
    exec 9</proc/self/ns/net
    flock -w 300 9 # one up.sh or down.sh at a time on this host
    boot=$(</proc/sys/kernel/random/boot_id)
    if [[ -e $state/boot && $(<"$state/boot") != "$boot" ]]; then rm -rf "$state"; fi # it outlived a reboot
    if [[ -e $state/up && $(<"$state/up") == "$plan" ]] && ours_netns n1; then trap - EXIT && say "the lab $lab is up already" && exit 0; fi
    if [[ -e $state ]]; then refuse "the lab $lab is up as another version of it, or only in part: run down.sh first" && exit 1; fi
    for name in n1 n1-a n1-b n2 n2-c n3 n3-d segments; do [[ ! -e /run/netns/$name ]] || refuse "there is a namespace $name, which is not the lab's"; done
    [[ -z $(ip -o link show group 1599697767) ]] || refuse 'there is a device of link group 1599697767, the mark of this lab'
    unshare --net ip link add name probe type veth || refuse 'this kernel cannot make a veth (flannel-vxlan.net:12  uplink eth0 192.168.50.11/24 on lan)'
    unshare --net ip link add name probe type bridge || refuse 'this kernel cannot make a bridge (flannel-vxlan.net:13  bridge cni0 10.244.1.1/24)'
    unshare --net ip link add name probe type vxlan id 1 dstport 4789 || refuse 'this kernel cannot make a vxlan (flannel-vxlan.net:13  vxlan flannel.1 10.244.1.0/32 on eth0)'
    unshare --net nft 'create table inet netc-flannel-vxlan { comment "netc flannel-vxlan"; }' >/dev/null 2>&1 || refuse 'nft cannot make a table that carries the lab'"'"'s mark: the kernel has no nf_tables, or is older than 5.10 (flannel-vxlan.net:13)'
    if ((bad)); then exit 1; fi
    made=1
    (umask 022 && mkdir -p "$root") # the first change; nobody else may write there, or they could put in an `undo` of theirs
    mkdir -m 700 "$state"
    printf '%s\n' "$boot" >"$state/boot"
    declare -f undo undone ours_netns users >"$state/undo.new"
    mv "$state/undo.new" "$state/undo" # down.sh goes by it, even if its own file has changed by then
  fi

  # --- the lab

  at 'flannel-vxlan.net:11  host n1'
  unshare --net sh -c 'ip link set dev lo alias "$0" up && exec ip netns attach "$1" $$' 'netc flannel-vxlan' n1

  at 'flannel-vxlan.net:14  netns a'
  unshare --net sh -c 'ip link set dev lo alias "$0" up && exec ip netns attach "$1" $$' 'netc flannel-vxlan' n1-a

  at 'flannel-vxlan.net:15  netns b'
  unshare --net sh -c 'ip link set dev lo alias "$0" up && exec ip netns attach "$1" $$' 'netc flannel-vxlan' n1-b

  at 'flannel-vxlan.net:17  host n2'
  unshare --net sh -c 'ip link set dev lo alias "$0" up && exec ip netns attach "$1" $$' 'netc flannel-vxlan' n2

  at 'flannel-vxlan.net:20  netns c'
  unshare --net sh -c 'ip link set dev lo alias "$0" up && exec ip netns attach "$1" $$' 'netc flannel-vxlan' n2-c

  at 'flannel-vxlan.net:22  host n3'
  unshare --net sh -c 'ip link set dev lo alias "$0" up && exec ip netns attach "$1" $$' 'netc flannel-vxlan' n3

  at 'flannel-vxlan.net:25  netns d'
  unshare --net sh -c 'ip link set dev lo alias "$0" up && exec ip netns attach "$1" $$' 'netc flannel-vxlan' n3-d

  at 'flannel-vxlan.net:2  lab flannel-vxlan'
  unshare --net sh -c 'ip link set dev lo alias "$0" up && exec ip netns attach "$1" $$' 'netc flannel-vxlan' segments

  at 'flannel-vxlan.net:13  forward ipv4'
  ip netns exec n1 sysctl -qw net.ipv4.ip_forward=1

  at 'flannel-vxlan.net:19  forward ipv4'
  ip netns exec n2 sysctl -qw net.ipv4.ip_forward=1

  at 'flannel-vxlan.net:24  forward ipv4'
  ip netns exec n3 sysctl -qw net.ipv4.ip_forward=1

  at 'flannel-vxlan.net:4  segment lan 192.168.50.0/24'
  ip -n segments link add name lan address 02:97:10:d7:8a:f4 group 1599697767 type bridge
  ip -n segments link set dev lan alias 'netc flannel-vxlan flannel-vxlan.net:4'

  at 'flannel-vxlan.net:12  uplink eth0 192.168.50.11/24 on lan'
  ip -n n1 link add name eth0 group 1599697767 type veth peer name n1-eth0 group 1599697767 netns segments
  ip -n n1 addr add 192.168.50.11/24 brd + dev eth0
  ip -n n1 link set dev eth0 alias 'netc flannel-vxlan flannel-vxlan.net:12' up
  ip -n segments link set dev n1-eth0 alias 'netc flannel-vxlan flannel-vxlan.net:12' master lan up

  at 'flannel-vxlan.net:13  bridge cni0 10.244.1.1/24'
  ip -n n1 link add name cni0 address 02:f1:3c:aa:4f:84 mtu 1450 group 1599697767 type bridge
  ip -n n1 addr add 10.244.1.1/24 brd + dev cni0
  ip -n n1 link set dev cni0 alias 'netc flannel-vxlan flannel-vxlan.net:13'

  at 'flannel-vxlan.net:13  vxlan flannel.1 10.244.1.0/32 on eth0'
  ip -n n1 link add name flannel.1 address 02:a5:fb:7b:62:a8 mtu 1450 group 1599697767 type vxlan id 1 dstport 8472 local 192.168.50.11 nolearning dev eth0
  ip netns exec n1 sysctl -qw net/ipv6/conf/flannel.1/accept_ra=0
  ip -n n1 addr add 10.244.1.0/32 dev flannel.1
  ip -n n1 link set dev flannel.1 alias 'netc flannel-vxlan flannel-vxlan.net:13' up

  at 'flannel-vxlan.net:14  veth eth0 10.244.1.2/24 -- cni0'
  ip -n n1 link add name a-eth0 mtu 1450 group 1599697767 type veth peer name eth0 mtu 1450 group 1599697767 netns n1-a
  ip -n n1 link set dev a-eth0 alias 'netc flannel-vxlan flannel-vxlan.net:14' master cni0 up
  ip -n n1 link set dev a-eth0 type bridge_slave hairpin on
  ip -n n1-a addr add 10.244.1.2/24 brd + dev eth0
  ip -n n1-a link set dev eth0 alias 'netc flannel-vxlan flannel-vxlan.net:14' up

  at 'flannel-vxlan.net:15  veth eth0 10.244.1.3/24 -- cni0'
  ip -n n1 link add name b-eth0 mtu 1450 group 1599697767 type veth peer name eth0 mtu 1450 group 1599697767 netns n1-b
  ip -n n1 link set dev b-eth0 alias 'netc flannel-vxlan flannel-vxlan.net:15' master cni0 up
  ip -n n1 link set dev b-eth0 type bridge_slave hairpin on
  ip -n n1-b addr add 10.244.1.3/24 brd + dev eth0
  ip -n n1-b link set dev eth0 alias 'netc flannel-vxlan flannel-vxlan.net:15' up

  at 'flannel-vxlan.net:18  uplink eth0 192.168.50.12/24 on lan'
  ip -n n2 link add name eth0 group 1599697767 type veth peer name n2-eth0 group 1599697767 netns segments
  ip -n n2 addr add 192.168.50.12/24 brd + dev eth0
  ip -n n2 link set dev eth0 alias 'netc flannel-vxlan flannel-vxlan.net:18' up
  ip -n segments link set dev n2-eth0 alias 'netc flannel-vxlan flannel-vxlan.net:18' master lan up

  at 'flannel-vxlan.net:19  bridge cni0 10.244.2.1/24'
  ip -n n2 link add name cni0 address 02:f9:9d:70:bc:88 mtu 1450 group 1599697767 type bridge
  ip -n n2 addr add 10.244.2.1/24 brd + dev cni0
  ip -n n2 link set dev cni0 alias 'netc flannel-vxlan flannel-vxlan.net:19'

  at 'flannel-vxlan.net:19  vxlan flannel.1 10.244.2.0/32 on eth0'
  ip -n n2 link add name flannel.1 address 02:cf:95:4a:9d:92 mtu 1450 group 1599697767 type vxlan id 1 dstport 8472 local 192.168.50.12 nolearning dev eth0
  ip netns exec n2 sysctl -qw net/ipv6/conf/flannel.1/accept_ra=0
  ip -n n2 addr add 10.244.2.0/32 dev flannel.1
  ip -n n2 link set dev flannel.1 alias 'netc flannel-vxlan flannel-vxlan.net:19' up

  at 'flannel-vxlan.net:20  veth eth0 10.244.2.9/24 -- cni0'
  ip -n n2 link add name c-eth0 mtu 1450 group 1599697767 type veth peer name eth0 mtu 1450 group 1599697767 netns n2-c
  ip -n n2 link set dev c-eth0 alias 'netc flannel-vxlan flannel-vxlan.net:20' master cni0 up
  ip -n n2 link set dev c-eth0 type bridge_slave hairpin on
  ip -n n2-c addr add 10.244.2.9/24 brd + dev eth0
  ip -n n2-c link set dev eth0 alias 'netc flannel-vxlan flannel-vxlan.net:20' up

  at 'flannel-vxlan.net:23  uplink eth0 192.168.50.13/24 on lan'
  ip -n n3 link add name eth0 group 1599697767 type veth peer name n3-eth0 group 1599697767 netns segments
  ip -n n3 addr add 192.168.50.13/24 brd + dev eth0
  ip -n n3 link set dev eth0 alias 'netc flannel-vxlan flannel-vxlan.net:23' up
  ip -n segments link set dev n3-eth0 alias 'netc flannel-vxlan flannel-vxlan.net:23' master lan up

  at 'flannel-vxlan.net:24  bridge cni0 10.244.3.1/24'
  ip -n n3 link add name cni0 address 02:7a:a6:a2:13:bb mtu 1450 group 1599697767 type bridge
  ip -n n3 addr add 10.244.3.1/24 brd + dev cni0
  ip -n n3 link set dev cni0 alias 'netc flannel-vxlan flannel-vxlan.net:24'

  at 'flannel-vxlan.net:24  vxlan flannel.1 10.244.3.0/32 on eth0'
  ip -n n3 link add name flannel.1 address 02:c6:10:61:43:27 mtu 1450 group 1599697767 type vxlan id 1 dstport 8472 local 192.168.50.13 nolearning dev eth0
  ip netns exec n3 sysctl -qw net/ipv6/conf/flannel.1/accept_ra=0
  ip -n n3 addr add 10.244.3.0/32 dev flannel.1
  ip -n n3 link set dev flannel.1 alias 'netc flannel-vxlan flannel-vxlan.net:24' up

  at 'flannel-vxlan.net:25  veth eth0 10.244.3.2/24 -- cni0'
  ip -n n3 link add name d-eth0 mtu 1450 group 1599697767 type veth peer name eth0 mtu 1450 group 1599697767 netns n3-d
  ip -n n3 link set dev d-eth0 alias 'netc flannel-vxlan flannel-vxlan.net:25' master cni0 up
  ip -n n3 link set dev d-eth0 type bridge_slave hairpin on
  ip -n n3-d addr add 10.244.3.2/24 brd + dev eth0
  ip -n n3-d link set dev eth0 alias 'netc flannel-vxlan flannel-vxlan.net:25' up

  at 'flannel-vxlan.net:4  segment lan 192.168.50.0/24'
  ip -n segments link set dev lan up

  at 'flannel-vxlan.net:13  bridge cni0 10.244.1.1/24'
  ip -n n1 link set dev cni0 mtu 1450 up

  at 'flannel-vxlan.net:19  bridge cni0 10.244.2.1/24'
  ip -n n2 link set dev cni0 mtu 1450 up

  at 'flannel-vxlan.net:24  bridge cni0 10.244.3.1/24'
  ip -n n3 link set dev cni0 mtu 1450 up

  at 'flannel-vxlan.net:13  neigh 10.244.2.0 lladdr 02:cf:95:4a:9d:92 dev flannel.1'
  ip -n n1 neigh replace 10.244.2.0 lladdr 02:cf:95:4a:9d:92 dev flannel.1 nud permanent

  at 'flannel-vxlan.net:13  neigh 10.244.3.0 lladdr 02:c6:10:61:43:27 dev flannel.1'
  ip -n n1 neigh replace 10.244.3.0 lladdr 02:c6:10:61:43:27 dev flannel.1 nud permanent

  at 'flannel-vxlan.net:19  neigh 10.244.1.0 lladdr 02:a5:fb:7b:62:a8 dev flannel.1'
  ip -n n2 neigh replace 10.244.1.0 lladdr 02:a5:fb:7b:62:a8 dev flannel.1 nud permanent

  at 'flannel-vxlan.net:19  neigh 10.244.3.0 lladdr 02:c6:10:61:43:27 dev flannel.1'
  ip -n n2 neigh replace 10.244.3.0 lladdr 02:c6:10:61:43:27 dev flannel.1 nud permanent

  at 'flannel-vxlan.net:24  neigh 10.244.1.0 lladdr 02:a5:fb:7b:62:a8 dev flannel.1'
  ip -n n3 neigh replace 10.244.1.0 lladdr 02:a5:fb:7b:62:a8 dev flannel.1 nud permanent

  at 'flannel-vxlan.net:24  neigh 10.244.2.0 lladdr 02:cf:95:4a:9d:92 dev flannel.1'
  ip -n n3 neigh replace 10.244.2.0 lladdr 02:cf:95:4a:9d:92 dev flannel.1 nud permanent

  at 'flannel-vxlan.net:13  fdb 02:cf:95:4a:9d:92 dst 192.168.50.12 dev flannel.1'
  bridge -n n1 fdb replace 02:cf:95:4a:9d:92 dev flannel.1 dst 192.168.50.12 self permanent

  at 'flannel-vxlan.net:13  fdb 02:c6:10:61:43:27 dst 192.168.50.13 dev flannel.1'
  bridge -n n1 fdb replace 02:c6:10:61:43:27 dev flannel.1 dst 192.168.50.13 self permanent

  at 'flannel-vxlan.net:19  fdb 02:a5:fb:7b:62:a8 dst 192.168.50.11 dev flannel.1'
  bridge -n n2 fdb replace 02:a5:fb:7b:62:a8 dev flannel.1 dst 192.168.50.11 self permanent

  at 'flannel-vxlan.net:19  fdb 02:c6:10:61:43:27 dst 192.168.50.13 dev flannel.1'
  bridge -n n2 fdb replace 02:c6:10:61:43:27 dev flannel.1 dst 192.168.50.13 self permanent

  at 'flannel-vxlan.net:24  fdb 02:a5:fb:7b:62:a8 dst 192.168.50.11 dev flannel.1'
  bridge -n n3 fdb replace 02:a5:fb:7b:62:a8 dev flannel.1 dst 192.168.50.11 self permanent

  at 'flannel-vxlan.net:24  fdb 02:cf:95:4a:9d:92 dst 192.168.50.12 dev flannel.1'
  bridge -n n3 fdb replace 02:cf:95:4a:9d:92 dev flannel.1 dst 192.168.50.12 self permanent

  at 'flannel-vxlan.net:13  route 10.244.2.0/24 via 10.244.2.0 dev flannel.1 onlink'
  ip -n n1 route add 10.244.2.0/24 via 10.244.2.0 dev flannel.1 onlink

  at 'flannel-vxlan.net:13  route 10.244.3.0/24 via 10.244.3.0 dev flannel.1 onlink'
  ip -n n1 route add 10.244.3.0/24 via 10.244.3.0 dev flannel.1 onlink

  at 'flannel-vxlan.net:14  route default via 10.244.1.1'
  ip -n n1-a route add default via 10.244.1.1 dev eth0

  at 'flannel-vxlan.net:15  route default via 10.244.1.1'
  ip -n n1-b route add default via 10.244.1.1 dev eth0

  at 'flannel-vxlan.net:19  route 10.244.1.0/24 via 10.244.1.0 dev flannel.1 onlink'
  ip -n n2 route add 10.244.1.0/24 via 10.244.1.0 dev flannel.1 onlink

  at 'flannel-vxlan.net:19  route 10.244.3.0/24 via 10.244.3.0 dev flannel.1 onlink'
  ip -n n2 route add 10.244.3.0/24 via 10.244.3.0 dev flannel.1 onlink

  at 'flannel-vxlan.net:20  route default via 10.244.2.1'
  ip -n n2-c route add default via 10.244.2.1 dev eth0

  at 'flannel-vxlan.net:24  route 10.244.1.0/24 via 10.244.1.0 dev flannel.1 onlink'
  ip -n n3 route add 10.244.1.0/24 via 10.244.1.0 dev flannel.1 onlink

  at 'flannel-vxlan.net:24  route 10.244.2.0/24 via 10.244.2.0 dev flannel.1 onlink'
  ip -n n3 route add 10.244.2.0/24 via 10.244.2.0 dev flannel.1 onlink

  at 'flannel-vxlan.net:25  route default via 10.244.3.1'
  ip -n n3-d route add default via 10.244.3.1 dev eth0

  at 'flannel-vxlan.net:13  nat return srcnat mark 0x4000/0x4000 ipv4'
  ip netns exec n1 nft -f - <<'END'
create table inet netc-flannel-vxlan { comment "netc flannel-vxlan"; }
table inet netc-flannel-vxlan {
  chain forward {
    type filter hook forward priority filter; policy accept;
    ip saddr 10.244.0.0/16 accept comment "flannel-vxlan.net:13"
    ip daddr 10.244.0.0/16 accept comment "flannel-vxlan.net:13"
  }
  chain srcnat {
    type nat hook postrouting priority srcnat; policy accept;
    meta nfproto ipv4 meta mark & 0x4000 == 0x4000 return comment "flannel-vxlan.net:13"
    ip saddr 10.244.1.0/24 ip daddr 10.244.0.0/16 return comment "flannel-vxlan.net:13"
    ip saddr 10.244.0.0/16 ip daddr 10.244.1.0/24 return comment "flannel-vxlan.net:13"
    ip saddr != 10.244.0.0/16 ip daddr 10.244.1.0/24 return comment "flannel-vxlan.net:13"
    ip saddr 10.244.0.0/16 ip daddr != 224.0.0.0/4 masquerade fully-random comment "flannel-vxlan.net:13"
    ip saddr != 10.244.0.0/16 ip daddr 10.244.0.0/16 masquerade fully-random comment "flannel-vxlan.net:13"
  }
}
END

  at 'flannel-vxlan.net:19  nat return srcnat mark 0x4000/0x4000 ipv4'
  ip netns exec n2 nft -f - <<'END'
create table inet netc-flannel-vxlan { comment "netc flannel-vxlan"; }
table inet netc-flannel-vxlan {
  chain forward {
    type filter hook forward priority filter; policy accept;
    ip saddr 10.244.0.0/16 accept comment "flannel-vxlan.net:19"
    ip daddr 10.244.0.0/16 accept comment "flannel-vxlan.net:19"
  }
  chain srcnat {
    type nat hook postrouting priority srcnat; policy accept;
    meta nfproto ipv4 meta mark & 0x4000 == 0x4000 return comment "flannel-vxlan.net:19"
    ip saddr 10.244.2.0/24 ip daddr 10.244.0.0/16 return comment "flannel-vxlan.net:19"
    ip saddr 10.244.0.0/16 ip daddr 10.244.2.0/24 return comment "flannel-vxlan.net:19"
    ip saddr != 10.244.0.0/16 ip daddr 10.244.2.0/24 return comment "flannel-vxlan.net:19"
    ip saddr 10.244.0.0/16 ip daddr != 224.0.0.0/4 masquerade fully-random comment "flannel-vxlan.net:19"
    ip saddr != 10.244.0.0/16 ip daddr 10.244.0.0/16 masquerade fully-random comment "flannel-vxlan.net:19"
  }
}
END

  at 'flannel-vxlan.net:24  nat return srcnat mark 0x4000/0x4000 ipv4'
  ip netns exec n3 nft -f - <<'END'
create table inet netc-flannel-vxlan { comment "netc flannel-vxlan"; }
table inet netc-flannel-vxlan {
  chain forward {
    type filter hook forward priority filter; policy accept;
    ip saddr 10.244.0.0/16 accept comment "flannel-vxlan.net:24"
    ip daddr 10.244.0.0/16 accept comment "flannel-vxlan.net:24"
  }
  chain srcnat {
    type nat hook postrouting priority srcnat; policy accept;
    meta nfproto ipv4 meta mark & 0x4000 == 0x4000 return comment "flannel-vxlan.net:24"
    ip saddr 10.244.3.0/24 ip daddr 10.244.0.0/16 return comment "flannel-vxlan.net:24"
    ip saddr 10.244.0.0/16 ip daddr 10.244.3.0/24 return comment "flannel-vxlan.net:24"
    ip saddr != 10.244.0.0/16 ip daddr 10.244.3.0/24 return comment "flannel-vxlan.net:24"
    ip saddr 10.244.0.0/16 ip daddr != 224.0.0.0/4 masquerade fully-random comment "flannel-vxlan.net:24"
    ip saddr != 10.244.0.0/16 ip daddr 10.244.0.0/16 masquerade fully-random comment "flannel-vxlan.net:24"
  }
}
END

  # --- it is up
  if [[ -n $dry ]]; then exit 0; fi
  trap '' HUP INT QUIT TERM
  printf '%s\n' "$plan" >"$state/up"
  trap - EXIT && say "the lab $lab is up"
  exit 0
}
