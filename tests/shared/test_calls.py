"""Calls to AWS: how long one is tried, what is tried again, and what is not."""

import socket
from collections.abc import Callable
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any, cast

import pytest
from botocore.awsrequest import AWSResponse
from botocore.config import Config
from botocore.exceptions import (
    ClientError,
    ConnectionClosedError,
    ConnectTimeoutError,
    EndpointConnectionError,
    NoCredentialsError,
    ParamValidationError,
    ReadTimeoutError,
)
from botocore.parsers import ResponseParserError
from botocore.retries.standard import ThrottledRetryableChecker
from botocore.session import Session

from cli.hubs.emulated_hub import TABLE_NAME
from functions.shared.aws import calls as subject
from functions.shared.aws.calls import PATIENCE_SECONDS, CallError, Calls, RepeatedTokenError
from functions.shared.aws.clients import Clients, Credentials
from functions.shared.ledger.table import Table
from functions.shared.run.hub import session_policy
from tests.conftest import REGION, clients_of

POLICY = session_policy(["sts:GetCallerIdentity"])

THROTTLES = sorted(
    {"ThrottlingException", "Throttling", "TooManyRequestsException", "ProvisionedThroughputExceededException"}
    | {"RequestLimitExceeded", "SlowDown", "PriorRequestNotComplete", "TransactionInProgressException"},
)


@dataclass(slots=True)
class Time:
    """A clock on which only waiting takes time."""

    now: float = 1000.0
    waits: list[float] = field(default_factory=list)

    def sleep(self, seconds: float) -> None:
        """Wait."""
        self.waits.append(seconds)
        self.now += seconds

    def monotonic(self) -> float:
        """Tell the time."""
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Time:
    time = Time()
    monkeypatch.setattr(subject.time, "sleep", time.sleep)
    monkeypatch.setattr(subject.time, "monotonic", time.monotonic)
    return time


@dataclass(slots=True)
class Fake:
    """A client of one operation, whose answers are told beforehand; the last one stays."""

    answers: list[Any]
    asked: list[dict[str, Any]] = field(default_factory=list)
    before: Callable[[], None] = lambda: None

    def list_things(self, **parameters: Any) -> Any:
        """Answer, or raise."""
        self.before()
        self.asked.append(parameters)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        return answer

    list_others = list_things


def _refusal(code: str, status: int = 400) -> ClientError:
    answer = {"Error": {"Code": code, "Message": "no"}, "ResponseMetadata": {"HTTPStatusCode": status}}
    return ClientError(cast("Any", answer), "ListThings")


def _calls(*answers: Any) -> tuple[Calls, Fake]:
    fake = Fake(list(answers))
    return Calls(cast("Any", fake)), fake


THROTTLED = _refusal("ThrottlingException")


def test_an_answer_is_passed_on_as_it_is(clock: Time) -> None:
    calls, fake = _calls({"a": 1})
    assert calls("ListThings", x=1) == {"a": 1}
    assert fake.asked == [{"x": 1}]
    assert clock.waits == []


def test_an_empty_text_is_an_absent_member_however_deep() -> None:
    answer = {"a": "", "b": [{"c": "", "d": [[{"e": ""}]]}, "", 0], "f": {"g": "", "h": None, "i": False}}
    calls, _ = _calls(answer)
    assert calls("ListThings", expects="a") == {"b": [{"d": [[{}]]}, "", 0], "f": {"h": None, "i": False}}


def test_an_empty_text_in_a_table_is_a_value(aws: Any, table: Any) -> None:
    assert aws
    written = Table(clients_of().calls("dynamodb", REGION), TABLE_NAME)
    written.put({"pk": "a", "sk": "b", "occurrence": ""})
    assert table.items() == [written.get("a", "b")] == [{"pk": "a", "sk": "b", "occurrence": ""}]


def test_delays_grow_are_jittered_and_end(clock: Time) -> None:
    calls, fake = _calls(THROTTLED)
    with pytest.raises(CallError, match="ThrottlingException"):
        calls("ListThings")
    assert len(fake.asked) == len(clock.waits) + 1 > 4
    assert clock.now - 1000 <= PATIENCE_SECONDS
    for attempt, wait in enumerate(clock.waits):
        longest = min(0.2 * 2**attempt, 5.0)
        assert longest / 2 <= wait <= longest


