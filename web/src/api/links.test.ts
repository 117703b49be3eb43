import { expect, it } from "vitest";
import { link } from "./links";

it("mv_l5 links are paths of our own origin, with ids made safe", () => {
  expect(link("/api/v1/runs/{id}/screenshot.png", { id: "a/b c" }, { theme: "editor_dark" })).toBe(
    "/api/v1/runs/a%2Fb%20c/screenshot.png?theme=editor_dark",
  );
});
