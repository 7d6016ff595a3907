"""Request tokens are found in whatever an event holds, and nothing that an event holds does harm."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.mrap_operations.poller_launcher import execution_name
from functions.mrap_operations.tokens import KINDS, RESOURCE, Token, by_name, token_in

NINE = datetime(2026, 11, 20, 9, tzinfo=UTC)
ACCOUNT = "123456789012"
AWSES = f"arn:aws:s3:us-west-2:{ACCOUNT}:async-request/mrap/create/nDxKamVvKU6Qn4kUoFTI0E9c=="
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text() | st.just(AWSES),
    lambda inner: st.lists(inner) | st.dictionaries(st.text() | st.sampled_from(["name", "Name", "detail"]), inner),
)


@pytest.mark.parametrize(("word", "kind"), KINDS.items())
def test_a_token_says_its_account_and_its_operation(word: str, kind: str) -> None:
    assert Token.of(AWSES.replace("create", word)) == Token(AWSES.replace("create", word), ACCOUNT, kind)
    ours = by_name("aws", ACCOUNT, kind, "prod-logs", "2026-11-20T09:00:00Z")
    assert RESOURCE.fullmatch(ours)
    assert Token.of(ours) == Token(ours, ACCOUNT, kind, "prod-logs", is_ours=True, since_at=NINE)


@pytest.mark.parametrize(
    "text",
    [
        "",
        AWSES.replace("us-west-2", "us-east-1"),
        AWSES.replace("async-request", "accesspoint"),
        AWSES.rpartition("/")[0],
        f"{AWSES}\n",
        f"{AWSES} x",
        AWSES + "x" * 1100,
        AWSES.replace(ACCOUNT, "١٢٣٤٥٦٧٨٩٠١٢"),
        *(
            f"{AWSES.rpartition('/')[0]}/by-name/{rest}"
            for rest in ("../2026-11-20T09:00:00Z", "Logs/2026-11-20T09:00:00Z", "prod-logs", "prod-logs/now", "")
        ),
        by_name("aws", ACCOUNT, "CreateMultiRegionAccessPoint", "prod-logs", "2026").replace("/create/", "/update/"),
    ],
)
def test_what_is_no_token_is_none(text: str) -> None:
    assert not RESOURCE.fullmatch(text)


@pytest.mark.parametrize("since", ["2026", "2026-11-20T09:00:00", "9999-99-99T99:99:99Z", "-", "Z"])
def test_a_token_of_ours_that_does_not_say_since_when_is_not_polled(since: str) -> None:
    ours = by_name("aws", ACCOUNT, KINDS["create"], "prod-logs", since)
    assert token_in({"request_token_arn": ours, "account_id": ACCOUNT}) is None


@pytest.mark.parametrize(
    "event", [None, 7, "text", [AWSES], {}, {"request_token_arn": None}, {"detail": {"errorCode": ""}}]
)
def test_what_names_no_operation_is_none(event: object) -> None:
    assert token_in(event) is None


@given(detail=JSON, account=st.just(ACCOUNT) | JSON)
def test_no_event_of_any_shape_does_more_than_name_an_operation_of_its_own_account(
    detail: object, account: object
) -> None:
    events = {"detail": detail, "account": account}, {"request_token_arn": detail, "account_id": account}
    for event in (*events, {"detail": {"eventName": "CreateMultiRegionAccessPoint", "responseElements": detail}}):
        token = token_in({"account": account, **event})
        assert token is None or (RESOURCE.fullmatch(token.arn) and token.account == account)


def test_an_execution_has_a_name_that_lambda_takes_and_another_for_each_attempt() -> None:
    token = Token.of(AWSES)
    names = {execution_name(token, attempt) for attempt in (1, 2, 3)}
    assert len(names) == 3
    assert all(len(name) <= 64 and name.replace("-", "").isalnum() for name in names)
    assert execution_name(token) == execution_name(Token.of(AWSES))
