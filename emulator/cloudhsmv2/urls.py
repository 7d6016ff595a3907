"""The addresses of CloudHSM."""

from emulator.cloudhsmv2.responses import CloudHsmResponse

url_bases = [r"https?://cloudhsmv2\.(.+)\.amazonaws\.com"]
url_paths = {"{0}/$": CloudHsmResponse.dispatch}
