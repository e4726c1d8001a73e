#!/usr/bin/env bash
# up.sh brings up the lab nat; netc wrote it from nat.net. Run it as root. down.sh undoes it.
# up.sh -q says nothing but errors; up.sh -n prints the commands and runs none.
#
#   netns    device       addresses        joined
#   router   lan          192.168.1.1/24   bridge
#   router   wan          203.0.113.2/24   to outside:eth0
#   router   client-eth0  -                in lan, to client:eth0
#   router   server-eth0  -                in lan, to server:eth0
#   client   eth0         192.168.1.10/24  to router:client-eth0
#   server   eth0         192.168.1.20/24  to router:server-eth0
#   outside  eth0         203.0.113.1/24   to router:wan
# shellcheck disable=SC2016,SC2043,SC2317,SC2329 # a $ of the lab's own; a loop over one name; functions for traps
{
  # --- frame: the same text in every lab, explained in docs/scripts.md
  set -Eeuo pipefail
  trap : PIPE
  script=up.sh quiet='' dry=''
  tell() { printf '%s: %s\n' "$script" "$*" >&2 || :; }
  case $* in '') ;; -q) quiet=1 ;; -n) dry=1 ;; *) tell 'usage: up.sh [-q] [-n]' && exit 2 ;; esac
  lab=nat plan=5da9560848050bad made='' refused='' here='nat.net:2  lab nat' bad=0
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
    if ours_netns outside; then users outside && undone 'nat.net:23  netns outside' ip netns del outside; fi
    if ours_netns server; then users server && undone 'nat.net:22  netns server' ip netns del server; fi
    if ours_netns client; then users client && undone 'nat.net:21  netns client' ip netns del client; fi
    if ours_netns router; then users router && undone 'nat.net:6  netns router' ip netns del router; fi
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
    for name in flock ip nft sysctl unshare; do type -P "$name" >/dev/null || refuse "this lab needs the command $name, which is not here"; done
    if ((bad)); then exit 1; fi
    root=$(readlink /proc/self/ns/net)
    root=/run/netc/${root//[!0-9]/} state=$root/$lab
    exec 9</proc/self/ns/net
    flock -w 300 9 # one up.sh or down.sh at a time on this host
    boot=$(</proc/sys/kernel/random/boot_id)
    if [[ -e $state/boot && $(<"$state/boot") != "$boot" ]]; then rm -rf "$state"; fi # it outlived a reboot
    if [[ -e $state/up && $(<"$state/up") == "$plan" ]] && ours_netns router; then trap - EXIT && say "the lab $lab is up already" && exit 0; fi
    if [[ -e $state ]]; then refuse "the lab $lab is up as another version of it, or only in part: run down.sh first" && exit 1; fi
    for name in router client server outside; do [[ ! -e /run/netns/$name ]] || refuse "there is a namespace $name, which is not the lab's"; done
    [[ -z $(ip -o link show group 1197478358) ]] || refuse 'there is a device of link group 1197478358, the mark of this lab'
    unshare --net ip link add name probe type bridge || refuse 'this kernel cannot make a bridge (nat.net:8  bridge lan 192.168.1.1/24)'
    unshare --net ip link add name probe type veth || refuse 'this kernel cannot make a veth (nat.net:9  veth wan 203.0.113.2/24 -- outside:eth0 203.0.113.1/24)'
    unshare --net nft 'create table inet netc-nat { comment "netc nat"; }' >/dev/null 2>&1 || refuse 'nft cannot make a table that carries the lab'"'"'s mark: the kernel has no nf_tables, or is older than 5.10 (nat.net:11)'
    if ((bad)); then exit 1; fi
    made=1
    (umask 022 && mkdir -p "$root") # the first change; nobody else may write there, or they could put in an `undo` of theirs
    mkdir -m 700 "$state"
    printf '%s\n' "$boot" >"$state/boot"
    declare -f undo undone ours_netns users >"$state/undo.new"
    mv "$state/undo.new" "$state/undo" # down.sh goes by it, even if its own file has changed by then
  fi

  # --- the lab

  at 'nat.net:6  netns router'
  unshare --net sh -c 'ip link set dev lo alias "$0" up && exec ip netns attach "$1" $$' 'netc nat' router

  at 'nat.net:21  netns client'
  unshare --net sh -c 'ip link set dev lo alias "$0" up && exec ip netns attach "$1" $$' 'netc nat' client

  at 'nat.net:22  netns server'
  unshare --net sh -c 'ip link set dev lo alias "$0" up && exec ip netns attach "$1" $$' 'netc nat' server

  at 'nat.net:23  netns outside'
  unshare --net sh -c 'ip link set dev lo alias "$0" up && exec ip netns attach "$1" $$' 'netc nat' outside

  at 'nat.net:7  forward ipv4'
  ip netns exec router sysctl -qw net.ipv4.ip_forward=1

  at 'nat.net:8  bridge lan 192.168.1.1/24'
  ip -n router link add name lan address 02:9f:c7:5c:62:eb group 1197478358 type bridge
  ip -n router addr add 192.168.1.1/24 brd + dev lan
  ip -n router link set dev lan alias 'netc nat nat.net:8'
  ip netns exec router sysctl -e -qw net.bridge.bridge-nf-call-iptables=0 net.bridge.bridge-nf-call-ip6tables=0 net.bridge.bridge-nf-call-arptables=0

  at 'nat.net:9  veth wan 203.0.113.2/24 -- outside:eth0 203.0.113.1/24'
  ip -n router link add name wan group 1197478358 type veth peer name eth0 group 1197478358 netns outside
  ip -n router addr add 203.0.113.2/24 brd + dev wan
  ip -n router link set dev wan alias 'netc nat nat.net:9' up
  ip -n outside addr add 203.0.113.1/24 brd + dev eth0
  ip -n outside link set dev eth0 alias 'netc nat nat.net:9' up

  at 'nat.net:21  veth eth0 192.168.1.10/24 -- router:lan'
  ip -n client link add name eth0 group 1197478358 type veth peer name client-eth0 group 1197478358 netns router
  ip -n client addr add 192.168.1.10/24 brd + dev eth0
  ip -n client link set dev eth0 alias 'netc nat nat.net:21' up
  ip -n router link set dev client-eth0 alias 'netc nat nat.net:21' master lan up

  at 'nat.net:22  veth eth0 192.168.1.20/24 -- router:lan'
  ip -n server link add name eth0 group 1197478358 type veth peer name server-eth0 group 1197478358 netns router
  ip -n server addr add 192.168.1.20/24 brd + dev eth0
  ip -n server link set dev eth0 alias 'netc nat nat.net:22' up
  ip -n router link set dev server-eth0 alias 'netc nat nat.net:22' master lan up

  at 'nat.net:8  bridge lan 192.168.1.1/24'
  ip -n router link set dev lan up

  at 'nat.net:21  route default via 192.168.1.1'
  ip -n client route add default via 192.168.1.1 dev eth0

  at 'nat.net:22  route default via 192.168.1.1'
  ip -n server route add default via 192.168.1.1 dev eth0

  at 'nat.net:11  masquerade 192.168.1.0/24 out wan'
  ip netns exec router nft -f - <<'END'
create table inet netc-nat { comment "netc nat"; }
table inet netc-nat {
  chain dstnat {
    type nat hook prerouting priority dstnat; policy accept;
    iifname "wan" tcp dport 8080 dnat ip to 192.168.1.20:80 comment "nat.net:12"
  }
  chain input {
    type filter hook input priority filter; policy accept;
    iifname "wan" tcp dport 22 drop comment "nat.net:19"
  }
  chain forward {
    type filter hook forward priority filter; policy accept;
    tcp flags syn tcp option maxseg size set rt mtu comment "nat.net:14"
    ct state established,related accept comment "nat.net:15"
    iifname "lan" oifname "wan" accept comment "nat.net:16"
    iifname "wan" ip daddr 192.168.1.20 tcp dport 80 accept comment "nat.net:17"
    drop comment "nat.net:18"
  }
  chain srcnat {
    type nat hook postrouting priority srcnat; policy accept;
    oifname "wan" ip saddr 192.168.1.0/24 masquerade comment "nat.net:11"
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
