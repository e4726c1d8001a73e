#!/usr/bin/env bash
# up.sh brings up the lab erspan; netc wrote it from erspan.net. Run it as root. down.sh undoes it.
# up.sh -q says nothing but errors; up.sh -n prints the commands and runs none.
#
#   netns     device    addresses                  joined
#   sw        br0       -                          bridge
#   sw        server    -                          in br0, to server:eth0
#   sw        client    -                          in br0, to client:eth0
#   sw        eth0      192.168.1.2/24 fd01::2/64  to r:sw
#   sw        span      10.9.0.1/24                to analyser:span
#   sw        span6     10.9.6.1/24                to analyser:span6
#   server    eth0      10.0.0.1/24                to sw:server
#   client    eth0      10.0.0.2/24                to sw:client
#   r         sw        192.168.1.1/24 fd01::1/64  to sw:eth0
#   r         analyser  192.168.2.1/24 fd02::1/64  to analyser:eth0
#   analyser  eth0      192.168.2.2/24 fd02::2/64  to r:analyser
#   analyser  span      10.9.0.2/24                to sw:span
#   analyser  span6     10.9.6.2/24                to sw:span6
# shellcheck disable=SC2016,SC2043,SC2317,SC2329 # a $ of the lab's own; a loop over one name; functions for traps
{
  # --- frame: the same text in every lab, explained in docs/scripts.md
  set -Eeuo pipefail
  trap : PIPE
  script=up.sh quiet='' dry=''
  tell() { printf '%s: %s\n' "$script" "$*" >&2 || :; }
  case $* in '') ;; -q) quiet=1 ;; -n) dry=1 ;; *) tell 'usage: up.sh [-q] [-n]' && exit 2 ;; esac
  lab=erspan plan=84068478c2c22d86 made='' refused='' here='erspan.net:3  lab erspan' bad=0
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
    if ours_netns analyser; then users analyser && undone 'erspan.net:14  netns analyser' ip netns del analyser; fi
    if ours_netns r; then users r && undone 'erspan.net:13  netns r' ip netns del r; fi
    if ours_netns client; then users client && undone 'erspan.net:11  netns client' ip netns del client; fi
    if ours_netns server; then users server && undone 'erspan.net:10  netns server' ip netns del server; fi
    if ours_netns sw; then users sw && undone 'erspan.net:5  netns sw' ip netns del sw; fi
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
    for name in flock ip sysctl tc unshare; do type -P "$name" >/dev/null || refuse "this lab needs the command $name, which is not here"; done
    if ((bad)); then exit 1; fi
    root=$(readlink /proc/self/ns/net)
    root=/run/netc/${root//[!0-9]/} state=$root/$lab
    exec 9</proc/self/ns/net
    flock -w 300 9 # one up.sh or down.sh at a time on this host
    boot=$(</proc/sys/kernel/random/boot_id)
    if [[ -e $state/boot && $(<"$state/boot") != "$boot" ]]; then rm -rf "$state"; fi # it outlived a reboot
    if [[ -e $state/up && $(<"$state/up") == "$plan" ]] && ours_netns sw; then trap - EXIT && say "the lab $lab is up already" && exit 0; fi
    if [[ -e $state ]]; then refuse "the lab $lab is up as another version of it, or only in part: run down.sh first" && exit 1; fi
    for name in sw server client r analyser; do [[ ! -e /run/netns/$name ]] || refuse "there is a namespace $name, which is not the lab's"; done
    [[ -z $(ip -o link show group 430211635) ]] || refuse 'there is a device of link group 430211635, the mark of this lab'
    unshare --net ip link add name probe type bridge || refuse 'this kernel cannot make a bridge (erspan.net:6  bridge br0)'
    unshare --net ip link add name probe type veth || refuse 'this kernel cannot make a veth (erspan.net:10  veth eth0 10.0.0.1/24 -- sw:br0:server)'
    unshare --net ip link add name probe type erspan remote 192.0.2.1 key 1 seq || refuse 'this kernel cannot make a erspan (erspan.net:21  erspan sw:span 10.9.0.1/24 -- analyser:span 10.9.0.2/24)'
    unshare --net ip link add name probe type ip6erspan remote 2001:db8::1 key 1 seq || refuse 'this kernel cannot make a ip6erspan (erspan.net:22  ip6erspan sw:span6 10.9.6.1/24 -- analyser:span6 10.9.6...'
    unshare --net sh -c 'tc qdisc add dev lo clsact && tc filter add dev lo ingress protocol all u32 match u32 0 0 action mirred egress mirror dev lo' >/dev/null 2>&1 || refuse 'this kernel cannot mirror or redirect packets: clsact, cls_u32 or act_mirred is missing (erspan.net:28)'
    if ((bad)); then exit 1; fi
    made=1
    (umask 022 && mkdir -p "$root") # the first change; nobody else may write there, or they could put in an `undo` of theirs
    mkdir -m 700 "$state"
    printf '%s\n' "$boot" >"$state/boot"
    declare -f undo undone ours_netns users >"$state/undo.new"
    mv "$state/undo.new" "$state/undo" # down.sh goes by it, even if its own file has changed by then
  fi

  # --- the lab

  at 'erspan.net:5  netns sw'
  unshare --net sh -c 'ip link set dev lo alias "$0" up && exec ip netns attach "$1" $$' 'netc erspan' sw

  at 'erspan.net:10  netns server'
  unshare --net sh -c 'ip link set dev lo alias "$0" up && exec ip netns attach "$1" $$' 'netc erspan' server

  at 'erspan.net:11  netns client'
  unshare --net sh -c 'ip link set dev lo alias "$0" up && exec ip netns attach "$1" $$' 'netc erspan' client

  at 'erspan.net:13  netns r'
  unshare --net sh -c 'ip link set dev lo alias "$0" up && exec ip netns attach "$1" $$' 'netc erspan' r

  at 'erspan.net:14  netns analyser'
  unshare --net sh -c 'ip link set dev lo alias "$0" up && exec ip netns attach "$1" $$' 'netc erspan' analyser

  at 'erspan.net:13  forward ipv4 ipv6'
  ip netns exec r sysctl -qw net.ipv4.ip_forward=1
  ip netns exec r sysctl -qw net.ipv6.conf.all.forwarding=1

  at 'erspan.net:6  bridge br0'
  ip -n sw link add name br0 address 02:e3:de:a8:85:bb group 430211635 type bridge
  ip -n sw link set dev br0 alias 'netc erspan erspan.net:6'

  at 'erspan.net:10  veth eth0 10.0.0.1/24 -- sw:br0:server'
  ip -n server link add name eth0 group 430211635 type veth peer name server group 430211635 netns sw
  ip -n server addr add 10.0.0.1/24 brd + dev eth0
  ip -n server link set dev eth0 alias 'netc erspan erspan.net:10' up
  ip -n sw link set dev server alias 'netc erspan erspan.net:10' master br0 up

  at 'erspan.net:11  veth eth0 10.0.0.2/24 -- sw:br0:client'
  ip -n client link add name eth0 group 430211635 type veth peer name client group 430211635 netns sw
  ip -n client addr add 10.0.0.2/24 brd + dev eth0
  ip -n client link set dev eth0 alias 'netc erspan erspan.net:11' up
  ip -n sw link set dev client alias 'netc erspan erspan.net:11' master br0 up

  at 'erspan.net:18  veth sw:eth0 192.168.1.2/24 fd01::2/64 -- r:sw 192.168.1.1/24 fd01::1/64'
  ip -n sw link add name eth0 group 430211635 type veth peer name sw group 430211635 netns r
  ip -n sw addr add 192.168.1.2/24 brd + dev eth0
  ip -n sw addr add fd01::2/64 dev eth0 nodad
  ip -n sw link set dev eth0 alias 'netc erspan erspan.net:18' up
  ip -n r addr add 192.168.1.1/24 brd + dev sw
  ip -n r addr add fd01::1/64 dev sw nodad
  ip -n r link set dev sw alias 'netc erspan erspan.net:18' up

  at 'erspan.net:19  veth analyser:eth0 192.168.2.2/24 fd02::2/64 -- r:analyser 192.168.2.1/24 fd02::1/64'
  ip -n analyser link add name eth0 group 430211635 type veth peer name analyser group 430211635 netns r
  ip -n analyser addr add 192.168.2.2/24 brd + dev eth0
  ip -n analyser addr add fd02::2/64 dev eth0 nodad
  ip -n analyser link set dev eth0 alias 'netc erspan erspan.net:19' up
  ip -n r addr add 192.168.2.1/24 brd + dev analyser
  ip -n r addr add fd02::1/64 dev analyser nodad
  ip -n r link set dev analyser alias 'netc erspan erspan.net:19' up

  at 'erspan.net:21  erspan sw:span 10.9.0.1/24 -- analyser:span 10.9.0.2/24'
  ip -n sw link add name span group 430211635 type erspan local 192.168.1.2 remote 192.168.2.2 key 100 erspan 7 seq
  ip -n sw addr add 10.9.0.1/24 brd + dev span
  ip -n sw link set dev span alias 'netc erspan erspan.net:21' up
  ip -n analyser link add name span group 430211635 type erspan local 192.168.2.2 remote 192.168.1.2 key 100 erspan 7 seq
  ip -n analyser addr add 10.9.0.2/24 brd + dev span
  ip -n analyser link set dev span alias 'netc erspan erspan.net:21' up

  at 'erspan.net:22  ip6erspan sw:span6 10.9.6.1/24 -- analyser:span6 10.9.6.2/24'
  ip -n sw link add name span6 group 430211635 type ip6erspan local fd01::2 remote fd02::2 erspan_ver 2 key 102 erspan_dir ingress erspan_hwid 7 seq
  ip -n sw addr add 10.9.6.1/24 brd + dev span6
  ip -n sw link set dev span6 alias 'netc erspan erspan.net:22' up
  ip -n analyser link add name span6 group 430211635 type ip6erspan local fd02::2 remote fd01::2 erspan_ver 2 key 102 erspan_dir ingress erspan_hwid 7 seq
  ip -n analyser addr add 10.9.6.2/24 brd + dev span6
  ip -n analyser link set dev span6 alias 'netc erspan erspan.net:22' up

  at 'erspan.net:6  bridge br0'
  ip -n sw link set dev br0 up

  at 'erspan.net:7  route default via 192.168.1.1'
  ip -n sw route add default via 192.168.1.1 dev eth0

  at 'erspan.net:8  route default via fd01::1'
  ip -n sw -6 route add default via fd01::1 dev eth0

  at 'erspan.net:15  route default via 192.168.2.1'
  ip -n analyser route add default via 192.168.2.1 dev eth0

  at 'erspan.net:16  route default via fd02::1'
  ip -n analyser -6 route add default via fd02::1 dev eth0

  at 'erspan.net:28  mirror server to span'
  tc -n sw qdisc add dev server clsact
  tc -n sw filter add dev server ingress protocol all pref 1 u32 match u32 0 0 action mirred egress mirror dev span continue
  tc -n sw filter add dev server egress protocol all pref 1 u32 match u32 0 0 action mirred egress mirror dev span continue

  # --- it is up
  if [[ -n $dry ]]; then exit 0; fi
  trap '' HUP INT QUIT TERM
  printf '%s\n' "$plan" >"$state/up"
  trap - EXIT && say "the lab $lab is up"
  exit 0
}
