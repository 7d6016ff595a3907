"""What a policy can have about it that keeps it from being judged."""


class PolicyError(ValueError):
    """A document is no policy, or none of the kind that it should be."""


class UnsupportedPolicyError(PolicyError):
    """A policy uses what AWS judges and the emulator does not."""
