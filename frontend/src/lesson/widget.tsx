// A lesson in a notebook (anywidget): the lesson and its laboratory, answers and state are traits of the Python object.
import { effect } from "@preact/signals";
import style from "../built-style.css";
import { Partner } from "../futures/partner";
import { setTrait, type Traits, widgetOf } from "../notebook";
import { linkSession, sessionOf } from "../notebook_session";
import { WorkplaceProvider, workplaceOf } from "../views/common";
import { type AnswerStore, browserStorage, Notebook } from "./answers";
import type { LessonInfo } from "./description";
import { keepLanguage, languageOf } from "./language";
import { Lesson } from "./lesson";
import { LessonProvider, placeOf } from "./place";

const ANSWERS = "_answers";

/** Answers are kept with the notebook; the browser has them, too, for a cell that is run again. */
function storeOf(model: Traits, browser: Storage | null): AnswerStore {
  return {
    getItem: (key) => String(model.get(ANSWERS) ?? "") || (browser?.getItem(key) ?? null),
    setItem: (key, text) => {
      setTrait(model, ANSWERS, text);
      browser?.setItem(key, text);
    },
  };
}

export default widgetOf("lesson", style, async (model) => {
  const lesson = JSON.parse(String(model.get("_lesson"))) as LessonInfo;
  const storage = browserStorage();
  const { session, kernel } = await sessionOf(model);
  const notebook = new Notebook(lesson, storeOf(model, storage));
  const place = placeOf(lesson, session, kernel, notebook, null);
  return {
    view: (surroundings, host) => {
      const workplace = workplaceOf(session, surroundings);
      workplace.futures.follow(new Partner(model));
      const shown = (
        <WorkplaceProvider value={workplace}>
          <LessonProvider value={{ ...place, host }}>
            <Lesson />
          </LessonProvider>
        </WorkplaceProvider>
      );
      return { shown, end: () => workplace.futures.end() };
    },
    link: (hosts) => {
      const first = !model.get("_state");
      const unlink = linkSession(session, model, hosts);
      if (first) session.language.value = languageOf("", storage, session.language.value);
      let kept = session.language.value;
      const stop = effect(() => {
        const now = session.language.value;
        if (now !== kept) keepLanguage(storage, now);
        kept = now;
      });
      const take = () => notebook.take(String(model.get(ANSWERS)));
      take();
      model.on(`change:${ANSWERS}`, take);
      return () => {
        unlink();
        stop();
        model.off(`change:${ANSWERS}`, take);
      };
    },
    handles: { place },
  };
});
