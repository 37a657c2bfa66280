/**
 * Figures as PNG.
 */
import { ReviewError } from "../errors.js";

/** Pixels of the picture for one of the figure. */
const SCALE = 2;

/** The drawing library is a native one, and only pictures need it: it is loaded when one is drawn. */
async function drawing() {
  try {
    return await import("@napi-rs/canvas");
  } catch (cause) {
    throw new ReviewError(
      "figures cannot be drawn as PNG, as the package @napi-rs/canvas does not load on this machine: install it anew (npm ci)",
      { cause },
    );
  }
}

/**
 * Makes sure that figures can be drawn, before there is anything to draw.
 *
 * @throws ReviewError where the machine has no fonts to write labels with, or the drawing library does not load.
 */
export async function requireDrawing(): Promise<void> {
  const { GlobalFonts } = await drawing();
  if (GlobalFonts.families.length === 0) {
    throw new ReviewError(
      "this machine has no fonts, so figures cannot be drawn as PNG: install one (such as fonts-dejavu) and start again",
    );
  }
}

/**
 * Draws an SVG figure.
 *
 * @throws ReviewError where the machine has no fonts to write labels with, or the drawing library does not load.
 */
export async function toPng(svg: string): Promise<Uint8Array> {
  await requireDrawing();
  const { createCanvas, loadImage } = await drawing();
  const [, width = "0", height = "0"] = /width="(\d+)" height="(\d+)"/.exec(svg) ?? [];
  const [w, h] = [SCALE * Number(width), SCALE * Number(height)];
  // Scaled as a vector drawing, not as pixels.
  const scaled = svg.replace(`width="${width}" height="${height}"`, `width="${w}" height="${h}"`);
  const image = await loadImage(Buffer.from(scaled));
  const canvas = createCanvas(w, h);
  canvas.getContext("2d").drawImage(image, 0, 0, w, h);
  return canvas.toBuffer("image/png");
}
