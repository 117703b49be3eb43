// Signing in with a passkey: the browser offers one while the address is typed, and a button asks for one.
import { useEffect, useEffectEvent, useRef, useState } from "react";
import { answer, api } from "../api/client";
import { asProblem, type Problem } from "../api/problem";
import type { User } from "../api/types";
import { askPasskey, passkeyProblem, passkeysWork } from "./passkeys";

/** A challenge is good for five minutes; a page may be open for longer. */
const RENEW_MS = 4 * 60_000;

async function signIn(signal: AbortSignal, quietly: boolean): Promise<User> {
  const body = await askPasskey({ signal, quietly });
  return (await answer(api.POST("/api/v1/auth/passkey", { body }), true)).user;
}

export function usePasskey(onUser: (user: User) => void, onProblem: (problem: Problem | null) => void, offered: boolean) {
  const [busy, setBusy] = useState(false);
  const [round, setRound] = useState(0);
  // The browser takes one question at a time.
  const waiting = useRef<AbortController | null>(null);

  const run = async (quietly: boolean): Promise<void> => {
    waiting.current?.abort();
    const mine = new AbortController();
    waiting.current = mine;
    try {
      onUser(await signIn(mine.signal, quietly));
    } catch (thrown) {
      const problem = passkeyProblem(thrown);
      // What was only offered fails in silence, unless somebody chose it.
      if (problem !== null && !mine.signal.aborted && !(quietly && asProblem(problem).code !== "invalid_passkey")) onProblem(asProblem(problem));
    }
  };
  const offer = useEffectEvent(() => void run(true));

  useEffect(() => {
    if (!offered || busy || !passkeysWork()) return;
    let gone = false;
    void PublicKeyCredential.isConditionalMediationAvailable().then((can) => {
      if (can && !gone) offer();
    });
    const timer = setTimeout(() => {
      setRound(round + 1);
    }, RENEW_MS);
    return () => {
      gone = true;
      clearTimeout(timer);
      waiting.current?.abort();
    };
  }, [offered, busy, round]);

  const ask = async () => {
    onProblem(null);
    setBusy(true);
    await run(false);
    setBusy(false);
  };
  return { busy, ask };
}
