// The nouns of the API, taken from what each path answers. Names are the server's own; nothing is renamed here.
import type { paths } from "./schema";

type Json<R> = R extends { content: { "application/json": infer T } } ? T : never;
type Answer<P extends keyof paths, M extends keyof paths[P], S extends number> = paths[P][M] extends {
  responses: Record<S, infer R>;
}
  ? Json<R>
  : never;
type Get<P extends keyof paths> = Answer<P, "get", 200>;
type Item<L> = L extends { items: (infer T)[] } ? T : never;
type Body<P extends keyof paths, M extends keyof paths[P]> = NonNullable<
  paths[P][M] extends { requestBody?: { content: { "application/json": infer T } } } ? T : never
>;

export type User = Get<"/api/v1/me">;
export type Role = User["role"];
export type Session = Item<Get<"/api/v1/me/sessions">>;
export type Connection = Item<Get<"/api/v1/me/connections">>;
export type Consent = Get<"/api/v1/oauth/requests/{handle}">;
export type DeviceRequest = Answer<"/api/v1/oauth/device/find", "post", 200>;
export type Export = Item<Get<"/api/v1/me/export">>;
export type Token = Item<Get<"/api/v1/me/tokens">>;
export type NewToken = Answer<"/api/v1/me/tokens", "post", 201>;
export type Factors = Get<"/api/v1/me/factors">;
export type Passkey = Item<Get<"/api/v1/me/passkeys">>;
export type Upstream = Item<Get<"/api/v1/auth/upstreams">>;
export type UpstreamLink = Item<Get<"/api/v1/me/upstreams">>;
export type TotpSetup = Answer<"/api/v1/me/totp", "post", 200>;
/** A sign-in that is half done. */
export type Half = Extract<Answer<"/api/v1/auth/login", "post", 200>, { ticket: string }>;
export type AuditRow = Item<Get<"/api/v1/me/audit">>;
export type AdminUser = Item<Get<"/api/v1/admin/users">>;
export type AdminClient = Item<Get<"/api/v1/admin/clients">>;
export type ClientMetadata = AdminClient["metadata"];
export type Invite = Item<Get<"/api/v1/admin/invites">>;
export type Letter = Item<Get<"/api/v1/admin/mail">>;
export type Health = Get<"/api/v1/admin/health">;

export type Job = Get<"/api/v1/jobs/{id}">;
export type JobState = Job["state"];
export type Progress = Job["progress"];

export type Language = Item<Get<"/api/v1/languages">>;
export type LabRow = Item<Get<"/api/v1/labs">>;
export type Lab = Get<"/api/v1/labs/{id}">;
export type Task = Lab["tasks"][number];
export type TaskPatch = Body<"/api/v1/labs/{id}/tasks/{task_id}", "patch">;
export type Run = Get<"/api/v1/runs/{id}">;
export type RunRow = NonNullable<Task["last_run"]>;
export type RunState = Run["state"];
export type Exit = NonNullable<Run["exit"]>;
export type Report = Get<"/api/v1/reports/{id}">;
export type ReportRequest = Body<"/api/v1/labs/{id}/reports", "post">;

export type Todo = Item<Get<"/api/v1/tasks">>;
export type TodoPatch = Body<"/api/v1/tasks/{id}", "patch">;
export type TaskSettings = Get<"/api/v1/tasks/settings">;
export type Weights = TaskSettings["weights"];
export type TimesOfDay = TaskSettings["times_of_day"];
export type ReminderState = Item<Get<"/api/v1/tasks/{id}/reminders">>;
export type Ranked = Item<Get<"/api/v1/tasks/next">>;
export type TaskFeed = Item<Get<"/api/v1/tasks/feeds">>;
export type TaskImport = Answer<"/api/v1/tasks/import", "post", 200>;

export type LabCreated = Answer<"/api/v1/labs", "post", 202>;

// A page of a cursor list.
export interface Page<T> {
  items: T[];
  next?: string | null;
}
