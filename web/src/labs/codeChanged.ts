import { useEffect, useState } from "react";

async function sha256(text: string): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** Whether the code now is another than the one that ran. Unknown counts as no. */
export function useCodeChanged(code: string, ranSha256: string | undefined): boolean {
  const [now, setNow] = useState<{ code: string; sha256: string } | null>(null);
  useEffect(() => {
    // Browsers hash only on https and loopback; elsewhere the hint is left out.
    if (ranSha256 === undefined || !window.isSecureContext) return;
    let current = true;
    void sha256(code).then((hash) => {
      if (current) setNow({ code, sha256: hash });
    });
    return () => {
      current = false;
    };
  }, [code, ranSha256]);
  return ranSha256 !== undefined && now?.code === code && now.sha256 !== ranSha256;
}
