"""Zips run as Lambda would run them: with their code, their layers, their environment and their role."""

import json
import os
import sys
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from botocore.exceptions import ClientError

from emulator.aws import Emulator
from emulator.awslambda.sandbox.interpreter import Interpreter

from ..conftest import ACCOUNT, NOW, REGION, Client
from ..iam.documents import policy, trust
from .conftest import RUNTIME, Deploy, Invoke, zipped

ARN = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:worker"
PID = "import os\ndef handler(event, context):\n    return os.getpid()\n"
ENVIRONMENT = "import os\ndef handler(event, context):\n    return dict(os.environ)\n"
CLOCK = """
import os
import time
from datetime import datetime, timezone
def handler(event, context):
    left = context.get_remaining_time_in_millis()
    return [os.getpid(), datetime.now(timezone.utc).isoformat(), time.time(), left]
"""
CALLER = """
import os, sys
sys.path[1:1] = {path!r}
from botocore.session import Session
def handler(event, context):
    client = Session().create_client(event["service"])
    return {{"access_key": os.environ["AWS_ACCESS_KEY_ID"]}} | {{
        name: value for name, value in getattr(client, event["operation"])(**event.get("given", {{}})).items()
        if isinstance(value, (str, list))
    }}
""".format(path=[path for path in sys.path if path.endswith("site-packages")])


def is_running(pid: int) -> bool:
    return Path(f"/proc/{pid}").exists()


def test_a_handler_is_called_with_its_event_and_its_answer_comes_back(deploy: Deploy, invoke: Invoke) -> None:
    deploy("def handler(event, context):\n    return {'got': event, 'of': context.invoked_function_arn}")
    assert invoke({"order": "ä"}) == {"got": {"order": "ä"}, "of": ARN}


def test_a_process_is_warm_for_the_next_invocation_and_does_not_outlive_the_emulator(
    aws: Emulator, interpreter: Interpreter, deploy: Deploy, invoke: Invoke
) -> None:
    assert interpreter
    deploy(PID)
    first, second = invoke(), invoke()
    assert first == second != os.getpid()
    assert is_running(first)
    aws.__exit__(None, None, None)
    assert not is_running(first)


def test_new_code_and_new_configuration_are_run_by_a_new_process(
    client: Client, deploy: Deploy, invoke: Invoke
) -> None:
    deploy("import os\ndef handler(event, context):\n    return [os.getpid(), os.environ.get('STAGE'), 1]\n")
    before = invoke()
    client("lambda").update_function_configuration(FunctionName="worker", Environment={"Variables": {"STAGE": "new"}})
    between = invoke()
    code = zipped({"app.py": "def handler(event, context):\n    return 2"})
    client("lambda").update_function_code(FunctionName="worker", ZipFile=code)
    assert (before[1:], between[1:], invoke()) == ([None, 1], ["new", 1], 2)
    assert not is_running(before[0])
    assert not is_running(between[0])


def test_a_version_keeps_its_code_and_its_layers(client: Client, deploy: Deploy, invoke: Invoke) -> None:
    lambdas = client("lambda")
    layer = lambdas.publish_layer_version(LayerName="lib", Content={"ZipFile": zipped({"python/lib.py": "NAME = 1"})})
    deploy("import lib\ndef handler(event, context):\n    return lib.NAME", Layers=[layer["LayerVersionArn"]])
    version = lambdas.publish_version(FunctionName="worker")["Version"]
    layer = lambdas.publish_layer_version(LayerName="lib", Content={"ZipFile": zipped({"python/lib.py": "NAME = 2"})})
    lambdas.update_function_configuration(FunctionName="worker", Layers=[layer["LayerVersionArn"]])
    lambdas.delete_layer_version(LayerName="lib", VersionNumber=1)
    assert (invoke(), invoke(name=f"worker:{version}")) == (2, 1)
    assert lambdas.invoke(FunctionName=f"worker:{version}")["ExecutedVersion"] == version


