"""What can go wrong while a simulation is set up or runs, as types. Every text is meant for the person at the terminal.

SimulationError
├── PortInUseError       another program listens there
├── ChildFailedError     a part of the installation cannot start
├── NoAnswerError        the server is not there just now; it may be on its way up again
├── NotConfirmedError    the server did not store all that was on the air
├── NoAlertError         no alert came in time
├── YamlFileError        a floor plan or a scenario cannot be read (yaml_file.py)
└── StoppedError         somebody pressed Ctrl+C or ended the program
"""


class SimulationError(Exception):
    """The root of this tree."""


class PortInUseError(SimulationError):
    """Another program listens there."""


class ChildFailedError(SimulationError):
    """A part of the installation cannot start."""


class NoAnswerError(SimulationError):
    """The server did not answer, or not with what was asked for. It may be on its way up again."""


class NotConfirmedError(SimulationError):
    """The server did not store all that was on the air."""


class NoAlertError(SimulationError):
    """No alert came in time."""


class StoppedError(SimulationError):
    """Somebody pressed Ctrl+C or ended the program."""
