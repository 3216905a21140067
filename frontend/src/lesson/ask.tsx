// A question before something is lost. The browser's own `confirm` is forbidden in frames, as in VS Code's notebooks.
import type { Signal } from "@preact/signals";
import { Dialog } from "../views/common";
import { useLesson } from "./place";

export function Ask({
  asked,
  action,
  question,
  act,
}: {
  /** Whether the question is open. */
  asked: Signal<boolean>;
  action: string;
  question: string;
  act: () => void;
}) {
  const { t } = useLesson();
  if (!asked.value) return null;
  const close = () => {
    asked.value = false;
  };
  return (
    <Dialog title={action} close={close}>
      <p>{question}</p>
      <div class="asks-for">
        <button type="button" onClick={close}>
          {t("cancel")}
        </button>
        <button
          type="button"
          class="primary"
          onClick={() => {
            close();
            act();
          }}
        >
          {action}
        </button>
      </div>
    </Dialog>
  );
}
