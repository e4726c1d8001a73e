#!/usr/bin/env bash
# up.sh brings up the lab macvlan; netc wrote it from macvlan.net. Run it as root. down.sh undoes it.
# up.sh -q says nothing but errors; up.sh -n prints the commands and runs none.
#
#   netns  device  addresses        joined
#   host   wire    192.168.7.1/24   to far:eth0
#   far    eth0    192.168.7.2/24   to host:wire
#   a      eth0    192.168.7.11/24  on host:wire
#   b      eth0    192.168.7.12/24  on host:wire
# shellcheck disable=SC2016,SC2043,SC2317,SC2329 # a $ of the lab's own; a loop over one name; functions for traps
{
  # --- frame: the same text in every lab, explained in docs/scripts.md
  set -Eeuo pipefail
  trap : PIPE
  script=up.sh quiet='' dry=''
  tell() { printf '%s: %s\n' "$script" "$*" >&2 || :; }
  case $* in '') ;; -q) quiet=1 ;; -n) dry=1 ;; *) tell 'usage: up.sh [-q] [-n]' && exit 2 ;; esac
  lab=macvlan plan=4178298fa913a104 made='' refused='' here='macvlan.net:2  lab macvlan' bad=0
  say() { if [[ -z $quiet ]]; then tell "$*"; fi; }
  at() { here=$1 && if [[ -z $quiet ]]; then printf '%s\n' "$here" >&2 || :; fi; }
  ours_link() { # LINK: whether there is one of that name that carries the lab's mark, its group
    local seen
    seen=$(ip -o link show dev "$1" group 105937111 2>&1) || if [[ $seen != *'does not exist'* ]]; then bad=1 && tell "$seen"; fi
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
  ours() { # PATTERN COMMAND...: whether a line that COMMAND prints matches
    local line lines
    lines=$("${@:2}") || { bad=1 && tell "at $here: this failed: ${*:2}"; }
    # shellcheck disable=SC2053
    while IFS= read -r line; do if [[ $line == $1 ]]; then return 0; fi; done <<<"$lines"
    return 1
  }
  renamed() { # COMMAND...: removes links with the lab's mark and alias that have another name than the lab gave them
    local line name
    while IFS= read -r line; do
      name=${line#*: } && name=${name%%[@:]*}
      if [[ $line == *"alias netc $lab "* ]]; then undone "the renamed device $name" "$@" "$name"; fi
    done <<<"$(ip -o link show group 105937111)"
  }
  undone() { at "$1" && if ! "${@:2}"; then bad=1; fi; }
  undo() { # removes what is there and carries the lab's mark, last made first
    if ours_netns b && ours '*: eth0[@:]*' ip -n b -N -o link show group 105937111; then undone 'macvlan.net:8  macvlan eth0 192.168.7.12/24 on wire' ip -n b link del dev eth0; fi
    if ours_netns a && ours '*: eth0[@:]*' ip -n a -N -o link show group 105937111; then undone 'macvlan.net:7  macvlan eth0 192.168.7.11/24 on wire' ip -n a link del dev eth0; fi
    if ours_link wire; then undone 'macvlan.net:5  veth wire 192.168.7.1/24 -- far:eth0 192.168.7.2/24' ip link del dev wire; fi
    if ours_netns b; then users b && undone 'macvlan.net:8  netns b' ip netns del b; fi
    if ours_netns a; then users a && undone 'macvlan.net:7  netns a' ip netns del a; fi
    if ours_netns far; then users far && undone 'macvlan.net:4  netns far' ip netns del far; fi
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
    for name in flock ip unshare; do type -P "$name" >/dev/null || refuse "this lab needs the command $name, which is not here"; done
    if ((bad)); then exit 1; fi
    root=$(readlink /proc/self/ns/net)
    root=/run/netc/${root//[!0-9]/} state=$root/$lab
    exec 9</proc/self/ns/net
    flock -w 300 9 # one up.sh or down.sh at a time on this host
    boot=$(</proc/sys/kernel/random/boot_id)
    if [[ -e $state/boot && $(<"$state/boot") != "$boot" ]]; then rm -rf "$state"; fi # it outlived a reboot
    if [[ -e $state/up && $(<"$state/up") == "$plan" ]] && ours_netns far; then trap - EXIT && say "the lab $lab is up already" && exit 0; fi
    if [[ -e $state ]]; then refuse "the lab $lab is up as another version of it, or only in part: run down.sh first" && exit 1; fi
    links=$(ip -o link show)
    for name in wire; do
      if [[ $links$'\n' =~ (': '|'altname ')"$name"[@:\\$'\n'] ]]; then refuse "there is a device $name, which is not the lab's"; fi
    done
    for name in far a b; do [[ ! -e /run/netns/$name ]] || refuse "there is a namespace $name, which is not the lab's"; done
    [[ -z $(ip -o link show group 105937111) ]] || refuse 'there is a device of link group 105937111, the mark of this lab'
    if ours '@(|blackhole |unreachable |prohibit |throw |[6-9] )192.168.7.0/24 *' ip -N route show table main; then refuse 'there is a route to 192.168.7.0/24, which is not the lab'"'"'s (macvlan.net:5)'; fi
    unshare --net ip link add name probe type veth || refuse 'this kernel cannot make a veth (macvlan.net:5  veth wire 192.168.7.1/24 -- far:eth0 192.168.7.2/24)'
    if ((bad)); then exit 1; fi
    made=1
    (umask 022 && mkdir -p "$root") # the first change; nobody else may write there, or they could put in an `undo` of theirs
    mkdir -m 700 "$state"
    printf '%s\n' "$boot" >"$state/boot"
    declare -f undo undone ours_link ours_netns ours users renamed >"$state/undo.new"
    mv "$state/undo.new" "$state/undo" # down.sh goes by it, even if its own file has changed by then
  fi

  # --- the lab

  at 'macvlan.net:4  netns far'
  unshare --net sh -c 'ip link set dev lo alias "$0" up && exec ip netns attach "$1" $$' 'netc macvlan' far

  at 'macvlan.net:7  netns a'
  unshare --net sh -c 'ip link set dev lo alias "$0" up && exec ip netns attach "$1" $$' 'netc macvlan' a

  at 'macvlan.net:8  netns b'
  unshare --net sh -c 'ip link set dev lo alias "$0" up && exec ip netns attach "$1" $$' 'netc macvlan' b

  at 'macvlan.net:5  veth wire 192.168.7.1/24 -- far:eth0 192.168.7.2/24'
  ip link add name wire group 105937111 type veth peer name eth0 group 105937111 netns far
  ip addr add 192.168.7.1/24 brd + dev wire
  ip link set dev wire alias 'netc macvlan macvlan.net:5' up
  ip -n far addr add 192.168.7.2/24 brd + dev eth0
  ip -n far link set dev eth0 alias 'netc macvlan macvlan.net:5' up

  at 'macvlan.net:7  macvlan eth0 192.168.7.11/24 on wire'
  ip link add link wire name eth0 group 105937111 netns a type macvlan mode bridge
  ip -n a addr add 192.168.7.11/24 brd + dev eth0
  ip -n a link set dev eth0 alias 'netc macvlan macvlan.net:7' up

  at 'macvlan.net:8  macvlan eth0 192.168.7.12/24 on wire'
  ip link add link wire name eth0 address 02:00:00:00:07:12 group 105937111 netns b type macvlan mode bridge
  ip -n b addr add 192.168.7.12/24 brd + dev eth0
  ip -n b link set dev eth0 alias 'netc macvlan macvlan.net:8' up

  # --- it is up
  if [[ -n $dry ]]; then exit 0; fi
  trap '' HUP INT QUIT TERM
  printf '%s\n' "$plan" >"$state/up"
  trap - EXIT && say "the lab $lab is up"
  exit 0
}
