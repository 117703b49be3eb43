// The applications that may act for the person, and the way to stop them.
import { useMutation, useQuery } from "@tanstack/react-query";
import { Plug } from "lucide-react";
import { useState } from "react";
import { powersOf } from "../account/scopes";
import { SettingsTabs } from "../account/SettingsTabs";
import { answer, api } from "../api/client";
import { asProblem } from "../api/problem";
import { connectionsQuery, queryClient } from "../api/queries";
import type { Connection } from "../api/types";
import { Page } from "../shell/Page";
import { Button } from "../ui/Button";
import { CopyLink } from "../ui/Copy";
import { Confirm } from "../ui/Dialog";
import { Empty } from "../ui/Empty";
import { ProblemNote } from "../ui/ProblemNote";
import { SkeletonRows } from "../ui/Skeleton";
import { Ago } from "../ui/Time";
import { toast } from "../ui/toasts";

export function Connections() {
  const connections = useQuery(connectionsQuery);
  const address = `${window.location.origin}/mcp`;
  return (
    <Page
      title="Connected apps"
      intro={
        <>
          Assistants and programs that may act for you. To connect one, give it this address: <code>{address}</code> <CopyLink text={address}>Copy</CopyLink>
        </>
      }
      narrow
    >
      <SettingsTabs />
      {connections.error && <ProblemNote error={connections.error} retry={() => void connections.refetch()} />}
      <section className="card" aria-label="Connected apps">
        {connections.isPending && <SkeletonRows rows={2} label="Connected apps are loading" />}
        {connections.data?.items.length === 0 && (
          <Empty icon={<Plug size={28} aria-hidden />} title="Nothing is connected">
            Ask your assistant to add a connector with the address above. It sends you here to decide what it may do.
          </Empty>
        )}
        <ul className="rows">
          {connections.data?.items.map((connection) => (
            <ConnectionRow key={connection.id} connection={connection} end={() => endOwn(connection.id)} />
          ))}
        </ul>
      </section>
    </Page>
  );
}

const endOwn = (id: string) =>
  answer(api.DELETE("/api/v1/me/connections/{id}", { params: { path: { id } } })).then(() => queryClient.invalidateQueries({ queryKey: connectionsQuery.queryKey }));

/** An application that may act for somebody, and the way to stop it. */
export function ConnectionRow({ connection, end }: { connection: Connection; end: () => Promise<unknown> }) {
  const [asking, setAsking] = useState(false);
  const revoke = useMutation({
    mutationFn: end,
    onError: (thrown) => {
      setAsking(false);
      toast("bad", `Not disconnected: ${asProblem(thrown).message}`);
    },
  });
  return (
    <li className="row">
      <Plug size={18} data-tone="none" aria-hidden />
      <div className="grow">
        <p>
          <strong>{connection.client_name}</strong>
        </p>
        <p className="tiny muted dots">
          <span>{powersOf(connection.scopes).join(", ")}</span>
          <span>{connection.last_used_at == null ? "never used" : <>used <Ago at={connection.last_used_at} /></>}</span>
          <span>
            connected <Ago at={connection.created_at} />
          </span>
        </p>
      </div>
      <Button onClick={() => { setAsking(true); }}>
        Disconnect<span className="visually-hidden"> {connection.client_name}</span>
      </Button>
      {asking && (
        <Confirm title={`Disconnect “${connection.client_name}”?`} action="Disconnect" busy={revoke.isPending} onConfirm={() => { revoke.mutate(); }} onClose={() => { setAsking(false); }}>
          It is refused from now on, everywhere. It can ask you again.
        </Confirm>
      )}
    </li>
  );
}
