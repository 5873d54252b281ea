"""What a project says about itself: facts of each file, and the project they add up to."""
