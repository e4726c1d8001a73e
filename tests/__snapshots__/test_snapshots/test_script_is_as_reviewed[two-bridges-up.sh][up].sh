#!/usr/bin/env bash
# up.sh brings up the lab two-bridges; netc wrote it from two-bridges.net. Run it as root. down.sh undoes it.
# up.sh -q says nothing but errors; up.sh -n prints the commands and runs none.
#
#   netns   device          addresses                 joined
#   host    red             -                         bridge
#   host    blue            -                         bridge
#   host    router-to-red   -                         in red, to router:to-red
#   host    router-to-blue  -                         in blue, to router:to-blue
#   host    r1-eth0         -                         in red, to r1:eth0
#   host    r2-eth0         -                         in red, to r2:eth0
#   host    b1-eth0         -                         in blue, to b1:eth0
#   router  to-red          10.1.0.1/24 fd00:1::1/64  to host:router-to-red
#   router  to-blue         10.2.0.1/24 fd00:2::1/64  to host:router-to-blue
#   r1      eth0            10.1.0.2/24 fd00:1::2/64  to host:r1-eth0
#   r2      eth0            10.1.0.3/24 fd00:1::3/64  to host:r2-eth0
#   b1      eth0            10.2.0.2/24 fd00:2::2/64  to host:b1-eth0
# shellcheck disable=SC2016,SC2043,SC2317,SC2329 # a $ of the lab's own; a loop over one name; functions for traps
{
  # --- frame: the same text in every lab, explained in docs/scripts.md
  set -Eeuo pipefail
  trap : PIPE
  script=up.sh quiet='' dry=''
  tell() { printf '%s: %s\n' "$script" "$*" >&2 || :; }
  case $* in '') ;; -q) quiet=1 ;; -n) dry=1 ;; *) tell 'usage: up.sh [-q] [-n]' && exit 2 ;; esac
  lab=two-bridges plan=97fa8315a6b7b1a0 made='' refused='' here='two-bridges.net:2  lab two-bridges' bad=0
  say() { if [[ -z $quiet ]]; then tell "$*"; fi; }
  at() { here=$1 && if [[ -z $quiet ]]; then printf '%s\n' "$here" >&2 || :; fi; }
  ours_link() { # LINK: whether there is one of that name that carries the lab's mark, its group
    local seen
    seen=$(ip -o link show dev "$1" group 590394133 2>&1) || if [[ $seen != *'does not exist'* ]]; then bad=1 && tell "$seen"; fi
    [[ $seen == *": $1"[@:]* ]]
  }
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
  renamed() { # COMMAND...: removes links with the lab's mark and alias that have another name than the lab gave them
    local line name
    while IFS= read -r line; do
      name=${line#*: } && name=${name%%[@:]*}
      if [[ $line == *"alias netc $lab "* ]]; then undone "the renamed device $name" "$@" "$name"; fi
    done <<<"$(ip -o link show group 590394133)"
  }
  undone() { at "$1" && if ! "${@:2}"; then bad=1; fi; }
  undo() { # removes what is there and carries the lab's mark, last made first
    if ours_link b1-eth0; then undone 'two-bridges.net:15  veth eth0 auto -- blue' ip link del dev b1-eth0; fi
    if ours_link r2-eth0; then undone 'two-bridges.net:15  veth eth0 auto -- red' ip link del dev r2-eth0; fi
    if ours_link r1-eth0; then undone 'two-bridges.net:15  veth eth0 auto -- red' ip link del dev r1-eth0; fi
    if ours_link router-to-blue; then undone 'two-bridges.net:10  veth to-blue 10.2.0.1/24 fd00:2::1/64 -- blue' ip link del dev router-to-blue; fi
    if ours_link router-to-red; then undone 'two-bridges.net:9  veth to-red 10.1.0.1/24 fd00:1::1/64 -- red' ip link del dev router-to-red; fi
    if ours_link blue; then undone 'two-bridges.net:5  bridge blue' ip link del dev blue; fi
    if ours_link red; then undone 'two-bridges.net:4  bridge red' ip link del dev red; fi
    if ours_netns b1; then users b1 && undone 'two-bridges.net:14  netns b1' ip netns del b1; fi
    if ours_netns r2; then users r2 && undone 'two-bridges.net:14  netns r2' ip netns del r2; fi
    if ours_netns r1; then users r1 && undone 'two-bridges.net:14  netns r1' ip netns del r1; fi
    if ours_netns router; then users router && undone 'two-bridges.net:7  netns router' ip netns del router; fi
    renamed ip link del dev
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
    if [[ -e $state/up && $(<"$state/up") == "$plan" ]] && ours_netns router; then trap - EXIT && say "the lab $lab is up already" && exit 0; fi
    if [[ -e $state ]]; then refuse "the lab $lab is up as another version of it, or only in part: run down.sh first" && exit 1; fi
    links=$(ip -o link show)
    for name in red blue router-to-red router-to-blue r1-eth0 r2-eth0 b1-eth0; do
      if [[ $links$'\n' =~ (': '|'altname ')"$name"[@:\\$'\n'] ]]; then refuse "there is a device $name, which is not the lab's"; fi
    done
    for name in router r1 r2 b1; do [[ ! -e /run/netns/$name ]] || refuse "there is a namespace $name, which is not the lab's"; done
    [[ -z $(ip -o link show group 590394133) ]] || refuse 'there is a device of link group 590394133, the mark of this lab'
    unshare --net ip link add name probe type bridge || refuse 'this kernel cannot make a bridge (two-bridges.net:4  bridge red)'
    unshare --net ip link add name probe type veth || refuse 'this kernel cannot make a veth (two-bridges.net:9  veth to-red 10.1.0.1/24 fd00:1::1/64 -- red)'
    if ((bad)); then exit 1; fi
    made=1
    (umask 022 && mkdir -p "$root") # the first change; nobody else may write there, or they could put in an `undo` of theirs
    mkdir -m 700 "$state"
    printf '%s\n' "$boot" >"$state/boot"
    declare -f undo undone ours_link ours_netns users renamed >"$state/undo.new"
    mv "$state/undo.new" "$state/undo" # down.sh goes by it, even if its own file has changed by then
  fi

  # --- the lab

  at 'two-bridges.net:7  netns router'
  unshare --net sh -c 'ip link set dev lo alias "$0" up && exec ip netns attach "$1" $$' 'netc two-bridges' router

  at 'two-bridges.net:14  netns r1'
  unshare --net sh -c 'ip link set dev lo alias "$0" up && exec ip netns attach "$1" $$' 'netc two-bridges' r1

  at 'two-bridges.net:14  netns r2'
  unshare --net sh -c 'ip link set dev lo alias "$0" up && exec ip netns attach "$1" $$' 'netc two-bridges' r2

  at 'two-bridges.net:14  netns b1'
  unshare --net sh -c 'ip link set dev lo alias "$0" up && exec ip netns attach "$1" $$' 'netc two-bridges' b1

  at 'two-bridges.net:8  forward ipv4 ipv6'
  ip netns exec router sysctl -qw net.ipv4.ip_forward=1
  ip netns exec router sysctl -qw net.ipv6.conf.all.forwarding=1

  at 'two-bridges.net:4  bridge red'
  ip link add name red address 02:15:44:24:ec:fa group 590394133 type bridge
  ip link set dev red alias 'netc two-bridges two-bridges.net:4'

  at 'two-bridges.net:5  bridge blue'
  ip link add name blue address 02:d6:e8:f5:c4:0a group 590394133 type bridge
  ip link set dev blue alias 'netc two-bridges two-bridges.net:5'

  at 'two-bridges.net:9  veth to-red 10.1.0.1/24 fd00:1::1/64 -- red'
  ip link add name router-to-red group 590394133 type veth peer name to-red group 590394133 netns router
  ip link set dev router-to-red alias 'netc two-bridges two-bridges.net:9' master red up
  ip -n router addr add 10.1.0.1/24 brd + dev to-red
  ip -n router addr add fd00:1::1/64 dev to-red nodad
  ip -n router link set dev to-red alias 'netc two-bridges two-bridges.net:9' up

  at 'two-bridges.net:10  veth to-blue 10.2.0.1/24 fd00:2::1/64 -- blue'
  ip link add name router-to-blue group 590394133 type veth peer name to-blue group 590394133 netns router
  ip link set dev router-to-blue alias 'netc two-bridges two-bridges.net:10' master blue up
  ip -n router addr add 10.2.0.1/24 brd + dev to-blue
  ip -n router addr add fd00:2::1/64 dev to-blue nodad
  ip -n router link set dev to-blue alias 'netc two-bridges two-bridges.net:10' up

  at 'two-bridges.net:15  veth eth0 auto -- red'
  ip link add name r1-eth0 group 590394133 type veth peer name eth0 group 590394133 netns r1
  ip link set dev r1-eth0 alias 'netc two-bridges two-bridges.net:15' master red up
  ip -n r1 addr add 10.1.0.2/24 brd + dev eth0
  ip -n r1 addr add fd00:1::2/64 dev eth0 nodad
  ip -n r1 link set dev eth0 alias 'netc two-bridges two-bridges.net:15' up

  at 'two-bridges.net:15  veth eth0 auto -- red'
  ip link add name r2-eth0 group 590394133 type veth peer name eth0 group 590394133 netns r2
  ip link set dev r2-eth0 alias 'netc two-bridges two-bridges.net:15' master red up
  ip -n r2 addr add 10.1.0.3/24 brd + dev eth0
  ip -n r2 addr add fd00:1::3/64 dev eth0 nodad
  ip -n r2 link set dev eth0 alias 'netc two-bridges two-bridges.net:15' up

  at 'two-bridges.net:15  veth eth0 auto -- blue'
  ip link add name b1-eth0 group 590394133 type veth peer name eth0 group 590394133 netns b1
  ip link set dev b1-eth0 alias 'netc two-bridges two-bridges.net:15' master blue up
  ip -n b1 addr add 10.2.0.2/24 brd + dev eth0
  ip -n b1 addr add fd00:2::2/64 dev eth0 nodad
  ip -n b1 link set dev eth0 alias 'netc two-bridges two-bridges.net:15' up

  at 'two-bridges.net:4  bridge red'
  ip link set dev red up

  at 'two-bridges.net:5  bridge blue'
  ip link set dev blue up

  at 'two-bridges.net:16  route default via 10.1.0.1'
  ip -n r1 route add default via 10.1.0.1 dev eth0

  at 'two-bridges.net:17  route default via fd00:1::1'
  ip -n r1 -6 route add default via fd00:1::1 dev eth0

  at 'two-bridges.net:16  route default via 10.1.0.1'
  ip -n r2 route add default via 10.1.0.1 dev eth0

  at 'two-bridges.net:17  route default via fd00:1::1'
  ip -n r2 -6 route add default via fd00:1::1 dev eth0

  at 'two-bridges.net:16  route default via 10.2.0.1'
  ip -n b1 route add default via 10.2.0.1 dev eth0

  at 'two-bridges.net:17  route default via fd00:2::1'
  ip -n b1 -6 route add default via fd00:2::1 dev eth0

  # --- it is up
  if [[ -n $dry ]]; then exit 0; fi
  trap '' HUP INT QUIT TERM
  printf '%s\n' "$plan" >"$state/up"
  trap - EXIT && say "the lab $lab is up"
  exit 0
}
