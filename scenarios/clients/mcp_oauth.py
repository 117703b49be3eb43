"""Connects with the MCP SDK for Python and its own OAuth code, which knows nothing but the address of the tools. A line
out is what it needs or has seen, a line in what the person's browser brought back or what comes next."""

import asyncio
import json
import sys
from urllib.parse import parse_qs, urlsplit

import httpx2
from mcp import Client
from mcp.client.auth import OAuthClientProvider
from mcp.client.auth.oauth2 import AuthorizationCodeResult
from mcp.client.streamable_http import streamable_http_client
from mcp.shared.auth import OAuthClientInformationFull, OAuthClientMetadata

BACK = "http://127.0.0.1:33418/callback"


def says(said) -> None:
    print(json.dumps(said), flush=True)


async def hears() -> str:
    return (await asyncio.to_thread(sys.stdin.readline)).strip()


class Kept:
    def __init__(self, client) -> None:
        self.client, self.tokens = client, None

    async def get_tokens(self):
        return self.tokens

    async def set_tokens(self, tokens) -> None:
        self.tokens = tokens

    async def get_client_info(self):
        return self.client

    async def set_client_info(self, client) -> None:
        self.client = client


async def opens(address: str) -> None:
    says({"open": address})


async def back() -> AuthorizationCodeResult:
    params = {name: values[0] for name, values in parse_qs(urlsplit(await hears()).query).items()}
    return AuthorizationCodeResult(code=params["code"], state=params["state"], iss=params["iss"])


async def main(url: str, document: str | None = None) -> None:
    # The SDK takes only https for finding out by itself that it may use a document: it is told that this is its id.
    known = document and OAuthClientInformationFull(
        client_id=document, redirect_uris=[BACK], token_endpoint_auth_method="none"
    )
    kept = Kept(known)
    metadata = OAuthClientMetadata(
        client_name="Story",
        redirect_uris=[BACK],
        grant_types=["authorization_code", "refresh_token"],
        response_types=["code"],
        token_endpoint_auth_method="none",
    )
    auth = OAuthClientProvider(url, metadata, kept, redirect_handler=opens, callback_handler=back)
    async with httpx2.AsyncClient(auth=auth, timeout=60) as http:
        async with Client(streamable_http_client(url, http_client=http), mode="auto") as client:

            async def best() -> str:
                return (await client.call_tool("what_next", {})).structured_content["items"][0]["task"]["title"]

            says({"next": await best(), "client": kept.client.client_id, "scope": kept.tokens.scope})
            await hears()
            before = kept.tokens
            auth.context.token_expiry_time = 1
            title, now = await best(), kept.tokens
            rotated = now.access_token != before.access_token and now.refresh_token != before.refresh_token
            says({"next": title, "rotated": rotated})
            # The person has taken it back: all it can do is ask again.
            await hears()
            await best()


asyncio.run(main(*sys.argv[1:]))
