"""One Hypothesis profile for all properties: no timing rules, which a busy machine would break."""

from hypothesis import HealthCheck, settings

settings.register_profile("grader", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("grader")
