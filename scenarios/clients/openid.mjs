// All that an OpenID client of others does: openid-client and oauth4webapi speak to the server, jose checks what it signs.
// A line out is what it needs from the person, or that it is done; a line in what the person's browser brought back.
import { strict as assert } from "node:assert";
import process from "node:process";
import { createInterface } from "node:readline";
import { createRemoteJWKSet, decodeProtectedHeader, jwtVerify } from "jose";
import * as raw from "oauth4webapi";
import * as client from "openid-client";

const [issuer] = process.argv.slice(2);
const api = `${issuer}/api/v1`;
const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
const hears = async () => (await lines.next()).value;
const says = (said) => console.log(JSON.stringify(said));
const refused = (promise, error) => assert.rejects(promise, (it) => it.error === error || assert.fail(it));
// It is plain http on the machine itself; signatures are checked all the same.
const options = { execute: [client.allowInsecureRequests, client.enableNonRepudiationChecks] };

const config = await client.dynamicClientRegistration(
  new URL(issuer),
  {
    client_name: "Story",
    redirect_uris: ["http://127.0.0.1:33418/callback"],
    grant_types: ["authorization_code", "refresh_token", "urn:ietf:params:oauth:grant-type:device_code"],
    token_endpoint_auth_method: "client_secret_basic",
  },
  client.ClientSecretBasic(),
  options,
);
const server = config.serverMetadata();
const keys = createRemoteJWKSet(new URL(server.jwks_uri));

// Pushed, with PKCE, bound to a key, answered with `iss`: the library checks all of it, and the ID token's signature.
const DPoP = client.getDPoPHandle(config, await client.randomDPoPKeyPair("ES256"));
const [pkceCodeVerifier, expectedState, expectedNonce] = [client.randomPKCECodeVerifier(), client.randomState(), client.randomNonce()];
const pushed = await client.buildAuthorizationUrlWithPAR(
  config,
  {
    redirect_uri: "http://127.0.0.1:33418/callback",
    scope: "openid profile email tasks:read offline_access",
    resource: api,
    code_challenge: await client.calculatePKCECodeChallenge(pkceCodeVerifier),
    code_challenge_method: "S256",
    state: expectedState,
    nonce: expectedNonce,
  },
  { DPoP },
);
assert.deepEqual([...pushed.searchParams.keys()].sort(), ["client_id", "request_uri"]);
says({ open: pushed.href });
const back = new URL(await hears());
const checks = { pkceCodeVerifier, expectedState, expectedNonce, idTokenExpected: true };
const elsewhere = new URL(back);
elsewhere.searchParams.set("iss", "https://elsewhere.example");
await assert.rejects(client.authorizationCodeGrant(config, elsewhere, checks, {}, { DPoP }), (it) => /"iss"/.test(it.cause?.message));
const tokens = await client.authorizationCodeGrant(config, back, checks, {}, { DPoP });
assert.equal(tokens.token_type, "dpop");
const claims = tokens.claims();

// The ID token, once more by hand: OpenID Connect Core §3.1.3.7.
const id = await jwtVerify(tokens.id_token, keys, { issuer, audience: config.clientMetadata().client_id, algorithms: ["RS256"] });
assert.equal(id.payload.nonce, expectedNonce);
assert(id.payload.auth_time <= id.payload.iat && id.payload.exp > id.payload.iat);

// The access token as any resource server checks it: RFC 9068 §4, and the proof that comes with it, RFC 9449 §7.
const checked = await jwtVerify(tokens.access_token, keys, { issuer, typ: "at+jwt", requiredClaims: ["sub", "jti", "iat", "exp", "client_id"] });
const audience = [checked.payload.aud].flat();
assert(audience.includes(api) && audience.every((one) => one.startsWith(issuer)), audience);
assert.equal(checked.payload.client_id, config.clientMetadata().client_id);
assert.equal(checked.payload.scope.split(" ").sort().join(" "), "email offline_access openid profile tasks:read");
await assert.rejects(jwtVerify(tokens.id_token, keys, { issuer, typ: "at+jwt" }), "an ID token is no access token");
assert.equal(decodeProtectedHeader(tokens.id_token).alg, "RS256");
let seen;
const sees = async (url, init) => {
  seen = new Request(url, init);
  return fetch(seen.clone());
};
const about = await raw.protectedResourceRequest(tokens.access_token, "GET", new URL(`${api}/tasks`), undefined, undefined, {
  DPoP,
  [raw.customFetch]: sees,
  [raw.allowInsecureRequests]: true,
});
assert.equal(about.status, 200);
const proven = await raw.validateJwtAccessToken(server, seen, api, { [raw.allowInsecureRequests]: true, requireDPoP: true });
assert.equal(proven.sub, claims.sub);

