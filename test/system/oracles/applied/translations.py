"""How the provider's resources are made by calls of AWS, one function for each type, in the order of their making."""

import io
import json
import zipfile
from collections.abc import Callable

import cloudfront
from calls import Account, Inputs, account, pascal, region

Translation = Callable[[Account, str, Inputs], None]

# What the provider puts behind a name that it makes up itself.
drawn = "-0123abc"


def archive() -> bytes:
    with io.BytesIO() as file:
        with zipfile.ZipFile(file, "w") as written:
            written.writestr("bundle.mjs", "export const handler = () => {};")
        return file.getvalue()


def key(aws: Account, name: str, own: Inputs) -> None:
    made = aws.call(name, "kms", "create_key", Description=own("description"), Policy=own("policy"))
    made_key = made.get("KeyMetadata", {})
    if own("enableKeyRotation"):
        aws.call(name, "kms", "enable_key_rotation", KeyId=made_key.get("KeyId", ""))
    aws.rewrites.append((f"arn:aws:kms:{region}:{account}:key/{name}", made_key.get("Arn", "")))


def log_group(aws: Account, name: str, own: Inputs) -> None:
    group = own("name")
    aws.call(name, "logs", "create_log_group", logGroupName=group)
    aws.call(name, "logs", "put_retention_policy", logGroupName=group, retentionInDays=own("retentionInDays"))


def event_bus(aws: Account, name: str, own: Inputs) -> None:
    aws.call(name, "events", "create_event_bus", Name=own("name"))


def bucket(aws: Account, name: str, own: Inputs) -> None:
    where = {"LocationConstraint": region}
    aws.call(name, "s3", "create_bucket", Bucket=own("bucket"), CreateBucketConfiguration=where)


def bucket_object(aws: Account, name: str, own: Inputs) -> None:
    own("source")
    aws.call(name, "s3", "put_object", Bucket=own("bucket"), Key=own("key"), Body=archive())


def bucket_ownership(aws: Account, name: str, own: Inputs) -> None:
    rules = {"Rules": [pascal(own("rule"))]}
    aws.call(name, "s3", "put_bucket_ownership_controls", Bucket=own("bucket"), OwnershipControls=rules)


def bucket_public_access(aws: Account, name: str, own: Inputs) -> None:
    names = ["blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets"]
    block = pascal({one: own(one) for one in names})
    aws.call(name, "s3", "put_public_access_block", Bucket=own("bucket"), PublicAccessBlockConfiguration=block)


def bucket_encryption(aws: Account, name: str, own: Inputs) -> None:
    rules = [_encryption_rule(Inputs(rule)) for rule in own("rules")]
    sent = {"Rules": rules}
    aws.call(name, "s3", "put_bucket_encryption", Bucket=own("bucket"), ServerSideEncryptionConfiguration=sent)


def _encryption_rule(rule: Inputs) -> dict:
    default = Inputs(rule("applyServerSideEncryptionByDefault"))
    by_default = {"SSEAlgorithm": default("sseAlgorithm"), "KMSMasterKeyID": default("kmsMasterKeyId")}
    sent = {"ApplyServerSideEncryptionByDefault": _present(by_default), "BucketKeyEnabled": rule("bucketKeyEnabled")}
    return _present(sent)


def bucket_lifecycle(aws: Account, name: str, own: Inputs) -> None:
    rules = [{**pascal({k: v for k, v in rule.items() if k != "id"}), "ID": rule["id"]} for rule in own("rules")]
    sent = {"Rules": rules}
    aws.call(name, "s3", "put_bucket_lifecycle_configuration", Bucket=own("bucket"), LifecycleConfiguration=sent)


def bucket_policy(aws: Account, name: str, own: Inputs) -> None:
    aws.call(name, "s3", "put_bucket_policy", Bucket=own("bucket"), Policy=own("policy"))


def topic(aws: Account, name: str, own: Inputs) -> None:
    _only(own, "fifoTopic", False)
    aws.call(name, "sns", "create_topic", Name=own("name"))


