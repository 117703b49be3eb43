// The zone in which the server understands days and times, this browser's, and how to make them one.
import { useQuery } from "@tanstack/react-query";
import { answer, api } from "../api/client";
import { taskSettingsQuery } from "../api/queries";
import { act } from "./act";

export function useTimeZone(): { server: string | undefined; here: string; use: () => Promise<void> } {
  const settings = useQuery(taskSettingsQuery);
  const here = Intl.DateTimeFormat().resolvedOptions().timeZone;
  const use = async () => {
    await act("changed", () => answer(api.PATCH("/api/v1/tasks/settings", { body: { time_zone: here } })));
  };
  return { server: settings.data?.time_zone, here, use };
}
