// A device without a browser shows a code: type it, see what asks from where, decide.
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { Gate } from "../account/Gate";
import { answer, api } from "../api/client";
import { asProblem } from "../api/problem";
import type { DeviceRequest, User } from "../api/types";
import { Button } from "../ui/Button";
import { TextField } from "../ui/Field";
import { ProblemNote } from "../ui/ProblemNote";
import { Asked } from "./Asked";
import { Signed } from "./Signed";

export function DevicePage() {
  return <Signed>{(user) => <Device user={user} />}</Signed>;
}

/** From the address; it is only filled in, never sent unasked. */
const given = () => new URLSearchParams(window.location.hash.slice(1)).get("code") ?? "";

function Device({ user }: { user: User }) {
  const [code, setCode] = useState(given);
  const [found, setFound] = useState<DeviceRequest | null>(null);
  const [done, setDone] = useState<"allowed" | "denied" | null>(null);
  const body = { user_code: code };
  const find = useMutation({
    mutationFn: () => answer(api.POST("/api/v1/oauth/device/find", { body })),
    onSuccess: setFound,
  });
  const decide = useMutation({
    mutationFn: (allow: boolean) =>
      answer(allow ? api.POST("/api/v1/oauth/device/allow", { body }) : api.POST("/api/v1/oauth/device/deny", { body })),
    onSuccess: (_, allow) => {
      setDone(allow ? "allowed" : "denied");
    },
  });
  if (done !== null) {
    return (
      <Gate title={done === "allowed" ? "The device is connected" : "The device was not connected"} intro={done === "allowed" ? "It goes on by itself in a few seconds. You can close this page." : "It got nothing. You can close this page."}>
        <p className="hint">Under Settings, Connected apps, you see and disconnect whatever may act for you.</p>
      </Gate>
    );
  }
  if (found !== null) {
    return (
      <Gate title={`Connect ${found.request.client.name}?`} intro="Go on only if you hold the device that shows this code.">
        <Asked request={found.request} user={user} from={found.ip} />
        {decide.error && <ProblemNote error={decide.error} />}
        <div className="decision">
          <Button disabled={decide.isPending} onClick={() => { decide.mutate(false); }}>
            Cancel
          </Button>
          <Button look="primary" busy={decide.isPending} onClick={() => { decide.mutate(true); }}>
            Allow
          </Button>
        </div>
      </Gate>
    );
  }
  const unknown = find.error !== null && asProblem(find.error).status === 404;
  return (
    <Gate title="Connect a device" intro="Type the code that the device shows.">
      <form
        className="stack"
        onSubmit={(event) => {
          event.preventDefault();
          find.mutate();
        }}
      >
        {find.error && !unknown && <ProblemNote error={find.error} />}
        {/* eslint-disable-next-line jsx-a11y/no-autofocus -- the page has this one purpose */}
        <TextField autoFocus label="Code" autoComplete="off" required placeholder="WDJB-MJHT" value={code} onValue={setCode} wrong={unknown ? "No device waits with this code. Look at the device again." : undefined} />
        <Button type="submit" look="primary" busy={find.isPending}>
          Continue
        </Button>
      </form>
    </Gate>
  );
}
