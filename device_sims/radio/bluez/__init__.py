"""A simulated bluetoothd on a D-Bus of its own, for programs that speak to BlueZ."""
