#!/usr/bin/env bash
# up.sh brings up the lab tunnel-links; netc wrote it from tunnel-links.net. Run it as root. down.sh undoes it.
# up.sh -q says nothing but errors; up.sh -n prints the commands and runs none.
#
#   netns  device  addresses               joined
#   a      eth0    10.0.0.1/24 fd00::1/64  to b:eth0
#   a      gre1    10.11.0.1/30            to b:gre1
#   a      gre2    10.12.0.1/30            to b:gre2
#   a      tap4    10.13.0.1/24            to b:tap4
#   a      ipip1   10.14.0.1/30            to b:ipip1
#   a      sit1    fd15::1/64              to b:sit1
#   a      gre6    10.16.0.1/30            to b:gre6
#   a      tap6    10.17.0.1/24            to b:tap6
#   a      ipip6   10.18.0.1/30            to b:ipip6
#   a      vx0     10.19.0.1/24            to b:vx0
#   a      vx1     10.20.0.1/24            to b:vx1, on a:eth0
#   a      gnv0    10.21.0.1/24            to b:gnv0
#   a      to-b    10.22.0.1/30            to b:to-a
#   b      eth0    10.0.0.2/24 fd00::2/64  to a:eth0
#   b      gre1    10.11.0.2/30            to a:gre1
#   b      gre2    10.12.0.2/30            to a:gre2
#   b      tap4    10.13.0.2/24            to a:tap4
#   b      ipip1   10.14.0.2/30            to a:ipip1
#   b      sit1    fd15::2/64              to a:sit1
#   b      gre6    10.16.0.2/30            to a:gre6
#   b      tap6    10.17.0.2/24            to a:tap6
#   b      ipip6   10.18.0.2/30            to a:ipip6
#   b      vx0     10.19.0.2/24            to a:vx0
#   b      vx1     10.20.0.2/24            to a:vx1, on b:eth0
#   b      gnv0    10.21.0.2/24            to a:gnv0
#   b      to-a    10.22.0.2/30            to a:to-b
# shellcheck disable=SC2016,SC2043,SC2317,SC2329 # a $ of the lab's own; a loop over one name; functions for traps
{
  # --- frame: the same text in every lab, explained in docs/scripts.md
  set -Eeuo pipefail
  trap : PIPE
  script=up.sh quiet='' dry=''
  tell() { printf '%s: %s\n' "$script" "$*" >&2 || :; }
  case $* in '') ;; -q) quiet=1 ;; -n) dry=1 ;; *) tell 'usage: up.sh [-q] [-n]' && exit 2 ;; esac
  lab=tunnel-links plan=bb16ab7431fa7306 made='' refused='' here='tunnel-links.net:3  lab tunnel-links' bad=0
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
    if ours_netns b; then users b && undone 'tunnel-links.net:6  netns b' ip netns del b; fi
    if ours_netns a; then users a && undone 'tunnel-links.net:5  netns a' ip netns del a; fi
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
    [[ -z $(ip -o link show group 1155169661) ]] || refuse 'there is a device of link group 1155169661, the mark of this lab'
    unshare --net ip link add name probe type veth || refuse 'this kernel cannot make a veth (tunnel-links.net:7  veth a:eth0 10.0.0.1/24 fd00::1/64 -- b:eth0 10.0.0.2/2...'
    unshare --net ip link add name probe type gre remote 192.0.2.1 || refuse 'this kernel cannot make a gre (tunnel-links.net:9  gre a:gre1 10.11.0.1/30 -- b:gre1 10.11.0.2/30)'
    unshare --net ip link add name probe type gretap remote 192.0.2.1 || refuse 'this kernel cannot make a gretap (tunnel-links.net:11  gretap a:tap4 10.13.0.1/24 -- b:tap4 10.13.0.2/24)'
    unshare --net ip link add name probe type ipip remote 192.0.2.1 || refuse 'this kernel cannot make a ipip (tunnel-links.net:12  ipip a:ipip1 10.14.0.1/30 -- b:ipip1 10.14.0.2/30)'
    unshare --net ip link add name probe type sit remote 192.0.2.1 || refuse 'this kernel cannot make a sit (tunnel-links.net:13  sit a:sit1 fd15::1/64 -- b:sit1 fd15::2/64)'
    unshare --net ip link add name probe type ip6gre remote 2001:db8::1 || refuse 'this kernel cannot make a ip6gre (tunnel-links.net:14  ip6gre a:gre6 10.16.0.1/30 -- b:gre6 10.16.0.2/30)'
    unshare --net ip link add name probe type ip6gretap remote 2001:db8::1 || refuse 'this kernel cannot make a ip6gretap (tunnel-links.net:15  ip6gretap a:tap6 10.17.0.1/24 -- b:tap6 10.17.0.2...'
    unshare --net ip link add name probe type ip6tnl remote 2001:db8::1 || refuse 'this kernel cannot make a ip6tnl (tunnel-links.net:16  ip6tnl a:ipip6 10.18.0.1/30 -- b:ipip6 10.18.0.2/30)'
    unshare --net ip link add name probe type vxlan id 1 dstport 4789 || refuse 'this kernel cannot make a vxlan (tunnel-links.net:17  vxlan a:vx0 10.19.0.1/24 -- b:vx0 10.19.0.2/24)'
    unshare --net ip link add name probe type geneve id 1 remote 192.0.2.1 || refuse 'this kernel cannot make a geneve (tunnel-links.net:19  geneve a:gnv0 10.21.0.1/24 -- b:gnv0 10.21.0.2/24)'
    if ((bad)); then exit 1; fi
    made=1
    (umask 022 && mkdir -p "$root") # the first change; nobody else may write there, or they could put in an `undo` of theirs
    mkdir -m 700 "$state"
    printf '%s\n' "$boot" >"$state/boot"
    declare -f undo undone ours_netns users >"$state/undo.new"
    mv "$state/undo.new" "$state/undo" # down.sh goes by it, even if its own file has changed by then
  fi

  # --- the lab

  at 'tunnel-links.net:5  netns a'
  unshare --net sh -c 'ip link set dev lo alias "$0" up && exec ip netns attach "$1" $$' 'netc tunnel-links' a

  at 'tunnel-links.net:6  netns b'
  unshare --net sh -c 'ip link set dev lo alias "$0" up && exec ip netns attach "$1" $$' 'netc tunnel-links' b

  at 'tunnel-links.net:7  veth a:eth0 10.0.0.1/24 fd00::1/64 -- b:eth0 10.0.0.2/24 fd00::2/64'
  ip -n a link add name eth0 group 1155169661 type veth peer name eth0 group 1155169661 netns b
  ip -n a addr add 10.0.0.1/24 brd + dev eth0
  ip -n a addr add fd00::1/64 dev eth0 nodad
  ip -n a link set dev eth0 alias 'netc tunnel-links tunnel-links.net:7' up
  ip -n b addr add 10.0.0.2/24 brd + dev eth0
  ip -n b addr add fd00::2/64 dev eth0 nodad
  ip -n b link set dev eth0 alias 'netc tunnel-links tunnel-links.net:7' up

  at 'tunnel-links.net:9  gre a:gre1 10.11.0.1/30 -- b:gre1 10.11.0.2/30'
  ip -n a link add name gre1 group 1155169661 type gre local 10.0.0.1 remote 10.0.0.2 ttl 64 key 5 csum
  ip -n a addr add 10.11.0.1/30 brd + dev gre1
  ip -n a link set dev gre1 alias 'netc tunnel-links tunnel-links.net:9' up
  ip -n b link add name gre1 group 1155169661 type gre local 10.0.0.2 remote 10.0.0.1 ttl 64 key 5 csum
  ip -n b addr add 10.11.0.2/30 brd + dev gre1
  ip -n b link set dev gre1 alias 'netc tunnel-links tunnel-links.net:9' up

  at 'tunnel-links.net:10  gre a:gre2 10.12.0.1/30 -- b:gre2 10.12.0.2/30'
  ip -n a link add name gre2 group 1155169661 type gre local 10.0.0.1 remote 10.0.0.2 ikey 2 okey 1
  ip -n a addr add 10.12.0.1/30 brd + dev gre2
  ip -n a link set dev gre2 alias 'netc tunnel-links tunnel-links.net:10' up
  ip -n b link add name gre2 group 1155169661 type gre local 10.0.0.2 remote 10.0.0.1 ikey 1 okey 2
  ip -n b addr add 10.12.0.2/30 brd + dev gre2
  ip -n b link set dev gre2 alias 'netc tunnel-links tunnel-links.net:10' up

  at 'tunnel-links.net:11  gretap a:tap4 10.13.0.1/24 -- b:tap4 10.13.0.2/24'
  ip -n a link add name tap4 group 1155169661 type gretap local 10.0.0.1 remote 10.0.0.2 key 7
  ip -n a addr add 10.13.0.1/24 brd + dev tap4
  ip -n a link set dev tap4 alias 'netc tunnel-links tunnel-links.net:11' up
  ip -n b link add name tap4 group 1155169661 type gretap local 10.0.0.2 remote 10.0.0.1 key 7
  ip -n b addr add 10.13.0.2/24 brd + dev tap4
  ip -n b link set dev tap4 alias 'netc tunnel-links tunnel-links.net:11' up

  at 'tunnel-links.net:12  ipip a:ipip1 10.14.0.1/30 -- b:ipip1 10.14.0.2/30'
  ip -n a link add name ipip1 group 1155169661 type ipip local 10.0.0.1 remote 10.0.0.2 ttl 64
  ip -n a addr add 10.14.0.1/30 brd + dev ipip1
  ip -n a link set dev ipip1 alias 'netc tunnel-links tunnel-links.net:12' up
  ip -n b link add name ipip1 group 1155169661 type ipip local 10.0.0.2 remote 10.0.0.1 ttl 64
  ip -n b addr add 10.14.0.2/30 brd + dev ipip1
  ip -n b link set dev ipip1 alias 'netc tunnel-links tunnel-links.net:12' up

  at 'tunnel-links.net:13  sit a:sit1 fd15::1/64 -- b:sit1 fd15::2/64'
  ip -n a link add name sit1 group 1155169661 type sit local 10.0.0.1 remote 10.0.0.2 ttl 64
  ip -n a addr add fd15::1/64 dev sit1 nodad
  ip -n a link set dev sit1 alias 'netc tunnel-links tunnel-links.net:13' up
  ip -n b link add name sit1 group 1155169661 type sit local 10.0.0.2 remote 10.0.0.1 ttl 64
  ip -n b addr add fd15::2/64 dev sit1 nodad
  ip -n b link set dev sit1 alias 'netc tunnel-links tunnel-links.net:13' up

  at 'tunnel-links.net:14  ip6gre a:gre6 10.16.0.1/30 -- b:gre6 10.16.0.2/30'
  ip -n a link add name gre6 group 1155169661 type ip6gre local fd00::1 remote fd00::2
  ip -n a addr add 10.16.0.1/30 brd + dev gre6
  ip -n a link set dev gre6 alias 'netc tunnel-links tunnel-links.net:14' up
  ip -n b link add name gre6 group 1155169661 type ip6gre local fd00::2 remote fd00::1
  ip -n b addr add 10.16.0.2/30 brd + dev gre6
  ip -n b link set dev gre6 alias 'netc tunnel-links tunnel-links.net:14' up

  at 'tunnel-links.net:15  ip6gretap a:tap6 10.17.0.1/24 -- b:tap6 10.17.0.2/24'
  ip -n a link add name tap6 group 1155169661 type ip6gretap local fd00::1 remote fd00::2 key 9
  ip -n a addr add 10.17.0.1/24 brd + dev tap6
  ip -n a link set dev tap6 alias 'netc tunnel-links tunnel-links.net:15' up
  ip -n b link add name tap6 group 1155169661 type ip6gretap local fd00::2 remote fd00::1 key 9
  ip -n b addr add 10.17.0.2/24 brd + dev tap6
  ip -n b link set dev tap6 alias 'netc tunnel-links tunnel-links.net:15' up

  at 'tunnel-links.net:16  ip6tnl a:ipip6 10.18.0.1/30 -- b:ipip6 10.18.0.2/30'
  ip -n a link add name ipip6 group 1155169661 type ip6tnl local fd00::1 remote fd00::2 encaplimit none mode ipip6
  ip -n a addr add 10.18.0.1/30 brd + dev ipip6
  ip -n a link set dev ipip6 alias 'netc tunnel-links tunnel-links.net:16' up
  ip -n b link add name ipip6 group 1155169661 type ip6tnl local fd00::2 remote fd00::1 encaplimit none mode ipip6
  ip -n b addr add 10.18.0.2/30 brd + dev ipip6
  ip -n b link set dev ipip6 alias 'netc tunnel-links tunnel-links.net:16' up

  at 'tunnel-links.net:17  vxlan a:vx0 10.19.0.1/24 -- b:vx0 10.19.0.2/24'
  ip -n a link add name vx0 mtu 1450 group 1155169661 type vxlan id 42 dstport 4789 local 10.0.0.1 remote 10.0.0.2
  ip -n a addr add 10.19.0.1/24 brd + dev vx0
  ip -n a link set dev vx0 alias 'netc tunnel-links tunnel-links.net:17' up
  ip -n b link add name vx0 mtu 1450 group 1155169661 type vxlan id 42 dstport 4789 local 10.0.0.2 remote 10.0.0.1
  ip -n b addr add 10.19.0.2/24 brd + dev vx0
  ip -n b link set dev vx0 alias 'netc tunnel-links tunnel-links.net:17' up

  at 'tunnel-links.net:18  vxlan a:vx1 10.20.0.1/24 on eth0 -- b:vx1 10.20.0.2/24 on eth0'
  ip -n a link add name vx1 mtu 1450 group 1155169661 type vxlan id 43 dstport 4789 local 10.0.0.1 remote 10.0.0.2 dev eth0
  ip -n a addr add 10.20.0.1/24 brd + dev vx1
  ip -n a link set dev vx1 alias 'netc tunnel-links tunnel-links.net:18' up
  ip -n b link add name vx1 mtu 1450 group 1155169661 type vxlan id 43 dstport 4789 local 10.0.0.2 remote 10.0.0.1 dev eth0
  ip -n b addr add 10.20.0.2/24 brd + dev vx1
  ip -n b link set dev vx1 alias 'netc tunnel-links tunnel-links.net:18' up

  at 'tunnel-links.net:19  geneve a:gnv0 10.21.0.1/24 -- b:gnv0 10.21.0.2/24'
  ip -n a link add name gnv0 mtu 1450 group 1155169661 type geneve id 44 remote 10.0.0.2
  ip -n a addr add 10.21.0.1/24 brd + dev gnv0
  ip -n a link set dev gnv0 alias 'netc tunnel-links tunnel-links.net:19' up
  ip -n b link add name gnv0 mtu 1450 group 1155169661 type geneve id 44 remote 10.0.0.1
  ip -n b addr add 10.21.0.2/24 brd + dev gnv0
  ip -n b link set dev gnv0 alias 'netc tunnel-links tunnel-links.net:19' up

  at 'tunnel-links.net:20  gre a -- b'
  ip -n a link add name to-b mtu 1400 group 1155169661 type gre local 10.0.0.1 remote 10.0.0.2 key 6
  ip -n a addr add 10.22.0.1/30 brd + dev to-b
  ip -n a link set dev to-b alias 'netc tunnel-links tunnel-links.net:20' up
  ip -n b link add name to-a mtu 1400 group 1155169661 type gre local 10.0.0.2 remote 10.0.0.1 key 6
  ip -n b addr add 10.22.0.2/30 brd + dev to-a
  ip -n b link set dev to-a alias 'netc tunnel-links tunnel-links.net:20' up

  # --- it is up
  if [[ -n $dry ]]; then exit 0; fi
  trap '' HUP INT QUIT TERM
  printf '%s\n' "$plan" >"$state/up"
  trap - EXIT && say "the lab $lab is up"
  exit 0
}
