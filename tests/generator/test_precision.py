"""Which precision a model draws in is found out once: it takes several pictures, and a show waits for its model."""

from bandwalk.generator.precision import known


def test_a_model_is_decided_on_once_for_each_way():
    asked = []

    def decide(answer):
        asked.append(answer)
        return answer

    assert known("a test", "cpu tiles", lambda: decide(1)) == 1
    assert known("a test", "cpu tiles", lambda: decide(0)) == 1
    assert known("a test", "cpu bfloat16", lambda: decide(0)) == 0
    assert asked == [1, 0]


def test_weights_of_no_file_are_decided_on_each_time():
    assert [known("", "cpu tiles", lambda answer=answer: answer) for answer in (0, 1)] == [0, 1]
