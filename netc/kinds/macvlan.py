"""A child of a device with a MAC address of its own, on the same wire.

    uplink enp1s0 192.168.7.1/24
    netns a { macvlan eth0 192.168.7.11/24 on enp1s0 { mode bridge } }

Parent and child cannot talk to each other, whatever the mode. What the host needs for that is a child of its own in
the same mode, with an address without a subnet, and a route to each child by it:

    macvlan shim 192.168.7.250/32 on enp1s0 { mode bridge }
    route 192.168.7.11 dev shim

The device is made in its own namespace straight away, so its name never meets another on the host.

| mode | child to child | child to parent | child to the outside |
|---|---|---|---|
| `bridge` | yes | no | yes |
| `private` | no | no | yes |
| `vepa` | by a switch that reflects | no | yes |
| `passthru` | there is one child only | no | yes |
| `source` | no | no | from the MAC addresses of `macaddr` alone |

A child in mode `source` gets copies: what these send to the parent's MAC it takes as well, and forwards a second time
where its namespace forwards. With `flag nodst` they reach nobody at the parent but such children.

Source: ip-link(8) "MACVLAN and MACVTAP Type Support", kernel drivers/net/macvlan.c.
"""

from netc.kinds.child import MacChild


class Macvlan(MacChild):
    """The kind `macvlan`."""

    name = "macvlan"


KIND = Macvlan()