def test_a_later_layer_lies_over_an_earlier_one_and_the_function_over_both(
    client: Client, deploy: Deploy, invoke: Invoke
) -> None:
    site = f"python/lib/{RUNTIME}/site-packages"
    layers = [
        client("lambda").publish_layer_version(LayerName=name, Content={"ZipFile": zipped(files)})["LayerVersionArn"]
        for name, files in {
            "lower": {"python/first.py": "NAME = 'lower'", "python/second.py": "NAME = 'lower'"},
            "upper": {
                "python/second.py": "NAME = 'upper'",
                f"{site}/third.py": "NAME = 'site'",
                "python/app.py": "1/0",
            },
        }.items()
    ]
    source = "import first, second, third\ndef handler(event, context):\n    return first.NAME, second.NAME, third.NAME"
    deploy(source, Layers=layers)
    assert invoke() == ["lower", "upper", "site"]


def test_no_package_of_this_machine_is_at_hand(deploy: Deploy, invoke: Invoke) -> None:
    deploy("import importlib.util as i\ndef handler(names, _):\n    return [n for n in names if i.find_spec(n)]")
    assert invoke(["json", "awslambdaric", "boto3", "moto", "emulator", "functions", "runtime_api"]) == [
        "json",
        "awslambdaric",
    ]


