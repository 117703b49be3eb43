import { expect, it } from "vitest";
import { loginPath, safeReturn } from "./session";

it("one returns to where one was, and never to another site", () => {
  expect(safeReturn("/labs/1?task=2")).toBe("/labs/1?task=2");
  expect(["//evil.example", "/\\evil.example", "https://evil.example", "evil", null, "/login?next=/login"].map(safeReturn)).toEqual(Array(6).fill("/"));
  expect(loginPath("/labs?x=1")).toBe("/login?next=%2Flabs%3Fx%3D1");
  expect(loginPath("/")).toBe("/login");
});
