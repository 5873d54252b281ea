"""What Pydantic means, in its version 1 and its version 2."""
