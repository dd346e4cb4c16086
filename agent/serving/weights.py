"""The names and shapes of weights, read from the heads of their files."""

from collections.abc import Mapping
from pathlib import Path

from safetensors import SafetensorError, safe_open

from agent.errors import AgentError

Shapes = Mapping[str, tuple[int, ...]]


def shapes_of(folder: Path, pattern: str = "*.safetensors") -> Shapes:
    """The shape of each tensor in a folder's files; nothing where it has none.

    Raises AgentError where a file is damaged.
    """
    shapes: dict[str, tuple[int, ...]] = {}
    for path in sorted(folder.glob(pattern)):
        try:
            with safe_open(path, framework="np") as file:
                shapes |= {name: tuple(file.get_slice(name).get_shape()) for name in file.keys()}  # noqa: SIM118
        except (SafetensorError, OSError) as error:
            raise AgentError(f"{path} cannot be read ({error})", "Copy it again from where it was trained.") from error
    return shapes
