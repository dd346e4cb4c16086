"""`python -m finetune`, the same as `epicite finetune`."""

import sys

from finetune.application import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
