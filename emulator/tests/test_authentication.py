"""Who is let in over HTTP: whoever signs with a key of this emulator, and no page of a browser."""

import json
import socket
from collections.abc import Callable, Mapping
from http.client import HTTPConnection, HTTPResponse
from typing import Any
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

import boto3
import pytest
from botocore.auth import S3SigV4Auth, SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.config import Config
from botocore.credentials import Credentials
from botocore.exceptions import ClientError

from emulator.aws import Emulator
from emulator.awslambda.sandbox.runtime_api import RuntimeApi
from emulator.awslambda.sandbox.tasks import InvocationTask
from emulator.gateway.authentication import WeakKeyError

from .conftest import ACCOUNT, REGION, Client, code_and_status

Ask = Callable[..., HTTPResponse]

WRONG = "a wrong secret key of some length"


@pytest.fixture
def ask(aws: Emulator) -> Ask:
    """Send a request to the served emulator as it is, and return the answer."""
    address = urlsplit(aws.serve()).netloc

    def asked(method: str, path: str, body: bytes = b"", headers: Mapping[str, str] | None = None) -> HTTPResponse:
        connection = HTTPConnection(address)
        connection.request(method, path, body, dict(headers or {}))
        answer = connection.getresponse()
        answer.read()
        connection.close()
        return answer

    return asked


@pytest.fixture
def served(aws: Emulator, ask: Ask) -> str:
    assert ask
    return aws._url


def signed(url: str, key: str, body: bytes = b"", **named: Any) -> dict[str, str]:
    """Return the headers of a signed request to STS."""
    host = {"Host": named["host"]} if named.get("host") is not None else {}
    request = AWSRequest("POST", url, {"Content-Type": "application/x-www-form-urlencoded", **host}, body)
    SigV4Auth(Credentials(named.get("account", ACCOUNT), key, named.get("token")), "sts", REGION).add_auth(request)
    return dict(request.headers.items())


WHO = b"Action=GetCallerIdentity&Version=2011-06-15"


@pytest.mark.parametrize(
    ("service", "operation", "code"),
    [
        ("sts", "get_caller_identity", "SignatureDoesNotMatch"),
        ("dynamodb", "list_tables", "InvalidSignatureException"),
        ("lambda", "list_functions", "InvalidSignatureException"),
        ("s3", "list_buckets", "SignatureDoesNotMatch"),
        ("route53", "list_hosted_zones", "SignatureDoesNotMatch"),
    ],
)
def test_a_local_user_without_the_key_gets_nothing(
    aws: Emulator, served: str, session: boto3.Session, service: str, operation: str, code: str
) -> None:
    keys = {"aws_access_key_id": ACCOUNT, "aws_secret_access_key": WRONG}
    stranger = session.client(service, region_name=REGION, endpoint_url=served, **keys)
    assert code_and_status(getattr(stranger, operation)) == (code, 403)
    assert [(each.status, each.code) for each in aws.refusals] == [(403, code)]
    assert len(aws.calls) == 0


PATHS = (
    *("/", "/bucket/key", "/2015-03-31/functions", "/moto-api/reset", "/moto-api/data.json", "/favicon.ico"),
    *("/latest/meta-data/iam/security-credentials/", "/_emulator/clock", "/_emulator/faults", "/?a=X-Amz-Credential"),
    *("/us-east-1_pool/.well-known/jwks.json", "/sqs_us-east-1/", "/?X-Amz-Signature=1"),
)


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "DELETE", "OPTIONS", "HEAD"])
def test_what_is_not_signed_is_refused_whatever_it_asks_for(aws: Emulator, ask: Ask, method: str) -> None:
    for path in PATHS:
        answer = ask(method, path, b"Action=CreateStack&StackName=s&Version=2010-05-15")
        assert answer.status == 403, path
        assert not [name for name in answer.headers if name.lower().startswith("access-control-")]
    assert [(each.status, each.path) for each in aws.refusals] == [(403, path.partition("?")[0]) for path in PATHS]
    assert len(aws.calls) == 0