def subscription(aws: Account, name: str, own: Inputs) -> None:
    sent = {"TopicArn": own("topic"), "Protocol": own("protocol"), "Endpoint": own("endpoint")}
    aws.call(name, "sns", "subscribe", **sent)


def queue(aws: Account, name: str, own: Inputs) -> None:
    _only(own, "fifoQueue", False)
    _only(own, "contentBasedDeduplication", False)
    attributes = {
        "DelaySeconds": own("delaySeconds"),
        "MessageRetentionPeriod": own("messageRetentionSeconds"),
        "SqsManagedSseEnabled": own("sqsManagedSseEnabled"),
        "VisibilityTimeout": own("visibilityTimeoutSeconds"),
        "RedrivePolicy": own("redrivePolicy"),
    }
    sent = {one: _text(value) for one, value in _present(attributes).items()}
    aws.call(name, "sqs", "create_queue", QueueName=own("name"), Attributes=sent)


def queue_policy(aws: Account, name: str, own: Inputs) -> None:
    attributes = {"Policy": own("policy")}
    aws.call(name, "sqs", "set_queue_attributes", QueueUrl=own("queueUrl"), Attributes=attributes)


def table(aws: Account, name: str, own: Inputs) -> None:
    table_name = own("name")
    attributes = [{"AttributeName": one["name"], "AttributeType": one["type"]} for one in own("attributes")]
    encryption = own("serverSideEncryption")
    _only(own, "localSecondaryIndexes", [])
    made = aws.call(
        name,
        "dynamodb",
        "create_table",
        TableName=table_name,
        AttributeDefinitions=attributes,
        KeySchema=_key_schema(own("hashKey"), own("rangeKey")),
        BillingMode=own("billingMode"),
        GlobalSecondaryIndexes=[_index(Inputs(one)) for one in own("globalSecondaryIndexes")],
        StreamSpecification={"StreamEnabled": own("streamEnabled"), "StreamViewType": own("streamViewType")},
        DeletionProtectionEnabled=own("deletionProtectionEnabled"),
        SSESpecification=None
        if encryption is None
        else {"Enabled": encryption["enabled"], "SSEType": "KMS", "KMSMasterKeyId": encryption["kmsKeyArn"]},
    )
    stream = made.get("TableDescription", {}).get("LatestStreamArn", "")
    aws.rewrites.append((f"arn:aws:dynamodb:{region}:{account}:table/{table_name}/stream/1", stream))
    recovery = {"PointInTimeRecoveryEnabled": own("pointInTimeRecovery")["enabled"]}
    aws.call(
        name, "dynamodb", "update_continuous_backups", TableName=table_name, PointInTimeRecoverySpecification=recovery
    )
    expiry = pascal(own("ttl"))
    aws.call(name, "dynamodb", "update_time_to_live", TableName=table_name, TimeToLiveSpecification=expiry)


def _key_schema(hash_key: str, range_key: str | None) -> list[dict]:
    keys = [{"AttributeName": hash_key, "KeyType": "HASH"}]
    return keys if range_key is None else [*keys, {"AttributeName": range_key, "KeyType": "RANGE"}]


def _index(index: Inputs) -> dict:
    return {
        "IndexName": index("name"),
        "KeySchema": _key_schema(index("hashKey"), index("rangeKey")),
        "Projection": {"ProjectionType": index("projectionType")},
    }


def role(aws: Account, name: str, own: Inputs) -> None:
    role_name = own("name", name)
    trust = own("assumeRolePolicy")
    document = trust if isinstance(trust, str) else json.dumps(trust)
    aws.call(name, "iam", "create_role", RoleName=role_name, AssumeRolePolicyDocument=document)
    for policy in own("inlinePolicies", []):
        sent = {"PolicyName": policy["name"], "PolicyDocument": policy["policy"]}
        aws.call(name, "iam", "put_role_policy", RoleName=role_name, **sent)
    for arn in own("managedPolicyArns", []):
        aws.call(name, "iam", "attach_role_policy", RoleName=role_name, PolicyArn=arn)


