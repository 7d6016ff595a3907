"""Reads a saved result, and says why a file is not one."""

import json
from pathlib import Path
from typing import cast

from cli.errors import UsageError
from cli.run.result_schema import MisfitError, validator_of
from functions.report.result import Result
from functions.shared.finding import plain_line

_HINT = "watchkeeper plan --format json --output RESULT.json saves one"


def read_result(path: Path) -> Result:
    """Read the document that ``--format json`` wrote.

    Raises:
        UsageError: it cannot be read, is not JSON, or is not a result.
    """
    name = plain_line(path)
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        validator_of(Result)(found)
    except OSError as error:
        raise UsageError(f"{name} cannot be read: {error.strerror}", _HINT) from error
    except json.JSONDecodeError as error:
        raise UsageError(f"{name}:{error.lineno}:{error.colno}: not JSON: {error.msg}", _HINT) from error
    except UnicodeDecodeError as error:
        raise UsageError(f"{name}: the file is not valid UTF-8, from byte {error.start}", _HINT) from error
    except RecursionError as error:
        raise UsageError(f"{name}: not a result: it is nested too deep", _HINT) from error
    except MisfitError as error:
        place = plain_line(error.place) or "the document"
        raise UsageError(f"{name}: not a result: {place} is {error.found}; {error.expected}", _HINT) from error
    return cast("Result", found)


def read_earlier(path: Path | None) -> Result | None:
    """Read the result of an earlier run to compare with, if one was given.

    Raises:
        UsageError: it cannot be read, is not a result, or its run did not end.
    """
    if path is None:
        return None
    result = read_result(path)
    if not result["run"]["finished_at"]:
        raise UsageError(f"{plain_line(path)}: its run did not end, so nothing can be compared with it", _HINT)
    return result
