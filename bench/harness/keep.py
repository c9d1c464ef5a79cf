"""Where results go: two files a run, and the README."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from .machine import BENCH, BenchError


def keep(result: dict[str, Any], text: str, folder: Path, suffix: str = "") -> Path:
    """Writes the two result files; returns the readable one."""
    folder.mkdir(parents=True, exist_ok=True)
    name = f"{result['date'][:10]}-{result['commit']}{suffix}"
    (folder / f"{name}.json").write_text(json.dumps(result, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    page = folder / f"{name}.md"
    page.write_text(f"# {name}\n\n{text}", encoding="utf-8")
    return page


def write_readme(what: str, text: str) -> None:
    """Puts a report between the README's two lines for it: `<!-- results of WHAT -->` and `<!-- end of WHAT -->`."""
    readme = BENCH / "README.md"
    begin, end = f"<!-- results of {what} -->", f"<!-- end of {what} -->"
    before, found_begin, rest = readme.read_text(encoding="utf-8").partition(begin)
    _, found_end, after = rest.partition(end)
    if not found_begin or not found_end:
        raise BenchError(f"{readme.name} lacks the two lines that mark the place of {what}")
    readme.write_text(f"{before}{begin}\n\n{text}\n{end}{after}", encoding="utf-8")
