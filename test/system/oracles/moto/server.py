"""
Starts moto's server: server.py HOST PORT. Before a transaction moto copies the whole table for each of its items, which
took most of the time. Here it copies each table once. Requests must arrive one at a time.
"""

import copy
import sys
from types import SimpleNamespace

from moto.dynamodb import models
from moto.dynamodb.models.table import Table
from moto.server import main

transact = models.DynamoDBBackend.transact_write_items


def transact_with_one_copy(backend, items):
    copies = {}

    def copied(value):
        if not isinstance(value, Table):
            return copy.deepcopy(value)
        if id(value) not in copies:
            copies[id(value)] = copy.deepcopy(value)
        return copies[id(value)]

    models.copy = SimpleNamespace(deepcopy=copied)
    try:
        return transact(backend, items)
    finally:
        models.copy = copy


models.DynamoDBBackend.transact_write_items = transact_with_one_copy
main(["-H", sys.argv[1], "-p", sys.argv[2]])
