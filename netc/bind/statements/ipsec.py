"""States and policies of IPsec, set up by hand, in the words of `ip xfrm`.

    ipsec state src 10.0.0.1 dst 10.0.0.2 proto esp spi 0x1001 mode transport aead "rfc4106(gcm(aes))" auto 128
    ipsec policy src 10.0.0.1/32 dst 10.0.0.2/32 dir out tmpl proto esp mode transport

Both ends of an association need the state, under the same `src`, `dst`, `proto` and `spi`, and with the same key; there
is one for each direction. The sender needs a policy `dir out`, the receiver one `dir in`, a router one `dir fwd`.

A key is a secret, and stands in no lab and no script. Where `ip xfrm` has the key there is one of these words:

| word | meaning |
|---|---|
| `FILE` | a file on the host with one line of hex digits, such as `0x0123abcd` |
| `auto` | a fresh key, the same wherever in the lab's namespaces the same state stands; not on the host |
| `none` | no key, for `ecb(cipher_null)` and `digest_null` |

Files are read when up.sh runs; keys go to `ip` through a pipe, so that ps(1) does not show them.

Words of a state: `src`, `dst`, `proto esp|ah|comp`, `spi`; then `mode transport|tunnel|beet`, `reqid`, `aead NAME KEY
ICV-BITS`, `enc NAME KEY`, `auth NAME KEY`, `auth-trunc NAME KEY BITS`, `comp NAME`, `if_id`, `mark N [mask N]`,
`output-mark N`, `replay-window N`, `flag WORD`, `extra-flag WORD`, `sel src PREFIX dst PREFIX`, `encap espinudp SPORT
DPORT ADDRESS`, `tfcpad N`.

Words of a policy: `src`, `dst`, `dev`, `proto`, `sport`, `dport`, `type`, `code`, `dir in|out|fwd`; then `priority`,
`mark N [mask N]`, `if_id`, `action allow|block`, `flag localok|icmp`, and any number of `tmpl [src ADDRESS dst ADDRESS]
proto esp|ah|comp [spi N] mode MODE [reqid N] [level required|use]`.

On the host the lab's mark is in `reqid`: up.sh adds the lab's number to it, in states and in templates alike, and a
policy without a template, which has none, is refused there.

Source: ip-xfrm(8), RFC 4301; algorithms: kernel net/xfrm/xfrm_algo.c.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from netc.bind.cursor import Cursor, shape
from netc.bind.draft import Draft, Place
from netc.bind.statement import StatementKind
from netc.kinds.files import file_name
from netc.parts.ipsec import Algorithm, Policy, State, Template
from netc.syntax.tree import Statement, Word
from netc.topology.values import address, bad_value, choice, number, prefix

FORM = "ipsec state|policy WORDS..."
_MODES = ("transport", "tunnel", "beet")
_PROTOCOLS = ("esp", "ah", "comp")
_UPPER = ("tcp", "udp", "sctp", "dccp", "icmp", "ipv6-icmp", "gre")
_TAILS = {"aead": "the length of the ICV in bits", "auth-trunc": "the length in bits"}
_ALGORITHMS = ("aead", "enc", "auth", "auth-trunc", "comp")
_FLAGS = ("noecn", "decap-dscp", "nopmtudisc", "wildrecv", "icmp", "af-unspec", "align4", "esn")
#: Bytes of a fresh key, with the salt that RFC 4106, 4309, 4543, 3686 and 7634 want after it.
_SIZES = {
    "rfc4106(gcm(aes))": 20,
    "rfc4543(gcm(aes))": 20,
    "rfc4309(ccm(aes))": 19,
    "rfc7539esp(chacha20,poly1305)": 36,
    "cbc(aes)": 16,
    "rfc3686(ctr(aes))": 20,
    "cbc(camellia)": 16,
    "cbc(des3_ede)": 24,
    "hmac(md5)": 16,
    "hmac(sha1)": 20,
    "hmac(sha256)": 32,
    "hmac(sha384)": 48,
    "hmac(sha512)": 64,
    "xcbc(aes)": 16,
    "cmac(aes)": 16,
}
Read = Callable[[Word], Any]


def _spi(word: Word) -> int:
    text = word.text
    if re.fullmatch(r"0x[0-9A-Fa-f]{1,8}", text):
        return int(text, 16)
    return number(1, 2**32 - 1, "an SPI")(word)


_NUMBER = number(0, 2**32 - 1)
#: Words with their values, beside those that have a meaning of their own.
_OF_STATE: dict[str, tuple[Read, ...]] = {
    "mode": (choice(*_MODES),),
    "if_id": (number(1, 2**32 - 1),),
    "mark": (_NUMBER,),
    "mask": (_NUMBER,),
    "output-mark": (_NUMBER,),
    "replay-window": (number(0, 4096),),
    "flag": (choice(*_FLAGS),),
    "extra-flag": (choice("dont-encap-dscp", "oseq-may-wrap"),),
    "encap": (choice("espinudp", "espinudp-nonike", "espintcp"), number(1, 65535), number(1, 65535), address),
    "tfcpad": (number(0, 65535),),
}
_OF_POLICY: dict[str, tuple[Read, ...]] = {
    "priority": (_NUMBER,),
    "action": (choice("allow", "block"),),
    "flag": (choice("localok", "icmp"),),
}
_OF_SELECTOR: dict[str, tuple[Read, ...]] = {
    "src": (prefix,),
    "dst": (prefix,),
    "proto": (choice(*_UPPER),),
    "sport": (number(1, 65535),),
    "dport": (number(1, 65535),),
    "type": (number(0, 255),),
    "code": (number(0, 255),),
    "key": (_NUMBER,),
}
_OF_MARK: dict[str, tuple[Read, ...]] = {"mark": (_NUMBER,), "mask": (_NUMBER,), "if_id": (number(1, 2**32 - 1),)}


class _Reader:
    """Reads the words of one statement."""

    def __init__(self, cursor: Cursor) -> None:
        self.cursor = cursor
        self.said: dict[str, Any] = {}

    def value(self, word: Word, read: Read) -> Any:
        """Take the value of a word that stands once."""
        self.cursor.once(word, again=word.text in self.said)
        self.said[word.text] = found = read(self.cursor.word(f"the value of `{word.text}`"))
        return found

    def plain(self, word: Word, table: dict[str, tuple[Read, ...]]) -> list[str]:
        """Take a word of a table with its values, and return both as iproute2 reads them."""
        if word.text != "flag":
            self.cursor.once(word, again=word.text in self.said)
        values = [str(read(self.cursor.word(f"the value of `{word.text}`"))) for read in table[word.text]]
        self.said[word.text] = values
        return [word.text, *values]

    def require(self, statement: Statement, *names: str) -> None:
        """Refuse a statement that lacks one of the names."""
        for name in names:
            if name not in self.said:
                raise shape(statement.span, f"`{name}` is missing", f"write `{FORM}`, with `{name}`")


def _bind(statement: Statement, place: Place, draft: Draft) -> None:
    cursor = Cursor(statement, FORM)
    sort = cursor.word("`state` or `policy`")
    if sort.text == "state":
        _bind_state(statement, cursor, place, draft)
    elif sort.text == "policy":
        _bind_policy(statement, cursor, place, draft)
    else:
        raise cursor.unknown(sort, ("state", "policy"))


def _bind_state(statement: Statement, cursor: Cursor, place: Place, draft: Draft) -> None:
    reader, words, algorithms = _Reader(cursor), list[str](), list[Algorithm]()
    own: dict[str, Read] = {"src": address, "dst": address, "proto": choice(*_PROTOCOLS), "spi": _spi, "reqid": _NUMBER}
    while (word := cursor.peek_word()) is not None:
        cursor.word("a word")
        name = word.text.replace("-id", "_id") if word.text == "if-id" else word.text
        if name in own:
            reader.value(word, own[name])
        elif name in _ALGORITHMS:
            cursor.once(word, again=name in reader.said)
            reader.said[name] = True
            algorithms.append(_algorithm(name, cursor, place))
        elif name == "sel":
            words += ["sel", *_selector(_Reader(cursor), place, draft)]
        elif name in _OF_STATE:
            words += reader.plain(Word(name, word.span), _OF_STATE)
        else:
            raise cursor.unknown(word, (*own, *_ALGORITHMS, "sel", *_OF_STATE))
    cursor.end()
    reader.require(statement, "src", "dst", "proto", "spi")
    if not algorithms:
        raise shape(statement.span, "the state has no algorithm", 'write `aead "rfc4106(gcm(aes))" auto 128`')
    said = reader.said
    _one_family(statement, said["src"], said["dst"])
    ends = (said["src"], said["dst"], said["proto"], said["spi"], said.get("reqid", 0))
    draft.parts.append(State(place.netns, place.origin(statement), *ends, tuple(algorithms), tuple(words)))


def _algorithm(sort: str, cursor: Cursor, place: Place) -> Algorithm:
    word = cursor.word("the algorithm")
    if not re.fullmatch(r"[a-z0-9_(),.-]{1,63}", word.text):
        help = 'write a name of the kernel in quotes: "rfc4106(gcm(aes))"'
        raise bad_value(word.span, f"`{word.text}` is no algorithm", help)
    if sort == "comp":
        return Algorithm(sort, word.text)
    key = cursor.word("the key")
    tail = (str(number(1, 512, "a length in bits")(cursor.word(_TAILS[sort]))),) if sort in _TAILS else ()
    size = _SIZES.get(word.text, 0)
    if key.text == "none" and not key.quoted:
        return Algorithm(sort, word.text, tail=tail)
    if key.text != "auto" or key.quoted:
        if re.fullmatch(r"0x[0-9A-Fa-f]*", key.text):
            raise bad_value(key.span, "a key does not stand in a lab", "write it into a file, and name that here")
        return Algorithm(sort, word.text, size, file_name(key), tail)
    if place.netns.is_root:
        raise bad_value(key.span, "on the host, `auto` is no key", "name a file")
    if not size:
        raise bad_value(key.span, f"how long a key of {word.text} is, netc does not know", "name a file with the key")
    return Algorithm(sort, word.text, size, tail=tail)


def _selector(reader: _Reader, place: Place, draft: Draft) -> list[str]:
    """Take the words that choose packets, and return them in the order that iproute2 wants."""
    cursor, found = reader.cursor, dict[str, list[str]]()
    while (word := cursor.peek_word()) is not None and word.text in {*_OF_SELECTOR, "dev"}:
        cursor.word("a word")
        if word.text == "dev":
            cursor.once(word, again="dev" in found)
            device = draft.device(place.netns, cursor.word("the device"))
            found["dev"] = ["dev", device.key.name]
        else:
            found[word.text] = reader.plain(word, _OF_SELECTOR)
    order = ("src", "dst", "dev", "proto", "sport", "dport", "type", "code", "key")
    return [text for name in order for text in found.get(name, ())]


def _bind_policy(statement: Statement, cursor: Cursor, place: Place, draft: Draft) -> None:
    reader = _Reader(cursor)
    selector = _selector(reader, place, draft)
    words, mark, templates = list[str](), list[str](), list[Template]()
    while (word := cursor.peek_word()) is not None:
        cursor.word("a word")
        name = "if_id" if word.text == "if-id" else word.text
        if name == "dir":
            reader.value(word, choice("in", "out", "fwd"))
        elif name == "tmpl":
            templates.append(_template(cursor))
        elif name in _OF_MARK:
            mark += reader.plain(Word(name, word.span), _OF_MARK)
        elif name in _OF_POLICY:
            words += reader.plain(word, _OF_POLICY)
        else:
            raise cursor.unknown(word, ("dir", "tmpl", *_OF_MARK, *_OF_POLICY))
    cursor.end()
    reader.require(statement, "src", "dst", "dir")
    if place.netns.is_root and not templates:
        message = "on the host, a policy without a template cannot carry the lab's mark"
        raise shape(statement.span, message, "put it into a namespace of the lab")
    origin = place.origin(statement)
    direction = reader.said["dir"]
    parts = (tuple(selector), direction, tuple(mark), tuple(words), tuple(templates))
    draft.parts.append(Policy(place.netns, origin, *parts))


def _template(cursor: Cursor) -> Template:
    reader, words, tail = _Reader(cursor), list[str](), list[str]()
    own: dict[str, Read] = {
        "src": address,
        "dst": address,
        "proto": choice(*_PROTOCOLS),
        "spi": _spi,
        "mode": choice(*_MODES),
        "reqid": _NUMBER,
        "level": choice("required", "use"),
    }
    while (word := cursor.peek_word()) is not None and word.text != "tmpl":
        cursor.word("a word")
        if word.text not in own:
            raise cursor.unknown(word, tuple(own))
        value = reader.value(word, own[word.text])
        if word.text == "level":
            tail += ["level", value]
        elif word.text != "reqid":
            words += [word.text, f"0x{value:08x}" if word.text == "spi" else str(value)]
    return Template(tuple(words), reader.said.get("reqid", 0), tuple(tail))


def _one_family(statement: Statement, one: Any, other: Any) -> None:
    if one.version != other.version:
        raise shape(statement.span, "`src` and `dst` are not of one family", "write two IPv4 or two IPv6 addresses")


STATEMENT = StatementKind("ipsec", FORM, _bind)
