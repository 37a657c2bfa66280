/**
 * Settings that many parts have.
 */
import * as z from "zod";

/** A whole number from 1 on. */
export const whole = z.int().min(1);

/** A number above 0. */
export const positive = z.number().gt(0);

/** A share, of units to drop for instance: from 0 on, below 1. */
export const share = z.number().min(0).lt(1);

/** Widths of layers. */
export const widths = z.array(whole).readonly();
