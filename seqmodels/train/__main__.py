"""`python -m seqmodels.train`, the same as `epicite train`."""

import sys

from seqmodels.train.application import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
