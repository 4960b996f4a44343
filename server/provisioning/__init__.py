"""Sets up units, people and homes from one file."""

from server.provisioning.file import (
    HomeIn,
    PersonIn,
    PolicyIn,
    Provisioning,
    ResidentIn,
    SensorIn,
    UnitIn,
    naming_lines,
    read_file,
)
from server.provisioning.service import provision

__all__ = [
    "HomeIn", "PersonIn", "PolicyIn", "Provisioning", "ResidentIn", "SensorIn", "UnitIn", "naming_lines", "provision",
    "read_file",
]  # fmt: skip
