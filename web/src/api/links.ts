// Addresses for what the browser itself fetches: pictures, downloads, uploads. Checked against the OpenAPI document.
import type { paths } from "./schema";

type Names<P> = P extends `${string}{${infer Name}}${infer Rest}` ? Name | Names<Rest> : never;

export function link<P extends keyof paths>(
  path: P,
  ids: Record<Names<P>, string>,
  query: Record<string, string> = {},
): string {
  const filled = path.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent((ids as Record<string, string>)[name] ?? ""));
  const search = new URLSearchParams(query).toString();
  return search === "" ? filled : `${filled}?${search}`;
}
