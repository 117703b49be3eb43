// Asking for a link to choose a new password. The page says the same whether the address has an account.
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { Link } from "wouter";
import { answer, api } from "../api/client";
import { Button } from "../ui/Button";
import { TextField } from "../ui/Field";
import { ProblemNote } from "../ui/ProblemNote";
import { Gate } from "./Gate";

export function Forgot() {
  const [email, setEmail] = useState("");
  const ask = useMutation({
    mutationFn: () => answer(api.POST("/api/v1/auth/password/forgot", { body: { email } }), true),
  });

  if (ask.isSuccess) {
    return (
      <Gate title="Look into your mail" intro={<>If <strong>{email}</strong> has an account here, a letter with a link is on its way. It is good for half an hour.</>}>
        <p className="small muted">Nothing there? Look among unwanted mail, or ask whoever looks after this server.</p>
        <Link href="/login" className="button">
          Back to sign in
        </Link>
      </Gate>
    );
  }
  return (
    <Gate title="Forgot the password?" intro="A letter to your address has a link with which you choose another one.">
      <form
        className="stack"
        onSubmit={(event) => {
          event.preventDefault();
          ask.mutate();
        }}
      >
        {ask.error && <ProblemNote error={ask.error} />}
        {/* eslint-disable-next-line jsx-a11y/no-autofocus -- the page has this one purpose */}
        <TextField autoFocus label="Email" type="email" autoComplete="username" required value={email} onValue={setEmail} />
        <Button type="submit" look="primary" busy={ask.isPending}>
          {ask.isPending ? "Sending…" : "Send the link"}
        </Button>
      </form>
      <p className="small muted">
        You remember it? <Link href="/login">Sign in</Link>
      </p>
    </Gate>
  );
}
