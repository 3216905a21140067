// What a language must say of itself beside its words.

export interface Grammar {
  /** What the button calls it that changes to it. */
  readonly name: string;
  /** As pages and number formats name it. */
  readonly tag: string;
  /** Between two sentences, and between two names of a list. */
  readonly blank: string;
  readonly comma: string;
  /** An enumeration within a sentence: "3, 50 and 68". */
  readonly joined: (parts: readonly string[]) => string;
  /** Between a number and its unit in a sentence. */
  readonly beforeUnit: string;
  /** The word for a unit of time ("year"); undefined for as the model writes it. */
  readonly timeUnit: (unit: string) => string | undefined;
  /** A moment by itself: "year 34.5". */
  readonly moment: (number: string, unit: string) => string;
  /** A moment within a sentence. */
  readonly spoken: (moment: string, time: number) => string;
}
