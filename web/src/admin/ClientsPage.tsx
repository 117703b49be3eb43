// The applications that an admin set up. Those that register themselves stand with the people who let them in.
import { useMutation, useQuery } from "@tanstack/react-query";
import { Plug, Plus } from "lucide-react";
import { useState } from "react";
import { powersOf } from "../account/scopes";
import { answer, api } from "../api/client";
import { asProblem } from "../api/problem";
import { clientsQuery, queryClient } from "../api/queries";
import type { AdminClient } from "../api/types";
import { Page } from "../shell/Page";
import { Button } from "../ui/Button";
import { Confirm } from "../ui/Dialog";
import { Empty } from "../ui/Empty";
import { ProblemNote } from "../ui/ProblemNote";
import { SkeletonRows } from "../ui/Skeleton";
import { Ago } from "../ui/Time";
import { toast } from "../ui/toasts";
import { AddClientDialog } from "./AddClientDialog";
import { AdminOnly } from "./AdminOnly";
import { CLIENT_KINDS, kindOf } from "./clientKinds";

export function ClientsPage() {
  return (
    <AdminOnly>
      <Clients />
    </AdminOnly>
  );
}

function Clients() {
  const clients = useQuery(clientsQuery);
  const [adding, setAdding] = useState(false);
  const add = () => {
    setAdding(true);
  };
  return (
    <Page
      title="Applications"
      intro="Sites that people let in, and services that act by themselves."
      narrow
      actions={
        <Button look="primary" icon={<Plus size={15} />} onClick={add}>
          Add an application
        </Button>
      }
    >
      {clients.error && <ProblemNote error={clients.error} retry={() => void clients.refetch()} />}
      <section className="card" aria-label="Applications">
        {clients.isPending && <SkeletonRows rows={2} label="Applications are loading" />}
        {clients.data?.items.length === 0 && (
          <Empty icon={<Plug size={28} aria-hidden />} title="No applications yet" actions={<Button onClick={add}>Add one</Button>}>
            Assistants register themselves and need nothing here. Set up what cannot: a site of your own, or a service with an account.
          </Empty>
        )}
        <ul className="rows">
          {clients.data?.items.map((client) => (
            <Row key={client.client_id} client={client} />
          ))}
        </ul>
      </section>
      {adding && <AddClientDialog onClose={() => { setAdding(false); }} />}
    </Page>
  );
}

function Row({ client }: { client: AdminClient }) {
  const [asking, setAsking] = useState(false);
  const { client_id, metadata } = client;
  const name = metadata.client_name ?? client_id;
  const kind = CLIENT_KINDS.find((one) => one.kind === kindOf(metadata));
  const remove = useMutation({
    mutationFn: () => answer(api.DELETE("/api/v1/admin/clients/{client_id}", { params: { path: { client_id } } })),
    onSuccess: () => queryClient.invalidateQueries({ queryKey: clientsQuery.queryKey }),
    onError: (thrown) => {
      setAsking(false);
      toast("bad", `Not removed: ${asProblem(thrown).message}`);
    },
  });
  return (
    <li className="row">
      <Plug size={18} data-tone="none" aria-hidden />
      <div className="grow">
        <p className="inline">
          <strong>{name}</strong>
          <span className="badge">{kind?.text}</span>
        </p>
        <p className="tiny muted dots">
          <span>{metadata.scope == null ? "may ask for anything" : powersOf(metadata.scope.split(" ")).join(", ")}</span>
          <span>
            added <Ago at={client.created_at} />
          </span>
        </p>
        <p className="tiny muted dots" style={{ overflowWrap: "anywhere" }}>
          <code>{client_id}</code>
          {metadata.redirect_uris?.map((uri) => <span key={uri}>{uri}</span>)}
        </p>
      </div>
      <Button onClick={() => { setAsking(true); }}>
        Remove<span className="visually-hidden"> {name}</span>
      </Button>
      {asking && (
        <Confirm title={`Remove “${name}”?`} action="Remove" busy={remove.isPending} onConfirm={() => { remove.mutate(); }} onClose={() => { setAsking(false); }}>
          It and all that people allowed it are refused from now on. This cannot be undone.
        </Confirm>
      )}
    </li>
  );
}
