"""Rules on code in the wrong layer."""
