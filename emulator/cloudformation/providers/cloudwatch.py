"""AWS::CloudWatch."""

from emulator.cloudformation.providers.provider import Made, Place, Properties, Put, as_json, as_list

_ALARM = frozenset(
    {
        *("ActionsEnabled", "AlarmActions", "AlarmDescription", "AlarmName", "ComparisonOperator", "DatapointsToAlarm"),
        *("Dimensions", "EvaluationPeriods", "ExtendedStatistic", "InsufficientDataActions", "MetricName", "Metrics"),
        *("Namespace", "OKActions", "Period", "Statistic", "Tags", "Threshold", "TreatMissingData", "Unit"),
    }
)


class Alarm(Put):
    """An alarm."""

    properties = _ALARM
    replacing = frozenset({"AlarmName"})
    named_by = ("AlarmName", 255)

    def create(self, place: Place, name: str, given: Properties) -> Made:
        """Put it."""
        place.call("cloudwatch", "PutMetricAlarm", **{**given, "AlarmName": name, "Tags": as_list(given.get("Tags"))})
        return Made(name, {"Arn": place.arn("cloudwatch", f"alarm:{name}")})

    def delete(self, place: Place, made: Made, given: Properties) -> None:
        """Delete it."""
        place.end("cloudwatch", "DeleteAlarms", AlarmNames=[made.physical_id])


class Dashboard(Put):
    """A dashboard."""

    properties = frozenset({"DashboardBody", "DashboardName", "Tags"})
    replacing = frozenset({"DashboardName"})
    named_by = ("DashboardName", 255)

    def create(self, place: Place, name: str, given: Properties) -> Made:
        """Put it."""
        body = as_json(given["DashboardBody"])
        tags = as_list(given.get("Tags"))
        place.call(
            "cloudwatch", "PutDashboard", DashboardName=name, DashboardBody=body, **({"Tags": tags} if tags else {})
        )
        return Made(name)

    def delete(self, place: Place, made: Made, given: Properties) -> None:
        """Delete it."""
        place.end("cloudwatch", "DeleteDashboards", DashboardNames=[made.physical_id])