@pytest.mark.parametrize(
    "authorization",
    [
        "Basic eDp5",
        "AWS AKIA:signature",
        "Bearer",
        "AWS4-HMAC-SHA256 Credential=1/20261120/eu-west-1/sts/aws4_request",
        f"AWS4-HMAC-SHA256 Credential=1/2/3/aws4_request, SignedHeaders=host, Signature={'0' * 64}",
        f"AWS4-HMAC-SHA256 Credential=1/2/3/4/aws4_request, SignedHeaders=date, Signature={'0' * 64}",
        f"AWS4-HMAC-SHA256 Credential=1/2/3/4/aws4_request, SignedHeaders=host, Signature={'é' * 64}",
        f"AWS4-HMAC-SHA256 Credential=ü/2/3/4/aws4_request, SignedHeaders=host, Signature={'0' * 64}",
    ],
)
def test_what_is_signed_in_another_way_is_refused(ask: Ask, authorization: str) -> None:
    assert ask("POST", "/", WHO, {"Authorization": authorization}).status == 403


FROM_A_PAGE = (
    *({"Host": "attacker.example"}, {"Host": "attacker.example:80"}, {"Host": "127.0.0.1.attacker.example"}),
    *({"Host": "localhost.attacker.example"}, {"Host": "192.0.2.1"}, {"Host": "[::1"}, {"Host": ""}),
    *({"Origin": "https://attacker.example"}, {"Origin": "null"}, {"Sec-Fetch-Site": "cross-site"}),
    *({"Sec-Fetch-Site": "same-site"}, {"Sec-Fetch-Site": "same-origin"}),
)


def test_a_page_is_refused_even_with_the_key(aws: Emulator, served: str, ask: Ask) -> None:
    for headers in FROM_A_PAGE:
        good = signed(f"{served}/", aws.secret_key, WHO, host=headers.get("Host"))
        control = {"Authorization": f"Bearer {aws.secret_key}"}
        assert ask("POST", "/", WHO, {**good, **headers}).status == 403, headers
        assert ask("GET", "/_emulator/clock", headers={**control, **headers}).status == 403, headers
    assert {each.reason.partition(":")[0] for each in aws.refusals} == {
        "the Host is not a name of the loopback",
        "the emulator answers no page of a browser",
    }
    assert len(aws.calls) == 0


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "bucket.localhost", "111122223333.localhost", "[::1]"])
def test_every_name_of_the_loopback_leads_here(aws: Emulator, ask: Ask, host: str) -> None:
    good = signed(f"http://{host}:5000/", aws.secret_key, WHO)
    answer = ask("POST", "/", WHO, {**good, "Host": f"{host}:5000", "Sec-Fetch-Site": "none"})
    assert answer.status == 200
    assert [call.name for call in aws.calls] == ["sts:GetCallerIdentity"]


def test_the_signature_holds_for_the_request_that_was_signed(aws: Emulator, served: str, ask: Ask) -> None:
    good = signed(served + "/", aws.secret_key, WHO)
    assert ask("POST", "/", WHO.replace(b"GetCallerIdentity", b"GetSessionToken"), good).status == 403
    other = good["Authorization"].replace(REGION, "us-east-1")
    assert ask("POST", "/", WHO, {**good, "Authorization": other}).status == 403
    assert ask("POST", "/?Action=GetSessionToken", WHO, good).status == 403
    assert ask("POST", "/", WHO, good).status == 200


def test_a_body_that_is_not_what_its_digest_says_is_refused(aws: Emulator, served: str, ask: Ask) -> None:
    request = AWSRequest("PUT", f"{served}/bucket/key", data=b"signed")
    S3SigV4Auth(Credentials(ACCOUNT, aws.secret_key), "s3", REGION).add_auth(request)
    assert ask("PUT", "/bucket/key", b"another", dict(request.headers.items())).status == 403


def test_two_signatures_in_one_request_are_refused(
    aws: Emulator, client: Client, session: boto3.Session, served: str, ask: Ask
) -> None:
    """One could be valid, and the other name the account."""
    keys = assumed(client)
    own = session.client("sts", region_name=REGION, endpoint_url=served, **keys)
    address = urlsplit(own.generate_presigned_url("get_caller_identity", HttpMethod="GET"))
    good = signed(served, WRONG)
    assert ask("GET", f"/?{address.query}", headers={"Authorization": good["Authorization"]}).status == 403
    assert not aws.calls.of("sts:GetCallerIdentity")