def function(aws: Account, name: str, own: Inputs) -> None:
    function_name = own("name")
    environment = own("environment")["variables"]
    bytes_of_environment = sum(len(one.encode()) + len(value.encode()) for one, value in environment.items())
    if bytes_of_environment > 4096:
        aws.findings.append(f"{name}: the environment has {bytes_of_environment} bytes, and Lambda takes 4096")
    reserved = own("reservedConcurrentExecutions")
    aws.call(
        name,
        "lambda",
        "create_function",
        FunctionName=function_name,
        Code={"S3Bucket": own("s3Bucket"), "S3Key": own("s3Key")},
        Environment={"Variables": environment},
        EphemeralStorage=pascal(own("ephemeralStorage")),
        LoggingConfig=pascal(own("loggingConfig")),
        TracingConfig=pascal(own("tracingConfig")),
        **{
            one[:1].upper() + one[1:]: own(one)
            for one in [
                "architectures",
                "description",
                "handler",
                "memorySize",
                "packageType",
                "publish",
                "role",
                "runtime",
                "timeout",
            ]
        },
    )
    if reserved is not None:
        sent = {"FunctionName": function_name, "ReservedConcurrentExecutions": reserved}
        aws.call(name, "lambda", "put_function_concurrency", **sent)


def permission(aws: Account, name: str, own: Inputs) -> None:
    sent = {"Action": own("action"), "Principal": own("principal"), "SourceArn": own("sourceArn")}
    aws.call(name, "lambda", "add_permission", FunctionName=own("function"), StatementId=name, **sent)


def recursion(aws: Account, name: str, own: Inputs) -> None:
    sent = {"FunctionName": own("functionName"), "RecursiveLoop": own("recursiveLoop")}
    aws.call(name, "lambda", "put_function_recursion_config", **sent)


def event_source(aws: Account, name: str, own: Inputs) -> None:
    names = [
        "batchSize",
        "bisectBatchOnFunctionError",
        "eventSourceArn",
        "filterCriteria",
        "functionName",
        "functionResponseTypes",
        "maximumBatchingWindowInSeconds",
        "maximumRecordAgeInSeconds",
        "maximumRetryAttempts",
        "parallelizationFactor",
        "startingPosition",
        "tumblingWindowInSeconds",
    ]
    sent = {one[:1].upper() + one[1:]: pascal(own(one)) for one in names}
    sent["ScalingConfig"] = pascal(own("scalingConfig"))
    failed = own("destinationConfig")
    given_up = None if failed is None else {"OnFailure": {"Destination": failed["onFailure"]["destinationArn"]}}
    aws.call(name, "lambda", "create_event_source_mapping", DestinationConfig=given_up, **sent)


def api(aws: Account, name: str, own: Inputs) -> None:
    api_name = own("name")
    _only(own, "corsConfiguration", {})
    sent = {"ProtocolType": own("protocolType"), "RouteSelectionExpression": own("routeSelectionExpression")}
    made = aws.call(name, "apigatewayv2", "create_api", Name=api_name, **sent)
    made_id = made.get("ApiId", "")
    aws.rewrites.extend([(f"{name}-id", made_id), (api_name, made_id)])


def integration(aws: Account, name: str, own: Inputs) -> None:
    names = ["apiId", "integrationMethod", "integrationType", "integrationUri", "payloadFormatVersion"]
    made = aws.call(
        name, "apigatewayv2", "create_integration", **{one[:1].upper() + one[1:]: own(one) for one in names}
    )
    aws.rewrites.append((f"{name}-id", made.get("IntegrationId", "")))


def route(aws: Account, name: str, own: Inputs) -> None:
    names = ["apiId", "authorizationType", "routeKey", "target"]
    aws.call(name, "apigatewayv2", "create_route", **{one[:1].upper() + one[1:]: own(one) for one in names})


