"""How hypothesis is run here: no clock decides, and a failure can be repeated."""

from __future__ import annotations

import os

from hypothesis import HealthCheck, settings

settings.register_profile(
    "trueup", deadline=None, print_blob=True, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)
settings.register_profile("thorough", settings.get_profile("trueup"), max_examples=400)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "trueup"))