def test_not_even_a_last_slow_answer_goes_beyond_patience(clock: Time) -> None:
    calls, fake = _calls(ReadTimeoutError(endpoint_url="x"))
    fake.before = lambda: clock.sleep(5)
    with pytest.raises(CallError):
        calls("ListThings")
    assert clock.now - 1000 <= PATIENCE_SECONDS


def test_what_answers_again_in_time_is_an_answer(clock: Time) -> None:
    calls, fake = _calls(THROTTLED, _refusal("InternalFailure", 500), ReadTimeoutError(endpoint_url="x"), {"a": 1})
    assert calls("ListThings") == {"a": 1}
    assert len(fake.asked) == 4
    assert clock.waits


def test_an_operation_that_was_given_up_fails_at_once_from_then_on(clock: Time) -> None:
    calls, fake = _calls(THROTTLED)
    with pytest.raises(CallError):
        calls("ListThings")
    asked, now = len(fake.asked), clock.now
    with pytest.raises(CallError, match="ThrottlingException"):
        calls("ListThings")
    assert (len(fake.asked), clock.now) == (asked, now)
    with pytest.raises(CallError):
        calls("ListOthers")
    assert len(fake.asked) > asked


@pytest.mark.parametrize("code", ["AccessDeniedException", "ValidationException", "OperationNotPermittedException"])
def test_a_refusal_is_final_at_once_and_only_for_that_call(clock: Time, code: str) -> None:
    calls, fake = _calls(_refusal(code), {"a": 1})
    with pytest.raises(CallError) as refused:
        calls("ListThings")
    error = refused.value
    assert (error.operation, error.code, error.message) == ("ListThings", code, "no")
    assert (error.retryable, error.answered) == (False, True)
    assert clock.waits == []
    assert calls("ListThings") == {"a": 1}
    assert len(fake.asked) == 2


@pytest.mark.parametrize("code", THROTTLES)
def test_a_throttle_is_tried_again(clock: Time, code: str) -> None:
    calls, _ = _calls(_refusal(code), {"a": 1})
    assert calls("ListThings") == {"a": 1}
    assert len(clock.waits) == 1


def test_throttles_are_those_of_botocore() -> None:
    assert set(THROTTLES) <= set(ThrottledRetryableChecker._THROTTLED_ERROR_CODES)
    assert set(THROTTLES) <= subject._THROTTLES


def test_too_many_requests_are_a_throttle_whatever_the_code(clock: Time) -> None:
    calls, _ = _calls(_refusal("Whatever", 429), {"a": 1})
    assert calls("ListThings") == {"a": 1}
    assert clock.waits


@pytest.mark.parametrize("status", [500, 502, 503, 504])
def test_a_fault_of_the_service_is_tried_again_and_is_no_answer(clock: Time, status: int) -> None:
    calls, _ = _calls(_refusal("Whatever", status))
    with pytest.raises(CallError) as refused:
        calls("ListThings")
    assert (refused.value.retryable, refused.value.answered) == (True, False)
    assert clock.waits


