"""The secrets of the webhooks: CloudFormation reads their addresses there, and rolls back where there is none."""

from collections.abc import Iterator, Mapping

from cli.diagnostics.context import Patient
from cli.diagnostics.diagnosis import Row, missing, ok
from cli.diagnostics.refusals import unread
from functions.shared.aws.calls import CallError, Calls
from functions.shared.webhooks import FORMS


def examine(patient: Patient) -> Iterator[Row]:
    """Look for the secret of each webhook; what it holds is nobody's business but CloudFormation's."""
    calls = patient.calls("secretsmanager")
    for webhook in patient.settings.section("notifications")["webhooks"]:
        yield _row(calls, webhook, patient.region)


def _row(calls: Calls, webhook: Mapping[str, str], region: str) -> Row:
    subject, secret = f"secret of the webhook {webhook['name']}", webhook["url_secret"]
    try:
        found = calls("DescribeSecret", expects="ARN", SecretId=secret)
    except CallError as error:
        if error.code != "ResourceNotFoundException":
            return unread(subject, error, "secretsmanager:DescribeSecret")
        holds = '{"url": "…", "routing_key": "…"}' if FORMS[webhook["form"]].url_member else "https://…"
        create = f"aws secretsmanager create-secret --region {region} --name {secret} --secret-string '{holds}'"
        return missing(subject, f"there is no {secret} in {region}: a deployment would be rolled back", create)
    if "DeletedDate" in found:
        restore = f"aws secretsmanager restore-secret --region {region} --secret-id {secret}"
        return missing(subject, f"{secret} is being deleted: a deployment would be rolled back", restore)
    return ok(subject, f"{secret} is there")
