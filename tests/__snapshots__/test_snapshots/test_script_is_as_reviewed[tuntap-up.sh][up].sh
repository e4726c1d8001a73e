#!/usr/bin/env bash
# up.sh brings up the lab tuntap; netc wrote it from tuntap.net. Run it as root. down.sh undoes it.
# up.sh -q says nothing but errors; up.sh -n prints the commands and runs none.
#
#   netns  device  addresses     joined
#   host   vpn0    10.9.0.1/24   tun
#   host   vm0     -             tap
#   a      br0     10.10.0.1/24  bridge
#   a      vm1     -             in br0
#   a      vpn1    10.11.0.1/24  tun
#   a      eth0    10.12.0.1/24  to b:eth0
#   b      eth0    10.12.0.2/24  to a:eth0
# shellcheck disable=SC2016,SC2043,SC2317,SC2329 # a $ of the lab's own; a loop over one name; functions for traps
{
  # --- frame: the same text in every lab, explained in docs/scripts.md
  set -Eeuo pipefail
  trap : PIPE
  script=up.sh quiet='' dry=''
  tell() { printf '%s: %s\n' "$script" "$*" >&2 || :; }
  case $* in '') ;; -q) quiet=1 ;; -n) dry=1 ;; *) tell 'usage: up.sh [-q] [-n]' && exit 2 ;; esac
  lab=tuntap plan=71ac6fdd1baedb18 made='' refused='' here='tuntap.net:2  lab tuntap' bad=0
  say() { if [[ -z $quiet ]]; then tell "$*"; fi; }
  at() { here=$1 && if [[ -z $quiet ]]; then printf '%s\n' "$here" >&2 || :; fi; }
  ours_link() { # LINK: whether there is one of that name that carries the lab's mark, its group
    local seen
    seen=$(ip -o link show dev "$1" group 1672037264 2>&1) || if [[ $seen != *'does not exist'* ]]; then bad=1 && tell "$seen"; fi
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
    done <<<"$(ip -o link show group 1672037264)"
  }
  undone() { at "$1" && if ! "${@:2}"; then bad=1; fi; }
  undo() { # removes what is there and carries the lab's mark, last made first
    if ours_link vm0; then undone 'tuntap.net:5  tap vm0' ip link del dev vm0; fi
    if ours_link vpn0; then undone 'tuntap.net:4  tun vpn0 10.9.0.1/24' ip link del dev vpn0; fi
    if ours_netns b; then users b && undone 'tuntap.net:14  netns b' ip netns del b; fi
    if ours_netns a; then users a && undone 'tuntap.net:7  netns a' ip netns del a; fi
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
    for name in flock ip sh sysctl unshare; do type -P "$name" >/dev/null || refuse "this lab needs the command $name, which is not here"; done
    if ((bad)); then exit 1; fi
    root=$(readlink /proc/self/ns/net)
    root=/run/netc/${root//[!0-9]/} state=$root/$lab
    exec 9</proc/self/ns/net
    flock -w 300 9 # one up.sh or down.sh at a time on this host
    boot=$(</proc/sys/kernel/random/boot_id)
    if [[ -e $state/boot && $(<"$state/boot") != "$boot" ]]; then rm -rf "$state"; fi # it outlived a reboot
    if [[ -e $state/up && $(<"$state/up") == "$plan" ]] && ours_netns a; then trap - EXIT && say "the lab $lab is up already" && exit 0; fi
    if [[ -e $state ]]; then refuse "the lab $lab is up as another version of it, or only in part: run down.sh first" && exit 1; fi
    links=$(ip -o link show)
    for name in vpn0 vm0; do
      if [[ $links$'\n' =~ (': '|'altname ')"$name"[@:\\$'\n'] ]]; then refuse "there is a device $name, which is not the lab's"; fi
    done
    for name in a b; do [[ ! -e /run/netns/$name ]] || refuse "there is a namespace $name, which is not the lab's"; done
    [[ -z $(ip -o link show group 1672037264) ]] || refuse 'there is a device of link group 1672037264, the mark of this lab'
    if ours '@(|blackhole |unreachable |prohibit |throw |[6-9] )10.9.0.0/24 *' ip -N route show table main; then refuse 'there is a route to 10.9.0.0/24, which is not the lab'"'"'s (tuntap.net:4)'; fi
    unshare --net ip link add name probe type bridge || refuse 'this kernel cannot make a bridge (tuntap.net:9  bridge br0 10.10.0.1/24)'
    unshare --net ip link add name probe type veth || refuse 'this kernel cannot make a veth (tuntap.net:12  veth eth0 10.12.0.1/24 -- b:eth0 10.12.0.2/24)'
    stat /dev/net/tun >/dev/null 2>&1 || refuse 'there is no /dev/net/tun here (tuntap.net:4)'
    if ((bad)); then exit 1; fi
    made=1
    (umask 022 && mkdir -p "$root") # the first change; nobody else may write there, or they could put in an `undo` of theirs
    mkdir -m 700 "$state"
    printf '%s\n' "$boot" >"$state/boot"
    declare -f undo undone ours_link ours_netns ours users renamed >"$state/undo.new"
    mv "$state/undo.new" "$state/undo" # down.sh goes by it, even if its own file has changed by then
  fi

  # --- the lab

  at 'tuntap.net:7  netns a'
  unshare --net sh -c 'ip link set dev lo alias "$0" up && exec ip netns attach "$1" $$' 'netc tuntap' a

  at 'tuntap.net:14  netns b'
  unshare --net sh -c 'ip link set dev lo alias "$0" up && exec ip netns attach "$1" $$' 'netc tuntap' b

  at 'tuntap.net:8  forward ipv4'
  ip netns exec a sysctl -qw net.ipv4.ip_forward=1

  at 'tuntap.net:4  tun vpn0 10.9.0.1/24'
  unshare --net sh -c 'device=$0 group=$1 && shift && ip tuntap add dev "$device" "$@" && ip link set dev "$device" group "$group" && exec ip link set dev "$device" netns "$PPID"' vpn0 1672037264 mode tun user nobody
  ip link set dev vpn0 mtu 1400
  ip addr add 10.9.0.1/24 brd + dev vpn0
  ip link set dev vpn0 alias 'netc tuntap tuntap.net:4' up

  at 'tuntap.net:5  tap vm0'
  unshare --net sh -c 'device=$0 group=$1 && shift && ip tuntap add dev "$device" "$@" && ip link set dev "$device" group "$group" && exec ip link set dev "$device" netns "$PPID"' vm0 1672037264 mode tap vnet_hdr multi_queue
  ip link set dev vm0 address 02:00:00:00:00:10
  ip link set dev vm0 alias 'netc tuntap tuntap.net:5' up

  at 'tuntap.net:9  bridge br0 10.10.0.1/24'
  ip -n a link add name br0 address 02:e3:00:fd:5c:c5 group 1672037264 type bridge
  ip -n a addr add 10.10.0.1/24 brd + dev br0
  ip -n a link set dev br0 alias 'netc tuntap tuntap.net:9'

  at 'tuntap.net:10  tap vm1'
  ip netns exec a sh -c 'device=$0 group=$1 && shift && ip tuntap add dev "$device" "$@" && exec ip link set dev "$device" group "$group"' vm1 1672037264 mode tap group nogroup
  ip -n a link set dev vm1 alias 'netc tuntap tuntap.net:10' master br0 up

  at 'tuntap.net:11  tun vpn1 10.11.0.1/24'
  ip netns exec a sh -c 'device=$0 group=$1 && shift && ip tuntap add dev "$device" "$@" && exec ip link set dev "$device" group "$group"' vpn1 1672037264 mode tun pi
  ip -n a addr add 10.11.0.1/24 brd + dev vpn1
  ip -n a link set dev vpn1 alias 'netc tuntap tuntap.net:11' up

  at 'tuntap.net:12  veth eth0 10.12.0.1/24 -- b:eth0 10.12.0.2/24'
  ip -n a link add name eth0 group 1672037264 type veth peer name eth0 group 1672037264 netns b
  ip -n a addr add 10.12.0.1/24 brd + dev eth0
  ip -n a link set dev eth0 alias 'netc tuntap tuntap.net:12' up
  ip -n b addr add 10.12.0.2/24 brd + dev eth0
  ip -n b link set dev eth0 alias 'netc tuntap tuntap.net:12' up

  at 'tuntap.net:9  bridge br0 10.10.0.1/24'
  ip -n a link set dev br0 up

  at 'tuntap.net:14  route default via 10.12.0.1'
  ip -n b route add default via 10.12.0.1 dev eth0

  # --- it is up
  if [[ -n $dry ]]; then exit 0; fi
  trap '' HUP INT QUIT TERM
  printf '%s\n' "$plan" >"$state/up"
  trap - EXIT && say "the lab $lab is up"
  exit 0
}
