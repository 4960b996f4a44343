"""The people we look after, their homes, rooms, sensors and gateways."""
