"""What holds for every test."""

from __future__ import annotations

import hypothesis

# No deadline per example: a busy machine makes it fail at random, and where time matters the test says so itself.
hypothesis.settings.register_profile("house", deadline=None, max_examples=60)
hypothesis.settings.load_profile("house")
