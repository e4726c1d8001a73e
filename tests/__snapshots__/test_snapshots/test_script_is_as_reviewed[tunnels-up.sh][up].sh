#!/usr/bin/env bash
# up.sh brings up the lab tunnels; netc wrote it from tunnels.net. Run it as root. down.sh undoes it.
# up.sh -q says nothing but errors; up.sh -n prints the commands and runs none.
#
#   netns  device  addresses                 joined
#   a      eth0    10.0.1.2/24 fd00:1::2/64  to r:a
#   a      gre1    10.11.0.1/30              gre
#   a      gretp1  10.12.0.1/24              gretap
#   a      ipip1   10.13.0.1/30              ipip
#   a      sit1    fd13::1/64                sit
#   a      gnv1    10.14.0.1/24              geneve
#   a      gre6    10.15.0.1/30              ip6gre
#   a      gretp6  10.16.0.1/24              ip6gretap
#   a      tnl6    10.17.0.1/30              ip6tnl
#   r      a       10.0.1.1/24 fd00:1::1/64  to a:eth0
#   r      b       10.0.2.1/24 fd00:2::1/64  to b:eth0
#   b      eth0    10.0.2.2/24 fd00:2::2/64  to r:b
#   b      gre1    10.11.0.2/30              gre
#   b      gretp1  10.12.0.2/24              gretap
#   b      ipip1   10.13.0.2/30              ipip
#   b      sit1    fd13::2/64                sit
#   b      gnv1    10.14.0.2/24              geneve
#   b      gre6    10.15.0.2/30              ip6gre
#   b      gretp6  10.16.0.2/24              ip6gretap
#   b      tnl6    10.17.0.2/30              ip6tnl
# shellcheck disable=SC2016,SC2043,SC2317,SC2329 # a $ of the lab's own; a loop over one name; functions for traps
{
  # --- frame: the same text in every lab, explained in docs/scripts.md
  set -Eeuo pipefail
  trap : PIPE
  script=up.sh quiet='' dry=''
  tell() { printf '%s: %s\n' "$script" "$*" >&2 || :; }
  case $* in '') ;; -q) quiet=1 ;; -n) dry=1 ;; *) tell 'usage: up.sh [-q] [-n]' && exit 2 ;; esac
  lab=tunnels plan=880e4c8c5070c36f made='' refused='' here='tunnels.net:2  lab tunnels' bad=0
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
    if ours_netns b; then users b && undone 'tunnels.net:6  netns b' ip netns del b; fi
    if ours_netns r; then users r && undone 'tunnels.net:5  netns r' ip netns del r; fi
    if ours_netns a; then users a && undone 'tunnels.net:4  netns a' ip netns del a; fi
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
    if [[ -e $state/up && $(<"$state/up") == "$plan" ]] && ours_netns a; then trap - EXIT && say "the lab $lab is up already" && exit 0; fi
    if [[ -e $state ]]; then refuse "the lab $lab is up as another version of it, or only in part: run down.sh first" && exit 1; fi
    for name in a r b; do [[ ! -e /run/netns/$name ]] || refuse "there is a namespace $name, which is not the lab's"; done
    [[ -z $(ip -o link show group 1348421574) ]] || refuse 'there is a device of link group 1348421574, the mark of this lab'
    unshare --net ip link add name probe type veth || refuse 'this kernel cannot make a veth (tunnels.net:7  veth a:eth0 10.0.1.2/24 fd00:1::2/64 -- r:a 10.0.1.1/24 fd00...'
    unshare --net ip link add name probe type gre remote 192.0.2.1 || refuse 'this kernel cannot make a gre (tunnels.net:14  gre gre1 10.11.0.1/30)'
    unshare --net ip link add name probe type gretap remote 192.0.2.1 || refuse 'this kernel cannot make a gretap (tunnels.net:15  gretap gretp1 10.12.0.1/24)'
    unshare --net ip link add name probe type ipip remote 192.0.2.1 || refuse 'this kernel cannot make a ipip (tunnels.net:16  ipip ipip1 10.13.0.1/30)'
    unshare --net ip link add name probe type sit remote 192.0.2.1 || refuse 'this kernel cannot make a sit (tunnels.net:17  sit sit1 fd13::1/64)'
    unshare --net ip link add name probe type geneve id 1 remote 192.0.2.1 || refuse 'this kernel cannot make a geneve (tunnels.net:18  geneve gnv1 10.14.0.1/24)'
    unshare --net ip link add name probe type ip6gre remote 2001:db8::1 || refuse 'this kernel cannot make a ip6gre (tunnels.net:19  ip6gre gre6 10.15.0.1/30)'
    unshare --net ip link add name probe type ip6gretap remote 2001:db8::1 || refuse 'this kernel cannot make a ip6gretap (tunnels.net:20  ip6gretap gretp6 10.16.0.1/24)'
    unshare --net ip link add name probe type ip6tnl remote 2001:db8::1 || refuse 'this kernel cannot make a ip6tnl (tunnels.net:21  ip6tnl tnl6 10.17.0.1/30)'
    if ((bad)); then exit 1; fi
    made=1
    (umask 022 && mkdir -p "$root") # the first change; nobody else may write there, or they could put in an `undo` of theirs
    mkdir -m 700 "$state"
    printf '%s\n' "$boot" >"$state/boot"
    declare -f undo undone ours_netns users >"$state/undo.new"
    mv "$state/undo.new" "$state/undo" # down.sh goes by it, even if its own file has changed by then
  fi

  # --- the lab

  at 'tunnels.net:4  netns a'
  unshare --net sh -c 'ip link set dev lo alias "$0" up && exec ip netns attach "$1" $$' 'netc tunnels' a

  at 'tunnels.net:5  netns r'
  unshare --net sh -c 'ip link set dev lo alias "$0" up && exec ip netns attach "$1" $$' 'netc tunnels' r

  at 'tunnels.net:6  netns b'
  unshare --net sh -c 'ip link set dev lo alias "$0" up && exec ip netns attach "$1" $$' 'netc tunnels' b

  at 'tunnels.net:5  forward ipv4 ipv6'
  ip netns exec r sysctl -qw net.ipv4.ip_forward=1
  ip netns exec r sysctl -qw net.ipv6.conf.all.forwarding=1

  at 'tunnels.net:7  veth a:eth0 10.0.1.2/24 fd00:1::2/64 -- r:a 10.0.1.1/24 fd00:1::1/64'
  ip -n a link add name eth0 group 1348421574 type veth peer name a group 1348421574 netns r
  ip -n a addr add 10.0.1.2/24 brd + dev eth0
  ip -n a addr add fd00:1::2/64 dev eth0 nodad
  ip -n a link set dev eth0 alias 'netc tunnels tunnels.net:7' up
  ip -n r addr add 10.0.1.1/24 brd + dev a
  ip -n r addr add fd00:1::1/64 dev a nodad
  ip -n r link set dev a alias 'netc tunnels tunnels.net:7' up

  at 'tunnels.net:8  veth b:eth0 10.0.2.2/24 fd00:2::2/64 -- r:b 10.0.2.1/24 fd00:2::1/64'
  ip -n b link add name eth0 group 1348421574 type veth peer name b group 1348421574 netns r
  ip -n b addr add 10.0.2.2/24 brd + dev eth0
  ip -n b addr add fd00:2::2/64 dev eth0 nodad
  ip -n b link set dev eth0 alias 'netc tunnels tunnels.net:8' up
  ip -n r addr add 10.0.2.1/24 brd + dev b
  ip -n r addr add fd00:2::1/64 dev b nodad
  ip -n r link set dev b alias 'netc tunnels tunnels.net:8' up

  at 'tunnels.net:14  gre gre1 10.11.0.1/30'
  ip -n a link add name gre1 group 1348421574 type gre local 10.0.1.2 remote 10.0.2.2 ttl 64 key 5 csum
  ip -n a addr add 10.11.0.1/30 brd + dev gre1
  ip -n a link set dev gre1 alias 'netc tunnels tunnels.net:14' up

  at 'tunnels.net:15  gretap gretp1 10.12.0.1/24'
  ip -n a link add name gretp1 group 1348421574 type gretap local 10.0.1.2 remote 10.0.2.2 key 7
  ip -n a addr add 10.12.0.1/24 brd + dev gretp1
  ip -n a link set dev gretp1 alias 'netc tunnels tunnels.net:15' up

  at 'tunnels.net:16  ipip ipip1 10.13.0.1/30'
  ip -n a link add name ipip1 group 1348421574 type ipip local 10.0.1.2 remote 10.0.2.2 ttl 64
  ip -n a addr add 10.13.0.1/30 brd + dev ipip1
  ip -n a link set dev ipip1 alias 'netc tunnels tunnels.net:16' up

  at 'tunnels.net:17  sit sit1 fd13::1/64'
  ip -n a link add name sit1 group 1348421574 type sit local 10.0.1.2 remote 10.0.2.2 ttl 64
  ip -n a addr add fd13::1/64 dev sit1 nodad
  ip -n a link set dev sit1 alias 'netc tunnels tunnels.net:17' up

  at 'tunnels.net:18  geneve gnv1 10.14.0.1/24'
  ip -n a link add name gnv1 group 1348421574 type geneve id 4 remote 10.0.2.2
  ip -n a addr add 10.14.0.1/24 brd + dev gnv1
  ip -n a link set dev gnv1 alias 'netc tunnels tunnels.net:18' up

  at 'tunnels.net:19  ip6gre gre6 10.15.0.1/30'
  ip -n a link add name gre6 group 1348421574 type ip6gre local fd00:1::2 remote fd00:2::2
  ip -n a addr add 10.15.0.1/30 brd + dev gre6
  ip -n a link set dev gre6 alias 'netc tunnels tunnels.net:19' up

  at 'tunnels.net:20  ip6gretap gretp6 10.16.0.1/24'
  ip -n a link add name gretp6 group 1348421574 type ip6gretap local fd00:1::2 remote fd00:2::2 key 9
  ip -n a addr add 10.16.0.1/24 brd + dev gretp6
  ip -n a link set dev gretp6 alias 'netc tunnels tunnels.net:20' up

  at 'tunnels.net:21  ip6tnl tnl6 10.17.0.1/30'
  ip -n a link add name tnl6 group 1348421574 type ip6tnl local fd00:1::2 remote fd00:2::2 mode any
  ip -n a addr add 10.17.0.1/30 brd + dev tnl6
  ip -n a link set dev tnl6 alias 'netc tunnels tunnels.net:21' up

  at 'tunnels.net:14  gre gre1 10.11.0.2/30'
  ip -n b link add name gre1 group 1348421574 type gre local 10.0.2.2 remote 10.0.1.2 ttl 64 key 5 csum
  ip -n b addr add 10.11.0.2/30 brd + dev gre1
  ip -n b link set dev gre1 alias 'netc tunnels tunnels.net:14' up

  at 'tunnels.net:15  gretap gretp1 10.12.0.2/24'
  ip -n b link add name gretp1 group 1348421574 type gretap local 10.0.2.2 remote 10.0.1.2 key 7
  ip -n b addr add 10.12.0.2/24 brd + dev gretp1
  ip -n b link set dev gretp1 alias 'netc tunnels tunnels.net:15' up

  at 'tunnels.net:16  ipip ipip1 10.13.0.2/30'
  ip -n b link add name ipip1 group 1348421574 type ipip local 10.0.2.2 remote 10.0.1.2 ttl 64
  ip -n b addr add 10.13.0.2/30 brd + dev ipip1
  ip -n b link set dev ipip1 alias 'netc tunnels tunnels.net:16' up

  at 'tunnels.net:17  sit sit1 fd13::2/64'
  ip -n b link add name sit1 group 1348421574 type sit local 10.0.2.2 remote 10.0.1.2 ttl 64
  ip -n b addr add fd13::2/64 dev sit1 nodad
  ip -n b link set dev sit1 alias 'netc tunnels tunnels.net:17' up

  at 'tunnels.net:18  geneve gnv1 10.14.0.2/24'
  ip -n b link add name gnv1 group 1348421574 type geneve id 4 remote 10.0.1.2
  ip -n b addr add 10.14.0.2/24 brd + dev gnv1
  ip -n b link set dev gnv1 alias 'netc tunnels tunnels.net:18' up

  at 'tunnels.net:19  ip6gre gre6 10.15.0.2/30'
  ip -n b link add name gre6 group 1348421574 type ip6gre local fd00:2::2 remote fd00:1::2
  ip -n b addr add 10.15.0.2/30 brd + dev gre6
  ip -n b link set dev gre6 alias 'netc tunnels tunnels.net:19' up

  at 'tunnels.net:20  ip6gretap gretp6 10.16.0.2/24'
  ip -n b link add name gretp6 group 1348421574 type ip6gretap local fd00:2::2 remote fd00:1::2 key 9
  ip -n b addr add 10.16.0.2/24 brd + dev gretp6
  ip -n b link set dev gretp6 alias 'netc tunnels tunnels.net:20' up

  at 'tunnels.net:21  ip6tnl tnl6 10.17.0.2/30'
  ip -n b link add name tnl6 group 1348421574 type ip6tnl local fd00:2::2 remote fd00:1::2 mode any
  ip -n b addr add 10.17.0.2/30 brd + dev tnl6
  ip -n b link set dev tnl6 alias 'netc tunnels tunnels.net:21' up

  at 'tunnels.net:9  route default via 10.0.1.1'
  ip -n a route add default via 10.0.1.1 dev eth0

  at 'tunnels.net:9  route default via fd00:1::1'
  ip -n a -6 route add default via fd00:1::1 dev eth0

  at 'tunnels.net:10  route default via 10.0.2.1'
  ip -n b route add default via 10.0.2.1 dev eth0

  at 'tunnels.net:10  route default via fd00:2::1'
  ip -n b -6 route add default via fd00:2::1 dev eth0

  # --- it is up
  if [[ -n $dry ]]; then exit 0; fi
  trap '' HUP INT QUIT TERM
  printf '%s\n' "$plan" >"$state/up"
  trap - EXIT && say "the lab $lab is up"
  exit 0
}
