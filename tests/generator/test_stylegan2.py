"""StyleGAN2 against what the original programs compute with the same weights."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from bandwalk.errors import CheckpointError, ParameterError
from bandwalk.generator.effects import Effects
from bandwalk.generator.reading import read_snapshot
from bandwalk.generator.stylegan2 import StyleGAN2

DATA = Path(__file__).parent.parent / "data"
FILES = sorted(
    path
    for path in DATA.iterdir()
    if path.suffix in {".pkl", ".pt"} and path.name[0] in "abef" and path.name[1].isdigit()
)
EXPECTED = {
    "a0_sg2ada_64_tiny",
    "a2_sg2ada_cond5",
    "a3_sg2ada_fp16cl",
    "a4_sg2ada_256",
    "b1_sg3sg2_skip_full",
    "b2_sg3sg2_resnet",
    "b3_sg3sg2_orig",
    "e1_tf_sg2_skip",
    "f1_rosinality_legacyfmt",
}
W_TOLERANCE, IMAGE_TOLERANCE = 5e-5, 1e-4


class Case:
    """A model file, what the original program computes with it, and the network in both forms."""

    def __init__(self, path):
        self.snapshot = read_snapshot(path)
        self.data = np.load(DATA / f"{path.stem.removesuffix('_legacyfmt')}.npz")
        self.fast = StyleGAN2(self.snapshot)
        self.plain = StyleGAN2(self.snapshot, exact=True)

    def styles(self, tag):
        """Return the styles [1, num_ws, w_dim] of an expected picture."""
        if tag == "mixed":
            return torch.from_numpy(self.data["ws_mixed"])
        c = self.data["c"][:1] if self.fast.c_dim else None
        return self.fast.map(self.data["z"][:1], c, psi={"psi1": 1.0, "psi07": 0.7}[tag])


@pytest.fixture(scope="module", params=FILES, ids=lambda path: path.stem)
def case(request):
    return Case(request.param)


@pytest.fixture(scope="module")
def cases():
    return {stem: Case(next(DATA.glob(f"{stem}*.pkl"))) for stem in ("a0", "a2", "b1", "e1")}


def without(snapshot, name):
    return replace(snapshot, tensors={k: x for k, x in snapshot.tensors.items() if k != name})


def with_tensor(snapshot, name, x):
    return replace(snapshot, tensors=snapshot.tensors | {name: x})


def test_all_cases_are_here():
    assert {path.stem for path in FILES} >= EXPECTED


def test_styles_are_those_of_the_original(case):
    z, c = case.data["z"], case.data["c"] if case.fast.c_dim else None
    for psi, cutoff, key in ((1.0, None, "w"), (0.7, None, "w_psi07"), (0.5, 4, "ws_psi05_cutoff4")):
        ws = case.fast.map(z, c, psi=psi, cutoff=cutoff).numpy()
        expected = case.data[key] if cutoff else case.data[key][:, None].repeat(case.fast.num_ws, 1)
        np.testing.assert_allclose(ws, expected, rtol=0.0, atol=W_TOLERANCE)


@pytest.mark.parametrize("path", ["fast", "plain"])
@pytest.mark.parametrize("tag", ["psi1", "psi07", "mixed"])
def test_pictures_are_those_of_the_original(case, path, tag):
    img = getattr(case, path).synthesize(case.styles(tag)).numpy()
    keys = [key for key in case.data.files if key.startswith(f"img_{tag}")]
    assert keys
    for key in keys:
        every = int(key.partition("_every")[2] or 1)
        np.testing.assert_allclose(img[:, :, ::every, ::every], case.data[key], rtol=0.0, atol=IMAGE_TOLERANCE)


@pytest.mark.parametrize("tag", ["psi1", "psi07", "mixed"])
def test_bytes_are_those_of_the_original(case, tag):
    key = f"uint8_{tag}"
    if key in case.data.files:
        rgb = case.plain.render(case.styles(tag)).astype(int)
        difference = np.abs(rgb - case.data[key][0])
        assert difference.max() <= 1
        assert (difference > 0).mean() < 0.001


def test_several_pictures_at_once_are_those_drawn_one_by_one(case):
    ws = case.fast.map(case.data["z"], case.data["c"] if case.fast.c_dim else None)
    for G in (case.fast, case.plain):
        single = torch.cat([G.synthesize(ws[k : k + 1]) for k in range(len(ws))])
        torch.testing.assert_close(G.synthesize(ws), single, rtol=0.0, atol=1e-5)


@pytest.mark.parametrize("noise", [0.0, 1.0, 2.0])
def test_the_fast_path_draws_what_the_plain_one_does(case, noise):
    ws = case.styles("psi1")
    case.fast.noise = case.plain.noise = noise
    try:
        torch.testing.assert_close(case.fast.synthesize(ws), case.plain.synthesize(ws), rtol=0.0, atol=IMAGE_TOLERANCE)
    finally:
        case.fast.noise = case.plain.noise = 1.0


def test_bfloat16_differs_by_less_than_two_and_a_half_percent(case):
    """Of the picture's spread, as root of the mean square."""
    ws = case.styles("psi07")[0]
    exact = case.plain.synthesize(ws[None])
    with torch.inference_mode():
        short = case.fast._fast.in_precision(torch.bfloat16).draw(ws, Effects())
    assert float((short - exact).square().mean().sqrt()) < 0.025 * float(exact.std())


