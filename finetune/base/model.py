"""The small model's shape: a Qwen2 of a few million parameters, which every server of language models knows."""

from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict, Field

if TYPE_CHECKING:
    from transformers import PreTrainedModel, PreTrainedTokenizerBase


class Shape(BaseModel):
    """Sizes of a Qwen2 (arXiv:2407.10671): tokens, width, layers, heads (of queries, of keys), inner width, context."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    vocabulary: int = Field(ge=300)
    width: int = Field(ge=8)
    layers: int = Field(ge=1)
    heads: int = Field(ge=1)
    key_heads: int = Field(ge=1)
    inner: int = Field(ge=8)
    context: int = Field(ge=64)


def untrained(shape: Shape, tokenizer: "PreTrainedTokenizerBase") -> "PreTrainedModel":
    """A model of a shape with random weights, for a tokenizer; its token vectors are shared between both ends."""
    from transformers import Qwen2Config, Qwen2ForCausalLM

    config = Qwen2Config(
        vocab_size=len(tokenizer),
        hidden_size=shape.width,
        num_hidden_layers=shape.layers,
        num_attention_heads=shape.heads,
        num_key_value_heads=shape.key_heads,
        intermediate_size=shape.inner,
        max_position_embeddings=shape.context,
        tie_word_embeddings=True,
        eos_token_id=tokenizer.eos_token_id,
        pad_token_id=tokenizer.pad_token_id,
        bos_token_id=None,
    )
    return Qwen2ForCausalLM(config)
