import { useMutation, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { answer, api } from "../api/client";
import { asProblem } from "../api/problem";
import { meQuery, queryClient } from "../api/queries";
import type { User } from "../api/types";
import { Page } from "../shell/Page";
import { Button } from "../ui/Button";
import { TextField } from "../ui/Field";
import { date } from "../ui/format";
import { ProblemNote } from "../ui/ProblemNote";
import { toast } from "../ui/toasts";
import { roleText } from "./roles";
import { SettingsTabs } from "./SettingsTabs";

export function Profile() {
  const { data: user } = useQuery(meQuery);
  return (
    <Page title="Profile" narrow>
      <SettingsTabs />
      {user && <ProfileForm user={user} />}
    </Page>
  );
}

function ProfileForm({ user }: { user: User }) {
  const [name, setName] = useState(user.display_name);
  const save = useMutation({
    mutationFn: () => answer(api.PATCH("/api/v1/me", { body: { display_name: name.trim() } })),
    onSuccess: (saved) => {
      queryClient.setQueryData(meQuery.queryKey, saved);
      setName(saved.display_name);
      toast("good", "Your name is saved.");
    },
  });
  return (
    <div className="stack">
      <form
        className="card panel"
        onSubmit={(event) => {
          event.preventDefault();
          save.mutate();
        }}
      >
        {save.error && <ProblemNote error={save.error} />}
        <TextField
          label="Name"
          hint="How Stoa greets you, and what administrators see."
          autoComplete="name"
          required
          maxLength={100}
          value={name}
          onValue={setName}
          wrong={save.error ? asProblem(save.error).field("display_name") : undefined}
        />
        <div className="actions">
          <Button type="submit" look="primary" busy={save.isPending} disabled={name.trim() === "" || name.trim() === user.display_name}>
            Save
          </Button>
        </div>
      </form>
      <section className="card panel" aria-label="Account">
        <dl className="facts">
          <div>
            <dt>Email</dt>
            <dd>{user.email}</dd>
          </div>
          <div>
            <dt>Role</dt>
            <dd>{roleText(user.role)}</dd>
          </div>
          <div>
            <dt>Here since</dt>
            <dd>{date(user.created_at)}</dd>
          </div>
        </dl>
      </section>
    </div>
  );
}
