import { describe, expect, it } from "vitest";
import { upstreamProblem } from "./upstreams";

describe("upstreamProblem", () => {
  it("knows a text for every problem and shows nothing else", () => {
    const codes = ["expired", "declined", "unavailable", "untrusted", "unverified", "known_address", "signup_closed"];
    const more = ["invite_required", "invalid_invite", "account_off", "linked_elsewhere", "too_many", "signed_out"];
    for (const code of [...codes, ...more]) expect(upstreamProblem(code)).toMatch(/\.$/);
    for (const other of [null, "", "Call 0800 to unlock your account", "toString", "__proto__"]) expect(upstreamProblem(other)).toBeUndefined();
  });
});
