"""AWS::CloudWatch."""

from emulator.cloudformation.providers.provider import (
    Created,
    Properties,
    PutProvider,
    StackLocation,
    as_json,
    as_list,
)

_ALARM = frozenset(
    {
        *("ActionsEnabled", "AlarmActions", "AlarmDescription", "AlarmName", "ComparisonOperator", "DatapointsToAlarm"),
        *("Dimensions", "EvaluationPeriods", "ExtendedStatistic", "InsufficientDataActions", "MetricName", "Metrics"),
        *("Namespace", "OKActions", "Period", "Statistic", "Tags", "Threshold", "TreatMissingData", "Unit"),
    }
)


class AlarmProvider(PutProvider):
    """An alarm."""

    properties = _ALARM
    replacing = frozenset({"AlarmName"})
    named_by = ("AlarmName", 255)

    def create(self, aws: StackLocation, name: str, properties: Properties) -> Created:
        aws.call(
            "cloudwatch", "PutMetricAlarm", **{**properties, "AlarmName": name, "Tags": as_list(properties.get("Tags"))}
        )
        return Created(name, {"Arn": aws.arn("cloudwatch", f"alarm:{name}")})

    def delete(self, aws: StackLocation, created: Created, properties: Properties) -> None:
        aws.delete("cloudwatch", "DeleteAlarms", AlarmNames=[created.physical_id])


class DashboardProvider(PutProvider):
    """A dashboard."""

    properties = frozenset({"DashboardBody", "DashboardName", "Tags"})
    replacing = frozenset({"DashboardName"})
    named_by = ("DashboardName", 255)

    def create(self, aws: StackLocation, name: str, properties: Properties) -> Created:
        body = as_json(properties["DashboardBody"])
        tags = as_list(properties.get("Tags"))
        aws.call(
            "cloudwatch", "PutDashboard", DashboardName=name, DashboardBody=body, **({"Tags": tags} if tags else {})
        )
        return Created(name)

    def delete(self, aws: StackLocation, created: Created, properties: Properties) -> None:
        aws.delete("cloudwatch", "DeleteDashboards", DashboardNames=[created.physical_id])
