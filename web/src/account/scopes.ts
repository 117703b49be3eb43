// What a token may do, in plain words. Only what the server offers today.

export const SCOPES = [
  { id: "labs:read", text: "See labs", detail: "Read your labs, tasks, runs and reports, and download reports" },
  { id: "labs:write", text: "Work with labs", detail: "Upload, edit, run, build reports and delete" },
  { id: "profile", text: "See your profile", detail: "Your name and role" },
  { id: "email", text: "See your email address", detail: "" },
] as const;

export function scopeText(id: string): string {
  return SCOPES.find((scope) => scope.id === id)?.text ?? id;
}

export const LIFETIMES = [
  { days: 30, text: "30 days" },
  { days: 90, text: "90 days" },
  { days: 365, text: "1 year" },
  { days: 0, text: "Never" },
] as const;

/** When a token made at `now` ends; nothing for one that does not. */
export function expiry(days: number, now: number): string | undefined {
  return days === 0 ? undefined : new Date(now + days * 86_400_000).toISOString();
}