def test_noise_off_is_the_network_without_its_noise(cases):
    case = cases["a0"]
    silent = {k: x * 0.0 if k.endswith("noise_strength") else x for k, x in case.snapshot.tensors.items()}
    expected = StyleGAN2(replace(case.snapshot, tensors=silent), exact=True).synthesize(case.styles("psi1"))
    case.fast.noise = 0.0
    try:
        torch.testing.assert_close(case.fast.synthesize(case.styles("psi1")), expected, rtol=0.0, atol=1e-5)
    finally:
        case.fast.noise = 1.0


def test_without_classes_given_the_first_is_drawn(cases):
    G, z = cases["a2"].fast, cases["a2"].data["z"]
    first = np.eye(5, dtype=np.float32)[:1]
    torch.testing.assert_close(G.map(z), G.map(z, first))
    torch.testing.assert_close(G.map(z, first), G.map(z, np.repeat(first, 3, 0)))
    assert not torch.allclose(G.map(z), G.map(z, np.eye(5, dtype=np.float32)[1:2]))


def test_a_wrong_shape_of_z_or_class_is_said(cases):
    G = cases["a2"].fast
    with pytest.raises(ParameterError, match=r"z = \[3, 7\]: expected \[N, 40\]"):
        G.map(np.zeros((3, 7)))
    with pytest.raises(ParameterError, match=r"c = \[2, 5\]: expected \[3, 5\]"):
        G.map(np.zeros((3, 40)), np.zeros((2, 5)))


def test_the_sizes_are_told(cases):
    G = cases["a2"].fast
    assert (G.z_dim, G.c_dim, G.w_dim, G.num_ws, G.resolution) == (40, 5, 32, 8, 32)
    assert np.array_equal(G.transform, np.eye(3))


def test_what_is_drawn_belongs_to_the_caller(cases):
    G, ws = cases["a0"].fast, cases["a0"].styles("psi1")
    img, rgb = G.synthesize(ws), G.render(ws)
    kept, kept_rgb = img.clone(), rgb.copy()
    G.synthesize(ws * 0.5)
    G.render(ws * 0.5)
    assert torch.equal(img, kept)
    assert np.array_equal(rgb, kept_rgb)
    img.add_(1.0)  # not an inference tensor
    assert (img.dtype, rgb.dtype, rgb.flags.c_contiguous) == (torch.float32, np.uint8, True)


@pytest.mark.parametrize("stem", ["a2", "b2", "b3", "e1", "f1"])
def test_every_missing_tensor_is_refused_by_its_name(stem):
    path = next(path for path in FILES if path.name.startswith(stem))
    snapshot = read_snapshot(path)
    not_read = {"lod", "latent_avg", "dlatent_avg"}  # a mean style that is missing is measured
    if stem != "f1":
        not_read |= {name for name in snapshot.tensors if name.endswith("conv1.resample_filter")}
    if stem in {"b2", "b3"}:  # no colours before the last block to double
        not_read |= {name for name in snapshot.tensors if name.endswith("resample_filter") and name.count(".") == 2}
    not_read.add("synthesis.b4.resample_filter")
    for name in sorted(set(snapshot.tensors) - not_read):
        with pytest.raises(CheckpointError) as caught:
            StyleGAN2(without(snapshot, name), exact=True)
        assert name in str(caught.value)
        assert "\n" not in str(caught.value)


@pytest.mark.parametrize("stem", ["a0", "a2", "b2", "e1", "f1"])
def test_every_tensor_of_a_wrong_shape_is_refused(stem):
    path = next(path for path in FILES if path.name.startswith(stem))
    snapshot = read_snapshot(path)
    plain = StyleGAN2(snapshot, exact=True)
    ws = torch.ones(1, plain.num_ws, plain.w_dim)
    for name, x in snapshot.tensors.items():
        wrong = with_tensor(snapshot, name, torch.zeros(*x.shape, 2))
        try:
            drawn = StyleGAN2(wrong, exact=True).synthesize(ws)
        except CheckpointError:
            continue
        assert torch.equal(drawn, plain.synthesize(ws)), f"{name} is read, but its shape is not"


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_weights_that_are_not_finite_are_refused(cases, value):
    name = "synthesis.b8.conv0.weight"
    bad = with_tensor(cases["a0"].snapshot, name, torch.full((16, 16, 3, 3), value))
    with pytest.raises(CheckpointError, match=name):
        StyleGAN2(bad)


def test_settings_that_are_not_known_are_refused(cases):
    snapshot = cases["b1"].snapshot
    for key, value in (("conv_clamp", -1.0), ("conv_clamp", "wide"), ("activation", "selu")):
        bad = replace(snapshot, attrs=snapshot.attrs | {f"synthesis.b8.conv0.{key}": value})
        with pytest.raises(CheckpointError, match=rf"synthesis\.b8\.conv0\.{key}"):
            StyleGAN2(bad)


