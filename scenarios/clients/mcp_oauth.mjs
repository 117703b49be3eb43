// Connects with the MCP SDK for TypeScript and its own OAuth code, which knows nothing but the address of the tools. A
// line out is what it needs or has seen, a line in what the person's browser brought back or what comes next.
import { strict as assert } from "node:assert";
import process from "node:process";
import { createInterface } from "node:readline";

// The address of a document, where the client has one: the SDK takes only https for finding out by itself that it may
// use it, so it is told that this is its id.
const [which, url, document] = process.argv.slice(2);
const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
const hears = async () => (await lines.next()).value;
const says = (said) => console.log(JSON.stringify(said));

class Person {
  redirectUrl = "http://127.0.0.1:33418/callback";
  clientMetadata = {
    client_name: "Story",
    redirect_uris: [this.redirectUrl],
    grant_types: ["authorization_code", "refresh_token"],
    response_types: ["code"],
    token_endpoint_auth_method: "none",
  };
  known = document && { client_id: document };
  expected = crypto.randomUUID();
  state = () => this.expected;
  clientInformation = () => this.known;
  saveClientInformation = (known) => (this.known = known);
  tokens = () => this.held;
  saveTokens = (held) => (this.held = held);
  codeVerifier = () => this.verifier;
  saveCodeVerifier = (verifier) => (this.verifier = verifier);
  discoveryState = () => this.found;
  saveDiscoveryState = (found) => (this.found = found);
  invalidateCredentials = () => (this.held = undefined);
  redirectToAuthorization = (address) => says({ open: address.href });
}

const { Client, StreamableHTTPClientTransport, UnauthorizedError } = await (which === "first"
  ? Promise.all([
      import("@modelcontextprotocol/sdk/client/index.js"),
      import("@modelcontextprotocol/sdk/client/streamableHttp.js"),
      import("@modelcontextprotocol/sdk/client/auth.js"),
    ]).then((parts) => Object.assign({}, ...parts))
  : import("@modelcontextprotocol/client"));

const authProvider = new Person();
const connects = async () => {
  const client = new Client({ name: "stoa-story", version: "1" }, which === "first" ? {} : { versionNegotiation: { mode: "auto" } });
  const transport = new StreamableHTTPClientTransport(new URL(url), { authProvider });
  try {
    await client.connect(transport);
    return { client };
  } catch (error) {
    assert(error instanceof UnauthorizedError || error.cause instanceof UnauthorizedError, error);
    return { transport };
  }
};

const { transport } = await connects();
const back = new URL(await hears()).searchParams;
assert.equal(back.get("state"), authProvider.expected);
await transport.finishAuth(which === "first" ? back.get("code") : back);
const { client } = await connects();
const next = async () => (await client.callTool({ name: "what_next", arguments: {} })).structuredContent.items;
says({ next: (await next())[0].task.title, client: authProvider.known.client_id, scope: authProvider.held.scope });

// What it holds is no good any more: it gets another by itself.
await hears();
const before = authProvider.held;
authProvider.held = { ...before, access_token: "gone" };
const title = (await next())[0].task.title;
const { access_token, refresh_token } = authProvider.held;
says({ next: title, rotated: access_token !== before.access_token && refresh_token !== before.refresh_token });

// The person has taken it back: all it can do is ask again.
await hears();
await assert.rejects(next(), (error) => error instanceof UnauthorizedError || error.cause instanceof UnauthorizedError);
process.exit(0);