def stage(aws: Account, name: str, own: Inputs) -> None:
    routes = {one["routeKey"]: pascal({k: v for k, v in one.items() if k != "routeKey"}) for one in own("routeSettings", [])}
    aws.call(
        name,
        "apigatewayv2",
        "create_stage",
        ApiId=own("apiId"),
        StageName=own("name"),
        AutoDeploy=own("autoDeploy"),
        AccessLogSettings=pascal(own("accessLogSettings")),
        DefaultRouteSettings=pascal(own("defaultRouteSettings")),
        RouteSettings=routes or None,
    )


def api_account(aws: Account, name: str, own: Inputs) -> None:
    arn = own("cloudwatchRoleArn")
    if arn is None:
        aws.call(name, "apigateway", "get_account")
    else:
        change = {"op": "replace", "path": "/cloudwatchRoleArn", "value": arn}
        aws.call(name, "apigateway", "update_account", patchOperations=[change])


def certificate(aws: Account, name: str, own: Inputs) -> None:
    sent = {"DomainName": own("domainName"), "ValidationMethod": own("validationMethod")}
    made = aws.call(name, "acm", "request_certificate", SubjectAlternativeNames=own("subjectAlternativeNames") or None, **sent)
    aws.rewrites.append((f"arn:aws:acm:{region}:{account}:certificate/{name}", made.get("CertificateArn", "")))


def certificate_validation(aws: Account, name: str, own: Inputs) -> None:
    # The provider only waits until the certificate is valid.
    aws.call(name, "acm", "describe_certificate", CertificateArn=own("certificateArn"))


def domain_name(aws: Account, name: str, own: Inputs) -> None:
    domain = own("domainName")
    sent = [pascal(own("domainNameConfiguration"))]
    aws.call(name, "apigatewayv2", "create_domain_name", DomainName=domain, DomainNameConfigurations=sent)
    aws.rewrites.append((f"{name}-id", domain))


def api_mapping(aws: Account, name: str, own: Inputs) -> None:
    sent = {"ApiId": own("apiId"), "DomainName": own("domainName"), "Stage": own("stage")}
    aws.call(name, "apigatewayv2", "create_api_mapping", **sent)


def record(aws: Account, name: str, own: Inputs) -> None:
    own("zoneId")
    zone = _zone(aws, name)
    record_set = {"Name": own("name"), "Type": own("type")}
    aliases = own("aliases")
    if aliases is None:
        record_set |= {"TTL": own("ttl"), "ResourceRecords": [{"Value": value} for value in own("records")]}
    else:
        [alias] = aliases
        # The look-up of the target's zone has no answer here.
        target = {"HostedZoneId": "ZLY8HYME6SFDD", "DNSName": alias["name"]}
        record_set["AliasTarget"] = {**target, "EvaluateTargetHealth": alias["evaluateTargetHealth"]}
    changes = {"Changes": [{"Action": "UPSERT", "ResourceRecordSet": record_set}]}
    aws.call(name, "route53", "change_resource_record_sets", HostedZoneId=zone, ChangeBatch=changes)


def _zone(aws: Account, name: str) -> str:
    known = aws.call(name, "route53", "list_hosted_zones").get("HostedZones", [])
    if known:
        return known[0]["Id"].split("/")[-1]
    made = aws.call(name, "route53", "create_hosted_zone", Name="example.com", CallerReference=name)
    return made.get("HostedZone", {}).get("Id", "").split("/")[-1]


def event_rule(aws: Account, name: str, own: Inputs) -> None:
    sent = {"Description": own("description"), "EventPattern": own("eventPattern")}
    aws.call(name, "events", "put_rule", Name=name, EventBusName=own("eventBusName"), **sent)


def event_target(aws: Account, name: str, own: Inputs) -> None:
    target = {
        "Id": name,
        "Arn": own("arn"),
        "DeadLetterConfig": pascal(own("deadLetterConfig")),
        "RetryPolicy": pascal(own("retryPolicy")),
    }
    sent = {"Rule": own("rule"), "EventBusName": own("eventBusName"), "Targets": [_present(target)]}
    answer = aws.call(name, "events", "put_targets", **sent)
    for entry in answer.get("FailedEntries", []):
        aws.findings.append(f"{name}: {entry}")


