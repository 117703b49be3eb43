// Leads a task through its life with the MCP SDK for TypeScript: its first major version speaks the revisions with a
// handshake, its second the stateless one. Prints what it saw; holds every result against the published schema.
import process from "node:process";

const [which, url] = process.argv.slice(2);
const requestInit = { headers: { authorization: `Bearer ${process.env.STOA_TOKEN}` } };
const named = { name: "stoa-story", version: "1" };

async function first() {
  const { Client } = await import("@modelcontextprotocol/sdk/client/index.js");
  const { StreamableHTTPClientTransport } = await import("@modelcontextprotocol/sdk/client/streamableHttp.js");
  const transport = new StreamableHTTPClientTransport(new URL(url), { requestInit });
  const client = new Client(named);
  await client.connect(transport);
  return { client, version: transport.protocolVersion };
}

async function second() {
  const { Client, StreamableHTTPClientTransport } = await import("@modelcontextprotocol/client");
  const client = new Client(named, { versionNegotiation: { mode: "auto" } });
  await client.connect(new StreamableHTTPClientTransport(new URL(url), { requestInit }));
  return { client, version: client.getNegotiatedProtocolVersion() };
}

const { client, version } = await (which === "first" ? first() : second());
const { tools } = await client.listTools();
const call = async (name, given) => {
  const result = await client.callTool({ name, arguments: given });
  return result.isError ? result.content[0].text : result.structuredContent;
};
const { task } = await call("quick_add_task", { text: "call Ana !5 ~15m #phone" });
const best = await call("what_next", {});
const page = tools.find((tool) => tool.name === "what_next")._meta.ui.resourceUri;
const { contents } = await client.readResource({ uri: page });
const over = await call("complete_task", { id: task.id });
const none = await call("complete_task", { id: "019cade2-11c0-7b41-9c55-3f0a6d2e8b17" });
await client.close();
console.log(JSON.stringify({
  version,
  tools: tools.length,
  best: best.items[0].task.title,
  page: contents[0].mimeType,
  over: over.task.status,
  none,
}));
