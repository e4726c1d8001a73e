#!/usr/bin/env bash
# up.sh brings up the lab flannel-dual-stack; netc wrote it from flannel-dual-stack.net. Run it as root. down.sh undoes it.
# up.sh -q says nothing but errors; up.sh -n prints the commands and runs none.
#
#   netns     device        addresses                          joined
#   n1        eth0          192.168.50.11/24 fd00:50::11/64    to segments:n1-eth0
#   n1        cni0          10.244.1.1/24 fd00:10:244:1::1/64  bridge
#   n1        flannel.1     10.244.1.0/32                      on n1:eth0
#   n1        flannel-v6.1  fd00:10:244:1::/128                on n1:eth0
#   n1        p1-eth0       -                                  in cni0, to n1-p1:eth0
#   n1-p1     eth0          10.244.1.2/24 fd00:10:244:1::2/64  to n1:p1-eth0
#   n2        eth0          192.168.50.12/24 fd00:50::12/64    to segments:n2-eth0
#   n2        cni0          10.244.2.1/24 fd00:10:244:2::1/64  bridge
#   n2        flannel.1     10.244.2.0/32                      on n2:eth0
#   n2        flannel-v6.1  fd00:10:244:2::/128                on n2:eth0
#   n2        p2-eth0       -                                  in cni0, to n2-p2:eth0
#   n2-p2     eth0          10.244.2.2/24 fd00:10:244:2::2/64  to n2:p2-eth0
#   n3        eth0          192.168.50.13/24 fd00:50::13/64    to segments:n3-eth0
#   n3        cni0          10.244.3.1/24 fd00:10:244:3::1/64  bridge
#   n3        flannel.1     10.244.3.0/32                      on n3:eth0
#   n3        flannel-v6.1  fd00:10:244:3::/128                on n3:eth0
#   n3        p3-eth0       -                                  in cni0, to n3-p3:eth0
#   n3-p3     eth0          10.244.3.2/24 fd00:10:244:3::2/64  to n3:p3-eth0
#   n4        eth0          192.168.50.14/24 fd00:50::14/64    to segments:n4-eth0
#   n4        cni0          10.244.4.1/24 fd00:10:244:4::1/64  bridge
#   n4        flannel.1     10.244.4.0/32                      on n4:eth0
#   n4        flannel-v6.1  fd00:10:244:4::/128                on n4:eth0
#   n4        p4-eth0       -                                  in cni0, to n4-p4:eth0
#   n4-p4     eth0          10.244.4.2/24 fd00:10:244:4::2/64  to n4:p4-eth0
#   n5        eth0          192.168.50.15/24 fd00:50::15/64    to segments:n5-eth0
#   n5        cni0          10.244.5.1/24 fd00:10:244:5::1/64  bridge
#   n5        flannel.1     10.244.5.0/32                      on n5:eth0
#   n5        flannel-v6.1  fd00:10:244:5::/128                on n5:eth0
#   n5        p5-eth0       -                                  in cni0, to n5-p5:eth0
#   n5-p5     eth0          10.244.5.2/24 fd00:10:244:5::2/64  to n5:p5-eth0
#   segments  lan           -                                  bridge
#   segments  n1-eth0       -                                  in lan, to n1:eth0
#   segments  n2-eth0       -                                  in lan, to n2:eth0
#   segments  n3-eth0       -                                  in lan, to n3:eth0
#   segments  n4-eth0       -                                  in lan, to n4:eth0
#   segments  n5-eth0       -                                  in lan, to n5:eth0
# shellcheck disable=SC2016,SC2043,SC2317,SC2329 # a $ of the lab's own; a loop over one name; functions for traps
{
  # --- frame: the same text in every lab, explained in docs/scripts.md
  set -Eeuo pipefail
  trap : PIPE
  script=up.sh quiet='' dry=''
  tell() { printf '%s: %s\n' "$script" "$*" >&2 || :; }
  case $* in '') ;; -q) quiet=1 ;; -n) dry=1 ;; *) tell 'usage: up.sh [-q] [-n]' && exit 2 ;; esac
  lab=flannel-dual-stack plan=160b5c736205e061 made='' refused='' here='flannel-dual-stack.net:2  lab flannel-dual-stack' bad=0
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
    if ours_netns segments; then users segments && undone 'flannel-dual-stack.net:2  lab flannel-dual-stack' ip netns del segments; fi
    if ours_netns n5-p5; then users n5-p5 && undone 'flannel-dual-stack.net:12  netns p5' ip netns del n5-p5; fi
    if ours_netns n5; then users n5 && undone 'flannel-dual-stack.net:9  host n5' ip netns del n5; fi
    if ours_netns n4-p4; then users n4-p4 && undone 'flannel-dual-stack.net:12  netns p4' ip netns del n4-p4; fi
    if ours_netns n4; then users n4 && undone 'flannel-dual-stack.net:9  host n4' ip netns del n4; fi
    if ours_netns n3-p3; then users n3-p3 && undone 'flannel-dual-stack.net:12  netns p3' ip netns del n3-p3; fi
    if ours_netns n3; then users n3 && undone 'flannel-dual-stack.net:9  host n3' ip netns del n3; fi
    if ours_netns n2-p2; then users n2-p2 && undone 'flannel-dual-stack.net:12  netns p2' ip netns del n2-p2; fi
    if ours_netns n2; then users n2 && undone 'flannel-dual-stack.net:9  host n2' ip netns del n2; fi
    if ours_netns n1-p1; then users n1-p1 && undone 'flannel-dual-stack.net:12  netns p1' ip netns del n1-p1; fi
    if ours_netns n1; then users n1 && undone 'flannel-dual-stack.net:9  host n1' ip netns del n1; fi
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
    for name in n1 n1-p1 n2 n2-p2 n3 n3-p3 n4 n4-p4 n5 n5-p5 segments; do [[ ! -e /run/netns/$name ]] || refuse "there is a namespace $name, which is not the lab's"; done
    [[ -z $(ip -o link show group 1352665393) ]] || refuse 'there is a device of link group 1352665393, the mark of this lab'
    unshare --net ip link add name probe type veth || refuse 'this kernel cannot make a veth (flannel-dual-stack.net:10  uplink eth0 192.168.50.11/24 fd00:50::11/64 on lan)'
    unshare --net ip link add name probe type bridge || refuse 'this kernel cannot make a bridge (flannel-dual-stack.net:11  bridge cni0 10.244.1.1/24 fd00:10:244:1::1/64)'
    unshare --net ip link add name probe type vxlan id 1 dstport 4789 || refuse 'this kernel cannot make a vxlan (flannel-dual-stack.net:11  vxlan flannel.1 10.244.1.0/32 on eth0)'
    if ((bad)); then exit 1; fi
    made=1
    (umask 022 && mkdir -p "$root") # the first change; nobody else may write there, or they could put in an `undo` of theirs
    mkdir -m 700 "$state"
    printf '%s\n' "$boot" >"$state/boot"
    declare -f undo undone ours_netns users >"$state/undo.new"
    mv "$state/undo.new" "$state/undo" # down.sh goes by it, even if its own file has changed by then
  fi

  # --- the lab

  at 'flannel-dual-stack.net:9  host n1'
  unshare --net sh -c 'ip link set dev lo alias "$0" up && exec ip netns attach "$1" $$' 'netc flannel-dual-stack' n1

  at 'flannel-dual-stack.net:12  netns p1'
  unshare --net sh -c 'ip link set dev lo alias "$0" up && exec ip netns attach "$1" $$' 'netc flannel-dual-stack' n1-p1

  at 'flannel-dual-stack.net:9  host n2'
  unshare --net sh -c 'ip link set dev lo alias "$0" up && exec ip netns attach "$1" $$' 'netc flannel-dual-stack' n2

  at 'flannel-dual-stack.net:12  netns p2'
  unshare --net sh -c 'ip link set dev lo alias "$0" up && exec ip netns attach "$1" $$' 'netc flannel-dual-stack' n2-p2

  at 'flannel-dual-stack.net:9  host n3'
  unshare --net sh -c 'ip link set dev lo alias "$0" up && exec ip netns attach "$1" $$' 'netc flannel-dual-stack' n3

  at 'flannel-dual-stack.net:12  netns p3'
  unshare --net sh -c 'ip link set dev lo alias "$0" up && exec ip netns attach "$1" $$' 'netc flannel-dual-stack' n3-p3

  at 'flannel-dual-stack.net:9  host n4'
  unshare --net sh -c 'ip link set dev lo alias "$0" up && exec ip netns attach "$1" $$' 'netc flannel-dual-stack' n4

  at 'flannel-dual-stack.net:12  netns p4'
  unshare --net sh -c 'ip link set dev lo alias "$0" up && exec ip netns attach "$1" $$' 'netc flannel-dual-stack' n4-p4

  at 'flannel-dual-stack.net:9  host n5'
  unshare --net sh -c 'ip link set dev lo alias "$0" up && exec ip netns attach "$1" $$' 'netc flannel-dual-stack' n5

  at 'flannel-dual-stack.net:12  netns p5'
  unshare --net sh -c 'ip link set dev lo alias "$0" up && exec ip netns attach "$1" $$' 'netc flannel-dual-stack' n5-p5

  at 'flannel-dual-stack.net:2  lab flannel-dual-stack'
  unshare --net sh -c 'ip link set dev lo alias "$0" up && exec ip netns attach "$1" $$' 'netc flannel-dual-stack' segments

  at 'flannel-dual-stack.net:11  forward ipv4 ipv6'
  ip netns exec n1 sysctl -qw net.ipv4.ip_forward=1
  ip netns exec n1 sysctl -qw net.ipv6.conf.all.forwarding=1

  at 'flannel-dual-stack.net:11  forward ipv4 ipv6'
  ip netns exec n2 sysctl -qw net.ipv4.ip_forward=1
  ip netns exec n2 sysctl -qw net.ipv6.conf.all.forwarding=1

  at 'flannel-dual-stack.net:11  forward ipv4 ipv6'
  ip netns exec n3 sysctl -qw net.ipv4.ip_forward=1
  ip netns exec n3 sysctl -qw net.ipv6.conf.all.forwarding=1

  at 'flannel-dual-stack.net:11  forward ipv4 ipv6'
  ip netns exec n4 sysctl -qw net.ipv4.ip_forward=1
  ip netns exec n4 sysctl -qw net.ipv6.conf.all.forwarding=1

  at 'flannel-dual-stack.net:11  forward ipv4 ipv6'
  ip netns exec n5 sysctl -qw net.ipv4.ip_forward=1
  ip netns exec n5 sysctl -qw net.ipv6.conf.all.forwarding=1

  at 'flannel-dual-stack.net:4  segment lan 192.168.50.0/24 fd00:50::/64'
  ip -n segments link add name lan address 02:33:68:1b:f5:ca group 1352665393 type bridge
  ip -n segments link set dev lan alias 'netc flannel-dual-stack flannel-dual-stack.net:4'

  at 'flannel-dual-stack.net:10  uplink eth0 192.168.50.11/24 fd00:50::11/64 on lan'
  ip -n n1 link add name eth0 group 1352665393 type veth peer name n1-eth0 group 1352665393 netns segments
  ip -n n1 addr add 192.168.50.11/24 brd + dev eth0
  ip -n n1 addr add fd00:50::11/64 dev eth0 nodad
  ip -n n1 link set dev eth0 alias 'netc flannel-dual-stack flannel-dual-stack.net:10' up
  ip -n segments link set dev n1-eth0 alias 'netc flannel-dual-stack flannel-dual-stack.net:10' master lan up

  at 'flannel-dual-stack.net:11  bridge cni0 10.244.1.1/24 fd00:10:244:1::1/64'
  ip -n n1 link add name cni0 address 02:7d:b3:45:2b:9c mtu 1430 group 1352665393 type bridge
  ip -n n1 addr add 10.244.1.1/24 brd + dev cni0
  ip -n n1 addr add fd00:10:244:1::1/64 dev cni0 nodad
  ip -n n1 link set dev cni0 alias 'netc flannel-dual-stack flannel-dual-stack.net:11'

  at 'flannel-dual-stack.net:11  vxlan flannel.1 10.244.1.0/32 on eth0'
  ip -n n1 link add name flannel.1 address 02:a5:fb:7b:62:a8 mtu 1450 group 1352665393 type vxlan id 1 dstport 8472 local 192.168.50.11 nolearning dev eth0
  ip netns exec n1 sysctl -qw net/ipv6/conf/flannel.1/accept_ra=0
  ip -n n1 addr add 10.244.1.0/32 dev flannel.1
  ip -n n1 link set dev flannel.1 alias 'netc flannel-dual-stack flannel-dual-stack.net:11' up

  at 'flannel-dual-stack.net:11  vxlan flannel-v6.1 fd00:10:244:1::/128 on eth0'
  ip -n n1 link add name flannel-v6.1 address 02:62:26:a1:55:03 mtu 1430 group 1352665393 type vxlan id 1 dstport 8472 local fd00:50::11 nolearning dev eth0
  ip netns exec n1 sysctl -qw net/ipv6/conf/flannel-v6.1/accept_ra=0
  ip -n n1 addr add fd00:10:244:1::/128 dev flannel-v6.1 nodad
  ip -n n1 link set dev flannel-v6.1 alias 'netc flannel-dual-stack flannel-dual-stack.net:11' up

  at 'flannel-dual-stack.net:12  veth eth0 10.244.1.2/24 fd00:10:244:1::2/64 -- cni0'
  ip -n n1 link add name p1-eth0 mtu 1430 group 1352665393 type veth peer name eth0 mtu 1430 group 1352665393 netns n1-p1
  ip -n n1 link set dev p1-eth0 alias 'netc flannel-dual-stack flannel-dual-stack.net:12' master cni0 up
  ip -n n1 link set dev p1-eth0 type bridge_slave hairpin on
  ip -n n1-p1 addr add 10.244.1.2/24 brd + dev eth0
  ip -n n1-p1 addr add fd00:10:244:1::2/64 dev eth0 nodad
  ip -n n1-p1 link set dev eth0 alias 'netc flannel-dual-stack flannel-dual-stack.net:12' up

  at 'flannel-dual-stack.net:10  uplink eth0 192.168.50.12/24 fd00:50::12/64 on lan'
  ip -n n2 link add name eth0 group 1352665393 type veth peer name n2-eth0 group 1352665393 netns segments
  ip -n n2 addr add 192.168.50.12/24 brd + dev eth0
  ip -n n2 addr add fd00:50::12/64 dev eth0 nodad
  ip -n n2 link set dev eth0 alias 'netc flannel-dual-stack flannel-dual-stack.net:10' up
  ip -n segments link set dev n2-eth0 alias 'netc flannel-dual-stack flannel-dual-stack.net:10' master lan up

  at 'flannel-dual-stack.net:11  bridge cni0 10.244.2.1/24 fd00:10:244:2::1/64'
  ip -n n2 link add name cni0 address 02:45:10:ed:17:1f mtu 1430 group 1352665393 type bridge
  ip -n n2 addr add 10.244.2.1/24 brd + dev cni0
  ip -n n2 addr add fd00:10:244:2::1/64 dev cni0 nodad
  ip -n n2 link set dev cni0 alias 'netc flannel-dual-stack flannel-dual-stack.net:11'

  at 'flannel-dual-stack.net:11  vxlan flannel.1 10.244.2.0/32 on eth0'
  ip -n n2 link add name flannel.1 address 02:cf:95:4a:9d:92 mtu 1450 group 1352665393 type vxlan id 1 dstport 8472 local 192.168.50.12 nolearning dev eth0
  ip netns exec n2 sysctl -qw net/ipv6/conf/flannel.1/accept_ra=0
  ip -n n2 addr add 10.244.2.0/32 dev flannel.1
  ip -n n2 link set dev flannel.1 alias 'netc flannel-dual-stack flannel-dual-stack.net:11' up

  at 'flannel-dual-stack.net:11  vxlan flannel-v6.1 fd00:10:244:2::/128 on eth0'
  ip -n n2 link add name flannel-v6.1 address 02:be:04:be:ed:52 mtu 1430 group 1352665393 type vxlan id 1 dstport 8472 local fd00:50::12 nolearning dev eth0
  ip netns exec n2 sysctl -qw net/ipv6/conf/flannel-v6.1/accept_ra=0
  ip -n n2 addr add fd00:10:244:2::/128 dev flannel-v6.1 nodad
  ip -n n2 link set dev flannel-v6.1 alias 'netc flannel-dual-stack flannel-dual-stack.net:11' up

  at 'flannel-dual-stack.net:12  veth eth0 10.244.2.2/24 fd00:10:244:2::2/64 -- cni0'
  ip -n n2 link add name p2-eth0 mtu 1430 group 1352665393 type veth peer name eth0 mtu 1430 group 1352665393 netns n2-p2
  ip -n n2 link set dev p2-eth0 alias 'netc flannel-dual-stack flannel-dual-stack.net:12' master cni0 up
  ip -n n2 link set dev p2-eth0 type bridge_slave hairpin on
  ip -n n2-p2 addr add 10.244.2.2/24 brd + dev eth0
  ip -n n2-p2 addr add fd00:10:244:2::2/64 dev eth0 nodad
  ip -n n2-p2 link set dev eth0 alias 'netc flannel-dual-stack flannel-dual-stack.net:12' up

  at 'flannel-dual-stack.net:10  uplink eth0 192.168.50.13/24 fd00:50::13/64 on lan'
  ip -n n3 link add name eth0 group 1352665393 type veth peer name n3-eth0 group 1352665393 netns segments
  ip -n n3 addr add 192.168.50.13/24 brd + dev eth0
  ip -n n3 addr add fd00:50::13/64 dev eth0 nodad
  ip -n n3 link set dev eth0 alias 'netc flannel-dual-stack flannel-dual-stack.net:10' up
  ip -n segments link set dev n3-eth0 alias 'netc flannel-dual-stack flannel-dual-stack.net:10' master lan up

  at 'flannel-dual-stack.net:11  bridge cni0 10.244.3.1/24 fd00:10:244:3::1/64'
  ip -n n3 link add name cni0 address 02:bd:f5:99:61:01 mtu 1430 group 1352665393 type bridge
  ip -n n3 addr add 10.244.3.1/24 brd + dev cni0
  ip -n n3 addr add fd00:10:244:3::1/64 dev cni0 nodad
  ip -n n3 link set dev cni0 alias 'netc flannel-dual-stack flannel-dual-stack.net:11'

  at 'flannel-dual-stack.net:11  vxlan flannel.1 10.244.3.0/32 on eth0'
  ip -n n3 link add name flannel.1 address 02:c6:10:61:43:27 mtu 1450 group 1352665393 type vxlan id 1 dstport 8472 local 192.168.50.13 nolearning dev eth0
  ip netns exec n3 sysctl -qw net/ipv6/conf/flannel.1/accept_ra=0
  ip -n n3 addr add 10.244.3.0/32 dev flannel.1
  ip -n n3 link set dev flannel.1 alias 'netc flannel-dual-stack flannel-dual-stack.net:11' up

  at 'flannel-dual-stack.net:11  vxlan flannel-v6.1 fd00:10:244:3::/128 on eth0'
  ip -n n3 link add name flannel-v6.1 address 02:11:88:b8:a1:5c mtu 1430 group 1352665393 type vxlan id 1 dstport 8472 local fd00:50::13 nolearning dev eth0
  ip netns exec n3 sysctl -qw net/ipv6/conf/flannel-v6.1/accept_ra=0
  ip -n n3 addr add fd00:10:244:3::/128 dev flannel-v6.1 nodad
  ip -n n3 link set dev flannel-v6.1 alias 'netc flannel-dual-stack flannel-dual-stack.net:11' up

  at 'flannel-dual-stack.net:12  veth eth0 10.244.3.2/24 fd00:10:244:3::2/64 -- cni0'
  ip -n n3 link add name p3-eth0 mtu 1430 group 1352665393 type veth peer name eth0 mtu 1430 group 1352665393 netns n3-p3
  ip -n n3 link set dev p3-eth0 alias 'netc flannel-dual-stack flannel-dual-stack.net:12' master cni0 up
  ip -n n3 link set dev p3-eth0 type bridge_slave hairpin on
  ip -n n3-p3 addr add 10.244.3.2/24 brd + dev eth0
  ip -n n3-p3 addr add fd00:10:244:3::2/64 dev eth0 nodad
  ip -n n3-p3 link set dev eth0 alias 'netc flannel-dual-stack flannel-dual-stack.net:12' up

  at 'flannel-dual-stack.net:10  uplink eth0 192.168.50.14/24 fd00:50::14/64 on lan'
  ip -n n4 link add name eth0 group 1352665393 type veth peer name n4-eth0 group 1352665393 netns segments
  ip -n n4 addr add 192.168.50.14/24 brd + dev eth0
  ip -n n4 addr add fd00:50::14/64 dev eth0 nodad
  ip -n n4 link set dev eth0 alias 'netc flannel-dual-stack flannel-dual-stack.net:10' up
  ip -n segments link set dev n4-eth0 alias 'netc flannel-dual-stack flannel-dual-stack.net:10' master lan up

  at 'flannel-dual-stack.net:11  bridge cni0 10.244.4.1/24 fd00:10:244:4::1/64'
  ip -n n4 link add name cni0 address 02:58:77:0c:ee:7c mtu 1430 group 1352665393 type bridge
  ip -n n4 addr add 10.244.4.1/24 brd + dev cni0
  ip -n n4 addr add fd00:10:244:4::1/64 dev cni0 nodad
  ip -n n4 link set dev cni0 alias 'netc flannel-dual-stack flannel-dual-stack.net:11'

  at 'flannel-dual-stack.net:11  vxlan flannel.1 10.244.4.0/32 on eth0'
  ip -n n4 link add name flannel.1 address 02:49:09:6e:f3:83 mtu 1450 group 1352665393 type vxlan id 1 dstport 8472 local 192.168.50.14 nolearning dev eth0
  ip netns exec n4 sysctl -qw net/ipv6/conf/flannel.1/accept_ra=0
  ip -n n4 addr add 10.244.4.0/32 dev flannel.1
  ip -n n4 link set dev flannel.1 alias 'netc flannel-dual-stack flannel-dual-stack.net:11' up

  at 'flannel-dual-stack.net:11  vxlan flannel-v6.1 fd00:10:244:4::/128 on eth0'
  ip -n n4 link add name flannel-v6.1 address 02:97:a6:82:2d:5e mtu 1430 group 1352665393 type vxlan id 1 dstport 8472 local fd00:50::14 nolearning dev eth0
  ip netns exec n4 sysctl -qw net/ipv6/conf/flannel-v6.1/accept_ra=0
  ip -n n4 addr add fd00:10:244:4::/128 dev flannel-v6.1 nodad
  ip -n n4 link set dev flannel-v6.1 alias 'netc flannel-dual-stack flannel-dual-stack.net:11' up

  at 'flannel-dual-stack.net:12  veth eth0 10.244.4.2/24 fd00:10:244:4::2/64 -- cni0'
  ip -n n4 link add name p4-eth0 mtu 1430 group 1352665393 type veth peer name eth0 mtu 1430 group 1352665393 netns n4-p4
  ip -n n4 link set dev p4-eth0 alias 'netc flannel-dual-stack flannel-dual-stack.net:12' master cni0 up
  ip -n n4 link set dev p4-eth0 type bridge_slave hairpin on
  ip -n n4-p4 addr add 10.244.4.2/24 brd + dev eth0
  ip -n n4-p4 addr add fd00:10:244:4::2/64 dev eth0 nodad
  ip -n n4-p4 link set dev eth0 alias 'netc flannel-dual-stack flannel-dual-stack.net:12' up

  at 'flannel-dual-stack.net:10  uplink eth0 192.168.50.15/24 fd00:50::15/64 on lan'
  ip -n n5 link add name eth0 group 1352665393 type veth peer name n5-eth0 group 1352665393 netns segments
  ip -n n5 addr add 192.168.50.15/24 brd + dev eth0
  ip -n n5 addr add fd00:50::15/64 dev eth0 nodad
  ip -n n5 link set dev eth0 alias 'netc flannel-dual-stack flannel-dual-stack.net:10' up
  ip -n segments link set dev n5-eth0 alias 'netc flannel-dual-stack flannel-dual-stack.net:10' master lan up

  at 'flannel-dual-stack.net:11  bridge cni0 10.244.5.1/24 fd00:10:244:5::1/64'
  ip -n n5 link add name cni0 address 02:49:69:57:a4:da mtu 1430 group 1352665393 type bridge
  ip -n n5 addr add 10.244.5.1/24 brd + dev cni0
  ip -n n5 addr add fd00:10:244:5::1/64 dev cni0 nodad
  ip -n n5 link set dev cni0 alias 'netc flannel-dual-stack flannel-dual-stack.net:11'

  at 'flannel-dual-stack.net:11  vxlan flannel.1 10.244.5.0/32 on eth0'
  ip -n n5 link add name flannel.1 address 02:86:08:32:90:dc mtu 1450 group 1352665393 type vxlan id 1 dstport 8472 local 192.168.50.15 nolearning dev eth0
  ip netns exec n5 sysctl -qw net/ipv6/conf/flannel.1/accept_ra=0
  ip -n n5 addr add 10.244.5.0/32 dev flannel.1
  ip -n n5 link set dev flannel.1 alias 'netc flannel-dual-stack flannel-dual-stack.net:11' up

  at 'flannel-dual-stack.net:11  vxlan flannel-v6.1 fd00:10:244:5::/128 on eth0'
  ip -n n5 link add name flannel-v6.1 address 02:bf:d3:42:4a:71 mtu 1430 group 1352665393 type vxlan id 1 dstport 8472 local fd00:50::15 nolearning dev eth0
  ip netns exec n5 sysctl -qw net/ipv6/conf/flannel-v6.1/accept_ra=0
  ip -n n5 addr add fd00:10:244:5::/128 dev flannel-v6.1 nodad
  ip -n n5 link set dev flannel-v6.1 alias 'netc flannel-dual-stack flannel-dual-stack.net:11' up

  at 'flannel-dual-stack.net:12  veth eth0 10.244.5.2/24 fd00:10:244:5::2/64 -- cni0'
  ip -n n5 link add name p5-eth0 mtu 1430 group 1352665393 type veth peer name eth0 mtu 1430 group 1352665393 netns n5-p5
  ip -n n5 link set dev p5-eth0 alias 'netc flannel-dual-stack flannel-dual-stack.net:12' master cni0 up
  ip -n n5 link set dev p5-eth0 type bridge_slave hairpin on
  ip -n n5-p5 addr add 10.244.5.2/24 brd + dev eth0
  ip -n n5-p5 addr add fd00:10:244:5::2/64 dev eth0 nodad
  ip -n n5-p5 link set dev eth0 alias 'netc flannel-dual-stack flannel-dual-stack.net:12' up

  at 'flannel-dual-stack.net:4  segment lan 192.168.50.0/24 fd00:50::/64'
  ip -n segments link set dev lan up

  at 'flannel-dual-stack.net:11  bridge cni0 10.244.1.1/24 fd00:10:244:1::1/64'
  ip -n n1 link set dev cni0 mtu 1430 up

  at 'flannel-dual-stack.net:11  bridge cni0 10.244.2.1/24 fd00:10:244:2::1/64'
  ip -n n2 link set dev cni0 mtu 1430 up

  at 'flannel-dual-stack.net:11  bridge cni0 10.244.3.1/24 fd00:10:244:3::1/64'
  ip -n n3 link set dev cni0 mtu 1430 up

  at 'flannel-dual-stack.net:11  bridge cni0 10.244.4.1/24 fd00:10:244:4::1/64'
  ip -n n4 link set dev cni0 mtu 1430 up

  at 'flannel-dual-stack.net:11  bridge cni0 10.244.5.1/24 fd00:10:244:5::1/64'
  ip -n n5 link set dev cni0 mtu 1430 up

  at 'flannel-dual-stack.net:11  neigh 10.244.2.0 lladdr 02:cf:95:4a:9d:92 dev flannel.1'
  ip -n n1 neigh replace 10.244.2.0 lladdr 02:cf:95:4a:9d:92 dev flannel.1 nud permanent

  at 'flannel-dual-stack.net:11  neigh 10.244.3.0 lladdr 02:c6:10:61:43:27 dev flannel.1'
  ip -n n1 neigh replace 10.244.3.0 lladdr 02:c6:10:61:43:27 dev flannel.1 nud permanent

  at 'flannel-dual-stack.net:11  neigh 10.244.4.0 lladdr 02:49:09:6e:f3:83 dev flannel.1'
  ip -n n1 neigh replace 10.244.4.0 lladdr 02:49:09:6e:f3:83 dev flannel.1 nud permanent

  at 'flannel-dual-stack.net:11  neigh 10.244.5.0 lladdr 02:86:08:32:90:dc dev flannel.1'
  ip -n n1 neigh replace 10.244.5.0 lladdr 02:86:08:32:90:dc dev flannel.1 nud permanent

  at 'flannel-dual-stack.net:11  neigh fd00:10:244:2:: lladdr 02:be:04:be:ed:52 dev flannel-v6.1'
  ip -n n1 neigh replace fd00:10:244:2:: lladdr 02:be:04:be:ed:52 dev flannel-v6.1 nud permanent

  at 'flannel-dual-stack.net:11  neigh fd00:10:244:3:: lladdr 02:11:88:b8:a1:5c dev flannel-v6.1'
  ip -n n1 neigh replace fd00:10:244:3:: lladdr 02:11:88:b8:a1:5c dev flannel-v6.1 nud permanent

  at 'flannel-dual-stack.net:11  neigh fd00:10:244:4:: lladdr 02:97:a6:82:2d:5e dev flannel-v6.1'
  ip -n n1 neigh replace fd00:10:244:4:: lladdr 02:97:a6:82:2d:5e dev flannel-v6.1 nud permanent

  at 'flannel-dual-stack.net:11  neigh fd00:10:244:5:: lladdr 02:bf:d3:42:4a:71 dev flannel-v6.1'
  ip -n n1 neigh replace fd00:10:244:5:: lladdr 02:bf:d3:42:4a:71 dev flannel-v6.1 nud permanent

  at 'flannel-dual-stack.net:11  neigh 10.244.1.0 lladdr 02:a5:fb:7b:62:a8 dev flannel.1'
  ip -n n2 neigh replace 10.244.1.0 lladdr 02:a5:fb:7b:62:a8 dev flannel.1 nud permanent

  at 'flannel-dual-stack.net:11  neigh 10.244.3.0 lladdr 02:c6:10:61:43:27 dev flannel.1'
  ip -n n2 neigh replace 10.244.3.0 lladdr 02:c6:10:61:43:27 dev flannel.1 nud permanent

  at 'flannel-dual-stack.net:11  neigh 10.244.4.0 lladdr 02:49:09:6e:f3:83 dev flannel.1'
  ip -n n2 neigh replace 10.244.4.0 lladdr 02:49:09:6e:f3:83 dev flannel.1 nud permanent

  at 'flannel-dual-stack.net:11  neigh 10.244.5.0 lladdr 02:86:08:32:90:dc dev flannel.1'
  ip -n n2 neigh replace 10.244.5.0 lladdr 02:86:08:32:90:dc dev flannel.1 nud permanent

  at 'flannel-dual-stack.net:11  neigh fd00:10:244:1:: lladdr 02:62:26:a1:55:03 dev flannel-v6.1'
  ip -n n2 neigh replace fd00:10:244:1:: lladdr 02:62:26:a1:55:03 dev flannel-v6.1 nud permanent

  at 'flannel-dual-stack.net:11  neigh fd00:10:244:3:: lladdr 02:11:88:b8:a1:5c dev flannel-v6.1'
  ip -n n2 neigh replace fd00:10:244:3:: lladdr 02:11:88:b8:a1:5c dev flannel-v6.1 nud permanent

  at 'flannel-dual-stack.net:11  neigh fd00:10:244:4:: lladdr 02:97:a6:82:2d:5e dev flannel-v6.1'
  ip -n n2 neigh replace fd00:10:244:4:: lladdr 02:97:a6:82:2d:5e dev flannel-v6.1 nud permanent

  at 'flannel-dual-stack.net:11  neigh fd00:10:244:5:: lladdr 02:bf:d3:42:4a:71 dev flannel-v6.1'
  ip -n n2 neigh replace fd00:10:244:5:: lladdr 02:bf:d3:42:4a:71 dev flannel-v6.1 nud permanent

  at 'flannel-dual-stack.net:11  neigh 10.244.1.0 lladdr 02:a5:fb:7b:62:a8 dev flannel.1'
  ip -n n3 neigh replace 10.244.1.0 lladdr 02:a5:fb:7b:62:a8 dev flannel.1 nud permanent

  at 'flannel-dual-stack.net:11  neigh 10.244.2.0 lladdr 02:cf:95:4a:9d:92 dev flannel.1'
  ip -n n3 neigh replace 10.244.2.0 lladdr 02:cf:95:4a:9d:92 dev flannel.1 nud permanent

  at 'flannel-dual-stack.net:11  neigh 10.244.4.0 lladdr 02:49:09:6e:f3:83 dev flannel.1'
  ip -n n3 neigh replace 10.244.4.0 lladdr 02:49:09:6e:f3:83 dev flannel.1 nud permanent

  at 'flannel-dual-stack.net:11  neigh 10.244.5.0 lladdr 02:86:08:32:90:dc dev flannel.1'
  ip -n n3 neigh replace 10.244.5.0 lladdr 02:86:08:32:90:dc dev flannel.1 nud permanent

  at 'flannel-dual-stack.net:11  neigh fd00:10:244:1:: lladdr 02:62:26:a1:55:03 dev flannel-v6.1'
  ip -n n3 neigh replace fd00:10:244:1:: lladdr 02:62:26:a1:55:03 dev flannel-v6.1 nud permanent

  at 'flannel-dual-stack.net:11  neigh fd00:10:244:2:: lladdr 02:be:04:be:ed:52 dev flannel-v6.1'
  ip -n n3 neigh replace fd00:10:244:2:: lladdr 02:be:04:be:ed:52 dev flannel-v6.1 nud permanent

  at 'flannel-dual-stack.net:11  neigh fd00:10:244:4:: lladdr 02:97:a6:82:2d:5e dev flannel-v6.1'
  ip -n n3 neigh replace fd00:10:244:4:: lladdr 02:97:a6:82:2d:5e dev flannel-v6.1 nud permanent

  at 'flannel-dual-stack.net:11  neigh fd00:10:244:5:: lladdr 02:bf:d3:42:4a:71 dev flannel-v6.1'
  ip -n n3 neigh replace fd00:10:244:5:: lladdr 02:bf:d3:42:4a:71 dev flannel-v6.1 nud permanent

  at 'flannel-dual-stack.net:11  neigh 10.244.1.0 lladdr 02:a5:fb:7b:62:a8 dev flannel.1'
  ip -n n4 neigh replace 10.244.1.0 lladdr 02:a5:fb:7b:62:a8 dev flannel.1 nud permanent

  at 'flannel-dual-stack.net:11  neigh 10.244.2.0 lladdr 02:cf:95:4a:9d:92 dev flannel.1'
  ip -n n4 neigh replace 10.244.2.0 lladdr 02:cf:95:4a:9d:92 dev flannel.1 nud permanent

  at 'flannel-dual-stack.net:11  neigh 10.244.3.0 lladdr 02:c6:10:61:43:27 dev flannel.1'
  ip -n n4 neigh replace 10.244.3.0 lladdr 02:c6:10:61:43:27 dev flannel.1 nud permanent

  at 'flannel-dual-stack.net:11  neigh 10.244.5.0 lladdr 02:86:08:32:90:dc dev flannel.1'
  ip -n n4 neigh replace 10.244.5.0 lladdr 02:86:08:32:90:dc dev flannel.1 nud permanent

  at 'flannel-dual-stack.net:11  neigh fd00:10:244:1:: lladdr 02:62:26:a1:55:03 dev flannel-v6.1'
  ip -n n4 neigh replace fd00:10:244:1:: lladdr 02:62:26:a1:55:03 dev flannel-v6.1 nud permanent

  at 'flannel-dual-stack.net:11  neigh fd00:10:244:2:: lladdr 02:be:04:be:ed:52 dev flannel-v6.1'
  ip -n n4 neigh replace fd00:10:244:2:: lladdr 02:be:04:be:ed:52 dev flannel-v6.1 nud permanent

  at 'flannel-dual-stack.net:11  neigh fd00:10:244:3:: lladdr 02:11:88:b8:a1:5c dev flannel-v6.1'
  ip -n n4 neigh replace fd00:10:244:3:: lladdr 02:11:88:b8:a1:5c dev flannel-v6.1 nud permanent

  at 'flannel-dual-stack.net:11  neigh fd00:10:244:5:: lladdr 02:bf:d3:42:4a:71 dev flannel-v6.1'
  ip -n n4 neigh replace fd00:10:244:5:: lladdr 02:bf:d3:42:4a:71 dev flannel-v6.1 nud permanent

  at 'flannel-dual-stack.net:11  neigh 10.244.1.0 lladdr 02:a5:fb:7b:62:a8 dev flannel.1'
  ip -n n5 neigh replace 10.244.1.0 lladdr 02:a5:fb:7b:62:a8 dev flannel.1 nud permanent

  at 'flannel-dual-stack.net:11  neigh 10.244.2.0 lladdr 02:cf:95:4a:9d:92 dev flannel.1'
  ip -n n5 neigh replace 10.244.2.0 lladdr 02:cf:95:4a:9d:92 dev flannel.1 nud permanent

  at 'flannel-dual-stack.net:11  neigh 10.244.3.0 lladdr 02:c6:10:61:43:27 dev flannel.1'
  ip -n n5 neigh replace 10.244.3.0 lladdr 02:c6:10:61:43:27 dev flannel.1 nud permanent

  at 'flannel-dual-stack.net:11  neigh 10.244.4.0 lladdr 02:49:09:6e:f3:83 dev flannel.1'
  ip -n n5 neigh replace 10.244.4.0 lladdr 02:49:09:6e:f3:83 dev flannel.1 nud permanent

  at 'flannel-dual-stack.net:11  neigh fd00:10:244:1:: lladdr 02:62:26:a1:55:03 dev flannel-v6.1'
  ip -n n5 neigh replace fd00:10:244:1:: lladdr 02:62:26:a1:55:03 dev flannel-v6.1 nud permanent

  at 'flannel-dual-stack.net:11  neigh fd00:10:244:2:: lladdr 02:be:04:be:ed:52 dev flannel-v6.1'
  ip -n n5 neigh replace fd00:10:244:2:: lladdr 02:be:04:be:ed:52 dev flannel-v6.1 nud permanent

  at 'flannel-dual-stack.net:11  neigh fd00:10:244:3:: lladdr 02:11:88:b8:a1:5c dev flannel-v6.1'
  ip -n n5 neigh replace fd00:10:244:3:: lladdr 02:11:88:b8:a1:5c dev flannel-v6.1 nud permanent

  at 'flannel-dual-stack.net:11  neigh fd00:10:244:4:: lladdr 02:97:a6:82:2d:5e dev flannel-v6.1'
  ip -n n5 neigh replace fd00:10:244:4:: lladdr 02:97:a6:82:2d:5e dev flannel-v6.1 nud permanent

  at 'flannel-dual-stack.net:11  fdb 02:cf:95:4a:9d:92 dst 192.168.50.12 dev flannel.1'
  bridge -n n1 fdb replace 02:cf:95:4a:9d:92 dev flannel.1 dst 192.168.50.12 self permanent

  at 'flannel-dual-stack.net:11  fdb 02:c6:10:61:43:27 dst 192.168.50.13 dev flannel.1'
  bridge -n n1 fdb replace 02:c6:10:61:43:27 dev flannel.1 dst 192.168.50.13 self permanent

  at 'flannel-dual-stack.net:11  fdb 02:49:09:6e:f3:83 dst 192.168.50.14 dev flannel.1'
  bridge -n n1 fdb replace 02:49:09:6e:f3:83 dev flannel.1 dst 192.168.50.14 self permanent

  at 'flannel-dual-stack.net:11  fdb 02:86:08:32:90:dc dst 192.168.50.15 dev flannel.1'
  bridge -n n1 fdb replace 02:86:08:32:90:dc dev flannel.1 dst 192.168.50.15 self permanent

  at 'flannel-dual-stack.net:11  fdb 02:be:04:be:ed:52 dst fd00:50::12 dev flannel-v6.1'
  bridge -n n1 fdb replace 02:be:04:be:ed:52 dev flannel-v6.1 dst fd00:50::12 self permanent

  at 'flannel-dual-stack.net:11  fdb 02:11:88:b8:a1:5c dst fd00:50::13 dev flannel-v6.1'
  bridge -n n1 fdb replace 02:11:88:b8:a1:5c dev flannel-v6.1 dst fd00:50::13 self permanent

  at 'flannel-dual-stack.net:11  fdb 02:97:a6:82:2d:5e dst fd00:50::14 dev flannel-v6.1'
  bridge -n n1 fdb replace 02:97:a6:82:2d:5e dev flannel-v6.1 dst fd00:50::14 self permanent

  at 'flannel-dual-stack.net:11  fdb 02:bf:d3:42:4a:71 dst fd00:50::15 dev flannel-v6.1'
  bridge -n n1 fdb replace 02:bf:d3:42:4a:71 dev flannel-v6.1 dst fd00:50::15 self permanent

  at 'flannel-dual-stack.net:11  fdb 02:a5:fb:7b:62:a8 dst 192.168.50.11 dev flannel.1'
  bridge -n n2 fdb replace 02:a5:fb:7b:62:a8 dev flannel.1 dst 192.168.50.11 self permanent

  at 'flannel-dual-stack.net:11  fdb 02:c6:10:61:43:27 dst 192.168.50.13 dev flannel.1'
  bridge -n n2 fdb replace 02:c6:10:61:43:27 dev flannel.1 dst 192.168.50.13 self permanent

  at 'flannel-dual-stack.net:11  fdb 02:49:09:6e:f3:83 dst 192.168.50.14 dev flannel.1'
  bridge -n n2 fdb replace 02:49:09:6e:f3:83 dev flannel.1 dst 192.168.50.14 self permanent

  at 'flannel-dual-stack.net:11  fdb 02:86:08:32:90:dc dst 192.168.50.15 dev flannel.1'
  bridge -n n2 fdb replace 02:86:08:32:90:dc dev flannel.1 dst 192.168.50.15 self permanent

  at 'flannel-dual-stack.net:11  fdb 02:62:26:a1:55:03 dst fd00:50::11 dev flannel-v6.1'
  bridge -n n2 fdb replace 02:62:26:a1:55:03 dev flannel-v6.1 dst fd00:50::11 self permanent

  at 'flannel-dual-stack.net:11  fdb 02:11:88:b8:a1:5c dst fd00:50::13 dev flannel-v6.1'
  bridge -n n2 fdb replace 02:11:88:b8:a1:5c dev flannel-v6.1 dst fd00:50::13 self permanent

  at 'flannel-dual-stack.net:11  fdb 02:97:a6:82:2d:5e dst fd00:50::14 dev flannel-v6.1'
  bridge -n n2 fdb replace 02:97:a6:82:2d:5e dev flannel-v6.1 dst fd00:50::14 self permanent

  at 'flannel-dual-stack.net:11  fdb 02:bf:d3:42:4a:71 dst fd00:50::15 dev flannel-v6.1'
  bridge -n n2 fdb replace 02:bf:d3:42:4a:71 dev flannel-v6.1 dst fd00:50::15 self permanent

  at 'flannel-dual-stack.net:11  fdb 02:a5:fb:7b:62:a8 dst 192.168.50.11 dev flannel.1'
  bridge -n n3 fdb replace 02:a5:fb:7b:62:a8 dev flannel.1 dst 192.168.50.11 self permanent

  at 'flannel-dual-stack.net:11  fdb 02:cf:95:4a:9d:92 dst 192.168.50.12 dev flannel.1'
  bridge -n n3 fdb replace 02:cf:95:4a:9d:92 dev flannel.1 dst 192.168.50.12 self permanent

  at 'flannel-dual-stack.net:11  fdb 02:49:09:6e:f3:83 dst 192.168.50.14 dev flannel.1'
  bridge -n n3 fdb replace 02:49:09:6e:f3:83 dev flannel.1 dst 192.168.50.14 self permanent

  at 'flannel-dual-stack.net:11  fdb 02:86:08:32:90:dc dst 192.168.50.15 dev flannel.1'
  bridge -n n3 fdb replace 02:86:08:32:90:dc dev flannel.1 dst 192.168.50.15 self permanent

  at 'flannel-dual-stack.net:11  fdb 02:62:26:a1:55:03 dst fd00:50::11 dev flannel-v6.1'
  bridge -n n3 fdb replace 02:62:26:a1:55:03 dev flannel-v6.1 dst fd00:50::11 self permanent

  at 'flannel-dual-stack.net:11  fdb 02:be:04:be:ed:52 dst fd00:50::12 dev flannel-v6.1'
  bridge -n n3 fdb replace 02:be:04:be:ed:52 dev flannel-v6.1 dst fd00:50::12 self permanent

  at 'flannel-dual-stack.net:11  fdb 02:97:a6:82:2d:5e dst fd00:50::14 dev flannel-v6.1'
  bridge -n n3 fdb replace 02:97:a6:82:2d:5e dev flannel-v6.1 dst fd00:50::14 self permanent

  at 'flannel-dual-stack.net:11  fdb 02:bf:d3:42:4a:71 dst fd00:50::15 dev flannel-v6.1'
  bridge -n n3 fdb replace 02:bf:d3:42:4a:71 dev flannel-v6.1 dst fd00:50::15 self permanent

  at 'flannel-dual-stack.net:11  fdb 02:a5:fb:7b:62:a8 dst 192.168.50.11 dev flannel.1'
  bridge -n n4 fdb replace 02:a5:fb:7b:62:a8 dev flannel.1 dst 192.168.50.11 self permanent

  at 'flannel-dual-stack.net:11  fdb 02:cf:95:4a:9d:92 dst 192.168.50.12 dev flannel.1'
  bridge -n n4 fdb replace 02:cf:95:4a:9d:92 dev flannel.1 dst 192.168.50.12 self permanent

  at 'flannel-dual-stack.net:11  fdb 02:c6:10:61:43:27 dst 192.168.50.13 dev flannel.1'
  bridge -n n4 fdb replace 02:c6:10:61:43:27 dev flannel.1 dst 192.168.50.13 self permanent

  at 'flannel-dual-stack.net:11  fdb 02:86:08:32:90:dc dst 192.168.50.15 dev flannel.1'
  bridge -n n4 fdb replace 02:86:08:32:90:dc dev flannel.1 dst 192.168.50.15 self permanent

  at 'flannel-dual-stack.net:11  fdb 02:62:26:a1:55:03 dst fd00:50::11 dev flannel-v6.1'
  bridge -n n4 fdb replace 02:62:26:a1:55:03 dev flannel-v6.1 dst fd00:50::11 self permanent

  at 'flannel-dual-stack.net:11  fdb 02:be:04:be:ed:52 dst fd00:50::12 dev flannel-v6.1'
  bridge -n n4 fdb replace 02:be:04:be:ed:52 dev flannel-v6.1 dst fd00:50::12 self permanent

  at 'flannel-dual-stack.net:11  fdb 02:11:88:b8:a1:5c dst fd00:50::13 dev flannel-v6.1'
  bridge -n n4 fdb replace 02:11:88:b8:a1:5c dev flannel-v6.1 dst fd00:50::13 self permanent

  at 'flannel-dual-stack.net:11  fdb 02:bf:d3:42:4a:71 dst fd00:50::15 dev flannel-v6.1'
  bridge -n n4 fdb replace 02:bf:d3:42:4a:71 dev flannel-v6.1 dst fd00:50::15 self permanent

  at 'flannel-dual-stack.net:11  fdb 02:a5:fb:7b:62:a8 dst 192.168.50.11 dev flannel.1'
  bridge -n n5 fdb replace 02:a5:fb:7b:62:a8 dev flannel.1 dst 192.168.50.11 self permanent

  at 'flannel-dual-stack.net:11  fdb 02:cf:95:4a:9d:92 dst 192.168.50.12 dev flannel.1'
  bridge -n n5 fdb replace 02:cf:95:4a:9d:92 dev flannel.1 dst 192.168.50.12 self permanent

  at 'flannel-dual-stack.net:11  fdb 02:c6:10:61:43:27 dst 192.168.50.13 dev flannel.1'
  bridge -n n5 fdb replace 02:c6:10:61:43:27 dev flannel.1 dst 192.168.50.13 self permanent

  at 'flannel-dual-stack.net:11  fdb 02:49:09:6e:f3:83 dst 192.168.50.14 dev flannel.1'
  bridge -n n5 fdb replace 02:49:09:6e:f3:83 dev flannel.1 dst 192.168.50.14 self permanent

  at 'flannel-dual-stack.net:11  fdb 02:62:26:a1:55:03 dst fd00:50::11 dev flannel-v6.1'
  bridge -n n5 fdb replace 02:62:26:a1:55:03 dev flannel-v6.1 dst fd00:50::11 self permanent

  at 'flannel-dual-stack.net:11  fdb 02:be:04:be:ed:52 dst fd00:50::12 dev flannel-v6.1'
  bridge -n n5 fdb replace 02:be:04:be:ed:52 dev flannel-v6.1 dst fd00:50::12 self permanent

  at 'flannel-dual-stack.net:11  fdb 02:11:88:b8:a1:5c dst fd00:50::13 dev flannel-v6.1'
  bridge -n n5 fdb replace 02:11:88:b8:a1:5c dev flannel-v6.1 dst fd00:50::13 self permanent

  at 'flannel-dual-stack.net:11  fdb 02:97:a6:82:2d:5e dst fd00:50::14 dev flannel-v6.1'
  bridge -n n5 fdb replace 02:97:a6:82:2d:5e dev flannel-v6.1 dst fd00:50::14 self permanent

  at 'flannel-dual-stack.net:11  route 10.244.2.0/24 via 10.244.2.0 dev flannel.1 onlink'
  ip -n n1 route add 10.244.2.0/24 via 10.244.2.0 dev flannel.1 onlink

  at 'flannel-dual-stack.net:11  route 10.244.3.0/24 via 10.244.3.0 dev flannel.1 onlink'
  ip -n n1 route add 10.244.3.0/24 via 10.244.3.0 dev flannel.1 onlink

  at 'flannel-dual-stack.net:11  route 10.244.4.0/24 via 10.244.4.0 dev flannel.1 onlink'
  ip -n n1 route add 10.244.4.0/24 via 10.244.4.0 dev flannel.1 onlink

  at 'flannel-dual-stack.net:11  route 10.244.5.0/24 via 10.244.5.0 dev flannel.1 onlink'
  ip -n n1 route add 10.244.5.0/24 via 10.244.5.0 dev flannel.1 onlink

  at 'flannel-dual-stack.net:11  route fd00:10:244:2::/64 via fd00:10:244:2:: dev flannel-v6.1 onlink'
  ip -n n1 -6 route add fd00:10:244:2::/64 via fd00:10:244:2:: dev flannel-v6.1 onlink

  at 'flannel-dual-stack.net:11  route fd00:10:244:3::/64 via fd00:10:244:3:: dev flannel-v6.1 onlink'
  ip -n n1 -6 route add fd00:10:244:3::/64 via fd00:10:244:3:: dev flannel-v6.1 onlink

  at 'flannel-dual-stack.net:11  route fd00:10:244:4::/64 via fd00:10:244:4:: dev flannel-v6.1 onlink'
  ip -n n1 -6 route add fd00:10:244:4::/64 via fd00:10:244:4:: dev flannel-v6.1 onlink

  at 'flannel-dual-stack.net:11  route fd00:10:244:5::/64 via fd00:10:244:5:: dev flannel-v6.1 onlink'
  ip -n n1 -6 route add fd00:10:244:5::/64 via fd00:10:244:5:: dev flannel-v6.1 onlink

  at 'flannel-dual-stack.net:12  route default via 10.244.1.1'
  ip -n n1-p1 route add default via 10.244.1.1 dev eth0

  at 'flannel-dual-stack.net:12  route default via fd00:10:244:1::1'
  ip -n n1-p1 -6 route add default via fd00:10:244:1::1 dev eth0

  at 'flannel-dual-stack.net:11  route 10.244.1.0/24 via 10.244.1.0 dev flannel.1 onlink'
  ip -n n2 route add 10.244.1.0/24 via 10.244.1.0 dev flannel.1 onlink

  at 'flannel-dual-stack.net:11  route 10.244.3.0/24 via 10.244.3.0 dev flannel.1 onlink'
  ip -n n2 route add 10.244.3.0/24 via 10.244.3.0 dev flannel.1 onlink

  at 'flannel-dual-stack.net:11  route 10.244.4.0/24 via 10.244.4.0 dev flannel.1 onlink'
  ip -n n2 route add 10.244.4.0/24 via 10.244.4.0 dev flannel.1 onlink

  at 'flannel-dual-stack.net:11  route 10.244.5.0/24 via 10.244.5.0 dev flannel.1 onlink'
  ip -n n2 route add 10.244.5.0/24 via 10.244.5.0 dev flannel.1 onlink

  at 'flannel-dual-stack.net:11  route fd00:10:244:1::/64 via fd00:10:244:1:: dev flannel-v6.1 onlink'
  ip -n n2 -6 route add fd00:10:244:1::/64 via fd00:10:244:1:: dev flannel-v6.1 onlink

  at 'flannel-dual-stack.net:11  route fd00:10:244:3::/64 via fd00:10:244:3:: dev flannel-v6.1 onlink'
  ip -n n2 -6 route add fd00:10:244:3::/64 via fd00:10:244:3:: dev flannel-v6.1 onlink

  at 'flannel-dual-stack.net:11  route fd00:10:244:4::/64 via fd00:10:244:4:: dev flannel-v6.1 onlink'
  ip -n n2 -6 route add fd00:10:244:4::/64 via fd00:10:244:4:: dev flannel-v6.1 onlink

  at 'flannel-dual-stack.net:11  route fd00:10:244:5::/64 via fd00:10:244:5:: dev flannel-v6.1 onlink'
  ip -n n2 -6 route add fd00:10:244:5::/64 via fd00:10:244:5:: dev flannel-v6.1 onlink

  at 'flannel-dual-stack.net:12  route default via 10.244.2.1'
  ip -n n2-p2 route add default via 10.244.2.1 dev eth0

  at 'flannel-dual-stack.net:12  route default via fd00:10:244:2::1'
  ip -n n2-p2 -6 route add default via fd00:10:244:2::1 dev eth0

  at 'flannel-dual-stack.net:11  route 10.244.1.0/24 via 10.244.1.0 dev flannel.1 onlink'
  ip -n n3 route add 10.244.1.0/24 via 10.244.1.0 dev flannel.1 onlink

  at 'flannel-dual-stack.net:11  route 10.244.2.0/24 via 10.244.2.0 dev flannel.1 onlink'
  ip -n n3 route add 10.244.2.0/24 via 10.244.2.0 dev flannel.1 onlink

  at 'flannel-dual-stack.net:11  route 10.244.4.0/24 via 10.244.4.0 dev flannel.1 onlink'
  ip -n n3 route add 10.244.4.0/24 via 10.244.4.0 dev flannel.1 onlink

  at 'flannel-dual-stack.net:11  route 10.244.5.0/24 via 10.244.5.0 dev flannel.1 onlink'
  ip -n n3 route add 10.244.5.0/24 via 10.244.5.0 dev flannel.1 onlink

  at 'flannel-dual-stack.net:11  route fd00:10:244:1::/64 via fd00:10:244:1:: dev flannel-v6.1 onlink'
  ip -n n3 -6 route add fd00:10:244:1::/64 via fd00:10:244:1:: dev flannel-v6.1 onlink

  at 'flannel-dual-stack.net:11  route fd00:10:244:2::/64 via fd00:10:244:2:: dev flannel-v6.1 onlink'
  ip -n n3 -6 route add fd00:10:244:2::/64 via fd00:10:244:2:: dev flannel-v6.1 onlink

  at 'flannel-dual-stack.net:11  route fd00:10:244:4::/64 via fd00:10:244:4:: dev flannel-v6.1 onlink'
  ip -n n3 -6 route add fd00:10:244:4::/64 via fd00:10:244:4:: dev flannel-v6.1 onlink

  at 'flannel-dual-stack.net:11  route fd00:10:244:5::/64 via fd00:10:244:5:: dev flannel-v6.1 onlink'
  ip -n n3 -6 route add fd00:10:244:5::/64 via fd00:10:244:5:: dev flannel-v6.1 onlink

  at 'flannel-dual-stack.net:12  route default via 10.244.3.1'
  ip -n n3-p3 route add default via 10.244.3.1 dev eth0

  at 'flannel-dual-stack.net:12  route default via fd00:10:244:3::1'
  ip -n n3-p3 -6 route add default via fd00:10:244:3::1 dev eth0

  at 'flannel-dual-stack.net:11  route 10.244.1.0/24 via 10.244.1.0 dev flannel.1 onlink'
  ip -n n4 route add 10.244.1.0/24 via 10.244.1.0 dev flannel.1 onlink

  at 'flannel-dual-stack.net:11  route 10.244.2.0/24 via 10.244.2.0 dev flannel.1 onlink'
  ip -n n4 route add 10.244.2.0/24 via 10.244.2.0 dev flannel.1 onlink

  at 'flannel-dual-stack.net:11  route 10.244.3.0/24 via 10.244.3.0 dev flannel.1 onlink'
  ip -n n4 route add 10.244.3.0/24 via 10.244.3.0 dev flannel.1 onlink

  at 'flannel-dual-stack.net:11  route 10.244.5.0/24 via 10.244.5.0 dev flannel.1 onlink'
  ip -n n4 route add 10.244.5.0/24 via 10.244.5.0 dev flannel.1 onlink

  at 'flannel-dual-stack.net:11  route fd00:10:244:1::/64 via fd00:10:244:1:: dev flannel-v6.1 onlink'
  ip -n n4 -6 route add fd00:10:244:1::/64 via fd00:10:244:1:: dev flannel-v6.1 onlink

  at 'flannel-dual-stack.net:11  route fd00:10:244:2::/64 via fd00:10:244:2:: dev flannel-v6.1 onlink'
  ip -n n4 -6 route add fd00:10:244:2::/64 via fd00:10:244:2:: dev flannel-v6.1 onlink

  at 'flannel-dual-stack.net:11  route fd00:10:244:3::/64 via fd00:10:244:3:: dev flannel-v6.1 onlink'
  ip -n n4 -6 route add fd00:10:244:3::/64 via fd00:10:244:3:: dev flannel-v6.1 onlink

  at 'flannel-dual-stack.net:11  route fd00:10:244:5::/64 via fd00:10:244:5:: dev flannel-v6.1 onlink'
  ip -n n4 -6 route add fd00:10:244:5::/64 via fd00:10:244:5:: dev flannel-v6.1 onlink

  at 'flannel-dual-stack.net:12  route default via 10.244.4.1'
  ip -n n4-p4 route add default via 10.244.4.1 dev eth0

  at 'flannel-dual-stack.net:12  route default via fd00:10:244:4::1'
  ip -n n4-p4 -6 route add default via fd00:10:244:4::1 dev eth0

  at 'flannel-dual-stack.net:11  route 10.244.1.0/24 via 10.244.1.0 dev flannel.1 onlink'
  ip -n n5 route add 10.244.1.0/24 via 10.244.1.0 dev flannel.1 onlink

  at 'flannel-dual-stack.net:11  route 10.244.2.0/24 via 10.244.2.0 dev flannel.1 onlink'
  ip -n n5 route add 10.244.2.0/24 via 10.244.2.0 dev flannel.1 onlink

  at 'flannel-dual-stack.net:11  route 10.244.3.0/24 via 10.244.3.0 dev flannel.1 onlink'
  ip -n n5 route add 10.244.3.0/24 via 10.244.3.0 dev flannel.1 onlink

  at 'flannel-dual-stack.net:11  route 10.244.4.0/24 via 10.244.4.0 dev flannel.1 onlink'
  ip -n n5 route add 10.244.4.0/24 via 10.244.4.0 dev flannel.1 onlink

  at 'flannel-dual-stack.net:11  route fd00:10:244:1::/64 via fd00:10:244:1:: dev flannel-v6.1 onlink'
  ip -n n5 -6 route add fd00:10:244:1::/64 via fd00:10:244:1:: dev flannel-v6.1 onlink

  at 'flannel-dual-stack.net:11  route fd00:10:244:2::/64 via fd00:10:244:2:: dev flannel-v6.1 onlink'
  ip -n n5 -6 route add fd00:10:244:2::/64 via fd00:10:244:2:: dev flannel-v6.1 onlink

  at 'flannel-dual-stack.net:11  route fd00:10:244:3::/64 via fd00:10:244:3:: dev flannel-v6.1 onlink'
  ip -n n5 -6 route add fd00:10:244:3::/64 via fd00:10:244:3:: dev flannel-v6.1 onlink

  at 'flannel-dual-stack.net:11  route fd00:10:244:4::/64 via fd00:10:244:4:: dev flannel-v6.1 onlink'
  ip -n n5 -6 route add fd00:10:244:4::/64 via fd00:10:244:4:: dev flannel-v6.1 onlink

  at 'flannel-dual-stack.net:12  route default via 10.244.5.1'
  ip -n n5-p5 route add default via 10.244.5.1 dev eth0

  at 'flannel-dual-stack.net:12  route default via fd00:10:244:5::1'
  ip -n n5-p5 -6 route add default via fd00:10:244:5::1 dev eth0

  # --- it is up
  if [[ -n $dry ]]; then exit 0; fi
  trap '' HUP INT QUIT TERM
  printf '%s\n' "$plan" >"$state/up"
  trap - EXIT && say "the lab $lab is up"
  exit 0
}
