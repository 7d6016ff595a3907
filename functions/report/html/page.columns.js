"use strict";
// The columns of a table, in forms in which a browser looks through 100,000 rows at once.

const ROWS_IN_A_BLOCK = 10000;

/** The texts of all rows, end to end in a few long ones: a browser looks through those far faster than row by row. */
class Texts {
  constructor(rows) {
    this.size = rows.length;
    this.blocks = [];
    for (let first = 0; first < rows.length; first += ROWS_IN_A_BLOCK) {
      const texts = rows.slice(first, first + ROWS_IN_A_BLOCK).map((row) => `${row.join(" ").toLowerCase()}\n`);
      let end = 0;
      const ends = texts.map((text) => (end += text.length));
      this.blocks.push({ first, ends, text: texts.join("") });
    }
  }

  /** Return, for each row, whether it holds a text that has no end of a line in it. */
  holding(wanted) {
    const found = new Uint8Array(this.size);
    for (const { first, ends, text } of this.blocks) {
      let row = 0, at = text.indexOf(wanted);
      while (at >= 0) {
        while (ends[row] <= at) row += 1;
        found[first + row] = 1;
        at = text.indexOf(wanted, ends[row]);
      }
    }
    return found;
  }
}

/** The words of a column of which there are few. */
class Words {
  constructor(rows, column) {
    const places = new Map();
    this.of = Uint32Array.from(rows, (row) => {
      if (!places.has(row[column])) places.set(row[column], places.size);
      return places.get(row[column]);
    });
    this.known = [...places.keys()];
  }

  /** Return, for each row, whether its word is one of these. */
  among(wanted) {
    const fits = Uint8Array.from(this.known, (word) => wanted.includes(word));
    return this.of.map((word) => fits[word]);
  }
}
