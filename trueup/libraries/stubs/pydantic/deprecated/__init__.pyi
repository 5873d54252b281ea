"""What 2.x keeps of 1.x."""
