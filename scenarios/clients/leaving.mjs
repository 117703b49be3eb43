// How an OpenID client of others signs somebody in with an answer that is posted, and out again: openid-client reads the form
// and builds the address to leave by, jose checks what the back channel says.
// A line out is what it needs from the person's browser; a line in what that brought back.
import { strict as assert } from "node:assert";
import { once } from "node:events";
import { createServer } from "node:http";
import process from "node:process";
import { createInterface } from "node:readline";
import { createRemoteJWKSet, jwtVerify } from "jose";
import * as client from "openid-client";

const [issuer] = process.argv.slice(2);
const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
const hears = async () => (await lines.next()).value;
const says = (said) => console.log(JSON.stringify(said));
const [back, bye] = ["http://127.0.0.1:33418/callback", "http://127.0.0.1:33418/bye"];

// Where it is told that somebody left.
let told;
const heard = new Promise((resolve) => (told = resolve));
const receiver = createServer(async (request, response) => {
  let body = "";
  for await (const piece of request) body += piece;
  response.writeHead(200, { "cache-control": "no-store" }).end();
  told({ method: request.method, kind: request.headers["content-type"], form: new URLSearchParams(body) });
});
receiver.listen(0, "127.0.0.1");
await once(receiver, "listening");

const config = await client.dynamicClientRegistration(
  new URL(issuer),
  {
    client_name: "Leaving",
    redirect_uris: [back],
    post_logout_redirect_uris: [bye],
    backchannel_logout_uri: `http://127.0.0.1:${receiver.address().port}/told`,
    backchannel_logout_session_required: true,
    token_endpoint_auth_method: "client_secret_basic",
  },
  client.ClientSecretBasic(),
  { execute: [client.allowInsecureRequests, client.enableNonRepudiationChecks] },
);
const server = config.serverMetadata();
assert(server.backchannel_logout_supported && server.backchannel_logout_session_supported);
assert(server.response_modes_supported.includes("form_post"));

const [pkceCodeVerifier, expectedState, expectedNonce] = [client.randomPKCECodeVerifier(), client.randomState(), client.randomNonce()];
const checks = { pkceCodeVerifier, expectedState, expectedNonce, idTokenExpected: true };
const asks = async (changed) =>
  client.buildAuthorizationUrl(config, {
    redirect_uri: back,
    scope: "openid email",
    response_mode: "form_post",
    code_challenge: await client.calculatePKCECodeChallenge(pkceCodeVerifier),
    code_challenge_method: "S256",
    state: expectedState,
    nonce: expectedNonce,
    ...changed,
  });
says({ open: (await asks({})).href });
const form = { method: "POST", headers: { "content-type": "application/x-www-form-urlencoded" } };
const tokens = await client.authorizationCodeGrant(config, new Request(back, { ...form, body: await hears() }), checks);
const claims = tokens.claims();
assert.equal(typeof claims.sid, "string");

says({ leave: client.buildEndSessionUrl(config, { id_token_hint: tokens.id_token, post_logout_redirect_uri: bye, state: "s" }).href });
assert.equal(await hears(), `${bye}?state=s`);

// What it was told: OpenID Connect Back-Channel Logout §2.6.
const { method, kind, form: said } = await heard;
assert.deepEqual([method, kind, [...said.keys()]], ["POST", "application/x-www-form-urlencoded", ["logout_token"]]);
const { payload } = await jwtVerify(said.get("logout_token"), createRemoteJWKSet(new URL(server.jwks_uri)), {
  issuer,
  audience: config.clientMetadata().client_id,
  typ: "logout+jwt",
  algorithms: ["RS256"],
  maxTokenAge: "2 minutes",
  requiredClaims: ["jti", "iat", "exp"],
});
assert.deepEqual([payload.sub, payload.sid, payload.nonce], [claims.sub, claims.sid, undefined]);
assert.deepEqual(payload.events, { "http://schemas.openid.net/event/backchannel-logout": {} });

says({ sub: claims.sub, email: claims.email });
process.exit(0);