def assumed(client: Client) -> dict[str, str]:
    """Return the keys of a role's session, as boto3 takes them."""
    role = f"arn:aws:iam::{ACCOUNT}:role/any"
    given = client("sts").assume_role(RoleArn=role, RoleSessionName="session")["Credentials"]
    names = {"AccessKeyId": "aws_access_key_id", "SecretAccessKey": "aws_secret_access_key"}
    return {name: given[member] for member, name in {**names, "SessionToken": "aws_session_token"}.items()}


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({}, ""),
        ({"aws_session_token": "another"}, "InvalidClientTokenId"),
        ({"aws_session_token": None}, "InvalidClientTokenId"),
        ({"aws_secret_access_key": WRONG}, "SignatureDoesNotMatch"),
        ({"aws_access_key_id": ACCOUNT}, "SignatureDoesNotMatch"),
    ],
)
def test_a_session_has_keys_of_its_own(
    client: Client, session: boto3.Session, served: str, change: dict[str, Any], code: str
) -> None:
    sts = session.client("sts", region_name=REGION, endpoint_url=served, **{**assumed(client), **change})
    if code:
        assert code_and_status(sts.get_caller_identity) == (code, 403)
    else:
        assert sts.get_caller_identity()["Account"] == ACCOUNT


def test_the_key_of_the_emulator_is_no_key_of_a_session(
    aws: Emulator, client: Client, session: boto3.Session, served: str
) -> None:
    keys = {**assumed(client), "aws_secret_access_key": aws.secret_key}
    sts = session.client("sts", region_name=REGION, endpoint_url=served, **keys)
    assert code_and_status(sts.get_caller_identity) == ("SignatureDoesNotMatch", 403)


def test_a_user_signs_with_the_key_that_iam_made_as_long_as_it_exists(
    client: Client, session: boto3.Session, served: str
) -> None:
    iam = client("iam")
    iam.create_user(UserName="someone")
    made = iam.create_access_key(UserName="someone")["AccessKey"]
    keys = {"aws_access_key_id": made["AccessKeyId"], "aws_secret_access_key": made["SecretAccessKey"]}
    sts = session.client("sts", region_name=REGION, endpoint_url=served, **keys)
    assert sts.get_caller_identity()["Arn"].endswith("user/someone")
    iam.delete_access_key(UserName="someone", AccessKeyId=made["AccessKeyId"])
    assert code_and_status(sts.get_caller_identity) == ("SignatureDoesNotMatch", 403)


KEYS_OF_OBJECTS = (
    "plain",
    "with space",
    "a+b",
    "a%2Fb",
    "ü/é",
    "~tilde",
    "a//b",
    "./dot",
    "q?x=1&y",
    "semi;colon,comma",
)


@pytest.mark.parametrize("key", KEYS_OF_OBJECTS)
def test_any_path_can_be_signed_as_s3_does(client: Client, served: str, key: str) -> None:
    s3 = client("s3", endpoint_url=served, region="us-east-1", config=Config(signature_version="s3v4"))
    s3.create_bucket(Bucket="bucket")
    s3.put_object(Bucket="bucket", Key=key, Body=b"content", Metadata={"who": "me  and   you"})
    assert s3.get_object(Bucket="bucket", Key=key)["Body"].read() == b"content"
    url = s3.generate_presigned_url("get_object", Params={"Bucket": "bucket", "Key": key})
    with urlopen(url) as answer:  # noqa: S310  # the loopback
        assert answer.read() == b"content"


def test_any_path_can_be_signed_as_other_services_do(aws: Emulator, client: Client, served: str) -> None:
    functions = client("lambda", endpoint_url=served)
    aws.functions.register("one", lambda event, context: event, account=ACCOUNT, region=REGION)  # noqa: ARG005
    arn = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:one"
    assert functions.get_function(FunctionName=arn)["Configuration"]["FunctionName"] == "one"
    functions.tag_resource(Resource=arn, Tags={"a b": "c/d"})
    functions.untag_resource(Resource=arn, TagKeys=["a b", "c+d&e"])
    assert functions.list_tags(Resource=arn)["Tags"] == {}


def test_a_presigned_address_lets_in_who_has_it_and_for_nothing_else(client: Client, served: str) -> None:
    s3 = client("s3", endpoint_url=served, region="us-east-1", config=Config(signature_version="s3v4"))
    s3.create_bucket(Bucket="bucket")
    url = s3.generate_presigned_url("put_object", Params={"Bucket": "bucket", "Key": "a"})
    with urlopen(Request(url, b"uploaded", method="PUT")) as answer:  # noqa: S310  # the loopback
        assert answer.status == 200
    assert s3.get_object(Bucket="bucket", Key="a")["Body"].read() == b"uploaded"
    for other in (url.replace("/a?", "/b?"), url.replace(ACCOUNT, "999999999999"), f"{url}&acl"):
        with pytest.raises(OSError, match="403") as raised:
            urlopen(Request(other, b"uploaded", method="PUT"))  # noqa: S310  # the loopback
        raised.value.close()  # type: ignore[attr-defined]


