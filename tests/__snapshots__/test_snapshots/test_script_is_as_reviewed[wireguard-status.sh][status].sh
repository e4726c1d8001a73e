#!/usr/bin/env bash
# status.sh says of each object of the lab wireguard whether it is as declared; netc wrote it from wireguard.net.
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
  object 'wireguard.net:4  netns a' 1 'alias netc wireguard' ip -n a -o link show dev lo
  object 'wireguard.net:5  netns r' 1 'alias netc wireguard' ip -n r -o link show dev lo
  object 'wireguard.net:6  netns b' 1 'alias netc wireguard' ip -n b -o link show dev lo
  object 'wireguard.net:16  netns hub' 1 'alias netc wireguard' ip -n hub -o link show dev lo
  object 'wireguard.net:5  sysctl net.ipv4.ip_forward of r' 1 1 ip netns exec r sysctl -n net.ipv4.ip_forward
  object 'wireguard.net:17  sysctl net.ipv4.ip_forward of hub' 1 1 ip netns exec hub sysctl -n net.ipv4.ip_forward
  object 'wireguard.net:7  address 192.168.1.2/24 of a:eth0' 1 192.168.1.2/24 ip -n a -o addr show dev eth0
  object 'wireguard.net:7  veth a:eth0' 2 UP 'group 1822276754' ip -n a -d -o link show dev eth0
  object 'wireguard.net:7  address 192.168.1.1/24 of r:a' 1 192.168.1.1/24 ip -n r -o addr show dev a
  object 'wireguard.net:7  veth r:a' 2 UP 'group 1822276754' ip -n r -d -o link show dev a
  object 'wireguard.net:8  address 192.168.2.2/24 of b:eth0' 1 192.168.2.2/24 ip -n b -o addr show dev eth0
  object 'wireguard.net:8  veth b:eth0' 2 UP 'group 1822276754' ip -n b -d -o link show dev eth0
  object 'wireguard.net:8  address 192.168.2.1/24 of r:b' 1 192.168.2.1/24 ip -n r -o addr show dev b
  object 'wireguard.net:8  veth r:b' 2 UP 'group 1822276754' ip -n r -d -o link show dev b
  object 'wireguard.net:12  listen-port of a:wg0' 1 51820 ip netns exec a wg show wg0 listen-port
  object 'wireguard.net:12  address 10.9.0.1/24 of a:wg0' 1 10.9.0.1/24 ip -n a -o addr show dev wg0
  object 'wireguard.net:12  address fd09::1/64 of a:wg0' 1 fd09::1/64 ip -n a -o addr show dev wg0
  object 'wireguard.net:12  wireguard a:wg0' 2 UP 'group 1822276754' ip -n a -d -o link show dev wg0
  object 'wireguard.net:12  listen-port of b:wg0' 1 51820 ip netns exec b wg show wg0 listen-port
  object 'wireguard.net:12  address 10.9.0.2/24 of b:wg0' 1 10.9.0.2/24 ip -n b -o addr show dev wg0
  object 'wireguard.net:12  address fd09::2/64 of b:wg0' 1 fd09::2/64 ip -n b -o addr show dev wg0
  object 'wireguard.net:12  wireguard b:wg0' 2 UP 'group 1822276754' ip -n b -d -o link show dev wg0
  object 'wireguard.net:18  address 192.168.3.2/24 of hub:eth0' 1 192.168.3.2/24 ip -n hub -o addr show dev eth0
  object 'wireguard.net:18  veth hub:eth0' 2 UP 'group 1822276754' ip -n hub -d -o link show dev eth0
  object 'wireguard.net:18  address 192.168.3.1/24 of r:hub' 1 192.168.3.1/24 ip -n r -o addr show dev hub
  object 'wireguard.net:18  veth r:hub' 2 UP 'group 1822276754' ip -n r -d -o link show dev hub
  object 'wireguard.net:20  listen-port of hub:wg1' 1 51821 ip netns exec hub wg show wg1 listen-port
  object 'wireguard.net:20  address 10.8.0.1/24 of hub:wg1' 1 10.8.0.1/24 ip -n hub -o addr show dev wg1
  object 'wireguard.net:20  wireguard hub:wg1' 2 UP 'group 1822276754' ip -n hub -d -o link show dev wg1
  object 'wireguard.net:29  address 10.8.0.2/24 of a:wg1' 1 10.8.0.2/24 ip -n a -o addr show dev wg1
  object 'wireguard.net:29  wireguard a:wg1' 2 UP 'group 1822276754' ip -n a -d -o link show dev wg1
  object 'wireguard.net:29  address 10.8.0.3/24 of b:wg1' 1 10.8.0.3/24 ip -n b -o addr show dev wg1
  object 'wireguard.net:29  wireguard b:wg1' 2 UP 'group 1822276754' ip -n b -d -o link show dev wg1
  object 'wireguard.net:12  allowed-ips of a:wg0' 2 0.0.0.0/0 ::/0 ip netns exec a wg show wg0 allowed-ips
  object 'wireguard.net:12  allowed-ips of b:wg0' 2 0.0.0.0/0 ::/0 ip netns exec b wg show wg0 allowed-ips
  object 'wireguard.net:20  allowed-ips of hub:wg1' 1 10.8.0.2/32 ip netns exec hub wg show wg1 allowed-ips
  object 'wireguard.net:20  allowed-ips of hub:wg1' 1 10.8.0.3/32 ip netns exec hub wg show wg1 allowed-ips
  object 'wireguard.net:29  allowed-ips of a:wg1' 1 10.8.0.0/24 ip netns exec a wg show wg1 allowed-ips
  object 'wireguard.net:29  allowed-ips of b:wg1' 1 10.8.0.0/24 ip netns exec b wg show wg1 allowed-ips
  object 'wireguard.net:9  route default of a' 3 default 'via 192.168.1.1' 'dev eth0' ip -n a route show exact 0.0.0.0/0 table 254
  object 'wireguard.net:10  route default of b' 3 default 'via 192.168.2.1' 'dev eth0' ip -n b route show exact 0.0.0.0/0 table 254
  object 'wireguard.net:19  route default of hub' 3 default 'via 192.168.3.1' 'dev eth0' ip -n hub route show exact 0.0.0.0/0 table 254

  if [[ -z $quiet ]]; then printf '%s as declared, %s differ, %s missing\n' "$fine" "$differ" "$missing"; fi
  if ((differ || missing)); then exit 1; fi
  exit 0
}
