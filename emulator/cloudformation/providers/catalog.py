"""The types of resources that stacks may hold."""

from collections.abc import Mapping

from emulator.cloudformation.providers import (
    api_destinations,
    cloudwatch,
    events,
    iam,
    lambda_,
    messaging,
    s3,
    stepfunctions,
    storage,
)
from emulator.cloudformation.providers.provider import Kind

KINDS: Mapping[str, Kind] = {
    "AWS::CloudWatch::Alarm": cloudwatch.Alarm(),
    "AWS::CloudWatch::Dashboard": cloudwatch.Dashboard(),
    "AWS::DynamoDB::Table": storage.Table(),
    "AWS::ECR::Repository": storage.Repository(),
    "AWS::Events::ApiDestination": api_destinations.ApiDestination(),
    "AWS::Events::Connection": api_destinations.Connection(),
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
    "AWS::Logs::LogGroup": storage.LogGroup(),
    "AWS::S3::Bucket": s3.Bucket(),
    "AWS::S3::BucketPolicy": s3.BucketPolicy(),
    "AWS::SNS::Subscription": messaging.Subscription(),
    "AWS::SNS::Topic": messaging.Topic(),
    "AWS::SNS::TopicPolicy": messaging.TopicPolicy(),
    "AWS::SQS::Queue": messaging.Queue(),
    "AWS::SQS::QueuePolicy": messaging.QueuePolicy(),
    "AWS::SSM::Parameter": storage.Parameter(),
    "AWS::Scheduler::Schedule": events.Schedule(),
    "AWS::StepFunctions::StateMachine": stepfunctions.StateMachine(),
}
"""By the type's name; any other is refused."""
