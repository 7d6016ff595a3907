"""What a hub consists of in the emulated AWS, as AWS's own calls describe it, without generated names."""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from cli.hubs.emulated_hub import HubNames
from functions.shared.aws.calls import CallError
from functions.shared.deployment.resources import BUS_NAME
from tests.conftest import clients_of

Described = dict[str, Any]
Inventory = dict[str, dict[str, Described]]
"""Descriptions of resources by kind, and by what tells them from others of their kind."""

Named = Iterator[tuple[str, Described]]

NOT_COMPARED = {
    "CodeSha256": "the code runs in the process",
    "CodeSize": "the code runs in the process",
    "Layers": "the code runs in the process",
    "FunctionArn": "generated name",
    "FunctionName": "generated name",
    "Role": "generated name; what it may do is compared",
    "LoggingConfig": "the log group's name is generated",
    "LastModified": "time of creation",
    "RevisionId": "random",
    "Version": "always $LATEST",
    "State": "the same for all",
    "VpcConfig": "its empty form depends on who created the function",
    "ResponseMetadata": "of the answer",
}
"""Members of a function's description that are not compared, and why."""

MAPPING_MEMBERS = (
    *("BatchSize", "BisectBatchOnFunctionError", "DestinationConfig", "EventSourceArn", "FunctionResponseTypes"),
    *("MaximumBatchingWindowInSeconds", "MaximumRecordAgeInSeconds", "MaximumRetryAttempts"),
    *("StartingPosition", "State"),
)


