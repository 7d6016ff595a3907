"""A call as questions to IAM: each action that it takes, on each resource that it is about."""

from collections.abc import Iterator

from moto.utilities.utils import get_partition

from emulator.arrival import Arrival
from emulator.iam.callers import Caller
from emulator.iam.keys import global_keys, keys_of
from emulator.iam.resources import Place, resources_of
from emulator.iam.statements import Question
from emulator.rights import rights_of


def questions_of(arrival: Arrival, caller: Caller) -> Iterator[Question]:
    """Yield what *caller* needs the right to, all of it, for its call to be answered."""
    place = Place(get_partition(arrival.region), arrival.region, arrival.account)
    parameters = arrival.parameters()
    for action, resource in _needs(arrival, place):
        known = global_keys(caller, arrival.region, resource)
        for keys in keys_of(arrival.name, parameters, caller, arrival.region):
            yield Question(action, resource, {**known, **keys})


def _needs(arrival: Arrival, place: Place) -> Iterator[tuple[str, str]]:
    parameters = arrival.parameters()
    if "TransactItems" not in parameters:
        for action in sorted(rights_of(arrival.name, parameters)):
            yield from ((action, resource) for resource in resources_of(arrival.name, parameters, place))
        return
    for item in parameters["TransactItems"]:
        for verb, part in item.items():
            (action,) = rights_of(arrival.name, {"TransactItems": [{verb: part}]})
            yield from ((action, resource) for resource in resources_of(arrival.name, part, place))
