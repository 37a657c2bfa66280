/**
 * Text from files and from strangers, on its way to a terminal.
 */

/**
 * Text without characters that a terminal obeys instead of showing: those of control, but for line breaks and tabs, and those that turn or hide others.
 * They become escapes as JSON has them, so that a JSON document stays the same document.
 *
 * @example printable("\u001b[2J")   // "\\u001b[2J"
 */
export function printable(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Cf}]/gu, (character) =>
    character === "\n" || character === "\t" ? character : escaped(character),
  );
}

function escaped(character: string): string {
  return Array.from({ length: character.length }, (_, i) => {
    const unit = character.charCodeAt(i).toString(16).padStart(4, "0");
    return `\\u${unit}`;
  }).join("");
}
