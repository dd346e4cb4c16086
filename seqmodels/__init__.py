"""Models of DNA and of text."""

import os

# ONNX Runtime reports its use to its maker some seconds after a model is loaded unless told not to beforehand.
os.environ["ORT_DISABLE_TELEMETRY"] = "1"
