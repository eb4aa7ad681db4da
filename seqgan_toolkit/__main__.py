"""`python -m seqgan_toolkit`, the same as the command `seqgan-toolkit`."""

import sys

from seqgan_toolkit.cli.main import main

sys.exit(main())
