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
from emulator.cloudformation.providers.provider import ResourceProvider

PROVIDERS: Mapping[str, ResourceProvider] = {
    "AWS::CloudWatch::Alarm": cloudwatch.AlarmProvider(),
    "AWS::CloudWatch::Dashboard": cloudwatch.DashboardProvider(),
    "AWS::DynamoDB::Table": storage.TableProvider(),
    "AWS::ECR::Repository": storage.RepositoryProvider(),
    "AWS::Events::ApiDestination": api_destinations.ApiDestinationProvider(),
    "AWS::Events::Connection": api_destinations.ConnectionProvider(),
    "AWS::Events::EventBus": events.EventBusProvider(),
    "AWS::Events::EventBusPolicy": events.EventBusPolicyProvider(),
    "AWS::Events::Rule": events.RuleProvider(),
    "AWS::IAM::ManagedPolicy": iam.ManagedPolicyProvider(),
    "AWS::IAM::Policy": iam.PolicyProvider(),
    "AWS::IAM::Role": iam.RoleProvider(),
    "AWS::Lambda::Alias": lambda_.AliasProvider(),
    "AWS::Lambda::EventInvokeConfig": lambda_.EventInvokeConfigProvider(),
    "AWS::Lambda::EventSourceMapping": lambda_.EventSourceMappingProvider(),
    "AWS::Lambda::Function": lambda_.FunctionProvider(),
    "AWS::Lambda::LayerVersion": lambda_.LayerVersionProvider(),
    "AWS::Lambda::Permission": lambda_.PermissionProvider(),
    "AWS::Lambda::Version": lambda_.VersionProvider(),
    "AWS::Logs::LogGroup": storage.LogGroupProvider(),
    "AWS::S3::Bucket": s3.BucketProvider(),
    "AWS::S3::BucketPolicy": s3.BucketPolicyProvider(),
    "AWS::SNS::Subscription": messaging.SubscriptionProvider(),
    "AWS::SNS::Topic": messaging.TopicProvider(),
    "AWS::SNS::TopicPolicy": messaging.TopicPolicyProvider(),
    "AWS::SQS::Queue": messaging.QueueProvider(),
    "AWS::SQS::QueuePolicy": messaging.QueuePolicyProvider(),
    "AWS::SSM::Parameter": storage.ParameterProvider(),
    "AWS::Scheduler::Schedule": events.ScheduleProvider(),
    "AWS::StepFunctions::StateMachine": stepfunctions.StateMachineProvider(),
}
"""By the type's name; any other is refused."""
