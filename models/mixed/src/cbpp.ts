/**
 * Contagious bovine pleuropneumonia in 15 herds of zebu cattle in the Ethiopian highlands, over four periods of observation: new serological cases among the animals of a herd.
 *
 * Source: Lesnoff, Laval, Bonnet, Abdicho, Workalemahu, Kifle, Peyraud, Lancelot & Thiaucourt 2004, "Within-herd spread of contagious bovine pleuropneumonia in Ethiopian highlands", Preventive Veterinary Medicine 64, 27-40, as in
 * lme4; facts, free of copyright.
 */
const INCIDENCE = [
  2, 3, 4, 0, 3, 1, 1, 8, 2, 0, 2, 2, 0, 2, 0, 5, 0, 0, 1, 3, 0, 0, 1, 8, 1, 3, 0, 12, 2, 0, 0, 0,
  1, 1, 0, 2, 0, 5, 3, 1, 2, 1, 0, 0, 1, 2, 0, 0, 11, 0, 0, 0, 1, 1, 1, 0,
] as const;

const SIZE = [
  14, 12, 9, 5, 22, 18, 21, 22, 16, 16, 20, 10, 10, 9, 6, 18, 25, 24, 4, 17, 17, 18, 20, 16, 10, 9,
  5, 34, 9, 6, 8, 6, 22, 22, 18, 22, 25, 27, 22, 22, 10, 8, 6, 5, 21, 24, 19, 23, 19, 2, 3, 2, 19,
  15, 15, 15,
] as const;

const PERIOD = [
  1, 2, 3, 4, 1, 2, 3, 1, 2, 3, 4, 1, 2, 3, 4, 1, 2, 3, 4, 1, 2, 3, 4, 1, 2, 3, 4, 1, 1, 2, 3, 4, 1,
  2, 3, 4, 1, 2, 3, 4, 1, 2, 3, 4, 1, 2, 3, 4, 1, 2, 3, 4, 1, 2, 3, 4,
] as const;

const HERD = [
  1, 1, 1, 1, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 6, 6, 6, 6, 7, 7, 7, 7, 8, 9, 9, 9, 9,
  10, 10, 10, 10, 11, 11, 11, 11, 12, 12, 12, 12, 13, 13, 13, 13, 14, 14, 14, 14, 15, 15, 15, 15,
] as const;

/** Columns of the study: `incidence` of cases, `size` of the herd then, `period` "1" to "4", and `herd`. */
export const cbpp = {
  incidence: [...INCIDENCE],
  size: [...SIZE],
  period: PERIOD.map(String),
  herd: HERD.map(String),
};
