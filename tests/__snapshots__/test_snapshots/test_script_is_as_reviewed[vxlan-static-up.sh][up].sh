#!/usr/bin/env bash
# up.sh brings up the lab vxlan-static; netc wrote it from vxlan-static.net. Run it as root. down.sh undoes it.
# up.sh -q says nothing but errors; up.sh -n prints the commands and runs none.
#
#   netns  device    addresses        joined
#   host   underlay  -                bridge
#   host   h1-eth0   -                in underlay, to h1:eth0
#   host   h2-eth0   -                in underlay, to h2:eth0
#   host   h3-eth0   -                in underlay, to h3:eth0
#   h1     eth0      192.168.50.1/24  to host:h1-eth0
#   h1     vx0       10.9.0.1/24      on h1:eth0
#   h1     vx1       10.10.0.1/24     on h1:eth0
#   h2     eth0      192.168.50.2/24  to host:h2-eth0
#   h2     vx0       10.9.0.2/24      on h2:eth0
#   h2     vx1       10.10.0.2/24     on h2:eth0
#   h3     eth0      192.168.50.3/24  to host:h3-eth0
#   h3     vx0       10.9.0.3/24      on h3:eth0
#   h3     vx1       10.10.0.3/24     on h3:eth0
# shellcheck disable=SC2016,SC2043,SC2317,SC2329 # a $ of the lab's own; a loop over one name; functions for traps
{
  # --- frame: the same text in every lab, explained in docs/scripts.md
  set -Eeuo pipefail
  trap : PIPE
  script=up.sh quiet='' dry=''
  tell() { printf '%s: %s\n' "$script" "$*" >&2 || :; }
  case $* in '') ;; -q) quiet=1 ;; -n) dry=1 ;; *) tell 'usage: up.sh [-q] [-n]' && exit 2 ;; esac
  lab=vxlan-static plan=8a69ac50cdf1d0a8 made='' refused='' here='vxlan-static.net:2  lab vxlan-static' bad=0
  say() { if [[ -z $quiet ]]; then tell "$*"; fi; }
  at() { here=$1 && if [[ -z $quiet ]]; then printf '%s\n' "$here" >&2 || :; fi; }
  ours_link() { # LINK: whether there is one of that name that carries the lab's mark, its group
    local seen
    seen=$(ip -o link show dev "$1" group 477532254 2>&1) || if [[ $seen != *'does not exist'* ]]; then bad=1 && tell "$seen"; fi
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
    done <<<"$(ip -o link show group 477532254)"
  }
  undone() { at "$1" && if ! "${@:2}"; then bad=1; fi; }
  undo() { # removes what is there and carries the lab's mark, last made first
    if ours_link h3-eth0; then undone 'vxlan-static.net:8  veth eth0 192.168.50.3/24 -- underlay' ip link del dev h3-eth0; fi
    if ours_link h2-eth0; then undone 'vxlan-static.net:8  veth eth0 192.168.50.2/24 -- underlay' ip link del dev h2-eth0; fi
    if ours_link h1-eth0; then undone 'vxlan-static.net:8  veth eth0 192.168.50.1/24 -- underlay' ip link del dev h1-eth0; fi
    if ours_link underlay; then undone 'vxlan-static.net:4  bridge underlay' ip link del dev underlay; fi
    if ours_netns h3; then users h3 && undone 'vxlan-static.net:7  netns h3' ip netns del h3; fi
    if ours_netns h2; then users h2 && undone 'vxlan-static.net:7  netns h2' ip netns del h2; fi
    if ours_netns h1; then users h1 && undone 'vxlan-static.net:7  netns h1' ip netns del h1; fi
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
    for name in bridge flock ip unshare; do type -P "$name" >/dev/null || refuse "this lab needs the command $name, which is not here"; done
    if ((bad)); then exit 1; fi
    root=$(readlink /proc/self/ns/net)
    root=/run/netc/${root//[!0-9]/} state=$root/$lab
    exec 9</proc/self/ns/net
    flock -w 300 9 # one up.sh or down.sh at a time on this host
    boot=$(</proc/sys/kernel/random/boot_id)
    if [[ -e $state/boot && $(<"$state/boot") != "$boot" ]]; then rm -rf "$state"; fi # it outlived a reboot
    if [[ -e $state/up && $(<"$state/up") == "$plan" ]] && ours_netns h1; then trap - EXIT && say "the lab $lab is up already" && exit 0; fi
    if [[ -e $state ]]; then refuse "the lab $lab is up as another version of it, or only in part: run down.sh first" && exit 1; fi
    links=$(ip -o link show)
    for name in underlay h1-eth0 h2-eth0 h3-eth0; do
      if [[ $links$'\n' =~ (': '|'altname ')"$name"[@:\\$'\n'] ]]; then refuse "there is a device $name, which is not the lab's"; fi
    done
    for name in h1 h2 h3; do [[ ! -e /run/netns/$name ]] || refuse "there is a namespace $name, which is not the lab's"; done
    [[ -z $(ip -o link show group 477532254) ]] || refuse 'there is a device of link group 477532254, the mark of this lab'
    unshare --net ip link add name probe type bridge || refuse 'this kernel cannot make a bridge (vxlan-static.net:4  bridge underlay)'
    unshare --net ip link add name probe type veth || refuse 'this kernel cannot make a veth (vxlan-static.net:8  veth eth0 192.168.50.1/24 -- underlay)'
    unshare --net ip link add name probe type vxlan id 1 dstport 4789 || refuse 'this kernel cannot make a vxlan (vxlan-static.net:9  vxlan vx0 10.9.0.1/24 on eth0)'
    if ((bad)); then exit 1; fi
    made=1
    (umask 022 && mkdir -p "$root") # the first change; nobody else may write there, or they could put in an `undo` of theirs
    mkdir -m 700 "$state"
    printf '%s\n' "$boot" >"$state/boot"
    declare -f undo undone ours_link ours_netns users renamed >"$state/undo.new"
    mv "$state/undo.new" "$state/undo" # down.sh goes by it, even if its own file has changed by then
  fi

  # --- the lab

  at 'vxlan-static.net:7  netns h1'
  unshare --net sh -c 'ip link set dev lo alias "$0" up && exec ip netns attach "$1" $$' 'netc vxlan-static' h1

  at 'vxlan-static.net:7  netns h2'
  unshare --net sh -c 'ip link set dev lo alias "$0" up && exec ip netns attach "$1" $$' 'netc vxlan-static' h2

  at 'vxlan-static.net:7  netns h3'
  unshare --net sh -c 'ip link set dev lo alias "$0" up && exec ip netns attach "$1" $$' 'netc vxlan-static' h3

  at 'vxlan-static.net:4  bridge underlay'
  ip link add name underlay address 02:ab:bb:75:17:92 group 477532254 type bridge
  ip link set dev underlay alias 'netc vxlan-static vxlan-static.net:4'

  at 'vxlan-static.net:8  veth eth0 192.168.50.1/24 -- underlay'
  ip link add name h1-eth0 group 477532254 type veth peer name eth0 group 477532254 netns h1
  ip link set dev h1-eth0 alias 'netc vxlan-static vxlan-static.net:8' master underlay up
  ip -n h1 addr add 192.168.50.1/24 brd + dev eth0
  ip -n h1 link set dev eth0 alias 'netc vxlan-static vxlan-static.net:8' up

  at 'vxlan-static.net:9  vxlan vx0 10.9.0.1/24 on eth0'
  ip -n h1 link add name vx0 address 02:00:0a:09:00:01 group 477532254 type vxlan id 42 dstport 4789 local 192.168.50.1 nolearning dev eth0
  ip -n h1 addr add 10.9.0.1/24 brd + dev vx0
  ip -n h1 link set dev vx0 alias 'netc vxlan-static vxlan-static.net:9' up

  at 'vxlan-static.net:8  veth eth0 192.168.50.2/24 -- underlay'
  ip link add name h2-eth0 group 477532254 type veth peer name eth0 group 477532254 netns h2
  ip link set dev h2-eth0 alias 'netc vxlan-static vxlan-static.net:8' master underlay up
  ip -n h2 addr add 192.168.50.2/24 brd + dev eth0
  ip -n h2 link set dev eth0 alias 'netc vxlan-static vxlan-static.net:8' up

  at 'vxlan-static.net:9  vxlan vx0 10.9.0.2/24 on eth0'
  ip -n h2 link add name vx0 address 02:00:0a:09:00:02 group 477532254 type vxlan id 42 dstport 4789 local 192.168.50.2 nolearning dev eth0
  ip -n h2 addr add 10.9.0.2/24 brd + dev vx0
  ip -n h2 link set dev vx0 alias 'netc vxlan-static vxlan-static.net:9' up

  at 'vxlan-static.net:8  veth eth0 192.168.50.3/24 -- underlay'
  ip link add name h3-eth0 group 477532254 type veth peer name eth0 group 477532254 netns h3
  ip link set dev h3-eth0 alias 'netc vxlan-static vxlan-static.net:8' master underlay up
  ip -n h3 addr add 192.168.50.3/24 brd + dev eth0
  ip -n h3 link set dev eth0 alias 'netc vxlan-static vxlan-static.net:8' up

  at 'vxlan-static.net:9  vxlan vx0 10.9.0.3/24 on eth0'
  ip -n h3 link add name vx0 address 02:00:0a:09:00:03 group 477532254 type vxlan id 42 dstport 4789 local 192.168.50.3 nolearning dev eth0
  ip -n h3 addr add 10.9.0.3/24 brd + dev vx0
  ip -n h3 link set dev vx0 alias 'netc vxlan-static vxlan-static.net:9' up

  at 'vxlan-static.net:34  vxlan vx1 10.10.0.1/24 on eth0'
  ip -n h1 link add name vx1 group 477532254 type vxlan id 43 dstport 4789 local 192.168.50.1 dev eth0
  ip -n h1 addr add 10.10.0.1/24 brd + dev vx1
  ip -n h1 link set dev vx1 alias 'netc vxlan-static vxlan-static.net:34' up

  at 'vxlan-static.net:38  vxlan vx1 10.10.0.2/24 on eth0'
  ip -n h2 link add name vx1 group 477532254 type vxlan id 43 dstport 4789 local 192.168.50.2 dev eth0
  ip -n h2 addr add 10.10.0.2/24 brd + dev vx1
  ip -n h2 link set dev vx1 alias 'netc vxlan-static vxlan-static.net:38' up

  at 'vxlan-static.net:39  vxlan vx1 10.10.0.3/24 on eth0'
  ip -n h3 link add name vx1 group 477532254 type vxlan id 43 dstport 4789 local 192.168.50.3 dev eth0
  ip -n h3 addr add 10.10.0.3/24 brd + dev vx1
  ip -n h3 link set dev vx1 alias 'netc vxlan-static vxlan-static.net:39' up

  at 'vxlan-static.net:4  bridge underlay'
  ip link set dev underlay up

  at 'vxlan-static.net:22  neigh 10.9.0.2 lladdr 02:00:0a:09:00:02 dev vx0'
  ip -n h1 neigh replace 10.9.0.2 lladdr 02:00:0a:09:00:02 dev vx0 nud permanent

  at 'vxlan-static.net:22  neigh 10.9.0.3 lladdr 02:00:0a:09:00:03 dev vx0'
  ip -n h1 neigh replace 10.9.0.3 lladdr 02:00:0a:09:00:03 dev vx0 nud permanent

  at 'vxlan-static.net:22  neigh 10.9.0.1 lladdr 02:00:0a:09:00:01 dev vx0'
  ip -n h2 neigh replace 10.9.0.1 lladdr 02:00:0a:09:00:01 dev vx0 nud permanent

  at 'vxlan-static.net:22  neigh 10.9.0.3 lladdr 02:00:0a:09:00:03 dev vx0'
  ip -n h2 neigh replace 10.9.0.3 lladdr 02:00:0a:09:00:03 dev vx0 nud permanent

  at 'vxlan-static.net:22  neigh 10.9.0.1 lladdr 02:00:0a:09:00:01 dev vx0'
  ip -n h3 neigh replace 10.9.0.1 lladdr 02:00:0a:09:00:01 dev vx0 nud permanent

  at 'vxlan-static.net:22  neigh 10.9.0.2 lladdr 02:00:0a:09:00:02 dev vx0'
  ip -n h3 neigh replace 10.9.0.2 lladdr 02:00:0a:09:00:02 dev vx0 nud permanent

  at 'vxlan-static.net:21  fdb 02:00:0a:09:00:02 dev vx0 dst 192.168.50.2'
  bridge -n h1 fdb replace 02:00:0a:09:00:02 dev vx0 dst 192.168.50.2 self permanent

  at 'vxlan-static.net:21  fdb 02:00:0a:09:00:03 dev vx0 dst 192.168.50.3'
  bridge -n h1 fdb replace 02:00:0a:09:00:03 dev vx0 dst 192.168.50.3 self permanent

  at 'vxlan-static.net:21  fdb 02:00:0a:09:00:01 dev vx0 dst 192.168.50.1'
  bridge -n h2 fdb replace 02:00:0a:09:00:01 dev vx0 dst 192.168.50.1 self permanent

  at 'vxlan-static.net:21  fdb 02:00:0a:09:00:03 dev vx0 dst 192.168.50.3'
  bridge -n h2 fdb replace 02:00:0a:09:00:03 dev vx0 dst 192.168.50.3 self permanent

  at 'vxlan-static.net:21  fdb 02:00:0a:09:00:01 dev vx0 dst 192.168.50.1'
  bridge -n h3 fdb replace 02:00:0a:09:00:01 dev vx0 dst 192.168.50.1 self permanent

  at 'vxlan-static.net:21  fdb 02:00:0a:09:00:02 dev vx0 dst 192.168.50.2'
  bridge -n h3 fdb replace 02:00:0a:09:00:02 dev vx0 dst 192.168.50.2 self permanent

  at 'vxlan-static.net:35  fdb default dev vx1 dst 192.168.50.2'
  bridge -n h1 fdb append 00:00:00:00:00:00 dev vx1 dst 192.168.50.2 self permanent

  at 'vxlan-static.net:36  fdb default dev vx1 dst 192.168.50.3'
  bridge -n h1 fdb append 00:00:00:00:00:00 dev vx1 dst 192.168.50.3 self permanent

  # --- it is up
  if [[ -n $dry ]]; then exit 0; fi
  trap '' HUP INT QUIT TERM
  printf '%s\n' "$plan" >"$state/up"
  trap - EXIT && say "the lab $lab is up"
  exit 0
}
