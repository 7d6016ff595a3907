"""Asks for an MFA code where there is a terminal, and nowhere else."""

import warnings
from getpass import GetPassWarning, getpass

from botocore.session import Session


def ask_on_terminals_alone(session: Session) -> None:
    """Let a session that needs an MFA code fail where nobody can be asked, instead of reading it from a pipe."""
    provider = session.get_component("credential_provider").get_provider("assume-role")
    provider._prompter = _asked  # noqa: SLF001  # botocore passes on no other prompter


def _asked(prompt: str) -> str:
    """Return what a person types.

    Raises:
        GetPassWarning: there is no terminal.
        EOFError: nothing was typed.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("error", GetPassWarning)
        return getpass(prompt)
