"""How tests are run here: with hypothesis no clock decides, and a failure can be repeated; Ctrl-C is heard."""

from __future__ import annotations

import os
import signal

from hypothesis import HealthCheck, settings

settings.register_profile(
    "trueup", deadline=None, print_blob=True, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)
settings.register_profile("thorough", settings.get_profile("trueup"), max_examples=400)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "trueup"))


def pytest_configure() -> None:
    """A shell lets its background jobs ignore SIGINT, and so would every program that a test starts and interrupts."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
