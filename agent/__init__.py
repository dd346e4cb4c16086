"""The agent: from a question to an answer whose every sentence can be checked."""

import os

# A variable in the user's shell must not send their questions to a tracing service.
for _brand in ("LANGSMITH", "LANGCHAIN"):
    for _tracing in ("TRACING", "TRACING_V2"):
        os.environ[f"{_brand}_{_tracing}"] = "false"
