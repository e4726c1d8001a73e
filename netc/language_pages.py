"""The pages of the language's own findings: what the phases before the checks tell."""

from __future__ import annotations

import textwrap
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class LanguagePage:
    """A code of the language itself; `bad` raises it, `good` is the same lab put right."""

    code: str
    name: str
    title: str
    does: str
    happens: str
    bad: str
    good: str
    standing: str = "An error, which cannot be allowed."

    @property
    def text(self) -> str:
        """The page, in Markdown, with the sections that a check's page has."""
        does, happens = (textwrap.fill(text, 118, break_on_hyphens=False) for text in (self.does, self.happens))
        return (
            f"# {self.code} {self.name}: {self.title}\n\n{self.standing}\n\n"
            f"## What it does\n{does}\n\n## What happens at run time\n{happens}\n\n"
            f"## Example\n\n```\n{self.bad.strip()}\n```\n\n## Use instead\n\n```\n{self.good.strip()}\n```\n"
        )


_NOTHING = "Nothing: it is an error of the text, and no script is written."

PAGES = (
    LanguagePage(
        "N001",
        "syntax",
        "The text has not the form of a lab",
        "Finds braces and parentheses that are not closed or close nothing, blocks without a statement before "
        "them, and characters where no statement can have them. The statements after it are still read, and "
        "their findings told.",
        _NOTHING + " The form is that of grammar/netc.lark: words, blocks in `{ }`, one statement a line or after `;`.",
        "netns ns1 { veth eth0 10.0.0.1/24 -- host:to-ns1 10.0.0.2/24\n",
        "netns ns1 { veth eth0 10.0.0.1/24 -- host:to-ns1 10.0.0.2/24 }\n",
    ),
    LanguagePage(
        "N002",
        "word",
        "A word holds what no word can hold",
        "Finds full-width punctuation (`；`), a `#` or an arrow inside a word, a word that starts with `-`, a "
        'string that is not closed or touches a word, and escapes other than \\", \\\\, \\n and \\t.',
        _NOTHING + " A `#` that started a comment in the middle of a word would silently shorten a name, so it starts "
        "one only at the start of a line or after a space, `;`, `{` or `}`.",
        'netns "ns1\n',
        'netns "ns1"\n',
    ),
    LanguagePage(
        "N003",
        "statement",
        "There is no such statement",
        "Finds lines that start with a word that is neither a statement nor a kind of device or link, and "
        "names the nearest one that is.",
        _NOTHING + " `netc explain` lists the findings, the language reference the statements.",
        "nets ns1\n",
        "netns ns1\n",
    ),
    LanguagePage(
        "N004",
        "option",
        "A block holds an option that is not one",
        "Finds options that the kind of device does not have, and options with too many or too few words "
        "after them. `_` and `-` are the same in an option's name.",
        _NOTHING + " A misspelt option that was passed over would leave the kernel's default in its place.",
        "bridge br0 { stpp on }\n",
        "bridge br0 { stp on }\n",
    ),
    LanguagePage(
        "N005",
        "value",
        "A word is not the value that its place wants",
        "Finds addresses, prefixes, MAC addresses, numbers and switches that are none, or are out of range. "
        "The finding points at the part that is wrong: the octet, the prefix length.",
        _NOTHING + " The command that the value is for would refuse it, in the middle of bringing the lab up: `Error: "
        'any valid prefix is expected rather than "1.1.1.300/24"`.',
        "netns ns1 { veth eth0 1.1.1.300/24 -- ns2:eth0 1.1.1.2/24 }\nnetns ns2\n",
        "netns ns1 { veth eth0 1.1.1.30/24 -- ns2:eth0 1.1.1.2/24 }\nnetns ns2\n",
    ),
    LanguagePage(
        "N006",
        "unknown-name",
        "Nothing has this name",
        "Finds names of namespaces, bridges, devices and VRFs that the lab declares nowhere. The right end of "
        "a link, when it is one bare word, must be a bridge or a namespace: a misspelt bridge is never taken "
        "for a new device.",
        _NOTHING + " A command that names it would end in `Cannot find device` or `No such file or directory`.",
        "bridge br0\nnetns ns1 { veth eth0 10.0.0.1/24 -- br1 }\n",
        "bridge br0\nnetns ns1 { veth eth0 10.0.0.1/24 -- br0 }\n",
    ),
    LanguagePage(
        "N007",
        "twice",
        "Something is declared or said twice",
        "Finds two namespaces of one name, two devices of one name in one namespace, an option or a word that "
        "one statement says twice, a link's option that its two ends say differently, and a device with two "
        "masters.",
        _NOTHING + " A second device of a name would end in `RTNETLINK answers: File exists`, even if it were to be "
        "moved elsewhere at once: names are looked up where a device is made.",
        "netns ns1\n"
        "netns ns2\n"
        "veth ns1:eth0 10.0.0.1/24 -- ns2:eth0 10.0.0.2/24\n"
        "veth ns1:eth0 10.0.1.1/24 -- ns2:eth1 10.0.1.2/24\n",
        "netns ns1\n"
        "netns ns2\n"
        "veth ns1:eth0 10.0.0.1/24 -- ns2:eth0 10.0.0.2/24\n"
        "veth ns1:eth1 10.0.1.1/24 -- ns2:eth1 10.0.1.2/24\n",
    ),
    LanguagePage(
        "N008",
        "ambiguous-name",
        "A name could mean two things",
        "Finds names that fit a namespace as well as a bridge or the machine itself. The finding names both.",
        _NOTHING + " netc does not choose: the other reading would make another network.",
        "bridge lan\nnetns lan\nnetns ns1 { veth eth0 10.0.0.1/24 -- lan }\n",
        "bridge lan\nnetns ns2\nnetns ns1 { veth eth0 10.0.0.1/24 -- lan }\n",
    ),
    LanguagePage(
        "N009",
        "shape",
        "A statement lacks a part, or has one too many",
        "Finds statements whose words are not in the order that their keyword wants, that stand where they "
        "cannot stand, or that contradict themselves. The finding says how the statement is written.",
        _NOTHING,
        "netns ns1 { veth eth0 10.0.0.1/24 }\n",
        "netns ns1 { veth eth0 10.0.0.1/24 -- ns2:eth0 10.0.0.2/24 }\nnetns ns2\n",
    ),
    LanguagePage(
        "N010",
        "unroll",
        "A value, a loop or a template cannot be worked out",
        "Finds faults in `let`, `for`, `template`, `use` and `${...}`: names that nothing has, or that are "
        "taken; empty ranges; words that are no numbers; a subnet that has no such address; a template with "
        "other parameters, or that uses itself.",
        _NOTHING
        + " All of these are gone before the network is looked at; a finding about what came of them says which "
        "turn of the loop it was.",
        "let lan = 10.0.0.0/30\nnetns a { veth eth0 ${lan[1]}/30 -- b:eth0 ${lan[4]}/30 }\nnetns b\n",
        "let lan = 10.0.0.0/30\nnetns a { veth eth0 ${lan[1]}/30 -- b:eth0 ${lan[2]}/30 }\nnetns b\n",
    ),
    LanguagePage(
        "N011",
        "include",
        "A file cannot be included",
        "Finds files that cannot be read, that include themselves, or that are named by anything but their "
        "path from the including file; and `include` inside a block.",
        _NOTHING + " Scripts do not read other files of the lab: all of them are read when the lab is compiled.",
        'netns ns1 {\n  include "common.net"\n}\n',
        'include "common.net"\nnetns ns1\n',
    ),
    LanguagePage(
        "N012",
        "auto",
        "There is no address for `auto` to take",
        "Finds `auto` on a segment without a subnet, with two of one family, or with none of its addresses free.",
        _NOTHING
        + " netc gives the lowest free address, in the order of the text, after those that are written out and "
        "those of gateways: the same on every run.",
        "bridge br0\nnetns ns1 { veth eth0 auto -- br0 }\n",
        "bridge br0 { subnet 10.0.0.0/24 }\nnetns ns1 { veth eth0 auto -- br0 }\n",
    ),
    LanguagePage(
        "N013",
        "expect-end",
        "An end of `expect` cannot be pinged",
        "Finds ends without an address, addresses that nobody has or that two namespaces have, and pairs of "
        "ends without a family in common.",
        "verify.sh would have nothing to ping, or could not tell whose answer it got.",
        "netns ns1 { veth eth0 10.0.0.1/24 -- ns2:eth0 }\nnetns ns2\nexpect ns1 -> ns2\n",
        "netns ns1 { veth eth0 10.0.0.1/24 -- ns2:eth0 10.0.0.2/24 }\nnetns ns2\nexpect ns1 -> ns2\n",
    ),
    LanguagePage(
        "N014",
        "allow",
        "A comment for netc cannot be read, or asks for what cannot be",
        "Finds comments that start with `# netc:` and are not `# netc: allow NAME -- REASON` or `# netc: allow-file "
        "NAME -- REASON`: without a reason, with a name that no finding has, above no statement. What cannot be meant "
        "cannot be allowed: what up.sh would stumble over, what is not safe, and every error of the text.",
        "Nothing by itself: it allows nothing, and no script is written.",
        "# netc: allow network-as-host\nnetns a { veth eth0 10.0.0.0/24 -- b:eth0 10.0.0.1/24 }\nnetns b\n",
        "# netc: allow network-as-host -- these hosts run Linux 6.1\n"
        "netns a { veth eth0 10.0.0.0/24 -- b:eth0 10.0.0.1/24 }\nnetns b\n",
    ),
    LanguagePage(
        "N015",
        "unused-allow",
        "A comment allows what is not found",
        "Finds comments `# netc: allow NAME -- REASON` without a finding of that name where they hold. Comments in "
        "templates that are never used are left alone, and all of them while the text has errors.",
        "Nothing: but the finding would be hidden if it came back, where nobody means it any more.",
        "# netc: allow network-as-host -- these hosts run Linux 6.1\n"
        "netns a { veth eth0 10.0.0.2/24 -- b:eth0 10.0.0.1/24 }\nnetns b\n",
        "netns a { veth eth0 10.0.0.2/24 -- b:eth0 10.0.0.1/24 }\nnetns b\n",
        "A warning, which cannot be allowed.",
    ),
)
