"""What each library means: its classes, its methods, its calls that block."""
