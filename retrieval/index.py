"""What every index is: a cache over the library's database that can be thrown away and built anew."""

from collections.abc import Mapping, Sequence
from typing import Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.int64]
Content = TypeVar("Content", contravariant=True)
Question = TypeVar("Question", contravariant=True)


class Index(Protocol[Content, Question]):
    """Passages by number, and the nearest of them to a question."""

    @property
    def changed_to(self) -> int:
        """The last change of the library that the index holds."""
        ...

    def count(self) -> int:
        """How many passages it holds."""
        ...

    def add(self, contents: Mapping[int, Content], changed_to: int) -> None:
        """Take in passages, in place of what it held under the same numbers."""
        ...

    def remove(self, numbers: Sequence[int], changed_to: int) -> None:
        """Let go of passages; numbers that it does not hold are no error."""
        ...

    def clear(self) -> None:
        """Hold nothing, as when new."""
        ...

    def candidates(self, question: Question, limit: int, allowed: Numbers | None = None) -> dict[int, float]:
        """Scores of the best passages, at most `limit`, among the allowed ones."""
        ...
