"""What every scenario is given, and what it gives back."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ..load import Load, check_replies, run_load
from ..servers import ServerRack, Tollgate


@dataclass(frozen=True)
class Effort:
    rounds: int
    seconds: float
    warmup: float
    tenants: int
    crowd: int  # the tenants that are active within an hour
    slots: int | None  # of the crowd's ledger; None: the default
    frozen_seconds: float


FULL = Effort(rounds=5, seconds=2, warmup=4, tenants=1000, crowd=1_000_000, slots=4_194_304, frozen_seconds=3)
SMOKE = Effort(rounds=1, seconds=0.2, warmup=0.3, tenants=20, crowd=500, slots=None, frozen_seconds=0.1)


@dataclass(frozen=True)
class Setting:
    rack: ServerRack
    binary: Path
    effort: Effort

    def start_tollgate(self, name: str, redis: Path, environment: dict[str, str] | None = None) -> Tollgate:
        tollgate = Tollgate(self.rack, name, self.binary, redis, environment or {})
        tollgate.start()
        return tollgate

    def load(self, load: Load, core: int, where: str, **more: Any) -> dict[str, Any]:
        """Runs a load of calls that must all be allowed."""
        result = run_load(load, core, where, **more)
        check_replies(where, result, gives_verdicts=True)
        return result


@dataclass
class Finding:
    """What a scenario found: numbers to show, in order, and the verdicts on them."""

    title: str
    how: str
    numbers: dict[str, str] = field(default_factory=dict)
    gates: list[dict[str, Any]] = field(default_factory=list)
    data: dict[str, Any] = field(default_factory=dict)
