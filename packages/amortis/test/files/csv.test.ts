/**
 * CSV as NumPy, pandas, R, Julia, Excel and people write it.
 */
import { afterEach, describe, expect, it, vi } from "vitest";
import { isArrayData, joinColumns, matchData } from "../../src/data/index.js";
import { FileError, parseCsv } from "../../src/files/index.js";

function range(n: number): number[] {
  return Array.from({ length: n }, (_, i) => i);
}

/** What was read, and what was said of it. */
function reading(text: string) {
  const notes: string[] = [];
  const arrays = parseCsv(text, "a.csv", (note) => notes.push(note));
  return { arrays, notes };
}

/** The same, as the data sets of a model with an array y of three numbers. */
function dataSets(text: string) {
  const { arrays, notes } = reading(text);
  const shapes = { y: [3] };
  const named = isArrayData(arrays)
    ? arrays
    : joinColumns(shapes, arrays, (note) => notes.push(note));
  const { data } = matchData(shapes, named);
  return { size: data.size, y: [...data.column("y")], notes };
}

const TWO = [0.5, 0.6, 0.7, 1.5, 1.6, 1.7];

describe("CSV", () => {
  it.each([
    ["commas", "1,2,3\n4,5,6\n"],
    ["semicolons and blanks", "1; 2; 3\r\n\r\n4 ;5;6"],
    ["tabs", "\uFEFF1\t2\t3\n4\t5\t6"],
    ["spaces and a comment", "# made today\n  1  2 3\n4 5.0 6e0\n"],
  ])("is a matrix: %s", (_, text) => {
    expect(parseCsv(text)).toEqual({ shape: [2, 3], data: Float64Array.of(1, 2, 3, 4, 5, 6) });
  });

  it("has columns by name", () => {
    expect(parseCsv('x,"y[0]","y[1]"\n1,2,3\n4,5,6')).toEqual({
      x: { shape: [2, 1], data: Float64Array.of(1, 4) },
      y: { shape: [2, 2], data: Float64Array.of(2, 3, 5, 6) },
    });
  });

  it("has columns in any order", () => {
    expect(parseCsv("y[1],x,y[0]\n1,2,3\n4,5,6")).toEqual({
      x: { shape: [2, 1], data: Float64Array.of(2, 5) },
      y: { shape: [2, 2], data: Float64Array.of(3, 1, 6, 4) },
    });
    const names = range(12).map((i) => `y[${i}]`);
    const sorted = names.toSorted();
    expect(sorted[1]).toBe("y[10]");
    expect(
      parseCsv(`${sorted.join(",")}\n${sorted.map((name) => name.slice(2, -1)).join()}`),
    ).toEqual({ y: { shape: [1, 12], data: Float64Array.from(range(12)) } });
  });

  it.each([
    ["quoted", '"z[1,0]","z[0,0]","z[0,1]","z[1, 1]"\n3,1,2,4'],
    ["bare", "z[1, 0],z[0,0],z[0,1],z[1,1]\n3,1,2,4"],
    ["with semicolons", "z[1,0];z[0,0];z[0,1];z[1,1]\n3;1;2;4"],
    ["with spaces", "z[1, 0] z[0, 0] z[0, 1] z[1, 1]\n3 1 2 4"],
  ])("has grids, their places %s", (_, text) => {
    expect(parseCsv(text)).toEqual({ z: { shape: [1, 2, 2], data: Float64Array.of(1, 2, 3, 4) } });
  });

  it("refuses columns that are no array", () => {
    expect(() => parseCsv("y[1],y[3]\n1,2", "a.csv")).toThrow(
      'a.csv: the array "y" lacks the column "y[2]": its places are counted from 0, or all from 1',
    );
    expect(() => parseCsv("y[0],y[2]\n1,2")).toThrow('lacks the column "y[1]"');
    expect(() => parseCsv("y[0],y[0]\n1,2")).toThrow('the column "y[0]" is there twice');
    expect(() => parseCsv("y,y\n1,2")).toThrow('the column "y" is there twice');
    expect(() => parseCsv("z[0,0],z[1,1]\n1,2")).toThrow('lacks the column "z[0, 1]"');
    expect(() => parseCsv("z[0],z[0,1]\n1,2")).toThrow(/"z\[0\]" and "z\[0,1\]".*different kinds/);
    // What is no number is part of a name.
    expect(parseCsv("depth[m],y\n1,2")).toHaveProperty(["depth[m]"]);
  });

  it("says where it is wrong", () => {
    expect(() => parseCsv("1,2\n\n3\n", "a.csv")).toThrow(
      "a.csv, line 3: 1 values, where the first line has 2",
    );
    expect(() => parseCsv("1,2\n3,four\n", "a.csv")).toThrow(
      'a.csv, line 2, column 2: "four" is no number',
    );
    expect(() => parseCsv("x,y\n")).toThrow(/header, but no numbers/);
    expect(() => parseCsv(" \n")).toThrow(/is empty/);
    const infinities = parseCsv("nan,-inf,Infinity");
    expect(isArrayData(infinities) ? [...infinities.data] : []).toEqual([
      Number.NaN,
      -Infinity,
      Infinity,
    ]);
  });
});

