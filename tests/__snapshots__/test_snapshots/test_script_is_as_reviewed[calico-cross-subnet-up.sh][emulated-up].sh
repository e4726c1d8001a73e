#!/usr/bin/env bash
# up.sh brings up the lab calico-cross-subnet; netc wrote it from calico-cross-subnet.net. Run it as root. down.sh undoes it.
# up.sh -q says nothing but errors; up.sh -n prints the commands and runs none.
#
#   netns     device           addresses                            joined
#   n1        eth0             192.168.50.11/24 fd00:50::11/64      to segments:n1-eth0
#   n1        vxlan.calico     192.168.100.64/32                    on n1:eth0
#   n1        vxlan-v6.calico  fd00:100::40/128                     on n1:eth0
#   n1        cali-a           -                                    to n1-a:eth0
#   n1        cali-b           -                                    to n1-b:eth0
#   n1-a      eth0             192.168.100.65/32 fd00:100::41/128   to n1:cali-a
#   n1-b      eth0             192.168.100.66/32 fd00:100::42/128   to n1:cali-b
#   n2        eth0             192.168.50.12/24 fd00:50::12/64      to segments:n2-eth0
#   n2        vxlan.calico     192.168.100.128/32                   on n2:eth0
#   n2        vxlan-v6.calico  fd00:100::80/128                     on n2:eth0
#   n2        cali-c           -                                    to n2-c:eth0
#   n2-c      eth0             192.168.100.129/32 fd00:100::81/128  to n2:cali-c
#   n3        eth0             192.168.60.13/24 fd00:60::13/64      to segments:n3-eth0
#   n3        vxlan.calico     192.168.100.192/32                   on n3:eth0
#   n3        vxlan-v6.calico  fd00:100::c0/128                     on n3:eth0
#   n3        cali-d           -                                    to n3-d:eth0
#   n3-d      eth0             192.168.100.193/32 fd00:100::c1/128  to n3:cali-d
#   router    eth0             192.168.50.1/24 fd00:50::1/64        to segments:router-eth0
#   router    eth1             192.168.60.1/24 fd00:60::1/64        to segments:router-eth1
#   segments  east             -                                    bridge
#   segments  west             -                                    bridge
#   segments  n1-eth0          -                                    in east, to n1:eth0
#   segments  n2-eth0          -                                    in east, to n2:eth0
#   segments  n3-eth0          -                                    in west, to n3:eth0
#   segments  router-eth0      -                                    in east, to router:eth0
#   segments  router-eth1      -                                    in west, to router:eth1
# shellcheck disable=SC2016,SC2043,SC2317,SC2329 # a $ of the lab's own; a loop over one name; functions for traps
{
  # --- frame: the same text in every lab, explained in docs/scripts.md
  set -Eeuo pipefail
  trap : PIPE
  script=up.sh quiet='' dry=''
  tell() { printf '%s: %s\n' "$script" "$*" >&2 || :; }
  case $* in '') ;; -q) quiet=1 ;; -n) dry=1 ;; *) tell 'usage: up.sh [-q] [-n]' && exit 2 ;; esac
  lab=calico-cross-subnet plan=c266ab29c6ca13c7 made='' refused='' here='calico-cross-subnet.net:2  lab calico-cross-subnet' bad=0
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
    if ours_netns segments; then users segments && undone 'calico-cross-subnet.net:2  lab calico-cross-subnet' ip netns del segments; fi
    if ours_netns router; then users router && undone 'calico-cross-subnet.net:35  host router' ip netns del router; fi
    if ours_netns n3-d; then users n3-d && undone 'calico-cross-subnet.net:33  netns d' ip netns del n3-d; fi
    if ours_netns n3; then users n3 && undone 'calico-cross-subnet.net:28  host n3' ip netns del n3; fi
    if ours_netns n2-c; then users n2-c && undone 'calico-cross-subnet.net:26  netns c' ip netns del n2-c; fi
    if ours_netns n2; then users n2 && undone 'calico-cross-subnet.net:21  host n2' ip netns del n2; fi
    if ours_netns n1-b; then users n1-b && undone 'calico-cross-subnet.net:19  netns b' ip netns del n1-b; fi
    if ours_netns n1-a; then users n1-a && undone 'calico-cross-subnet.net:18  netns a' ip netns del n1-a; fi
    if ours_netns n1; then users n1 && undone 'calico-cross-subnet.net:13  host n1' ip netns del n1; fi
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
    for name in n1 n1-a n1-b n2 n2-c n3 n3-d router segments; do [[ ! -e /run/netns/$name ]] || refuse "there is a namespace $name, which is not the lab's"; done
    [[ -z $(ip -o link show group 862592345) ]] || refuse 'there is a device of link group 862592345, the mark of this lab'
    unshare --net ip link add name probe type veth || refuse 'this kernel cannot make a veth (calico-cross-subnet.net:14  uplink eth0 192.168.50.11/24 fd00:50::11/64 on ...'
    unshare --net ip link add name probe type vxlan id 1 dstport 4789 || refuse 'this kernel cannot make a vxlan (calico-cross-subnet.net:17  vxlan vxlan.calico 192.168.100.64/32 on eth0)'
    unshare --net ip link add name probe type bridge || refuse 'this kernel cannot make a bridge (calico-cross-subnet.net:4  segment east 192.168.50.0/24 fd00:50::/64)'
    unshare --net nft 'create table inet netc-calico-cross-subnet { comment "netc calico-cross-subnet"; }' >/dev/null 2>&1 || refuse 'nft cannot make a table that carries the lab'"'"'s mark: the kernel has no nf_tables, or is older than 5.10 (calico-cross-subnet.net:17)'
    if ((bad)); then exit 1; fi
    made=1
    (umask 022 && mkdir -p "$root") # the first change; nobody else may write there, or they could put in an `undo` of theirs
    mkdir -m 700 "$state"
    printf '%s\n' "$boot" >"$state/boot"
    declare -f undo undone ours_netns users >"$state/undo.new"
    mv "$state/undo.new" "$state/undo" # down.sh goes by it, even if its own file has changed by then
  fi

  # --- the lab

  at 'calico-cross-subnet.net:13  host n1'
  unshare --net sh -c 'ip link set dev lo alias "$0" up && exec ip netns attach "$1" $$' 'netc calico-cross-subnet' n1

  at 'calico-cross-subnet.net:18  netns a'
  unshare --net sh -c 'ip link set dev lo alias "$0" up && exec ip netns attach "$1" $$' 'netc calico-cross-subnet' n1-a

  at 'calico-cross-subnet.net:19  netns b'
  unshare --net sh -c 'ip link set dev lo alias "$0" up && exec ip netns attach "$1" $$' 'netc calico-cross-subnet' n1-b

  at 'calico-cross-subnet.net:21  host n2'
  unshare --net sh -c 'ip link set dev lo alias "$0" up && exec ip netns attach "$1" $$' 'netc calico-cross-subnet' n2

  at 'calico-cross-subnet.net:26  netns c'
  unshare --net sh -c 'ip link set dev lo alias "$0" up && exec ip netns attach "$1" $$' 'netc calico-cross-subnet' n2-c

  at 'calico-cross-subnet.net:28  host n3'
  unshare --net sh -c 'ip link set dev lo alias "$0" up && exec ip netns attach "$1" $$' 'netc calico-cross-subnet' n3

  at 'calico-cross-subnet.net:33  netns d'
  unshare --net sh -c 'ip link set dev lo alias "$0" up && exec ip netns attach "$1" $$' 'netc calico-cross-subnet' n3-d

  at 'calico-cross-subnet.net:35  host router'
  unshare --net sh -c 'ip link set dev lo alias "$0" up && exec ip netns attach "$1" $$' 'netc calico-cross-subnet' router

  at 'calico-cross-subnet.net:2  lab calico-cross-subnet'
  unshare --net sh -c 'ip link set dev lo alias "$0" up && exec ip netns attach "$1" $$' 'netc calico-cross-subnet' segments

  at 'calico-cross-subnet.net:17  forward ipv4 ipv6'
  ip netns exec n1 sysctl -qw net.ipv4.ip_forward=1
  ip netns exec n1 sysctl -qw net.ipv6.conf.all.forwarding=1

  at 'calico-cross-subnet.net:25  forward ipv4 ipv6'
  ip netns exec n2 sysctl -qw net.ipv4.ip_forward=1
  ip netns exec n2 sysctl -qw net.ipv6.conf.all.forwarding=1

  at 'calico-cross-subnet.net:32  forward ipv4 ipv6'
  ip netns exec n3 sysctl -qw net.ipv4.ip_forward=1
  ip netns exec n3 sysctl -qw net.ipv6.conf.all.forwarding=1

  at 'calico-cross-subnet.net:38  forward ipv4 ipv6'
  ip netns exec router sysctl -qw net.ipv4.ip_forward=1
  ip netns exec router sysctl -qw net.ipv6.conf.all.forwarding=1

  at 'calico-cross-subnet.net:18  sysctl net.ipv4.ip_forward = 0'
  ip netns exec n1-a sysctl -qw net.ipv4.ip_forward=0

  at 'calico-cross-subnet.net:19  sysctl net.ipv4.ip_forward = 0'
  ip netns exec n1-b sysctl -qw net.ipv4.ip_forward=0

  at 'calico-cross-subnet.net:26  sysctl net.ipv4.ip_forward = 0'
  ip netns exec n2-c sysctl -qw net.ipv4.ip_forward=0

  at 'calico-cross-subnet.net:33  sysctl net.ipv4.ip_forward = 0'
  ip netns exec n3-d sysctl -qw net.ipv4.ip_forward=0

  at 'calico-cross-subnet.net:4  segment east 192.168.50.0/24 fd00:50::/64'
  ip -n segments link add name east address 02:1a:0f:c6:72:d7 group 862592345 type bridge
  ip -n segments link set dev east alias 'netc calico-cross-subnet calico-cross-subnet.net:4'

  at 'calico-cross-subnet.net:14  uplink eth0 192.168.50.11/24 fd00:50::11/64 on east'
  ip -n n1 link add name eth0 group 862592345 type veth peer name n1-eth0 group 862592345 netns segments
  ip -n n1 addr add 192.168.50.11/24 brd + dev eth0
  ip -n n1 addr add fd00:50::11/64 dev eth0 nodad
  ip -n n1 link set dev eth0 alias 'netc calico-cross-subnet calico-cross-subnet.net:14' up
  ip -n segments link set dev n1-eth0 alias 'netc calico-cross-subnet calico-cross-subnet.net:14' master east up

  at 'calico-cross-subnet.net:17  vxlan vxlan.calico 192.168.100.64/32 on eth0'
  ip -n n1 link add name vxlan.calico address 02:a5:fb:7b:62:a8 mtu 1450 group 862592345 type vxlan id 4096 dstport 4789 local 192.168.50.11 nolearning dev eth0
  ip -n n1 addr add 192.168.100.64/32 dev vxlan.calico
  ip -n n1 link set dev vxlan.calico alias 'netc calico-cross-subnet calico-cross-subnet.net:17' up

  at 'calico-cross-subnet.net:17  vxlan vxlan-v6.calico fd00:100::40/128 on eth0'
  ip -n n1 link add name vxlan-v6.calico address 02:62:26:a1:55:03 mtu 1430 group 862592345 type vxlan id 4096 dstport 4789 local fd00:50::11 nolearning dev eth0
  ip -n n1 addr add fd00:100::40/128 dev vxlan-v6.calico nodad
  ip -n n1 link set dev vxlan-v6.calico alias 'netc calico-cross-subnet calico-cross-subnet.net:17' up

  at 'calico-cross-subnet.net:18  veth eth0 192.168.100.65/32 fd00:100::41/128 -- n1:cali-a'
  ip -n n1 link add name cali-a address ee:ee:ee:ee:ee:ee mtu 1430 group 862592345 type veth peer name eth0 mtu 1430 group 862592345 netns n1-a
  ip netns exec n1 sysctl -qw net.ipv4.conf.cali-a.proxy_arp=1
  ip netns exec n1 sysctl -qw net.ipv4.neigh.cali-a.proxy_delay=0
  ip netns exec n1 sysctl -qw net.ipv4.conf.cali-a.forwarding=1
  ip netns exec n1 sysctl -qw net.ipv4.conf.cali-a.route_localnet=1
  ip netns exec n1 sysctl -qw net.ipv6.conf.cali-a.accept_ra=0
  ip netns exec n1 sysctl -qw net.ipv6.conf.cali-a.accept_dad=0
  ip netns exec n1 sysctl -qw net.ipv6.conf.cali-a.proxy_ndp=1
  ip -n n1 link set dev cali-a alias 'netc calico-cross-subnet calico-cross-subnet.net:18' up
  ip -n n1-a addr add 192.168.100.65/32 dev eth0
  ip -n n1-a addr add fd00:100::41/128 dev eth0 nodad
  ip -n n1-a link set dev eth0 alias 'netc calico-cross-subnet calico-cross-subnet.net:18' up

  at 'calico-cross-subnet.net:19  veth eth0 192.168.100.66/32 fd00:100::42/128 -- n1:cali-b'
  ip -n n1 link add name cali-b address ee:ee:ee:ee:ee:ee mtu 1430 group 862592345 type veth peer name eth0 mtu 1430 group 862592345 netns n1-b
  ip netns exec n1 sysctl -qw net.ipv4.conf.cali-b.proxy_arp=1
  ip netns exec n1 sysctl -qw net.ipv4.neigh.cali-b.proxy_delay=0
  ip netns exec n1 sysctl -qw net.ipv4.conf.cali-b.forwarding=1
  ip netns exec n1 sysctl -qw net.ipv4.conf.cali-b.route_localnet=1
  ip netns exec n1 sysctl -qw net.ipv6.conf.cali-b.accept_ra=0
  ip netns exec n1 sysctl -qw net.ipv6.conf.cali-b.accept_dad=0
  ip netns exec n1 sysctl -qw net.ipv6.conf.cali-b.proxy_ndp=1
  ip -n n1 link set dev cali-b alias 'netc calico-cross-subnet calico-cross-subnet.net:19' up
  ip -n n1-b addr add 192.168.100.66/32 dev eth0
  ip -n n1-b addr add fd00:100::42/128 dev eth0 nodad
  ip -n n1-b link set dev eth0 alias 'netc calico-cross-subnet calico-cross-subnet.net:19' up

  at 'calico-cross-subnet.net:22  uplink eth0 192.168.50.12/24 fd00:50::12/64 on east'
  ip -n n2 link add name eth0 group 862592345 type veth peer name n2-eth0 group 862592345 netns segments
  ip -n n2 addr add 192.168.50.12/24 brd + dev eth0
  ip -n n2 addr add fd00:50::12/64 dev eth0 nodad
  ip -n n2 link set dev eth0 alias 'netc calico-cross-subnet calico-cross-subnet.net:22' up
  ip -n segments link set dev n2-eth0 alias 'netc calico-cross-subnet calico-cross-subnet.net:22' master east up

  at 'calico-cross-subnet.net:25  vxlan vxlan.calico 192.168.100.128/32 on eth0'
  ip -n n2 link add name vxlan.calico address 02:cf:95:4a:9d:92 mtu 1450 group 862592345 type vxlan id 4096 dstport 4789 local 192.168.50.12 nolearning dev eth0
  ip -n n2 addr add 192.168.100.128/32 dev vxlan.calico
  ip -n n2 link set dev vxlan.calico alias 'netc calico-cross-subnet calico-cross-subnet.net:25' up

  at 'calico-cross-subnet.net:25  vxlan vxlan-v6.calico fd00:100::80/128 on eth0'
  ip -n n2 link add name vxlan-v6.calico address 02:be:04:be:ed:52 mtu 1430 group 862592345 type vxlan id 4096 dstport 4789 local fd00:50::12 nolearning dev eth0
  ip -n n2 addr add fd00:100::80/128 dev vxlan-v6.calico nodad
  ip -n n2 link set dev vxlan-v6.calico alias 'netc calico-cross-subnet calico-cross-subnet.net:25' up

  at 'calico-cross-subnet.net:26  veth eth0 192.168.100.129/32 fd00:100::81/128 -- n2:cali-c'
  ip -n n2 link add name cali-c address ee:ee:ee:ee:ee:ee mtu 1430 group 862592345 type veth peer name eth0 mtu 1430 group 862592345 netns n2-c
  ip netns exec n2 sysctl -qw net.ipv4.conf.cali-c.proxy_arp=1
  ip netns exec n2 sysctl -qw net.ipv4.neigh.cali-c.proxy_delay=0
  ip netns exec n2 sysctl -qw net.ipv4.conf.cali-c.forwarding=1
  ip netns exec n2 sysctl -qw net.ipv4.conf.cali-c.route_localnet=1
  ip netns exec n2 sysctl -qw net.ipv6.conf.cali-c.accept_ra=0
  ip netns exec n2 sysctl -qw net.ipv6.conf.cali-c.accept_dad=0
  ip netns exec n2 sysctl -qw net.ipv6.conf.cali-c.proxy_ndp=1
  ip -n n2 link set dev cali-c alias 'netc calico-cross-subnet calico-cross-subnet.net:26' up
  ip -n n2-c addr add 192.168.100.129/32 dev eth0
  ip -n n2-c addr add fd00:100::81/128 dev eth0 nodad
  ip -n n2-c link set dev eth0 alias 'netc calico-cross-subnet calico-cross-subnet.net:26' up

  at 'calico-cross-subnet.net:5  segment west 192.168.60.0/24 fd00:60::/64'
  ip -n segments link add name west address 02:6a:b4:13:25:6a group 862592345 type bridge
  ip -n segments link set dev west alias 'netc calico-cross-subnet calico-cross-subnet.net:5'

  at 'calico-cross-subnet.net:29  uplink eth0 192.168.60.13/24 fd00:60::13/64 on west'
  ip -n n3 link add name eth0 group 862592345 type veth peer name n3-eth0 group 862592345 netns segments
  ip -n n3 addr add 192.168.60.13/24 brd + dev eth0
  ip -n n3 addr add fd00:60::13/64 dev eth0 nodad
  ip -n n3 link set dev eth0 alias 'netc calico-cross-subnet calico-cross-subnet.net:29' up
  ip -n segments link set dev n3-eth0 alias 'netc calico-cross-subnet calico-cross-subnet.net:29' master west up

  at 'calico-cross-subnet.net:32  vxlan vxlan.calico 192.168.100.192/32 on eth0'
  ip -n n3 link add name vxlan.calico address 02:c6:10:61:43:27 mtu 1450 group 862592345 type vxlan id 4096 dstport 4789 local 192.168.60.13 nolearning dev eth0
  ip -n n3 addr add 192.168.100.192/32 dev vxlan.calico
  ip -n n3 link set dev vxlan.calico alias 'netc calico-cross-subnet calico-cross-subnet.net:32' up

  at 'calico-cross-subnet.net:32  vxlan vxlan-v6.calico fd00:100::c0/128 on eth0'
  ip -n n3 link add name vxlan-v6.calico address 02:11:88:b8:a1:5c mtu 1430 group 862592345 type vxlan id 4096 dstport 4789 local fd00:60::13 nolearning dev eth0
  ip -n n3 addr add fd00:100::c0/128 dev vxlan-v6.calico nodad
  ip -n n3 link set dev vxlan-v6.calico alias 'netc calico-cross-subnet calico-cross-subnet.net:32' up

  at 'calico-cross-subnet.net:33  veth eth0 192.168.100.193/32 fd00:100::c1/128 -- n3:cali-d'
  ip -n n3 link add name cali-d address ee:ee:ee:ee:ee:ee mtu 1430 group 862592345 type veth peer name eth0 mtu 1430 group 862592345 netns n3-d
  ip netns exec n3 sysctl -qw net.ipv4.conf.cali-d.proxy_arp=1
  ip netns exec n3 sysctl -qw net.ipv4.neigh.cali-d.proxy_delay=0
  ip netns exec n3 sysctl -qw net.ipv4.conf.cali-d.forwarding=1
  ip netns exec n3 sysctl -qw net.ipv4.conf.cali-d.route_localnet=1
  ip netns exec n3 sysctl -qw net.ipv6.conf.cali-d.accept_ra=0
  ip netns exec n3 sysctl -qw net.ipv6.conf.cali-d.accept_dad=0
  ip netns exec n3 sysctl -qw net.ipv6.conf.cali-d.proxy_ndp=1
  ip -n n3 link set dev cali-d alias 'netc calico-cross-subnet calico-cross-subnet.net:33' up
  ip -n n3-d addr add 192.168.100.193/32 dev eth0
  ip -n n3-d addr add fd00:100::c1/128 dev eth0 nodad
  ip -n n3-d link set dev eth0 alias 'netc calico-cross-subnet calico-cross-subnet.net:33' up

  at 'calico-cross-subnet.net:36  uplink eth0 192.168.50.1/24 fd00:50::1/64 on east'
  ip -n router link add name eth0 group 862592345 type veth peer name router-eth0 group 862592345 netns segments
  ip -n router addr add 192.168.50.1/24 brd + dev eth0
  ip -n router addr add fd00:50::1/64 dev eth0 nodad
  ip -n router link set dev eth0 alias 'netc calico-cross-subnet calico-cross-subnet.net:36' up
  ip -n segments link set dev router-eth0 alias 'netc calico-cross-subnet calico-cross-subnet.net:36' master east up

  at 'calico-cross-subnet.net:37  uplink eth1 192.168.60.1/24 fd00:60::1/64 on west'
  ip -n router link add name eth1 group 862592345 type veth peer name router-eth1 group 862592345 netns segments
  ip -n router addr add 192.168.60.1/24 brd + dev eth1
  ip -n router addr add fd00:60::1/64 dev eth1 nodad
  ip -n router link set dev eth1 alias 'netc calico-cross-subnet calico-cross-subnet.net:37' up
  ip -n segments link set dev router-eth1 alias 'netc calico-cross-subnet calico-cross-subnet.net:37' master west up

  at 'calico-cross-subnet.net:4  segment east 192.168.50.0/24 fd00:50::/64'
  ip -n segments link set dev east up

  at 'calico-cross-subnet.net:5  segment west 192.168.60.0/24 fd00:60::/64'
  ip -n segments link set dev west up

  at 'calico-cross-subnet.net:17  neigh 192.168.100.192 lladdr 02:c6:10:61:43:27 dev vxlan.calico'
  ip -n n1 neigh replace 192.168.100.192 lladdr 02:c6:10:61:43:27 dev vxlan.calico nud permanent

  at 'calico-cross-subnet.net:17  neigh fd00:100::c0 lladdr 02:11:88:b8:a1:5c dev vxlan-v6.calico'
  ip -n n1 neigh replace fd00:100::c0 lladdr 02:11:88:b8:a1:5c dev vxlan-v6.calico nud permanent

  at 'calico-cross-subnet.net:25  neigh 192.168.100.192 lladdr 02:c6:10:61:43:27 dev vxlan.calico'
  ip -n n2 neigh replace 192.168.100.192 lladdr 02:c6:10:61:43:27 dev vxlan.calico nud permanent

  at 'calico-cross-subnet.net:25  neigh fd00:100::c0 lladdr 02:11:88:b8:a1:5c dev vxlan-v6.calico'
  ip -n n2 neigh replace fd00:100::c0 lladdr 02:11:88:b8:a1:5c dev vxlan-v6.calico nud permanent

  at 'calico-cross-subnet.net:32  neigh 192.168.100.64 lladdr 02:a5:fb:7b:62:a8 dev vxlan.calico'
  ip -n n3 neigh replace 192.168.100.64 lladdr 02:a5:fb:7b:62:a8 dev vxlan.calico nud permanent

  at 'calico-cross-subnet.net:32  neigh 192.168.100.128 lladdr 02:cf:95:4a:9d:92 dev vxlan.calico'
  ip -n n3 neigh replace 192.168.100.128 lladdr 02:cf:95:4a:9d:92 dev vxlan.calico nud permanent

  at 'calico-cross-subnet.net:32  neigh fd00:100::40 lladdr 02:62:26:a1:55:03 dev vxlan-v6.calico'
  ip -n n3 neigh replace fd00:100::40 lladdr 02:62:26:a1:55:03 dev vxlan-v6.calico nud permanent

  at 'calico-cross-subnet.net:32  neigh fd00:100::80 lladdr 02:be:04:be:ed:52 dev vxlan-v6.calico'
  ip -n n3 neigh replace fd00:100::80 lladdr 02:be:04:be:ed:52 dev vxlan-v6.calico nud permanent

  at 'calico-cross-subnet.net:17  fdb 02:c6:10:61:43:27 dst 192.168.60.13 dev vxlan.calico'
  bridge -n n1 fdb replace 02:c6:10:61:43:27 dev vxlan.calico dst 192.168.60.13 self permanent

  at 'calico-cross-subnet.net:17  fdb 02:11:88:b8:a1:5c dst fd00:60::13 dev vxlan-v6.calico'
  bridge -n n1 fdb replace 02:11:88:b8:a1:5c dev vxlan-v6.calico dst fd00:60::13 self permanent

  at 'calico-cross-subnet.net:25  fdb 02:c6:10:61:43:27 dst 192.168.60.13 dev vxlan.calico'
  bridge -n n2 fdb replace 02:c6:10:61:43:27 dev vxlan.calico dst 192.168.60.13 self permanent

  at 'calico-cross-subnet.net:25  fdb 02:11:88:b8:a1:5c dst fd00:60::13 dev vxlan-v6.calico'
  bridge -n n2 fdb replace 02:11:88:b8:a1:5c dev vxlan-v6.calico dst fd00:60::13 self permanent

  at 'calico-cross-subnet.net:32  fdb 02:a5:fb:7b:62:a8 dst 192.168.50.11 dev vxlan.calico'
  bridge -n n3 fdb replace 02:a5:fb:7b:62:a8 dev vxlan.calico dst 192.168.50.11 self permanent

  at 'calico-cross-subnet.net:32  fdb 02:cf:95:4a:9d:92 dst 192.168.50.12 dev vxlan.calico'
  bridge -n n3 fdb replace 02:cf:95:4a:9d:92 dev vxlan.calico dst 192.168.50.12 self permanent

  at 'calico-cross-subnet.net:32  fdb 02:62:26:a1:55:03 dst fd00:50::11 dev vxlan-v6.calico'
  bridge -n n3 fdb replace 02:62:26:a1:55:03 dev vxlan-v6.calico dst fd00:50::11 self permanent

  at 'calico-cross-subnet.net:32  fdb 02:be:04:be:ed:52 dst fd00:50::12 dev vxlan-v6.calico'
  bridge -n n3 fdb replace 02:be:04:be:ed:52 dev vxlan-v6.calico dst fd00:50::12 self permanent

  at 'calico-cross-subnet.net:17  route 169.254.1.1 dev lo'
  ip -n n1 route add 169.254.1.1 dev lo

  at 'calico-cross-subnet.net:17  route blackhole 192.168.100.64/26'
  ip -n n1 route add blackhole 192.168.100.64/26

  at 'calico-cross-subnet.net:17  route blackhole fd00:100::40/122'
  ip -n n1 -6 route add blackhole fd00:100::40/122

  at 'calico-cross-subnet.net:18  route 169.254.1.1 dev eth0 scope link'
  ip -n n1-a route add 169.254.1.1 dev eth0 scope link

  at 'calico-cross-subnet.net:18  route 192.168.100.65 dev cali-a scope link'
  ip -n n1 route add 192.168.100.65 dev cali-a scope link

  at 'calico-cross-subnet.net:18  route fd00:100::41 dev cali-a'
  ip -n n1 -6 route add fd00:100::41 dev cali-a

  at 'calico-cross-subnet.net:19  route 169.254.1.1 dev eth0 scope link'
  ip -n n1-b route add 169.254.1.1 dev eth0 scope link

  at 'calico-cross-subnet.net:19  route 192.168.100.66 dev cali-b scope link'
  ip -n n1 route add 192.168.100.66 dev cali-b scope link

  at 'calico-cross-subnet.net:19  route fd00:100::42 dev cali-b'
  ip -n n1 -6 route add fd00:100::42 dev cali-b

  at 'calico-cross-subnet.net:25  route 169.254.1.1 dev lo'
  ip -n n2 route add 169.254.1.1 dev lo

  at 'calico-cross-subnet.net:25  route blackhole 192.168.100.128/26'
  ip -n n2 route add blackhole 192.168.100.128/26

  at 'calico-cross-subnet.net:25  route blackhole fd00:100::80/122'
  ip -n n2 -6 route add blackhole fd00:100::80/122

  at 'calico-cross-subnet.net:26  route 169.254.1.1 dev eth0 scope link'
  ip -n n2-c route add 169.254.1.1 dev eth0 scope link

  at 'calico-cross-subnet.net:26  route 192.168.100.129 dev cali-c scope link'
  ip -n n2 route add 192.168.100.129 dev cali-c scope link

  at 'calico-cross-subnet.net:26  route fd00:100::81 dev cali-c'
  ip -n n2 -6 route add fd00:100::81 dev cali-c

  at 'calico-cross-subnet.net:32  route 169.254.1.1 dev lo'
  ip -n n3 route add 169.254.1.1 dev lo

  at 'calico-cross-subnet.net:32  route blackhole 192.168.100.192/26'
  ip -n n3 route add blackhole 192.168.100.192/26

  at 'calico-cross-subnet.net:32  route blackhole fd00:100::c0/122'
  ip -n n3 -6 route add blackhole fd00:100::c0/122

  at 'calico-cross-subnet.net:33  route 169.254.1.1 dev eth0 scope link'
  ip -n n3-d route add 169.254.1.1 dev eth0 scope link

  at 'calico-cross-subnet.net:33  route 192.168.100.193 dev cali-d scope link'
  ip -n n3 route add 192.168.100.193 dev cali-d scope link

  at 'calico-cross-subnet.net:33  route fd00:100::c1 dev cali-d'
  ip -n n3 -6 route add fd00:100::c1 dev cali-d

  at 'calico-cross-subnet.net:15  route 192.168.60.0/24 via 192.168.50.1'
  ip -n n1 route add 192.168.60.0/24 via 192.168.50.1 dev eth0

  at 'calico-cross-subnet.net:16  route fd00:60::/64 via fd00:50::1'
  ip -n n1 -6 route add fd00:60::/64 via fd00:50::1 dev eth0

  at 'calico-cross-subnet.net:17  route 192.168.100.128/26 via 192.168.50.12 dev eth0'
  ip -n n1 route add 192.168.100.128/26 via 192.168.50.12 dev eth0

  at 'calico-cross-subnet.net:17  route 192.168.100.192/26 via 192.168.100.192 dev vxlan.calico onlink'
  ip -n n1 route add 192.168.100.192/26 via 192.168.100.192 dev vxlan.calico onlink

  at 'calico-cross-subnet.net:17  route fd00:100::80/122 via fd00:50::12 dev eth0'
  ip -n n1 -6 route add fd00:100::80/122 via fd00:50::12 dev eth0

  at 'calico-cross-subnet.net:17  route fd00:100::c0/122 via fd00:100::c0 dev vxlan-v6.calico onlink'
  ip -n n1 -6 route add fd00:100::c0/122 via fd00:100::c0 dev vxlan-v6.calico onlink

  at 'calico-cross-subnet.net:18  route default via 169.254.1.1 dev eth0'
  ip -n n1-a route add default via 169.254.1.1 dev eth0

  at 'calico-cross-subnet.net:18  route default via fe80::ecee:eeff:feee:eeee dev eth0'
  ip -n n1-a -6 route add default via fe80::ecee:eeff:feee:eeee dev eth0

  at 'calico-cross-subnet.net:19  route default via 169.254.1.1 dev eth0'
  ip -n n1-b route add default via 169.254.1.1 dev eth0

  at 'calico-cross-subnet.net:19  route default via fe80::ecee:eeff:feee:eeee dev eth0'
  ip -n n1-b -6 route add default via fe80::ecee:eeff:feee:eeee dev eth0

  at 'calico-cross-subnet.net:23  route 192.168.60.0/24 via 192.168.50.1'
  ip -n n2 route add 192.168.60.0/24 via 192.168.50.1 dev eth0

  at 'calico-cross-subnet.net:24  route fd00:60::/64 via fd00:50::1'
  ip -n n2 -6 route add fd00:60::/64 via fd00:50::1 dev eth0

  at 'calico-cross-subnet.net:25  route 192.168.100.64/26 via 192.168.50.11 dev eth0'
  ip -n n2 route add 192.168.100.64/26 via 192.168.50.11 dev eth0

  at 'calico-cross-subnet.net:25  route 192.168.100.192/26 via 192.168.100.192 dev vxlan.calico onlink'
  ip -n n2 route add 192.168.100.192/26 via 192.168.100.192 dev vxlan.calico onlink

  at 'calico-cross-subnet.net:25  route fd00:100::40/122 via fd00:50::11 dev eth0'
  ip -n n2 -6 route add fd00:100::40/122 via fd00:50::11 dev eth0

  at 'calico-cross-subnet.net:25  route fd00:100::c0/122 via fd00:100::c0 dev vxlan-v6.calico onlink'
  ip -n n2 -6 route add fd00:100::c0/122 via fd00:100::c0 dev vxlan-v6.calico onlink

  at 'calico-cross-subnet.net:26  route default via 169.254.1.1 dev eth0'
  ip -n n2-c route add default via 169.254.1.1 dev eth0

  at 'calico-cross-subnet.net:26  route default via fe80::ecee:eeff:feee:eeee dev eth0'
  ip -n n2-c -6 route add default via fe80::ecee:eeff:feee:eeee dev eth0

  at 'calico-cross-subnet.net:30  route 192.168.50.0/24 via 192.168.60.1'
  ip -n n3 route add 192.168.50.0/24 via 192.168.60.1 dev eth0

  at 'calico-cross-subnet.net:31  route fd00:50::/64 via fd00:60::1'
  ip -n n3 -6 route add fd00:50::/64 via fd00:60::1 dev eth0

  at 'calico-cross-subnet.net:32  route 192.168.100.64/26 via 192.168.100.64 dev vxlan.calico onlink'
  ip -n n3 route add 192.168.100.64/26 via 192.168.100.64 dev vxlan.calico onlink

  at 'calico-cross-subnet.net:32  route 192.168.100.128/26 via 192.168.100.128 dev vxlan.calico onlink'
  ip -n n3 route add 192.168.100.128/26 via 192.168.100.128 dev vxlan.calico onlink

  at 'calico-cross-subnet.net:32  route fd00:100::40/122 via fd00:100::40 dev vxlan-v6.calico onlink'
  ip -n n3 -6 route add fd00:100::40/122 via fd00:100::40 dev vxlan-v6.calico onlink

  at 'calico-cross-subnet.net:32  route fd00:100::80/122 via fd00:100::80 dev vxlan-v6.calico onlink'
  ip -n n3 -6 route add fd00:100::80/122 via fd00:100::80 dev vxlan-v6.calico onlink

  at 'calico-cross-subnet.net:33  route default via 169.254.1.1 dev eth0'
  ip -n n3-d route add default via 169.254.1.1 dev eth0

  at 'calico-cross-subnet.net:33  route default via fe80::ecee:eeff:feee:eeee dev eth0'
  ip -n n3-d -6 route add default via fe80::ecee:eeff:feee:eeee dev eth0

  at 'calico-cross-subnet.net:17  masquerade 192.168.100.0/22 out eth0 daddr not 192.168.100.0/22'
  ip netns exec n1 nft -f - <<'END'
