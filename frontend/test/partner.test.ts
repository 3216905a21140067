import { afterEach, expect, test, vi } from "vitest";
import { MOST, Partner, type Request } from "../src/futures/partner";
import { told } from "../src/notebook";

const REQUEST: Request = {
  ...{ state: "", spread: 0.3, times: 160, runs: MOST, moving: false },
  varied: [["price", 0, 1, 2]],
  wanted: ["a", "b"],
};

/** A Python whose answers the test gives by hand. */
function python() {
  const sent: Record<string, unknown>[] = [];
  let hear: (...given: unknown[]) => void = () => {};
  const model = {
    get: () => "",
    set: () => {},
    save_changes: () => {},
    on: (_: string, act: typeof hear) => {
      hear = act;
    },
    off: () => {},
    send: (content: unknown) => void sent.push(content as Record<string, unknown>),
  };
  const answer = (
    more: object = {},
    buffers = [view([0, 1, 2]), view(Array.from({ length: 30 }, (_, i) => i))],
    to = -1,
  ) => {
    const { kind, page, number } = sent.at(to) ?? {};
    hear({ kind, page, number, failed: 2, ...more }, buffers);
  };
  return { partner: new Partner(model), sent, answer, model };
}

/** Numbers that begin at an odd byte, as in a message. */
function view(numbers: readonly number[]): DataView {
  const bytes = new Uint8Array(8 * numbers.length + 3);
  bytes.set(new Uint8Array(Float64Array.from(numbers).buffer), 3);
  return new DataView(bytes.buffer, 3);
}

afterEach(() => vi.useRealTimers());

test("a page that has never heard Python goes on without it, and takes the answer when it comes", async () => {
  const { partner, sent, answer } = python();
  const late = vi.fn();
  partner.onLate = late;
  expect(await partner.ask(REQUEST)).toBeNull();
  expect(await partner.ask(REQUEST)).toBeNull();
  expect(sent.length).toBe(1);
  answer({ page: "another page" });
  expect(late).not.toHaveBeenCalled();
  answer();
  const [[found]] = late.mock.calls as [[{ time: Float64Array; quantiles: Float64Array[][] }]];
  expect([...found.time]).toEqual([0, 1, 2]);
  expect([...(found.quantiles[1]?.[4] ?? [])]).toEqual([27, 28, 29]);
  expect(found).toMatchObject({ failed: 2, runs: MOST });
});

test("a Python that answers is waited for, and one that is busy only for a moment", async () => {
  const { partner, sent, answer } = python();
  await partner.ask(REQUEST);
  answer();
  vi.useFakeTimers();
  const waiting = partner.ask(REQUEST);
  answer({ failed: 0 });
  expect(await waiting).toMatchObject({ failed: 0 });
  const busy = partner.ask(REQUEST);
  await vi.advanceTimersByTimeAsync(1000);
  expect(await busy).toBeNull();
  expect(await partner.ask(REQUEST)).toBeNull();
  expect(sent.length).toBe(3);
  answer();
  const again = partner.ask(REQUEST);
  answer();
  expect(await again).not.toBeNull();
});

test("the next request leaves shortly before the answer to the one before, and no third", async () => {
  const { partner, sent, answer } = python();
  const clock = vi.spyOn(performance, "now");
  let now = 0;
  clock.mockImplementation(() => now);
  await partner.ask(REQUEST);
  answer();
  const measured = partner.ask(REQUEST);
  now = 60;
  answer();
  await measured;
  expect(partner.near).toBe(false);
  const first = partner.ask(REQUEST);
  now = 80;
  expect(partner.near).toBe(false);
  expect(await partner.ask(REQUEST)).toBeNull();
  now = 100;
  expect(partner.near).toBe(true);
  const second = partner.ask({ ...REQUEST, spread: 0.5 });
  expect(partner.near).toBe(false);
  expect(await partner.ask(REQUEST)).toBeNull();
  expect(sent.length).toBe(4);
  now = 120;
  answer({ failed: 1 }, undefined, -2);
  expect(await first).toMatchObject({ failed: 1 });
  now = 170; // Python has had the second one for 50 ms
  expect(partner.near).toBe(true);
  answer({ failed: 3 });
  expect(await second).toMatchObject({ failed: 3 });
  expect(partner.pace).toBe(MOST);
  clock.mockRestore();
});

test("a request of a slider that moves tells Python the settings", async () => {
  const { partner, sent, model } = python();
  await partner.ask(REQUEST);
  expect(told.has(model)).toBe(false);
  const moving = python();
  await moving.partner.ask({ ...REQUEST, moving: true });
  expect(told.has(moving.model)).toBe(true);
  expect([sent[0]?.moving, moving.sent[0]?.moving]).toEqual([false, true]);
});

test("what Python refuses the browser makes", async () => {
  const { partner, answer } = python();
  await partner.ask(REQUEST);
  answer();
  const refused = partner.ask(REQUEST);
  answer({ error: "the model does not know it" }, []);
  expect(await refused).toBeNull();
});

test("fans that take too long while a slider moves have fewer runs, and more again when Python is quick", async () => {
  const { partner, answer } = python();
  await partner.ask(REQUEST);
  answer();
  const clock = vi.spyOn(performance, "now");
  let now = 0;
  clock.mockImplementation(() => now);
  const turn = async (took: number) => {
    const waiting = partner.ask({ ...REQUEST, runs: partner.pace });
    now += took;
    answer();
    await waiting;
    return partner.pace;
  };
  const found = [];
  for (const took of [60, 100, 90, 50, 20, 20, 20]) found.push(await turn(took));
  expect(found).toEqual([1000, 500, 250, 250, 500, 1000, 1000]);
  for (let i = 0; i < 9; i++) await turn(5000);
  expect(partner.pace).toBe(125);
});
