"""What clips are stored in: by the name's suffix the container, the codecs, and the sound that it takes as it is."""

from dataclasses import dataclass, field, replace
from fractions import Fraction
from pathlib import Path

from bandwalk.errors import ParameterError

CHAPTER_S = 4
"""Seconds of a chapter: an encoder of its own, and all that a full disk or a killed process can lose."""

BITEXACT = {"fflags": "bitexact"}
"""No random names in a WebM file: the same clip is the same bytes."""


@dataclass(frozen=True, slots=True)
class Container:
    """How one kind of file is written.

    format:   the muxer, as FFmpeg names it.
    video:    its codec.   pix_fmt: how pixels are stored; profile: of the codec.
    sound:    codec of sound that has to be encoded.
    copied:   codecs of sound that is copied as it is: those that the usual players of the container take.
    muxing:   the muxer's options for a file that can be played at every moment of its growth.
    has_edits:whether timestamps before 0 are stored by an edit list, which only the first chapter can write.
    """

    format: str
    video: str
    pix_fmt: str
    sound: str
    copied: frozenset[str]
    muxing: dict[str, str] = field(default_factory=dict)
    has_edits: bool = True


# One fragment a chapter of H.264; ProRes, all of whose pictures are keys, one a second.
_FRAGMENTS = {"movflags": "frag_keyframe+delay_moov+default_base_moof+skip_trailer", "min_frag_duration": "1000000"}

CONTAINERS = {
    ".mp4": Container("mp4", "libx264", "yuv420p", "aac", frozenset({"aac"}), _FRAGMENTS),
    ".mov": Container(
        "mov", "prores_ks", "yuv422p10le", "pcm_s16le", frozenset({"aac", "alac", "pcm_s16le", "pcm_s24le"}), _FRAGMENTS
    ),
    ".webm": Container(
        "webm",
        "libvpx-vp9",
        "yuv420p",
        "libopus",
        frozenset({"opus", "vorbis"}),
        {"live": "1", **BITEXACT},
        has_edits=False,
    ),
}

NOT_COPIED = {
    (".mp4", "mp3"): "QuickTime and iOS do not play MP3 in it",
    (".mp4", "ac3"): "browsers do not play AC-3",
    (".mp4", "eac3"): "browsers do not play E-AC-3",
    (".mp4", "opus"): "QuickTime and editing programs do not play Opus in it",
    (".mp4", "alac"): "browsers do not play ALAC",
    (".mp4", "flac"): "QuickTime does not play FLAC in it",
    (".mov", "mp3"): "editing programs want sound that can be cut anywhere",
    (".webm", "aac"): "the format takes Opus and Vorbis only",
    (".webm", "mp3"): "the format takes Opus and Vorbis only",
}
"""Why sound that a container could hold, or that people expect it to, is encoded anew."""


_WITH_ALPHA = {"prores_ks": "yuva444p10le"}
"""How codecs that can store opacity store pixels with it."""


@dataclass(frozen=True, slots=True)
class Look:
    """How the pictures of a clip are stored.

    fps:     pictures a second, exactly.
    crf:     quality, 0 (best) .. 51.
    preset:  of x264.
    threads: of the encoder; another number gives other bytes.
    alpha:   whether they say how opaque they are.
    """

    width: int
    height: int
    fps: Fraction
    crf: int
    preset: str
    threads: int
    alpha: bool = False

    @property
    def chapter(self) -> int:
        """Pictures of a chapter."""
        return max(1, round(CHAPTER_S * self.fps))


def container_of(path: Path, look: Look) -> Container:
    """Return how a file of this name is written.

    Raises:
        ParameterError: no such kind, or a size that its codec cannot store.
    """
    container = CONTAINERS.get(path.suffix.lower())
    if container is None:
        known = ", ".join(CONTAINERS)
        raise ParameterError(f"--output = {path}: expected a name that ends in {known}, a folder, or -")
    if look.width % 2 or look.height % 2:
        raise ParameterError(f"--size = {look.width}x{look.height}: expected even sides for {path.suffix}")
    return replace(container, pix_fmt=_WITH_ALPHA[container.video]) if look.alpha else container


def keeps_alpha(path: Path) -> bool:
    """Tell whether what is written by this name can be seen through: ProRes, and a folder of PNG files."""
    container = CONTAINERS.get(path.suffix.lower())
    return not path.suffix or path.is_dir() or (container is not None and container.video in _WITH_ALPHA)


def video_options(container: Container, look: Look) -> dict[str, str]:
    """Return the encoder's options."""
    return {
        # no pictures that look ahead: their delay would depend on a chapter's length (5 % more bytes)
        "libx264": {"preset": look.preset, "crf": str(look.crf), "bf": "0"},
        "prores_ks": {"profile": "4444" if look.alpha else "standard", "vendor": "apl0"},
        "libvpx-vp9": {"crf": str(look.crf), "deadline": "realtime", "cpu-used": "6", "row-mt": "1"},
    }[container.video]
