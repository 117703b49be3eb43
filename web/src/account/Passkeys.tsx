import { useMutation, useQuery } from "@tanstack/react-query";
import { KeyRound, Plus } from "lucide-react";
import { useState } from "react";
import { answer, api } from "../api/client";
import { asProblem } from "../api/problem";
import { passkeysQuery } from "../api/queries";
import type { Passkey } from "../api/types";
import { Button } from "../ui/Button";
import { Confirm, Dialog } from "../ui/Dialog";
import { TextField } from "../ui/Field";
import { date } from "../ui/format";
import { ProblemNote } from "../ui/ProblemNote";
import { SkeletonRows } from "../ui/Skeleton";
import { Ago } from "../ui/Time";
import { toast } from "../ui/toasts";
import { confirmed } from "./confirm";
import { deviceName } from "./device";
import { makePasskey, passkeyProblem, whyNoPasskeys } from "./passkeys";
import { refreshFactors, tell } from "./Security";

export function Passkeys({ onCodes }: { onCodes: (codes: readonly string[] | undefined) => void }) {
  const passkeys = useQuery(passkeysQuery);
  const why = whyNoPasskeys();
  const add = useMutation({
    mutationFn: () =>
      confirmed(async () => {
        const credential = await makePasskey();
        return answer(api.POST("/api/v1/me/passkeys", { body: { name: deviceName(navigator.userAgent), credential } }));
      }),
    onSuccess: async ({ backup_codes }) => {
      await refreshFactors();
      onCodes(backup_codes ?? undefined);
      toast("good", "Your passkey is added. Next time, sign in with it.");
    },
    onError: (thrown) => {
      const problem = passkeyProblem(thrown);
      if (problem !== null) tell("Not added", problem);
    },
  });
  return (
    <section className="card" aria-labelledby="passkeys">
      <div className="panel-head">
        <h2 id="passkeys">Passkeys</h2>
        <Button icon={<Plus size={15} />} busy={add.isPending} disabled={why !== null} onClick={() => { add.mutate(); }}>
          Add a passkey
        </Button>
      </div>
      {passkeys.error && <ProblemNote error={passkeys.error} retry={() => void passkeys.refetch()} />}
      {passkeys.isPending && <SkeletonRows rows={1} label="Passkeys are loading" />}
      {passkeys.data?.items.length === 0 && (
        <p className="panel-text small muted">A passkey signs you in with your fingerprint, your face or a key, without a password. It cannot be guessed, and no false page gets it.</p>
      )}
      {why !== null && <p className="panel-text small muted">{why}</p>}
      <ul className="rows">
        {passkeys.data?.items.map((passkey) => (
          <Row key={passkey.id} passkey={passkey} />
        ))}
      </ul>
    </section>
  );
}

function Row({ passkey }: { passkey: Passkey }) {
  const [open, setOpen] = useState<"name" | "remove" | null>(null);
  const close = () => {
    setOpen(null);
  };
  const path = { params: { path: { id: passkey.id } } };
  const remove = useMutation({
    mutationFn: () => {
      close();
      return confirmed(() => answer(api.DELETE("/api/v1/me/passkeys/{id}", path)));
    },
    onSuccess: refreshFactors,
    onError: (thrown) => {
      tell("Not removed", thrown);
    },
  });
  return (
    <li className="row">
      <KeyRound size={18} data-tone="none" aria-hidden />
      <div className="grow">
        <p>
          <strong>{passkey.name}</strong>
        </p>
        <p className="tiny muted dots">
          <span>added {date(passkey.created_at)}</span>
          <span>{passkey.last_used_at == null ? "not used yet" : <>used <Ago at={passkey.last_used_at} /></>}</span>
        </p>
      </div>
      <Button look="quiet" onClick={() => { setOpen("name"); }}>
        Rename<span className="visually-hidden"> {passkey.name}</span>
      </Button>
      <Button busy={remove.isPending} onClick={() => { setOpen("remove"); }}>
        Remove<span className="visually-hidden"> {passkey.name}</span>
      </Button>
      {open === "name" && <Rename passkey={passkey} onClose={close} />}
      {open === "remove" && (
        <Confirm title={`Remove “${passkey.name}”?`} action="Remove passkey" busy={remove.isPending} onConfirm={() => { remove.mutate(); }} onClose={close}>
          It opens nothing here any more. Delete it in your device or password manager too.
        </Confirm>
      )}
    </li>
  );
}

function Rename({ passkey, onClose }: { passkey: Passkey; onClose: () => void }) {
  const [name, setName] = useState(passkey.name);
  const save = useMutation({
    mutationFn: () => answer(api.PATCH("/api/v1/me/passkeys/{id}", { params: { path: { id: passkey.id } }, body: { name: name.trim() } })),
    onSuccess: async () => {
      await refreshFactors();
      onClose();
    },
  });
  return (
    <Dialog title="Rename the passkey" onClose={onClose}>
      <form
        className="stack"
        onSubmit={(event) => {
          event.preventDefault();
          save.mutate();
        }}
      >
        {save.error && <ProblemNote error={save.error} />}
        <TextField label="Name" required maxLength={100} value={name} onValue={setName} wrong={save.error ? asProblem(save.error).field("name") : undefined} />
        <div className="actions">
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" look="primary" busy={save.isPending} disabled={name.trim() === ""}>
            Rename
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