def test_a_network_without_noise_loads_and_draws_as_with_noise_off(cases):
    snapshot = cases["a0"].snapshot
    attrs = {k: False if k.endswith("use_noise") else v for k, v in snapshot.attrs.items()}
    tensors = {k: x for k, x in snapshot.tensors.items() if "noise" not in k}
    ws = cases["a0"].styles("psi1")
    cases["a0"].plain.noise = 0.0
    try:
        expected = cases["a0"].plain.synthesize(ws)
    finally:
        cases["a0"].plain.noise = 1.0
    for exact in (True, False):
        G = StyleGAN2(replace(snapshot, attrs=attrs, tensors=tensors), exact=exact)
        torch.testing.assert_close(G.synthesize(ws), expected, rtol=0.0, atol=1e-5)


def test_a_mean_style_that_the_file_lacks_is_measured(cases):
    G = StyleGAN2(without(cases["e1"].snapshot, "dlatent_avg"))
    many = np.random.Generator(np.random.PCG64(5)).standard_normal((20_000, G.z_dim))
    w = G.map(many)[:, 0]
    mean = G.map(many[:1], psi=0.0)[0, 0]
    assert float((mean - w.mean(0)).abs().max()) < 5.0 * float(w.std(0).max()) / 8192**0.5


def test_gray_is_shown_as_three_equal_colours(cases):
    snapshot = cases["a0"].snapshot
    gray = {k: x[:1] if ".torgb." in k and "affine" not in k else x for k, x in snapshot.tensors.items()}
    img = StyleGAN2(replace(snapshot, tensors=gray)).synthesize(cases["a0"].styles("psi1"))
    expected = cases["a0"].fast.synthesize(cases["a0"].styles("psi1"))[:, :1].expand(-1, 3, -1, -1)
    torch.testing.assert_close(img, expected, rtol=0.0, atol=1e-5)


@pytest.mark.parametrize(
    "taps", [[1.0], [1.0, 1.0], [1.0, 2.0, 1.0], [1.0, 2.0, 5.0, 3.0], [1.0, 3.0, 4.0, 4.0, 3.0, 2.0]]
)
def test_other_filters_are_drawn_the_same_by_both_paths(taps):
    """Odd, even and lopsided ones, in the architecture that doubles maps and the one that doubles colours."""
    row = torch.tensor(taps) / sum(taps)
    for stem in ("b1_sg3sg2_skip_full", "b2_sg3sg2_resnet"):
        snapshot = read_snapshot(DATA / f"{stem}.pkl")
        filters = {name: torch.outer(row, row) for name in snapshot.tensors if name.endswith("resample_filter")}
        changed = replace(snapshot, tensors=snapshot.tensors | filters)
        fast, plain = StyleGAN2(changed), StyleGAN2(changed, exact=True)
        ws = fast.map(np.ones((1, fast.z_dim)))
        expected = plain.synthesize(ws)  # one tap on every fourth pixel is loud
        atol = 1e-5 * max(1.0, float(expected.abs().max()))
        torch.testing.assert_close(fast.synthesize(ws), expected, rtol=0.0, atol=atol)


def test_a_long_filter_stored_as_one_row_is_its_outer_product():
    snapshot = read_snapshot(DATA / "b1_sg3sg2_skip_full.pkl")
    row = torch.arange(1.0, 9.0) / 36.0
    names = [name for name in snapshot.tensors if name.endswith("resample_filter")]
    ws = torch.ones(1, 10, 32)
    drawn = [
        StyleGAN2(replace(snapshot, tensors=snapshot.tensors | dict.fromkeys(names, taps))).synthesize(ws)
        for taps in (row, torch.outer(row, row))
    ]
    torch.testing.assert_close(*drawn)


def test_tensorflow_classes_of_the_first_release_are_normalised_with_z(cases):
    """Against a plain computation of labels joined to z, then normalised together."""
    snapshot = cases["e1"].snapshot
    rng = np.random.Generator(np.random.PCG64(1))
    labels = torch.from_numpy(rng.standard_normal((3, 16)).astype(np.float32))
    G = StyleGAN2(with_tensor(snapshot, "mapping/LabelConcat/weight", labels))
    z, c = torch.from_numpy(rng.standard_normal((2, 16)).astype(np.float32)), torch.eye(3)[1:]
    x = torch.cat([z, c @ labels], 1)
    x = x / (x.square().mean(1, keepdim=True) + 1e-8).sqrt()
    for k in range(8):
        weight, bias = (snapshot.tensors[f"mapping/Dense{k}/{leaf}"] for leaf in ("weight", "bias"))
        x = x @ weight * (0.01 / 32**0.5) + bias * 0.01
        x = torch.where(x > 0.0, x, 0.2 * x) * 2.0**0.5
    assert (G.z_dim, G.c_dim) == (16, 3)
    torch.testing.assert_close(G.map(z, c)[:, 0], x, rtol=0.0, atol=W_TOLERANCE)
