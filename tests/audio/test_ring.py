import threading
import time

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from bandwalk.audio.ring import Ring


def _ramp(start, n):
    return np.arange(start, start + n, dtype=np.float32)[:, None]


@given(st.lists(st.tuples(st.integers(0, 25), st.integers(0, 12)), max_size=30))
def test_it_gives_the_newest_samples_in_order_and_counts_the_rest(turns):
    ring, put, model, lost = Ring(10, 1), 0, [], 0
    for n_put, n_take in turns:
        lost += ring.put(_ramp(put, n_put))
        model += range(put, put + n_put)
        put += n_put
        model = model[-10:]
        taken = ring.take(n_take)
        if n_take > len(model):
            assert taken is None
        else:
            assert taken[:, 0].tolist() == model[:n_take]
            model = model[n_take:]
        assert len(ring) == len(model)
    assert ring.written == put
    assert ring.position == put - len(model)
    assert lost <= put


def test_what_gave_way_is_counted():
    ring = Ring(100, 2)
    assert ring.put(np.zeros((60, 2), np.float32)) == 0
    assert ring.put(np.ones((60, 2), np.float32)) == 20
    assert ring.put(np.ones((250, 2), np.float32)) == 250
    assert len(ring) == 100


def test_what_is_taken_is_a_copy():
    ring = Ring(4, 1)
    ring.put(_ramp(0, 4))
    taken = ring.take(4)
    ring.put(_ramp(10, 4))
    assert taken[:, 0].tolist() == [0, 1, 2, 3]


def test_a_take_that_waits_gets_what_is_put():
    ring = Ring(10, 1)
    threading.Timer(0.05, lambda: ring.put(_ramp(0, 5))).start()
    assert len(ring.take(5, timeout_s=60)) == 5


def test_a_take_that_waits_ends_when_the_ring_is_closed():
    ring = Ring(10, 1)
    threading.Timer(0.05, ring.close).start()
    began = time.monotonic()
    assert ring.take(5, timeout_s=60) is None
    assert time.monotonic() - began < 30


def test_skipping_keeps_the_newest():
    ring = Ring(10, 1)
    ring.put(_ramp(0, 8))
    ring.skip_to(3)
    assert ring.take(3)[:, 0].tolist() == [5, 6, 7]
