#!/usr/bin/env bash
# up.sh brings up the lab program; netc wrote it from program.net. Run it as root. down.sh undoes it.
# up.sh -q says nothing but errors; up.sh -n prints the commands and runs none.
#
#   netns  device  addresses    joined
#   a      b       10.1.0.1/30  to b:eth0
#   a      c       10.2.0.1/30  to c:eth0
#   a      d       10.3.0.1/30  to d:eth0
#   a      e       10.4.0.1/30  to e:eth0
#   b      eth0    10.1.0.2/30  to a:b
#   c      eth0    10.2.0.2/30  to a:c
#   d      eth0    10.3.0.2/30  to a:d
#   e      eth0    10.4.0.2/30  to a:e
# shellcheck disable=SC2016,SC2043,SC2317,SC2329 # a $ of the lab's own; a loop over one name; functions for traps
{
  # --- frame: the same text in every lab, explained in docs/scripts.md
  set -Eeuo pipefail
  trap : PIPE
  script=up.sh quiet='' dry=''
  tell() { printf '%s: %s\n' "$script" "$*" >&2 || :; }
  case $* in '') ;; -q) quiet=1 ;; -n) dry=1 ;; *) tell 'usage: up.sh [-q] [-n]' && exit 2 ;; esac
  lab=program plan=77b72e60ff81658d made='' refused='' here='program.net:3  lab program' bad=0
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
    if ours_netns e; then users e && undone 'program.net:9  netns e' ip netns del e; fi
    if ours_netns d; then users d && undone 'program.net:8  netns d' ip netns del d; fi
    if ours_netns c; then users c && undone 'program.net:7  netns c' ip netns del c; fi
    if ours_netns b; then users b && undone 'program.net:6  netns b' ip netns del b; fi
    if ours_netns a; then users a && undone 'program.net:5  netns a' ip netns del a; fi
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
    for name in flock ip tc unshare; do type -P "$name" >/dev/null || refuse "this lab needs the command $name, which is not here"; done
    if ((bad)); then exit 1; fi
    root=$(readlink /proc/self/ns/net)
    root=/run/netc/${root//[!0-9]/} state=$root/$lab
    exec 9</proc/self/ns/net
    flock -w 300 9 # one up.sh or down.sh at a time on this host
    boot=$(</proc/sys/kernel/random/boot_id)
    if [[ -e $state/boot && $(<"$state/boot") != "$boot" ]]; then rm -rf "$state"; fi # it outlived a reboot
    if [[ -e $state/up && $(<"$state/up") == "$plan" ]] && ours_netns a; then trap - EXIT && say "the lab $lab is up already" && exit 0; fi
    if [[ -e $state ]]; then refuse "the lab $lab is up as another version of it, or only in part: run down.sh first" && exit 1; fi
    for name in a b c d e; do [[ ! -e /run/netns/$name ]] || refuse "there is a namespace $name, which is not the lab's"; done
    [[ -z $(ip -o link show group 804891207) ]] || refuse 'there is a device of link group 804891207, the mark of this lab'
    unshare --net ip link add name probe type veth || refuse 'this kernel cannot make a veth (program.net:10  veth a:b 10.1.0.1/30 -- b:eth0 10.1.0.2/30)'
    head -c0 -- packets.o >/dev/null 2>&1 || refuse 'there is no file packets.o that can be read (program.net:16)'
    if ((bad)); then exit 1; fi
    made=1
    (umask 022 && mkdir -p "$root") # the first change; nobody else may write there, or they could put in an `undo` of theirs
    mkdir -m 700 "$state"
    printf '%s\n' "$boot" >"$state/boot"
    declare -f undo undone ours_netns users >"$state/undo.new"
    mv "$state/undo.new" "$state/undo" # down.sh goes by it, even if its own file has changed by then
  fi

  # --- the lab

  at 'program.net:5  netns a'
  unshare --net sh -c 'ip link set dev lo alias "$0" up && exec ip netns attach "$1" $$' 'netc program' a

  at 'program.net:6  netns b'
  unshare --net sh -c 'ip link set dev lo alias "$0" up && exec ip netns attach "$1" $$' 'netc program' b

  at 'program.net:7  netns c'
  unshare --net sh -c 'ip link set dev lo alias "$0" up && exec ip netns attach "$1" $$' 'netc program' c

  at 'program.net:8  netns d'
  unshare --net sh -c 'ip link set dev lo alias "$0" up && exec ip netns attach "$1" $$' 'netc program' d

  at 'program.net:9  netns e'
  unshare --net sh -c 'ip link set dev lo alias "$0" up && exec ip netns attach "$1" $$' 'netc program' e

  at 'program.net:10  veth a:b 10.1.0.1/30 -- b:eth0 10.1.0.2/30'
  ip -n a link add name b group 804891207 type veth peer name eth0 group 804891207 netns b
  ip -n a addr add 10.1.0.1/30 brd + dev b
  ip -n a link set dev b alias 'netc program program.net:10' up
  ip -n b addr add 10.1.0.2/30 brd + dev eth0
  ip -n b link set dev eth0 alias 'netc program program.net:10' up

  at 'program.net:11  veth a:c 10.2.0.1/30 -- c:eth0 10.2.0.2/30'
  ip -n a link add name c group 804891207 type veth peer name eth0 group 804891207 netns c
  ip -n a addr add 10.2.0.1/30 brd + dev c
  ip -n a link set dev c alias 'netc program program.net:11' up
  ip -n c addr add 10.2.0.2/30 brd + dev eth0
  ip -n c link set dev eth0 alias 'netc program program.net:11' up

  at 'program.net:12  veth a:d 10.3.0.1/30 -- d:eth0 10.3.0.2/30'
  ip -n a link add name d group 804891207 type veth peer name eth0 group 804891207 netns d
  ip -n a addr add 10.3.0.1/30 brd + dev d
  ip -n a link set dev d alias 'netc program program.net:12' up
  ip -n d addr add 10.3.0.2/30 brd + dev eth0
  ip -n d link set dev eth0 alias 'netc program program.net:12' up

  at 'program.net:13  veth a:e 10.4.0.1/30 -- e:eth0 10.4.0.2/30'
  ip -n a link add name e group 804891207 type veth peer name eth0 group 804891207 netns e
  ip -n a addr add 10.4.0.1/30 brd + dev e
  ip -n a link set dev e alias 'netc program program.net:13' up
  ip -n e addr add 10.4.0.2/30 brd + dev eth0
  ip -n e link set dev eth0 alias 'netc program program.net:13' up

  at 'program.net:16  program eth0 xdp packets.o section xdp_pass'
  ip -n b link set dev eth0 xdp object packets.o section xdp_pass

  at 'program.net:17  program eth0 ingress packets.o section tc_pass pref 10'
  tc -n b qdisc add dev eth0 clsact
  tc -n b filter add dev eth0 ingress pref 10 bpf direct-action object-file packets.o section tc_pass

  at 'program.net:18  program eth0 egress packets.o section tc_pass'
  tc -n b filter add dev eth0 egress bpf direct-action object-file packets.o section tc_pass

  at 'program.net:20  program eth0 xdpgeneric packets.o section xdp_drop'
  ip -n c link set dev eth0 xdpgeneric object packets.o section xdp_drop

  at 'program.net:21  program eth0 ingress packets.o section tc_drop'
  tc -n d qdisc add dev eth0 clsact
  tc -n d filter add dev eth0 ingress bpf direct-action object-file packets.o section tc_drop

  at 'program.net:22  program eth0 egress packets.o section tc_drop'
  tc -n e qdisc add dev eth0 clsact
  tc -n e filter add dev eth0 egress bpf direct-action object-file packets.o section tc_drop

  # --- it is up
  if [[ -n $dry ]]; then exit 0; fi
  trap '' HUP INT QUIT TERM
  printf '%s\n' "$plan" >"$state/up"
  trap - EXIT && say "the lab $lab is up"
  exit 0
}
