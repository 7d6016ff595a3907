"""How much of Lambda an account may use in a Region, and how much of it is reserved.

Source: https://docs.aws.amazon.com/lambda/latest/api/API_GetAccountSettings.html
"""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from unittest.mock import patch

from moto.awslambda import urls
from moto.awslambda.responses import LambdaResponse
from moto.core.responses import ActionResult

CONCURRENT_EXECUTIONS = 1_000
_GIB = 1024**3
_MIB = 1024**2


@contextmanager
def installed() -> Iterator[None]:
    """Let moto's Lambda answer GetAccountSettings."""

    def get_account_settings(response: LambdaResponse) -> ActionResult:
        functions = list(response.backend.list_functions())
        reserved = sum(int(each.reserved_concurrency or 0) for each in functions)
        limit = {
            "TotalCodeSize": 75 * _GIB,
            "CodeSizeUnzipped": 250 * _MIB,
            "CodeSizeZipped": 50 * _MIB,
            "ConcurrentExecutions": CONCURRENT_EXECUTIONS,
            "UnreservedConcurrentExecutions": CONCURRENT_EXECUTIONS - reserved,
        }
        usage = {"TotalCodeSize": sum(each.code_size for each in functions), "FunctionCount": len(functions)}
        return ActionResult({"AccountLimit": limit, "AccountUsage": usage})

    paths = {r"{0}/(?P<api_version>[^/]+)/account-settings/?$": LambdaResponse.dispatch}
    with ExitStack() as undo:
        undo.enter_context(patch.dict(urls.url_paths, paths))
        undo.enter_context(patch.object(LambdaResponse, "get_account_settings", get_account_settings, create=True))
        yield
