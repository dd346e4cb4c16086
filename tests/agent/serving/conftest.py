"""A base model and adapters of it, made once."""

from pathlib import Path

import pytest

from tests.agent.serving.cases import CASES, Case
from tests.agent.serving.models import make_adapter, make_base


@pytest.fixture(scope="session")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_base(tmp_path_factory.mktemp("base"))


@pytest.fixture(scope="session")
def plain(tmp_path_factory: pytest.TempPathFactory, base: Path) -> Path:
    """An adapter that vLLM serves as it was trained; not to be changed."""
    return make_adapter(tmp_path_factory.mktemp("plain"), base)


@pytest.fixture(params=CASES, ids=lambda case: case.name)
def case(request: pytest.FixtureRequest) -> Case:
    found: Case = request.param
    return found
