import { expect, test } from "vitest";
import { UnsupportedError } from "../../src/errors.js";
import { DEVICES, deviceRuntime, type Device } from "../../src/runtimes/device.js";
import { nodeRuntime } from "../../src/runtimes/node.js";

/** What a device answers to, or why it is not there. */
async function nameOf(device: Device): Promise<string> {
  try {
    return (await deviceRuntime(device)).name;
  } catch (error) {
    return error instanceof UnsupportedError ? error.message : `thrown: ${String(error)}`;
  }
}

test("a device is promised by its name, or refused in a line that says why", async () => {
  for (const device of DEVICES) {
    const expected =
      device === "cpu"
        ? /^onnxruntime-node$/
        : new RegExp(
            `^onnxruntime-node \\(${device}\\)$|the device "${device}" cannot be used here: .+; cpu is`,
          );
    expect(await nameOf(device)).toMatch(expected);
  }
});

test("the processor is the native runtime as it always was", async () => {
  expect((await deviceRuntime("cpu", { threads: 1 })).name).toBe(nodeRuntime().name);
});
