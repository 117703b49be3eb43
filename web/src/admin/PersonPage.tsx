// One person, as those who look after people see them: what they are, what they have open, and what was done lately.
import { useInfiniteQuery, useMutation, useQuery } from "@tanstack/react-query";
import { LogOut } from "lucide-react";
import { useState, type ReactNode } from "react";
import { Link } from "wouter";
import { ActivityList } from "../account/ActivityList";
import { ROLE_NAMES } from "../account/roles";
import { SessionRow } from "../account/Sessions";
import { TokenRow } from "../account/Tokens";
import { answer, api } from "../api/client";
import { asProblem } from "../api/problem";
import { queryClient, userAuditQuery, userConnectionsQuery, userQuery, userSessionsQuery, userTokensQuery } from "../api/queries";
import type { AdminUser } from "../api/types";
import { ConnectionRow } from "../connect/Connections";
import { Page } from "../shell/Page";
import { useUser } from "../shell/session";
import { Button } from "../ui/Button";
import { Confirm } from "../ui/Dialog";
import { date } from "../ui/format";
import { ProblemNote } from "../ui/ProblemNote";
import { SkeletonRows } from "../ui/Skeleton";
import { Ago } from "../ui/Time";
import { toast } from "../ui/toasts";
import { AdminOnly } from "./AdminOnly";

export function PersonPage({ id }: { id: string }) {
  return (
    <AdminOnly>
      <Person id={id} />
    </AdminOnly>
  );
}

const lookAgain = (id: string) => queryClient.invalidateQueries({ queryKey: userQuery(id).queryKey });

function Person({ id }: { id: string }) {
  const me = useUser();
  const user = useQuery(userQuery(id));
  if (!user.data) {
    const gone = user.error !== null && asProblem(user.error).status === 404;
    return (
      <Page title={gone ? "Nobody" : "Person"} intro={gone ? "There is no such account, or no more." : undefined} narrow>
        {user.error && !gone && <ProblemNote error={user.error} retry={() => void user.refetch()} />}
        {user.isPending && <SkeletonRows rows={3} label="The account is loading" />}
        {gone && <Link href="/admin/users">All people</Link>}
      </Page>
    );
  }
  // The server refuses the rest: an owner is looked after by owners.
  const open = user.data.role !== "owner" || me?.role === "owner";
  return (
    <Page title={user.data.display_name} intro={user.data.email} narrow actions={open && <SignOut user={user.data} />}>
      <Facts user={user.data} />
      {open ? (
        <>
          <Sessions id={id} />
          <Connections id={id} />
          <Tokens id={id} />
          <Activity user={user.data} />
        </>
      ) : (
        <p className="muted">What an owner has open, only an owner sees.</p>
      )}
    </Page>
  );
}

function Facts({ user }: { user: AdminUser }) {
  return (
    <section className="card panel" aria-label="Account">
      <dl className="facts">
        <div>
          <dt>Role</dt>
          <dd>{ROLE_NAMES[user.role]}</dd>
        </div>
        <div>
          <dt>State</dt>
          <dd>{user.disabled ? <span className="badge" data-tone="bad">Disabled</span> : "Can sign in"}</dd>
        </div>
        <div>
          <dt>Here since</dt>
          <dd>{date(user.created_at)}</dd>
        </div>
        <div>
          <dt>Last active</dt>
          <dd>{user.last_seen_at == null ? "never" : <Ago at={user.last_seen_at} />}</dd>
        </div>
      </dl>
    </section>
  );
}

function SignOut({ user }: { user: AdminUser }) {
  const [asking, setAsking] = useState(false);
  const end = useMutation({
    mutationFn: () => answer(api.DELETE("/api/v1/admin/users/{id}/sessions", { params: { path: { id: user.id } } })),
    onSuccess: async () => {
      await lookAgain(user.id);
      toast("good", `${user.display_name} is signed out everywhere.`);
    },
    onError: (thrown) => {
      toast("bad", `Not signed out: ${asProblem(thrown).message}`);
    },
    onSettled: () => {
      setAsking(false);
    },
  });
  return (
    <>
      <Button icon={<LogOut size={15} />} onClick={() => { setAsking(true); }}>
        Sign out everywhere
      </Button>
      {asking && (
        <Confirm title={`Sign ${user.display_name} out everywhere?`} action="Sign out" busy={end.isPending} onConfirm={() => { end.mutate(); }} onClose={() => { setAsking(false); }}>
          All their browsers and connected apps are refused from now on; they can sign in again, and must let each app in again. Access tokens stay: revoke those below.
        </Confirm>
      )}
    </>
  );
}

interface SectionProps {
  title: string;
  rows: number | undefined;
  error: unknown;
  retry: () => void;
  /** What stands there when there is nothing. */
  none: string;
  children: ReactNode;
}

function Section({ title, rows, error, retry, none, children }: SectionProps) {
  return (
    <section className="stack" aria-label={title}>
      <h2>{title}</h2>
      {error != null && <ProblemNote error={error} retry={retry} />}
      <div className="card">
        {rows === undefined && error == null && <SkeletonRows rows={2} label={`${title}: loading`} />}
        {rows === 0 && <p className="row muted small">{none}</p>}
        <ul className="rows">{children}</ul>
      </div>
    </section>
  );
}

function Sessions({ id }: { id: string }) {
  const { data, error, refetch } = useQuery(userSessionsQuery(id));
  const end = (session: string) =>
    answer(api.DELETE("/api/v1/admin/users/{id}/sessions/{session}", { params: { path: { id, session } } })).then(() => lookAgain(id));
  return (
    <Section title="Sessions" rows={data?.items.length} error={error} retry={() => void refetch()} none="Not signed in anywhere.">
      {data?.items.map((one) => <SessionRow key={one.id} session={one} end={() => end(one.id)} />)}
    </Section>
  );
}

function Connections({ id }: { id: string }) {
  const { data, error, refetch } = useQuery(userConnectionsQuery(id));
  const end = (connection: string) =>
    answer(api.DELETE("/api/v1/admin/users/{id}/connections/{connection}", { params: { path: { id, connection } } })).then(() => lookAgain(id));
  return (
    <Section title="Connected apps" rows={data?.items.length} error={error} retry={() => void refetch()} none="No application may act for them.">
      {data?.items.map((one) => <ConnectionRow key={one.id} connection={one} end={() => end(one.id)} />)}
    </Section>
  );
}

function Tokens({ id }: { id: string }) {
  const { data, error, refetch } = useQuery(userTokensQuery(id));
  const end = (token: string) =>
    answer(api.DELETE("/api/v1/admin/users/{id}/tokens/{token}", { params: { path: { id, token } } })).then(() => lookAgain(id));
  return (
    <Section title="Access tokens" rows={data?.items.length} error={error} retry={() => void refetch()} none="They have made none.">
      {data?.items.map((one) => <TokenRow key={one.id} token={one} end={() => end(one.id)} />)}
    </Section>
  );
}

function Activity({ user }: { user: AdminUser }) {
  const audit = useInfiniteQuery(userAuditQuery(user.id));
  return (
    <section className="stack" aria-labelledby="activity">
      <h2 id="activity">Recent activity</h2>
      <ActivityList audit={audit} self={user.email} />
    </section>
  );
}
