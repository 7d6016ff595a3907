"""The addresses at which the S3 Control backend answers: moto's, and any path of it."""

from emulator.s3control.responses import ControlResponse

url_bases = [r"https?://([0-9]+)\.s3-control\.(.+)\.amazonaws\.com"]
url_paths = {r"{0}/v20180820/(?P<rest>.+)$": ControlResponse.dispatch}
