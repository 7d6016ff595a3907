"""The addresses of AWS Backup."""

import re
from typing import Any
from urllib.parse import urlsplit

from moto.core.common_types import TYPE_RESPONSE

from emulator.backup.responses import PlansResponse, VaultsResponse

_VAULTS = re.compile(r"/(logically-air-gapped-|restore-access-)?backup-vaults(/|$)")


class BackupResponse(PlansResponse):
    """Answers requests about vaults, and passes all others to moto; moto's paths cannot express this choice."""

    @classmethod
    def dispatch(cls, request: Any, full_url: str, headers: Any) -> TYPE_RESPONSE:
        """Answer a request."""
        response = VaultsResponse if _VAULTS.match(urlsplit(full_url).path) else PlansResponse
        answer: TYPE_RESPONSE = response.dispatch(request, full_url, headers)
        return answer


url_bases = [r"https?://backup\.(.+)\.amazonaws\.com"]
url_paths = {"{0}/(?P<rest>.+)$": BackupResponse.dispatch}
