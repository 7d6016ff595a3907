"""The addresses of Step Functions."""

from emulator.stepfunctions.responses import StepFunctionsResponse

url_bases = [r"https?://states\.(.+)\.amazonaws\.com"]
url_paths = {"{0}/$": StepFunctionsResponse.dispatch}
