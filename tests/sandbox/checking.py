"""Hold whatever crosses the wire of a sandbox against what Stripe's own SDK knows of the API."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from unittest.mock import patch

from sandbox.application import Application
from sandbox.stripe.params import decode
from sandbox.stripe.routing import api
from sandbox.web import Request, Response
from tests.sandbox.wire import object_problems, request_problems


@dataclass
class Checked:
    """What was checked so far: the operations, and all that was wrong."""

    operations: set[tuple[str, str]] = field(default_factory=set)
    problems: list[str] = field(default_factory=list)

    def check(self, request: Request, response: Response) -> None:
        """Check a request that was obeyed, and every object in its answer."""
        params = decode(request.query_string) | decode(request.body.decode())
        self.problems += request_problems(request.method, request.path, params)
        answer = json.loads(response.body)
        for obj in answer["data"] if answer["object"] == "list" else [answer]:
            self.problems += object_problems(obj)
        if operation := api.operation_of(request.method, request.path):
            self.operations.add(operation)


@contextmanager
def wire_checked() -> Iterator[Checked]:
    """Check everything that crosses the wire inside the block."""
    checked, respond = Checked(), Application.respond

    def respond_checked(self: Application, request: Request) -> Response:
        response = respond(self, request)
        if request.path.startswith("/v1/") and response.status == 200:
            checked.check(request, response)
        return response

    with patch.object(Application, "respond", respond_checked):
        yield checked
