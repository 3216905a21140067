// The page of a lesson: reads lesson, description and kernel from the page, and keeps answers in the browser.
import { effect } from "@preact/signals";
import { render } from "preact";
import "../laboratory.css";
import "../charts.css";
import "./lesson.css";
import type { Description } from "../description";
import { bytesOf, loadKernel } from "../kernel";
import { Session } from "../session";
import { pageSurroundings } from "../surroundings";
import { WorkplaceProvider, workplaceOf } from "../views/common";
import { browserStorage, Notebook } from "./answers";
import type { LessonInfo, RoomInfo } from "./description";
import { keepLanguage, languageOf } from "./language";
import { Lesson } from "./lesson";
import { LessonProvider, placeOf } from "./place";
import { browserId, Room } from "./room";

async function start(root: HTMLElement): Promise<void> {
  const description = JSON.parse(contentOf("description")) as Description;
  const lesson = JSON.parse(contentOf("lesson_data")) as LessonInfo;
  const info = contentOf("room") ? (JSON.parse(contentOf("room")) as RoomInfo) : null;
  const storage = browserStorage();
  const language = languageOf(location.search, storage, description.language);
  const kernel = await loadKernel(description.program, bytesOf(contentOf("kernel")));
  const frame = (work: () => void) => requestAnimationFrame(work);
  const session = new Session({ ...description, language }, kernel, frame);
  session.onDrawn = () => root.dispatchEvent(new CustomEvent("sdcluster:drawn"));
  const notebook = new Notebook(lesson, storage, info?.round ?? "");
  const room = info ? roomOf(info, storage) : null;
  const place = placeOf(lesson, session, kernel, notebook, room);
  const { committed } = notebook.answers.value;
  if (room && committed) room.send(committed.value);
  place.presenting.value = info?.role === "teacher" || new URLSearchParams(location.search).has("teach");
  effect(() => keepLanguage(storage, session.language.value));
  render(
    <WorkplaceProvider value={workplaceOf(session, { ...pageSurroundings(root), embedded: true })}>
      <LessonProvider value={place}>
        <Lesson />
      </LessonProvider>
    </WorkplaceProvider>,
    root,
  );
  Object.assign(root, { place });
  root.dataset.ready = "";
}

function roomOf(info: RoomInfo, storage: Storage | null): Room {
  const address = `${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/line/${info.role}`;
  return new Room(info, address, browserId(storage, info.round), () => location.reload());
}

function contentOf(id: string): string {
  return document.getElementById(id)?.textContent ?? "";
}

const root = document.getElementById("lesson");
if (root) {
  start(root).catch((error: unknown) => {
    root.textContent = `This lesson cannot start: ${error instanceof Error ? error.message : String(error)}`;
    root.dataset.failed = "";
  });
}
