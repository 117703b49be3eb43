import { expect, it } from "vitest";
import { expiry, powersOf } from "./scopes";

it("a lifetime becomes a moment, and never stays never", () => {
  const now = Date.parse("2026-11-21T12:00:00Z");
  expect(expiry(30, now)).toBe("2026-12-21T12:00:00.000Z");
  expect(expiry(0, now)).toBeUndefined();
});

it("scopes are told as what they let one do", () => {
  expect(powersOf(["labs:read", "email", "profile"])).toEqual(["See labs", "See who you are"]);
  expect(powersOf(["profile", "chat"])).toEqual(["Know your name", "chat"]);
});
