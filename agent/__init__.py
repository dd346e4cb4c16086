"""The agent: from a question to an answer whose every sentence can be checked."""

import os

# A variable in the user's shell must not send their questions to a tracing service.
for _tracing in ("LANGSMITH_TRACING", "LANGCHAIN_TRACING_V2"):
    os.environ[_tracing] = "false"
