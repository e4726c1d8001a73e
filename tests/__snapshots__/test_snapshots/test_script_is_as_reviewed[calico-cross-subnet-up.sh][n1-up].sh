#!/usr/bin/env bash
# up.sh brings up the lab calico-cross-subnet on the host n1; netc wrote it from calico-cross-subnet.net. Run it as root. down.sh undoes it.
# up.sh -q says nothing but errors; up.sh -n prints the commands and runs none.
#
#   netns  device           addresses                           joined
#   n1     eth0             192.168.50.11/24 fd00:50::11/64     the host's own, on east
#   n1     vxlan.calico     192.168.100.64/32                   on n1:eth0
#   n1     vxlan-v6.calico  fd00:100::40/128                    on n1:eth0
#   n1     cali-a           -                                   to a:eth0
#   n1     cali-b           -                                   to b:eth0
#   a      eth0             192.168.100.65/32 fd00:100::41/128  to n1:cali-a
#   b      eth0             192.168.100.66/32 fd00:100::42/128  to n1:cali-b
#
# The host itself is changed by, until down.sh:
#   sysctl net.ipv4.ip_forward=1  (calico-cross-subnet.net:17)
#   sysctl net.ipv6.conf.all.forwarding=1  (calico-cross-subnet.net:17)
#   ip route add 169.254.1.1 dev lo proto 227  (calico-cross-subnet.net:17)
#   ip route add blackhole 192.168.100.64/26 proto 227  (calico-cross-subnet.net:17)
#   ip -6 route add blackhole fd00:100::40/122 metric 1024 proto 227  (calico-cross-subnet.net:17)
#   ip route add 192.168.100.65 dev cali-a scope link proto 227  (calico-cross-subnet.net:18)
#   ip -6 route add fd00:100::41 dev cali-a metric 1024 proto 227  (calico-cross-subnet.net:18)
#   ip route add 192.168.100.66 dev cali-b scope link proto 227  (calico-cross-subnet.net:19)
#   ip -6 route add fd00:100::42 dev cali-b metric 1024 proto 227  (calico-cross-subnet.net:19)
#   ip route add 192.168.60.0/24 via 192.168.50.1 dev eth0 proto 227  (calico-cross-subnet.net:15)
#   ip -6 route add fd00:60::/64 via fd00:50::1 dev eth0 metric 1024 proto 227  (calico-cross-subnet.net:16)
#   ip route add 192.168.100.128/26 via 192.168.50.12 dev eth0 proto 227  (calico-cross-subnet.net:17)
#   ip route add 192.168.100.192/26 via 192.168.100.192 dev vxlan.calico onlink proto 227  (calico-cross-subnet...
#   ip -6 route add fd00:100::80/122 via fd00:50::12 dev eth0 metric 1024 proto 227  (calico-cross-subnet.net:17)
#   ip -6 route add fd00:100::c0/122 via fd00:100::c0 dev vxlan-v6.calico onlink metric 1024 proto 227  (calico...
#   nftables table inet netc-calico-cross-subnet of n1  (calico-cross-subnet.net:17)
# shellcheck disable=SC2016,SC2043,SC2317,SC2329 # a $ of the lab's own; a loop over one name; functions for traps
{
  # --- frame: the same text in every lab, explained in docs/scripts.md
  set -Eeuo pipefail
  trap : PIPE
  script=up.sh quiet='' dry=''
  tell() { printf '%s: %s\n' "$script" "$*" >&2 || :; }
  case $* in '') ;; -q) quiet=1 ;; -n) dry=1 ;; *) tell 'usage: up.sh [-q] [-n]' && exit 2 ;; esac
  lab=calico-cross-subnet plan=5cc063858f7e8297 made='' refused='' here='calico-cross-subnet.net:2  lab calico-cross-subnet' bad=0
  say() { if [[ -z $quiet ]]; then tell "$*"; fi; }
  at() { here=$1 && if [[ -z $quiet ]]; then printf '%s\n' "$here" >&2 || :; fi; }
  ours_link() { # LINK: whether there is one of that name that carries the lab's mark, its group
    local seen
    seen=$(ip -o link show dev "$1" group 862592345 2>&1) || if [[ $seen != *'does not exist'* ]]; then bad=1 && tell "$seen"; fi
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
    done <<<"$(ip -o link show group 862592345)"
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
    if ours '?comment "netc calico-cross-subnet"' nft -t list ruleset inet; then undone 'calico-cross-subnet.net:17  masquerade 192.168.100.0/22 out eth0 daddr not 192.168.100.0/22' nft delete table inet netc-calico-cross-subnet; fi
    if ours 'fd00:100::80/122 *metric 1024 *' ip -6 -N route show table main proto 227; then undone 'calico-cross-subnet.net:17  route fd00:100::80/122 via fd00:50::12 dev eth0' ip -6 route del fd00:100::80/122 via fd00:50::12 dev eth0 metric 1024 proto 227; fi
    if ours '192.168.100.128/26 !(*metric *)' ip -N route show table main proto 227; then undone 'calico-cross-subnet.net:17  route 192.168.100.128/26 via 192.168.50.12 dev eth0' ip route del 192.168.100.128/26 via 192.168.50.12 dev eth0 proto 227; fi
    if ours 'fd00:60::/64 *metric 1024 *' ip -6 -N route show table main proto 227; then undone 'calico-cross-subnet.net:16  route fd00:60::/64 via fd00:50::1' ip -6 route del fd00:60::/64 via fd00:50::1 dev eth0 metric 1024 proto 227; fi
    if ours '192.168.60.0/24 !(*metric *)' ip -N route show table main proto 227; then undone 'calico-cross-subnet.net:15  route 192.168.60.0/24 via 192.168.50.1' ip route del 192.168.60.0/24 via 192.168.50.1 dev eth0 proto 227; fi
    if ours '@(blackhole|6) fd00:100::40/122 *metric 1024 *' ip -6 -N route show table main proto 227; then undone 'calico-cross-subnet.net:17  route blackhole fd00:100::40/122' ip -6 route del blackhole fd00:100::40/122 metric 1024 proto 227; fi
    if ours '@(blackhole|6) 192.168.100.64/26 !(*metric *)' ip -N route show table main proto 227; then undone 'calico-cross-subnet.net:17  route blackhole 192.168.100.64/26' ip route del blackhole 192.168.100.64/26 proto 227; fi
    if ours '169.254.1.1 !(*metric *)' ip -N route show table main proto 227; then undone 'calico-cross-subnet.net:17  route 169.254.1.1 dev lo' ip route del 169.254.1.1 dev lo proto 227; fi
    if ours_link cali-b; then undone 'calico-cross-subnet.net:19  veth eth0 192.168.100.66/32 fd00:100::42/128 -- n1:cali-b' ip link del dev cali-b; fi
    if ours_link cali-a; then undone 'calico-cross-subnet.net:18  veth eth0 192.168.100.65/32 fd00:100::41/128 -- n1:cali-a' ip link del dev cali-a; fi
    if ours_link vxlan-v6.calico; then undone 'calico-cross-subnet.net:17  vxlan vxlan-v6.calico fd00:100::40/128 on eth0' ip link del dev vxlan-v6.calico; fi
    if ours_link vxlan.calico; then undone 'calico-cross-subnet.net:17  vxlan vxlan.calico 192.168.100.64/32 on eth0' ip link del dev vxlan.calico; fi
    if ours_netns b; then users b && undone 'calico-cross-subnet.net:19  netns b' ip netns del b; fi
    if ours_netns a; then users a && undone 'calico-cross-subnet.net:18  netns a' ip netns del a; fi
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
    for name in bridge flock ip nft sysctl unshare; do type -P "$name" >/dev/null || refuse "this lab needs the command $name, which is not here"; done
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
    for name in vxlan.calico vxlan-v6.calico cali-a cali-b; do
      if [[ $links$'\n' =~ (': '|'altname ')"$name"[@:\\$'\n'] ]]; then refuse "there is a device $name, which is not the lab's"; fi
    done
    if [[ $links == *': eth0'[@:]* ]]; then
      ours '*inet* 192.168.50.11/24 *' ip -o addr show dev eth0 || refuse 'the uplink eth0 has not the address 192.168.50.11/24: is this the host n1? (calico-cross-subnet.net:14)'
      ours '*inet* fd00:50::11/64 *' ip -o addr show dev eth0 || refuse 'the uplink eth0 has not the address fd00:50::11/64: is this the host n1? (calico-cross-subnet.net:14)'
    else
      refuse 'there is no uplink eth0 on this host: is this the host n1? (calico-cross-subnet.net:14)'
    fi
    for name in a b; do [[ ! -e /run/netns/$name ]] || refuse "there is a namespace $name, which is not the lab's"; done
    [[ -z $(ip -o link show group 862592345) ]] || refuse 'there is a device of link group 862592345, the mark of this lab'
    if ours '@(|blackhole |unreachable |prohibit |throw |[6-9] )192.168.60.0/24 *' ip -N route show table main; then refuse 'there is a route to 192.168.60.0/24, which is not the lab'"'"'s (calico-cross-subnet.net:15)'; fi
    if ours '@(|blackhole |unreachable |prohibit |throw |[6-9] )fd00:60::/64 *' ip -6 -N route show table main; then refuse 'there is a route to fd00:60::/64, which is not the lab'"'"'s (calico-cross-subnet.net:16)'; fi
    if ours '@(|blackhole |unreachable |prohibit |throw |[6-9] )169.254.1.1 *' ip -N route show table main; then refuse 'there is a route to 169.254.1.1, which is not the lab'"'"'s (calico-cross-subnet.net:17)'; fi
    if ours '@(|blackhole |unreachable |prohibit |throw |[6-9] )192.168.100.128/26 *' ip -N route show table main; then refuse 'there is a route to 192.168.100.128/26, which is not the lab'"'"'s (calico-cross-subnet.net:17)'; fi
    if ours '@(|blackhole |unreachable |prohibit |throw |[6-9] )192.168.100.192/26 *' ip -N route show table main; then refuse 'there is a route to 192.168.100.192/26, which is not the lab'"'"'s (calico-cross-subnet.net:17)'; fi
    if ours '@(|blackhole |unreachable |prohibit |throw |[6-9] )192.168.100.64/26 *' ip -N route show table main; then refuse 'there is a route to 192.168.100.64/26, which is not the lab'"'"'s (calico-cross-subnet.net:17)'; fi
    if ours '@(|blackhole |unreachable |prohibit |throw |[6-9] )fd00:100::80/122 *' ip -6 -N route show table main; then refuse 'there is a route to fd00:100::80/122, which is not the lab'"'"'s (calico-cross-subnet.net:17)'; fi
    if ours '@(|blackhole |unreachable |prohibit |throw |[6-9] )fd00:100::c0/122 *' ip -6 -N route show table main; then refuse 'there is a route to fd00:100::c0/122, which is not the lab'"'"'s (calico-cross-subnet.net:17)'; fi
    if ours '@(|blackhole |unreachable |prohibit |throw |[6-9] )fd00:100::40/122 *' ip -6 -N route show table main; then refuse 'there is a route to fd00:100::40/122, which is not the lab'"'"'s (calico-cross-subnet.net:17)'; fi
    if ours '@(|blackhole |unreachable |prohibit |throw |[6-9] )192.168.100.65 *' ip -N route show table main; then refuse 'there is a route to 192.168.100.65, which is not the lab'"'"'s (calico-cross-subnet.net:18)'; fi
    if ours '@(|blackhole |unreachable |prohibit |throw |[6-9] )fd00:100::41 *' ip -6 -N route show table main; then refuse 'there is a route to fd00:100::41, which is not the lab'"'"'s (calico-cross-subnet.net:18)'; fi
    if ours '@(|blackhole |unreachable |prohibit |throw |[6-9] )192.168.100.66 *' ip -N route show table main; then refuse 'there is a route to 192.168.100.66, which is not the lab'"'"'s (calico-cross-subnet.net:19)'; fi
    if ours '@(|blackhole |unreachable |prohibit |throw |[6-9] )fd00:100::42 *' ip -6 -N route show table main; then refuse 'there is a route to fd00:100::42, which is not the lab'"'"'s (calico-cross-subnet.net:19)'; fi
    if ours 'table inet netc-calico-cross-subnet' nft list tables; then refuse 'there is an nftables table inet netc-calico-cross-subnet, which is not the lab'"'"'s (calico-cross-subnet.net:17)'; fi
    unshare --net ip link add name probe type vxlan id 1 dstport 4789 || refuse 'this kernel cannot make a vxlan (calico-cross-subnet.net:17  vxlan vxlan.calico 192.168.100.64/32 on eth0)'
    unshare --net ip link add name probe type veth || refuse 'this kernel cannot make a veth (calico-cross-subnet.net:18  veth eth0 192.168.100.65/32 fd00:100::41/128 --...'
    sh -c 'ip -6 route show default proto ra | while read -r _ _ _ _ device _; do [ "$(cat /proc/sys/net/ipv6/conf/"$device"/accept_ra)" = 2 ] || exit 1; done' >/dev/null 2>&1 || refuse 'a router advertised this host'"'"'s default route, and IPv6 forwarding would remove it for good: set net.ipv6.conf.DEVICE.accept_ra to 2 first (calico-cross-subnet.net:17)'
    unshare --net nft 'create table inet netc-calico-cross-subnet { comment "netc calico-cross-subnet"; }' >/dev/null 2>&1 || refuse 'nft cannot make a table that carries the lab'"'"'s mark: the kernel has no nf_tables, or is older than 5.10 (calico-cross-subnet.net:17)'
    agree calico-cross-subnet.net:17 1 /proc/sys/net/ipv4/ip_forward /proc/sys/net/ipv4/conf/*/forwarding /proc/sys/net/ipv6/conf/all/forwarding /proc/sys/net/ipv6/conf/*/forwarding
    agree calico-cross-subnet.net:17 0 /proc/sys/net/ipv4/conf/all/accept_redirects
    if ((bad)); then exit 1; fi
    made=1
    (umask 022 && mkdir -p "$root") # the first change; nobody else may write there, or they could put in an `undo` of theirs
    mkdir -m 700 "$state"
    printf '%s\n' "$boot" >"$state/boot"
    declare -f undo undone ours_link ours_netns ours users renamed held restore >"$state/undo.new"
    mv "$state/undo.new" "$state/undo" # down.sh goes by it, even if its own file has changed by then
  fi

  # --- the lab

  at 'calico-cross-subnet.net:17  forward ipv4 ipv6'
  note 1 /proc/sys/net/ipv4/ip_forward /proc/sys/net/ipv4/conf/*/forwarding
  note 0 /proc/sys/net/ipv4/conf/all/accept_redirects
  sysctl -qw net.ipv4.ip_forward=1
  note 1 /proc/sys/net/ipv6/conf/all/forwarding /proc/sys/net/ipv6/conf/*/forwarding
  sysctl -qw net.ipv6.conf.all.forwarding=1

  at 'calico-cross-subnet.net:18  netns a'
  unshare --net sh -c 'ip link set dev lo alias "$0" up && exec ip netns attach "$1" $$' 'netc calico-cross-subnet' a

  at 'calico-cross-subnet.net:19  netns b'
  unshare --net sh -c 'ip link set dev lo alias "$0" up && exec ip netns attach "$1" $$' 'netc calico-cross-subnet' b

  at 'calico-cross-subnet.net:18  sysctl net.ipv4.ip_forward = 0'
  ip netns exec a sysctl -qw net.ipv4.ip_forward=0

  at 'calico-cross-subnet.net:19  sysctl net.ipv4.ip_forward = 0'
  ip netns exec b sysctl -qw net.ipv4.ip_forward=0

  at 'calico-cross-subnet.net:17  vxlan vxlan.calico 192.168.100.64/32 on eth0'
  ip link add name vxlan.calico address 02:a5:fb:7b:62:a8 mtu 1450 group 862592345 type vxlan id 4096 dstport 4789 local 192.168.50.11 nolearning dev eth0
  ip addr add 192.168.100.64/32 dev vxlan.calico
  ip link set dev vxlan.calico alias 'netc calico-cross-subnet calico-cross-subnet.net:17' up

  at 'calico-cross-subnet.net:17  vxlan vxlan-v6.calico fd00:100::40/128 on eth0'
  ip link add name vxlan-v6.calico address 02:62:26:a1:55:03 mtu 1430 group 862592345 type vxlan id 4096 dstport 4789 local fd00:50::11 nolearning dev eth0
  ip addr add fd00:100::40/128 dev vxlan-v6.calico nodad
  ip link set dev vxlan-v6.calico alias 'netc calico-cross-subnet calico-cross-subnet.net:17' up

  at 'calico-cross-subnet.net:18  veth eth0 192.168.100.65/32 fd00:100::41/128 -- n1:cali-a'
  ip link add name cali-a address ee:ee:ee:ee:ee:ee mtu 1430 group 862592345 type veth peer name eth0 mtu 1430 group 862592345 netns a
  sysctl -qw net.ipv4.conf.cali-a.proxy_arp=1
  sysctl -qw net.ipv4.neigh.cali-a.proxy_delay=0
  sysctl -qw net.ipv4.conf.cali-a.forwarding=1
  sysctl -qw net.ipv4.conf.cali-a.route_localnet=1
  sysctl -qw net.ipv6.conf.cali-a.accept_ra=0
  sysctl -qw net.ipv6.conf.cali-a.accept_dad=0
  sysctl -qw net.ipv6.conf.cali-a.proxy_ndp=1
  ip link set dev cali-a alias 'netc calico-cross-subnet calico-cross-subnet.net:18' up
  ip -n a addr add 192.168.100.65/32 dev eth0
  ip -n a addr add fd00:100::41/128 dev eth0 nodad
  ip -n a link set dev eth0 alias 'netc calico-cross-subnet calico-cross-subnet.net:18' up

  at 'calico-cross-subnet.net:19  veth eth0 192.168.100.66/32 fd00:100::42/128 -- n1:cali-b'
  ip link add name cali-b address ee:ee:ee:ee:ee:ee mtu 1430 group 862592345 type veth peer name eth0 mtu 1430 group 862592345 netns b
  sysctl -qw net.ipv4.conf.cali-b.proxy_arp=1
  sysctl -qw net.ipv4.neigh.cali-b.proxy_delay=0
  sysctl -qw net.ipv4.conf.cali-b.forwarding=1
  sysctl -qw net.ipv4.conf.cali-b.route_localnet=1
  sysctl -qw net.ipv6.conf.cali-b.accept_ra=0
  sysctl -qw net.ipv6.conf.cali-b.accept_dad=0
  sysctl -qw net.ipv6.conf.cali-b.proxy_ndp=1
  ip link set dev cali-b alias 'netc calico-cross-subnet calico-cross-subnet.net:19' up
  ip -n b addr add 192.168.100.66/32 dev eth0
  ip -n b addr add fd00:100::42/128 dev eth0 nodad
  ip -n b link set dev eth0 alias 'netc calico-cross-subnet calico-cross-subnet.net:19' up

  at 'calico-cross-subnet.net:17  neigh 192.168.100.192 lladdr 02:c6:10:61:43:27 dev vxlan.calico'
  ip neigh replace 192.168.100.192 lladdr 02:c6:10:61:43:27 dev vxlan.calico nud permanent

  at 'calico-cross-subnet.net:17  neigh fd00:100::c0 lladdr 02:11:88:b8:a1:5c dev vxlan-v6.calico'
  ip neigh replace fd00:100::c0 lladdr 02:11:88:b8:a1:5c dev vxlan-v6.calico nud permanent

  at 'calico-cross-subnet.net:17  fdb 02:c6:10:61:43:27 dst 192.168.60.13 dev vxlan.calico'
  bridge fdb replace 02:c6:10:61:43:27 dev vxlan.calico dst 192.168.60.13 self permanent

  at 'calico-cross-subnet.net:17  fdb 02:11:88:b8:a1:5c dst fd00:60::13 dev vxlan-v6.calico'
  bridge fdb replace 02:11:88:b8:a1:5c dev vxlan-v6.calico dst fd00:60::13 self permanent

  at 'calico-cross-subnet.net:17  route 169.254.1.1 dev lo'
  ip route add 169.254.1.1 dev lo proto 227

  at 'calico-cross-subnet.net:17  route blackhole 192.168.100.64/26'
  ip route add blackhole 192.168.100.64/26 proto 227

  at 'calico-cross-subnet.net:17  route blackhole fd00:100::40/122'
  ip -6 route add blackhole fd00:100::40/122 metric 1024 proto 227

  at 'calico-cross-subnet.net:18  route 169.254.1.1 dev eth0 scope link'
  ip -n a route add 169.254.1.1 dev eth0 scope link

  at 'calico-cross-subnet.net:18  route 192.168.100.65 dev cali-a scope link'
  ip route add 192.168.100.65 dev cali-a scope link proto 227

  at 'calico-cross-subnet.net:18  route fd00:100::41 dev cali-a'
  ip -6 route add fd00:100::41 dev cali-a metric 1024 proto 227

  at 'calico-cross-subnet.net:19  route 169.254.1.1 dev eth0 scope link'
  ip -n b route add 169.254.1.1 dev eth0 scope link

  at 'calico-cross-subnet.net:19  route 192.168.100.66 dev cali-b scope link'
  ip route add 192.168.100.66 dev cali-b scope link proto 227

  at 'calico-cross-subnet.net:19  route fd00:100::42 dev cali-b'
  ip -6 route add fd00:100::42 dev cali-b metric 1024 proto 227

  at 'calico-cross-subnet.net:15  route 192.168.60.0/24 via 192.168.50.1'
  ip route add 192.168.60.0/24 via 192.168.50.1 dev eth0 proto 227

  at 'calico-cross-subnet.net:16  route fd00:60::/64 via fd00:50::1'
  ip -6 route add fd00:60::/64 via fd00:50::1 dev eth0 metric 1024 proto 227

  at 'calico-cross-subnet.net:17  route 192.168.100.128/26 via 192.168.50.12 dev eth0'
  ip route add 192.168.100.128/26 via 192.168.50.12 dev eth0 proto 227

  at 'calico-cross-subnet.net:17  route 192.168.100.192/26 via 192.168.100.192 dev vxlan.calico onlink'
  ip route add 192.168.100.192/26 via 192.168.100.192 dev vxlan.calico onlink proto 227

  at 'calico-cross-subnet.net:17  route fd00:100::80/122 via fd00:50::12 dev eth0'
  ip -6 route add fd00:100::80/122 via fd00:50::12 dev eth0 metric 1024 proto 227

  at 'calico-cross-subnet.net:17  route fd00:100::c0/122 via fd00:100::c0 dev vxlan-v6.calico onlink'
  ip -6 route add fd00:100::c0/122 via fd00:100::c0 dev vxlan-v6.calico onlink metric 1024 proto 227

  at 'calico-cross-subnet.net:18  route default via 169.254.1.1 dev eth0'
  ip -n a route add default via 169.254.1.1 dev eth0

  at 'calico-cross-subnet.net:18  route default via fe80::ecee:eeff:feee:eeee dev eth0'
  ip -n a -6 route add default via fe80::ecee:eeff:feee:eeee dev eth0

  at 'calico-cross-subnet.net:19  route default via 169.254.1.1 dev eth0'
  ip -n b route add default via 169.254.1.1 dev eth0

  at 'calico-cross-subnet.net:19  route default via fe80::ecee:eeff:feee:eeee dev eth0'
  ip -n b -6 route add default via fe80::ecee:eeff:feee:eeee dev eth0

  at 'calico-cross-subnet.net:17  masquerade 192.168.100.0/22 out eth0 daddr not 192.168.100.0/22'
  nft -f - <<'END'
create table inet netc-calico-cross-subnet { comment "netc calico-cross-subnet"; }
table inet netc-calico-cross-subnet {
  chain srcnat {
    type nat hook postrouting priority srcnat; policy accept;
    oifname "eth0" ip saddr 192.168.100.0/22 ip daddr != 192.168.100.0/22 masquerade comment "calico-cross-subnet.net:17"
    oifname "eth0" ip6 saddr fd00:100::/112 ip6 daddr != fd00:100::/112 masquerade comment "calico-cross-subnet.net:17"
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
