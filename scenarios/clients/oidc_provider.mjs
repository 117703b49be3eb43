// A real provider of identities: oidc-provider, with people who sign in by being named in the address. The first line out is
// its issuer; the line in says where the house wants its browsers back.
import { createServer } from "node:http";
import process from "node:process";
import { createInterface } from "node:readline";
import { exportJWK, generateKeyPair } from "jose";
import { Provider } from "oidc-provider";

const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
const server = createServer();
await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
const issuer = `http://127.0.0.1:${server.address().port}`;
console.log(JSON.stringify({ issuer }));
const redirect = (await lines.next()).value;

// It warns that it forgets everything at its end, which is what a story wants.
console.warn = () => undefined;
const { privateKey } = await generateKeyPair("RS256", { extractable: true });
const provider = new Provider(issuer, {
  clients: [{ client_id: "stoa", client_secret: process.env.SECRET, redirect_uris: [redirect], grant_types: ["authorization_code"], response_types: ["code"] }],
  jwks: { keys: [{ ...(await exportJWK(privateKey)), alg: "RS256", use: "sig" }] },
  cookies: { keys: ["story"] },
  pkce: { required: () => true },
  claims: { openid: ["sub"], email: ["email", "email_verified"], profile: ["name"] },
  features: { devInteractions: { enabled: false } },
  interactions: { url: (_, interaction) => `/as/${interaction.uid}` },
  findAccount: (_, id) => ({ accountId: id, claims: () => ({ sub: id, email: `${id}@example.org`, email_verified: true, name: `The ${id}` }) }),
  // Whoever is there has allowed it.
  async loadExistingGrant(ctx) {
    const grant = new ctx.oidc.provider.Grant({ clientId: ctx.oidc.client.clientId, accountId: ctx.oidc.session.accountId });
    grant.addOIDCScope("openid email profile");
    await grant.save();
    return grant;
  },
});
const answer = provider.callback();
server.on("request", (request, response) => {
  const url = new URL(request.url, issuer);
  // The page on which somebody says who they are; `login` is what they would type.
  if (!url.pathname.startsWith("/as/")) return answer(request, response);
  const accountId = url.searchParams.get("login");
  const result = accountId === null ? { error: "access_denied" } : { login: { accountId } };
  return provider.interactionFinished(request, response, result, { mergeWithLastSubmission: false });
});
console.log(JSON.stringify({ ready: true }));
await lines.next();
process.exit(0);
