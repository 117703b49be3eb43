import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { answer, api } from "../api/client";
import { asProblem } from "../api/problem";
import { invitesQuery, queryClient } from "../api/queries";
import type { Role } from "../api/types";
import { ROLE_NAMES } from "../account/roles";
import { useUser } from "../shell/session";
import { Button } from "../ui/Button";
import { CopyButton } from "../ui/Copy";
import { Dialog } from "../ui/Dialog";
import { Field, TextField } from "../ui/Field";
import { ProblemNote } from "../ui/ProblemNote";

export function InviteDialog({ onClose }: { onClose: () => void }) {
  const me = useUser();
  const [email, setEmail] = useState("");
  const [role, setRole] = useState<Role>("member");
  const invite = useMutation({
    mutationFn: () => {
      const to = email.trim();
      return answer(api.POST("/api/v1/admin/invites", { body: { role, ...(to === "" ? {} : { email: to }) } }));
    },
    onSuccess: () => queryClient.invalidateQueries({ queryKey: invitesQuery.queryKey }),
  });

  if (invite.data) {
    return (
      <Dialog title="Copy the link now" onClose={onClose}>
        <p className="muted">
          {invite.data.email == null ? "Hand it over to whom you invite." : `A letter with a link of its own goes to ${invite.data.email}. You can also hand over this one.`} It works
          once, for seven days, and is shown this once.
        </p>
        <p className="secret">
          <code>{invite.data.url}</code>
        </p>
        <div className="actions">
          <CopyButton text={invite.data.url} label="Copy link" />
          <Button look="primary" onClick={onClose}>
            Done
          </Button>
        </div>
      </Dialog>
    );
  }
  const problem = invite.error ? asProblem(invite.error) : null;
  return (
    <Dialog title="Invite a person" onClose={onClose}>
      <form
        className="stack"
        onSubmit={(event) => {
          event.preventDefault();
          invite.mutate();
        }}
      >
        {problem && <ProblemNote error={problem} />}
        <TextField label="Email, if a letter shall go there" hint="Without it you get a link to hand over." type="email" autoComplete="off" value={email} onValue={setEmail} wrong={problem?.field("email")} />
        <Field label="Role">
          {(ids) => (
            <select className="input" value={role} onChange={(event) => { setRole(event.target.value as Role); }} {...ids}>
              <option value="member">{ROLE_NAMES.member}</option>
              <option value="admin">{ROLE_NAMES.admin}</option>
              {me?.role === "owner" && <option value="owner">{ROLE_NAMES.owner}</option>}
            </select>
          )}
        </Field>
        <div className="actions">
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" look="primary" busy={invite.isPending}>
            Invite
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
