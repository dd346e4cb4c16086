"""What one visit sees of the evidence table: rows and their order, the cell and the quotes that are open."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from page.heat_map import Cell, HeatMap, gene_name, heat_map
from page.outcome import Failed, Refused
from page.words import Phrase
from retrieval.evidence_row import EvidenceQuestion, EvidenceRow
from retrieval.evidence_summary import share

AT_FIRST = 50
# Each quote is read from its library; more are opened by hand.
_OPEN_AT_ONCE = 20


@dataclass(frozen=True)
class Evidence:
    """The rows of some libraries that a question asks for, rejected ones too, and what the reader should know."""

    asked: EvidenceQuestion
    ticked: Sequence[str]
    rows: Sequence[EvidenceRow]
    notices: Sequence[Refused] = ()


def identity(row: EvidenceRow) -> str:
    """What tells a row from all others, also from those of another library that holds the same paper."""
    return f"{row.library}/{row.key}"


def _hedges(row: EvidenceRow) -> str | None:
    told = [name for name in ("negated", "speculated") if getattr(row, name)]
    return " ".join([*told, row.verdict or ""]).strip() or None


ORDERS: dict[str, Callable[[EvidenceRow], str | float | None]] = {
    "gene": lambda row: gene_name(row).casefold(),
    "status": lambda row: row.status,
    "disease": lambda row: (row.disease or row.disease_text or "").casefold() or None,
    "sample": lambda row: row.sample,
    "frequency": share,
    "site": lambda row: (row.site or "").casefold() or None,
    "hedges": _hedges,
    "paper": lambda row: row.year,
}


@dataclass(frozen=True)
class Order:
    """By which column rows stand; as the papers stand where there is none."""

    column: str | None = None
    descending: bool = False

    def by(self, column: str) -> "Order":
        """The order after a click on a column's head: up, then down."""
        if column not in ORDERS:
            return self
        return Order(column, not self.descending if column == self.column else False)

    def sorted(self, rows: Sequence[EvidenceRow]) -> list[EvidenceRow]:
        """The rows in this order; those that say nothing there come last either way."""
        if self.column is None:
            return list(rows)
        key = ORDERS[self.column]
        silent = [row for row in rows if key(row) is None]
        telling = [(value, row) for row in rows if (value := key(row)) is not None]
        telling.sort(key=lambda pair: pair[0], reverse=self.descending)
        return [row for _, row in telling] + silent


@dataclass(frozen=True)
class Said:
    """What came of a verdict or of a file of them."""

    phrase: Phrase
    values: dict[str, object] = field(default_factory=dict)
    reason: str | None = None


@dataclass
class Looking:
    """The state of one visit. What was judged in it stays in sight, also where it is rejected."""

    found: Evidence | Refused | Failed | None = None
    order: Order = field(default_factory=Order)
    cell: Cell | None = None
    opened: set[str] = field(default_factory=set)
    shown: int = AT_FIRST
    judged: set[str] = field(default_factory=set)
    said: Said | None = None

    def take(self, found: Evidence | Refused | Failed) -> None:
        """Show what was found now, from its beginning where something else is asked."""
        before = self.found
        self.found, self.said = found, None
        if not (isinstance(found, Evidence) and isinstance(before, Evidence) and found.asked == before.asked):
            self.cell, self.opened, self.shown, self.judged = None, set(), AT_FIRST, set()
        if self.cell and not self.of_cell():
            self.cell = None

    def rows(self) -> list[EvidenceRow]:
        """Every row in sight, whatever cell is open."""
        if not isinstance(self.found, Evidence):
            return []
        if self.found.asked.with_rejected:
            return list(self.found.rows)
        return [row for row in self.found.rows if row.verdict != "rejected" or identity(row) in self.judged]

    def hidden(self) -> int:
        """How many rows were rejected before and are not in sight."""
        return len(self.found.rows) - len(self.rows()) if isinstance(self.found, Evidence) else 0

    def of_cell(self) -> list[EvidenceRow]:
        """The rows of the open cell, of all cells where none is, in order."""
        return self.order.sorted([row for row in self.rows() if self.cell is None or Cell.of(row) == self.cell])

    def map(self) -> HeatMap:
        """The heat map of the rows in sight."""
        return heat_map(self.rows())

    def row(self, name: str) -> EvidenceRow | None:
        """The row of an identity, where it is in sight."""
        return next((row for row in self.rows() if identity(row) == name), None)

    def turn(self, name: str) -> None:
        """Open a row, or close it."""
        self.opened ^= {name}

    def sort(self, column: str) -> None:
        """Put the rows in the order of a column, or the other way round."""
        self.order = self.order.by(column)

    def enter(self, cell: Cell | None) -> None:
        """Show a cell with the quotes of its rows open; all rows again, closed, where it is None."""
        self.cell, self.shown = cell, AT_FIRST
        self.opened = {identity(row) for row in self.of_cell()[:_OPEN_AT_ONCE]} if cell else set()

    def go_on(self) -> None:
        """Show some more rows."""
        self.shown += AT_FIRST
