"""MongoDB, awaited."""
