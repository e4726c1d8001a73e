#!/usr/bin/env bash
# up.sh brings up the lab calico-ipip; netc wrote it from calico-ipip.net. Run it as root. down.sh undoes it.
# up.sh -q says nothing but errors; up.sh -n prints the commands and runs none.
#
#   netns     device       addresses           joined
#   n1        eth0         192.168.50.11/24    to segments:n1-eth0
#   n1        ipip.calico  192.168.100.64/32   on n1:eth0
#   n1        cali-a       -                   to n1-a:eth0
#   n1-a      eth0         192.168.100.65/32   to n1:cali-a
#   n2        eth0         192.168.50.12/24    to segments:n2-eth0
#   n2        ipip.calico  192.168.100.128/32  on n2:eth0
#   n2        cali-b       -                   to n2-b:eth0
#   n2-b      eth0         192.168.100.129/32  to n2:cali-b
#   segments  lan          -                   bridge
#   segments  n1-eth0      -                   in lan, to n1:eth0
#   segments  n2-eth0      -                   in lan, to n2:eth0
# shellcheck disable=SC2016,SC2043,SC2317,SC2329 # a $ of the lab's own; a loop over one name; functions for traps
{
  # --- frame: the same text in every lab, explained in docs/scripts.md
  set -Eeuo pipefail
  trap : PIPE
  script=up.sh quiet='' dry=''
  tell() { printf '%s: %s\n' "$script" "$*" >&2 || :; }
  case $* in '') ;; -q) quiet=1 ;; -n) dry=1 ;; *) tell 'usage: up.sh [-q] [-n]' && exit 2 ;; esac
  lab=calico-ipip plan=73af205a7de1dabb made='' refused='' here='calico-ipip.net:2  lab calico-ipip' bad=0
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
    if ours_netns segments; then users segments && undone 'calico-ipip.net:2  lab calico-ipip' ip netns del segments; fi
    if ours_netns n2-b; then users n2-b && undone 'calico-ipip.net:16  netns b' ip netns del n2-b; fi
    if ours_netns n2; then users n2 && undone 'calico-ipip.net:13  host n2' ip netns del n2; fi
    if ours_netns n1-a; then users n1-a && undone 'calico-ipip.net:11  netns a' ip netns del n1-a; fi
    if ours_netns n1; then users n1 && undone 'calico-ipip.net:8  host n1' ip netns del n1; fi
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
    if [[ -e $state/up && $(<"$state/up") == "$plan" ]] && ours_netns n1; then trap - EXIT && say "the lab $lab is up already" && exit 0; fi
    if [[ -e $state ]]; then refuse "the lab $lab is up as another version of it, or only in part: run down.sh first" && exit 1; fi
    for name in n1 n1-a n2 n2-b segments; do [[ ! -e /run/netns/$name ]] || refuse "there is a namespace $name, which is not the lab's"; done
    [[ -z $(ip -o link show group 384325346) ]] || refuse 'there is a device of link group 384325346, the mark of this lab'
    unshare --net ip link add name probe type veth || refuse 'this kernel cannot make a veth (calico-ipip.net:9  uplink eth0 192.168.50.11/24 on lan)'
    unshare --net ip link add name probe type ipip remote 192.0.2.1 || refuse 'this kernel cannot make a ipip (calico-ipip.net:10  ipip ipip.calico 192.168.100.64/32 on eth0)'
    unshare --net ip link add name probe type bridge || refuse 'this kernel cannot make a bridge (calico-ipip.net:4  segment lan 192.168.50.0/24)'
    if ((bad)); then exit 1; fi
    made=1
    (umask 022 && mkdir -p "$root") # the first change; nobody else may write there, or they could put in an `undo` of theirs
    mkdir -m 700 "$state"
    printf '%s\n' "$boot" >"$state/boot"
    declare -f undo undone ours_netns users >"$state/undo.new"
    mv "$state/undo.new" "$state/undo" # down.sh goes by it, even if its own file has changed by then
  fi

  # --- the lab

  at 'calico-ipip.net:8  host n1'
  unshare --net sh -c 'ip link set dev lo alias "$0" up && exec ip netns attach "$1" $$' 'netc calico-ipip' n1

  at 'calico-ipip.net:11  netns a'
  unshare --net sh -c 'ip link set dev lo alias "$0" up && exec ip netns attach "$1" $$' 'netc calico-ipip' n1-a

  at 'calico-ipip.net:13  host n2'
  unshare --net sh -c 'ip link set dev lo alias "$0" up && exec ip netns attach "$1" $$' 'netc calico-ipip' n2

  at 'calico-ipip.net:16  netns b'
  unshare --net sh -c 'ip link set dev lo alias "$0" up && exec ip netns attach "$1" $$' 'netc calico-ipip' n2-b

  at 'calico-ipip.net:2  lab calico-ipip'
  unshare --net sh -c 'ip link set dev lo alias "$0" up && exec ip netns attach "$1" $$' 'netc calico-ipip' segments

  at 'calico-ipip.net:10  forward ipv4'
  ip netns exec n1 sysctl -qw net.ipv4.ip_forward=1

  at 'calico-ipip.net:15  forward ipv4'
  ip netns exec n2 sysctl -qw net.ipv4.ip_forward=1

  at 'calico-ipip.net:11  sysctl net.ipv4.ip_forward = 0'
  ip netns exec n1-a sysctl -qw net.ipv4.ip_forward=0

  at 'calico-ipip.net:16  sysctl net.ipv4.ip_forward = 0'
  ip netns exec n2-b sysctl -qw net.ipv4.ip_forward=0

  at 'calico-ipip.net:4  segment lan 192.168.50.0/24'
  ip -n segments link add name lan address 02:d9:bd:14:ee:23 group 384325346 type bridge
  ip -n segments link set dev lan alias 'netc calico-ipip calico-ipip.net:4'

  at 'calico-ipip.net:9  uplink eth0 192.168.50.11/24 on lan'
  ip -n n1 link add name eth0 group 384325346 type veth peer name n1-eth0 group 384325346 netns segments
  ip -n n1 addr add 192.168.50.11/24 brd + dev eth0
  ip -n n1 link set dev eth0 alias 'netc calico-ipip calico-ipip.net:9' up
  ip -n segments link set dev n1-eth0 alias 'netc calico-ipip calico-ipip.net:9' master lan up

  at 'calico-ipip.net:10  ipip ipip.calico 192.168.100.64/32 on eth0'
  ip -n n1 link add name ipip.calico mtu 1480 group 384325346 type ipip local 192.168.50.11 dev eth0
  ip -n n1 addr add 192.168.100.64/32 dev ipip.calico
  ip -n n1 link set dev ipip.calico alias 'netc calico-ipip calico-ipip.net:10' up

  at 'calico-ipip.net:11  veth eth0 192.168.100.65/32 -- n1:cali-a'
  ip -n n1 link add name cali-a address ee:ee:ee:ee:ee:ee mtu 1480 group 384325346 type veth peer name eth0 mtu 1480 group 384325346 netns n1-a
  ip netns exec n1 sysctl -qw net.ipv4.conf.cali-a.proxy_arp=1
  ip netns exec n1 sysctl -qw net.ipv4.neigh.cali-a.proxy_delay=0
  ip netns exec n1 sysctl -qw net.ipv4.conf.cali-a.forwarding=1
  ip netns exec n1 sysctl -qw net.ipv4.conf.cali-a.route_localnet=1
  ip -n n1 link set dev cali-a alias 'netc calico-ipip calico-ipip.net:11' up
  ip -n n1-a addr add 192.168.100.65/32 dev eth0
  ip -n n1-a link set dev eth0 alias 'netc calico-ipip calico-ipip.net:11' up

  at 'calico-ipip.net:14  uplink eth0 192.168.50.12/24 on lan'
  ip -n n2 link add name eth0 group 384325346 type veth peer name n2-eth0 group 384325346 netns segments
  ip -n n2 addr add 192.168.50.12/24 brd + dev eth0
  ip -n n2 link set dev eth0 alias 'netc calico-ipip calico-ipip.net:14' up
  ip -n segments link set dev n2-eth0 alias 'netc calico-ipip calico-ipip.net:14' master lan up

  at 'calico-ipip.net:15  ipip ipip.calico 192.168.100.128/32 on eth0'
  ip -n n2 link add name ipip.calico mtu 1480 group 384325346 type ipip local 192.168.50.12 dev eth0
  ip -n n2 addr add 192.168.100.128/32 dev ipip.calico
  ip -n n2 link set dev ipip.calico alias 'netc calico-ipip calico-ipip.net:15' up

  at 'calico-ipip.net:16  veth eth0 192.168.100.129/32 -- n2:cali-b'
  ip -n n2 link add name cali-b address ee:ee:ee:ee:ee:ee mtu 1480 group 384325346 type veth peer name eth0 mtu 1480 group 384325346 netns n2-b
  ip netns exec n2 sysctl -qw net.ipv4.conf.cali-b.proxy_arp=1
  ip netns exec n2 sysctl -qw net.ipv4.neigh.cali-b.proxy_delay=0
  ip netns exec n2 sysctl -qw net.ipv4.conf.cali-b.forwarding=1
  ip netns exec n2 sysctl -qw net.ipv4.conf.cali-b.route_localnet=1
  ip -n n2 link set dev cali-b alias 'netc calico-ipip calico-ipip.net:16' up
  ip -n n2-b addr add 192.168.100.129/32 dev eth0
  ip -n n2-b link set dev eth0 alias 'netc calico-ipip calico-ipip.net:16' up

  at 'calico-ipip.net:4  segment lan 192.168.50.0/24'
  ip -n segments link set dev lan up

  at 'calico-ipip.net:10  route 169.254.1.1 dev lo'
  ip -n n1 route add 169.254.1.1 dev lo

  at 'calico-ipip.net:10  route blackhole 192.168.100.64/26'
  ip -n n1 route add blackhole 192.168.100.64/26

  at 'calico-ipip.net:11  route 169.254.1.1 dev eth0 scope link'
  ip -n n1-a route add 169.254.1.1 dev eth0 scope link

  at 'calico-ipip.net:11  route 192.168.100.65 dev cali-a scope link'
  ip -n n1 route add 192.168.100.65 dev cali-a scope link

  at 'calico-ipip.net:15  route 169.254.1.1 dev lo'
  ip -n n2 route add 169.254.1.1 dev lo

  at 'calico-ipip.net:15  route blackhole 192.168.100.128/26'
  ip -n n2 route add blackhole 192.168.100.128/26

  at 'calico-ipip.net:16  route 169.254.1.1 dev eth0 scope link'
  ip -n n2-b route add 169.254.1.1 dev eth0 scope link

  at 'calico-ipip.net:16  route 192.168.100.129 dev cali-b scope link'
  ip -n n2 route add 192.168.100.129 dev cali-b scope link

  at 'calico-ipip.net:10  route 192.168.100.128/26 via 192.168.50.12 dev ipip.calico onlink'
  ip -n n1 route add 192.168.100.128/26 via 192.168.50.12 dev ipip.calico onlink

  at 'calico-ipip.net:11  route default via 169.254.1.1 dev eth0'
  ip -n n1-a route add default via 169.254.1.1 dev eth0

  at 'calico-ipip.net:15  route 192.168.100.64/26 via 192.168.50.11 dev ipip.calico onlink'
  ip -n n2 route add 192.168.100.64/26 via 192.168.50.11 dev ipip.calico onlink

  at 'calico-ipip.net:16  route default via 169.254.1.1 dev eth0'
  ip -n n2-b route add default via 169.254.1.1 dev eth0

  # --- it is up
  if [[ -n $dry ]]; then exit 0; fi
  trap '' HUP INT QUIT TERM
  printf '%s\n' "$plan" >"$state/up"
  trap - EXIT && say "the lab $lab is up"
  exit 0
}
