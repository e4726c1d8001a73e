"""A policy asks for IPsec, and the namespace has no state that does it.

## What it does
Looks at the templates of every `ipsec policy`: there has to be an `ipsec state` of the same namespace with the same
protocol, mode, `reqid` and `if_id`, and the same ends: those of the template, or, in transport mode, of the policy.
A namespace in which `exec` runs a program is left out, since a key daemon may make the states, and so is the host.

## What happens at run time
`dir out`: the kernel asks a key daemon for the state, and where none answers the packet is dropped. `dir in` and `fwd`:
what does not come through such a state is dropped. Either way without a word (RFC 4301, section 5; kernel
net/xfrm/xfrm_policy.c, xfrm_lookup_with_ifid; /proc/net/xfrm_stat counts it).
"""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import ip_address, ip_network

from netc.checks.base import Check
from netc.diagnostics import Finding, Severity
from netc.parts.ipsec import Policy, State, Template, value_of
from netc.reach.net import net_of
from netc.topology.model import Topology

BAD = """
netns a {
  ipsec state src 10.0.0.1 dst 10.0.0.2 proto esp spi 0x101 reqid 1 aead "rfc4106(gcm(aes))" auto 128
  ipsec policy src 10.0.0.1 dst 10.0.0.2 dir out tmpl proto esp mode transport reqid 2
}
"""
GOOD = """
netns a {
  ipsec state src 10.0.0.1 dst 10.0.0.2 proto esp spi 0x101 reqid 1 aead "rfc4106(gcm(aes))" auto 128
  ipsec policy src 10.0.0.1 dst 10.0.0.2 dir out tmpl proto esp mode transport reqid 1
}
"""


def _run(check: Check, topology: Topology) -> Iterator[Finding]:
    unsettled = net_of(topology).unsettled
    states = topology.parts_of(State)
    for policy in topology.parts_of(Policy):
        if policy.netns in unsettled or policy.netns.is_root:
            continue
        own = [state for state in states if state.netns == policy.netns]
        for template in policy.templates:
            if "use" in template.tail or any(_fits(state, policy, template) for state in own):
                continue
            why = "" if policy.direction == "out" else ", since it came in the clear"
            yield check.find(
                policy.origin.span,
                f"{policy.netns.label} has no state for this policy's template",
                effect=f"every packet that it is for would be dropped{why}",
                help="add an `ipsec state` with the same ends, `proto`, `mode` and `reqid`",
            )


def _fits(state: State, policy: Policy, template: Template) -> bool:
    said = dict(zip(template.words[::2], template.words[1::2], strict=True))
    mode = said.get("mode", "transport")
    if said.get("proto") != state.protocol or mode != (value_of(state.words, "mode") or "transport"):
        return False
    if template.reqid != state.reqid and (policy.direction == "out" or template.reqid):
        return False
    if value_of(policy.mark, "if_id") != value_of(state.words, "if_id"):
        return False
    selector = dict(zip(policy.selector[::2], policy.selector[1::2], strict=True))
    for name, own in (("src", state.source), ("dst", state.destination)):
        if name in said and ip_address(said[name]) != own:
            return False
        if name not in said and mode == "transport" and own not in ip_network(selector[name]):
            return False
    return True


CHECK = Check("N360", "ipsec-no-state", Severity.ERROR, _run, BAD, GOOD, whole=True)
