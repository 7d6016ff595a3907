"""What a template's functions stand for."""

from typing import Any

import pytest

from emulator.cloudformation.deployment import ordered
from emulator.cloudformation.expressions import TemplateScope
from emulator.cloudformation.templates import Template, TemplateError, references

GIVEN = {"AWS::Region": "eu-west-1", "Name": "prod", "List": ["a", "b"], "Empty": ""}


def scope(**sections: Any) -> TemplateScope:
    body = {"Resources": {"Queue": {"Type": "AWS::SQS::Queue"}}, **sections}
    made = TemplateScope(Template("", body), GIVEN, exports={"shared": "value"})
    made.refs["Queue"] = "https://queue"
    made.attributes["Queue"] = {"Arn": "arn:queue"}
    return made


VALUES = {
    "a text": ("x", "x"),
    "a number": (7, 7),
    "a parameter": ({"Ref": "Name"}, "prod"),
    "a pseudo parameter": ({"Ref": "AWS::Region"}, "eu-west-1"),
    "a resource": ({"Ref": "Queue"}, "https://queue"),
    "an attribute": ({"Fn::GetAtt": ["Queue", "Arn"]}, "arn:queue"),
    "an attribute, in short": ({"Fn::GetAtt": "Queue.Arn"}, "arn:queue"),
    "a sub": ({"Fn::Sub": "${Name}/${Queue.Arn}/${AWS::Region}/${!literal}"}, "prod/arn:queue/eu-west-1/${literal}"),
    "a sub with values": ({"Fn::Sub": ["${x}-${Name}", {"x": {"Ref": "Queue"}}]}, "https://queue-prod"),
    "a join": ({"Fn::Join": [":", ["a", {"Ref": "Name"}, 1, True]]}, "a:prod:1:true"),
    "a join of a list": ({"Fn::Join": ["", {"Ref": "List"}]}, "ab"),
    "a select": ({"Fn::Select": ["1", {"Ref": "List"}]}, "b"),
    "a split": ({"Fn::Split": ["|", "a|b"]}, ["a", "b"]),
    "an import": ({"Fn::ImportValue": "shared"}, "value"),
    "a base64": ({"Fn::Base64": "a"}, "YQ=="),
    "an if that holds": ({"Fn::If": ["IsProd", "yes", "no"]}, "yes"),
    "an if that does not": ({"Fn::If": ["IsEmpty", "no", {"Ref": "Name"}]}, "prod"),
    "a find in map": ({"Fn::FindInMap": ["Sizes", {"Ref": "Name"}, "memory"]}, 512),
    "nothing in a list": ([{"Ref": "AWS::NoValue"}, 1], [1]),
    "nothing in a mapping": ({"a": {"Ref": "AWS::NoValue"}, "b": 1}, {"b": 1}),
    "a document in JSON": ({"Fn::ToJsonString": {"a": {"Ref": "Name"}}}, '{"a":"prod"}'),
    "a policy's condition": ({"Condition": {"Bool": {"x": "y"}}}, {"Condition": {"Bool": {"x": "y"}}}),
}
CONDITIONS = {
    "IsProd": {"Fn::Equals": [{"Ref": "Name"}, "prod"]},
    "IsEmpty": {
        "Fn::Not": [
            {"Fn::Not": [{"Fn::Equals": ["", {"Ref": "Empty"}]}]},
        ]
    },
    "Both": {"Fn::And": [{"Condition": "IsProd"}, {"Condition": "IsEmpty"}]},
    "Either": {"Fn::Or": [{"Condition": "IsProd"}, {"Fn::Contains": [{"Ref": "List"}, "z"]}]},
    "Never": {"Fn::And": [{"Condition": "IsProd"}, {"Fn::Equals": ["true", False]}]},
}


@pytest.mark.parametrize("name", VALUES)
def test_an_expression_has_its_value(name: str) -> None:
    conditions = {**CONDITIONS, "IsEmpty": {"Fn::Equals": ["x", {"Ref": "Empty"}]}}
    raw, value = VALUES[name]
    assert scope(Conditions=conditions, Mappings={"Sizes": {"prod": {"memory": 512}}}).resolve(raw) == value


@pytest.mark.parametrize(
    ("name", "holds"), [("IsProd", True), ("IsEmpty", True), ("Both", True), ("Either", True), ("Never", False)]
)
def test_a_condition_holds_or_does_not(name: str, *, holds: bool) -> None:
    assert scope(Conditions=CONDITIONS).holds(name) is holds


@pytest.mark.parametrize(
    "raw",
    [
        {"Ref": "Nobody"},
        {"Fn::GetAtt": ["Nobody", "Arn"]},
        {"Fn::GetAtt": ["Queue", "Colour"]},
        {"Fn::Sub": "${Nobody}"},
        {"Fn::If": ["Nobody", 1, 2]},
        {"Fn::FindInMap": ["Nobody", "a", "b"]},
        {"Fn::ImportValue": "nobody"},
        {"Fn::GetAZs": ""},
    ],
)
def test_what_is_not_known_is_refused(raw: Any) -> None:
    with pytest.raises(TemplateError):
        scope().resolve(raw)


def test_resources_come_after_those_that_they_need() -> None:
    resources = {
        "Last": {"Type": "X", "DependsOn": ["Middle"]},
        "Middle": {"Type": "X", "Properties": {"a": [{"Fn::Sub": "${First.Arn}"}]}},
        "Out": {"Type": "X", "Condition": "Never"},
        "First": {"Type": "X", "Properties": {"a": {"Ref": "Name"}}},
    }
    assert ordered(scope(Resources=resources, Conditions=CONDITIONS)) == ["First", "Middle", "Last"]


def test_resources_that_need_each_other_are_refused() -> None:
    resources = {name: {"Type": "X", "DependsOn": other} for name, other in (("A", "B"), ("B", "A"))}
    with pytest.raises(TemplateError, match="Circular"):
        ordered(scope(Resources=resources))


def test_what_an_expression_refers_to_is_known_before_it_has_a_value() -> None:
    raw = {
        "a": [{"Ref": "A"}, {"Fn::Sub": ["${B.Arn}${c}", {"c": {"Fn::GetAtt": ["D", "Arn"]}}]}],
        "b": {"Fn::GetAtt": "E.x"},
    }
    assert sorted(references(raw)) == ["A", "B", "D", "E"]


@pytest.mark.parametrize(
    "text", ["", "{", "Resources:", "Resources: {}", "a: [", '{"Resources": {"A": {}}, "Extra": 1}']
)
def test_what_is_no_template_is_refused(text: str) -> None:
    with pytest.raises(TemplateError):
        Template.read(text)


def test_yaml_has_its_short_forms_and_its_dates_are_texts() -> None:
    text = """
    AWSTemplateFormatVersion: 2010-09-09
    Parameters:
      Name: {Type: String}
    Resources:
      Key: {Type: AWS::KMS::Key}
      Queue:
        Type: AWS::SQS::Queue
        Properties:
          QueueName: !Sub "${Name}-x"
          KmsMasterKeyId: !GetAtt Key.Arn
          Policy: {Version: 2012-10-17}
    """
    properties = Template.read(text).section("Resources")["Queue"]["Properties"]
    assert properties["QueueName"] == {"Fn::Sub": "${Name}-x"}
    assert properties["KmsMasterKeyId"] == {"Fn::GetAtt": ["Key", "Arn"]}
    assert properties["Policy"] == {"Version": "2012-10-17"}
