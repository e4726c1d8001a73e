#!/usr/bin/env bash
# status.sh says of each object of the lab bad-link whether it is as declared; netc wrote it from bad-link.net.
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
  object 'bad-link.net:4  netns dish' 1 'alias netc bad-link' ip -n dish -o link show dev lo
  object 'bad-link.net:9  netns station' 1 'alias netc bad-link' ip -n station -o link show dev lo
  object 'bad-link.net:10  netns home' 1 'alias netc bad-link' ip -n home -o link show dev lo
  object 'bad-link.net:5  sysctl net.ipv4.ip_forward of dish' 1 1 ip netns exec dish sysctl -n net.ipv4.ip_forward
  object 'bad-link.net:6  address 10.0.0.1/30 of dish:sky' 1 10.0.0.1/30 ip -n dish -o addr show dev sky
  object 'bad-link.net:6  veth dish:sky' 3 UP 'mtu 1400' 'group 249776343' ip -n dish -d -o link show dev sky
  object 'bad-link.net:6  address 10.0.0.2/30 of station:sky' 1 10.0.0.2/30 ip -n station -o addr show dev sky
  object 'bad-link.net:6  veth station:sky' 3 UP 'mtu 1400' 'group 249776343' ip -n station -d -o link show dev sky
  object 'bad-link.net:7  ifb dish:ifb-sky' 2 UP 'group 249776343' ip -n dish -d -o link show dev ifb-sky
  object 'bad-link.net:10  address 192.168.0.2/24 of home:eth0' 1 192.168.0.2/24 ip -n home -o addr show dev eth0
  object 'bad-link.net:10  veth home:eth0' 2 UP 'group 249776343' ip -n home -d -o link show dev eth0
  object 'bad-link.net:10  address 192.168.0.1/24 of dish:lan' 1 192.168.0.1/24 ip -n dish -o addr show dev lan
  object 'bad-link.net:10  veth dish:lan' 2 UP 'group 249776343' ip -n dish -d -o link show dev lan
  object 'bad-link.net:9  route default of station' 3 default 'via 10.0.0.1' 'dev sky' ip -n station route show exact 0.0.0.0/0 table 254
  object 'bad-link.net:10  route default of home' 3 default 'via 192.168.0.1' 'dev eth0' ip -n home route show exact 0.0.0.0/0 table 254
  object 'bad-link.net:7  clsact of dish:sky' 1 clsact tc -n dish qdisc show dev sky
  object 'bad-link.net:7  netem of dish:ifb-sky' 3 'qdisc netem 1:' 'loss 10%' 'delay 250ms' tc -n dish qdisc show dev ifb-sky
  object 'bad-link.net:7  tbf of dish:ifb-sky' 2 'qdisc tbf 2:' 'rate 512Kbit' tc -n dish qdisc show dev ifb-sky
  object 'bad-link.net:7  ingress of dish:sky' 2 'pref 100' '(Egress Redirect to device ifb-sky)' tc -n dish filter show dev sky ingress
  object 'bad-link.net:7  netem of dish:sky' 3 'qdisc netem 1:' 'loss 10%' 'delay 250ms' tc -n dish qdisc show dev sky
  object 'bad-link.net:7  tbf of dish:sky' 2 'qdisc tbf 2:' 'rate 512Kbit' tc -n dish qdisc show dev sky

  if [[ -z $quiet ]]; then printf '%s as declared, %s differ, %s missing\n' "$fine" "$differ" "$missing"; fi
  if ((differ || missing)); then exit 1; fi
  exit 0
}
