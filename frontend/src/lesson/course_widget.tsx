// The front page of the course in a notebook (anywidget); its links open the notebooks of the lessons beside it.
import { signal } from "@preact/signals";
import style from "../built-style.css";
import { setTrait, widgetOf } from "../notebook";
import { codeOf } from "../words/languages";
import { browserStorage } from "./answers";
import { Course, type CourseInfo } from "./course";
import { keepLanguage, languageOf } from "./language";
import { openBeside } from "./open_beside";

export default widgetOf("course", style, async (model) => {
  const course = JSON.parse(String(model.get("_course"))) as CourseInfo;
  const storage = browserStorage();
  const language = signal(languageOf("", storage, codeOf(model.get("language"))));
  return {
    view: ({ dark }, host) => {
      const open = (file: string) => openBeside(file, host);
      const shown = <Course course={course} dark={dark} language={language} storage={storage} open={open} />;
      return { shown, end: () => {} };
    },
    link: () => {
      const stop = language.subscribe((now) => {
        setTrait(model, "language", now);
        keepLanguage(storage, now);
      });
      const take = () => {
        language.value = codeOf(model.get("language"));
      };
      model.on("change:language", take);
      return () => {
        stop();
        model.off("change:language", take);
      };
    },
    handles: {},
  };
});
