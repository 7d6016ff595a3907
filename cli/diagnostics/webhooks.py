"""The secrets of the webhooks: CloudFormation reads the addresses in them, and rolls back if one is missing."""

from collections.abc import Iterator, Mapping

from cli.diagnostics.access_denied import unread
from cli.diagnostics.context import DiagnosticContext
from cli.diagnostics.diagnosis import Diagnosis, missing, ok
from functions.shared.aws.calls import CallError, Calls
from functions.shared.deployment.webhooks import FORMS


def diagnose(context: DiagnosticContext) -> Iterator[Diagnosis]:
    """Look for the secret of each webhook, without reading its value."""
    calls = context.calls("secretsmanager")
    for webhook in context.settings.section("notifications")["webhooks"]:
        yield _judge(calls, webhook, context.region)


def creation(secret: str, region: str) -> str:
    """Return the command that creates a secret of what is typed; no process list and no history of a shell shows it."""
    given = 'read -rs SECRET && printf %s "$SECRET"'
    create = f"aws secretsmanager create-secret --region {region} --name {secret} --secret-string"
    return f"{given} | {create} file:///dev/stdin"


def _judge(calls: Calls, webhook: Mapping[str, str], region: str) -> Diagnosis:
    subject, secret = f"secret of the webhook {webhook['name']}", webhook["url_secret"]
    try:
        found = calls("DescribeSecret", expects="ARN", SecretId=secret)
    except CallError as error:
        if error.code != "ResourceNotFoundException":
            return unread(subject, error, "secretsmanager:DescribeSecret")
        holds = '{"url": "…", "routing_key": "…"}' if FORMS[webhook["form"]].url_member else "https://…"
        create = f"Paste {holds}, which is not shown and stands on no command line: {creation(secret, region)}"
        return missing(subject, f"{secret} does not exist in {region}: a deployment would be rolled back", create)
    if "DeletedDate" in found:
        restore = f"aws secretsmanager restore-secret --region {region} --secret-id {secret}"
        return missing(subject, f"{secret} is being deleted: a deployment would be rolled back", restore)
    return ok(subject, f"{secret} exists")
