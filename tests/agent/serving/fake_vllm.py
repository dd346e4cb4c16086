"""What `python -m vllm.entrypoints.openai.api_server` is to tests of starting it: the same options, no model.

It has a child, as vLLM has, writes its log, answers after a moment, and dies where the base model's name says so.
"""

import http.server
import json
import subprocess
import sys
import time

DEATH = """\
(EngineCore pid=8) ERROR 11-23 23:08:21 [core.py:9] Traceback (most recent call last):
(EngineCore pid=8) ERROR 11-23 23:08:21 [core.py:9] ValueError: No available memory for the cache blocks. Try more.
(APIServer pid=7) RuntimeError: Engine core initialization failed. See root cause above. Failed core proc(s): {}
"""


def say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def main(words: list[str]) -> None:
    options = {word: words[at + 1] for at, word in enumerate(words[:-1]) if word.startswith("--")}
    name, path = options["--served-model-name"], options["--model"]
    adapters = {}
    if "--lora-modules" in words:
        for text in words[words.index("--lora-modules") + 1 :]:
            if text.startswith("--"):
                break
            adapters[json.loads(text)["name"]] = json.loads(text)["path"]
    child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
    say(f"child {child.pid}")
    if path.endswith("dies"):
        say(DEATH)
        sys.exit(1)
    time.sleep(0.3)

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            ids = [{"id": name, "max_model_len": 4096}, *({"id": held, "max_model_len": None} for held in adapters)]
            self._answer(200, {"data": ids})

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            if self.path.endswith("unload_lora_adapter"):
                adapters.pop(body["lora_name"])
            elif body["lora_name"] in adapters and not body["load_inplace"]:
                self._answer(400, {"error": "has already been loaded"})
                return
            else:
                adapters[body["lora_name"]] = body["lora_path"]
            self._answer(200, {})

        def _answer(self, status: int, told: object) -> None:
            body = json.dumps(told).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Nothing."""

    http.server.ThreadingHTTPServer((options["--host"], int(options["--port"])), Handler).serve_forever()


if __name__ == "__main__":
    main(sys.argv[1:])
