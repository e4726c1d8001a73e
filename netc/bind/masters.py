"""What waits for every device to be known: masters, the options of their ports, and devices that options name."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from netc.diagnostics import Label, did_you_mean, error
from netc.kinds import port_option_names
from netc.topology.options import option_name, read_option

if TYPE_CHECKING:
    from netc.bind.draft import DeviceDraft, Draft
    from netc.syntax.tree import Statement
    from netc.topology.options import Option


def bind_masters(draft: Draft) -> None:
    """Resolve the `master` options, then what ports say of themselves, then the devices that options name."""
    for device in draft.devices.values():
        if "master" in device.settings:
            _bind_master(device, draft)
    for device in draft.devices.values():
        for statement in device.waiting:
            _read_port_option(device, statement, draft)
    for device in draft.devices.values():
        _name_devices(device, draft)
        master = None if device.master is None else draft.devices[device.master]
        clashes = () if master is None else master.kind.clashing_port(master.settings, device.settings)
        for name, message, help in clashes:
            draft.findings.add(error("N009", device.settings[name].span, message, help=help))


def _bind_master(device: DeviceDraft, draft: Draft) -> None:
    setting = device.settings["master"]
    found = draft.find_device(device.key.netns, setting.value)
    if found is None or not found.kind.can_have_ports:
        help = did_you_mean(setting.value, [n for n in draft.device_names(device.key.netns) if n != "lo"])
        message = f"{device.key.netns.label} has no bridge `{setting.value}`"
        draft.findings.add(error("N006", setting.span, message, help=help))
        device.waiting.clear()  # of which master they speak is not known
    elif device.master is not None and device.master != found.key:
        label = Label(device.master_span or device.span, "joined here")
        message, help = f"{device.key.label} belongs to two masters", "keep one of the two"
        draft.findings.add(error("N007", setting.span, message, labels=[label], help=help))
    else:
        device.master, device.master_span = found.key, setting.span


def _read_port_option(device: DeviceDraft, statement: Statement, draft: Draft) -> None:
    name = option_name(statement)
    master = None if device.master is None else draft.devices[device.master]
    known = {} if master is None else {option.name: option for option in master.kind.port_options}
    if name in known:
        read_option(statement, known[name], device.settings, draft.findings)
        return
    owners = " or ".join(sorted(port_option_names()[name]))
    what = "has no master" if master is None else f"belongs to {master.key.name}, a {master.kind.name}"
    message = f"`{statement.head.text}` is an option of the ports of a {owners}, and {device.key.label} {what}"
    draft.findings.add(error("N004", statement.head.span, message, help=_help(device, owners, draft)))


def _help(device: DeviceDraft, owners: str, draft: Draft) -> str:
    peer = None if device.peer is None else draft.devices[device.peer]
    if peer is not None and peer.master is not None:
        return f"a block belongs to the end that it follows: write it after that of {peer.key.label}"
    return f"join the device to a {owners} with `master NAME`, or leave the option out"


def _name_devices(device: DeviceDraft, draft: Draft) -> None:
    """Put the real names of devices in place of those that the lab says."""
    options: dict[str, Option[object]] = dict(device.kind.all_options)
    if device.master is not None:
        options |= {option.name: option for option in draft.devices[device.master].kind.port_options}
    for name, setting in list(device.settings.items()):
        if not options[name].names_device:
            continue
        found = draft.find_device(device.key.netns, setting.value)
        if found is None:
            message = f"{device.key.netns.label} has no device `{setting.value}`"
            help = did_you_mean(setting.value, draft.device_names(device.key.netns))
            draft.findings.add(error("N006", setting.span, message, help=help))
            del device.settings[name]
        else:
            device.settings[name] = replace(setting, value=found.key.name)
