"""lm-eval's client of completions: log-likelihoods of continuations, and an answer, all asked for with texts."""

import json
import os
import sys

from lm_eval.api.instance import Instance
from lm_eval.api.registry import get_model

PAIRS = json.loads(os.environ["PAIRS"])


def instances(kind: str, *arguments: tuple[object, ...]) -> list[Instance]:
    return [Instance(kind, {}, each, number) for number, each in enumerate(arguments)]


model = get_model("local-completions").create_from_arg_obj(
    {
        "model": "tiny",
        "base_url": f"{os.environ['URL']}/v1/completions",
        "tokenizer_backend": "huggingface",
        "tokenizer": os.environ["TOKENIZER"],
        "tokenized_requests": False,
        "max_retries": 1,
    }
)
seen = {
    "scores": model.loglikelihood(instances("loglikelihood", *map(tuple, PAIRS))),
    "answer": model.generate_until(instances("generate_until", ("The capital of France is", {"max_gen_toks": 200})))[0],
}
sys.stdout.write(f"{json.dumps(seen)}\n")
