"""Serving: what vLLM takes of an adapter, starting it, and finding it while it runs."""
