"""The addresses at which Step Functions answers."""

from emulator.stepfunctions.responses import StepFunctionsResponse

url_bases = [r"https?://states\.(.+)\.amazonaws\.com"]
url_paths = {"{0}/$": StepFunctionsResponse.dispatch}
