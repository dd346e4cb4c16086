"""The small model in the package: what was trained, and no path of where."""

import json

import pytest

from agent.serving.acceptance import objections
from agent.serving.base import Base
from finetune.bundle import BASE, SMALL, TOOLS, bundle

LIMIT = 10 * 1024 * 1024


def test_a_bundle_holds_base_and_adapter_and_no_path(tmp_path):
    run = tmp_path / "run"
    for part in ("base/model", "tools/adapter"):
        (run / part).mkdir(parents=True)
        (run / part / "card.json").write_text(json.dumps({"command": f"epicite finetune run={run}/x"}))
        (run / part / "weights.safetensors").write_bytes(b"weights")
    config = {"base_model_name_or_path": str(run / "base/model"), "r": 64}
    (run / "tools/adapter/adapter_config.json").write_text(json.dumps(config))
    bundle(run, tmp_path / "weights")
    files = [path for path in (tmp_path / "weights").rglob("*") if path.is_file()]
    assert len(files) == 5
    assert not [path for path in files if str(tmp_path).encode() in path.read_bytes()]
    assert json.loads((tmp_path / "weights/tools/adapter_config.json").read_text())["base_model_name_or_path"] == "base"


@pytest.mark.skipif(not SMALL.is_dir(), reason="the small model has not been bundled")
def test_the_small_model_is_small_and_what_vllm_takes():
    assert all(path.stat().st_size < LIMIT for path in SMALL.rglob("*.safetensors"))
    refused = [each for each in objections(SMALL / TOOLS, Base.find(str(SMALL / BASE))) if each.kind == "refused"]
    assert refused == []
