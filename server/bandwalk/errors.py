"""The errors that bandwalk raises, one tree.

    BandwalkError
    ├── ParameterError    a value or an option that cannot be used
    ├── AudioError        a sound file that cannot be read, or a sound that cannot be made
    ├── DeviceError       a sound card that cannot be opened, or is not there
    ├── CheckpointError   a model file that cannot be loaded
    ├── WireError         a packet, a frame or a port that cannot be used
    └── WorkError         a job that was begun and could not be ended

A message says what was being done, what was got and what was expected, the name first:
``--fps = 0: expected 1..240``. The command line prints it as one line.
"""


class BandwalkError(Exception):
    """Root of all errors that bandwalk raises on purpose.

    exit_status: what the command line ends with: 2 is wrong use or bad input, 1 failed while working.
    """

    exit_status = 2


class ParameterError(BandwalkError):
    """A value or an option that cannot be used."""


class AudioError(BandwalkError):
    """A sound file that cannot be read."""


class DeviceError(BandwalkError):
    """A sound card that cannot be opened, or is not there."""


class CheckpointError(BandwalkError):
    """A model file that cannot be loaded."""


class WireError(BandwalkError):
    """A packet, a frame or a port that cannot be used."""


class WorkError(BandwalkError):
    """A job that was begun and could not be ended."""

    exit_status = 1
