"""The address of files for the browser: asked of the table at each fetch, recorded, then sent."""

from __future__ import annotations

import mimetypes

from starlette.requests import Request
from starlette.responses import FileResponse, PlainTextResponse, Response
from starlette.routing import Route

from examiner.examination.acts import OrderError
from examiner.examination.permissions import Deed
from examiner.page.access.served_files import EXPORTS, NONE, PICTURES
from examiner.page.access.sessions import user_of
from examiner.page.persons_desks import PersonsDesks
from pipelines.errors import MarkingError

DEED_OF_KIND = {PICTURES: Deed.SEE, EXPORTS: Deed.GIVE_OUT}

KEPT_BY_BROWSER = {PICTURES: "private, max-age=86400, immutable", EXPORTS: "no-store"}


def file_route(desks: PersonsDesks) -> Route:
    """The route by which every picture and every file of an examination is fetched."""

    def fetch(request: Request) -> Response:
        name = user_of(request)
        if desks.signing_in and name is None:
            return PlainTextResponse("sign in first", 401)
        examination, kind, file = (request.path_params[part] for part in ("examination", "kind", "name"))
        if kind not in DEED_OF_KIND:
            return PlainTextResponse("there is no such file", 404)
        opened = "" if examination == NONE else examination
        try:
            desk = desks.of(name)
            desk.permit(DEED_OF_KIND[kind], opened)
            path = desks.shared.served.path(examination, kind, file)
            if path is None:
                return PlainTextResponse("there is no such file; open the examination again", 404)
            desks.shared.casebook.record_fetch(opened, desk.actor, kind, path)
        except OrderError as error:
            return PlainTextResponse(str(error), 403)
        except MarkingError as error:
            return PlainTextResponse(str(error), 404)
        headers = {
            "Cache-Control": KEPT_BY_BROWSER[kind],
            "Vary": "Cookie",
            "X-Content-Type-Options": "nosniff",
        }
        media = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
        attached = path.name if kind == EXPORTS else None
        return FileResponse(path, headers=headers, media_type=media, filename=attached)

    return Route("/examination/{examination}/{kind}/{name}", fetch, methods=["GET"])
