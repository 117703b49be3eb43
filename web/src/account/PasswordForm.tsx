import { useMutation, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { answer, api } from "../api/client";
import { asProblem } from "../api/problem";
import { factorsQuery, queryClient, sessionsQuery } from "../api/queries";
import { Button } from "../ui/Button";
import { TextField } from "../ui/Field";
import { ProblemNote } from "../ui/ProblemNote";
import { toast } from "../ui/toasts";
import { PasswordField } from "./PasswordField";

export function PasswordForm({ email }: { email: string }) {
  const factors = useQuery(factorsQuery);
  const [current, setCurrent] = useState("");
  const [next, setNext] = useState("");
  const change = useMutation({
    mutationFn: () => answer(api.POST("/api/v1/me/password", { body: { current, new: next } })),
    onSuccess: () => {
      setCurrent("");
      setNext("");
      void queryClient.invalidateQueries({ queryKey: sessionsQuery.queryKey });
      toast("good", "Your password is changed. Every other browser is signed out.");
    },
  });
  const problem = change.error ? asProblem(change.error) : null;
  return (
    <form
      className="card panel"
      aria-labelledby="password"
      onSubmit={(event) => {
        event.preventDefault();
        change.mutate();
      }}
    >
      <h2 id="password">Change the password</h2>
      {problem && <ProblemNote error={problem} />}
      {/* For password managers: whose password this is. */}
      <input type="text" name="username" autoComplete="username" value={email} readOnly hidden />
      <TextField label="Current password" type="password" autoComplete="current-password" required value={current} onValue={setCurrent} wrong={problem?.field("current")} />
      <PasswordField label="New password" value={next} onValue={setNext} least={factors.data?.password_characters ?? 15} wrong={problem?.field("new")} />
      <div className="actions">
        <Button type="submit" busy={change.isPending} disabled={current === "" || next === ""}>
          Change the password
        </Button>
      </div>
    </form>
  );
}
