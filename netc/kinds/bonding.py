"""What bonds and their checks have in common: looks at the links, and the delays that are counted in them."""

from netc.topology.model import Device

#: What the kernel counts in looks at the links: milliseconds are rounded down to a multiple of `miimon`.
DELAYS = ("updelay", "downdelay", "peer-notify-delay")
_LOOKING = {"802.3ad", "balance-tlb", "balance-alb"}


def miimon_of(bond: Device) -> int:
    """Return the milliseconds between a bond's looks at its links; 0 is never.

    kernel drivers/net/bonding/bond_options.c, bond_option_mode_set: modes that cannot use ARP look every 100.
    """
    said = bond.settings.get("miimon")
    mode = bond.settings.get("mode")
    if said is not None:
        return int(said.value)
    return 100 if mode is not None and mode.value in _LOOKING else 0
