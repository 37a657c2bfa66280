/**
 * Dynamics: ordinary differential equations with real data, and states that vary in time.
 */
export { BOYS, inBed, infected, influenza } from "./influenza.js";
export { hareLynx, hares, logPopulations, lynxes, type Populations } from "./hare-lynx.js";
export { POPULATION, varyingSir, varyingSirProcess, type VaryingSir } from "./varying-sir.js";
export { volatility, volatilityProcess, type Volatility } from "./volatility.js";
