"""What a model would cost is known from its header, before memory is taken."""

import json
import re
import subprocess
import sys

import pytest
import torch
from generator.door_files import SG3T, saved, state
from generator.originals import changed, read

from bandwalk.errors import CheckpointError
from bandwalk.generator import build, load
from bandwalk.generator.cost import MAX_MAP, check_cost, doubled, free_memory

CPU = torch.device("cpu")

# Loads a model, with each of these attributes changed, in a process that has 1.5 GB beyond the imports; prints what
# came of each.
LIMITED = """
import json, resource, sys, time
from bandwalk.errors import CheckpointError
from bandwalk.generator import build
from bandwalk.generator.reading import read_snapshot
from dataclasses import replace
used = int(open("/proc/self/statm").read().split()[0]) * resource.getpagesize()
resource.setrlimit(resource.RLIMIT_AS, (used + 1500 * 10**6,) * 2)
snapshot, found = read_snapshot(sys.argv[1]), []
for attrs in json.loads(sys.argv[2]):
    start = time.process_time()
    try:
        build(replace(snapshot, attrs=snapshot.attrs | attrs))
        said = "loaded"
    except CheckpointError as e:
        said = str(e)
    found.append([said, time.process_time() - start])
print(json.dumps(found))
"""


@pytest.fixture(scope="module")
def limited(tmp_path_factory):
    """What came of a small file, by the size that it names; None: its own."""
    path, sizes = tmp_path_factory.mktemp("limited") / "small.pt", (1000, 400, None)
    path.write_bytes(saved(state(SG3T)))
    attrs = [{"synthesis.input.size": [size, size]} if size else {} for size in sizes]
    command = [sys.executable, "-c", LIMITED, str(path), json.dumps(attrs)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=200)
    assert done.returncode == 0, done.stderr
    return dict(zip(sizes, json.loads(done.stdout), strict=True))


@pytest.mark.parametrize(
    ("size", "says"),
    [
        (1000, "a picture goes through .* billion samples"),
        (400, r"drawing takes about .* GB of memory, .* are free"),
    ],
)
def test_a_small_file_that_names_a_huge_picture_is_refused_before_memory_is_taken(size, says, limited):
    said, seconds = limited[size]
    assert re.search(says, said)
    assert seconds < 5.0  # to take the memory and draw takes minutes


def test_a_model_of_the_usual_size_is_loaded_under_the_same_limit(limited):
    assert limited[None][0] == "loaded"


def test_all_samples_count_and_not_each_axis():
    wide = changed(SG3T, attrs={"synthesis.input.size": [1000, 1000]})
    with pytest.raises(CheckpointError, match=r"^model c1_sg3t: a picture goes through [^\n]*$"):
        build(wide)


def test_a_doubled_constant_is_counted_by_block():
    assert doubled((8, 4, 2), [(8, 0), (16, 1), (4, 1)]) == [64, 512, 128]


def test_the_largest_published_networks_are_within_the_limits():
    # StyleGAN3-R at 1024: 161 channels of 4 * 532 samples squared, of all layers 2.7 billion.
    check_cost("r1024", [161 * 2128**2, 102 * 2088**2, 256 * 1104**2], torch.device("cuda"))


def test_a_map_that_is_too_large_is_refused_by_any_device():
    with pytest.raises(CheckpointError, match="billion samples"):
        check_cost("x", [MAX_MAP + 1], torch.device("cuda"))


def quiet_stylegan2(blocks, channels):
    """Return a state dict of a StyleGAN2 without noise: its file pays for kernels and not for maps."""
    tensors = {"synthesis.b4.const": torch.zeros(channels, 4, 4), "mapping.w_avg": torch.zeros(8)}
    tensors |= {"mapping.fc0.weight": torch.eye(8), "mapping.fc0.bias": torch.zeros(8)}
    for k in range(blocks):
        for layer, out, kernel in (("conv0", channels, 3), ("conv1", channels, 3), ("torgb", 3, 1)):
            if k or layer != "conv0":
                place = f"synthesis.b{4 << k}.{layer}"
                tensors[f"{place}.weight"] = torch.zeros(out, channels, kernel, kernel)
                tensors[f"{place}.bias"] = torch.zeros(out)
                tensors[f"{place}.affine.weight"] = torch.zeros(channels, 8)
                tensors[f"{place}.affine.bias"] = torch.ones(channels)
    return tensors


def test_blocks_of_a_stylegan2_that_its_file_hardly_pays_for_are_counted(tmp_path):
    path = tmp_path / "deep.pt"
    path.write_bytes(saved(quiet_stylegan2(5, 4)))
    assert load(path).resolution == 64
    path.write_bytes(saved(quiet_stylegan2(11, 64)))
    assert path.stat().st_size < 4 * 10**6
    with pytest.raises(CheckpointError, match=r"model deep: a picture goes through [^\n]*$"):
        load(path)


def test_the_system_says_what_is_free():
    assert free_memory() > 10**6


def test_memory_that_runs_out_is_said_in_a_line(monkeypatch):
    def full(*_, **__):
        raise RuntimeError("[enforce fail at alloc_cpu.cpp:1] DefaultCPUAllocator: can't allocate memory: 1 bytes")

    monkeypatch.setattr("bandwalk.generator.stylegan3.model.read_weights", full)
    with pytest.raises(CheckpointError, match="not enough memory on cpu"):
        build(read(SG3T))
