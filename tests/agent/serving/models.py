"""A tiny random base model with a tokenizer and tools in its chat template, and adapters for it, made by peft."""

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

TEMPLATE = """\
{%- if tools %}<|im_start|>system
{% if messages[0].role == 'system' %}{{ messages[0].content }}
{% endif %}<tools>
{%- for tool in tools %}
{{ tool | tojson }}
{%- endfor %}
</tools><|im_end|>
{% elif messages[0].role == 'system' %}<|im_start|>system
{{ messages[0].content }}<|im_end|>
{% endif %}
{%- for message in messages if message.role != 'system' %}<|im_start|>{{ message.role }}
{{ message.content or '' }}
{%- for call in message.tool_calls or [] %}
<tool_call>
{"name": "{{ call.function.name }}", "arguments": {{ call.function.arguments | tojson }}}
</tool_call>
{%- endfor %}<|im_end|>
{% endfor %}
{%- if add_generation_prompt %}<|im_start|>assistant
{% endif %}"""
SPECIAL = ("<|endoftext|>", "<|im_start|>", "<|im_end|>")
ATTENTION = ("q_proj", "k_proj", "v_proj", "o_proj")


def make_base(
    folder: Path, hidden: int = 64, layers: int = 2, window: int = 16384, seed: int = 0, texts: Sequence[str] = ()
) -> Path:
    """A Qwen2 of random weights, with a tokenizer of bytes and of what is frequent in some texts; gives its folder.

    It never writes a blank or ends of itself, so that what a grammar forces comes without padding.
    """
    import torch
    from transformers import Qwen2Config, Qwen2ForCausalLM

    tokenizer = _tokenizer(texts)
    torch.manual_seed(seed)
    config = Qwen2Config(
        vocab_size=len(tokenizer),
        hidden_size=hidden,
        intermediate_size=2 * hidden,
        num_hidden_layers=layers,
        num_attention_heads=2,
        num_key_value_heads=2,
        max_position_embeddings=window,
        tie_word_embeddings=False,
        bos_token_id=0,
        eos_token_id=2,
    )
    model = Qwen2ForCausalLM(config)
    shunned = [
        token for token in range(len(tokenizer)) if token < len(SPECIAL) or not tokenizer.decode([token]).strip()
    ]
    with torch.no_grad():
        # A direction that all tokens share, against which those that are shunned are scored.
        shared = torch.ones(hidden)
        model.model.embed_tokens.weight.normal_(std=0.5).add_(shared)
        model.lm_head.weight.normal_(std=0.5)
        model.lm_head.weight[shunned] = -4 * shared
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


def make_adapter(
    folder: Path, base: Path, seed: int = 1, change: Callable[[Any], object] | None = None, **settings: Any
) -> Path:
    """An adapter with random weights; `settings` are peft's; `change` may alter the model before it is saved."""
    import torch
    from peft import LoraConfig, get_peft_model
    from transformers import AutoModelForCausalLM

    torch.manual_seed(seed)
    given = {"r": 8, "lora_alpha": 16, "target_modules": list(ATTENTION), "task_type": "CAUSAL_LM", **settings}
    model = get_peft_model(AutoModelForCausalLM.from_pretrained(base), LoraConfig(**given))
    with torch.no_grad():
        for name, weight in model.named_parameters():
            if "lora_B" in name or "lora_embedding_B" in name:
                weight.normal_(std=0.2)
    if change is not None:
        change(model)
    model.save_pretrained(folder)
    (folder / "README.md").unlink(missing_ok=True)
    write_card(folder, base)
    return folder


def write_card(folder: Path, base: Path, **changes: Any) -> None:
    """The card that training would write."""
    from agent.serving.base import template_of
    from agent.serving.card import CARD, text_sha256, weights_sha256

    template = template_of(base)
    told = {
        "base": str(base),
        "base_sha256": weights_sha256(base),
        "template_sha256": text_sha256(template) if template else None,
    }
    (folder / CARD).write_text(json.dumps({**told, **changes}), encoding="utf-8")


def _tokenizer(texts: Sequence[str]) -> Any:
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
    from transformers import PreTrainedTokenizerFast

    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=2_000 if texts else len(SPECIAL) + 256,
        special_tokens=list(SPECIAL),
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train_from_iterator(texts, trainer)
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, eos_token="<|im_end|>", pad_token="<|endoftext|>", chat_template=TEMPLATE
    )
