"""How far a verb is, as bars on standard error."""

from types import TracebackType
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from tqdm import tqdm


class Bars:
    """One bar for each stage in turn, shown only where standard error is a terminal; a context manager."""

    def __init__(self) -> None:
        self._stage: str | None = None
        self._bar: tqdm | None = None

    def __call__(self, stage: str, done: int, total: int | None) -> None:
        """Show that `done` of `total` is done of a stage."""
        if self._bar is None or stage != self._stage:
            from tqdm import tqdm

            self._close()
            self._stage = stage
            # Disabled by None where standard error is no terminal.
            self._bar = tqdm(desc=stage, total=total, disable=None, leave=False, dynamic_ncols=True)
        self._bar.total = total
        self._bar.update(done - self._bar.n)

    def __enter__(self) -> Self:
        """Bars appear with the first report."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Clear the last bar."""
        self._close()

    def _close(self) -> None:
        if self._bar is not None:
            self._bar.close()
