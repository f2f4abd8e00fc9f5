"""The tests. numpy multiplies matrices in one thread here: `make test` keeps every core busy anyway, and on busy cores
OpenBLAS's threads spend several times the work's time in waiting for each other."""

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # read when numpy is imported, which is later
