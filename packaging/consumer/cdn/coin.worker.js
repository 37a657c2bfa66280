/** A worker that simulates for the page. Import maps are not for workers, so that it imports by address. */
import { serveSimulations } from "CDN/amortis.js";
import { coin } from "./coin.js";

serveSimulations(coin);
