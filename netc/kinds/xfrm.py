"""A device through which packets go into IPsec and come out of it, by states and policies that have its `if-id`.

    netns a; netns b
    veth a:eth0 10.0.0.1/24 -- b:eth0 10.0.0.2/24
    xfrm a:ipsec0 10.9.0.1/30 on eth0 -- b:ipsec0 10.9.0.2/30 on eth0 { if-id 42 }

It has no outer addresses of its own: those are the states'. See the statement `ipsec`, and examples/xfrm.net.

Source: ip-link(8) "XFRM Type Support", kernel net/xfrm/xfrm_interface.c.
"""

from collections.abc import Mapping

from netc.kinds.attributes import flag, numeric, of_link, shown
from netc.kinds.guarded import Guarded, Seal
from netc.kinds.overlay import is_external
from netc.topology.model import Device, Setting


class Xfrm(Guarded):
    """The kind `xfrm`."""

    name = "xfrm"
    takes_parent = True
    parent_word = "dev"
    has_ends = False
    modelled = True
    unfollowed = ("external",)
    is_opened = True
    probe = ("if_id", "1")
    attributes = (
        *of_link(
            shown(
                numeric(
                    "if-id",
                    1,
                    2**32 - 1,
                    "The number that its states and policies have. Needed unless `external on`.",
                    "none",
                    "if_id",
                ),
                lambda given: (f"if_id {given:#x}",),
            )
        ),
        flag("external", "Takes the number from each packet's own metadata (kernel 6.1).", "off"),
    )

    def missing(self, settings: Mapping[str, Setting]) -> tuple[str, ...]:
        """Return what is missing: the number, unless each packet brings one."""
        return () if "if-id" in settings or is_external(settings) else ("if-id",)

    def seal(self, device: Device, way: str) -> Seal:
        """Return its number (xfrmi_xmit2, xfrmi_rcv_cb, xfrmi_decode_session)."""
        said = device.settings.get("if-id")
        return Seal(if_id=0 if said is None else int(said.value))


KIND = Xfrm()
