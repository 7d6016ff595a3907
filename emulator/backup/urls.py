"""The addresses at which AWS Backup answers."""

from emulator.backup.responses import PlansResponse, VaultsResponse

url_bases = [r"https?://backup\.(.+)\.amazonaws\.com"]
url_paths = {
    "{0}/(?:logically-air-gapped-|restore-access-)?backup-vaults(?:/.*)?$": VaultsResponse.dispatch,
    "{0}/.+$": PlansResponse.dispatch,
}
