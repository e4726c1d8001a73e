#!/usr/bin/env bash
# up.sh brings up the lab mirror; netc wrote it from mirror.net. Run it as root. down.sh undoes it.
# up.sh -q says nothing but errors; up.sh -n prints the commands and runs none.
#
#   netns     device  addresses    joined
#   host      sw      -            bridge
#   host      server  -            in sw, to server:eth0
#   host      client  -            in sw, to client:eth0
#   host      tap     -            to analyser:probe
#   server    eth0    10.0.0.1/24  to host:server
#   client    eth0    10.0.0.2/24  to host:client
#   analyser  probe   -            to host:tap
# shellcheck disable=SC2016,SC2043,SC2317,SC2329 # a $ of the lab's own; a loop over one name; functions for traps
{
  # --- frame: the same text in every lab, explained in docs/scripts.md
  set -Eeuo pipefail
  trap : PIPE
  script=up.sh quiet='' dry=''
  tell() { printf '%s: %s\n' "$script" "$*" >&2 || :; }
  case $* in '') ;; -q) quiet=1 ;; -n) dry=1 ;; *) tell 'usage: up.sh [-q] [-n]' && exit 2 ;; esac
  lab=mirror plan=5f7326626d39ee0f made='' refused='' here='mirror.net:2  lab mirror' bad=0
  say() { if [[ -z $quiet ]]; then tell "$*"; fi; }
  at() { here=$1 && if [[ -z $quiet ]]; then printf '%s\n' "$here" >&2 || :; fi; }
  ours_link() { # LINK: whether there is one of that name that carries the lab's mark, its group
    local seen
    seen=$(ip -o link show dev "$1" group 1800526318 2>&1) || if [[ $seen != *'does not exist'* ]]; then bad=1 && tell "$seen"; fi
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
    done <<<"$(ip -o link show group 1800526318)"
  }
  undone() { at "$1" && if ! "${@:2}"; then bad=1; fi; }
  undo() { # removes what is there and carries the lab's mark, last made first
    if ours_link tap; then undone 'mirror.net:7  veth probe -- host:tap' ip link del dev tap; fi
    if ours_link client; then undone 'mirror.net:6  veth eth0 10.0.0.2/24 -- sw:client' ip link del dev client; fi
    if ours_link server; then undone 'mirror.net:5  veth eth0 10.0.0.1/24 -- sw:server' ip link del dev server; fi
    if ours_link sw; then undone 'mirror.net:4  bridge sw' ip link del dev sw; fi
    if ours_netns analyser; then users analyser && undone 'mirror.net:7  netns analyser' ip netns del analyser; fi
    if ours_netns client; then users client && undone 'mirror.net:6  netns client' ip netns del client; fi
    if ours_netns server; then users server && undone 'mirror.net:5  netns server' ip netns del server; fi
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
    for name in flock ip tc unshare; do type -P "$name" >/dev/null || refuse "this lab needs the command $name, which is not here"; done
    if ((bad)); then exit 1; fi
    root=$(readlink /proc/self/ns/net)
    root=/run/netc/${root//[!0-9]/} state=$root/$lab
    exec 9</proc/self/ns/net
    flock -w 300 9 # one up.sh or down.sh at a time on this host
    boot=$(</proc/sys/kernel/random/boot_id)
    if [[ -e $state/boot && $(<"$state/boot") != "$boot" ]]; then rm -rf "$state"; fi # it outlived a reboot
    if [[ -e $state/up && $(<"$state/up") == "$plan" ]] && ours_netns server; then trap - EXIT && say "the lab $lab is up already" && exit 0; fi
    if [[ -e $state ]]; then refuse "the lab $lab is up as another version of it, or only in part: run down.sh first" && exit 1; fi
    links=$(ip -o link show)
    for name in sw server client tap; do
      if [[ $links$'\n' =~ (': '|'altname ')"$name"[@:\\$'\n'] ]]; then refuse "there is a device $name, which is not the lab's"; fi
    done
    for name in server client analyser; do [[ ! -e /run/netns/$name ]] || refuse "there is a namespace $name, which is not the lab's"; done
    [[ -z $(ip -o link show group 1800526318) ]] || refuse 'there is a device of link group 1800526318, the mark of this lab'
    unshare --net ip link add name probe type bridge || refuse 'this kernel cannot make a bridge (mirror.net:4  bridge sw)'
    unshare --net ip link add name probe type veth || refuse 'this kernel cannot make a veth (mirror.net:5  veth eth0 10.0.0.1/24 -- sw:server)'
    unshare --net sh -c 'tc qdisc add dev lo clsact && tc filter add dev lo ingress protocol all u32 match u32 0 0 action mirred egress mirror dev lo' >/dev/null 2>&1 || refuse 'this kernel cannot mirror or redirect packets: clsact, cls_u32 or act_mirred is missing (mirror.net:9)'
    if ((bad)); then exit 1; fi
    made=1
    (umask 022 && mkdir -p "$root") # the first change; nobody else may write there, or they could put in an `undo` of theirs
    mkdir -m 700 "$state"
    printf '%s\n' "$boot" >"$state/boot"
    declare -f undo undone ours_link ours_netns users renamed >"$state/undo.new"
    mv "$state/undo.new" "$state/undo" # down.sh goes by it, even if its own file has changed by then
  fi

  # --- the lab

  at 'mirror.net:5  netns server'
  unshare --net sh -c 'ip link set dev lo alias "$0" up && exec ip netns attach "$1" $$' 'netc mirror' server

  at 'mirror.net:6  netns client'
  unshare --net sh -c 'ip link set dev lo alias "$0" up && exec ip netns attach "$1" $$' 'netc mirror' client

  at 'mirror.net:7  netns analyser'
  unshare --net sh -c 'ip link set dev lo alias "$0" up && exec ip netns attach "$1" $$' 'netc mirror' analyser

  at 'mirror.net:4  bridge sw'
  ip link add name sw address 02:2d:c6:fc:00:05 group 1800526318 type bridge
  ip link set dev sw alias 'netc mirror mirror.net:4'

  at 'mirror.net:5  veth eth0 10.0.0.1/24 -- sw:server'
  ip link add name server group 1800526318 type veth peer name eth0 group 1800526318 netns server
  ip link set dev server alias 'netc mirror mirror.net:5' master sw up
  ip -n server addr add 10.0.0.1/24 brd + dev eth0
  ip -n server link set dev eth0 alias 'netc mirror mirror.net:5' up

  at 'mirror.net:6  veth eth0 10.0.0.2/24 -- sw:client'
  ip link add name client group 1800526318 type veth peer name eth0 group 1800526318 netns client
  ip link set dev client alias 'netc mirror mirror.net:6' master sw up
  ip -n client addr add 10.0.0.2/24 brd + dev eth0
  ip -n client link set dev eth0 alias 'netc mirror mirror.net:6' up

  at 'mirror.net:7  veth probe -- host:tap'
  ip link add name tap group 1800526318 type veth peer name probe group 1800526318 netns analyser
  ip link set dev tap alias 'netc mirror mirror.net:7' up
  ip -n analyser link set dev probe alias 'netc mirror mirror.net:7' up

  at 'mirror.net:4  bridge sw'
  ip link set dev sw up

  at 'mirror.net:9  mirror server to tap'
  tc qdisc add dev server clsact
  tc filter add dev server ingress protocol all pref 1 u32 match u32 0 0 action mirred egress mirror dev tap continue
  tc filter add dev server egress protocol all pref 1 u32 match u32 0 0 action mirred egress mirror dev tap continue

  # --- it is up
  if [[ -n $dry ]]; then exit 0; fi
  trap '' HUP INT QUIT TERM
  printf '%s\n' "$plan" >"$state/up"
  trap - EXIT && say "the lab $lab is up"
  exit 0
}
