import { defineConfig } from "vitest/config";

/** Every code block of every page, run: half an hour of two cores at worst, so that the tests of each change run the guide's alone. */
export default defineConfig({
  test: {
    include: ["docs/test/*.node.test.ts"],
    root: new URL("..", import.meta.url).pathname,
    testTimeout: 900_000,
    hookTimeout: 900_000,
    maxWorkers: 2,
    pool: "forks",
  },
});
