# SPDX-License-Identifier: Apache-2.0
"""Tables as text and as HTML."""

from __future__ import annotations

import html
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Column:
    """Head of a column; numbers stand to the right."""

    head: str
    right: bool = False


def table(columns: Sequence[Column], rows: Sequence[Sequence[str]], indent: str = "") -> str:
    """Rows under heads, two blanks between columns; nothing is wrapped."""
    width = [max([len(c.head), *(len(row[i]) for row in rows)]) for i, c in enumerate(columns)]

    def line(cells: Sequence[str]) -> str:
        padded = [
            cell.rjust(w) if c.right else cell.ljust(w)
            for cell, w, c in zip(cells, width, columns, strict=True)
        ]
        return (indent + "  ".join(padded)).rstrip()

    heads = [line([c.head for c in columns])] if any(c.head for c in columns) else []
    return "\n".join([*heads, *(line(row) for row in rows)])


def html_table(columns: Sequence[Column], rows: Sequence[Sequence[str]], caption: str = "") -> str:
    """The same for a notebook."""

    def cells(tag: str, texts: Sequence[str]) -> str:
        side = ["right" if c.right else "left" for c in columns]
        return "".join(
            f'<{tag} style="text-align:{s}">{html.escape(t)}</{tag}>'
            for t, s in zip(texts, side, strict=True)
        )

    parts = ["<table>"]
    if caption:
        parts.append(f'<caption style="text-align:left">{html.escape(caption)}</caption>')
    if any(c.head for c in columns):
        parts.append(f"<thead><tr>{cells('th', [c.head for c in columns])}</tr></thead>")
    parts.append("<tbody>" + "".join(f"<tr>{cells('td', row)}</tr>" for row in rows) + "</tbody></table>")
    return "".join(parts)
