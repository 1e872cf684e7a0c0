"""The file formats of clips: the suffix decides the container, the codecs, and which sound is copied unchanged."""

from dataclasses import dataclass, field, replace
from fractions import Fraction
from pathlib import Path

from bandwalk.errors import ParameterError

CHAPTER_S = 4
"""Seconds of a chapter: it has its own encoder, and is the most that a full disk or a killed process can lose."""

BITEXACT = {"fflags": "bitexact"}
"""No random identifiers in a WebM file, so that the same clip gives the same bytes."""


@dataclass(frozen=True, slots=True)
class Container:
    """How one file format is written.

    format:   the muxer, as FFmpeg names it.
    video:    the codec.   pix_fmt: its pixel format; profile: of the codec.
    sound:    codec for sound that has to be encoded.
    copied:   codecs of sound that is copied unchanged: those that the usual players of the container support.
    muxing:   the muxer's options for a file that can be played while it grows.
    has_edits:whether timestamps before 0 are stored by an edit list, which only the first chapter can write.
    """

    format: str
    video: str
    pix_fmt: str
    sound: str
    copied: frozenset[str]
    muxing: dict[str, str] = field(default_factory=dict)
    has_edits: bool = True


# One fragment per chapter of H.264; one per second of ProRes, in which every picture is a key frame.
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
    (".mov", "mp3"): "editing programs need sound that can be cut anywhere",
    (".webm", "aac"): "the format takes Opus and Vorbis only",
    (".webm", "mp3"): "the format takes Opus and Vorbis only",
}
"""Why some sound is encoded again although the container could hold it, or people expect that it does."""


_WITH_ALPHA = {"prores_ks": "yuva444p10le"}
"""Pixel formats with opacity, of the codecs that can store it."""


@dataclass(frozen=True, slots=True)
class Encoding:
    """How the pictures of a clip are encoded.

    fps:     pictures per second, exact.
    crf:     quality, 0 (best) .. 51.
    preset:  of x264.
    threads: of the encoder; a different number gives different bytes.
    alpha:   whether pictures have opacity.
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
        """Pictures per chapter."""
        return max(1, round(CHAPTER_S * self.fps))


def container_of(path: Path, encoding: Encoding) -> Container:
    """Return how a file with this name is written.

    Raises:
        ParameterError: an unknown suffix, or a size that the codec cannot store.
    """
    container = CONTAINERS.get(path.suffix.lower())
    if container is None:
        known = ", ".join(CONTAINERS)
        raise ParameterError(f"--output = {path}: expected a name that ends in {known}, a folder, or -")
    if encoding.width % 2 or encoding.height % 2:
        raise ParameterError(f"--size = {encoding.width}x{encoding.height}: expected even sides for {path.suffix}")
    return replace(container, pix_fmt=_WITH_ALPHA[container.video]) if encoding.alpha else container


def keeps_alpha(path: Path) -> bool:
    """Return whether pictures written under this name keep their opacity: ProRes, and a folder of PNG files."""
    container = CONTAINERS.get(path.suffix.lower())
    return not path.suffix or path.is_dir() or (container is not None and container.video in _WITH_ALPHA)


def video_options(container: Container, encoding: Encoding) -> dict[str, str]:
    """Return the encoder's options."""
    return {
        # no B-frames: their delay would depend on a chapter's length (5 % more bytes)
        "libx264": {"preset": encoding.preset, "crf": str(encoding.crf), "bf": "0"},
        "prores_ks": {"profile": "4444" if encoding.alpha else "standard", "vendor": "apl0"},
        "libvpx-vp9": {"crf": str(encoding.crf), "deadline": "realtime", "cpu-used": "6", "row-mt": "1"},
    }[container.video]