@pytest.mark.parametrize(
    ("region", "code"),
    [
        ("ap-southeast-4", "NotOffered"),
        ("eu-west-1", "EndpointConnectionError"),
        ("eu-new-9", "EndpointConnectionError"),
    ],
    ids=["botocore knows the Region, and not the service in it", "it knows both", "it does not know the Region"],
)
def test_a_service_without_an_address_is_not_offered_where_botocore_knows_of_none(
    clock: Time, monkeypatch: pytest.MonkeyPatch, region: str, code: str
) -> None:
    def unknown(*_: object, **__: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    with pytest.raises(CallError) as lost:
        clients_of().calls("cloudhsmv2", region)("DescribeBackups")
    assert lost.value.code == code
    assert bool(clock.waits) is (code != "NotOffered"), "what is not offered is not waited for"


def test_what_is_not_implemented_is_final(clock: Time) -> None:
    calls, _ = _calls(_refusal("NotImplementedException", 501))
    with pytest.raises(CallError) as refused:
        calls("ListThings")
    assert not refused.value.retryable
    assert clock.waits == []


@pytest.mark.parametrize(
    "error",
    [
        ReadTimeoutError(endpoint_url="x"),
        ConnectionClosedError(endpoint_url="x"),
        ConnectTimeoutError(endpoint_url="x"),
        EndpointConnectionError(endpoint_url="x", error=OSError()),
        ResponseParserError("no XML"),
    ],
    ids=lambda error: type(error).__name__,
)
def test_no_answer_is_no_refusal_and_is_tried_again(clock: Time, error: Exception) -> None:
    calls, _ = _calls(error, {"a": 1})
    assert calls("ListThings") == {"a": 1}
    calls, _ = _calls(error)
    with pytest.raises(CallError) as lost:
        calls("ListThings")
    assert lost.value.code == type(error).__name__
    assert (lost.value.retryable, lost.value.answered) == (True, False)
    assert clock.waits


@pytest.mark.parametrize("error", [NoCredentialsError(), ParamValidationError(report="x")])
def test_what_never_left_the_machine_is_final(clock: Time, error: Exception) -> None:
    calls, _ = _calls(error)
    with pytest.raises(CallError) as refused:
        calls("ListThings")
    assert (refused.value.code, refused.value.retryable) == (type(error).__name__, False)
    assert clock.waits == []


def test_any_other_error_is_a_mistake_of_ours_and_stays_what_it_is() -> None:
    calls, _ = _calls(ZeroDivisionError())
    with pytest.raises(ZeroDivisionError):
        calls("ListThings")


@pytest.mark.usefixtures("clock")
def test_all_pages_are_read_also_past_empty_ones() -> None:
    pages = [{"items": [1], "nextToken": "a"}, {"items": [], "nextToken": "b"}, {"items": [2]}]
    calls, fake = _calls(*pages)
    assert list(calls.items("ListThings", "items", x=1)) == [1, 2]
    assert fake.asked == [{"x": 1}, {"x": 1, "nextToken": "a"}, {"x": 1, "nextToken": "b"}]


@pytest.mark.usefixtures("clock")
def test_a_page_is_read_only_when_it_is_asked_for() -> None:
    calls, fake = _calls({"items": [1], "nextToken": "a"}, {"items": [2]})
    listed = calls.items("ListThings", "items")
    next(listed)
    assert len(fake.asked) == 1


@pytest.mark.usefixtures("clock")
def test_another_name_of_the_token_is_used_both_ways() -> None:
    calls, fake = _calls({"items": [1], "Marker": "m"}, {"items": [2]})
    assert list(calls.items("ListThings", "items", token_name="Marker")) == [1, 2]
    assert fake.asked[1] == {"Marker": "m"}


@pytest.mark.usefixtures("clock")
def test_a_token_that_repeats_ends_the_list_with_an_error() -> None:
    calls, _ = _calls({"items": [1], "nextToken": "a"}, {"items": [2], "nextToken": "a"})
    listed = calls.items("ListThings", "items")
    assert [next(listed), next(listed)] == [1, 2]
    with pytest.raises(RepeatedTokenError):
        next(listed)


@pytest.mark.usefixtures("clock")
def test_what_is_no_list_is_not_taken_for_one() -> None:
    calls, _ = _calls({"things": "abc"})
    with pytest.raises(TypeError, match="things is a str"):
        list(calls.items("ListThings", "things"))


@pytest.mark.usefixtures("clock")
def test_a_page_without_its_list_is_no_page() -> None:
    calls, _ = _calls({"items": [1], "nextToken": "a"}, {}, {"items": [2]})
    assert list(calls.items("ListThings", "items")) == [1, 2]
    calls, _ = _calls({"items": [1], "nextToken": "a"}, {})
    with pytest.raises(CallError):
        list(calls.items("ListThings", "items"))


XML_LISTS = {
    "s3control": ("ListMultiRegionAccessPoints", "AccessPoints", {"AccountId": "123456789012"}, "{}"),
    "sns": ("ListSubscriptionsByTopic", "Subscriptions", {"TopicArn": "arn:1"}, "<ListSubscriptionsByTopicResult/>"),
    "cloudformation": (
        "ListStackResources",
        "StackResourceSummaries",
        {"StackName": "a"},
        "<ListStackResourcesResult/>",
    ),
    "iam": (
        "SimulatePrincipalPolicy",
        "EvaluationResults",
        {"PolicySourceArn": "arn:aws:iam::123456789012:role/a", "ActionNames": ["a:B"]},
        "<SimulatePrincipalPolicyResult/>",
    ),
}
"""Of each service that answers in XML: an operation, its list, its parameters, and what is in an answer without it."""


def _answering(service: str, body: bytes, **headers: str) -> Calls:
    """Return the calls of a service that answers with this."""
    made = Session().create_client(
        service,
        "us-west-2",
        aws_access_key_id="x",
        aws_secret_access_key="x",
        config=Config(retries={"max_attempts": 0}),
    )
    raw = SimpleNamespace(stream=lambda: iter([body]))
    made.meta.events.register("before-send", lambda **_: AWSResponse("https://aws", 200, headers, raw))
    clients = Clients(cast("Any", SimpleNamespace(create_client=lambda *_, **__: made, user_agent=lambda: "")))
    return clients.calls(service, "us-west-2")


@pytest.mark.usefixtures("clock")
@pytest.mark.parametrize("service", XML_LISTS)
def test_a_list_that_is_left_out_of_xml_is_empty_and_costs_no_patience(clock: Time, service: str) -> None:
    operation, member, parameters, inner = XML_LISTS[service]
    body = f"<{operation}Response>{inner.replace('{}', '')}</{operation}Response>".encode()
    assert list(_answering(service, body).items(operation, member, **parameters)) == []
    assert clock.waits == []


@pytest.mark.usefixtures("clock")
@pytest.mark.parametrize("service", XML_LISTS)
def test_xml_that_was_cut_is_no_empty_list(service: str) -> None:
    operation, member, parameters, _ = XML_LISTS[service]
    for body, headers in ((b"", {"content-length": "0"}), (f"<{operation}Response><".encode(), {})):
        with pytest.raises(CallError) as refused:
            list(_answering(service, body, **headers).items(operation, member, **parameters))
        assert refused.value.retryable


@pytest.mark.usefixtures("clock")
def test_only_a_list_may_be_left_out_of_xml() -> None:
    calls = _answering("s3control", b"<GetMultiRegionAccessPointResult/>")
    with pytest.raises(CallError, match="the answer has no AccessPoint"):
        calls("GetMultiRegionAccessPoint", expects="AccessPoint", AccountId="123456789012", Name="logs")


@pytest.mark.usefixtures("clock")
def test_json_without_its_list_is_no_empty_list() -> None:
    calls = _answering("ram", b"{}")
    with pytest.raises(CallError, match="the answer has no resourceShares"):
        list(calls.items("GetResourceShares", "resourceShares", resourceOwner="SELF"))


def test_secrets_are_not_shown() -> None:
    shown = repr(Credentials("AKIAEXAMPLE", "very-secret", "a-token"))
    assert "very-secret" not in shown
    assert "a-token" not in shown


def test_clients_do_not_retry_by_themselves_and_wait_within_patience() -> None:
    config: Any = clients_of().calls("ram", "eu-west-1").client.meta.config
    assert config.retries["total_max_attempts"] == 1
    assert config.connect_timeout + config.read_timeout < PATIENCE_SECONDS
    assert config.user_agent.endswith(" watchkeeper")


@pytest.mark.usefixtures("aws")
@pytest.mark.parametrize("external_id", ["", "some-id"])
def test_a_role_is_assumed_under_the_policy_and_its_credentials_are_used(aws: Any, external_id: str) -> None:
    arn = "arn:aws:iam::111122223333:role/watchkeeper-spoke"
    assumed: Clients = clients_of().assume(arn, region="us-east-1", external_id=external_id, policy=POLICY)
    (call,) = aws.calls
    assert (call.name, call.parameters["RoleArn"], call.parameters["Policy"]) == ("sts:AssumeRole", arn, POLICY)
    assert call.parameters.get("ExternalId", "") == external_id
    assert assumed.calls("sts", "us-east-1")("GetCallerIdentity")["Account"] == "111122223333"
