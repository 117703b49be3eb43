import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { answer, api } from "../api/client";
import { asProblem } from "../api/problem";
import { queryClient, usersQuery } from "../api/queries";
import type { Role } from "../api/types";
import { PasswordField } from "../account/PasswordField";
import { ROLE_NAMES } from "../account/roles";
import { Button } from "../ui/Button";
import { Dialog } from "../ui/Dialog";
import { Field, TextField } from "../ui/Field";
import { ProblemNote } from "../ui/ProblemNote";
import { toast } from "../ui/toasts";

export function AddUserDialog({ onClose }: { onClose: () => void }) {
  const [name, setName] = useState("");
  const [email, setEmail] = useState("");
  const [password, setPassword] = useState("");
  const [role, setRole] = useState<Role>("member");
  const add = useMutation({
    mutationFn: () => answer(api.POST("/api/v1/admin/users", { body: { email, display_name: name.trim(), password, role } })),
    onSuccess: async (user) => {
      await queryClient.invalidateQueries({ queryKey: usersQuery.queryKey });
      toast("good", `${user.display_name} can sign in now. Hand over the password on a safe way.`);
      onClose();
    },
  });
  const problem = add.error ? asProblem(add.error) : null;
  return (
    <Dialog title="Add a person" onClose={onClose}>
      <form
        className="stack"
        onSubmit={(event) => {
          event.preventDefault();
          add.mutate();
        }}
      >
        {problem && <ProblemNote error={problem} />}
        <TextField label="Name" required maxLength={100} autoComplete="off" value={name} onValue={setName} wrong={problem?.field("display_name")} />
        <TextField label="Email" type="email" required autoComplete="off" value={email} onValue={setEmail} wrong={problem?.field("email")} />
        <PasswordField value={password} onValue={setPassword} wrong={problem?.field("password")} />
        <Field label="Role">
          {(ids) => (
            <select className="input" value={role} onChange={(event) => { setRole(event.target.value as Role); }} {...ids}>
              <option value="member">{ROLE_NAMES.member}</option>
              <option value="admin">{ROLE_NAMES.admin}</option>
            </select>
          )}
        </Field>
        <div className="actions">
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" look="primary" busy={add.isPending}>
            Add person
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
