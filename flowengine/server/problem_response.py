"""Errors of the API: always ``{code, message, location}``."""

from collections.abc import Iterable, Mapping
from typing import Any

from pydantic import BaseModel, ValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from flowengine.errors import FlowEngineError
from flowengine.flow.fault import faults
from flowengine.flow.folder import FolderError
from flowengine.flow.folder_writer import FlowExistsError, UnknownFlowError
from flowengine.flow.identifier import BadIdError
from flowengine.flow.problem import DocumentError
from flowengine.flow.subject import field_text
from flowengine.runtime import StaleRevisionError
from flowengine.runtime.workspace import NotDeployedError, StaleFileError, StoppingError, UnwritableFolderError
from flowengine.server.encoding import to_json
from flowengine.storage import AdminNeededError, StorageError, UnknownUserError, UserExistsError

_STATUSES: Mapping[type[FlowEngineError], int] = {
    AdminNeededError: 409,
    BadIdError: 422,
    DocumentError: 422,
    FlowExistsError: 409,
    FolderError: 503,
    NotDeployedError: 409,
    StaleFileError: 409,
    StaleRevisionError: 409,
    StoppingError: 503,
    StorageError: 503,
    UnknownFlowError: 404,
    UnknownUserError: 404,
    UnwritableFolderError: 503,
    UserExistsError: 409,
}


class ApiError(FlowEngineError):
    """A request that the API refuses.

    Args:
        status: HTTP status.
        code: Stable word code.
        message: One sentence: what is wrong and what to do.
        location: Where: a parameter, or a place in a document.
        detail: More facts, as JSON.
        headers: More headers of the answer.
    """

    def __init__(
        self,
        status: int,
        code: str,
        message: str,
        location: str = "",
        detail: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.code = code  # type: ignore[misc]  # an instance is more exact than its class
        self.message = message
        self.location = location
        self.detail = dict(detail or {})
        self.headers = dict(headers or {})

    def __str__(self) -> str:
        return self.message


def not_found(kind: str, id: str) -> ApiError:
    """Return the error for something that is not there.

    Args:
        kind: What was asked for, such as ``flow``.
        id: Its id.
    """
    return ApiError(404, f"unknown-{kind}", f'there is no {kind} "{id}"', id)


def invalid(error: ValidationError, model: type[BaseModel], status: int = 422) -> ApiError:
    """Return the error for values that a model refuses; every problem is in it.

    Args:
        error: What pydantic found.
        model: The model.
        status: HTTP status.
    """
    problems = [
        {"code": fault.code, "message": fault.message, "location": field_text(fault.path) or "", "hint": fault.hint}
        for fault in faults(error, model)
    ]
    first = problems[0]
    location = first["location"] or ""
    hint = f" ({first['hint']})" if first["hint"] else ""
    message = f"{location}: {first['message']}{hint}".removeprefix(": ")
    return ApiError(status, first["code"] or "", message, location, {"problems": problems})


def error_response(error: ApiError) -> Response:
    """Return an error as a response."""
    body = {"code": error.code, "message": error.message, "location": error.location, **error.detail}
    headers = {"www-authenticate": "Bearer", **error.headers} if error.status == 401 else error.headers
    return Response(to_json(body), status_code=error.status, headers=headers, media_type="application/json")


def method_not_allowed(request: Request, methods: Iterable[str]) -> Response:
    """Return the answer to a request whose path is there, but not its method.

    Args:
        request: The request.
        methods: Those that there are.
    """
    path = request.url.path
    allowed = ", ".join(sorted(methods))
    response = error_response(
        ApiError(405, "method-not-allowed", f"{path} does not take {request.method}, but {allowed}", path)
    )
    response.headers["allow"] = allowed
    return response


async def on_api_error(request: Request, error: Exception) -> Response:
    """Answer with an error of the API."""
    assert isinstance(error, ApiError)
    return error_response(error)


async def on_http_exception(request: Request, error: Exception) -> Response:
    """Answer for the framework's own errors, such as a method that nobody knows."""
    assert isinstance(error, HTTPException)
    return error_response(ApiError(error.status_code, "http-error", error.detail, request.url.path))


async def on_engine_error(request: Request, error: Exception) -> Response:
    """Answer for errors that the engine raises on purpose."""
    assert isinstance(error, FlowEngineError)
    status = next((_STATUSES[kind] for kind in type(error).__mro__ if kind in _STATUSES), 400)
    return error_response(ApiError(status, error.code, str(error), request.url.path))


async def on_disconnect(request: Request, error: Exception) -> Response:
    """End a request whose sender has gone: nobody reads this, and it is no bug."""
    return Response(status_code=400)


async def on_unexpected(request: Request, error: Exception) -> Response:
    """Answer for a bug: say so, and say nothing of its inside."""
    return error_response(
        ApiError(500, "internal-error", "flowengine failed on this request; the log says why", request.url.path)
    )
