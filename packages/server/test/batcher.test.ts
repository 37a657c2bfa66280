import { expect, test } from "vitest";
import { Batcher, type BatcherOptions } from "../src/queue/batcher.js";
import { Problem } from "../src/problems.js";
import type { Batch, Outcome, Question } from "../src/questions.js";

const question: Question = { data: {}, options: {}, form: "summary", draws: 1 };
const answered: Outcome = { check: { warnings: [], refused: 0 } };

/** Batches that wait until they are let go. */
function held(options: Partial<BatcherOptions> = {}) {
  const batches: Batch[] = [];
  const release: ((how?: Error) => void)[] = [];
  const batcher = new Batcher({
    slots: 1,
    most: 4,
    queue: 6,
    seconds: 30,
    run: (batch) =>
      new Promise((resolve, reject) => {
        batches.push(batch);
        release.push((error) => {
          if (error === undefined) resolve(batch.questions.map(() => answered));
          else reject(error);
        });
      }),
    ...options,
  });
  const sizes = (): readonly (readonly [string, number])[] =>
    batches.map(({ estimator, questions }) => [estimator, questions.length]);
  return { batcher, batches, release, sizes };
}

const turn = (): Promise<void> =>
  new Promise((resolve) => setImmediate(() => setImmediate(resolve)));

test("what waits while all threads are busy goes together, by estimator, oldest first", async () => {
  const { batcher, release, sizes } = held();
  const first = batcher.ask("a", question);
  await turn();
  const rest = ["b", "a", "b", "a", "b"].map((name) => batcher.ask(name, question));
  await turn();
  expect(sizes()).toEqual([["a", 1]]);
  release[0]?.();
  await first;
  await turn();
  expect(sizes()).toEqual([
    ["a", 1],
    ["b", 3],
  ]);
  release[1]?.();
  await turn();
  release[2]?.();
  await Promise.all(rest);
  expect(sizes()[2]).toEqual(["a", 2]);
  expect([batcher.waiting, batcher.accepted]).toEqual([0, 0]);
});

test("a batch has so many requests at most, and idle threads share what came at once", async () => {
  const { batcher, release, sizes } = held();
  const all = Array.from({ length: 6 }, () => batcher.ask("a", question));
  await turn();
  release[0]?.();
  await turn();
  release[1]?.();
  await Promise.all(all);
  expect(sizes().map(([, size]) => size)).toEqual([4, 2]);
  const two = held({ slots: 2 });
  for (let i = 0; i < 5; i++) void two.batcher.ask("a", question);
  await turn();
  expect(two.sizes().map(([, size]) => size)).toEqual([3, 2]);
});

test("beyond the queue, requests are told when to come again", async () => {
  const { batcher } = held();
  void batcher.ask("a", question);
  await turn();
  for (let i = 0; i < 6; i++) void batcher.ask("a", question);
  const refused = await batcher.ask("a", question).catch((error: unknown) => error);
  expect(refused).toBeInstanceOf(Problem);
  expect(refused).toMatchObject({ kind: "too-busy", status: 429, headers: { "retry-after": "1" } });
});

test("of a batch whose thread dies, each request is asked again by itself, and one alone is to blame", async () => {
  const batches: number[] = [];
  const run = async ({ questions }: Batch): Promise<readonly Outcome[]> => {
    batches.push(questions.length);
    if (questions.some(({ options }) => options.seed === 13)) throw new Error("the thread died");
    return questions.map(() => answered);
  };
  const { batcher } = held({ run });
  const asked = [1, 13, 2].map((seed) => batcher.ask("a", { ...question, options: { seed } }));
  const ended = await Promise.allSettled(asked);
  expect(ended.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
  expect(batches).toEqual([3, 1, 1, 1]);
});

test("a client that is gone waits no longer, and what runs is not disturbed", async () => {
  const { batcher, release, sizes } = held();
  const gone = new AbortController();
  const first = batcher.ask("a", question, gone.signal);
  await turn();
  const second = batcher.ask("a", question, gone.signal);
  gone.abort();
  await expect(second).rejects.toThrow("closed the connection");
  release[0]?.();
  await first;
  await batcher.drained();
  expect(sizes()).toEqual([["a", 1]]);
});

test("many draws are a batch of their own, and what waits too long is given up", async () => {
  const { batcher, release, sizes } = held({ seconds: 0.05 });
  const many = { ...question, draws: 3_000 };
  const first = [batcher.ask("a", many), batcher.ask("a", many)];
  await turn();
  expect(sizes()).toEqual([["a", 1]]);
  await new Promise((resolve) => setTimeout(resolve, 80));
  release[0]?.();
  await first[0];
  await expect(first[1]).rejects.toMatchObject({ kind: "unavailable", status: 503 });
  expect(batcher.accepted).toBe(0);
});

test("it is drained once all that was accepted is answered", async () => {
  const { batcher, release } = held();
  const asked = [batcher.ask("a", question), batcher.ask("b", question)];
  await turn();
  let drained = false;
  const done = batcher.drained().then(() => (drained = true));
  release[0]?.();
  await asked[0];
  await turn();
  expect(drained).toBe(false);
  release[1]?.();
  await done;
});
