"""What the steps of the compliance run may do, and when it runs."""

from datetime import timedelta

from functions.shared.automation import Condition, Permission, Step, Workflow

_OBJECTS = ("{results}/runs/*",)
_BY_ORGANIZATION = {"accounts_by": "organization"}
_BY_UNITS = {"accounts_by": "organizational_units"}
_BY_OTHERS = {"is_listed": False}
_KEY = "dynamodb:LeadingKeys"
_SCOPE = (Condition("Null", _KEY, ("false",)), Condition("ForAllValues:StringEquals", _KEY, ("scope",)))
"""The partition of the accounts in scope; it alone is this workflow's."""

WORKFLOW = Workflow(
    name="compliance_run",
    summary="Looks at every account and Region in scope with every automation, and reports",
    steps=(
        Step(
            name="targets",
            summary="Lists the accounts in scope, and writes them down in batches",
            handler="functions.compliance_run.step_targets.lambda_handler",
            services=("organizations", "s3"),
            permissions=(
                Permission(
                    "organizations:ListAccounts",
                    reason="finds every account; the action takes no resource",
                    needs=_BY_ORGANIZATION,
                ),
                Permission(
                    "organizations:ListAccountsForParent",
                    reason="finds the accounts of an organizational unit, whose ARN names the management account",
                    needs=_BY_UNITS,
                ),
                Permission(
                    "organizations:ListOrganizationalUnitsForParent",
                    reason="finds the units below a unit, whose ARN names the management account",
                    needs=_BY_UNITS,
                ),
                Permission("dynamodb:Query", "reads who was in scope", ("{table}",), _SCOPE, needs=_BY_OTHERS),
                Permission("dynamodb:PutItem", "adds who is new", ("{table}",), _SCOPE, needs=_BY_OTHERS),
                Permission("dynamodb:DeleteItem", "removes who left", ("{table}",), _SCOPE, needs=_BY_OTHERS),
                Permission("s3:PutObject", reason="writes the batches for the map", resources=_OBJECTS),
            ),
            timeout=timedelta(minutes=5),
        ),
        Step(
            name="sweep",
            summary="Sweeps a batch of accounts with every automation",
            handler="functions.compliance_run.step_sweep.lambda_handler",
            services=("account", "s3"),
            permissions=(
                Permission(
                    "account:ListRegions",
                    reason="asks an account for its own Regions; the action takes no resource",
                    needs={"regions": "enabled"},
                ),
                Permission("s3:PutObject", reason="writes the results", resources=_OBJECTS),
            ),
            runs_automations=True,
            memory_mb=1769,
        ),
        Step(
            name="report",
            summary="Collects the sweeps, names what was not swept, and writes the report",
            handler="functions.compliance_run.step_report.lambda_handler",
            services=("events", "s3", "sns"),
            permissions=(
                Permission("s3:GetObject", reason="reads the results", resources=_OBJECTS),
                Permission("s3:ListBucket", reason="finds the results of a batch", resources=("{results}",)),
                Permission("s3:PutObject", reason="writes the report", resources=_OBJECTS),
                Permission("dynamodb:Scan", reason="reads what happened since the last report", resources=("{table}",)),
                Permission("sns:Publish", reason="notifies people of the report", resources=("{topic}",)),
                Permission("events:PutEvents", reason="notifies other systems", resources=("{bus}",)),
            ),
            memory_mb=1024,
            disk_mb=2048,  # the sweeps, the history and one format of a report of 100,000 findings
        ),
    ),
    report_at="cron(0 5 * * ? *)",
)
