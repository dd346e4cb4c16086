"""A small language model from scratch: tokenizer, texts and weights, for where no model hub is reached."""