def event_archive(aws: Account, name: str, own: Inputs) -> None:
    sent = {"EventSourceArn": own("eventSourceArn"), "EventPattern": own("eventPattern")}
    aws.call(name, "events", "create_archive", ArchiveName=name + drawn, RetentionDays=own("retentionDays"), **sent)


def schedule(aws: Account, name: str, own: Inputs) -> None:
    names = ["flexibleTimeWindow", "name", "scheduleExpression", "state", "target"]
    aws.call(name, "scheduler", "create_schedule", **{one[:1].upper() + one[1:]: pascal(own(one)) for one in names})


def budget(aws: Account, name: str, own: Inputs) -> None:
    limit = {"Amount": own("limitAmount"), "Unit": own("limitUnit")}
    sent = {"BudgetType": own("budgetType"), "TimeUnit": own("timeUnit"), "BudgetLimit": limit}
    told = [_notification(dict(one)) for one in own("notifications")]
    described = {"BudgetName": name + drawn, **sent}
    aws.call(name, "budgets", "create_budget", AccountId=account, Budget=described, NotificationsWithSubscribers=told)


def parameter(aws: Account, name: str, own: Inputs) -> None:
    names = ["name", "description", "type", "tier", "value"]
    aws.call(name, "ssm", "put_parameter", **{one[:1].upper() + one[1:]: own(one) for one in names})


def _notification(one: dict) -> dict:
    addresses = one.pop("subscriberEmailAddresses")
    subscribers = [{"SubscriptionType": "EMAIL", "Address": address} for address in addresses]
    return {"Notification": pascal(one), "Subscribers": subscribers}


def metric_filter(aws: Account, name: str, own: Inputs) -> None:
    change = Inputs(own("metricTransformation"))
    sent = {"metricName": change("name"), "metricNamespace": change("namespace"), "metricValue": change("value")}
    aws.call(
        name,
        "logs",
        "put_metric_filter",
        logGroupName=own("logGroupName"),
        filterName=name + drawn,
        filterPattern=own("pattern"),
        metricTransformations=[sent],
    )


def metric_alarm(aws: Account, name: str, own: Inputs) -> None:
    names = [
        "alarmActions",
        "alarmDescription",
        "comparisonOperator",
        "datapointsToAlarm",
        "evaluationPeriods",
        "extendedStatistic",
        "metricName",
        "namespace",
        "period",
        "statistic",
        "threshold",
        "treatMissingData",
    ]
    sent = {one[:1].upper() + one[1:]: own(one) for one in names}
    dimensions = [{"Name": one, "Value": value} for one, value in (own("dimensions") or {}).items()]
    queries = [_metric_query(Inputs(one)) for one in own("metricQueries") or []]
    told = {"AlarmName": own("name"), "OKActions": own("okActions"), "Dimensions": dimensions or None}
    aws.call(name, "cloudwatch", "put_metric_alarm", **told, **sent, Metrics=queries or None)


def _metric_query(own: Inputs) -> dict:
    metric = own("metric")
    sent = {"Id": own("id"), "Expression": own("expression"), "Label": own("label"), "Period": own("period")}
    if metric is None:
        return _present({**sent, "ReturnData": own("returnData", False)})
    dimensions = [{"Name": one, "Value": value} for one, value in metric["dimensions"].items()]
    of = {"Namespace": metric["namespace"], "MetricName": metric["metricName"], "Dimensions": dimensions}
    stat = {"Metric": of, "Period": metric["period"], "Stat": metric["stat"]}
    return _present({**sent, "MetricStat": stat, "ReturnData": own("returnData", False)})


def composite_alarm(aws: Account, name: str, own: Inputs) -> None:
    names = ["alarmName", "alarmDescription", "alarmRule", "alarmActions"]
    sent = {one[:1].upper() + one[1:]: own(one) for one in names}
    aws.call(name, "cloudwatch", "put_composite_alarm", **sent, OKActions=own("okActions"))


