/**
 * Dynamics by ordinary differential equations, with real data.
 */
export { BOYS, inBed, infected, influenza } from "./influenza.js";
export { hareLynx, hares, logPopulations, lynxes, type Populations } from "./hare-lynx.js";
