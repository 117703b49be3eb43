import { Trash2 } from "lucide-react";
import { useState } from "react";
import { useLocation } from "wouter";
import { asProblem } from "../api/problem";
import { labQuery, queryClient } from "../api/queries";
import type { Lab } from "../api/types";
import { Button } from "../ui/Button";
import { Confirm } from "../ui/Dialog";
import { toast } from "../ui/toasts";
import { deleteLab } from "./edit";

export function DeleteLab({ lab, iconOnly = false }: { lab: Lab; iconOnly?: boolean }) {
  const [, navigate] = useLocation();
  const [asking, setAsking] = useState(false);
  const [busy, setBusy] = useState(false);
  const confirm = async () => {
    setBusy(true);
    try {
      await deleteLab(lab.id);
      navigate("/labs");
      queryClient.removeQueries({ queryKey: labQuery(lab.id).queryKey });
      toast("good", `“${lab.title}” is deleted.`);
    } catch (thrown) {
      toast("bad", `Not deleted: ${asProblem(thrown).message}`);
      setBusy(false);
      setAsking(false);
    }
  };
  const ask = () => {
    setAsking(true);
  };
  return (
    <>
      {iconOnly ? (
        <Button look="quiet" icon={<Trash2 size={16} />} label="Delete lab" onClick={ask} />
      ) : (
        <Button icon={<Trash2 size={15} />} onClick={ask}>
          Delete
        </Button>
      )}
      {asking && (
        <Confirm
          title="Delete this lab?"
          action="Delete lab"
          busy={busy}
          onConfirm={() => void confirm()}
          onClose={() => {
            setAsking(false);
          }}
        >
          “{lab.title}” goes with its tasks, runs and reports. This cannot be undone.
        </Confirm>
      )}
    </>
  );
}
