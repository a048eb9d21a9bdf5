"""How the resources of CloudFront are made: it writes every list with its length, and some names with more capitals."""

from calls import Account, Inputs, account

capitals = {
    "cloudfrontDefaultCertificate": "CloudFrontDefaultCertificate",
    "defaultTtl": "DefaultTTL",
    "functionArn": "FunctionARN",
    "httpPort": "HTTPPort",
    "httpsPort": "HTTPSPort",
    "lambdaArn": "LambdaFunctionARN",
    "maxTtl": "MaxTTL",
    "minTtl": "MinTTL",
    "originId": "Id",
}

# What a provider makes up where nothing says otherwise.
drawn = "-0123abc"


def written(value: object) -> object:
    if isinstance(value, list):
        items = [written(one) for one in value]
        return {"Quantity": len(items), **({"Items": items} if items else {})}
    if not isinstance(value, dict):
        return value
    # The provider has a member `items` where the API has the list itself.
    if set(value) == {"items"}:
        return written(value["items"])
    return {capitals.get(name, name[:1].upper() + name[1:]): written(one) for name, one in value.items()}


def key_value_store(aws: Account, name: str, own: Inputs) -> None:
    store = own("name")
    made = aws.call(name, "cloudfront", "create_key_value_store", Name=store).get("KeyValueStore", {})
    aws.rewrites.append((f"arn:aws:cloudfront::{account}:key-value-store/{store}", made.get("ARN", "")))


def cache_policy(aws: Account, name: str, own: Inputs) -> None:
    names = ["comment", "defaultTtl", "maxTtl", "minTtl", "parametersInCacheKeyAndForwardedToOrigin"]
    config = written({one: own(one) for one in names})
    aws.call(name, "cloudfront", "create_cache_policy", CachePolicyConfig={"Name": name + drawn, **config})


def function(aws: Account, name: str, own: Inputs) -> None:
    stores = [{"KeyValueStoreARN": one} for one in own("keyValueStoreAssociations")]
    config = {"Comment": "", "Runtime": own("runtime"), "KeyValueStoreAssociations": written(stores)}
    code = own("code").encode()
    aws.call(name, "cloudfront", "create_function", Name=own("name"), FunctionConfig=config, FunctionCode=code)


def response_headers_policy(aws: Account, name: str, own: Inputs) -> None:
    config = written({one: own(one) for one in ["name", "customHeadersConfig", "securityHeadersConfig"]})
    aws.call(name, "cloudfront", "create_response_headers_policy", ResponseHeadersPolicyConfig=config)


def distribution(aws: Account, name: str, own: Inputs) -> None:
    behaviors = [behavior(one) for one in own("orderedCacheBehaviors")]
    restrictions = written(own("restrictions"))
    restrictions["GeoRestriction"].setdefault("Quantity", 0)
    tags = [{"Key": key, "Value": value} for key, value in own("tags").items()]
    config = {
        "CallerReference": name,
        **written({one: own(one) for one in ["aliases", "comment", "enabled", "origins", "viewerCertificate"]}),
        "DefaultCacheBehavior": behavior(own("defaultCacheBehavior")),
        "CacheBehaviors": {"Quantity": len(behaviors), "Items": behaviors},
        "Restrictions": restrictions,
    }
    sent = {"DistributionConfig": config, "Tags": {"Items": tags}}
    aws.call(name, "cloudfront", "create_distribution_with_tags", DistributionConfigWithTags=sent)


def behavior(value: dict) -> dict:
    cached = written(value["cachedMethods"])
    rest = written({name: one for name, one in value.items() if name != "cachedMethods"})
    return {**rest, "AllowedMethods": {**rest["AllowedMethods"], "CachedMethods": cached}}
