import { useInfiniteQuery, useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { POWERS, type Power } from "../account/scopes";
import { answer, api } from "../api/client";
import { asProblem, sentence } from "../api/problem";
import { clientsQuery, queryClient, usersQuery } from "../api/queries";
import type { AdminClient } from "../api/types";
import { Button } from "../ui/Button";
import { CopyButton } from "../ui/Copy";
import { Dialog } from "../ui/Dialog";
import { Field, TextField } from "../ui/Field";
import { ProblemNote } from "../ui/ProblemNote";
import { CLIENT_KINDS, metadataOf, type ClientKind } from "./clientKinds";

/** What an application may ask for: a feed is fetched with a password of its own. */
const OFFERED = POWERS.filter((power) => !power.scopes.includes("tasks:feed"));

export function AddClientDialog({ onClose }: { onClose: () => void }) {
  const [kind, setKind] = useState<ClientKind>("site");
  const [name, setName] = useState("");
  const [redirects, setRedirects] = useState("");
  const [powers, setPowers] = useState(OFFERED.slice(0, 1));
  const [account, setAccount] = useState("");
  const service = kind === "service";
  const add = useMutation({
    mutationFn: () => {
      // Whoever is let in by a person may stay connected, if that person agrees.
      const scopes = [...powers.flatMap((power) => power.scopes), ...(service ? [] : ["openid", "offline_access"])];
      const metadata = metadataOf({ kind, name, redirects, scopes });
      return answer(api.POST("/api/v1/admin/clients", { body: { metadata, ...(service ? { service_user_id: account } : {}) } }));
    },
    onSuccess: () => queryClient.invalidateQueries({ queryKey: clientsQuery.queryKey }),
  });
  if (add.data) return <Made client={add.data} onClose={onClose} />;

  const problem = add.error ? asProblem(add.error) : null;
  const wrong = problem?.field("metadata");
  const toggle = (power: Power) => {
    setPowers(powers.includes(power) ? powers.filter((one) => one !== power) : [...powers, power]);
  };
  return (
    <Dialog title="Add an application" onClose={onClose}>
      <form
        className="stack"
        onSubmit={(event) => {
          event.preventDefault();
          add.mutate();
        }}
      >
        {problem && wrong === undefined && <ProblemNote error={problem} />}
        {wrong !== undefined && (
          <p className="wrong" role="alert">
            {sentence(wrong)}
          </p>
        )}
        <TextField label="Name" hint="What people see when it asks to be let in." required maxLength={100} autoComplete="off" value={name} onValue={setName} />
        <fieldset className="stack" style={{ gap: 8 }}>
          <legend className="label">It is</legend>
          {CLIENT_KINDS.map((one) => (
            <label className="check" key={one.kind}>
              <input type="radio" name="kind" checked={kind === one.kind} onChange={() => { setKind(one.kind); }} />
              <span>
                {one.text}
                <span className="hint">{one.detail}</span>
              </span>
            </label>
          ))}
        </fieldset>
        {service ? (
          <Account value={account} onValue={setAccount} wrong={problem?.field("service_user_id")} />
        ) : (
          <Field label="Addresses it may go back to" hint="One on each line, in full. They begin with https, or lead to the same computer.">
            {(ids) => <textarea className="input" rows={2} required value={redirects} onChange={(event) => { setRedirects(event.target.value); }} {...ids} />}
          </Field>
        )}
        <fieldset className="stack" style={{ gap: 8 }}>
          <legend className="label">{service ? "It may" : "It may ask to"}</legend>
          {OFFERED.map((power) => (
            <label className="check" key={power.text}>
              <input type="checkbox" checked={powers.includes(power)} onChange={() => { toggle(power); }} />
              <span>{power.text}</span>
            </label>
          ))}
        </fieldset>
        <div className="actions">
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" look="primary" busy={add.isPending} disabled={powers.length === 0}>
            Add application
          </Button>
        </div>
      </form>
    </Dialog>
  );
}

/** With whose account a service acts. */
function Account({ value, onValue, wrong }: { value: string; onValue: (id: string) => void; wrong: string | undefined }) {
  const users = useInfiniteQuery(usersQuery);
  const rows = users.data?.pages.flatMap((page) => page.items) ?? [];
  return (
    <Field label="Account" hint="It sees and does what this account may: make one for it alone." wrong={wrong}>
      {(ids) => (
        <select className="input" required value={value} onChange={(event) => { onValue(event.target.value); }} {...ids}>
          <option value="" disabled>
            Choose
          </option>
          {rows.map((user) => (
            <option key={user.id} value={user.id}>
              {user.display_name} · {user.email}
            </option>
          ))}
        </select>
      )}
    </Field>
  );
}

function Made({ client, onClose }: { client: AdminClient; onClose: () => void }) {
  const { client_id, client_secret } = client;
  return (
    <Dialog title={client_secret == null ? "The application is added" : "Copy the secret now"} onClose={onClose}>
      <p className="muted">The application is set up with this id.</p>
      <p className="secret">
        <code>{client_id}</code>
      </p>
      {client_secret != null && (
        <>
          <p className="muted">And with this secret. It is shown this once.</p>
          <p className="secret">
            <code>{client_secret}</code>
          </p>
        </>
      )}
      <div className="actions">
        <CopyButton text={client_id} label="Copy id" />
        {client_secret != null && <CopyButton text={client_secret} label="Copy secret" />}
        <Button look="primary" onClick={onClose}>
          Done
        </Button>
      </div>
    </Dialog>
  );
}
