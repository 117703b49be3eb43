import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Link, useLocation, useSearchParams } from "wouter";
import { answer, api } from "../api/client";
import { asProblem, type Problem } from "../api/problem";
import { setupQuery, signupQuery } from "../api/queries";
import { begin, safeReturn } from "../shell/session";
import { Button } from "../ui/Button";
import { TextField } from "../ui/Field";
import { ProblemNote } from "../ui/ProblemNote";
import { Gate } from "./Gate";

export function Login() {
  const [, navigate] = useLocation();
  const [search] = useSearchParams();
  const setup = useQuery(setupQuery);
  const signup = useQuery(signupQuery);
  const [email, setEmail] = useState("");
  const [password, setPassword] = useState("");
  const [problem, setProblem] = useState<Problem | null>(null);
  const [busy, setBusy] = useState(false);
  const next = safeReturn(search.get("next"));

  const signIn = async () => {
    setBusy(true);
    setProblem(null);
    try {
      const { user } = await answer(api.POST("/api/v1/auth/login", { body: { email, password } }), true);
      begin(user);
      navigate(next, { replace: true });
    } catch (thrown) {
      setProblem(asProblem(thrown));
      setBusy(false);
    }
  };

  if (setup.data?.needed) {
    return (
      <Gate title="This server has no owner yet" intro="Whoever started it finds a set-up link in its output. Open that link to become the owner.">
        <p className="hint">
          It looks like <code>{window.location.origin}/setup#claim=…</code>
        </p>
      </Gate>
    );
  }
  return (
    <Gate title="Sign in to Stoa" intro={next === "/" ? "With the address and password of your account." : "Then you come back to where you were."}>
      <form
        className="stack"
        onSubmit={(event) => {
          event.preventDefault();
          void signIn();
        }}
      >
        {problem &&
          (problem.code === "invalid_credentials" ? (
            <p className="note" role="alert">
              <span>Address and password do not fit together. Check both; capitals count.</span>
            </p>
          ) : (
            <ProblemNote error={problem} />
          ))}
        {/* eslint-disable-next-line jsx-a11y/no-autofocus -- the page has this one purpose */}
        <TextField autoFocus label="Email" type="email" autoComplete="username" required value={email} onValue={setEmail} wrong={problem?.field("email")} />
        <TextField
          label="Password"
          type="password"
          autoComplete="current-password"
          required
          value={password}
          onValue={setPassword}
          wrong={problem?.field("password")}
        />
        <Button type="submit" look="primary" busy={busy}>
          {busy ? "Signing in…" : "Sign in"}
        </Button>
      </form>
      <p className="inline small" style={{ justifyContent: "space-between" }}>
        <Link href="/forgot">Forgot the password?</Link>
        {signup.data?.mode === "open" && <Link href="/signup">Make an account</Link>}
      </p>
    </Gate>
  );
}