create table inet netc-calico-cross-subnet { comment "netc calico-cross-subnet"; }
table inet netc-calico-cross-subnet {
  chain srcnat {
    type nat hook postrouting priority srcnat; policy accept;
    oifname "eth0" ip saddr 192.168.100.0/22 ip daddr != 192.168.100.0/22 masquerade comment "calico-cross-subnet.net:17"
    oifname "eth0" ip6 saddr fd00:100::/112 ip6 daddr != fd00:100::/112 masquerade comment "calico-cross-subnet.net:17"
  }
}
END

  at 'calico-cross-subnet.net:25  masquerade 192.168.100.0/22 out eth0 daddr not 192.168.100.0/22'
  ip netns exec n2 nft -f - <<'END'
create table inet netc-calico-cross-subnet { comment "netc calico-cross-subnet"; }
table inet netc-calico-cross-subnet {
  chain srcnat {
    type nat hook postrouting priority srcnat; policy accept;
    oifname "eth0" ip saddr 192.168.100.0/22 ip daddr != 192.168.100.0/22 masquerade comment "calico-cross-subnet.net:25"
    oifname "eth0" ip6 saddr fd00:100::/112 ip6 daddr != fd00:100::/112 masquerade comment "calico-cross-subnet.net:25"
  }
}
END

  at 'calico-cross-subnet.net:32  masquerade 192.168.100.0/22 out eth0 daddr not 192.168.100.0/22'
  ip netns exec n3 nft -f - <<'END'
create table inet netc-calico-cross-subnet { comment "netc calico-cross-subnet"; }
table inet netc-calico-cross-subnet {
  chain srcnat {
    type nat hook postrouting priority srcnat; policy accept;
    oifname "eth0" ip saddr 192.168.100.0/22 ip daddr != 192.168.100.0/22 masquerade comment "calico-cross-subnet.net:32"
    oifname "eth0" ip6 saddr fd00:100::/112 ip6 daddr != fd00:100::/112 masquerade comment "calico-cross-subnet.net:32"
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
