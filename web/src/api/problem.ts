// What went wrong, as the server says it (RFC 9457), and what a person can do about it.

export interface FieldError {
  pointer: string;
  detail: string;
}

export class Problem extends Error {
  readonly status: number;
  readonly code: string;
  readonly title: string;
  readonly requestId: string | null;
  readonly errors: FieldError[];
  readonly retryAfter: number | null;

  constructor(fields: {
    status: number;
    code: string;
    title: string;
    detail: string;
    requestId?: string | null;
    errors?: FieldError[];
    retryAfter?: number | null;
  }) {
    super(fields.detail);
    this.name = "Problem";
    this.status = fields.status;
    this.code = fields.code;
    this.title = fields.title;
    this.requestId = fields.requestId ?? null;
    this.errors = fields.errors ?? [];
    this.retryAfter = fields.retryAfter ?? null;
  }

  /** The sentence for one field of a form, by its name. */
  field(name: string): string | undefined {
    return this.errors.find((error) => error.pointer.replace(/^\//, "") === name)?.detail;
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}

function text(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}

/** Reads a problem document; anything else becomes a problem that says so. */
export function problemFrom(status: number, body: unknown, headers?: { get(name: string): string | null }): Problem {
  const document = isRecord(body) ? body : {};
  const errors = Array.isArray(document["errors"]) ? document["errors"] : [];
  const wait = Number(headers?.get("retry-after") ?? Number.NaN);
  return new Problem({
    status,
    code: text(document["code"]) ?? "unexpected_answer",
    title: text(document["title"]) ?? "Unexpected answer",
    detail: text(document["detail"]) ?? `The server answered ${String(status)} without saying why`,
    requestId: text(document["request_id"]) ?? headers?.get("x-request-id") ?? null,
    errors: errors.filter(
      (one): one is FieldError => isRecord(one) && typeof one["pointer"] === "string" && typeof one["detail"] === "string",
    ),
    retryAfter: Number.isFinite(wait) ? wait : null,
  });
}

/** Any thrown value as a problem. A failed fetch means that the server was not reached. */
export function asProblem(thrown: unknown): Problem {
  if (thrown instanceof Problem) return thrown;
  if (thrown instanceof TypeError) {
    return new Problem({ status: 0, code: "unreachable", title: "No connection", detail: "The server could not be reached" });
  }
  const detail = thrown instanceof Error ? thrown.message : "Something unexpected happened in this page";
  return new Problem({ status: 0, code: "page_failed", title: "This page failed", detail });
}

/** What a person can do now. */
export function advice(problem: Problem): string {
  switch (problem.status) {
    case 0:
      return problem.code === "unreachable"
        ? "Check your connection and that the server runs, then try again."
        : "Reload the page. If it happens again, report it.";
    case 401:
      return "Sign in again.";
    case 403:
      return "Ask an administrator if you should be able to do this.";
    case 404:
      return "It may have been deleted, or it belongs to someone else.";
    case 409:
    case 412:
      return "It changed meanwhile. Reload to see how it is now.";
    case 413:
      return "Use a smaller file.";
    case 415:
      return "Use a DOCX, Markdown or plain text file.";
    case 422:
      return "Correct what is marked and try again.";
    case 429:
      return problem.retryAfter === null
        ? "Wait a moment, then try again."
        : `Wait ${String(problem.retryAfter)} s, then try again.`;
    default:
      return problem.status >= 500 ? "Try again. If it stays, give the request id to whoever runs this server." : "Try again.";
  }
}

/** The first letter large and a full stop, as sentences on a page have them. */
export function sentence(words: string): string {
  const trimmed = words.trim();
  const first = trimmed.charAt(0).toUpperCase() + trimmed.slice(1);
  return /[.!?…]$/.test(first) ? first : `${first}.`;
}
