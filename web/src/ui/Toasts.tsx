import { CircleCheck, TriangleAlert, X } from "lucide-react";
import { Button } from "./Button";
import { dismiss, useToasts } from "./toasts";

export function Toasts() {
  const toasts = useToasts();
  return (
    <div className="toasts" role="status" aria-live="polite">
      {toasts.map((one) => (
        <div className="toast" key={one.id}>
          {one.tone === "good" ? <CircleCheck size={16} data-tone="good" aria-hidden /> : <TriangleAlert size={16} data-tone="bad" aria-hidden />}
          <div>
            {one.text}
            {one.action && (
              <>
                {" "}
                <button
                  type="button"
                  className="link"
                  onClick={() => {
                    dismiss(one.id);
                    one.action?.run();
                  }}
                >
                  {one.action.text}
                </button>
              </>
            )}
          </div>
          <Button
            look="quiet"
            icon={<X size={14} />}
            label="Dismiss"
            onClick={() => {
              dismiss(one.id);
            }}
          />
        </div>
      ))}
    </div>
  );
}
