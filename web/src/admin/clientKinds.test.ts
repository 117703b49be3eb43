import { expect, test } from "vitest";
import { CLIENT_KINDS, kindOf, lines, metadataOf } from "./clientKinds";

test("each kind is known again by what it says of itself", () => {
  for (const { kind } of CLIENT_KINDS) {
    const metadata = metadataOf({ kind, name: " Report ", redirects: "https://a.example/back", scopes: ["tasks:read"] });
    expect(kindOf(metadata)).toBe(kind);
    expect(metadata.client_name).toBe("Report");
    expect(metadata.scope).toBe("tasks:read");
  }
});

test("only what people let in goes back to an address, and only what keeps a secret has one", () => {
  const wish = { name: "Report", redirects: "https://a.example/back\n\n  https://b.example/back ", scopes: [] };
  expect(metadataOf({ ...wish, kind: "service" }).redirect_uris).toEqual([]);
  expect(metadataOf({ ...wish, kind: "site" }).redirect_uris).toEqual(["https://a.example/back", "https://b.example/back"]);
  expect(metadataOf({ ...wish, kind: "installed" }).token_endpoint_auth_method).toBe("none");
});

test("empty lines are no addresses", () => {
  expect(lines(" \n\n")).toEqual([]);
});
