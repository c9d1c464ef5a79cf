"""What each measure of the Stripe leg is given."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from ..servers import ServerRack


@dataclass(frozen=True)
class Effort:
    """How much is measured."""

    rounds: int
    sent: int  # owed hours of a round of sending
    held: int  # owed hours while the memory is looked at
    sending_seconds: float  # for how long it sends meanwhile
    flushed: int  # owed hours while the gate is looked at
    seconds: float  # of one measurement of the gate
    warmup: float
    rate: int  # calls a second
    tenants: int


FULL = Effort(rounds=5, sent=20_000, held=1_000_000, sending_seconds=60, flushed=100_000, seconds=3, warmup=3,
              rate=20_000, tenants=1000)  # fmt: skip
SMOKE = Effort(rounds=1, sent=150, held=2000, sending_seconds=0.2, flushed=20_000, seconds=0.2, warmup=0.2, rate=500,
               tenants=20)  # fmt: skip


@dataclass(frozen=True)
class Setting:
    rack: ServerRack
    binary: Path
    sandbox: Path
    effort: Effort
