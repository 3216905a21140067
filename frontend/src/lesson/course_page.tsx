// The page of the course: reads it from the page, and knows how far this browser has come in each lesson.
import { signal } from "@preact/signals";
import { render } from "preact";
import "../laboratory.css";
import "./lesson.css";
import { pick } from "../description";
import { pageSurroundings } from "../surroundings";
import { languageTag } from "../words/languages";
import { browserStorage } from "./answers";
import { Course, type CourseInfo } from "./course";
import { keepLanguage, languageOf } from "./language";

const root = document.getElementById("course");
if (root) {
  const course = JSON.parse(document.getElementById("course_data")?.textContent ?? "") as CourseInfo;
  const storage = browserStorage();
  const language = signal(languageOf(location.search, storage, course.language));
  let first = true;
  language.subscribe((now) => {
    document.documentElement.lang = languageTag(now);
    document.title = pick(course.title, now);
    if (!first) keepLanguage(storage, now);
    first = false;
  });
  const { dark } = pageSurroundings(root);
  render(<Course course={course} dark={dark} language={language} storage={storage} />, root);
  root.dataset.ready = "";
}
