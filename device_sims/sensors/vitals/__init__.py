"""Devices that measure a body and are connected to: a blood pressure monitor, a scale, a thermometer ..."""