describe("data frames as CSV", () => {
  const named = /y0, y1, ?.*are taken for the 3 numbers of "y"/;
  it.each([
    [
      "of pandas, without index",
      "0,1,2\n0.5,0.6,0.7\n1.5,1.6,1.7\n",
      /0, 1, 2, is taken for column numbers/,
    ],
    ["of pandas", ",0,1,2\n0,0.5,0.6,0.7\n1,1.5,1.6,1.7\n", /its first column for row names/],
    ["of pandas, with names", ",y0,y1,y2\n0,0.5,0.6,0.7\n1,1.5,1.6,1.7\n", named],
    [
      "of pandas, with one name",
      "y,y.1,y.2\n0.5,0.6,0.7\n1.5,1.6,1.7\n",
      /y, y\.1, y\.2 are taken/,
    ],
    ["of R", '"","V1","V2","V3"\n"1",0.5,0.6,0.7\n"2",1.5,1.6,1.7\n', /V1, V2, V3 are taken/],
    [
      "of R, a matrix",
      '"","y.1","y.2","y.3"\n"1",0.5,0.6,0.7\n"2",1.5,1.6,1.7\n',
      /y\.1, y\.2, y\.3/,
    ],
    ["of R, by write.table", '"V1" "V2" "V3"\n"a" 0.5 0.6 0.7\n"b" 1.5 1.6 1.7\n', /row names/],
    [
      "of R, by write.csv2",
      '"";"y1";"y2";"y3"\n"1";0,5;0,6;0,7\n"2";1,5;1,6;1,7\n',
      /decimal points/,
    ],
    ["of Julia", "x1,x2,x3\n0.5,0.6,0.7\n1.5,1.6,1.7\n", /x1, x2, x3 are taken/],
    ["of Stan", "y.3,y.1,y.2\n0.7,0.5,0.6\n1.7,1.5,1.6\n", /y\.1, y\.2, y\.3 are taken/],
    [
      "with underscores",
      "y_0,y_1,y_2,id\n0.5,0.6,0.7,8\n1.5,1.6,1.7,9\n",
      /y_0, y_1, y_2 are taken/,
    ],
    ["of R, without column names", '"1",0.5,0.6,0.7\n"2",1.5,1.6,1.7\n', /which alone is quoted/],
    [
      "for Excel, which is told the separator",
      "sep=;\n0,5;0,6;0,7\n1,5;1,6;1,7\n",
      /commas are read as decimal points/,
    ],
    ["with decimal commas", "0,5;0,6;0,7\n1,5;1,6;1,7\n", /commas are read as decimal points/],
    [
      "with decimal commas and tabs",
      "0,5\t0,6\t0,7\n1,5\t1,6\t1,7\n",
      /commas are read as decimal/,
    ],
  ])("%s", (_, text, note) => {
    const { size, y, notes } = dataSets(text);
    expect({ size, y }).toEqual({ size: 2, y: TWO });
    expect(notes.join("; ")).toMatch(note);
  });

  it.each([
    ["semicolons", "0.5;0.6;0.7\n1.5;1.6;1.7\n"],
    ["places in brackets", "y[0],y[1],y[2]\n0.5,0.6,0.7\n1.5,1.6,1.7\n"],
    ["places from one on", '"y[1]","y[2]","y[3]"\n0.5,0.6,0.7\n1.5,1.6,1.7\n'],
  ])("are read without a word where nothing is open: %s", (_, text) => {
    expect(dataSets(text)).toEqual({ size: 2, y: TWO, notes: [] });
  });

  it.each([
    [
      "an empty cell in the first line",
      "0.5,0.6,\n1.5,1.6,1.7\n",
      /a\.csv, line 1, column 3 is empty/,
    ],
    ["an empty cell before numbers", ",0.5,0.6\n1.5,1.6,1.7\n", /line 1, column 1 is empty/],
    [
      "an empty cell",
      "0.5,0.6,0.7\n1.5,,1.7\n",
      /line 2, column 2 is empty, where a number is expected: write it, or NA .* missing\(/,
    ],
    ["an empty cell among tabs", "0.5\t0.6\t0.7\n\t1.6\t1.7\n", /line 2, column 1 is empty/],
    ["a line of empty cells", "0.5\t0.6\t0.7\n\t\t\n", /line 2, column 1 is empty/],
    ["an empty cell below a header", 'y0,y1,y2\n0.5,0.6,""\n', /line 2, column 3 is empty/],
    [
      "a header or whole numbers",
      "0,1,2\n3,4,5\n",
      /first line, 0, 1, 2, may be column numbers or data: delete it/,
    ],
    ["a header or numbers from one on", "1,2,3\n0.5,0.6,0.7\n", /write 1\.0 for 1 if it is data/],
    ["a header of years or numbers", "2001,2002,2003\n0.5,0.6,0.7\n", /write 2001\.0 for 2001/],
    ["a header of places", "-400,0,400\n0.5,0.6,0.7\n", /first line, -400, 0, 400, may be/],
    ["a header twice", "0,1,2\n0.5,0.6,0.7\n0,1,2\n1.5,1.6,1.7\n", /line 3: its header again/],
    ["what spreadsheets write for errors", "0.5,0.6,0.7\n#N/A,1.6,1.7\n", /line 2.*#N\/A/],
    ["a named column beside one without", '"a",""\n"1",0.6,0.7\n', /line 1: column 2 has no name/],
    ["a header or a number", "0\n0.5\n0.7\n", /may be column numbers or data/],
    ["names among numbers", "0.5,y,0.7\n1,2,3\n", /"y" is no number, and "0\.5" no name/],
    [
      "commas that may separate thousands",
      "1,000;2,500;3,250\n",
      /may be decimal or separate thousands/,
    ],
    ["two decimal signs", "0,5;0.6;0,7\n", /line 1, column 2: "0\.6" is no number/],
    ["decimal commas between blanks", "0,5 0,6 0,7\n", /line 1, column 2: "5 0" is no number/],
    ["dates", "2026-01-01,1\n2026-01-02,2\n", /"2026-01-01" is no number/],
    ["a column without a name", "y0,,y2\n1,2,3\n", /line 1: column 2 has no name/],
    ["a hexadecimal number", "1,2\n3,0x10\n", /"0x10" is no number/],
  ])("ask where they could mean two things, or miss something: %s", (_, text, message) => {
    expect(() => reading(text)).toThrow(message);
    expect(() => reading(text)).toThrow(FileError);
  });

  it("may begin with any numbers where others are whole as well, or steps differ", () => {
    for (const text of ["400,410,420\n3,4,5\n", "1,2,4\n0.5,0.6,0.7\n", "2001,2002,2003\n"]) {
      expect(reading(text).notes).toEqual([]);
    }
  });

  it("of a column of whole numbers that begins with 0 are counts, which is said", () => {
    const { arrays, notes } = reading("0\n3\n1\n");
    expect(arrays).toEqual({ shape: [3, 1], data: Float64Array.of(0, 3, 1) });
    expect(notes).toEqual(["a.csv: its first line, 0, is taken for a number, not for a header"]);
  });

  it("hold missing values by a word, which data may not have", () => {
    expect(() => dataSets("0.5,0.6,NA\n1.5,1.6,1.7\n")).toThrow(/data set 0: y\[2\] is NaN/);
    // With a comma between, decimal commas are columns of their own.
    expect(() => dataSets("0,5\n0,6\n0,7\n")).toThrow(/given shape \[3, 2\]/);
  });

  it("print what they leave open, unless told where to", () => {
    const warn = vi.spyOn(console, "warn").mockReturnValue();
    parseCsv("0,1\n0.5,0.6\n", "a.csv");
    expect(warn).toHaveBeenCalledExactlyOnceWith(expect.stringContaining("column numbers"));
    warn.mockRestore();
  });
});

describe("columns by number", () => {
  const column = (...values: readonly number[]) => ({
    shape: [values.length],
    data: Float64Array.from(values),
  });

  it("are a grid by axis, in any order", () => {
    const columns = { z_1_0: column(3), z_0_0: column(1), z_1_1: column(4), z_0_1: column(2) };
    expect(joinColumns({ z: [2, 2] }, columns)).toMatchObject({
      z: { shape: [1, 2, 2], data: Float64Array.of(1, 2, 3, 4) },
    });
    const flat = { z1: column(1), z2: column(2), z3: column(3), z4: column(4) };
    expect(matchData({ z: [2, 2] }, flat).data.column("z")).toEqual(Float64Array.of(1, 2, 3, 4));
  });

  it("leave alone what is an array of the model", () => {
    const shapes = { y: [2], y1: [] };
    const columns = { y0: column(1, 2), y1: column(7, 8), y2: column(3, 4) };
    expect(() => matchData(shapes, columns)).toThrow(/"y" is \[2\], 2 numbers.*y0, y2/);
    const better = { y_0: column(1, 2), y1: column(7, 8), y_1: column(3, 4) };
    expect(matchData(shapes, better).data.columns).toEqual({
      y: Float64Array.of(1, 3, 2, 4),
      y1: Float64Array.of(7, 8),
    });
  });

  it("are each there once", () => {
    const one = column(1);
    expect(() => joinColumns({ y: [3] }, { y0: one, y1: one })).toThrow(/2 column\(s\) y0, y1/);
    expect(() => joinColumns({ y: [2] }, { y1: one, y3: one })).toThrow(/counted from 0, or all/);
    expect(() => joinColumns({ y: [2] }, { y1: one, y01: one })).toThrow(/each once/);
    expect(() => joinColumns({ y: [2] }, { y0: one, y1: column(1, 2) })).toThrow(/1 and 2 numbers/);
    // Names that people gave are no order.
    const people = { age: one, height: one };
    expect(() => matchData({ y: [2] }, people)).toThrow(/lack the array "y".*age, height/);
  });
});

describe("the time that CSV takes", () => {
  afterEach(() => {
    vi.restoreAllMocks();
  });

  /** Characters that are looked at one by one, and calls that search on: what reading a text costs. */
  function steps(text: string): number {
    const one = vi.spyOn(String.prototype, "charCodeAt");
    const search = vi.spyOn(String.prototype, "lastIndexOf");
    try {
      parseCsv(text, "a.csv", () => {});
    } catch (error) {
      if (!(error instanceof FileError)) throw error;
    }
    const count = one.mock.calls.length + search.mock.calls.length;
    vi.restoreAllMocks();
    return count;
  }

  it.each([
    ["brackets that open", (n: number) => "[".repeat(n)],
    ["brackets with places", (n: number) => "y[1".repeat(n)],
    ["quotes", (n: number) => '"'.repeat(n)],
    ["a bracket and blanks", (n: number) => `y[0${" ".repeat(n)}`],
    ["digits and a letter", (n: number) => `${"1".repeat(n)}x`],
    ["blanks between numbers", (n: number) => `1${" ".repeat(n)}2`],
    ["brackets and commas", (n: number) => "[,".repeat(n)],
  ])("grows with its length, not its square: %s", (_, text) => {
    const [n, small, large] = [2_000, steps(text(2_000)), steps(text(4_000))];
    expect(small).toBeGreaterThanOrEqual(n);
    expect(large / small).toBeLessThan(2.1);
    // And ends: by the square, this would take minutes.
    expect(steps(text(50_000))).toBeLessThan((50_000 / n) * small * 1.1);
  });
});
