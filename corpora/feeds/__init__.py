"""Papers from where they are published: one module a source, one polite client for all."""
