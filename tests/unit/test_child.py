"""Child: messages of the model's process on their way to the requests that wait for them."""

import asyncio
from unittest.mock import Mock

from ossia.engine import wire
from ossia.engine.child import Child
from ossia.engine.sequence import Sampled, StepOutput
from ossia.errors import ModelCrashed
from ossia.types import SamplingParams


class Silence(asyncio.Transport):
    """Connection on which nobody listens."""

    def write(self, data: object) -> None:
        pass


async def test_logits_that_are_not_numbers_end_one_answer() -> None:
    child = Child(Mock(spec=asyncio.subprocess.Process))
    child.connection_made(Silence())
    add = wire.Add(1, [1], SamplingParams(), [], [], 9, 0, None)
    with child.outputs(add) as broken, child.outputs(wire.Add(2, [1], SamplingParams(), [], [], 9, 0, None)) as whole:
        child.data_received(wire.frame(wire.Broken(1)))
        child.data_received(wire.frame(wire.Step([StepOutput(2, Sampled(7), None, 0)])))
        (error,) = broken.ready
        assert isinstance(error, ModelCrashed)
        assert "not a number" in error.message
        assert broken.finished
        assert [output.sampled.token for output in whole.ready if isinstance(output, StepOutput)] == [7]
    assert child.alive