def test_an_address_that_is_presigned_in_the_old_way_is_refused(aws: Emulator, client: Client, served: str) -> None:
    url = client("s3", endpoint_url=served, region="us-east-1").generate_presigned_url("list_buckets")
    with pytest.raises(OSError, match="403") as raised:
        urlopen(url)  # noqa: S310  # the loopback
    raised.value.close()  # type: ignore[attr-defined]
    assert "no signature of AWS4-HMAC-SHA256" in aws.refusals[0].reason


def test_a_presigned_address_of_another_service_is_that_service_s(client: Client, served: str) -> None:
    url = client("sts", endpoint_url=served).generate_presigned_url("get_caller_identity", HttpMethod="GET")
    with urlopen(url) as answer:  # noqa: S310  # the loopback
        assert ACCOUNT in answer.read().decode()


@pytest.mark.parametrize(
    ("authorization", "content_type", "status"),
    [
        ("", "application/json", 403),
        ("Bearer", "application/json", 403),
        (f"Bearer {WRONG}", "application/json", 403),
        ("Bearer é", "application/json", 403),
        ("Bearer KEY", "", 403),
        ("Bearer KEY", "text/plain", 403),
        ("Bearer KEY", "application/x-www-form-urlencoded", 403),
        ("Bearer KEY", "application/json; charset=utf-8", 200),
    ],
)
def test_a_control_endpoint_needs_the_key_and_json(
    aws: Emulator, ask: Ask, authorization: str, content_type: str, status: int
) -> None:
    headers = {"Authorization": authorization.replace("KEY", aws.secret_key), "Content-Type": content_type}
    body = json.dumps({"operation": "*:*", "kind": "throttle"}).encode()
    answer = ask("POST", "/_emulator/faults", body, {name: value for name, value in headers.items() if value})
    assert answer.status == status
    assert len(aws.faults) == (status == 200)


def test_a_session_cannot_drive_the_emulator(client: Client, ask: Ask) -> None:
    key = assumed(client)["aws_secret_access_key"]
    assert ask("GET", "/_emulator/clock", headers={"Authorization": f"Bearer {key}"}).status == 403


def test_each_emulator_has_a_key_of_its_own_unless_one_is_given() -> None:
    keys = {Emulator().secret_key for _ in range(3)}
    assert len(keys) == 3
    assert min(map(len, keys)) >= 40
    assert Emulator(secret_key=WRONG).secret_key == WRONG
    with pytest.raises(WeakKeyError):
        Emulator(secret_key="short")


def test_refusals_do_not_fill_the_memory(aws: Emulator, ask: Ask) -> None:
    ask("GET", "/" + "x" * 5000, headers={"Origin": "https://" + "y" * 5000})
    (refusal,) = aws.refusals
    assert (len(refusal.path), len(refusal.origin)) == (200, 200)
    assert aws.refusals.maxlen == 1000


@pytest.mark.parametrize("path", ["/2018-06-01/runtime/invocation/next", "/guess/2018-06-01/runtime/invocation/next"])
def test_only_the_process_of_a_function_gets_its_invocations(path: str) -> None:
    with RuntimeApi() as api:
        host, _, secret = api.address.partition("/")
        api.hand_out(InvocationTask("1", "arn", b"{}", None))  # type: ignore[arg-type]
        for method in ("GET", "POST"):
            connection = HTTPConnection(host)
            connection.request(method, path, b"stolen" if method == "POST" else None)
            assert connection.getresponse().status == 403
            connection.close()
        assert len(secret) >= 40


def test_the_body_is_asked_for_before_it_comes(aws: Emulator) -> None:
    """Clients of S3 wait a second for that."""
    address = urlsplit(aws.serve())
    with socket.create_connection((address.hostname, address.port)) as connection:
        connection.settimeout(10)
        head = "PUT /bucket/key HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\nExpect: 100-continue\r\n\r\n"
        connection.sendall(head.encode())
        assert connection.recv(100).startswith(b"HTTP/1.1 100 ")


def test_a_wrong_key_is_not_retried(client: Client, aws: Emulator, served: str) -> None:
    tables = client("dynamodb", endpoint_url=served)
    tables.meta.config.retries = {"mode": "standard", "total_max_attempts": 3}
    tables._request_signer._credentials.secret_key = WRONG
    with pytest.raises(ClientError, match="AWS_SECRET_ACCESS_KEY is not the key"):
        tables.list_tables()
    assert len(aws.refusals) == 1
