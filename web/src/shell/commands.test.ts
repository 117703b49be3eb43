import { expect, it } from "vitest";
import { search, type Command } from "./commands";

const commands = ["Upload a lab", "Labs", "Lab 4: Recursion", "Sign out", "Use the dark theme"].map(
  (text): Command => ({ id: text, group: "Do", text, run: () => undefined }),
);
const found = (query: string) => search(commands, query).map((command) => command.text);

it("a few letters find it, the best first", () => {
  expect(found("lab 4")).toEqual(["Lab 4: Recursion"]);
  expect(found("lab")[0]).toBe("Labs");
  expect(found("so")).toContain("Sign out");
  expect(found("dark")).toEqual(["Use the dark theme"]);
  expect(found("xyz")).toEqual([]);
  expect(found("")).toHaveLength(commands.length);
});
