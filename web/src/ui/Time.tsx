import { useEffect, useState } from "react";
import { ago, fullTime } from "./format";

function useNow(everyMs: number): number {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const timer = setInterval(() => {
      setNow(Date.now());
    }, everyMs);
    return () => {
      clearInterval(timer);
    };
  }, [everyMs]);
  return now;
}

/** How long ago, with the exact time on hover. */
export function Ago({ at }: { at: string }) {
  const now = useNow(30_000);
  return (
    <time dateTime={at} title={fullTime(at)}>
      {ago(at, now)}
    </time>
  );
}

export function Elapsed({ since }: { since: string }) {
  const now = useNow(1_000);
  return <time dateTime={since}>{Math.max(0, Math.round((now - Date.parse(since)) / 1000))} s</time>;
}
