#!/usr/bin/env bash
# status.sh says of each object of the lab filter whether it is as declared; netc wrote it from filter.net.
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
  loaded() { # WHAT COUNT ENTER... SHOW...: SHOW prints, entered by COUNT words, what it does where standard input is loaded
    local out wanted line lacking='' more=''
    # shellcheck disable=SC2016
    wanted=$(unshare --net sh -c '"$1" -f - && exec "$@"' sh "${@:$2+3}") || :
    if ! out=$("${@:3}" 2>/dev/null) || [[ -z $out ]]; then
      is_missing "$1" && return
    fi
    if [[ $out != "$wanted" ]]; then
      while read -r line; do [[ " $out" == *[[:space:]]"$line"* ]] || lacking+=" '$line'"; done <<<"$wanted"
      while read -r line; do [[ " $wanted" == *[[:space:]]"$line"* ]] || more+=" '$line'"; done <<<"$out"
      if [[ -z $lacking$more ]]; then lacking=' the order' more=' another'; fi
      differ=$((differ + 1)) && printf 'differs  %s: without%s; with%s\n' "$1" "${lacking:- nothing}" "${more:- nothing}" && return
    fi
    as_declared "$1"
  }
  if ((EUID)); then tell 'run me as root' && exit 1; fi

  # --- the lab
  object 'filter.net:4  netns firewall' 1 'alias netc filter' ip -n firewall -o link show dev lo
  object 'filter.net:22  netns desk' 1 'alias netc filter' ip -n desk -o link show dev lo
  object 'filter.net:23  netns web' 1 'alias netc filter' ip -n web -o link show dev lo
  object 'filter.net:24  netns phone' 1 'alias netc filter' ip -n phone -o link show dev lo
  object 'filter.net:5  sysctl net.ipv4.ip_forward of firewall' 1 1 ip netns exec firewall sysctl -n net.ipv4.ip_forward
  object 'filter.net:5  sysctl net.ipv6.conf.all.forwarding of firewall' 1 1 ip netns exec firewall sysctl -n net.ipv6.conf.all.forwarding
  object 'filter.net:6  address 10.0.1.1/24 of firewall:office' 1 10.0.1.1/24 ip -n firewall -o addr show dev office
  object 'filter.net:6  address fd00:1::1/64 of firewall:office' 1 fd00:1::1/64 ip -n firewall -o addr show dev office
  object 'filter.net:6  veth firewall:office' 2 UP 'group 448087355' ip -n firewall -d -o link show dev office
  object 'filter.net:6  address 10.0.1.2/24 of desk:eth0' 1 10.0.1.2/24 ip -n desk -o addr show dev eth0
  object 'filter.net:6  address fd00:1::2/64 of desk:eth0' 1 fd00:1::2/64 ip -n desk -o addr show dev eth0
  object 'filter.net:6  veth desk:eth0' 2 UP 'group 448087355' ip -n desk -d -o link show dev eth0
  object 'filter.net:7  address 10.0.2.1/24 of firewall:servers' 1 10.0.2.1/24 ip -n firewall -o addr show dev servers
  object 'filter.net:7  address fd00:2::1/64 of firewall:servers' 1 fd00:2::1/64 ip -n firewall -o addr show dev servers
  object 'filter.net:7  veth firewall:servers' 2 UP 'group 448087355' ip -n firewall -d -o link show dev servers
  object 'filter.net:7  address 10.0.2.2/24 of web:eth0' 1 10.0.2.2/24 ip -n web -o addr show dev eth0
  object 'filter.net:7  address fd00:2::2/64 of web:eth0' 1 fd00:2::2/64 ip -n web -o addr show dev eth0
  object 'filter.net:7  veth web:eth0' 2 UP 'group 448087355' ip -n web -d -o link show dev eth0
  object 'filter.net:8  address 10.0.3.1/24 of firewall:guests' 1 10.0.3.1/24 ip -n firewall -o addr show dev guests
  object 'filter.net:8  veth firewall:guests' 2 UP 'group 448087355' ip -n firewall -d -o link show dev guests
  object 'filter.net:8  address 10.0.3.2/24 of phone:eth0' 1 10.0.3.2/24 ip -n phone -o addr show dev eth0
  object 'filter.net:8  veth phone:eth0' 2 UP 'group 448087355' ip -n phone -d -o link show dev eth0
  object 'filter.net:22  route default of desk' 3 default 'via 10.0.1.1' 'dev eth0' ip -n desk route show exact 0.0.0.0/0 table 254
  object 'filter.net:22  route default of desk' 4 default 'via fd00:1::1' 'dev eth0' 'metric 1024' ip -n desk -6 route show exact ::/0 table 254
  object 'filter.net:23  route default of web' 3 default 'via 10.0.2.1' 'dev eth0' ip -n web route show exact 0.0.0.0/0 table 254
  object 'filter.net:23  route default of web' 4 default 'via fd00:2::1' 'dev eth0' 'metric 1024' ip -n web -6 route show exact ::/0 table 254
  object 'filter.net:24  route default of phone' 3 default 'via 10.0.3.1' 'dev eth0' ip -n phone route show exact 0.0.0.0/0 table 254
  loaded 'filter.net:10  nftables table netc-filter of firewall' 4 ip netns exec firewall nft -s -t list table inet netc-filter <<'END'
create table inet netc-filter { comment "netc filter"; }
table inet netc-filter {
  chain input {
    type filter hook input priority filter; policy accept;
    ct state established,related accept comment "filter.net:17"
    meta nfproto ipv6 meta l4proto ipv6-icmp accept comment "filter.net:18"
    iifname "office" accept comment "filter.net:19"
    drop comment "filter.net:20"
  }
  chain forward {
    type filter hook forward priority filter; policy accept;
    ct state established,related accept comment "filter.net:10"
    iifname "office" accept comment "filter.net:11"
    iifname "guests" oifname "servers" tcp dport { 80, 443 } accept comment "filter.net:12"
    iifname "guests" oifname "servers" meta nfproto ipv4 icmp type echo-request accept comment "filter.net:13"
    iifname "guests" reject comment "filter.net:14"
    drop comment "filter.net:15"
  }
}
END

  if [[ -z $quiet ]]; then printf '%s as declared, %s differ, %s missing\n' "$fine" "$differ" "$missing"; fi
  if ((differ || missing)); then exit 1; fi
  exit 0
}
