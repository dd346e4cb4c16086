"""Files that tools have made, under addresses of their own: to download, and pictures to show."""

from pathlib import PurePath
from urllib.parse import quote

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import Route

from agent.attachments.attachment import RESULT, UnknownHandle
from agent.errors import UnknownConversation
from page.answering import Answering

_FOLDER = "results"
_TYPES = {".csv": "text/csv", ".svg": "image/svg+xml"}
_SHOWN = ".svg"
_NOT_FOUND = 404


def address(conversation: str, handle: str) -> str:
    """Where a file that a tool made in a conversation is, from the page."""
    return f"{_FOLDER}/{quote(conversation, safe='')}/{quote(handle, safe='')}"


def routes(answering: Answering) -> list[Route]:
    """What the server answers under these addresses: files of the owner's conversations that tools have made."""

    async def result(request: Request) -> Response:
        conversation, handle = request.path_params["conversation"], request.path_params["handle"]
        agent = await answering.agent()
        try:
            attachments = await agent.conversations.attachments(conversation, answering.owner)
            kept = attachments.read(handle if handle.startswith(RESULT) else "")
        except (UnknownConversation, UnknownHandle) as error:
            raise HTTPException(_NOT_FOUND) from error
        if not kept.path.is_file():
            raise HTTPException(_NOT_FOUND)
        suffix = PurePath(kept.name or "").suffix
        return FileResponse(
            kept.path,
            media_type=_TYPES.get(suffix, "text/plain"),
            filename=kept.name,
            content_disposition_type="inline" if suffix == _SHOWN else "attachment",
        )

    return [Route(f"/{_FOLDER}/{{conversation}}/{{handle}}", result)]
