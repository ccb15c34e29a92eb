"""Jinja filters: how a value is written so that it arrives byte for byte."""

from __future__ import annotations

from collections.abc import Sequence
from ipaddress import IPv6Address, ip_address


def yaml_text(value: object) -> str:
    """Write a value as a double-quoted YAML scalar that Compose leaves as it is.

    Printable characters stay readable; everything else becomes an escape (YAML 1.2, section 5.7). ``$`` is doubled,
    because Compose interpolates after parsing.
    """
    return f'"{"".join(_yaml_char(char) for char in str(value))}"'


def yaml_list(values: Sequence[str]) -> str:
    """Write texts as a YAML list on one line."""
    return f"[{', '.join(yaml_text(value) for value in values)}]"


def publish(bind: str, port: int, target: int) -> str:
    """Write a published port in Compose's short form; an IPv6 address is put in brackets."""
    return f"{bracketed(bind)}:{port}:{target}"


def unit_text(value: object) -> str:
    """Write a value into a unit file of systemd, where ``%`` begins a specifier (systemd.unit(5))."""
    return str(value).replace("%", "%%")


def unit_word(value: object) -> str:
    """Write a value as one word of a unit file's line (systemd.syntax(7), Quoting)."""
    escaped = unit_text(value).replace("\\", r"\\").replace('"', r"\"")
    return f'"{escaped}"' if set(escaped) & set(" '\\;") or not escaped else escaped


def edge_text(value: object) -> str:
    """Write a value as one word of a line of HAProxy's that is a log format, where ``%`` begins a variable.

    Between single quotes everything else stands for itself (HAProxy's configuration manual, 2.2 and 8.2).
    """
    escaped = str(value).replace("%", "%%").replace("'", r"'\''")
    return f"'{escaped}'"


def bracketed(address: str) -> str:
    """Return the address as it stands in a URL: IPv6 in brackets, everything else unchanged."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return address
    return f"[{address}]" if isinstance(parsed, IPv6Address) else address


def _yaml_char(char: str) -> str:
    if char in '"\\':
        return f"\\{char}"
    if char == "$":
        return "$$"
    if char.isprintable():
        return char
    return f"\\U{ord(char):08x}"