@dataclass(frozen=True, slots=True)
class Reader:
    """Reads one hub.

    Attributes:
        names: of the hub.
        tokens: what stands for ARNs and generated names, by those.
    """

    names: HubNames
    tokens: dict[str, str] = field(default_factory=dict)

    def inventory(self, *other_regions: str) -> Inventory:
        """Return what the hub consists of, in its Region and as forwarders in others."""
        self._name()
        regions = (self.names.region, *other_regions)
        found = {
            "function": self._functions(),
            "mapping": self._mappings(),
            "rule": (rule for region in regions for rule in self._rules(region)),
            "schedule": self._schedules(),
            "state machine": self._machines(),
            "bucket": self._buckets(),
            "queue": (queue for region in regions for queue in self._queues(region)),
            "table": self._table(),
            "parameter": self._parameters(),
            "topic": self._topics(),
            "bus": self._buses(),
            "webhook": self._webhooks(),
        }
        inventory: Inventory = self._tokenized({kind: dict(of_kind) for kind, of_kind in found.items()})
        return inventory

    def call(self, service: str, operation: str, region: str = "", **given: Any) -> Any:
        return clients_of(self.names.account).calls(service, region or self.names.region)(operation, **given)

    def _name(self) -> None:
        """Choose a token for whatever has an ARN or a generated name."""
        names = self.names
        table = self.call("dynamodb", "DescribeTable", TableName=names.table)["Table"]
        tokens = {
            table["LatestStreamArn"]: "<stream>",
            table["TableArn"]: "<table>",
            names.failed_arn: "<failed>",
            names.undelivered_arn: "<undelivered>",
            names.topic_arn: "<topic>",
            names.table: "<table>",
        }
        for name, function in self._configurations():
            log = f"arn:aws:logs:{names.region}:{names.account}:log-group:{function['LoggingConfig']['LogGroup']}"
            arn = function["FunctionArn"].removesuffix(":$LATEST")
            tokens |= {arn: f"<{name}>", log: f"<log of {name}>"}
        for arn, _ in self._machines():
            tokens |= {arn: "<machine>", arn.replace(":stateMachine:", ":execution:"): "<execution>"}
        for bucket, _ in self._buckets():
            tokens |= {bucket: "<results>", f"arn:aws:s3:::{bucket}": "<results>"}
        for destination in self.call("events", "ListApiDestinations")["ApiDestinations"]:
            arn, url = destination["ApiDestinationArn"], destination["InvocationEndpoint"]
            tokens |= {arn: f"<{url}>", arn.rpartition("/")[0]: f"<{url}>"}
            tokens[destination["ConnectionArn"]] = f"<connection of {url}>"
        self.tokens.update(tokens)

    def _tokenized(self, value: Any) -> Any:
        """Put tokens into every text: the longest name first, for others may begin like it."""
        match value:
            case str():
                for text in sorted(self.tokens, key=len, reverse=True):
                    if value == text or text.startswith("arn:"):
                        value = value.replace(text, self.tokens[text])
                return value
            case Mapping():
                return {self._tokenized(name): self._tokenized(each) for name, each in value.items()}
            case list():
                return [self._tokenized(each) for each in value]
        return value

    # Each kind of resource

    def _configurations(self) -> Named:
        """Yield the functions by their handlers."""
        for each in self.call("lambda", "ListFunctions")["Functions"]:
            configuration = self.call("lambda", "GetFunctionConfiguration", FunctionName=each["FunctionName"])
            yield each["Handler"], configuration

    def _functions(self) -> Named:
        for handler, whole in self._configurations():
            of = {"FunctionName": whole["FunctionName"]}
            configs = self.call("lambda", "ListFunctionEventInvokeConfigs", **of)["FunctionEventInvokeConfigs"]
            told = ("DestinationConfig", "MaximumEventAgeInSeconds", "MaximumRetryAttempts")
            yield (
                handler,
                {
                    **{member: value for member, value in whole.items() if member not in NOT_COMPARED},
                    "invoke": [{member: each[member] for member in told} for each in configs],
                    "aliases": [each["Name"] for each in self.call("lambda", "ListAliases", **of)["Aliases"]],
                    "invokers": self._invokers(whole["FunctionName"]),
                    "role": self._role(whole["Role"]),
                },
            )

    def _invokers(self, name: str) -> list[str]:
        """Return who may invoke a function, and for how many of its rules."""
        try:
            policy = json.loads(self.call("lambda", "GetPolicy", FunctionName=name)["Policy"])
        except CallError as error:
            if error.code != "ResourceNotFoundException":
                raise
            return []
        return sorted(f"{each['Principal']['Service']} {each['Action']}" for each in policy["Statement"])

    def _role(self, arn: str) -> Described:
        name = arn.rpartition("/")[2]
        trust = self.call("iam", "GetRole", RoleName=name)["Role"]["AssumeRolePolicyDocument"]
        statements = [each for document in self._policies(name) for each in document["Statement"]]
        for each in (*statements, *trust["Statement"]):
            lists = [member for member in ("Action", "Resource") if isinstance(each.get(member), list)]
            each.update({member: sorted(each[member]) for member in lists})
        return {"trust": trust["Statement"], "rights": sorted(statements, key=lambda each: str(each["Sid"]))}

    def _policies(self, role: str) -> Iterator[Described]:
        for policy in self.call("iam", "ListRolePolicies", RoleName=role)["PolicyNames"]:
            yield self.call("iam", "GetRolePolicy", RoleName=role, PolicyName=policy)["PolicyDocument"]
        for policy in self.call("iam", "ListAttachedRolePolicies", RoleName=role)["AttachedPolicies"]:
            yield policy_document(self.call, policy["PolicyArn"])

    def _mappings(self) -> Named:
        for each in self.call("lambda", "ListEventSourceMappings")["EventSourceMappings"]:
            filters = [json.loads(each["Pattern"]) for each in each["FilterCriteria"]["Filters"]]
            yield each["FunctionArn"], {**_picked(each, *MAPPING_MEMBERS), "filters": filters}

    def _rules(self, region: str) -> Named:
        """Yield the rules by their patterns and targets: their names are generated."""
        for bus in self.call("events", "ListEventBuses", region)["EventBuses"]:
            for rule in self.call("events", "ListRules", region, EventBusName=bus["Name"])["Rules"]:
                which = {"Rule": rule["Name"], "EventBusName": bus["Name"]}
                targets = self.call("events", "ListTargetsByRule", region, **which)["Targets"]
                for target in targets:
                    if "RoleArn" in target:
                        target["RoleArn"] = self._role(target["RoleArn"])
                pattern = json.loads(rule["EventPattern"])
                if pattern["source"] == ["aws.cloudwatch"] and "resources" in pattern:
                    continue  # brings the alarms of a forwarder, which are not compared
                key = json.dumps([bus["Name"], pattern, [target["Arn"] for target in targets]], sort_keys=True)
                yield f"{region} {key}", {"state": rule["State"], "targets": targets}

    def _schedules(self) -> Named:
        for each in self.call("scheduler", "ListSchedules")["Schedules"]:
            schedule = self.call("scheduler", "GetSchedule", Name=each["Name"])
            target = schedule["Target"]
            target["RoleArn"] = self._role(target["RoleArn"])
            key = f"{schedule['ScheduleExpression']} {target['Arn']} {target['Input']}"
            yield key, _picked(schedule, "ScheduleExpression", "FlexibleTimeWindow", "State", "Target")

    def _machines(self) -> Named:
        told = ("definition", "type", "tracingConfiguration", "loggingConfiguration", "status")
        for each in self.call("stepfunctions", "ListStateMachines")["stateMachines"]:
            arn = each["stateMachineArn"]
            machine = self.call("stepfunctions", "DescribeStateMachine", stateMachineArn=arn)
            yield arn, {**_picked(machine, *told), "role": self._role(machine["roleArn"])}

    def _buckets(self) -> Named:
        for name in (each["Name"] for each in self.call("s3", "ListBuckets").get("Buckets", [])):
            if not name.startswith("cdk-"):
                blocked = self.call("s3", "GetPublicAccessBlock", Bucket=name)["PublicAccessBlockConfiguration"]
                rules = self.call("s3", "GetBucketLifecycleConfiguration", Bucket=name)["Rules"]
                without_ids = [{k: v for k, v in rule.items() if k != "ID"} for rule in rules]
                versioning = self.call("s3", "GetBucketVersioning", Bucket=name).get("Status")
                yield name, {"blocked": blocked, "rules": without_ids, "versioning": versioning}

    def _queues(self, region: str) -> Named:
        told = ("MessageRetentionPeriod", "SqsManagedSseEnabled", "VisibilityTimeout", "DelaySeconds")
        for url in self.call("sqs", "ListQueues", region).get("QueueUrls", []):
            wanted = {"QueueUrl": url, "AttributeNames": ["All"]}
            attributes = self.call("sqs", "GetQueueAttributes", region, **wanted)["Attributes"]
            if region != self.names.region:
                self.tokens[attributes["QueueArn"]] = f"<undelivered in {region}>"
            yield attributes["QueueArn"], _picked(attributes, *told)

    def _table(self) -> Named:
        of = {"TableName": self.names.table}
        table = self.call("dynamodb", "DescribeTable", **of)["Table"]
        backups = self.call("dynamodb", "DescribeContinuousBackups", **of)["ContinuousBackupsDescription"]
        index = ("IndexName", "KeySchema", "Projection")
        told = ("KeySchema", "StreamSpecification", "DeletionProtectionEnabled", "BillingModeSummary")
        yield (
            self.names.table,
            {
                **_picked(table, *told),
                "attributes": sorted(table["AttributeDefinitions"], key=lambda each: str(each["AttributeName"])),
                "indexes": [{member: each[member] for member in index} for each in table["GlobalSecondaryIndexes"]],
                "expiry": self.call("dynamodb", "DescribeTimeToLive", **of)["TimeToLiveDescription"],
                "recovery": backups["PointInTimeRecoveryDescription"]["PointInTimeRecoveryStatus"],
            },
        )

    def _parameters(self) -> Named:
        for each in self.call("ssm", "GetParametersByPath", Path="/watchkeeper", Recursive=True)["Parameters"]:
            yield each["Name"], {"type": each["Type"], "value": each["Value"]}

    def _topics(self) -> Named:
        for of in self.call("sns", "ListTopics")["Topics"]:
            attributes = self.call("sns", "GetTopicAttributes", **of)["Attributes"]
            subscribed = self.call("sns", "ListSubscriptionsByTopic", **of)["Subscriptions"]
            subscriptions = [self._subscription(each) for each in subscribed]
            yield of["TopicArn"], {"DisplayName": attributes["DisplayName"], "subscriptions": subscriptions}

    def _subscription(self, subscription: Described) -> Described:
        arn = subscription["SubscriptionArn"]
        attributes = self.call("sns", "GetSubscriptionAttributes", SubscriptionArn=arn)["Attributes"]
        return {**_picked(subscription, "Protocol", "Endpoint"), "redrive": attributes.get("RedrivePolicy")}

    def _buses(self) -> Named:
        bus = self.call("events", "DescribeEventBus", Name=BUS_NAME)
        yield bus["Name"], {"policy": bus.get("Policy", "")}

    def _webhooks(self) -> Named:
        for each in self.call("events", "ListApiDestinations")["ApiDestinations"]:
            destination = self.call("events", "DescribeApiDestination", Name=each["Name"])
            connection = self.call("events", "DescribeConnection", Name=destination["ConnectionArn"].split("/")[1])
            yield (
                destination["InvocationEndpoint"],
                _picked(destination, "Description", "HttpMethod", "InvocationRateLimitPerSecond")
                | _picked(connection, "AuthorizationType", "AuthParameters"),
            )


def policy_document(call: Callable[..., Any], arn: str) -> Described:
    """Return the document of a managed policy that counts."""
    version = call("iam", "GetPolicy", PolicyArn=arn)["Policy"]["DefaultVersionId"]
    document: Described = call("iam", "GetPolicyVersion", PolicyArn=arn, VersionId=version)["PolicyVersion"]["Document"]
    return document


def differences(one: Inventory, other: Inventory) -> list[str]:
    """Return where two inventories differ, with both values."""
    return [*_differences("", one, other)]


def _differences(place: str, one: Any, other: Any) -> Iterator[str]:
    if isinstance(one, dict) and isinstance(other, dict):
        for name in sorted(one.keys() | other.keys()):
            yield from _differences(f"{place} / {name}" if place else name, one.get(name), other.get(name))
    elif one != other:
        yield f"{place}: {one!r} != {other!r}"


def _picked(told: Described, *members: str) -> Described:
    return {member: told.get(member) for member in members}
