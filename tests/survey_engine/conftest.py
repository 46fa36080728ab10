"""How hard hypothesis looks: the same cases every time, or more of them with ``thorough``."""

import os

from hypothesis import HealthCheck, settings

_SLOW = (HealthCheck.too_slow, HealthCheck.data_too_large)
settings.register_profile(
    "repeatable", deadline=None, derandomize=True, max_examples=120, suppress_health_check=_SLOW
)
settings.register_profile(
    "thorough", deadline=None, max_examples=2_000, suppress_health_check=_SLOW
)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "repeatable"))
