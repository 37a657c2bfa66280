/**
 * Figures as PNG.
 */
import { createCanvas, GlobalFonts, loadImage } from "@napi-rs/canvas";
import { ReviewError } from "../errors.js";

/** Pixels of the picture for one of the figure. */
const SCALE = 2;

/**
 * Draws an SVG figure.
 *
 * @throws ReviewError where the machine has no fonts to write labels with.
 */
export async function toPng(svg: string): Promise<Uint8Array> {
  if (GlobalFonts.families.length === 0) {
    throw new ReviewError(
      "this machine has no fonts, so figures cannot be drawn as PNG: install one (such as fonts-dejavu)",
    );
  }
  const [, width = "0", height = "0"] = /width="(\d+)" height="(\d+)"/.exec(svg) ?? [];
  const [w, h] = [SCALE * Number(width), SCALE * Number(height)];
  // Scaled as a vector drawing, not as pixels.
  const scaled = svg.replace(`width="${width}" height="${height}"`, `width="${w}" height="${h}"`);
  const image = await loadImage(Buffer.from(scaled));
  const canvas = createCanvas(w, h);
  canvas.getContext("2d").drawImage(image, 0, 0, w, h);
  return canvas.toBuffer("image/png");
}
