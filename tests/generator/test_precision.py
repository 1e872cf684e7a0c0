"""Which precision a model draws in is found out once: it takes several pictures, and a show waits for its model."""

import torch

from bandwalk.generator.precision import known

CPU = torch.device("cpu")


def test_a_model_is_decided_on_once_on_each_device():
    asked = []

    def decide(answer):
        asked.append(answer)
        return answer

    assert known("a test", CPU, lambda: decide(1)) == 1
    assert known("a test", CPU, lambda: decide(0)) == 1
    assert known("a test", torch.device("meta"), lambda: decide(0)) == 0
    assert asked == [1, 0]


def test_weights_of_no_file_are_decided_on_each_time():
    assert [known("", CPU, lambda answer=answer: answer) for answer in (0, 1)] == [0, 1]
