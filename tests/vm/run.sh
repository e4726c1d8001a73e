#!/usr/bin/env bash
# Runs inside the virtual machine: brings each lab of a folder up in a throw-away host, tests it, takes it down.
#   run.sh FOLDER TYPE...    FOLDER/LAB/{up,verify,status,down}.sh; the TYPEs of devices that the labs make
# A line for each step on standard output: LAB, step, status. What the scripts say goes to FOLDER/LAB/log.
set -u
folder=$1
shift

snapshot() { # what a lab may change, without what differs from one moment to the next
  ip -o link show | sed -E 's/^[0-9]+: //; s/link-netnsid [0-9]+//; s/@if[0-9]+/@if/'
  ip -o addr show | sed -E 's/^[0-9]+: //'
  ip route show table all
  ip -6 route show table all
  ip rule show
  ip -6 rule show
  ip neigh show nud permanent
  nft list ruleset
  tc qdisc show
  ls /run/netns 2>/dev/null
  sysctl -a --pattern '^net[.]' 2>/dev/null | grep -vE 'nf_conntrack_count|random|stat|tcp_mem|udp_mem'
}
export -f snapshot

lab() { # runs in a host of its own
  mount -t tmpfs tmpfs /run
  ip link set dev lo up
  snapshot >/run/before
  for step in up verify status down; do
    bash "$1/$step.sh" >>"$1/log" 2>&1
    printf '%s %s %s\n' "${1##*/}" "$step" $?
  done
  snapshot >/run/after
  diff /run/before /run/after >>"$1/log" 2>&1
  printf '%s trace %s\n' "${1##*/}" $?
}
export -f lab

# A type's module may add devices to every namespace when it is loaded (gre0, tunl0, sit0): before any snapshot.
for type; do
  unshare --net ip link add name probe type "$type" 2>/dev/null
done
# So do those of connection tracking: kernel parameters of every namespace.
unshare --net nft 'table inet probe { chain c { type nat hook postrouting priority srcnat; ct state new masquerade; }; }'
for path in "$folder"/*/; do
  unshare --net --mount --propagation private bash -c 'lab "$1"' sh "${path%/}"
done
