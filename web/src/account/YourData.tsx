// Everything that is kept of a person: theirs to take along, and theirs to have erased.
import { useMutation, useQuery } from "@tanstack/react-query";
import { Archive, Download } from "lucide-react";
import { useState } from "react";
import { answer, api } from "../api/client";
import { link } from "../api/links";
import { exportsQuery, jobQuery, meQuery, queryClient, sessionsQuery } from "../api/queries";
import type { Export } from "../api/types";
import { Page } from "../shell/Page";
import { Button } from "../ui/Button";
import { Confirm } from "../ui/Dialog";
import { Empty } from "../ui/Empty";
import { bytes, date } from "../ui/format";
import { ProblemNote } from "../ui/ProblemNote";
import { SkeletonRows } from "../ui/Skeleton";
import { Ago } from "../ui/Time";
import { confirmed } from "./confirm";
import { tell } from "./Security";
import { SettingsTabs } from "./SettingsTabs";

export function YourData() {
  return (
    <Page title="Your data" narrow>
      <SettingsTabs />
      <div className="stack">
        <Exports />
        <Erase />
      </div>
    </Page>
  );
}

function Exports() {
  const exports = useQuery(exportsQuery);
  const ask = useMutation({
    mutationFn: () => confirmed(() => answer(api.POST("/api/v1/me/export"))),
    onSuccess: () => queryClient.invalidateQueries({ queryKey: exportsQuery.queryKey }),
    onError: (thrown) => {
      tell("Not begun", thrown);
    },
  });
  const items = exports.data?.items ?? [];
  const building = items.some((one) => one.state === "building");
  return (
    <section className="card" aria-labelledby="take-along">
      <div className="panel-head">
        <h2 id="take-along">Take it along</h2>
        <Button busy={ask.isPending || building} onClick={() => { ask.mutate(); }}>
          {building ? "Writing…" : "Make an export"}
        </Button>
      </div>
      {exports.error && <ProblemNote error={exports.error} retry={() => void exports.refetch()} />}
      {exports.isPending && <SkeletonRows rows={1} label="Your exports are loading" />}
      {exports.data && items.length === 0 && (
        <Empty icon={<Archive size={28} aria-hidden />} title="No export yet">
          One zip file with everything that is kept of you: your account and its activity, labs with their documents, runs and reports, and tasks.
        </Empty>
      )}
      <ul className="rows" aria-label="Exports">
        {items.map((one) => (
          <ExportRow key={one.id} one={one} />
        ))}
      </ul>
    </section>
  );
}

function ExportRow({ one }: { one: Export }) {
  return (
    <li className="row">
      <Archive size={18} data-tone={one.state === "failed" ? "bad" : "none"} aria-hidden />
      <div className="grow" role="status">
        <p>
          <strong>
            {one.state === "building" && "Being written"}
            {one.state === "ready" && "Everything that is kept of you"}
            {one.state === "failed" && "Could not be written"}
          </strong>
        </p>
        {one.state === "building" && <Progress id={one.job_id} />}
        {one.state === "ready" && (
          <p className="tiny muted dots">
            {one.size != null && <span className="number">{bytes(one.size)}</span>}
            <Ago at={one.created_at} />
            <span>kept until {date(one.expires_at)}</span>
          </p>
        )}
        {one.state === "failed" && <p className="tiny muted">Make another one; if it stays, tell whoever runs this server.</p>}
      </div>
      {one.state === "ready" && (
        <a className="button" href={link("/api/v1/me/export/{id}", { id: one.id })} download="stoa-export.zip">
          <Download size={15} aria-hidden /> Download
        </a>
      )}
    </li>
  );
}

function Progress({ id }: { id: string }) {
  const { data } = useQuery(jobQuery(id));
  const known = data && data.progress.total > 0;
  return (
    <>
      <progress {...(known ? { max: data.progress.total, value: data.progress.done } : {})} aria-label="Writing the export" />
      <p className="tiny muted">{data && data.progress.note !== "" ? data.progress.note : "Waiting for its turn"}</p>
    </>
  );
}

function Erase() {
  const { data: user } = useQuery(meQuery);
  const [asking, setAsking] = useState(false);
  const erase = useMutation({
    mutationFn: () => {
      setAsking(false);
      return confirmed(() => answer(api.POST("/api/v1/me/erase", { body: {} })));
    },
    onSuccess: (after) => {
      queryClient.setQueryData(meQuery.queryKey, after);
      void queryClient.invalidateQueries({ queryKey: sessionsQuery.queryKey });
    },
    onError: (thrown) => {
      tell("Nothing is erased", thrown);
    },
  });
  // The shell says that it is going, on every page.
  if (!user || user.erase_at != null) return null;
  return (
    <section className="card panel" aria-labelledby="erase">
      <h2 id="erase">Erase my account</h2>
      <p className="muted">Your account goes with everything that is kept of you: labs, runs, reports, tasks, exports, connected apps. You have some days to change your mind; after that, nothing brings it back.</p>
      <div className="actions">
        <Button look="danger" busy={erase.isPending} onClick={() => { setAsking(true); }}>
          Erase my account
        </Button>
      </div>
      {asking && (
        <Confirm title="Erase your account?" action="Erase my account" busy={erase.isPending} onConfirm={() => { erase.mutate(); }} onClose={() => { setAsking(false); }}>
          You are signed out everywhere else, and a letter tells you the date. Until then you can sign in and stay. Make an export first if you want to keep anything.
        </Confirm>
      )}
    </section>
  );
}
