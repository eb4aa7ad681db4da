"""The two ways in which a command ends badly."""

from __future__ import annotations


class UserError(Exception):
    """A mistake that the user can mend: what is wrong, where, and what would be right. Exit code 2."""


class RunError(Exception):
    """A run that could not go on although its input was in order. Exit code 1."""


class MissingExtraError(UserError):
    """A feature needs a package that the core does not install."""

    def __init__(self, package: str) -> None:
        super().__init__(f"this needs the package '{package}', which is not installed: pip install {package}")
