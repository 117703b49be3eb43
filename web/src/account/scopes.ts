// What a token may do, in plain words. Only what the server offers today.

export interface Power {
  text: string;
  detail: string;
  scopes: readonly string[];
}

export const POWERS: readonly Power[] = [
  { text: "See labs", detail: "Read your labs, tasks, runs and reports, and download reports", scopes: ["labs:read"] },
  { text: "Work with labs", detail: "Upload, edit, run, build reports and delete", scopes: ["labs:write"] },
  { text: "See tasks", detail: "Read your tasks and what to do next", scopes: ["tasks:read"] },
  { text: "Subscribe to tasks", detail: "Fetch the calendar of your tasks, and nothing else", scopes: ["tasks:feed"] },
  { text: "Work with tasks", detail: "Add, edit, complete, snooze and delete", scopes: ["tasks:write"] },
  // The server tells who one is only to both together.
  { text: "See who you are", detail: "Your name, email address and role", scopes: ["profile", "email"] },
];

/** What else can be asked for by applications, and gives no power over anything. */
const ASKED: readonly Power[] = [
  { text: "Know your name", detail: "What you are called here", scopes: ["profile"] },
  { text: "Know your email address", detail: "The one you sign in with", scopes: ["email"] },
  { text: "Know who you are", detail: "An id that stands for you on this server", scopes: ["openid"] },
  { text: "Stay connected", detail: "While you are not there, until you disconnect it", scopes: ["offline_access"] },
];

/** What an application asks for, each thing once. */
export function powersIn(scopes: readonly string[]): Power[] {
  const whole = POWERS.filter((power) => power.scopes.every((scope) => scopes.includes(scope)));
  const told = whole.flatMap((power) => power.scopes);
  const rest = scopes.filter((scope) => !told.includes(scope));
  return [...whole, ...rest.map((scope) => ASKED.find((one) => one.scopes[0] === scope) ?? { text: scope, detail: "", scopes: [scope] })];
}

/** The powers that scopes give, and by name those that give none by themselves. */
export function powersOf(scopes: readonly string[]): string[] {
  const whole = POWERS.filter((power) => power.scopes.every((scope) => scopes.includes(scope)));
  const told = whole.flatMap((power) => power.scopes);
  return [...whole.map((power) => power.text), ...scopes.filter((scope) => !told.includes(scope)).map((scope) => ASKED.find((one) => one.scopes[0] === scope)?.text ?? scope)];
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