def dashboard(aws: Account, name: str, own: Inputs) -> None:
    sent = {"DashboardName": own("dashboardName"), "DashboardBody": own("dashboardBody")}
    answer = aws.call(name, "cloudwatch", "put_dashboard", **sent)
    for message in answer.get("DashboardValidationMessages", []):
        aws.findings.append(f"{name}: {message}")


def _only(own: Inputs, name: str, value: object) -> None:
    """Takes what the provider does not send while it has this value."""
    given = own(name, value)
    if given != value:
        raise ValueError(f"nothing translates {name}={given!r}")


def _present(values: dict) -> dict:
    return {name: value for name, value in values.items() if value is not None}


def _text(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value)


# By type, each after what it names.
translations: dict[str, Translation] = {
    "kms/key:Key": key,
    "cloudfront/keyValueStore:KeyValueStore": cloudfront.key_value_store,
    "cloudfront/cachePolicy:CachePolicy": cloudfront.cache_policy,
    "cloudfront/function:Function": cloudfront.function,
    "cloudfront/responseHeadersPolicy:ResponseHeadersPolicy": cloudfront.response_headers_policy,
    "cloudfront/distribution:Distribution": cloudfront.distribution,
    "apigatewayv2/api:Api": api,
    "cloudwatch/logGroup:LogGroup": log_group,
    "cloudwatch/eventBus:EventBus": event_bus,
    "s3/bucket:Bucket": bucket,
    "s3/bucketObjectv2:BucketObjectv2": bucket_object,
    "s3/bucketOwnershipControls:BucketOwnershipControls": bucket_ownership,
    "s3/bucketPublicAccessBlock:BucketPublicAccessBlock": bucket_public_access,
    "s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration": bucket_encryption,
    "s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration": bucket_lifecycle,
    "s3/bucketPolicy:BucketPolicy": bucket_policy,
    "sns/topic:Topic": topic,
    "sns/topicSubscription:TopicSubscription": subscription,
    "sqs/queue:Queue": queue,
    "sqs/queuePolicy:QueuePolicy": queue_policy,
    "dynamodb/table:Table": table,
    "iam/role:Role": role,
    "lambda/function:Function": function,
    "lambda/permission:Permission": permission,
    "lambda/functionRecursionConfig:FunctionRecursionConfig": recursion,
    "lambda/eventSourceMapping:EventSourceMapping": event_source,
    "apigatewayv2/integration:Integration": integration,
    "apigatewayv2/route:Route": route,
    "apigateway/account:Account": api_account,
    "apigatewayv2/stage:Stage": stage,
    "acm/certificate:Certificate": certificate,
    "route53/record:Record": record,
    "acm/certificateValidation:CertificateValidation": certificate_validation,
    "apigatewayv2/domainName:DomainName": domain_name,
    "apigatewayv2/apiMapping:ApiMapping": api_mapping,
    "cloudwatch/eventRule:EventRule": event_rule,
    "cloudwatch/eventTarget:EventTarget": event_target,
    "cloudwatch/eventArchive:EventArchive": event_archive,
    "scheduler/schedule:Schedule": schedule,
    "budgets/budget:Budget": budget,
    "ssm/parameter:Parameter": parameter,
    "cloudwatch/logMetricFilter:LogMetricFilter": metric_filter,
    "cloudwatch/metricAlarm:MetricAlarm": metric_alarm,
    "cloudwatch/compositeAlarm:CompositeAlarm": composite_alarm,
    "cloudwatch/dashboard:Dashboard": dashboard,
}

# Inputs that no call has, by type: what they are.
never_sent: dict[str, dict[str, str]] = {
    "cloudfront/distribution:Distribution": {"waitForDeployment": "how long the provider waits"},
    "s3/bucket:Bucket": {"forceDestroy": "what the provider does when it removes the bucket"},
    "kms/key:Key": {"deletionWindowInDays": "said when the key is removed"},
}
