"""What vLLM's log says of its death, in plain words."""

import re

# "(EngineCore pid=7) ERROR 11-23 23:08:21 [core.py:9] ValueError: ..." is read from its type on.
_PREFIX = re.compile(r"^(?:\([^)]*pid=\d+\)\s*)?(?:[A-Z]+ \d\d-\d\d [\d:]+ \[[^\]]*\]\s*)?")
_ERROR = re.compile(r"^(?:[\w.]+\.)?([A-Z]\w*(?:Error|Exception|Exit|Interrupt)): ?(.*)$|^.*?: (error): (.+)$")
# Said by who only passes on what went wrong elsewhere.
_PASSED_ON = re.compile(r"root cause|initialization failed|Engine core")
_REMEDIES = (
    (r"unrecognized arguments|invalid choice|invalid value", "Look at what stands after --."),
    (r"greater than max_lora_rank", "Serve it with `epicite serve`, which chooses the rank."),
    (r"cache blocks|KV cache|max_model_len|model's max seq len", "Say a shorter window: -- --max-model-len 4096."),
    (r"out of memory|Cannot allocate", "Serve a smaller model, or a shorter window: -- --max-model-len 4096."),
    (r"[Aa]ddress already in use", "Say another --port."),
    (r"config\.json|not a valid model|Repo id|offline|LocalEntryNotFound", "Name a model's folder, or download it."),
    (r"adapter|lora|LoRA", "Ask `epicite doctor --adapter PATH --base NAME`."),
)


def told(log: str) -> tuple[str, str]:
    """The reason that a log gives and what can be done about it; a log without one is shown by its last line."""
    lines = [_PREFIX.sub("", line).strip() for line in log.splitlines()]
    errors = [found for line in lines if (found := _ERROR.match(line)) and not _PASSED_ON.search(line)]
    last = errors[-1] if errors else None
    reason = (last[2] or last[4] or last[1] or "") if last else next(filter(None, reversed(lines)), "it said nothing")
    remedy = next((way for pattern, way in _REMEDIES if re.search(pattern, reason)), "Read its log.")
    return " ".join(reason.split())[:300], remedy
