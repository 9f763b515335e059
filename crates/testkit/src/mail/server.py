"""An SMTP server that keeps what it gets as files of JSON in a folder, and behaves as the file `fault` in it says at each moment."""

import asyncio
import json
import os
import ssl
import sys
from email import message_from_bytes, policy

from aiosmtpd.smtp import SMTP, AuthResult

with open(sys.argv[1]) as file:
    settings = json.load(file)
folder = settings["folder"]


def fault():
    with open(os.path.join(folder, "fault")) as file:
        return json.load(file)


class Keeper:
    count = 0

    async def handle_EHLO(self, server, session, envelope, hostname, responses):
        session.host_name = hostname
        await asyncio.sleep(fault()["delay_s"])
        return responses

    async def handle_MAIL(self, server, session, envelope, address, options):
        envelope.mail_from = address
        return fault()["mail"] or "250 OK"

    async def handle_RCPT(self, server, session, envelope, address, options):
        refusal = fault()["rcpt"]
        if refusal:
            return refusal
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        refusal = fault()["data"]
        if refusal:
            return refusal
        message = message_from_bytes(envelope.content, policy=policy.default)
        part = lambda kind: message.get_body((kind,)).get_content() if message.get_body((kind,)) else None
        kept = {
            "from": envelope.mail_from,
            "to": envelope.rcpt_tos,
            "user": session.auth_data,
            "encrypted": session.ssl is not None or settings["security"] == "tls",
            "headers": [[name, str(value)] for name, value in message.items()],
            "text": part("plain"),
            "html": part("html"),
            "raw": envelope.content.decode("utf-8", "replace"),
        }
        Keeper.count += 1
        name = os.path.join(folder, f"{Keeper.count:06}.json")
        with open(name + ".part", "w") as file:
            json.dump(kept, file)
        os.rename(name + ".part", name)
        return "250 OK"


def authenticate(server, session, envelope, mechanism, data):
    given = [data.login.decode(), data.password.decode()]
    return AuthResult(success=given == settings["user"], handled=False, auth_data=given[0])


async def serve():
    context = None
    if settings["security"] != "none":
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(os.path.join(folder, "certificate.pem"), os.path.join(folder, "key.pem"))
    start_tls = context if settings["security"] == "starttls" else None
    asked = settings["user"] is not None
    session = lambda: SMTP(
        Keeper(),
        hostname="mail.test",
        tls_context=start_tls,
        require_starttls=start_tls is not None,
        auth_required=asked,
        auth_require_tls=False,
        auth_exclude_mechanism=[] if asked else ["LOGIN", "PLAIN"],
        authenticator=authenticate,
        timeout=300,
    )
    whole = context if settings["security"] == "tls" else None
    server = await asyncio.get_running_loop().create_server(session, "127.0.0.1", settings["port"], ssl=whole)
    await server.serve_forever()


asyncio.run(serve())
