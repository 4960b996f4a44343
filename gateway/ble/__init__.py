"""The gateway's ear: Bluetooth advertisements as the radio heard them."""
