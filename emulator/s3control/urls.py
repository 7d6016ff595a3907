"""The addresses of S3 Control: moto's, with all paths."""

from emulator.s3control.responses import ControlResponse

url_bases = [r"https?://([0-9]+)\.s3-control\.(.+)\.amazonaws\.com"]
url_paths = {r"{0}/v20180820/(?P<rest>.+)$": ControlResponse.dispatch}
