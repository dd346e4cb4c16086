import os

# Gradio reads this when it is imported and would otherwise call api.gradio.app and huggingface.co from the server.
os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"
