"""
Applies a synthesised graph to moto, by the calls of AWS that the provider makes of it. botocore checks the parameters of
each call, `strict.py` what botocore's models say besides, and moto whether each thing exists that is named. What any of
them refuses is a finding. At the end broken resources are applied, to show that they are refused.

Nobody here knows: the ranges of a queue's attributes, which are texts; whether the log group of a metric filter is there,
and whether its pattern can be read; what a dashboard shows; what metrics there are; quotas of an account; what a policy
comes to (the rehearsal keeps those); what the provider itself refuses before it calls AWS.
"""

import json
import os
import sys

os.environ |= {
    "AWS_ACCESS_KEY_ID": "applied",
    "AWS_SECRET_ACCESS_KEY": "applied",
    "MOTO_IAM_LOAD_MANAGED_POLICIES": "true",
}

from calls import Account, Inputs, region  # noqa: E402
from moto import mock_aws  # noqa: E402
from strict import unread_patterns  # noqa: E402
from translations import never_sent, translations  # noqa: E402

# SST's own bucket, which its CLI has made before.
assets = "sst-asset-test"

# What moto has no word for. One that it has learnt since is a finding, too, so that the list stays true.
unknown_to_moto = {
    "cloudfront.create_cache_policy",
    "cloudfront.create_response_headers_policy",
    "cloudwatch.put_composite_alarm",
    "lambda.put_function_recursion_config",
}

# A change of a resource that must be refused: its type, a part of its name, and what is then said.
broken: list[tuple[str, str, dict, str]] = [
    ("lambda/function:Function", "RealtimeEvent", {"memorySize": 64}, "64 is under 128"),
    ("lambda/function:Function", "RealtimeEvent", {"runtime": "nodejs99.x"}, "'nodejs99.x' is none of"),
    ("lambda/function:Function", "RealtimeEvent", {"role": "arn:aws:iam::123456789012:role/none"}, "cannot be assumed"),
    ("lambda/function:Function", "RealtimeEvent", {"tracingConfig": {"mode": "On"}}, "'On' is none of"),
    ("lambda/function:Function", "RealtimeEvent", {"layers": ["one"]}, "nothing translates layers"),
    (
        "lambda/eventSourceMapping:EventSourceMapping",
        "Tally",
        {"maximumRetryAttempts": 20_000},
        "20000 is over 10000",
    ),
    (
        "lambda/functionRecursionConfig:FunctionRecursionConfig",
        "JobRecursion",
        {"recursiveLoop": "Yes"},
        "'Yes' is none of",
    ),
    ("cloudwatch/metricAlarm:MetricAlarm", "gateway-5xx", {"statistic": "Total"}, "'Total' is none of"),
    ("cloudwatch/metricAlarm:MetricAlarm", "gateway-5xx", {"name": "x" * 256}, "256 is over 255"),
    ("cloudwatch/eventRule:EventRule", "CheckRule", {"eventPattern": "{"}, "Event pattern is not valid"),
    ("cloudwatch/eventRule:EventRule", "CheckRule", {"eventBusName": "none"}, "none does not exist"),
    (
        "cloudwatch/eventTarget:EventTarget",
        "CheckTarget",
        {"retryPolicy": {"maximumEventAgeInSeconds": 30}},
        "30 is under 60",
    ),
    ("scheduler/schedule:Schedule", "ActionSweep", {"state": "ON"}, "'ON' is none of"),
    ("s3/bucketPolicy:BucketPolicy", "Store", {"bucket": "none"}, "NoSuchBucket"),
    (
        "iam/role:Role",
        "ApiRole",
        {"inlinePolicies": [{"name": "inline", "policy": '{"Statement":[{"Effect":"Permit"}]}'}]},
        "MalformedPolicyDocument",
    ),
    ("dynamodb/table:Table", "Events", {"attributes": []}, "ValidationException"),
    (
        "apigatewayv2/domainName:DomainName",
        "Gateway",
        {"domainNameConfiguration": {"securityPolicy": "SSL_3"}},
        "'SSL_3' is none of",
    ),
    ("kms/key:Key", "DataKey", {"policy": ""}, "0 is under 1"),
    ("budgets/budget:Budget", "Budget", {"timeUnit": "WEEKLY"}, "'WEEKLY' is none of"),
    (
        "cloudfront/function:Function",
        "RouterCloudfrontFunctionRequest",
        {"runtime": "cloudfront-js-9.0"},
        "'cloudfront-js-9.0' is none of",
    ),
    ("lambda/permission:Permission", "CheckPermission", {"function": "none"}, "Function not found"),
]


def apply(aws: Account, kind: str, name: str, inputs: dict) -> None:
    own = Inputs(aws.real(inputs))
    translations[kind](aws, name, own)
    for member in own.left:
        if member not in never_sent.get(kind, {}):
            aws.findings.append(f"{name}: nothing translates {member} of {kind}")


def findings_of(aws: Account, kind: str, name: str, inputs: dict) -> str:
    """What is found wrong with a resource; what is made of it stays."""
    before = len(aws.findings)
    apply(aws, kind, name, inputs)
    found = aws.findings[before:]
    del aws.findings[before:]
    return "; ".join(found)


def renamed(inputs: dict, number: int) -> dict:
    """So that nothing is refused because it is there already."""
    return {**inputs, "name": f"{inputs['name'][:60]}{number}"} if "name" in inputs else inputs


@mock_aws
def main(path: str) -> int:
    with open(path, encoding="utf-8") as file:
        resources = [one for one in json.load(file)["resources"] if one["type"].startswith("aws:")]
    by_kind: dict[str, list[dict]] = {}
    for one in resources:
        by_kind.setdefault(one["type"].removeprefix("aws:"), []).append(one)
    aws = Account()
    aws.findings = [f"nothing translates {kind}" for kind in by_kind if kind not in translations]
    aws.call("sst", "s3", "create_bucket", Bucket=assets, CreateBucketConfiguration={"LocationConstraint": region})
    for kind in translations:
        # A queue is named by others as their dead-letter queue.
        for one in sorted(by_kind.get(kind, []), key=lambda one: "redrivePolicy" in one["inputs"]):
            apply(aws, kind, one["name"], one["inputs"])
    aws.findings += [f"moto does not know {one}" for one in sorted(aws.unknown - unknown_to_moto)]
    aws.findings += [f"moto knows {one} now" for one in sorted(unknown_to_moto - aws.unknown)]
    for number, (kind, part, change, expected) in enumerate(broken):
        found = next(one for one in by_kind[kind] if part in one["name"])
        said = findings_of(aws, kind, found["name"], {**renamed(found["inputs"], number), **change})
        if expected not in said:
            aws.findings.append(f"{found['name']} with {change} should be refused as {expected!r}, and was as {said!r}")
    for one in aws.findings:
        print(one)
    for pattern in sorted(unread_patterns):
        print(f"not compared with {pattern}")
    print(
        f"applied: {len(resources)} resources by {aws.calls} calls, {len(broken)} broken ones refused"
        if not aws.findings
        else f"applied: {len(aws.findings)} findings"
    )
    return 0 if not aws.findings else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