// Who it is, with the proof, and not without it.
const person = await client.fetchUserInfo(config, tokens.access_token, claims.sub, { DPoP });
const bearer = await fetch(`${api}/tasks`, { headers: { authorization: `Bearer ${tokens.access_token}` } });
assert.equal(bearer.status, 401, "a bound token was taken without its key");
const stranger = client.getDPoPHandle(config, await client.randomDPoPKeyPair("ES256"));
await assert.rejects(client.fetchProtectedResource(config, tokens.access_token, new URL(`${api}/tasks`), "GET", undefined, undefined, { DPoP: stranger }));

// Introspection, by the client that it is for.
const good = await client.tokenIntrospection(config, tokens.access_token);
assert.deepEqual([good.active, good.token_type, good.sub, good.cnf?.jkt], [true, "DPoP", claims.sub, await DPoP.calculateThumbprint()]);

// Rotation; then a token that was used twice takes all of them along.
const second = await client.refreshTokenGrant(config, tokens.refresh_token, {}, { DPoP });
assert.notEqual(second.refresh_token, tokens.refresh_token);
const third = await client.refreshTokenGrant(config, second.refresh_token, {}, { DPoP });
await refused(client.refreshTokenGrant(config, tokens.refresh_token, {}, { DPoP }), "invalid_grant");
await refused(client.refreshTokenGrant(config, third.refresh_token, {}, { DPoP }), "invalid_grant");
assert.deepEqual(await client.tokenIntrospection(config, third.access_token), { active: false });

// A device, which has no browser.
const device = await client.initiateDeviceAuthorization(config, { scope: "tasks:read offline_access", resource: api });
says({ type: device.user_code, at: device.verification_uri });
assert.equal(await hears(), "allowed");
const held = await client.pollDeviceAuthorizationGrant(config, device);
const reads = (held) => client.fetchProtectedResource(config, held.access_token, new URL(`${api}/tasks`), "GET");
assert.equal((await reads(held)).status, 200);
await client.tokenRevocation(config, held.refresh_token);
await assert.rejects(reads(held), (error) => error.status === 401 || error.cause?.[0]?.parameters?.error === "invalid_token");
await refused(client.refreshTokenGrant(config, held.refresh_token), "invalid_grant");

// A program that acts for itself.
const [own, secret] = [process.env.STOA_CLIENT, process.env.STOA_SECRET];
const service = await client.discovery(new URL(issuer), own, undefined, client.ClientSecretBasic(secret), { ...options, algorithm: "oauth2" });
const granted = await client.clientCredentialsGrant(service, { scope: "tasks:read", resource: api });
const itself = await jwtVerify(granted.access_token, keys, { issuer, typ: "at+jwt", audience: api });
assert.deepEqual([itself.payload.sub, granted.refresh_token, granted.id_token], [own, undefined, undefined]);
assert.equal((await client.fetchProtectedResource(service, granted.access_token, new URL(`${api}/tasks`), "GET")).status, 200);
const wrong = await client.discovery(new URL(issuer), own, undefined, client.ClientSecretBasic("wrong"), { ...options, algorithm: "oauth2" });
await assert.rejects(client.clientCredentialsGrant(wrong, { scope: "tasks:read" }), (it) => it.status === 401 && it.cause[0].scheme === "basic");

says({ sub: claims.sub, email: person.email, name: person.name, verified: person.email_verified });
process.exit(0);
