"""Leads a task through its life with the MCP SDK for Python, in the era that is asked for. Prints what it saw."""

import asyncio
import json
import os
import sys

import httpx2
from mcp import Client
from mcp.client.streamable_http import streamable_http_client


async def main(mode: str, url: str) -> None:
    headers = {"authorization": f"Bearer {os.environ['STOA_TOKEN']}"}
    async with httpx2.AsyncClient(headers=headers) as http:
        async with Client(streamable_http_client(url, http_client=http), mode=mode) as client:

            async def call(name, given):
                result = await client.call_tool(name, given)
                return result.content[0].text if result.is_error else result.structured_content

            tools = (await client.list_tools()).tools
            task = (await call("quick_add_task", {"text": "call Ana !5 ~15m #phone"}))["task"]
            best = await call("what_next", {})
            page = next(tool for tool in tools if tool.name == "what_next").meta["ui"]["resourceUri"]
            read = await client.read_resource(page)
            over = await call("complete_task", {"id": task["id"]})
            none = await call("complete_task", {"id": "019cade2-11c0-7b41-9c55-3f0a6d2e8b17"})
            print(json.dumps({
                "version": client.protocol_version,
                "tools": len(tools),
                "best": best["items"][0]["task"]["title"],
                "page": read.contents[0].mime_type,
                "over": over["task"]["status"],
                "none": none,
            }))


asyncio.run(main(*sys.argv[1:]))
