"""Print conversations of the training data for people to read: `python -m training.show [N] [--seed S]`."""

import argparse
from random import Random

from training.compose import draw
from training.conversation import Encoder, text_of
from training.data import tokenizer


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m training.show", description=__doc__)
    parser.add_argument("count", type=int, nargs="?", default=10)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    random, encoder = Random(options.seed), Encoder(tokenizer())
    for number in range(options.count):
        ids, parts = encoder.encode(draw(random))
        print(f"=== {number}: {len(ids)} tokens, {sum(map(bool, parts))} learnt ===")
        print(text_of(tokenizer(), ids, parts))


if __name__ == "__main__":
    main()
