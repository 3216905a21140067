// The stories of a laboratory: that of its lab.toml, else the standard one of what its first charts show.
import { runOf } from "../changes";
import type { Language } from "../description";
import type { Session } from "../session";
import { firstCharts } from "../state";
import { type Sentence, type StoryInfo, storyAbout, tell } from "./story";

const TOLD = 2; // variables, where lab.toml names none

export class Storyteller {
  private readonly stories: readonly StoryInfo[];
  private readonly about = new Map<string, StoryInfo>();

  constructor(private readonly session: Session) {
    const { own, tell: named } = session.description.story;
    const chosen = named.length || own ? named : this.firstLines();
    this.stories = [...(own ? [own] : []), ...chosen.map((name) => this.standard(name))];
  }

  /** The variables that the sentences are about. */
  get needs(): string[] {
    return this.stories.flatMap(({ measures, passages }) => [
      ...Object.values(measures).flatMap(({ subjects }) => subjects.map(({ variable }) => variable)),
      ...passages.flatMap(({ about }) => about),
    ]);
  }

  /** Sentences about the run that the charts show. */
  now(language: Language): Sentence[] {
    return this.stories.flatMap((story) => this.tell(story, language));
  }

  /** Sentences about any variable or element. */
  of(name: string, language: Language): Sentence[] {
    return this.tell(this.standard(name), language);
  }

  private tell(story: StoryInfo, language: Language): Sentence[] {
    const { session } = this;
    const { plan } = session.state.value;
    const changes = runOf({ ...session.state.value, drawn: undefined }, session.catalogue).plan?.changes;
    const baseline = session.ownRun(plan);
    return tell(story, session.results.value.now, language, { baseline, change: changes?.[0]?.time ?? null });
  }

  private standard(name: string): StoryInfo {
    const known = this.about.get(name);
    if (known) return known;
    const { story } = this.session.description;
    const made = storyAbout(story.standard, name, (language) => this.session.catalogue.label(name, language));
    this.about.set(name, made);
    return made;
  }

  private firstLines(): string[] {
    const names = firstCharts(this.session.catalogue).flatMap(({ lines }) => lines.slice(0, 1));
    return [...new Set(names)].slice(0, TOLD);
  }
}
