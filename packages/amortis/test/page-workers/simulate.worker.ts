/** A web worker that simulates. */
import { serveSimulations } from "../../src/index.js";
import { crashing, endless, misfit, spring, unheard } from "./models.js";

serveSimulations(spring, crashing, misfit, endless, unheard);
