/** A worker that simulates for the page. */
import { serveSimulations } from "amortis";
import { coin } from "../src/coin.js";

serveSimulations(coin);
