import { useMutation, useQuery } from "@tanstack/react-query";
import { Laptop, Smartphone } from "lucide-react";
import { useState } from "react";
import { answer, api } from "../api/client";
import { asProblem } from "../api/problem";
import { queryClient, sessionsQuery } from "../api/queries";
import type { Session } from "../api/types";
import { Page } from "../shell/Page";
import { Button } from "../ui/Button";
import { Confirm } from "../ui/Dialog";
import { ProblemNote } from "../ui/ProblemNote";
import { SkeletonRows } from "../ui/Skeleton";
import { Ago } from "../ui/Time";
import { toast } from "../ui/toasts";
import { Activity } from "./Activity";
import { deviceName, isPhone } from "./device";
import { SettingsTabs } from "./SettingsTabs";

const endOwn = (id: string) => answer(api.DELETE("/api/v1/me/sessions/{id}", { params: { path: { id } } })).then(refresh);

const refresh = () => queryClient.invalidateQueries({ queryKey: sessionsQuery.queryKey });

export function Sessions() {
  const sessions = useQuery(sessionsQuery);
  const [asking, setAsking] = useState(false);
  const others = sessions.data?.items.filter((one) => !one.current) ?? [];
  const endOthers = useMutation({
    mutationFn: () => answer(api.DELETE("/api/v1/me/sessions")),
    onSuccess: async () => {
      setAsking(false);
      await refresh();
      toast("good", "You are signed out everywhere else.");
    },
    onError: (thrown) => {
      setAsking(false);
      toast("bad", `Not signed out: ${asProblem(thrown).message}`);
    },
  });
  return (
    <Page
      title="Sessions"
      intro="Where you are signed in. End any you do not know: it holds at once."
      narrow
      actions={
        others.length > 0 && (
          <Button onClick={() => { setAsking(true); }}>Sign out everywhere else</Button>
        )
      }
    >
      <SettingsTabs />
      {sessions.error && <ProblemNote error={sessions.error} retry={() => void sessions.refetch()} />}
      <section className="card" aria-label="Sessions">
        {sessions.isPending && <SkeletonRows rows={2} label="Sessions are loading" />}
        <ul className="rows">
          {sessions.data?.items.map((session) => (
            <SessionRow key={session.id} session={session} end={() => endOwn(session.id)} />
          ))}
        </ul>
      </section>
      <Activity />
      {asking && (
        <Confirm title="Sign out everywhere else?" action="Sign out the others" busy={endOthers.isPending} onConfirm={() => { endOthers.mutate(); }} onClose={() => { setAsking(false); }}>
          Every other browser must sign in again. You stay signed in here. Access tokens are not touched.
        </Confirm>
      )}
    </Page>
  );
}

/** A signed-in browser, and the way to end it. */
export function SessionRow({ session, end: endIt }: { session: Session; end: () => Promise<unknown> }) {
  const Icon = isPhone(session.user_agent) ? Smartphone : Laptop;
  const name = deviceName(session.user_agent);
  const end = useMutation({
    mutationFn: endIt,
    onError: (thrown) => {
      toast("bad", `Not ended: ${asProblem(thrown).message}`);
    },
  });
  return (
    <li className="row">
      <Icon size={18} data-tone="none" aria-hidden />
      <div className="grow">
        <p className="inline">
          <strong>{name}</strong>
          {session.current && (
            <span className="badge" data-tone="good">
              This browser
            </span>
          )}
          {session.new_device && <span className="badge">New kind of device</span>}
        </p>
        <p className="tiny muted dots">
          <span className="number">{session.ip}</span>
          <span>
            active <Ago at={session.last_seen_at} />
          </span>
          <span>
            signed in <Ago at={session.created_at} />
          </span>
        </p>
      </div>
      {!session.current && (
        <Button busy={end.isPending} onClick={() => { end.mutate(); }}>
          End<span className="visually-hidden"> the session of {name}</span>
        </Button>
      )}
    </li>
  );
}
