"""Answers RAM invitations: lists them, decides, acts, and reports what stays open."""

from functions.ram_invitations.accepted_shares import AcceptedShares
from functions.ram_invitations.answers import Answers
from functions.ram_invitations.candidates import Candidates
from functions.ram_invitations.decision import Invitation, Policy
from functions.ram_invitations.effects import Ram
from functions.ram_invitations.manifest import AUTOMATION
from functions.ram_invitations.missed import MissedInvitations
from functions.ram_invitations.resolutions import InvitationResolutions
from functions.ram_invitations.responder import Responder
from functions.ram_invitations.untrusted import UntrustedInvitations
from functions.shared.run.entrypoint import entry_point
from functions.shared.run.sweep import Sweep


def run(sweep: Sweep) -> None:
    """Answer every pending invitation, look after what was accepted, and report what stays open."""
    target, wanted = sweep.target, sweep.context.selection.resources
    everything = f"arn:{target.partition}:ram:{target.region}:{target.account}:resource-share-invitation/*"
    ram, policy, answers = (
        Ram(sweep.calls("ram"), target.region),
        Policy.from_settings(sweep.context.settings),
        Answers.of(sweep),
    )
    resolutions = InvitationResolutions(sweep)
    missed = MissedInvitations(sweep, policy, resolutions)
    for acceptance in answers.acceptances():
        missed.note(acceptance.share_arn, acceptance.accepted_at)
    untrusted = UntrustedInvitations(sweep, everything, policy.flood_limit)
    candidates = Candidates(answers, max(policy.limit, policy.flood_limit))
    responder = Responder(sweep, ram, policy, answers, candidates, missed, untrusted, resolutions)
    with sweep.listing(everything) as listing:
        for listed in ram.invitations(wanted):
            with listing.item(listed.arn if isinstance(listed, Invitation) else listed.resource):
                responder.note(listed)
    untrusted.complete = listing.is_complete and not wanted
    if untrusted.complete:
        sweep.listed_all()
    responder.answer()
    missed.report(everything_was_listed=untrusted.complete)
    untrusted.report()
    sweep.measures["PendingFromUntrusted"] = untrusted.count
    shares = AcceptedShares(sweep, policy, answers, resolutions)
    if wanted:
        shares.keep_open()
        return
    with sweep.isolated(everything):
        shares.verify(ram)


lambda_handler = entry_point(AUTOMATION, run)
