// oidc-provider as it is measured beside the house: `node oidc.mjs PORT HOW_MANY SCOPE ALG`. Everything in its memory, JWT
// access tokens, refresh tokens rotated at each use. It prints a refresh token for each connection.
import { generateKeyPairSync } from "node:crypto";
import http from "node:http";
import Provider from "oidc-provider";

// Its advice is no figure.
console.info = console.error;
const [port, many, scope, alg] = process.argv.slice(2);
const issuer = `http://127.0.0.1:${port}`;
const resource = `${issuer}/api`;
const { privateKey } = alg === "RS256" ? generateKeyPairSync("rsa", { modulusLength: 2048 }) : generateKeyPairSync("ed25519");
const provider = new Provider(issuer, {
  clients: [
    {
      client_id: "bench",
      redirect_uris: ["http://127.0.0.1:9/back"],
      token_endpoint_auth_method: "none",
      application_type: "native",
      grant_types: ["authorization_code", "refresh_token"],
      id_token_signed_response_alg: alg,
    },
  ],
  jwks: { keys: [{ ...privateKey.export({ format: "jwk" }), alg, use: "sig", kid: "bench" }] },
  scopes: ["openid", "offline_access"],
  enabledJWA: { idTokenSigningAlgValues: [alg] },
  findAccount: (_ctx, id) => ({ accountId: id, claims: () => ({ sub: id }) }),
  rotateRefreshToken: true,
  clientBasedCORS: () => true,
  features: {
    devInteractions: { enabled: false },
    resourceIndicators: {
      enabled: true,
      defaultResource: () => resource,
      useGrantedResource: () => true,
      getResourceServerInfo: () => ({ scope: "tasks:read", audience: resource, accessTokenFormat: "jwt", jwt: { sign: { alg } } }),
    },
  },
});

async function refreshToken() {
  const grant = new provider.Grant({ clientId: "bench", accountId: "ada" });
  grant.addOIDCScope(scope.replace(" tasks:read", ""));
  grant.addResourceScope(resource, "tasks:read");
  const grantId = await grant.save();
  const client = await provider.Client.find("bench");
  const token = new provider.RefreshToken({
    accountId: "ada", client, grantId, gty: "authorization_code", scope, resource, authTime: 1, rotations: 0, iiat: Math.floor(Date.now() / 1000),
  });
  return token.save();
}

const tokens = [];
for (let made = 0; made < Number(many); made += 1) tokens.push(await refreshToken());
const answer = provider.callback();
http.createServer((request, response) => {
  if (request.url === "/healthz") response.end("well");
  else answer(request, response);
}).listen(Number(port), "127.0.0.1", () => console.log(JSON.stringify(tokens)));
