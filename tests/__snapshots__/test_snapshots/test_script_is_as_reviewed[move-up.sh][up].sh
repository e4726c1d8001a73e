#!/usr/bin/env bash
# up.sh brings up the lab move; netc wrote it from move.net. Run it as root. down.sh undoes it.
# up.sh -q says nothing but errors; up.sh -n prints the commands and runs none.
#
#   netns   device  addresses        joined
#   router  lan     10.0.0.1/24      to client:eth0
#   router  enp2s0  192.168.7.13/24  the host's own
#   client  eth0    10.0.0.2/24      to router:lan
# shellcheck disable=SC2016,SC2043,SC2317,SC2329 # a $ of the lab's own; a loop over one name; functions for traps
{
  # --- frame: the same text in every lab, explained in docs/scripts.md
  set -Eeuo pipefail
  trap : PIPE
  script=up.sh quiet='' dry=''
  tell() { printf '%s: %s\n' "$script" "$*" >&2 || :; }
  case $* in '') ;; -q) quiet=1 ;; -n) dry=1 ;; *) tell 'usage: up.sh [-q] [-n]' && exit 2 ;; esac
  lab=move plan=2ff71193daeaca46 made='' refused='' here='move.net:2  lab move' bad=0
  say() { if [[ -z $quiet ]]; then tell "$*"; fi; }
  at() { here=$1 && if [[ -z $quiet ]]; then printf '%s\n' "$here" >&2 || :; fi; }
  ours_link() { # LINK: whether there is one of that name that carries the lab's mark, its group
    local seen
    seen=$(ip -o link show dev "$1" group 700303557 2>&1) || if [[ $seen != *'does not exist'* ]]; then bad=1 && tell "$seen"; fi
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
  undone() { at "$1" && if ! "${@:2}"; then bad=1; fi; }
  undo() { # removes what is there and carries the lab's mark, last made first
    if ours_netns router && ours '*: enp2s0[@:]*' ip -n router -N -o link show group 700303557; then undone 'move.net:11  move enp2s0 to router 192.168.7.13/24' ip -n router link set dev enp2s0 netns $$; fi
    if ours_link enp2s0; then undone 'move.net:11  move enp2s0 to router 192.168.7.13/24' ip link set dev enp2s0 alias '' group 0; fi
    if ours_netns client; then users client && undone 'move.net:10  netns client' ip netns del client; fi
    if ours_netns router; then users router && undone 'move.net:4  netns router' ip netns del router; fi
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
    links=$(ip -o link show)
    if [[ $links == *': enp2s0'[@:]* ]]; then
      :
    else
      refuse 'there is no device enp2s0 on this host (move.net:11)'
    fi
    for name in router client; do [[ ! -e /run/netns/$name ]] || refuse "there is a namespace $name, which is not the lab's"; done
    [[ -z $(ip -o link show group 700303557) ]] || refuse 'there is a device of link group 700303557, the mark of this lab'
    unshare --net ip link add name probe type veth || refuse 'this kernel cannot make a veth (move.net:6  veth lan 10.0.0.1/24 -- client:eth0 10.0.0.2/24)'
    sh -c 'link=$(ip -o link show dev "$0") && case $link in *[\<,]UP[,\>]*|*" master "*) exit 1 ;; esac' enp2s0 >/dev/null 2>&1 || refuse 'enp2s0 is used: it is up, or belongs to another device (move.net:11)'
    sh -c 'link=$(ip -o link show dev "$0") && case $link in *" alias "*) exit 1 ;; *" group default "*) ;; *) exit 1 ;; esac' enp2s0 >/dev/null 2>&1 || refuse 'enp2s0 is in a link group or has an alias, so it is somebody'"'"'s (move.net:11)'
    sh -c '[ -z "$(ip -o addr show dev "$0")" ]' enp2s0 >/dev/null 2>&1 || refuse 'enp2s0 has addresses of the host, which it would lose (move.net:11)'
    unshare --net nft 'create table inet netc-move { comment "netc move"; }' >/dev/null 2>&1 || refuse 'nft cannot make a table that carries the lab'"'"'s mark: the kernel has no nf_tables, or is older than 5.10 (move.net:7)'
    if ((bad)); then exit 1; fi
    made=1
    (umask 022 && mkdir -p "$root") # the first change; nobody else may write there, or they could put in an `undo` of theirs
    mkdir -m 700 "$state"
    printf '%s\n' "$boot" >"$state/boot"
    declare -f undo undone ours_link ours_netns ours users >"$state/undo.new"
    mv "$state/undo.new" "$state/undo" # down.sh goes by it, even if its own file has changed by then
  fi

  # --- the lab

  at 'move.net:4  netns router'
  unshare --net sh -c 'ip link set dev lo alias "$0" up && exec ip netns attach "$1" $$' 'netc move' router

  at 'move.net:10  netns client'
  unshare --net sh -c 'ip link set dev lo alias "$0" up && exec ip netns attach "$1" $$' 'netc move' client

  at 'move.net:5  forward ipv4'
  ip netns exec router sysctl -qw net.ipv4.ip_forward=1

  at 'move.net:6  veth lan 10.0.0.1/24 -- client:eth0 10.0.0.2/24'
  ip -n router link add name lan group 700303557 type veth peer name eth0 group 700303557 netns client
  ip -n router addr add 10.0.0.1/24 brd + dev lan
  ip -n router link set dev lan alias 'netc move move.net:6' up
  ip -n client addr add 10.0.0.2/24 brd + dev eth0
  ip -n client link set dev eth0 alias 'netc move move.net:6' up

  at 'move.net:11  move enp2s0 to router 192.168.7.13/24'
  ip link set dev enp2s0 group 700303557
  ip link set dev enp2s0 netns router
  ip -n router addr add 192.168.7.13/24 brd + dev enp2s0
  ip -n router link set dev enp2s0 alias 'netc move move.net:11' up

  at 'move.net:8  route default via 192.168.7.1'
  ip -n router route add default via 192.168.7.1 dev enp2s0

  at 'move.net:10  route default via 10.0.0.1'
  ip -n client route add default via 10.0.0.1 dev eth0

  at 'move.net:7  masquerade 10.0.0.0/24 out enp2s0'
  ip netns exec router nft -f - <<'END'
create table inet netc-move { comment "netc move"; }
table inet netc-move {
  chain srcnat {
    type nat hook postrouting priority srcnat; policy accept;
    oifname "enp2s0" ip saddr 10.0.0.0/24 masquerade comment "move.net:7"
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
