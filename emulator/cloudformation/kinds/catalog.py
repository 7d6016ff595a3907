"""The types of resources that stacks may hold."""

from collections.abc import Mapping

from emulator.cloudformation.kinds import (
    buckets,
    destinations,
    events,
    iam,
    lambda_,
    messages,
    stores,
    watching,
    workflows,
)
from emulator.cloudformation.kinds.kind import Kind

KINDS: Mapping[str, Kind] = {
    "AWS::CloudWatch::Alarm": watching.Alarm(),
    "AWS::CloudWatch::Dashboard": watching.Dashboard(),
    "AWS::DynamoDB::Table": stores.Table(),
    "AWS::ECR::Repository": stores.Repository(),
    "AWS::Events::ApiDestination": destinations.ApiDestination(),
    "AWS::Events::Connection": destinations.Connection(),
    "AWS::Events::EventBus": events.EventBus(),
    "AWS::Events::EventBusPolicy": events.EventBusPolicy(),
    "AWS::Events::Rule": events.Rule(),
    "AWS::IAM::ManagedPolicy": iam.ManagedPolicy(),
    "AWS::IAM::Policy": iam.Policy(),
    "AWS::IAM::Role": iam.Role(),
    "AWS::Lambda::Alias": lambda_.Alias(),
    "AWS::Lambda::EventInvokeConfig": lambda_.EventInvokeConfig(),
    "AWS::Lambda::EventSourceMapping": lambda_.EventSourceMapping(),
    "AWS::Lambda::Function": lambda_.Function(),
    "AWS::Lambda::LayerVersion": lambda_.LayerVersion(),
    "AWS::Lambda::Permission": lambda_.Permission(),
    "AWS::Lambda::Version": lambda_.Version(),
    "AWS::Logs::LogGroup": stores.LogGroup(),
    "AWS::S3::Bucket": buckets.Bucket(),
    "AWS::S3::BucketPolicy": buckets.BucketPolicy(),
    "AWS::SNS::Subscription": messages.Subscription(),
    "AWS::SNS::Topic": messages.Topic(),
    "AWS::SNS::TopicPolicy": messages.TopicPolicy(),
    "AWS::SQS::Queue": messages.Queue(),
    "AWS::SQS::QueuePolicy": messages.QueuePolicy(),
    "AWS::SSM::Parameter": stores.Parameter(),
    "AWS::Scheduler::Schedule": events.Schedule(),
    "AWS::StepFunctions::StateMachine": workflows.StateMachine(),
}
"""By the type's name; any other is refused."""
