#!/usr/bin/env bash
# status.sh says of each object of the lab erspan whether it is as declared; netc wrote it from erspan.net.
# Run it as root: it changes nothing. The status is 0 only if everything is there as the lab declares it.
{
  # --- frame: the same text in every lab, explained in docs/scripts.md
  set -Eeuo pipefail
  trap : PIPE
  script=status.sh quiet=''
  tell() { printf '%s: %s\n' "$script" "$*" >&2 || :; }
  case $* in '') ;; -q) quiet=1 ;; *) tell 'usage: status.sh [-q]' && exit 2 ;; esac
  export LC_ALL=C
  fine=0 differ=0 missing=0
  as_declared() { fine=$((fine + 1)) && if [[ -z $quiet ]]; then printf 'ok       %s\n' "$1"; fi; }
  is_missing() { missing=$((missing + 1)) && printf 'missing  %s\n' "$1"; }
  object() { # WHAT COUNT WORDS... COMMAND...: what COMMAND prints must hold the COUNT WORDS
    local out seen wanted lacking=''
    if ! out=$("${@:$2+3}" 2>/dev/null) || [[ -z $out ]]; then
      is_missing "$1" && return
    fi
    read -r -d '' -a seen <<<"${out//[<>,\\]/ }" || :
    for wanted in "${@:3:$2}"; do
      if [[ " ${seen[*]} " != *" $wanted "* ]]; then lacking+=" '$wanted'"; fi
    done
    if [[ -n $lacking ]]; then
      differ=$((differ + 1)) && printf 'differs  %s: without%s: %s\n' "$1" "$lacking" "${seen[*]}" && return
    fi
    as_declared "$1"
  }
  if ((EUID)); then tell 'run me as root' && exit 1; fi

  # --- the lab
  object 'erspan.net:5  netns sw' 1 'alias netc erspan' ip -n sw -o link show dev lo
  object 'erspan.net:10  netns server' 1 'alias netc erspan' ip -n server -o link show dev lo
  object 'erspan.net:11  netns client' 1 'alias netc erspan' ip -n client -o link show dev lo
  object 'erspan.net:13  netns r' 1 'alias netc erspan' ip -n r -o link show dev lo
  object 'erspan.net:14  netns analyser' 1 'alias netc erspan' ip -n analyser -o link show dev lo
  object 'erspan.net:13  sysctl net.ipv4.ip_forward of r' 1 1 ip netns exec r sysctl -n net.ipv4.ip_forward
  object 'erspan.net:13  sysctl net.ipv6.conf.all.forwarding of r' 1 1 ip netns exec r sysctl -n net.ipv6.conf.all.forwarding
  object 'erspan.net:6  bridge sw:br0' 3 UP '02:e3:de:a8:85:bb brd' 'group 430211635' ip -n sw -d -o link show dev br0
  object 'erspan.net:10  address 10.0.0.1/24 of server:eth0' 1 10.0.0.1/24 ip -n server -o addr show dev eth0
  object 'erspan.net:10  veth server:eth0' 2 UP 'group 430211635' ip -n server -d -o link show dev eth0
  object 'erspan.net:10  veth sw:server' 3 UP 'master br0' 'group 430211635' ip -n sw -d -o link show dev server
  object 'erspan.net:11  address 10.0.0.2/24 of client:eth0' 1 10.0.0.2/24 ip -n client -o addr show dev eth0
  object 'erspan.net:11  veth client:eth0' 2 UP 'group 430211635' ip -n client -d -o link show dev eth0
  object 'erspan.net:11  veth sw:client' 3 UP 'master br0' 'group 430211635' ip -n sw -d -o link show dev client
  object 'erspan.net:18  address 192.168.1.2/24 of sw:eth0' 1 192.168.1.2/24 ip -n sw -o addr show dev eth0
  object 'erspan.net:18  address fd01::2/64 of sw:eth0' 1 fd01::2/64 ip -n sw -o addr show dev eth0
  object 'erspan.net:18  veth sw:eth0' 2 UP 'group 430211635' ip -n sw -d -o link show dev eth0
  object 'erspan.net:18  address 192.168.1.1/24 of r:sw' 1 192.168.1.1/24 ip -n r -o addr show dev sw
  object 'erspan.net:18  address fd01::1/64 of r:sw' 1 fd01::1/64 ip -n r -o addr show dev sw
  object 'erspan.net:18  veth r:sw' 2 UP 'group 430211635' ip -n r -d -o link show dev sw
  object 'erspan.net:19  address 192.168.2.2/24 of analyser:eth0' 1 192.168.2.2/24 ip -n analyser -o addr show dev eth0
  object 'erspan.net:19  address fd02::2/64 of analyser:eth0' 1 fd02::2/64 ip -n analyser -o addr show dev eth0
  object 'erspan.net:19  veth analyser:eth0' 2 UP 'group 430211635' ip -n analyser -d -o link show dev eth0
  object 'erspan.net:19  address 192.168.2.1/24 of r:analyser' 1 192.168.2.1/24 ip -n r -o addr show dev analyser
  object 'erspan.net:19  address fd02::1/64 of r:analyser' 1 fd02::1/64 ip -n r -o addr show dev analyser
  object 'erspan.net:19  veth r:analyser' 2 UP 'group 430211635' ip -n r -d -o link show dev analyser
  object 'erspan.net:21  address 10.9.0.1/24 of sw:span' 1 10.9.0.1/24 ip -n sw -o addr show dev span
  object 'erspan.net:21  erspan sw:span' 7 UP 'group 430211635' 'local 192.168.1.2' 'remote 192.168.2.2' 'ikey 0.0.0.100' 'okey 0.0.0.100' 'erspan_index 7' ip -n sw -d -o link show dev span
  object 'erspan.net:21  address 10.9.0.2/24 of analyser:span' 1 10.9.0.2/24 ip -n analyser -o addr show dev span
  object 'erspan.net:21  erspan analyser:span' 7 UP 'group 430211635' 'local 192.168.2.2' 'remote 192.168.1.2' 'ikey 0.0.0.100' 'okey 0.0.0.100' 'erspan_index 7' ip -n analyser -d -o link show dev span
  object 'erspan.net:22  address 10.9.6.1/24 of sw:span6' 1 10.9.6.1/24 ip -n sw -o addr show dev span6
  object 'erspan.net:22  ip6erspan sw:span6' 9 UP 'group 430211635' 'local fd01::2' 'remote fd02::2' 'erspan_ver 2' 'ikey 0.0.0.102' 'okey 0.0.0.102' 'erspan_dir ingress' 'erspan_hwid 0x7' ip -n sw -d -o link show dev span6
  object 'erspan.net:22  address 10.9.6.2/24 of analyser:span6' 1 10.9.6.2/24 ip -n analyser -o addr show dev span6
  object 'erspan.net:22  ip6erspan analyser:span6' 9 UP 'group 430211635' 'local fd02::2' 'remote fd01::2' 'erspan_ver 2' 'ikey 0.0.0.102' 'okey 0.0.0.102' 'erspan_dir ingress' 'erspan_hwid 0x7' ip -n analyser -d -o link show dev span6
  object 'erspan.net:7  route default of sw' 3 default 'via 192.168.1.1' 'dev eth0' ip -n sw route show exact 0.0.0.0/0 table 254
  object 'erspan.net:8  route default of sw' 4 default 'via fd01::1' 'dev eth0' 'metric 1024' ip -n sw -6 route show exact ::/0 table 254
  object 'erspan.net:15  route default of analyser' 3 default 'via 192.168.2.1' 'dev eth0' ip -n analyser route show exact 0.0.0.0/0 table 254
  object 'erspan.net:16  route default of analyser' 4 default 'via fd02::1' 'dev eth0' 'metric 1024' ip -n analyser -6 route show exact ::/0 table 254
  object 'erspan.net:28  clsact of sw:server' 1 clsact tc -n sw qdisc show dev server
  object 'erspan.net:28  mirror of sw:server (ingress) to span' 2 'pref 1' '(Egress Mirror to device span)' tc -n sw filter show dev server ingress
  object 'erspan.net:28  mirror of sw:server (egress) to span' 2 'pref 1' '(Egress Mirror to device span)' tc -n sw filter show dev server egress

  if [[ -z $quiet ]]; then printf '%s as declared, %s differ, %s missing\n' "$fine" "$differ" "$missing"; fi
  if ((differ || missing)); then exit 1; fi
  exit 0
}
