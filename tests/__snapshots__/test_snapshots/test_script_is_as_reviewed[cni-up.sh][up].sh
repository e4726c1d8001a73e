#!/usr/bin/env bash
# up.sh brings up the lab cni; netc wrote it from cni.net. Run it as root. down.sh undoes it.
# up.sh -q says nothing but errors; up.sh -n prints the commands and runs none.
#
#   netns  device   addresses                    joined
#   host   lab-br0  10.88.1.1/24                 bridge
#   host   lab-br1  10.90.1.1/24                 bridge
#   host   a-eth0   -                            in lab-br0, to a:eth0
#   host   b-eth0   -                            in lab-br0, to b:eth0
#   host   ptp-c    10.89.1.1/32 fd00:89::1/128  to c:eth0
#   host   ptp-d    10.89.1.1/32 fd00:89::1/128  to d:eth0
#   host   e-eth0   -                            in lab-br1, to e:eth0
#   host   f-eth0   -                            in lab-br1, to f:eth0
#   a      eth0     10.88.1.2/24                 to host:a-eth0
#   b      eth0     10.88.1.9/24                 to host:b-eth0
#   c      eth0     10.89.1.2/32 fd00:89::2/128  to host:ptp-c
#   d      eth0     10.89.1.3/32 fd00:89::3/128  to host:ptp-d
#   e      eth0     10.90.1.2/24                 to host:e-eth0
#   f      eth0     10.90.1.3/24                 to host:f-eth0
#
# The host itself is changed by, until down.sh:
#   sysctl net.ipv4.ip_forward=1  (cni.net:14)
#   sysctl net.ipv6.conf.all.forwarding=1  (cni.net:16)
#   ip route add 10.89.1.2 dev ptp-c proto 132  (cni.net:20)
#   ip -6 route add fd00:89::2 dev ptp-c metric 1024 proto 132  (cni.net:20)
#   ip route add 10.89.1.3 dev ptp-d proto 132  (cni.net:21)
#   ip -6 route add fd00:89::3 dev ptp-d metric 1024 proto 132  (cni.net:21)
#   nftables table inet netc-cni of host  (cni.net:14)
# shellcheck disable=SC2016,SC2043,SC2317,SC2329 # a $ of the lab's own; a loop over one name; functions for traps
{
  # --- frame: the same text in every lab, explained in docs/scripts.md
  set -Eeuo pipefail
  trap : PIPE
  script=up.sh quiet='' dry=''
  tell() { printf '%s: %s\n' "$script" "$*" >&2 || :; }
  case $* in '') ;; -q) quiet=1 ;; -n) dry=1 ;; *) tell 'usage: up.sh [-q] [-n]' && exit 2 ;; esac
  lab=cni plan=1014977d1befcf09 made='' refused='' here='cni.net:2  lab cni' bad=0
  say() { if [[ -z $quiet ]]; then tell "$*"; fi; }
  at() { here=$1 && if [[ -z $quiet ]]; then printf '%s\n' "$here" >&2 || :; fi; }
  ours_link() { # LINK: whether there is one of that name that carries the lab's mark, its group
    local seen
    seen=$(ip -o link show dev "$1" group 608746684 2>&1) || if [[ $seen != *'does not exist'* ]]; then bad=1 && tell "$seen"; fi
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
    done <<<"$(ip -o link show group 608746684)"
  }
  held() { # FILE: prints, as WANTED|OLD, what another lab that is up noted of FILE, if FILE is as that lab wants it
    local notes file wanted old now
    now=$(<"$1") && now=${now//$'\t'/ }
    for notes in "$root"/*/sysctl; do
      if [[ $notes == "$state/sysctl" || ! -e $notes ]]; then continue; fi
      while IFS='|' read -r wanted old file; do
        if [[ $file == "$1" && $wanted == "$now" ]]; then printf '%s\n' "$wanted|$old" && return; fi
      done <"$notes"
    done
    return 1
  }
  restore() { # writes back what note noted, unless another lab holds it or someone else has changed it
    local file wanted old now
    local -A noted=() written=() target=()
    if [[ ! -e $state/sysctl ]]; then return 0; fi
    while IFS='|' read -r wanted old file; do
      if [[ -e $file ]]; then noted[$file]=$old && written[$file]+="|$wanted|"; fi
    done <"$state/sysctl"
    for file in "${!noted[@]}"; do
      now=$(<"$file") && now=${now//$'\t'/ } && target[$file]=$now
      if [[ $now == "${noted[$file]}" ]] || held "$file" >/dev/null; then continue; fi
      if [[ ${written[$file]} == *"|$now|"* ]]; then target[$file]=${noted[$file]}; else tell "$file: left at $now, which someone else wrote"; fi
    done
    for _ in 1 2; do # twice: one parameter may change others along
      for file in "${!target[@]}"; do
        now=$(<"$file") && now=${now//$'\t'/ }
        if [[ $now != "${target[$file]}" ]]; then printf '%s\n' "${target[$file]}" >"$file" || bad=1; fi
      done
    done
  }
  undone() { at "$1" && if ! "${@:2}"; then bad=1; fi; }
  undo() { # removes what is there and carries the lab's mark, last made first
    if ours '?comment "netc cni"' nft -t list ruleset inet; then undone 'cni.net:14  nat return srcnat saddr 10.88.1.0/24 daddr 10.88.1.0/24' nft delete table inet netc-cni; fi
    if ours_link f-eth0; then undone 'cni.net:23  veth eth0 10.90.1.3/24 -- lab-br1' ip link del dev f-eth0; fi
    if ours_link e-eth0; then undone 'cni.net:22  veth eth0 10.90.1.2/24 -- lab-br1' ip link del dev e-eth0; fi
    if ours_link ptp-d; then undone 'cni.net:21  veth eth0 10.89.1.3/32 fd00:89::3/128' ip link del dev ptp-d; fi
    if ours_link ptp-c; then undone 'cni.net:20  veth eth0 10.89.1.2/32 fd00:89::2/128 -- host:ptp-c 10.89.1.1/32 fd00:89::1/128' ip link del dev ptp-c; fi
    if ours_link b-eth0; then undone 'cni.net:19  veth eth0 10.88.1.9/24 -- lab-br0' ip link del dev b-eth0; fi
    if ours_link a-eth0; then undone 'cni.net:18  veth eth0 10.88.1.2/24 -- lab-br0' ip link del dev a-eth0; fi
    if ours_link lab-br1; then undone 'cni.net:15  bridge lab-br1 10.90.1.1/24' ip link del dev lab-br1; fi
    if ours_link lab-br0; then undone 'cni.net:14  bridge lab-br0 10.88.1.1/24' ip link del dev lab-br0; fi
    if ours_netns f; then users f && undone 'cni.net:23  netns f' ip netns del f; fi
    if ours_netns e; then users e && undone 'cni.net:22  netns e' ip netns del e; fi
    if ours_netns d; then users d && undone 'cni.net:21  netns d' ip netns del d; fi
    if ours_netns c; then users c && undone 'cni.net:20  netns c' ip netns del c; fi
    if ours_netns b; then users b && undone 'cni.net:19  netns b' ip netns del b; fi
    if ours_netns a; then users a && undone 'cni.net:18  netns a' ip netns del a; fi
    renamed ip link del dev
    restore
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
  declare -A old=()
  note() { # WANTED FILE...: notes what each FILE holds before a step makes it WANTED
    local file was
    for file in "${@:2}"; do
      # what is written to `default` reaches devices, but not `all`; what a step before noted stays
      if [[ ! -e $file || $2 == */default/* && $file == */all/* ]]; then continue; fi
      if [[ -z ${old[$file]+noted} ]]; then
        if was=$(held "$file"); then old[$file]=${was#*|}; else old[$file]=$(<"$file"); fi
      fi
      printf '%s\n' "$1|${old[$file]//$'\t'/ }|$file" >>"$state/sysctl"
    done
  }
  settle() { # at the end: what did not change along is not the lab's, and what did is as it is now
    local wanted old file now
    while IFS='|' read -r wanted old file; do
      if [[ ! -e $file ]]; then continue; fi
      now=$(<"$file") && now=${now//$'\t'/ }
      if [[ $now == "$wanted" || $now != "$old" ]]; then printf '%s\n' "$now|$old|$file"; fi
    done <"$state/sysctl" >"$state/sysctl.new"
    mv "$state/sysctl.new" "$state/sysctl"
  }
  agree() { # PLACE WANTED FILE...: refuses where another lab holds one of the FILEs at something else than WANTED
    local file as
    for file in "${@:3}"; do
      if [[ -e $file ]] && as=$(held "$file") && [[ ${as%%|*} != "$2" ]]; then
        refuse "another lab that is up wants $file otherwise ($1)"
      fi
    done
  }
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
    if [[ -e $state/up && $(<"$state/up") == "$plan" ]] && ours_netns a; then trap - EXIT && say "the lab $lab is up already" && exit 0; fi
    if [[ -e $state ]]; then refuse "the lab $lab is up as another version of it, or only in part: run down.sh first" && exit 1; fi
    links=$(ip -o link show)
    for name in lab-br0 lab-br1 a-eth0 b-eth0 ptp-c ptp-d e-eth0 f-eth0; do
      if [[ $links$'\n' =~ (': '|'altname ')"$name"[@:\\$'\n'] ]]; then refuse "there is a device $name, which is not the lab's"; fi
    done
    for name in a b c d e f; do [[ ! -e /run/netns/$name ]] || refuse "there is a namespace $name, which is not the lab's"; done
    [[ -z $(ip -o link show group 608746684) ]] || refuse 'there is a device of link group 608746684, the mark of this lab'
    if ours '@(|blackhole |unreachable |prohibit |throw |[6-9] )10.88.1.0/24 *' ip -N route show table main; then refuse 'there is a route to 10.88.1.0/24, which is not the lab'"'"'s (cni.net:14)'; fi
    if ours '@(|blackhole |unreachable |prohibit |throw |[6-9] )10.90.1.0/24 *' ip -N route show table main; then refuse 'there is a route to 10.90.1.0/24, which is not the lab'"'"'s (cni.net:15)'; fi
    if ours '@(|blackhole |unreachable |prohibit |throw |[6-9] )10.89.1.2 *' ip -N route show table main; then refuse 'there is a route to 10.89.1.2, which is not the lab'"'"'s (cni.net:20)'; fi
    if ours '@(|blackhole |unreachable |prohibit |throw |[6-9] )fd00:89::2 *' ip -6 -N route show table main; then refuse 'there is a route to fd00:89::2, which is not the lab'"'"'s (cni.net:20)'; fi
    if ours '@(|blackhole |unreachable |prohibit |throw |[6-9] )10.89.1.3 *' ip -N route show table main; then refuse 'there is a route to 10.89.1.3, which is not the lab'"'"'s (cni.net:21)'; fi
    if ours '@(|blackhole |unreachable |prohibit |throw |[6-9] )fd00:89::3 *' ip -6 -N route show table main; then refuse 'there is a route to fd00:89::3, which is not the lab'"'"'s (cni.net:21)'; fi
    if ours 'table inet netc-cni' nft list tables; then refuse 'there is an nftables table inet netc-cni, which is not the lab'"'"'s (cni.net:14)'; fi
    unshare --net ip link add name probe type bridge || refuse 'this kernel cannot make a bridge (cni.net:14  bridge lab-br0 10.88.1.1/24)'
    unshare --net ip link add name probe type veth || refuse 'this kernel cannot make a veth (cni.net:18  veth eth0 10.88.1.2/24 -- lab-br0)'
    sh -c 'ip -6 route show default proto ra | while read -r _ _ _ _ device _; do [ "$(cat /proc/sys/net/ipv6/conf/"$device"/accept_ra)" = 2 ] || exit 1; done' >/dev/null 2>&1 || refuse 'a router advertised this host'"'"'s default route, and IPv6 forwarding would remove it for good: set net.ipv6.conf.DEVICE.accept_ra to 2 first (cni.net:16)'
    unshare --net nft 'create table inet netc-cni { comment "netc cni"; }' >/dev/null 2>&1 || refuse 'nft cannot make a table that carries the lab'"'"'s mark: the kernel has no nf_tables, or is older than 5.10 (cni.net:14)'
    agree cni.net:14 1 /proc/sys/net/ipv4/ip_forward /proc/sys/net/ipv4/conf/*/forwarding
    agree cni.net:14 0 /proc/sys/net/ipv4/conf/all/accept_redirects
    agree cni.net:16 1 /proc/sys/net/ipv6/conf/all/forwarding /proc/sys/net/ipv6/conf/*/forwarding
    if ((bad)); then exit 1; fi
    made=1
    (umask 022 && mkdir -p "$root") # the first change; nobody else may write there, or they could put in an `undo` of theirs
    mkdir -m 700 "$state"
    printf '%s\n' "$boot" >"$state/boot"
    declare -f undo undone ours_link ours_netns ours users renamed held restore >"$state/undo.new"
    mv "$state/undo.new" "$state/undo" # down.sh goes by it, even if its own file has changed by then
  fi

  # --- the lab

  at 'cni.net:14  forward ipv4'
  note 1 /proc/sys/net/ipv4/ip_forward /proc/sys/net/ipv4/conf/*/forwarding
  note 0 /proc/sys/net/ipv4/conf/all/accept_redirects
  sysctl -qw net.ipv4.ip_forward=1

  at 'cni.net:16  forward ipv4 ipv6'
  note 1 /proc/sys/net/ipv6/conf/all/forwarding /proc/sys/net/ipv6/conf/*/forwarding
  sysctl -qw net.ipv6.conf.all.forwarding=1

  at 'cni.net:18  netns a'
  unshare --net sh -c 'ip link set dev lo alias "$0" up && exec ip netns attach "$1" $$' 'netc cni' a

  at 'cni.net:19  netns b'
  unshare --net sh -c 'ip link set dev lo alias "$0" up && exec ip netns attach "$1" $$' 'netc cni' b

  at 'cni.net:20  netns c'
  unshare --net sh -c 'ip link set dev lo alias "$0" up && exec ip netns attach "$1" $$' 'netc cni' c

  at 'cni.net:21  netns d'
  unshare --net sh -c 'ip link set dev lo alias "$0" up && exec ip netns attach "$1" $$' 'netc cni' d

  at 'cni.net:22  netns e'
  unshare --net sh -c 'ip link set dev lo alias "$0" up && exec ip netns attach "$1" $$' 'netc cni' e

  at 'cni.net:23  netns f'
  unshare --net sh -c 'ip link set dev lo alias "$0" up && exec ip netns attach "$1" $$' 'netc cni' f

  at 'cni.net:14  bridge lab-br0 10.88.1.1/24'
  ip link add name lab-br0 address 02:ff:86:52:4e:28 group 608746684 type bridge
  ip addr add 10.88.1.1/24 brd + dev lab-br0
  ip link set dev lab-br0 alias 'netc cni cni.net:14'

  at 'cni.net:15  bridge lab-br1 10.90.1.1/24'
  ip link add name lab-br1 address 02:c6:12:d6:1d:fb group 608746684 type bridge
  ip addr add 10.90.1.1/24 brd + dev lab-br1
  ip link set dev lab-br1 alias 'netc cni cni.net:15'

  at 'cni.net:18  veth eth0 10.88.1.2/24 -- lab-br0'
  ip link add name a-eth0 group 608746684 type veth peer name eth0 group 608746684 netns a
  ip link set dev a-eth0 alias 'netc cni cni.net:18' master lab-br0 up
  ip -n a addr add 10.88.1.2/24 brd + dev eth0
  ip -n a link set dev eth0 alias 'netc cni cni.net:18' up

  at 'cni.net:19  veth eth0 10.88.1.9/24 -- lab-br0'
  ip link add name b-eth0 group 608746684 type veth peer name eth0 group 608746684 netns b
  ip link set dev b-eth0 alias 'netc cni cni.net:19' master lab-br0 up
  ip -n b addr add 10.88.1.9/24 brd + dev eth0
  ip -n b link set dev eth0 alias 'netc cni cni.net:19' up

  at 'cni.net:20  veth eth0 10.89.1.2/32 fd00:89::2/128 -- host:ptp-c 10.89.1.1/32 fd00:89::1/128'
  ip link add name ptp-c group 608746684 type veth peer name eth0 group 608746684 netns c
  ip addr add 10.89.1.1/32 dev ptp-c
  ip addr add fd00:89::1/128 dev ptp-c nodad
  ip link set dev ptp-c alias 'netc cni cni.net:20' up
  ip -n c addr add 10.89.1.2/32 dev eth0
  ip -n c addr add fd00:89::2/128 dev eth0 nodad
  ip -n c link set dev eth0 alias 'netc cni cni.net:20' up

  at 'cni.net:21  veth eth0 10.89.1.3/32 fd00:89::3/128'
  ip link add name ptp-d mtu 1400 group 608746684 type veth peer name eth0 mtu 1400 group 608746684 netns d
  ip addr add 10.89.1.1/32 dev ptp-d
  ip addr add fd00:89::1/128 dev ptp-d nodad
  ip link set dev ptp-d alias 'netc cni cni.net:21' up
  ip -n d addr add 10.89.1.3/32 dev eth0
  ip -n d addr add fd00:89::3/128 dev eth0 nodad
  ip -n d link set dev eth0 alias 'netc cni cni.net:21' up

  at 'cni.net:22  veth eth0 10.90.1.2/24 -- lab-br1'
  ip link add name e-eth0 group 608746684 type veth peer name eth0 group 608746684 netns e
  ip link set dev e-eth0 alias 'netc cni cni.net:22' master lab-br1 up
  ip link set dev e-eth0 type bridge_slave isolated on
  ip -n e addr add 10.90.1.2/24 brd + dev eth0
  ip -n e link set dev eth0 alias 'netc cni cni.net:22' up

  at 'cni.net:23  veth eth0 10.90.1.3/24 -- lab-br1'
  ip link add name f-eth0 group 608746684 type veth peer name eth0 group 608746684 netns f
  ip link set dev f-eth0 alias 'netc cni cni.net:23' master lab-br1 up
  ip link set dev f-eth0 type bridge_slave isolated on
  ip -n f addr add 10.90.1.3/24 brd + dev eth0
  ip -n f link set dev eth0 alias 'netc cni cni.net:23' up

  at 'cni.net:14  bridge lab-br0 10.88.1.1/24'
  ip link set dev lab-br0 up

  at 'cni.net:15  bridge lab-br1 10.90.1.1/24'
  ip link set dev lab-br1 up

  at 'cni.net:20  route 10.89.1.1 dev eth0 scope link src 10.89.1.2'
  ip -n c route add 10.89.1.1 dev eth0 scope link src 10.89.1.2

  at 'cni.net:20  route fd00:89::1 dev eth0 src fd00:89::2'
  ip -n c -6 route add fd00:89::1 dev eth0 src fd00:89::2

  at 'cni.net:20  route 10.89.1.2 dev ptp-c'
  ip route add 10.89.1.2 dev ptp-c proto 132

  at 'cni.net:20  route fd00:89::2 dev ptp-c'
  ip -6 route add fd00:89::2 dev ptp-c metric 1024 proto 132

  at 'cni.net:21  route 10.89.1.1 dev eth0 scope link src 10.89.1.3'
  ip -n d route add 10.89.1.1 dev eth0 scope link src 10.89.1.3

  at 'cni.net:21  route fd00:89::1 dev eth0 src fd00:89::3'
  ip -n d -6 route add fd00:89::1 dev eth0 src fd00:89::3

  at 'cni.net:21  route 10.89.1.3 dev ptp-d'
  ip route add 10.89.1.3 dev ptp-d proto 132

  at 'cni.net:21  route fd00:89::3 dev ptp-d'
  ip -6 route add fd00:89::3 dev ptp-d metric 1024 proto 132

  at 'cni.net:18  route default via 10.88.1.1'
  ip -n a route add default via 10.88.1.1 dev eth0

  at 'cni.net:19  route default via 10.88.1.1'
  ip -n b route add default via 10.88.1.1 dev eth0

  at 'cni.net:20  route 10.89.1.0/24 via 10.89.1.1 dev eth0 src 10.89.1.2'
  ip -n c route add 10.89.1.0/24 via 10.89.1.1 dev eth0 src 10.89.1.2

  at 'cni.net:20  route default via 10.89.1.1 dev eth0'
  ip -n c route add default via 10.89.1.1 dev eth0

  at 'cni.net:20  route fd00:89::/64 via fd00:89::1 dev eth0 src fd00:89::2'
  ip -n c -6 route add fd00:89::/64 via fd00:89::1 dev eth0 src fd00:89::2

  at 'cni.net:20  route default via fd00:89::1 dev eth0'
  ip -n c -6 route add default via fd00:89::1 dev eth0

  at 'cni.net:21  route 10.89.1.0/24 via 10.89.1.1 dev eth0 src 10.89.1.3'
  ip -n d route add 10.89.1.0/24 via 10.89.1.1 dev eth0 src 10.89.1.3

  at 'cni.net:21  route default via 10.89.1.1 dev eth0'
  ip -n d route add default via 10.89.1.1 dev eth0

  at 'cni.net:21  route fd00:89::/64 via fd00:89::1 dev eth0 src fd00:89::3'
  ip -n d -6 route add fd00:89::/64 via fd00:89::1 dev eth0 src fd00:89::3

  at 'cni.net:21  route default via fd00:89::1 dev eth0'
  ip -n d -6 route add default via fd00:89::1 dev eth0

  at 'cni.net:22  route default via 10.90.1.1'
  ip -n e route add default via 10.90.1.1 dev eth0

  at 'cni.net:23  route default via 10.90.1.1'
  ip -n f route add default via 10.90.1.1 dev eth0

  at 'cni.net:14  nat return srcnat saddr 10.88.1.0/24 daddr 10.88.1.0/24'
  nft -f - <<'END'
create table inet netc-cni { comment "netc cni"; }
table inet netc-cni {
  chain srcnat {
    type nat hook postrouting priority srcnat; policy accept;
    ip saddr 10.88.1.0/24 ip daddr 10.88.1.0/24 return comment "cni.net:14"
    ip saddr 10.88.1.0/24 ip daddr != 224.0.0.0/4 masquerade comment "cni.net:14"
  }
}
END

  # --- it is up
  if [[ -n $dry ]]; then exit 0; fi
  if [[ -e $state/sysctl ]]; then settle; fi
  trap '' HUP INT QUIT TERM
  printf '%s\n' "$plan" >"$state/up"
  trap - EXIT && say "the lab $lab is up"
  exit 0
}
