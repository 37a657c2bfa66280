#!/usr/bin/env node
import module from "node:module";
import { VERSION } from "../dist/version.js";

// Node 22 and later keep compiled code from one run to the next.
module.enableCompileCache?.();
const { main } = await import("@amortis/cli");
process.exitCode = await main(process.argv, VERSION);
