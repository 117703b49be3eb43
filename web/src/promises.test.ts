// What the sources themselves promise.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";

const root = join(import.meta.dirname, "..");
const sources = readdirSync(join(root, "src"), { recursive: true, encoding: "utf8" })
  .filter((file) => /\.tsx?$/.test(file) && !/\.test\.ts$|schema\.d\.ts$/.test(file))
  .map((file) => ({ file, text: readFileSync(join(root, "src", file), "utf8") }));
const having = (pattern: RegExp) => sources.filter(({ text }) => pattern.test(text)).map(({ file }) => file);

describe("the sources", () => {
  it("are all read", () => {
    expect(sources.length).toBeGreaterThan(50);
  });

  it("mv_c3 lm_09 keep nothing in the browser but two preferences", () => {
    expect(having(/localStorage/).sort()).toEqual(["shell/shortcuts.ts", "shell/theme.ts"]);
    expect(having(/sessionStorage|indexedDB|document\.cookie/)).toEqual([]);
  });

  it("mv_l5 name no host", () => {
    expect(having(/https?:\/\//)).toEqual([]);
  });

  it("fw_b2 reach the server through the generated client alone", () => {
    expect(having(/\bfetch\(/)).toEqual([]);
    expect(having(/XMLHttpRequest\(/)).toEqual(["api/upload.ts"]);
    expect(having(/["'`]\/api\//).filter((file) => !/api\.(GET|POST|PATCH|DELETE)\(|link\(/.test(read(file)))).toEqual(["api/types.ts"]);
  });

  it("mv_h3 evaluate no text and write no markup", () => {
    expect(having(/\beval\(|new Function\(|dangerouslySetInnerHTML|innerHTML/)).toEqual([]);
  });

  it("lm_15 write nothing to the console", () => {
    expect(having(/\bconsole\./)).toEqual([]);
  });

  it("lm_28 compile in strict mode", () => {
    const { compilerOptions } = JSON.parse(readFileSync(join(root, "tsconfig.json"), "utf8")) as { compilerOptions: Record<string, unknown> };
    expect(compilerOptions).toMatchObject({ strict: true, noUncheckedIndexedAccess: true, exactOptionalPropertyTypes: true });
    expect(having(/:\s*any\b|as any\b|@ts-/)).toEqual([]);
  });
});

function read(file: string): string {
  return sources.find((one) => one.file === file)?.text ?? "";
}
