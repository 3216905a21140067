// What a served laboratory says of the model's file: its error, in place, and that the server has ended.
import type { ReadonlySignal } from "@preact/signals";
import "./live.css";
import { type Language, pick } from "../description";
import type { Live, Problem } from "../live";
import { say } from "../words";
import { useWords, useWorkplace } from "./common";
import { Tried } from "./equation";

export function LiveStatus() {
  const { live } = useWorkplace();
  const { t, language } = useWords();
  if (!live) return null;
  const problem = live.problem.value;
  return (
    <div role="status">
      {problem && <ProblemWords problem={problem} language={language} after="live_kept" />}
      {!live.connected.value && <p class="live soft">{t("live_gone")}</p>}
      <Tried />
    </div>
  );
}

/** What a link, a file or the version before named and the model lacks now. */
export function Lacking() {
  const { session } = useWorkplace();
  const { t } = useWords();
  const names = session.lacking.value;
  if (!names.length) return null;
  return (
    <p class="live" role="status">
      {t("lacking", { names: names.map((name) => `“${name}”`).join(", ") })}{" "}
      <button
        type="button"
        onClick={() => {
          session.lacking.value = [];
        }}
      >
        {t("close")}
      </button>
    </p>
  );
}

/** The page of a model that could not be read yet. */
export function Waiting({
  live,
  language,
  dark,
}: {
  live: Live;
  language: Language;
  dark: ReadonlySignal<boolean>;
}) {
  const problem = live.problem.value;
  return (
    <main class={`theme waiting${dark.value ? " dark" : ""}`}>
      {problem ? (
        <ProblemWords problem={problem} language={language} after="live_waiting" />
      ) : (
        <p class="soft">{say(language, live.connected.value ? "live_reading" : "live_gone")}</p>
      )}
    </main>
  );
}

interface Told {
  readonly problem: Problem;
  readonly language: Language;
  readonly after: "live_kept" | "live_waiting";
}

function ProblemWords({ problem, language, after }: Told) {
  const { sentence, file, line, variable } = problem;
  const places = [
    file && (line ? say(language, "live_line", { file, line }) : file),
    variable && say(language, "live_variable", { name: variable }),
  ].filter(Boolean);
  return (
    <div class="live problem">
      <p>{say(language, "live_problem")}</p>
      {places.length > 0 && <p class="where">{places.join(" · ")}</p>}
      <p class="sentence" lang={sentence[language] ? undefined : "en"}>
        {pick(sentence, language)}
      </p>
      <p class="soft">{say(language, after)}</p>
    </div>
  );
}
