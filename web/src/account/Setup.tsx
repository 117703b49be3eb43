// Becoming the owner, with the claim from the set-up link.
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Link, useLocation } from "wouter";
import { answer, api } from "../api/client";
import { asProblem, type Problem } from "../api/problem";
import { queryClient, setupQuery } from "../api/queries";
import { begin } from "../shell/session";
import { Button } from "../ui/Button";
import { TextField } from "../ui/Field";
import { ProblemNote } from "../ui/ProblemNote";
import { useFragment } from "./fragment";
import { Gate } from "./Gate";
import { PasswordField } from "./PasswordField";

export function Setup() {
  const [, navigate] = useLocation();
  const setup = useQuery(setupQuery);
  const claim = useFragment("claim");
  const [name, setName] = useState("");
  const [email, setEmail] = useState("");
  const [password, setPassword] = useState("");
  const [problem, setProblem] = useState<Problem | null>(null);
  const [busy, setBusy] = useState(false);

  const become = async () => {
    setBusy(true);
    setProblem(null);
    try {
      const body = { claim, email, password, display_name: name };
      const { user } = await answer(api.POST("/api/v1/setup", { body }), true);
      begin(user);
      queryClient.setQueryData(setupQuery.queryKey, { needed: false });
      navigate("/", { replace: true });
    } catch (thrown) {
      setProblem(asProblem(thrown));
      setBusy(false);
    }
  };

  if (setup.data && !setup.data.needed) {
    return (
      <Gate title="This server is set up" intro="It has an owner already. Sign in with your account.">
        <Link href="/login" className="button" data-look="primary">
          Sign in
        </Link>
      </Gate>
    );
  }
  if (claim === "") {
    return (
      <Gate title="The set-up link is incomplete" intro="Open the whole link that the server printed when it started: its last part proves that you started it.">
        <p className="hint">
          It looks like <code>{window.location.origin}/setup#claim=…</code>
        </p>
      </Gate>
    );
  }
  return (
    <Gate title="Make this server yours" intro="You become its owner: you can do everything, and invite others later.">
      <form
        className="stack"
        onSubmit={(event) => {
          event.preventDefault();
          void become();
        }}
      >
        {problem &&
          (problem.code === "invalid_claim" ? (
            <p className="note" role="alert">
              <span>This set-up link is no longer good. Use the one that the server printed last.</span>
            </p>
          ) : (
            <ProblemNote error={problem} />
          ))}
        <TextField label="Your name" autoComplete="name" required value={name} onValue={setName} wrong={problem?.field("display_name")} />
        <TextField label="Email" type="email" autoComplete="username" required value={email} onValue={setEmail} wrong={problem?.field("email")} />
        <PasswordField value={password} onValue={setPassword} wrong={problem?.field("password")} />
        <Button type="submit" look="primary" busy={busy}>
          {busy ? "Setting up…" : "Become the owner"}
        </Button>
      </form>
    </Gate>
  );
}
