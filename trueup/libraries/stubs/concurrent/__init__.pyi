"""The package around `concurrent.futures`."""
