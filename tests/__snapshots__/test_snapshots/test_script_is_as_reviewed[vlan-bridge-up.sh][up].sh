#!/usr/bin/env bash
# up.sh brings up the lab vlan-bridge; netc wrote it from vlan-bridge.net. Run it as root. down.sh undoes it.
# up.sh -q says nothing but errors; up.sh -n prints the commands and runs none.
#
#   netns  device    addresses     joined
#   sw1    br0       -             bridge
#   sw1    trunk     -             in br0, to sw2:trunk
#   sw1    r-eth0    -             in br0, to r:eth0
#   sw1    a10-eth0  -             in br0, to a10:eth0
#   sw1    a20-eth0  -             in br0, to a20:eth0
#   sw2    br0       -             bridge
#   sw2    br0.10    10.0.10.9/24  on sw2:br0
#   sw2    trunk     -             in br0, to sw1:trunk
#   sw2    b10-eth0  -             in br0, to b10:eth0
#   sw2    b20-eth0  -             in br0, to b20:eth0
#   sw2    c-eth0    -             in br0, to c:eth0
#   r      eth0      -             to sw1:r-eth0
#   r      eth0.10   10.0.10.1/24  on r:eth0
#   r      eth0.20   10.0.20.1/24  on r:eth0
#   a10    eth0      10.0.10.2/24  to sw1:a10-eth0
#   b10    eth0      10.0.10.3/24  to sw2:b10-eth0
#   a20    eth0      10.0.20.2/24  to sw1:a20-eth0
#   b20    eth0      10.0.20.3/24  to sw2:b20-eth0
#   c      eth0      10.0.10.4/24  to sw2:c-eth0
#   c      eth0.20   10.0.20.4/24  on c:eth0
# shellcheck disable=SC2016,SC2043,SC2317,SC2329 # a $ of the lab's own; a loop over one name; functions for traps
{
  # --- frame: the same text in every lab, explained in docs/scripts.md
  set -Eeuo pipefail
  trap : PIPE
  script=up.sh quiet='' dry=''
  tell() { printf '%s: %s\n' "$script" "$*" >&2 || :; }
  case $* in '') ;; -q) quiet=1 ;; -n) dry=1 ;; *) tell 'usage: up.sh [-q] [-n]' && exit 2 ;; esac
  lab=vlan-bridge plan=7925213efacc142e made='' refused='' here='vlan-bridge.net:2  lab vlan-bridge' bad=0
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
    if ours_netns c; then users c && undone 'vlan-bridge.net:29  netns c' ip netns del c; fi
    if ours_netns b20; then users b20 && undone 'vlan-bridge.net:19  netns b20' ip netns del b20; fi
    if ours_netns a20; then users a20 && undone 'vlan-bridge.net:19  netns a20' ip netns del a20; fi
    if ours_netns b10; then users b10 && undone 'vlan-bridge.net:19  netns b10' ip netns del b10; fi
    if ours_netns a10; then users a10 && undone 'vlan-bridge.net:19  netns a10' ip netns del a10; fi
    if ours_netns r; then users r && undone 'vlan-bridge.net:11  netns r' ip netns del r; fi
    if ours_netns sw2; then users sw2 && undone 'vlan-bridge.net:5  netns sw2' ip netns del sw2; fi
    if ours_netns sw1; then users sw1 && undone 'vlan-bridge.net:4  netns sw1' ip netns del sw1; fi
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
    if [[ -e $state/up && $(<"$state/up") == "$plan" ]] && ours_netns sw1; then trap - EXIT && say "the lab $lab is up already" && exit 0; fi
    if [[ -e $state ]]; then refuse "the lab $lab is up as another version of it, or only in part: run down.sh first" && exit 1; fi
    for name in sw1 sw2 r a10 b10 a20 b20 c; do [[ ! -e /run/netns/$name ]] || refuse "there is a namespace $name, which is not the lab's"; done
    [[ -z $(ip -o link show group 199562698) ]] || refuse 'there is a device of link group 199562698, the mark of this lab'
    unshare --net ip link add name probe type bridge || refuse 'this kernel cannot make a bridge (vlan-bridge.net:4  bridge br0)'
    unshare --net ip link add name probe type veth || refuse 'this kernel cannot make a veth (vlan-bridge.net:9  veth sw1:br0:trunk)'
    unshare --net sh -c 'ip link add name probe type bridge vlan_filtering 1 && bridge vlan add dev probe vid 2 self' >/dev/null 2>&1 || refuse 'this kernel'"'"'s bridges know no VLANs (vlan-bridge.net:4)'
    if ((bad)); then exit 1; fi
    made=1
    (umask 022 && mkdir -p "$root") # the first change; nobody else may write there, or they could put in an `undo` of theirs
    mkdir -m 700 "$state"
    printf '%s\n' "$boot" >"$state/boot"
    declare -f undo undone ours_netns users >"$state/undo.new"
    mv "$state/undo.new" "$state/undo" # down.sh goes by it, even if its own file has changed by then
  fi

  # --- the lab

  at 'vlan-bridge.net:4  netns sw1'
  unshare --net sh -c 'ip link set dev lo alias "$0" up && exec ip netns attach "$1" $$' 'netc vlan-bridge' sw1

  at 'vlan-bridge.net:5  netns sw2'
  unshare --net sh -c 'ip link set dev lo alias "$0" up && exec ip netns attach "$1" $$' 'netc vlan-bridge' sw2

  at 'vlan-bridge.net:11  netns r'
  unshare --net sh -c 'ip link set dev lo alias "$0" up && exec ip netns attach "$1" $$' 'netc vlan-bridge' r

  at 'vlan-bridge.net:19  netns a10'
  unshare --net sh -c 'ip link set dev lo alias "$0" up && exec ip netns attach "$1" $$' 'netc vlan-bridge' a10

  at 'vlan-bridge.net:19  netns b10'
  unshare --net sh -c 'ip link set dev lo alias "$0" up && exec ip netns attach "$1" $$' 'netc vlan-bridge' b10

  at 'vlan-bridge.net:19  netns a20'
  unshare --net sh -c 'ip link set dev lo alias "$0" up && exec ip netns attach "$1" $$' 'netc vlan-bridge' a20

  at 'vlan-bridge.net:19  netns b20'
  unshare --net sh -c 'ip link set dev lo alias "$0" up && exec ip netns attach "$1" $$' 'netc vlan-bridge' b20

  at 'vlan-bridge.net:29  netns c'
  unshare --net sh -c 'ip link set dev lo alias "$0" up && exec ip netns attach "$1" $$' 'netc vlan-bridge' c

  at 'vlan-bridge.net:12  forward ipv4'
  ip netns exec r sysctl -qw net.ipv4.ip_forward=1

  at 'vlan-bridge.net:4  bridge br0'
  ip -n sw1 link add name br0 address 02:7e:47:7b:c3:d1 group 199562698 type bridge vlan_filtering 1 vlan_default_pvid 0
  ip -n sw1 link set dev br0 alias 'netc vlan-bridge vlan-bridge.net:4'

  at 'vlan-bridge.net:6  bridge br0'
  ip -n sw2 link add name br0 address 02:f5:21:8f:0b:f5 group 199562698 type bridge vlan_filtering 1 vlan_default_pvid 0
  ip -n sw2 link set dev br0 alias 'netc vlan-bridge vlan-bridge.net:6'
  bridge -n sw2 vlan add dev br0 vid 10 self

  at 'vlan-bridge.net:7  vlan br0.10 10.0.10.9/24 on br0'
  ip -n sw2 link add link br0 name br0.10 group 199562698 type vlan id 10
  ip -n sw2 addr add 10.0.10.9/24 brd + dev br0.10
  ip -n sw2 link set dev br0.10 alias 'netc vlan-bridge vlan-bridge.net:7'

  at 'vlan-bridge.net:9  veth sw1:br0:trunk'
  ip -n sw1 link add name trunk group 199562698 type veth peer name trunk group 199562698 netns sw2
  ip -n sw1 link set dev trunk alias 'netc vlan-bridge vlan-bridge.net:9' master br0 up
  bridge -n sw1 vlan add dev trunk vid 10
  bridge -n sw1 vlan add dev trunk vid 20-29
  ip -n sw2 link set dev trunk alias 'netc vlan-bridge vlan-bridge.net:9' master br0 up
  bridge -n sw2 vlan add dev trunk vid 10
  bridge -n sw2 vlan add dev trunk vid 20-29

  at 'vlan-bridge.net:13  veth eth0 -- sw1:br0'
  ip -n r link add name eth0 group 199562698 type veth peer name r-eth0 group 199562698 netns sw1
  ip -n r link set dev eth0 alias 'netc vlan-bridge vlan-bridge.net:13' up
  ip -n sw1 link set dev r-eth0 alias 'netc vlan-bridge vlan-bridge.net:13' master br0 up
  bridge -n sw1 vlan add dev r-eth0 vid 10
  bridge -n sw1 vlan add dev r-eth0 vid 20

  at 'vlan-bridge.net:14  vlan eth0.10 10.0.10.1/24 on eth0'
  ip -n r link add link eth0 name eth0.10 group 199562698 type vlan id 10
  ip -n r addr add 10.0.10.1/24 brd + dev eth0.10
  ip -n r link set dev eth0.10 alias 'netc vlan-bridge vlan-bridge.net:14' up

  at 'vlan-bridge.net:15  vlan eth0.20 10.0.20.1/24 on eth0'
  ip -n r link add link eth0 name eth0.20 group 199562698 type vlan id 20
  ip -n r addr add 10.0.20.1/24 brd + dev eth0.20
  ip -n r link set dev eth0.20 alias 'netc vlan-bridge vlan-bridge.net:15' up

  at 'vlan-bridge.net:20  veth eth0 10.0.10.2/24 -- sw1:br0'
  ip -n a10 link add name eth0 group 199562698 type veth peer name a10-eth0 group 199562698 netns sw1
  ip -n a10 addr add 10.0.10.2/24 brd + dev eth0
  ip -n a10 link set dev eth0 alias 'netc vlan-bridge vlan-bridge.net:20' up
  ip -n sw1 link set dev a10-eth0 alias 'netc vlan-bridge vlan-bridge.net:20' master br0 up
  bridge -n sw1 vlan add dev a10-eth0 vid 10 pvid untagged

  at 'vlan-bridge.net:20  veth eth0 10.0.10.3/24 -- sw2:br0'
  ip -n b10 link add name eth0 group 199562698 type veth peer name b10-eth0 group 199562698 netns sw2
  ip -n b10 addr add 10.0.10.3/24 brd + dev eth0
  ip -n b10 link set dev eth0 alias 'netc vlan-bridge vlan-bridge.net:20' up
  ip -n sw2 link set dev b10-eth0 alias 'netc vlan-bridge vlan-bridge.net:20' master br0 up
  bridge -n sw2 vlan add dev b10-eth0 vid 10 pvid untagged

  at 'vlan-bridge.net:20  veth eth0 10.0.20.2/24 -- sw1:br0'
  ip -n a20 link add name eth0 group 199562698 type veth peer name a20-eth0 group 199562698 netns sw1
  ip -n a20 addr add 10.0.20.2/24 brd + dev eth0
  ip -n a20 link set dev eth0 alias 'netc vlan-bridge vlan-bridge.net:20' up
  ip -n sw1 link set dev a20-eth0 alias 'netc vlan-bridge vlan-bridge.net:20' master br0 up
  bridge -n sw1 vlan add dev a20-eth0 vid 20 pvid untagged

  at 'vlan-bridge.net:20  veth eth0 10.0.20.3/24 -- sw2:br0'
  ip -n b20 link add name eth0 group 199562698 type veth peer name b20-eth0 group 199562698 netns sw2
  ip -n b20 addr add 10.0.20.3/24 brd + dev eth0
  ip -n b20 link set dev eth0 alias 'netc vlan-bridge vlan-bridge.net:20' up
  ip -n sw2 link set dev b20-eth0 alias 'netc vlan-bridge vlan-bridge.net:20' master br0 up
  bridge -n sw2 vlan add dev b20-eth0 vid 20 pvid untagged

  at 'vlan-bridge.net:30  veth eth0 10.0.10.4/24 -- sw2:br0'
  ip -n c link add name eth0 group 199562698 type veth peer name c-eth0 group 199562698 netns sw2
  ip -n c addr add 10.0.10.4/24 brd + dev eth0
  ip -n c link set dev eth0 alias 'netc vlan-bridge vlan-bridge.net:30' up
  ip -n sw2 link set dev c-eth0 alias 'netc vlan-bridge vlan-bridge.net:30' master br0 up
  bridge -n sw2 vlan add dev c-eth0 vid 10 pvid untagged
  bridge -n sw2 vlan add dev c-eth0 vid 20

  at 'vlan-bridge.net:31  vlan eth0.20 10.0.20.4/24 on eth0'
  ip -n c link add link eth0 name eth0.20 group 199562698 type vlan id 20
  ip -n c addr add 10.0.20.4/24 brd + dev eth0.20
  ip -n c link set dev eth0.20 alias 'netc vlan-bridge vlan-bridge.net:31' up

  at 'vlan-bridge.net:4  bridge br0'
  ip -n sw1 link set dev br0 up

  at 'vlan-bridge.net:6  bridge br0'
  ip -n sw2 link set dev br0 up

  at 'vlan-bridge.net:7  vlan br0.10 10.0.10.9/24 on br0'
  ip -n sw2 link set dev br0.10 up

  at 'vlan-bridge.net:21  route default via 10.0.10.1'
  ip -n a10 route add default via 10.0.10.1 dev eth0

  at 'vlan-bridge.net:21  route default via 10.0.10.1'
  ip -n b10 route add default via 10.0.10.1 dev eth0

  at 'vlan-bridge.net:21  route default via 10.0.20.1'
  ip -n a20 route add default via 10.0.20.1 dev eth0

  at 'vlan-bridge.net:21  route default via 10.0.20.1'
  ip -n b20 route add default via 10.0.20.1 dev eth0

  # --- it is up
  if [[ -n $dry ]]; then exit 0; fi
  trap '' HUP INT QUIT TERM
  printf '%s\n' "$plan" >"$state/up"
  trap - EXIT && say "the lab $lab is up"
  exit 0
}
