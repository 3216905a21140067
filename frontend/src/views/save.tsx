// Files of all that is on the screen, and a file that restores it.
import { useEffect, useRef } from "preact/hooks";
import { scenarioToml } from "../changes";
import { csvCell, download, fileName } from "../files";
import { netcdf, type Run, runsCsv, runTable, type Table, workbook } from "../runs_files";
import { given, setupIn } from "../state";
import { say } from "../words";
import { Menu, useWords, useWorkplace } from "./common";

export function SaveMenu() {
  const { narrow } = useWorkplace();
  const { t } = useWords();
  return narrow.value ? (
    <SaveItems />
  ) : (
    <Menu label={t("save")} title={t("save")} sign={`${t("save")} ▾`}>
      <SaveItems />
    </Menu>
  );
}

function SaveItems() {
  const { session, futures, panel, toast } = useWorkplace();
  const { t } = useWords();
  const fans = futures.fans.value;
  const input = useRef<HTMLInputElement>(null);
  const { description, catalogue } = session;
  const name = fileName(description.name);

  function runs(): Run[] {
    const { now, ghost, kept } = session.results.value;
    const all = [{ name: t("now"), curves: now }, { name: t("baseline"), curves: ghost }, ...kept];
    return all.flatMap(({ name: run, curves }) => (curves ? [{ name: run, ...curves }] : []));
  }

  function settings(): Table {
    const { kept } = session.state.value;
    const setups = [session.state.value, ...kept];
    const head = [t("name"), t("unit"), t("model_value"), t("now"), ...kept.map((one) => one.name)];
    const rows = [...catalogue.sliders.values()].map(({ name: one, unit, standard }) => [
      one,
      unit,
      standard,
      ...setups.map(({ values }) => given(values, one) ?? standard),
    ]);
    const changes = setups.flatMap((setup, i) => {
      const text = scenarioToml(setup, catalogue, kept[i - 1]?.name ?? t("now"));
      return text.includes("changes =") || setup.plan ? text.split("\n").map((line) => [line]) : [];
    });
    return [head, ...rows, ...(changes.length ? [[""], ...changes] : [])];
  }

  async function saveWorkbook() {
    const tables = runs().map((run) => [run.name, runTable(run, t("time"))] as const);
    const fitting = tables.flatMap(([run, table]) => (table ? [[run, table] as const] : []));
    if (fitting.length < tables.length) toast.value = t("too_large");
    else download(`${name}.xlsx`, await workbook([...fitting, [t("settings"), settings()]]));
  }

  function saveNetcdf() {
    const file = netcdf(runs(), description);
    if (file) download(`${name}.nc`, file);
    else toast.value = t("too_large");
  }

  /** A row for each run of the fans: the constants that varied, and the last value of each variable shown. */
  async function saveFan() {
    const fans = await futures.single();
    if (!fans) return;
    const { block, varied, values, wanted, time } = fans;
    const [runs, rows] = [block.failed.length, time.length];
    const head = [...varied.map((one) => one.name), ...wanted.map((one) => `${t("map_final")}: ${one}`)];
    const lines = Array.from({ length: runs }, (_, run) => [
      ...varied.map((_, k) => values[run * varied.length + k]),
      ...wanted.map((_, i) => (block.failed[run] ? "" : block.curves[((i + 1) * rows - 1) * runs + run])),
    ]);
    const text = [head.map(csvCell), ...lines].map((line) => `${line.join(",")}\n`).join("");
    download(`${name} ${t("parallel")}.csv`, text, "text/csv");
  }

  const items = [
    ["csv_all", () => download(`${name}.csv`, runsCsv(runs(), t("time"), t("run_head")), "text/csv")],
    ["xlsx_all", () => void saveWorkbook()],
    ["netcdf_all", saveNetcdf],
    ...(fans ? [["fan_runs", () => void saveFan()] as const] : []),
    [
      "as_scenario",
      () => {
        const text = scenarioToml(setupIn(session.state.value), catalogue, "my_scenario");
        panel.value = { kind: "text", title: "as_scenario", help: "as_scenario_help", text };
      },
    ],
    ["save_state", () => download(`${name}.json`, session.file, "application/json")],
    ["open_state", () => input.current?.click()],
  ] as const;
  return (
    <>
      {items.map(([key, act]) => (
        <button type="button" key={key} onClick={act}>
          {t(key)}
        </button>
      ))}
      <input
        type="file"
        hidden
        ref={input}
        accept=".json"
        aria-label={t("open_state")}
        onClick={(event) => event.stopPropagation()}
        onChange={(event) => {
          const [file] = event.currentTarget.files ?? [];
          event.currentTarget.value = "";
          if (file) void openFile(file);
        }}
      />
    </>
  );

  async function openFile(file: File) {
    toast.value = session.open(await file.text()) ? "" : t("not_state");
  }
}

/** Opens a state that is dropped onto the page. */
export function useDroppedState(): void {
  const { session, toast } = useWorkplace();
  useEffect(() => {
    const over = (event: DragEvent) => {
      if (event.dataTransfer?.types.includes("Files")) event.preventDefault();
    };
    const drop = (event: DragEvent) => {
      const [file] = event.dataTransfer?.files ?? [];
      if (!file) return;
      event.preventDefault();
      void file.text().then((text) => {
        toast.value = session.open(text) ? "" : say(session.language.peek(), "not_state");
      });
    };
    addEventListener("dragover", over);
    addEventListener("drop", drop);
    return () => {
      removeEventListener("dragover", over);
      removeEventListener("drop", drop);
    };
  }, [session]);
}
