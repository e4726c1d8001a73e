#!/usr/bin/env bash
# up.sh brings up the lab gre-ipsec; netc wrote it from gre-ipsec.net. Run it as root. down.sh undoes it.
# up.sh -q says nothing but errors; up.sh -n prints the commands and runs none.
#
#   netns  device  addresses               joined
#   a      eth0    192.168.1.2/24          to r:a
#   a      gre1    10.9.0.1/30 fd09::1/64  to b:gre1
#   r      a       192.168.1.1/24          to a:eth0
#   r      b       192.168.2.1/24          to b:eth0
#   b      eth0    192.168.2.2/24          to r:b
#   b      gre1    10.9.0.2/30 fd09::2/64  to a:gre1
# shellcheck disable=SC2016,SC2043,SC2317,SC2329 # a $ of the lab's own; a loop over one name; functions for traps
{
  # --- frame: the same text in every lab, explained in docs/scripts.md
  set -Eeuo pipefail
  trap : PIPE
  script=up.sh quiet='' dry=''
  tell() { printf '%s: %s\n' "$script" "$*" >&2 || :; }
  case $* in '') ;; -q) quiet=1 ;; -n) dry=1 ;; *) tell 'usage: up.sh [-q] [-n]' && exit 2 ;; esac
  lab=gre-ipsec plan=b461c831a1277945 made='' refused='' here='gre-ipsec.net:2  lab gre-ipsec' bad=0
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
    if ours_netns b; then users b && undone 'gre-ipsec.net:6  netns b' ip netns del b; fi
    if ours_netns r; then users r && undone 'gre-ipsec.net:5  netns r' ip netns del r; fi
    if ours_netns a; then users a && undone 'gre-ipsec.net:4  netns a' ip netns del a; fi
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
    for name in a r b; do [[ ! -e /run/netns/$name ]] || refuse "there is a namespace $name, which is not the lab's"; done
    [[ -z $(ip -o link show group 1243184561) ]] || refuse 'there is a device of link group 1243184561, the mark of this lab'
    unshare --net ip link add name probe type veth || refuse 'this kernel cannot make a veth (gre-ipsec.net:7  veth a:eth0 192.168.1.2/24 -- r:a 192.168.1.1/24)'
    unshare --net ip link add name probe type gre remote 192.0.2.1 || refuse 'this kernel cannot make a gre (gre-ipsec.net:12  gre a:gre1 10.9.0.1/30 fd09::1/64 -- b:gre1 10.9.0.2/30 fd...'
    unshare --net ip xfrm state add src 192.0.2.1 dst 192.0.2.2 proto esp spi 0x1000 aead 'rfc4106(gcm(aes))' 0x0000000000000000000000000000000000000000 128 >/dev/null 2>&1 || refuse 'this kernel has no IPsec with esp and rfc4106(gcm(aes)) (gre-ipsec.net:16)'
    if ((bad)); then exit 1; fi
    made=1
    (umask 022 && mkdir -p "$root") # the first change; nobody else may write there, or they could put in an `undo` of theirs
    mkdir -m 700 "$state"
    printf '%s\n' "$boot" >"$state/boot"
    declare -f undo undone ours_netns users >"$state/undo.new"
    mv "$state/undo.new" "$state/undo" # down.sh goes by it, even if its own file has changed by then
  fi

  # --- the lab

  at 'gre-ipsec.net:4  netns a'
  unshare --net sh -c 'ip link set dev lo alias "$0" up && exec ip netns attach "$1" $$' 'netc gre-ipsec' a

  at 'gre-ipsec.net:5  netns r'
  unshare --net sh -c 'ip link set dev lo alias "$0" up && exec ip netns attach "$1" $$' 'netc gre-ipsec' r

  at 'gre-ipsec.net:6  netns b'
  unshare --net sh -c 'ip link set dev lo alias "$0" up && exec ip netns attach "$1" $$' 'netc gre-ipsec' b

  at 'gre-ipsec.net:5  forward ipv4'
  ip netns exec r sysctl -qw net.ipv4.ip_forward=1

  at 'gre-ipsec.net:7  veth a:eth0 192.168.1.2/24 -- r:a 192.168.1.1/24'
  ip -n a link add name eth0 group 1243184561 type veth peer name a group 1243184561 netns r
  ip -n a addr add 192.168.1.2/24 brd + dev eth0
  ip -n a link set dev eth0 alias 'netc gre-ipsec gre-ipsec.net:7' up
  ip -n r addr add 192.168.1.1/24 brd + dev a
  ip -n r link set dev a alias 'netc gre-ipsec gre-ipsec.net:7' up

  at 'gre-ipsec.net:8  veth b:eth0 192.168.2.2/24 -- r:b 192.168.2.1/24'
  ip -n b link add name eth0 group 1243184561 type veth peer name b group 1243184561 netns r
  ip -n b addr add 192.168.2.2/24 brd + dev eth0
  ip -n b link set dev eth0 alias 'netc gre-ipsec gre-ipsec.net:8' up
  ip -n r addr add 192.168.2.1/24 brd + dev b
  ip -n r link set dev b alias 'netc gre-ipsec gre-ipsec.net:8' up

  at 'gre-ipsec.net:12  gre a:gre1 10.9.0.1/30 fd09::1/64 -- b:gre1 10.9.0.2/30 fd09::2/64'
  ip -n a link add name gre1 mtu 1400 group 1243184561 type gre local 192.168.1.2 remote 192.168.2.2 ttl 64
  ip -n a addr add 10.9.0.1/30 brd + dev gre1
  ip -n a addr add fd09::1/64 dev gre1 nodad
  ip -n a link set dev gre1 alias 'netc gre-ipsec gre-ipsec.net:12' up
  ip -n b link add name gre1 mtu 1400 group 1243184561 type gre local 192.168.2.2 remote 192.168.1.2 ttl 64
  ip -n b addr add 10.9.0.2/30 brd + dev gre1
  ip -n b addr add fd09::2/64 dev gre1 nodad
  ip -n b link set dev gre1 alias 'netc gre-ipsec gre-ipsec.net:12' up

  at 'gre-ipsec.net:9  route default via 192.168.1.1'
  ip -n a route add default via 192.168.1.1 dev eth0

  at 'gre-ipsec.net:10  route default via 192.168.2.1'
  ip -n b route add default via 192.168.2.1 dev eth0

  at 'gre-ipsec.net:16  ipsec state src 192.168.1.2 dst 192.168.2.2 proto esp spi 0x101 mode transport aead rfc41...'
  sh -c 'line=$0 all=$1; shift; for word; do case $word in @*) word=$(cat -- "${word#@}") || exit ;; %*) word=0x$(od -An -v -tx1 -N "${word#%}" /dev/urandom | tr -d " \n") || exit ;; esac; line="$line $word"; done; [ -n "$all" ] || printf "%s\n" "$line" | ip -batch - || exit; for netns in $all; do printf "%s\n" "$line" | ip -n "$netns" -batch - || exit; done' 'xfrm state add' 'a b' src 192.168.1.2 dst 192.168.2.2 proto esp spi 0x00000101 mode transport aead 'rfc4106(gcm(aes))' %20 128

  at 'gre-ipsec.net:17  ipsec state src 192.168.2.2 dst 192.168.1.2 proto esp spi 0x102 mode transport aead rfc41...'
  sh -c 'line=$0 all=$1; shift; for word; do case $word in @*) word=$(cat -- "${word#@}") || exit ;; %*) word=0x$(od -An -v -tx1 -N "${word#%}" /dev/urandom | tr -d " \n") || exit ;; esac; line="$line $word"; done; [ -n "$all" ] || printf "%s\n" "$line" | ip -batch - || exit; for netns in $all; do printf "%s\n" "$line" | ip -n "$netns" -batch - || exit; done' 'xfrm state add' 'a b' src 192.168.2.2 dst 192.168.1.2 proto esp spi 0x00000102 mode transport aead 'rfc4106(gcm(aes))' %20 128

  at 'gre-ipsec.net:18  ipsec policy src 192.168.1.2 dst 192.168.2.2 proto gre dir out tmpl proto esp mode transport'
  ip -n a xfrm policy add src 192.168.1.2/32 dst 192.168.2.2/32 proto gre dir out tmpl proto esp mode transport

  at 'gre-ipsec.net:19  ipsec policy src 192.168.2.2 dst 192.168.1.2 proto gre dir in tmpl proto esp mode transport'
  ip -n a xfrm policy add src 192.168.2.2/32 dst 192.168.1.2/32 proto gre dir 'in' tmpl proto esp mode transport

  at 'gre-ipsec.net:18  ipsec policy src 192.168.2.2 dst 192.168.1.2 proto gre dir out tmpl proto esp mode transport'
  ip -n b xfrm policy add src 192.168.2.2/32 dst 192.168.1.2/32 proto gre dir out tmpl proto esp mode transport

  at 'gre-ipsec.net:19  ipsec policy src 192.168.1.2 dst 192.168.2.2 proto gre dir in tmpl proto esp mode transport'
  ip -n b xfrm policy add src 192.168.1.2/32 dst 192.168.2.2/32 proto gre dir 'in' tmpl proto esp mode transport

  # --- it is up
  if [[ -n $dry ]]; then exit 0; fi
  trap '' HUP INT QUIT TERM
  printf '%s\n' "$plan" >"$state/up"
  trap - EXIT && say "the lab $lab is up"
  exit 0
}
