"""Calls of AWS by boto3, and what was found wrong with them."""

import re

import boto3
from botocore.exceptions import ClientError, ParamValidationError
from strict import faults_of

region = "eu-west-1"
account = "123456789012"

Rewrite = tuple[str, str]

unheard = [{"Code": "404", "Message": "Not Found"}, {"Code": "404", "Message": "Not yet implemented"}]


class Account:
    """An account that the graph is applied to. `rewrites` are names that only the made resource knows."""

    def __init__(self) -> None:
        self.findings: list[str] = []
        self.unknown: set[str] = set()
        self.calls = 0
        self.rewrites: list[Rewrite] = []
        self._clients: dict[str, object] = {}

    def call(self, whose: str, service: str, operation: str, **sent: object) -> dict:
        """The answer, or {} where the call was refused, which is then a finding."""
        client = self._clients.setdefault(service, boto3.client(service, region_name=region))
        params = {name: value for name, value in sent.items() if value is not None}
        shape = client.meta.service_model.operation_model(client.meta.method_to_api_mapping[operation]).input_shape
        self.calls += 1
        for fault in faults_of(shape, params, f"{service}.{operation}"):
            self.findings.append(f"{whose}: {fault}")
        try:
            return getattr(client, operation)(**params)
        except NotImplementedError:
            self.unknown.add(f"{service}.{operation}")
        except ParamValidationError as error:
            self.findings.append(f"{whose}: {service}.{operation}: {' '.join(str(error).split())}")
        except ClientError as error:
            # So moto answers where it has no such path or nothing behind it; a missing resource has a name for that.
            if error.response["Error"] in unheard:
                self.unknown.add(f"{service}.{operation}")
                return {}
            self.findings.append(f"{whose}: {error}")
        return {}

    def real(self, value: object) -> object:
        """A recorded value with the names that the made resources have."""
        if isinstance(value, str):
            for recorded, made in self.rewrites:
                value = re.sub(rf"(?<![\w-]){re.escape(recorded)}(?![\w-])", lambda _, name=made: name, value)
            return value
        if isinstance(value, list):
            return [self.real(one) for one in value]
        if isinstance(value, dict):
            return {name: self.real(one) for name, one in value.items()}
        return value


class Inputs:
    """The inputs of one resource. What nobody has taken of them was not sent."""

    def __init__(self, values: dict) -> None:
        self._left = dict(values)

    def __call__(self, name: str, default: object = None) -> object:
        return self._left.pop(name, default)

    @property
    def left(self) -> list[str]:
        return sorted(self._left)


def pascal(value: object) -> object:
    """Members as AWS writes most of them: destinationArn as DestinationArn."""
    if isinstance(value, list):
        return [pascal(one) for one in value]
    if isinstance(value, dict):
        return {name[:1].upper() + name[1:]: pascal(one) for name, one in value.items()}
    return value
