#!/usr/bin/env bash
# up.sh brings up the lab ipsec; netc wrote it from ipsec.net. Run it as root. down.sh undoes it.
# up.sh -q says nothing but errors; up.sh -n prints the commands and runs none.
#
#   netns  device  addresses               joined
#   a      eth0    10.0.0.1/24 fd00::1/64  to b:eth0
#   b      eth0    10.0.0.2/24 fd00::2/64  to a:eth0
#   g1     in      10.1.0.1/24             to c1:eth0
#   g1     out     192.168.0.1/24          to g2:out
#   g2     in      10.2.0.1/24             to c2:eth0
#   g2     out     192.168.0.2/24          to g1:out
#   c1     eth0    10.1.0.2/24             to g1:in
#   c2     eth0    10.2.0.2/24             to g2:in
# shellcheck disable=SC2016,SC2043,SC2317,SC2329 # a $ of the lab's own; a loop over one name; functions for traps
{
  # --- frame: the same text in every lab, explained in docs/scripts.md
  set -Eeuo pipefail
  trap : PIPE
  script=up.sh quiet='' dry=''
  tell() { printf '%s: %s\n' "$script" "$*" >&2 || :; }
  case $* in '') ;; -q) quiet=1 ;; -n) dry=1 ;; *) tell 'usage: up.sh [-q] [-n]' && exit 2 ;; esac
  lab=ipsec plan=dd5c12014a4b6c93 made='' refused='' here='ipsec.net:3  lab ipsec' bad=0
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
    if ours_netns c2; then users c2 && undone 'ipsec.net:49  netns c2' ip netns del c2; fi
    if ours_netns c1; then users c1 && undone 'ipsec.net:48  netns c1' ip netns del c1; fi
    if ours_netns g2; then users g2 && undone 'ipsec.net:43  netns g2' ip netns del g2; fi
    if ours_netns g1; then users g1 && undone 'ipsec.net:38  netns g1' ip netns del g1; fi
    if ours_netns b; then users b && undone 'ipsec.net:6  netns b' ip netns del b; fi
    if ours_netns a; then users a && undone 'ipsec.net:5  netns a' ip netns del a; fi
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
    for name in a b g1 g2 c1 c2; do [[ ! -e /run/netns/$name ]] || refuse "there is a namespace $name, which is not the lab's"; done
    [[ -z $(ip -o link show group 734426633) ]] || refuse 'there is a device of link group 734426633, the mark of this lab'
    unshare --net ip link add name probe type veth || refuse 'this kernel cannot make a veth (ipsec.net:7  veth a:eth0 10.0.0.1/24 fd00::1/64 -- b:eth0 10.0.0.2/24 fd00:...'
    unshare --net ip xfrm state add src 192.0.2.1 dst 192.0.2.2 proto esp spi 0x1000 aead 'rfc4106(gcm(aes))' 0x0000000000000000000000000000000000000000 128 >/dev/null 2>&1 || refuse 'this kernel has no IPsec with esp and rfc4106(gcm(aes)) (ipsec.net:12)'
    unshare --net ip xfrm state add src 2001:db8::1 dst 2001:db8::2 proto ah spi 0x1000 auth-trunc 'hmac(sha256)' 0x0000000000000000000000000000000000000000000000000000000000000000 128 >/dev/null 2>&1 || refuse 'this kernel has no IPsec with ah and hmac(sha256) (ipsec.net:24)'
    unshare --net ip xfrm state add src 192.0.2.1 dst 192.0.2.2 proto esp spi 0x1000 enc 'cbc(aes)' 0x00000000000000000000000000000000 auth-trunc 'hmac(sha256)' 0x0000000000000000000000000000000000000000000000000000000000000000 128 >/dev/null 2>&1 || refuse 'this kernel has no IPsec with esp and cbc(aes), hmac(sha256) (ipsec.net:54)'
    if ((bad)); then exit 1; fi
    made=1
    (umask 022 && mkdir -p "$root") # the first change; nobody else may write there, or they could put in an `undo` of theirs
    mkdir -m 700 "$state"
    printf '%s\n' "$boot" >"$state/boot"
    declare -f undo undone ours_netns users >"$state/undo.new"
    mv "$state/undo.new" "$state/undo" # down.sh goes by it, even if its own file has changed by then
  fi

  # --- the lab

  at 'ipsec.net:5  netns a'
  unshare --net sh -c 'ip link set dev lo alias "$0" up && exec ip netns attach "$1" $$' 'netc ipsec' a

  at 'ipsec.net:6  netns b'
  unshare --net sh -c 'ip link set dev lo alias "$0" up && exec ip netns attach "$1" $$' 'netc ipsec' b

  at 'ipsec.net:38  netns g1'
  unshare --net sh -c 'ip link set dev lo alias "$0" up && exec ip netns attach "$1" $$' 'netc ipsec' g1

  at 'ipsec.net:43  netns g2'
  unshare --net sh -c 'ip link set dev lo alias "$0" up && exec ip netns attach "$1" $$' 'netc ipsec' g2

  at 'ipsec.net:48  netns c1'
  unshare --net sh -c 'ip link set dev lo alias "$0" up && exec ip netns attach "$1" $$' 'netc ipsec' c1

  at 'ipsec.net:49  netns c2'
  unshare --net sh -c 'ip link set dev lo alias "$0" up && exec ip netns attach "$1" $$' 'netc ipsec' c2

  at 'ipsec.net:39  forward ipv4'
  ip netns exec g1 sysctl -qw net.ipv4.ip_forward=1

  at 'ipsec.net:44  forward ipv4'
  ip netns exec g2 sysctl -qw net.ipv4.ip_forward=1

  at 'ipsec.net:7  veth a:eth0 10.0.0.1/24 fd00::1/64 -- b:eth0 10.0.0.2/24 fd00::2/64'
  ip -n a link add name eth0 group 734426633 type veth peer name eth0 group 734426633 netns b
  ip -n a addr add 10.0.0.1/24 brd + dev eth0
  ip -n a addr add fd00::1/64 dev eth0 nodad
  ip -n a link set dev eth0 alias 'netc ipsec ipsec.net:7' up
  ip -n b addr add 10.0.0.2/24 brd + dev eth0
  ip -n b addr add fd00::2/64 dev eth0 nodad
  ip -n b link set dev eth0 alias 'netc ipsec ipsec.net:7' up

  at 'ipsec.net:40  veth in 10.1.0.1/24 -- c1:eth0 10.1.0.2/24'
  ip -n g1 link add name 'in' group 734426633 type veth peer name eth0 group 734426633 netns c1
  ip -n g1 addr add 10.1.0.1/24 brd + dev 'in'
  ip -n g1 link set dev 'in' alias 'netc ipsec ipsec.net:40' up
  ip -n c1 addr add 10.1.0.2/24 brd + dev eth0
  ip -n c1 link set dev eth0 alias 'netc ipsec ipsec.net:40' up

  at 'ipsec.net:45  veth in 10.2.0.1/24 -- c2:eth0 10.2.0.2/24'
  ip -n g2 link add name 'in' group 734426633 type veth peer name eth0 group 734426633 netns c2
  ip -n g2 addr add 10.2.0.1/24 brd + dev 'in'
  ip -n g2 link set dev 'in' alias 'netc ipsec ipsec.net:45' up
  ip -n c2 addr add 10.2.0.2/24 brd + dev eth0
  ip -n c2 link set dev eth0 alias 'netc ipsec ipsec.net:45' up

  at 'ipsec.net:50  veth g1:out 192.168.0.1/24 -- g2:out 192.168.0.2/24'
  ip -n g1 link add name out group 734426633 type veth peer name out group 734426633 netns g2
  ip -n g1 addr add 192.168.0.1/24 brd + dev out
  ip -n g1 link set dev out alias 'netc ipsec ipsec.net:50' up
  ip -n g2 addr add 192.168.0.2/24 brd + dev out
  ip -n g2 link set dev out alias 'netc ipsec ipsec.net:50' up

  at 'ipsec.net:41  route 10.2.0.0/24 via 192.168.0.2'
  ip -n g1 route add 10.2.0.0/24 via 192.168.0.2 dev out

  at 'ipsec.net:46  route 10.1.0.0/24 via 192.168.0.1'
  ip -n g2 route add 10.1.0.0/24 via 192.168.0.1 dev out

  at 'ipsec.net:48  route default via 10.1.0.1'
  ip -n c1 route add default via 10.1.0.1 dev eth0

  at 'ipsec.net:49  route default via 10.2.0.1'
  ip -n c2 route add default via 10.2.0.1 dev eth0

  at 'ipsec.net:12  ipsec state src 10.0.0.1 dst 10.0.0.2 proto esp spi 0x101 mode transport aead rfc4106(gcm(aes...'
  sh -c 'line=$0 all=$1; shift; for word; do case $word in @*) word=$(cat -- "${word#@}") || exit ;; %*) word=0x$(od -An -v -tx1 -N "${word#%}" /dev/urandom | tr -d " \n") || exit ;; esac; line="$line $word"; done; [ -n "$all" ] || printf "%s\n" "$line" | ip -batch - || exit; for netns in $all; do printf "%s\n" "$line" | ip -n "$netns" -batch - || exit; done' 'xfrm state add' 'a b' src 10.0.0.1 dst 10.0.0.2 proto esp spi 0x00000101 mode transport aead 'rfc4106(gcm(aes))' %20 128

  at 'ipsec.net:13  ipsec state src 10.0.0.2 dst 10.0.0.1 proto esp spi 0x102 mode transport aead rfc4106(gcm(aes...'
  sh -c 'line=$0 all=$1; shift; for word; do case $word in @*) word=$(cat -- "${word#@}") || exit ;; %*) word=0x$(od -An -v -tx1 -N "${word#%}" /dev/urandom | tr -d " \n") || exit ;; esac; line="$line $word"; done; [ -n "$all" ] || printf "%s\n" "$line" | ip -batch - || exit; for netns in $all; do printf "%s\n" "$line" | ip -n "$netns" -batch - || exit; done' 'xfrm state add' 'a b' src 10.0.0.2 dst 10.0.0.1 proto esp spi 0x00000102 mode transport aead 'rfc4106(gcm(aes))' %20 128

  at 'ipsec.net:24  ipsec state src fd00::1 dst fd00::2 proto ah spi 0x201 mode transport auth-trunc hmac(sha256)...'
  sh -c 'line=$0 all=$1; shift; for word; do case $word in @*) word=$(cat -- "${word#@}") || exit ;; %*) word=0x$(od -An -v -tx1 -N "${word#%}" /dev/urandom | tr -d " \n") || exit ;; esac; line="$line $word"; done; [ -n "$all" ] || printf "%s\n" "$line" | ip -batch - || exit; for netns in $all; do printf "%s\n" "$line" | ip -n "$netns" -batch - || exit; done' 'xfrm state add' 'a b' src fd00::1 dst fd00::2 proto ah spi 0x00000201 mode transport auth-trunc 'hmac(sha256)' %32 128

  at 'ipsec.net:25  ipsec state src fd00::2 dst fd00::1 proto ah spi 0x202 mode transport auth-trunc hmac(sha256)...'
  sh -c 'line=$0 all=$1; shift; for word; do case $word in @*) word=$(cat -- "${word#@}") || exit ;; %*) word=0x$(od -An -v -tx1 -N "${word#%}" /dev/urandom | tr -d " \n") || exit ;; esac; line="$line $word"; done; [ -n "$all" ] || printf "%s\n" "$line" | ip -batch - || exit; for netns in $all; do printf "%s\n" "$line" | ip -n "$netns" -batch - || exit; done' 'xfrm state add' 'a b' src fd00::2 dst fd00::1 proto ah spi 0x00000202 mode transport auth-trunc 'hmac(sha256)' %32 128

  at 'ipsec.net:54  ipsec state src 192.168.0.1 dst 192.168.0.2 proto esp spi 0x301 mode tunnel reqid 3 enc cbc(a...'
  sh -c 'line=$0 all=$1; shift; for word; do case $word in @*) word=$(cat -- "${word#@}") || exit ;; %*) word=0x$(od -An -v -tx1 -N "${word#%}" /dev/urandom | tr -d " \n") || exit ;; esac; line="$line $word"; done; [ -n "$all" ] || printf "%s\n" "$line" | ip -batch - || exit; for netns in $all; do printf "%s\n" "$line" | ip -n "$netns" -batch - || exit; done' 'xfrm state add' 'g1 g2' src 192.168.0.1 dst 192.168.0.2 proto esp spi 0x00000301 reqid 3 mode tunnel enc 'cbc(aes)' %16 auth-trunc 'hmac(sha256)' %32 128

  at 'ipsec.net:55  ipsec state src 192.168.0.2 dst 192.168.0.1 proto esp spi 0x302 mode tunnel reqid 3 enc cbc(a...'
  sh -c 'line=$0 all=$1; shift; for word; do case $word in @*) word=$(cat -- "${word#@}") || exit ;; %*) word=0x$(od -An -v -tx1 -N "${word#%}" /dev/urandom | tr -d " \n") || exit ;; esac; line="$line $word"; done; [ -n "$all" ] || printf "%s\n" "$line" | ip -batch - || exit; for netns in $all; do printf "%s\n" "$line" | ip -n "$netns" -batch - || exit; done' 'xfrm state add' 'g1 g2' src 192.168.0.2 dst 192.168.0.1 proto esp spi 0x00000302 reqid 3 mode tunnel enc 'cbc(aes)' %16 auth-trunc 'hmac(sha256)' %32 128

  at 'ipsec.net:14  ipsec policy src 10.0.0.1 dst 10.0.0.2 dir out tmpl proto esp mode transport'
  ip -n a xfrm policy add src 10.0.0.1/32 dst 10.0.0.2/32 dir out tmpl proto esp mode transport

  at 'ipsec.net:15  ipsec policy src 10.0.0.2 dst 10.0.0.1 dir in tmpl proto esp mode transport'
  ip -n a xfrm policy add src 10.0.0.2/32 dst 10.0.0.1/32 dir 'in' tmpl proto esp mode transport

  at 'ipsec.net:14  ipsec policy src 10.0.0.2 dst 10.0.0.1 dir out tmpl proto esp mode transport'
  ip -n b xfrm policy add src 10.0.0.2/32 dst 10.0.0.1/32 dir out tmpl proto esp mode transport

  at 'ipsec.net:15  ipsec policy src 10.0.0.1 dst 10.0.0.2 dir in tmpl proto esp mode transport'
  ip -n b xfrm policy add src 10.0.0.1/32 dst 10.0.0.2/32 dir 'in' tmpl proto esp mode transport

  at 'ipsec.net:26  ipsec policy src fd00::1 dst fd00::2 proto ipv6-icmp type 128 dir out tmpl proto ah mode tran...'
  ip -n a xfrm policy add src fd00::1/128 dst fd00::2/128 proto ipv6-icmp type 128 dir out tmpl proto ah mode transport

  at 'ipsec.net:27  ipsec policy src fd00::2 dst fd00::1 proto ipv6-icmp type 128 dir in tmpl proto ah mode trans...'
  ip -n a xfrm policy add src fd00::2/128 dst fd00::1/128 proto ipv6-icmp type 128 dir 'in' tmpl proto ah mode transport

  at 'ipsec.net:28  ipsec policy src fd00::1 dst fd00::2 proto ipv6-icmp type 129 dir out tmpl proto ah mode tran...'
  ip -n a xfrm policy add src fd00::1/128 dst fd00::2/128 proto ipv6-icmp type 129 dir out tmpl proto ah mode transport

  at 'ipsec.net:29  ipsec policy src fd00::2 dst fd00::1 proto ipv6-icmp type 129 dir in tmpl proto ah mode trans...'
  ip -n a xfrm policy add src fd00::2/128 dst fd00::1/128 proto ipv6-icmp type 129 dir 'in' tmpl proto ah mode transport

  at 'ipsec.net:26  ipsec policy src fd00::2 dst fd00::1 proto ipv6-icmp type 128 dir out tmpl proto ah mode tran...'
  ip -n b xfrm policy add src fd00::2/128 dst fd00::1/128 proto ipv6-icmp type 128 dir out tmpl proto ah mode transport

  at 'ipsec.net:27  ipsec policy src fd00::1 dst fd00::2 proto ipv6-icmp type 128 dir in tmpl proto ah mode trans...'
  ip -n b xfrm policy add src fd00::1/128 dst fd00::2/128 proto ipv6-icmp type 128 dir 'in' tmpl proto ah mode transport

  at 'ipsec.net:28  ipsec policy src fd00::2 dst fd00::1 proto ipv6-icmp type 129 dir out tmpl proto ah mode tran...'
  ip -n b xfrm policy add src fd00::2/128 dst fd00::1/128 proto ipv6-icmp type 129 dir out tmpl proto ah mode transport

  at 'ipsec.net:29  ipsec policy src fd00::1 dst fd00::2 proto ipv6-icmp type 129 dir in tmpl proto ah mode trans...'
  ip -n b xfrm policy add src fd00::1/128 dst fd00::2/128 proto ipv6-icmp type 129 dir 'in' tmpl proto ah mode transport

  at 'ipsec.net:56  ipsec policy src 10.1.0.0/24 dst 10.2.0.0/24 dir out tmpl src 192.168.0.1 dst 192.168.0.2 pro...'
  ip -n g1 xfrm policy add src 10.1.0.0/24 dst 10.2.0.0/24 dir out tmpl src 192.168.0.1 dst 192.168.0.2 proto esp mode tunnel reqid 3

  at 'ipsec.net:57  ipsec policy src 10.2.0.0/24 dst 10.1.0.0/24 dir fwd tmpl src 192.168.0.2 dst 192.168.0.1 pro...'
  ip -n g1 xfrm policy add src 10.2.0.0/24 dst 10.1.0.0/24 dir fwd tmpl src 192.168.0.2 dst 192.168.0.1 proto esp mode tunnel reqid 3

  at 'ipsec.net:56  ipsec policy src 10.2.0.0/24 dst 10.1.0.0/24 dir out tmpl src 192.168.0.2 dst 192.168.0.1 pro...'
  ip -n g2 xfrm policy add src 10.2.0.0/24 dst 10.1.0.0/24 dir out tmpl src 192.168.0.2 dst 192.168.0.1 proto esp mode tunnel reqid 3

  at 'ipsec.net:57  ipsec policy src 10.1.0.0/24 dst 10.2.0.0/24 dir fwd tmpl src 192.168.0.1 dst 192.168.0.2 pro...'
  ip -n g2 xfrm policy add src 10.1.0.0/24 dst 10.2.0.0/24 dir fwd tmpl src 192.168.0.1 dst 192.168.0.2 proto esp mode tunnel reqid 3

  # --- it is up
  if [[ -n $dry ]]; then exit 0; fi
  trap '' HUP INT QUIT TERM
  printf '%s\n' "$plan" >"$state/up"
  trap - EXIT && say "the lab $lab is up"
  exit 0
}