def test_a_process_has_lambdas_variables_and_its_own_and_none_of_this_machine(
    deploy: Deploy, invoke: Invoke, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE", "PYTHONSTARTUP", "SECRET_OF_THE_MACHINE"):
        monkeypatch.setenv(name, "machine")
    deploy(ENVIRONMENT, MemorySize=256, Environment={"Variables": {"TABLE": "ledger"}})
    found = invoke()
    expected = {
        "AWS_LAMBDA_FUNCTION_NAME": "worker",
        "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "256",
        "AWS_LAMBDA_LOG_GROUP_NAME": "/aws/lambda/worker",
        "AWS_REGION": REGION,
        "AWS_DEFAULT_REGION": REGION,
        "AWS_EXECUTION_ENV": f"AWS_Lambda_{RUNTIME}",
        "_HANDLER": "app.handler",
        "TABLE": "ledger",
    }
    assert found.items() >= expected.items()
    assert found["AWS_LAMBDA_LOG_STREAM_NAME"].startswith("2026/11/20/[$LATEST]")
    assert "machine" not in found.values()
    assert found["HOME"] != os.environ["HOME"]


def test_it_acts_as_a_session_of_its_role(deploy: Deploy, invoke: Invoke) -> None:
    deploy(CALLER)
    found = invoke({"service": "sts", "operation": "get_caller_identity"})
    assert found["Arn"] == f"arn:aws:sts::{ACCOUNT}:assumed-role/worker/worker"
    assert found["access_key"].startswith("ASIA")


def test_its_calls_are_calls_of_the_emulated_aws(aws: Emulator, deploy: Deploy, invoke: Invoke, client: Client) -> None:
    client("sqs").create_queue(QueueName="orders")
    deploy(CALLER)
    assert invoke({"service": "sqs", "operation": "list_queues"})["QueueUrls"][0].endswith("/orders")
    (call,) = aws.calls.of("sqs:ListQueues")
    assert (call.account, call.region) == (ACCOUNT, REGION)


def test_s3_control_is_reached_though_its_clients_put_the_account_before_the_host(
    aws: Emulator, deploy: Deploy, invoke: Invoke
) -> None:
    deploy(CALLER)
    given = {"AccountId": ACCOUNT}
    invoke({"service": "s3control", "operation": "list_access_points", "given": given})
    assert [(call.account, call.error) for call in aws.calls.of("s3:ListAccessPoints")] == [(ACCOUNT, "")]


def test_it_reaches_no_network(deploy: Deploy, invoke: Invoke) -> None:
    deploy("import socket\ndef handler(host, _):\n    socket.create_connection((host, 80), timeout=1)")
    for host in ("example.com", "192.0.2.1"):
        assert invoke(host)["failed"]["errorMessage"] == f"the emulator allows no network access: {host}"


def test_a_warm_process_sees_the_clock_that_was_moved(aws: Emulator, deploy: Deploy, invoke: Invoke) -> None:
    deploy(CLOCK, Timeout=30)
    before = invoke()
    aws.clock.move_to(NOW + timedelta(days=3))
    after = invoke()
    assert before[0] == after[0]
    for found, expected in ((before, NOW), (after, NOW + timedelta(days=3))):
        assert timedelta() <= datetime.fromisoformat(found[1]) - expected < timedelta(seconds=10)
        assert abs(found[2] - expected.timestamp()) < 10
        assert 20_000 < found[3] <= 30_000
    aws.clock.move_to(NOW - timedelta(days=3))
    assert datetime.fromisoformat(invoke()[1]) < NOW


def test_the_clock_is_the_emulated_one_while_a_function_loads(deploy: Deploy, invoke: Invoke) -> None:
    deploy("import time\nAT = time.time()\ndef handler(event, context):\n    return AT")
    assert abs(invoke() - NOW.timestamp()) < 10


def test_a_function_may_invoke_itself(client: Client, deploy: Deploy, invoke: Invoke) -> None:
    assert client
    source = CALLER.replace("def handler(event, context):", "def call(event, context):") + (
        "import json\n"
        "def handler(depth, context):\n"
        "    if not depth: return [os.getpid()]\n"
        "    given = {'FunctionName': 'worker', 'Payload': json.dumps(depth - 1)}\n"
        "    answer = Session().create_client('lambda').invoke(**given)\n"
        "    return [os.getpid(), *json.load(answer['Payload'])]\n"
    )
    deploy(source)
    assert len(set(invoke(2))) == 3


def test_what_is_delivered_from_the_schedule_runs_too(aws: Emulator, client: Client, deploy: Deploy) -> None:
    queue = client("sqs").create_queue(QueueName="dead")["QueueUrl"]
    arn = deploy("def handler(event, context):\n    raise KeyError(event['id'])")
    wanted = {"QueueUrl": queue, "AttributeNames": ["QueueArn"]}
    dead = {"OnFailure": {"Destination": client("sqs").get_queue_attributes(**wanted)["Attributes"]["QueueArn"]}}
    client("lambda").put_function_event_invoke_config(FunctionName="worker", DestinationConfig=dead)
    client("events").put_rule(Name="rule", EventPattern=json.dumps({"source": ["aws.health"]}))
    client("events").put_targets(Rule="rule", Targets=[{"Id": "worker", "Arn": arn}])
    aws.emit({"source": "aws.health", "detail-type": "x", "account": ACCOUNT, "region": REGION, "id": "7"})
    aws.advance(timedelta(minutes=4))
    (letter,) = client("sqs").receive_message(QueueUrl=queue)["Messages"]
    assert json.loads(letter["Body"])["responsePayload"]["errorMessage"] == "'7'"
    assert len(aws.functions.runs) == 3


def test_code_that_is_registered_goes_first(aws: Emulator, deploy: Deploy, invoke: Invoke) -> None:
    deploy(PID)
    aws.functions.register("other", lambda event, _: event, account=ACCOUNT, region=REGION)
    assert invoke("here", name="other") == "here"


def refusal_of(invoke: Invoke) -> tuple[str, str]:
    with pytest.raises(ClientError) as refused:
        invoke()
    error = refused.value.response["Error"]
    return error["Code"], error["Message"]


def test_a_function_of_another_runtime_is_refused(deploy: Deploy, invoke: Invoke) -> None:
    deploy(PID, Runtime="nodejs22.x")
    code, message = refusal_of(invoke)
    assert code == "NotImplementedException"
    assert message == f"{ARN} needs nodejs22.x, but the interpreter is {RUNTIME}"


def test_a_role_that_lambda_cannot_assume_runs_nothing(client: Client, deploy: Deploy, invoke: Invoke) -> None:
    deploy(PID)
    expected = ("InvalidParameterValueException", "The role defined for the function cannot be assumed by Lambda.")
    client("iam").update_assume_role_policy(
        RoleName="worker", PolicyDocument=policy(trust({"Service": "ec2.amazonaws.com"}))
    )
    assert refusal_of(invoke) == expected
    client("iam").delete_role(RoleName="worker")
    assert refusal_of(invoke) == expected


def test_a_function_whose_zip_is_none_is_refused(client: Client, deploy: Deploy, invoke: Invoke) -> None:
    deploy(PID)
    client("lambda").update_function_code(FunctionName="worker", ZipFile=b"none")
    code, message = refusal_of(invoke)
    assert code == "NotImplementedException"
    assert "cannot be unpacked" in message


def test_what_is_logged_otherwise_than_as_text_is_refused(client: Client, deploy: Deploy) -> None:
    with pytest.raises(ClientError, match="log as text alone"):
        deploy(PID, LoggingConfig={"LogFormat": "JSON"})
    deploy(PID)
    with pytest.raises(ClientError, match="log as text alone"):
        client("lambda").update_function_configuration(FunctionName="worker", LoggingConfig={"LogFormat": "JSON"})
