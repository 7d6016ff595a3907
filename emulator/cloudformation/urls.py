"""The addresses at which CloudFormation answers."""

from emulator.cloudformation.responses import CloudFormationResponse

url_bases = [r"https?://cloudformation\.(.+)\.amazonaws\.com"]
url_paths = {"{0}/$": CloudFormationResponse.dispatch}
