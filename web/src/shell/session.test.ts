import { expect, it } from "vitest";
import { expectedEmail, loginPath, safeReturn } from "./session";

it("one returns to where one was, and never to another site", () => {
  expect(safeReturn("/labs/1?task=2")).toBe("/labs/1?task=2");
  expect(["//evil.example", "/\\evil.example", "https://evil.example", "evil", null, "/login?next=/login"].map(safeReturn)).toEqual(Array(6).fill("/"));
  expect(loginPath("/labs?x=1")).toBe("/login?next=%2Flabs%3Fx%3D1");
  expect(loginPath("/")).toBe("/login");
});

it("fills in the address that an application expects, and only for one", () => {
  expect(expectedEmail("/authorize/x?login_hint=ada%2Bx%40example.org")).toBe("ada+x@example.org");
  expect(["/authorize/x", "/", "/labs?login_hint=ada%40example.org"].map(expectedEmail)).toEqual(["", "", ""]);
});
