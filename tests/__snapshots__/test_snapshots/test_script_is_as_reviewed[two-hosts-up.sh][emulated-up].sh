#!/usr/bin/env bash
# up.sh brings up the lab two-hosts; netc wrote it from two-hosts.net. Run it as root. down.sh undoes it.
# up.sh -q says nothing but errors; up.sh -n prints the commands and runs none.
#
#   netns     device   addresses         joined
#   n1        eth0     192.168.50.11/24  to segments:n1-eth0
#   n1        br0      10.1.1.1/24       bridge
#   n1        a-eth0   -                 in br0, to n1-a:eth0
#   n1        b-eth0   -                 in br0, to n1-b:eth0
#   n1-a      eth0     10.1.1.2/24       to n1:a-eth0
#   n1-b      eth0     10.1.1.3/24       to n1:b-eth0
#   n2        eth0     192.168.50.12/24  to segments:n2-eth0
#   n2        br0      10.1.2.1/24       bridge
#   n2        c-eth0   -                 in br0, to n2-c:eth0
#   n2        d-eth0   -                 in br0, to n2-d:eth0
#   n2-c      eth0     10.1.2.2/24       to n2:c-eth0
#   n2-d      eth0     10.1.2.3/24       to n2:d-eth0
#   segments  lan      -                 bridge
#   segments  n1-eth0  -                 in lan, to n1:eth0
#   segments  n2-eth0  -                 in lan, to n2:eth0
# shellcheck disable=SC2016,SC2043,SC2317,SC2329 # a $ of the lab's own; a loop over one name; functions for traps
{
  # --- frame: the same text in every lab, explained in docs/scripts.md
  set -Eeuo pipefail
  trap : PIPE
  script=up.sh quiet='' dry=''
  tell() { printf '%s: %s\n' "$script" "$*" >&2 || :; }
  case $* in '') ;; -q) quiet=1 ;; -n) dry=1 ;; *) tell 'usage: up.sh [-q] [-n]' && exit 2 ;; esac
  lab=two-hosts plan=d2ca08ef15943fe5 made='' refused='' here='two-hosts.net:2  lab two-hosts' bad=0
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
    if ours_netns segments; then users segments && undone 'two-hosts.net:2  lab two-hosts' ip netns del segments; fi
    if ours_netns n2-d; then users n2-d && undone 'two-hosts.net:20  netns d' ip netns del n2-d; fi
    if ours_netns n2-c; then users n2-c && undone 'two-hosts.net:19  netns c' ip netns del n2-c; fi
    if ours_netns n2; then users n2 && undone 'two-hosts.net:15  host n2' ip netns del n2; fi
    if ours_netns n1-b; then users n1-b && undone 'two-hosts.net:11  netns b' ip netns del n1-b; fi
    if ours_netns n1-a; then users n1-a && undone 'two-hosts.net:10  netns a' ip netns del n1-a; fi
    if ours_netns n1; then users n1 && undone 'two-hosts.net:6  host n1' ip netns del n1; fi
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
    for name in n1 n1-a n1-b n2 n2-c n2-d segments; do [[ ! -e /run/netns/$name ]] || refuse "there is a namespace $name, which is not the lab's"; done
    [[ -z $(ip -o link show group 1639157458) ]] || refuse 'there is a device of link group 1639157458, the mark of this lab'
    unshare --net ip link add name probe type veth || refuse 'this kernel cannot make a veth (two-hosts.net:7  uplink eth0 192.168.50.11/24 on lan)'
    unshare --net ip link add name probe type bridge || refuse 'this kernel cannot make a bridge (two-hosts.net:9  bridge br0 10.1.1.1/24)'
    if ((bad)); then exit 1; fi
    made=1
    (umask 022 && mkdir -p "$root") # the first change; nobody else may write there, or they could put in an `undo` of theirs
    mkdir -m 700 "$state"
    printf '%s\n' "$boot" >"$state/boot"
    declare -f undo undone ours_netns users >"$state/undo.new"
    mv "$state/undo.new" "$state/undo" # down.sh goes by it, even if its own file has changed by then
  fi

  # --- the lab

  at 'two-hosts.net:6  host n1'
  unshare --net sh -c 'ip link set dev lo alias "$0" up && exec ip netns attach "$1" $$' 'netc two-hosts' n1

  at 'two-hosts.net:10  netns a'
  unshare --net sh -c 'ip link set dev lo alias "$0" up && exec ip netns attach "$1" $$' 'netc two-hosts' n1-a

  at 'two-hosts.net:11  netns b'
  unshare --net sh -c 'ip link set dev lo alias "$0" up && exec ip netns attach "$1" $$' 'netc two-hosts' n1-b

  at 'two-hosts.net:15  host n2'
  unshare --net sh -c 'ip link set dev lo alias "$0" up && exec ip netns attach "$1" $$' 'netc two-hosts' n2

  at 'two-hosts.net:19  netns c'
  unshare --net sh -c 'ip link set dev lo alias "$0" up && exec ip netns attach "$1" $$' 'netc two-hosts' n2-c

  at 'two-hosts.net:20  netns d'
  unshare --net sh -c 'ip link set dev lo alias "$0" up && exec ip netns attach "$1" $$' 'netc two-hosts' n2-d

  at 'two-hosts.net:2  lab two-hosts'
  unshare --net sh -c 'ip link set dev lo alias "$0" up && exec ip netns attach "$1" $$' 'netc two-hosts' segments

  at 'two-hosts.net:8  forward ipv4'
  ip netns exec n1 sysctl -qw net.ipv4.ip_forward=1

  at 'two-hosts.net:17  forward ipv4'
  ip netns exec n2 sysctl -qw net.ipv4.ip_forward=1

  at 'two-hosts.net:4  segment lan 192.168.50.0/24'
  ip -n segments link add name lan address 02:75:da:9b:91:df group 1639157458 type bridge
  ip -n segments link set dev lan alias 'netc two-hosts two-hosts.net:4'

  at 'two-hosts.net:7  uplink eth0 192.168.50.11/24 on lan'
  ip -n n1 link add name eth0 group 1639157458 type veth peer name n1-eth0 group 1639157458 netns segments
  ip -n n1 addr add 192.168.50.11/24 brd + dev eth0
  ip -n n1 link set dev eth0 alias 'netc two-hosts two-hosts.net:7' up
  ip -n segments link set dev n1-eth0 alias 'netc two-hosts two-hosts.net:7' master lan up

  at 'two-hosts.net:9  bridge br0 10.1.1.1/24'
  ip -n n1 link add name br0 address 02:15:d8:31:14:6b group 1639157458 type bridge
  ip -n n1 addr add 10.1.1.1/24 brd + dev br0
  ip -n n1 link set dev br0 alias 'netc two-hosts two-hosts.net:9'

  at 'two-hosts.net:10  veth eth0 10.1.1.2/24 -- br0'
  ip -n n1 link add name a-eth0 group 1639157458 type veth peer name eth0 group 1639157458 netns n1-a
  ip -n n1 link set dev a-eth0 alias 'netc two-hosts two-hosts.net:10' master br0 up
  ip -n n1-a addr add 10.1.1.2/24 brd + dev eth0
  ip -n n1-a link set dev eth0 alias 'netc two-hosts two-hosts.net:10' up

  at 'two-hosts.net:11  veth eth0 10.1.1.3/24 -- br0'
  ip -n n1 link add name b-eth0 group 1639157458 type veth peer name eth0 group 1639157458 netns n1-b
  ip -n n1 link set dev b-eth0 alias 'netc two-hosts two-hosts.net:11' master br0 up
  ip -n n1-b addr add 10.1.1.3/24 brd + dev eth0
  ip -n n1-b link set dev eth0 alias 'netc two-hosts two-hosts.net:11' up

  at 'two-hosts.net:16  uplink eth0 192.168.50.12/24 on lan'
  ip -n n2 link add name eth0 group 1639157458 type veth peer name n2-eth0 group 1639157458 netns segments
  ip -n n2 addr add 192.168.50.12/24 brd + dev eth0
  ip -n n2 link set dev eth0 alias 'netc two-hosts two-hosts.net:16' up
  ip -n segments link set dev n2-eth0 alias 'netc two-hosts two-hosts.net:16' master lan up

  at 'two-hosts.net:18  bridge br0 10.1.2.1/24'
  ip -n n2 link add name br0 address 02:ee:a4:54:41:71 group 1639157458 type bridge
  ip -n n2 addr add 10.1.2.1/24 brd + dev br0
  ip -n n2 link set dev br0 alias 'netc two-hosts two-hosts.net:18'

  at 'two-hosts.net:19  veth eth0 10.1.2.2/24 -- br0'
  ip -n n2 link add name c-eth0 group 1639157458 type veth peer name eth0 group 1639157458 netns n2-c
  ip -n n2 link set dev c-eth0 alias 'netc two-hosts two-hosts.net:19' master br0 up
  ip -n n2-c addr add 10.1.2.2/24 brd + dev eth0
  ip -n n2-c link set dev eth0 alias 'netc two-hosts two-hosts.net:19' up

  at 'two-hosts.net:20  veth eth0 10.1.2.3/24 -- br0'
  ip -n n2 link add name d-eth0 group 1639157458 type veth peer name eth0 group 1639157458 netns n2-d
  ip -n n2 link set dev d-eth0 alias 'netc two-hosts two-hosts.net:20' master br0 up
  ip -n n2-d addr add 10.1.2.3/24 brd + dev eth0
  ip -n n2-d link set dev eth0 alias 'netc two-hosts two-hosts.net:20' up

  at 'two-hosts.net:4  segment lan 192.168.50.0/24'
  ip -n segments link set dev lan up

  at 'two-hosts.net:9  bridge br0 10.1.1.1/24'
  ip -n n1 link set dev br0 up

  at 'two-hosts.net:18  bridge br0 10.1.2.1/24'
  ip -n n2 link set dev br0 up

  at 'two-hosts.net:10  route default via 10.1.1.1'
  ip -n n1-a route add default via 10.1.1.1 dev eth0

  at 'two-hosts.net:11  route default via 10.1.1.1'
  ip -n n1-b route add default via 10.1.1.1 dev eth0

  at 'two-hosts.net:12  route 10.1.2.0/24 via 192.168.50.12'
  ip -n n1 route add 10.1.2.0/24 via 192.168.50.12 dev eth0

  at 'two-hosts.net:19  route default via 10.1.2.1'
  ip -n n2-c route add default via 10.1.2.1 dev eth0

  at 'two-hosts.net:20  route default via 10.1.2.1'
  ip -n n2-d route add default via 10.1.2.1 dev eth0

  at 'two-hosts.net:21  route 10.1.1.0/24 via 192.168.50.11'
  ip -n n2 route add 10.1.1.0/24 via 192.168.50.11 dev eth0

  # --- it is up
  if [[ -n $dry ]]; then exit 0; fi
  trap '' HUP INT QUIT TERM
  printf '%s\n' "$plan" >"$state/up"
  trap - EXIT && say "the lab $lab is up"
  exit 0
}
