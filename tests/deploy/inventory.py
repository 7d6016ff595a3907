"""What a hub consists of in the emulated AWS, as AWS's own calls describe it, without generated names."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from cli.hubs.emulated_hub import HubNames
from functions.shared.aws.calls import CallError
from functions.shared.deployment.resources import BUS_NAME
from tests.conftest import clients_of

Described = dict[str, Any]
Inventory = dict[str, dict[str, Described]]
"""Descriptions of resources by kind, and by what tells them from others of their kind."""

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
        functions = self._functions()
        self._name_the_rest()
        found = {
            "function": {name: self._function(each) for name, each in functions.items()},
            "mapping": self._mappings(),
            "rule": {},
            "schedule": self._schedules(),
            "state machine": self._machines(),
            "bucket": self._buckets(),
            "queue": self._queues(self.names.region),
            "table": self._table(),
            "parameter": self._parameters(),
            "topic": self._topics(),
            "bus": self._buses(),
            "webhook": self._webhooks(),
        }
        for region in (self.names.region, *other_regions):
            found["rule"] |= {f"{region} {name}": rule for name, rule in self._rules(region).items()}
        for region in other_regions:
            found["queue"] |= self._queues(region)
        inventory: Inventory = self._tokenized(found)
        return inventory

    def call(self, service: str, operation: str, region: str = "", **given: Any) -> Any:
        return clients_of(self.names.account).calls(service, region or self.names.region)(operation, **given)

    def _functions(self) -> dict[str, Described]:
        """Return the functions by their handlers, and name what belongs to them."""
        functions = {each["Handler"]: each for each in self.call("lambda", "ListFunctions")["Functions"]}
        for handler, function in functions.items():
            self.tokens[function["FunctionArn"].removesuffix(":$LATEST")] = f"<{handler}>"
            group = self.call("lambda", "GetFunctionConfiguration", FunctionName=function["FunctionName"])
            log = (
                f"arn:aws:logs:{self.names.region}:{self.names.account}:log-group:{group['LoggingConfig']['LogGroup']}"
            )
            self.tokens[log] = f"<log of {handler}>"
        return functions

    def _name_the_rest(self) -> None:
        names = self.names
        for machine in self.call("stepfunctions", "ListStateMachines")["stateMachines"]:
            self.tokens[machine["stateMachineArn"]] = "<machine>"
            self.tokens[machine["stateMachineArn"].replace(":stateMachine:", ":execution:")] = "<execution>"
        table = self.call("dynamodb", "DescribeTable", TableName=names.table)["Table"]
        tokens = {
            table["LatestStreamArn"]: "<stream>",
            table["TableArn"]: "<table>",
            names.failed_arn: "<failed>",
            names.undelivered_arn: "<undelivered>",
            names.topic_arn: "<topic>",
            names.table: "<table>",
        }
        for bucket in self._bucket_names():
            tokens |= {bucket: "<results>", f"arn:aws:s3:::{bucket}": "<results>"}
        for destination in self.call("events", "ListApiDestinations")["ApiDestinations"]:
            arn, url = destination["ApiDestinationArn"], destination["InvocationEndpoint"]
            tokens |= {arn: f"<{url}>", arn.rpartition("/")[0]: f"<{url}>"}
        self.tokens.update(tokens)

    def _bucket_names(self) -> list[str]:
        buckets = self.call("s3", "ListBuckets").get("Buckets", [])
        return [each["Name"] for each in buckets if not each["Name"].startswith("cdk-")]

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

    def _function(self, function: Described) -> Described:
        name = function["FunctionName"]
        whole = self.call("lambda", "GetFunctionConfiguration", FunctionName=name)
        configs = self.call("lambda", "ListFunctionEventInvokeConfigs", FunctionName=name)["FunctionEventInvokeConfigs"]
        told = ("DestinationConfig", "MaximumEventAgeInSeconds", "MaximumRetryAttempts")
        return {
            **{member: value for member, value in whole.items() if member not in NOT_COMPARED},
            "invoke": [{member: each[member] for member in told} for each in configs],
            "aliases": [each["Name"] for each in self.call("lambda", "ListAliases", FunctionName=name)["Aliases"]],
            "invokers": self._invokers(name),
            "role": self._role(whole["Role"]),
        }

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
            each.update({member: _sorted(each[member]) for member in ("Action", "Resource") if member in each})
        return {"trust": trust["Statement"], "rights": sorted(statements, key=lambda each: str(each["Sid"]))}

    def _policies(self, role: str) -> Iterator[Described]:
        for policy in self.call("iam", "ListRolePolicies", RoleName=role)["PolicyNames"]:
            yield self.call("iam", "GetRolePolicy", RoleName=role, PolicyName=policy)["PolicyDocument"]
        for policy in self.call("iam", "ListAttachedRolePolicies", RoleName=role)["AttachedPolicies"]:
            arn = policy["PolicyArn"]
            version = self.call("iam", "GetPolicy", PolicyArn=arn)["Policy"]["DefaultVersionId"]
            yield self.call("iam", "GetPolicyVersion", PolicyArn=arn, VersionId=version)["PolicyVersion"]["Document"]

    def _mappings(self) -> dict[str, Described]:
        found = self.call("lambda", "ListEventSourceMappings")["EventSourceMappings"]
        told = (
            *(
                "BatchSize",
                "BisectBatchOnFunctionError",
                "DestinationConfig",
                "EventSourceArn",
                "FunctionResponseTypes",
            ),
            *("MaximumBatchingWindowInSeconds", "MaximumRecordAgeInSeconds", "MaximumRetryAttempts"),
            *("StartingPosition", "State"),
        )
        return {
            each["FunctionArn"]: {
                **{member: each.get(member) for member in told},
                "filters": [json.loads(each["Pattern"]) for each in each["FilterCriteria"]["Filters"]],
            }
            for each in found
        }

    def _rules(self, region: str) -> dict[str, Described]:
        """Return the rules by their patterns and targets: their names are generated."""
        found: dict[str, Described] = {}
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
                found[key] = {"state": rule["State"], "targets": targets}
        return found

    def _schedules(self) -> dict[str, Described]:
        found = {}
        for each in self.call("scheduler", "ListSchedules")["Schedules"]:
            schedule = self.call("scheduler", "GetSchedule", Name=each["Name"])
            target = schedule["Target"]
            target["RoleArn"] = self._role(target["RoleArn"])
            told = ("ScheduleExpression", "FlexibleTimeWindow", "State", "Target")
            key = f"{schedule['ScheduleExpression']} {target['Arn']} {target['Input']}"
            found[key] = {member: schedule.get(member) for member in told}
        return found

    def _machines(self) -> dict[str, Described]:
        found = {}
        for each in self.call("stepfunctions", "ListStateMachines")["stateMachines"]:
            machine = self.call("stepfunctions", "DescribeStateMachine", stateMachineArn=each["stateMachineArn"])
            told = ("definition", "type", "tracingConfiguration", "loggingConfiguration", "status")
            whole = {member: machine.get(member) for member in told} | {"role": self._role(machine["roleArn"])}
            found[each["stateMachineArn"]] = whole
        return found

    def _buckets(self) -> dict[str, Described]:
        def of(name: str) -> Described:
            blocked = self.call("s3", "GetPublicAccessBlock", Bucket=name)["PublicAccessBlockConfiguration"]
            rules = self.call("s3", "GetBucketLifecycleConfiguration", Bucket=name)["Rules"]
            return {"blocked": blocked, "rules": [{k: v for k, v in rule.items() if k != "ID"} for rule in rules]}

        return {name: of(name) for name in self._bucket_names()}

    def _queues(self, region: str) -> dict[str, Described]:
        found = {}
        for url in self.call("sqs", "ListQueues", region).get("QueueUrls", []):
            wanted = {"QueueUrl": url, "AttributeNames": ["All"]}
            attributes = self.call("sqs", "GetQueueAttributes", region, **wanted)["Attributes"]
            if region != self.names.region:
                self.tokens[attributes["QueueArn"]] = f"<undelivered in {region}>"
            told = ("MessageRetentionPeriod", "SqsManagedSseEnabled", "VisibilityTimeout", "DelaySeconds")
            found[attributes["QueueArn"]] = {name: attributes.get(name) for name in told}
        return found

    def _table(self) -> dict[str, Described]:
        name = self.names.table
        table = self.call("dynamodb", "DescribeTable", TableName=name)["Table"]
        told = ("KeySchema", "StreamSpecification", "DeletionProtectionEnabled", "BillingModeSummary")
        index = ("IndexName", "KeySchema", "Projection")
        expiry = self.call("dynamodb", "DescribeTimeToLive", TableName=name)["TimeToLiveDescription"]
        backups = self.call("dynamodb", "DescribeContinuousBackups", TableName=name)["ContinuousBackupsDescription"]
        recovery = backups["PointInTimeRecoveryDescription"]["PointInTimeRecoveryStatus"]
        return {
            name: {
                **{member: table.get(member) for member in told},
                "attributes": sorted(table["AttributeDefinitions"], key=lambda each: str(each["AttributeName"])),
                "indexes": [{member: each[member] for member in index} for each in table["GlobalSecondaryIndexes"]],
                "expiry": expiry,
                "recovery": recovery,
            }
        }

    def _parameters(self) -> dict[str, Described]:
        found = self.call("ssm", "GetParametersByPath", Path="/watchkeeper", Recursive=True)["Parameters"]
        return {each["Name"]: {"type": each["Type"], "value": each["Value"]} for each in found}

    def _topics(self) -> dict[str, Described]:
        def of(arn: str) -> Described:
            attributes = self.call("sns", "GetTopicAttributes", TopicArn=arn)["Attributes"]
            subscribed = self.call("sns", "ListSubscriptionsByTopic", TopicArn=arn)["Subscriptions"]
            return {
                "DisplayName": attributes["DisplayName"],
                "subscriptions": [self._subscription(each) for each in subscribed],
            }

        return {each["TopicArn"]: of(each["TopicArn"]) for each in self.call("sns", "ListTopics")["Topics"]}

    def _subscription(self, subscription: Described) -> Described:
        arn = subscription["SubscriptionArn"]
        attributes = self.call("sns", "GetSubscriptionAttributes", SubscriptionArn=arn)["Attributes"]
        redrive = attributes.get("RedrivePolicy")
        return {"Protocol": subscription["Protocol"], "Endpoint": subscription["Endpoint"], "redrive": redrive}

    def _buses(self) -> dict[str, Described]:
        bus = self.call("events", "DescribeEventBus", Name=BUS_NAME)
        return {bus["Name"]: {"policy": bus.get("Policy", "")}}

    def _webhooks(self) -> dict[str, Described]:
        told = ("Description", "HttpMethod", "InvocationRateLimitPerSecond")
        found = {}
        for each in self.call("events", "ListApiDestinations")["ApiDestinations"]:
            destination = self.call("events", "DescribeApiDestination", Name=each["Name"])
            connection = destination["ConnectionArn"].split("/")[1]
            parameters = self.call("events", "DescribeConnection", Name=connection)
            members = ("AuthorizationType", "AuthParameters")
            found[destination["InvocationEndpoint"]] = {
                **{member: destination.get(member) for member in told},
                **{member: parameters.get(member) for member in members},
            }
        return found


def differences(one: Inventory, other: Inventory) -> list[str]:
    """Return where two inventories differ, with both values."""
    return [*_differences("", one, other)]


def _differences(place: str, one: Any, other: Any) -> Iterator[str]:
    if isinstance(one, dict) and isinstance(other, dict):
        for name in sorted(one.keys() | other.keys()):
            yield from _differences(f"{place} / {name}" if place else name, one.get(name), other.get(name))
    elif one != other:
        yield f"{place}: {one!r} != {other!r}"


def _sorted(texts: Any) -> Any:
    return sorted(texts) if isinstance(texts, list) else texts
