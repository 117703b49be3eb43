// A program that wants to act for somebody, as far as the standards make it: it registers itself, sends the browser off,
// waits on a loopback address for what comes back, and trades that for tokens (OAuth 2.1, RFC 7591, RFC 8252).
import { createHash, randomBytes } from "node:crypto";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";

export interface Tokens {
  access_token: string;
  refresh_token: string;
  scope: string;
}

export interface Answer<T> {
  status: number;
  body: T;
}

/** Where the browser shall go, and what comes back when it has been there. */
export interface Way {
  url: string;
  back: Promise<URLSearchParams>;
}

const random = () => randomBytes(32).toString("base64url");

export class Client {
  private verifier = "";
  private waiting: ((back: URLSearchParams) => void) | null = null;

  private constructor(
    private readonly issuer: string,
    private readonly server: Server,
    readonly redirect: string,
    private id: string,
  ) {}

  /** Registers itself under a name, with a redirect to a port of this machine. */
  static async register(issuer: string, name: string): Promise<Client> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const redirect = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}/callback`;
    const client = new Client(issuer, server, redirect, "");
    server.on("request", (request, response) => {
      const at = new URL(request.url ?? "/", redirect);
      const [status, text] = at.pathname === "/callback" ? [200, "<!doctype html><html lang=en><title>Back</title><h1>Back at the program</h1>"] : [204, ""];
      response.writeHead(status, { "content-type": "text/html" }).end(text);
      if (at.pathname === "/callback") client.waiting?.(at.searchParams);
    });
    const made = await fetch(`${issuer}/oauth/register`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({
        client_name: name,
        redirect_uris: [redirect],
        token_endpoint_auth_method: "none",
        grant_types: ["authorization_code", "refresh_token", "urn:ietf:params:oauth:grant-type:device_code"],
        response_types: ["code"],
      }),
    });
    const said = (await made.json()) as { client_id?: string };
    if (said.client_id === undefined) throw new Error(`not registered: ${JSON.stringify(said)}`);
    client.id = said.client_id;
    return client;
  }

  /** Asks for this, with a proof key of its own (RFC 7636). */
  asks(scope: string, more: Record<string, string> = {}): Way {
    this.verifier = random();
    const state = random();
    const url = new URL(`${this.issuer}/oauth/authorize`);
    url.search = new URLSearchParams({
      response_type: "code",
      client_id: this.id,
      redirect_uri: this.redirect,
      scope,
      state,
      resource: `${this.issuer}/mcp`,
      code_challenge: createHash("sha256").update(this.verifier).digest("base64url"),
      code_challenge_method: "S256",
      ...more,
    }).toString();
    const back = new Promise<URLSearchParams>((resolve, reject) => {
      this.waiting = (said) => {
        if (said.get("state") === state && said.get("iss") === this.issuer) resolve(said);
        else reject(new Error(`came back with something else: ${said.toString()}`));
      };
    });
    return { url: url.toString(), back };
  }

  private async post<T>(path: string, form: Record<string, string>): Promise<Answer<T>> {
    const body = new URLSearchParams({ client_id: this.id, ...form });
    const answer = await fetch(`${this.issuer}${path}`, { method: "POST", body });
    return { status: answer.status, body: (await answer.json()) as T };
  }

  redeem(code: string): Promise<Answer<Tokens>> {
    return this.post("/oauth/token", { grant_type: "authorization_code", code, redirect_uri: this.redirect, code_verifier: this.verifier });
  }

  refresh(token: string): Promise<Answer<Tokens & { error?: string }>> {
    return this.post("/oauth/token", { grant_type: "refresh_token", refresh_token: token });
  }

  /** As a device without a browser (RFC 8628). */
  startDevice(scope: string): Promise<Answer<{ device_code: string; user_code: string; verification_uri: string }>> {
    return this.post("/oauth/device", { scope, resource: `${this.issuer}/mcp` });
  }

  pollDevice(code: string): Promise<Answer<Tokens & { error?: string }>> {
    return this.post("/oauth/token", { grant_type: "urn:ietf:params:oauth:grant-type:device_code", device_code: code });
  }

  /** Asks a tool for what to do next. */
  async whatNext(token: string): Promise<Answer<string>> {
    const answer = await fetch(`${this.issuer}/mcp`, {
      method: "POST",
      headers: {
        authorization: `Bearer ${token}`,
        "content-type": "application/json",
        accept: "application/json, text/event-stream",
        "mcp-protocol-version": "2025-06-18",
      },
      body: JSON.stringify({ jsonrpc: "2.0", id: 1, method: "tools/call", params: { name: "what_next", arguments: { limit: 1 } } }),
    });
    return { status: answer.status, body: await answer.text() };
  }

  closes(): void {
    this.server.closeAllConnections();
    this.server.close();
  }
}
