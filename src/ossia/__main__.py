"""`python -m ossia` is the command `ossia`."""

import sys

from ossia.cli.arguments import main

if __name__ == "__main__":
    sys.exit(main())
