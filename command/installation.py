"""What `epicite doctor` says of the installation: Python, packages, devices, the encoder's weights."""

import os
import platform
import re
import tomllib
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, distributions, requires, version
from pathlib import Path
from typing import TYPE_CHECKING

from command.check import Check

if TYPE_CHECKING:
    from packaging.requirements import Requirement

_PROJECT_FILE = Path(__file__).parents[1] / "pyproject.toml"
_FAISS_BUILD = re.compile(r"faiss[-_.](cpu|gpu.*)", re.IGNORECASE)


def check_installation() -> Iterator[Check]:
    """Everything about the installation; nothing heavy is imported unless torch is built for GPUs."""
    yield Check("Python", "ok", platform.python_version())
    yield from _packages()
    yield _faiss()
    yield Check("CPU", "ok", f"{_threads()} threads")
    yield _gpu()
    yield _encoder()


def not_installed(name: str, error: ImportError) -> Check:
    """What could not be looked at because a package is missing or does not load."""
    package = (error.name or "unknown").partition(".")[0]
    return Check(name, "broken", f"not looked at: {package} cannot be imported ({error})", "make setup")


def _packages() -> Iterator[Check]:
    try:
        needed = list(_requirements())
    except ImportError as error:
        yield not_installed("packages", error)
        return
    for requirement in needed:
        yield _package(requirement)


def _requirements() -> Iterator["Requirement"]:
    """What Epicite needs whatever is chosen: from the project file beside it, else from what was installed."""
    from packaging.requirements import Requirement

    if _PROJECT_FILE.is_file():
        lines = tomllib.loads(_PROJECT_FILE.read_text(encoding="utf-8"))["project"]["dependencies"]
    else:
        lines = requires("epicite") or []
    for line in lines:
        requirement = Requirement(line)
        if requirement.marker is None or requirement.marker.evaluate({"extra": ""}):
            yield requirement


def _package(requirement: "Requirement") -> Check:
    remedy = f'pip install "{requirement}"'
    try:
        found = version(requirement.name)
    except PackageNotFoundError:
        return Check(requirement.name, "broken", "not installed", remedy)
    if not requirement.specifier.contains(found, prereleases=True):
        return Check(requirement.name, "broken", f"{found}, needed is {requirement.specifier}", remedy)
    return Check(requirement.name, "ok", found)


def faiss_builds() -> list[str]:
    """The builds of FAISS that are installed, by package name; they overwrite each other's files."""
    names = {str(distribution.metadata["Name"]) for distribution in distributions()}
    return sorted(name for name in names if _FAISS_BUILD.fullmatch(name))


def _faiss() -> Check:
    builds = faiss_builds()
    if not builds:
        return Check("FAISS", "broken", "not installed", "make setup, with a GPU make setup GPU=1")
    if len(builds) > 1:
        return Check(
            "FAISS",
            "broken",
            f"mixed install: {' and '.join(builds)} overwrite each other's files",
            f"pip uninstall -y {' '.join(builds)} && make setup, with a GPU make setup GPU=1",
        )
    return Check("FAISS", "ok", f"{builds[0]} {version(builds[0])}")


def _threads() -> int | None:
    """The threads that this process may use, which in a container are fewer than the machine has."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()


def _gpu() -> Check:
    """Whether torch sees a GPU; a CPU build, which never does, is known by its version."""
    try:
        build = version("torch").partition("+")[2]
        if build == "cpu":
            return Check("GPU", "note", "none is used: this torch is built for the CPU")
        import torch
    except PackageNotFoundError:
        return Check("GPU", "note", "not looked at: torch is not installed")
    except (ImportError, OSError) as error:  # OSError: a CUDA library that cannot be loaded
        return Check("GPU", "broken", f"torch cannot be imported ({error})", "make setup")
    if not torch.cuda.is_available():
        return Check("GPU", "note", "torch sees none")
    return Check("GPU", "ok", ", ".join(torch.cuda.get_device_name(at) for at in range(torch.cuda.device_count())))


def _encoder() -> Check:
    name = "encoder weights"
    try:
        from seqmodels.encoder import BUNDLED, bundled_folder
        from seqmodels.errors import ModelError
    except ImportError as error:
        return not_installed(name, error)
    try:
        bundled_folder()
    except ModelError as error:
        return Check(name, "broken", error.reason, error.remedy)
    return Check(name, "ok", f"{BUNDLED}, the official ones by SHA-256")
