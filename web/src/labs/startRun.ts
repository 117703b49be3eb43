import { answer, api } from "../api/client";
import { asProblem } from "../api/problem";
import { toast } from "../ui/toasts";
import { follow } from "./live";
import { saveDrafts } from "./drafts";

/** Runs tasks of a lab, after what was typed is saved. */
export async function startRun(labId: string, taskIds: readonly string[]): Promise<void> {
  try {
    if (!(await saveDrafts())) {
      toast("bad", "Not run: your last change is not saved yet.");
      return;
    }
    const { job } = await answer(
      api.POST("/api/v1/labs/{id}/runs", { params: { path: { id: labId } }, body: { task_ids: [...taskIds] } }),
    );
    follow(labId, job, taskIds);
  } catch (thrown) {
    toast("bad", `Not run: ${asProblem(thrown).message}`);
  }
}

export async function cancelJob(jobId: string): Promise<void> {
  try {
    await answer(api.POST("/api/v1/jobs/{id}/cancel", { params: { path: { id: jobId } } }));
  } catch (thrown) {
    toast("bad", `Not cancelled: ${asProblem(thrown).message}`);
  }
}
