"use strict";
// Shows one page of rows at a time, however many there are, from the fragments and the data of the document.

const PAPER_ROWS = 1000, ROWS_IN_A_BLOCK = 10000;
const ESCAPES = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#x27;" };
const words = JSON.parse(document.getElementById("words").textContent);
const listings = {};

const figure = (number) => number.toLocaleString("en");

const escaped = (text) => String(text).replace(/[&<>"']/g, (letter) => ESCAPES[letter]);

/** Fill a fragment as the renderer does: what ends in _html is markup already. */
const fill = (name, fields) =>
  document.getElementById(`fragment-${name}`).text.replace(/\$(\w+)/g, (_, field) =>
    field.endsWith("_html") ? fields[field] : escaped(fields[field]));

const place = (row) => ({ ...row, number: row.name === row.account ? "" : row.account });

/** What a fragment needs beyond the fields of its row. */
const views = {
  findings(row) {
    const [level, mark] = words.levels[row.severity];
    const evidence_html = row.evidence.map(([term, text]) => fill("evidence", { term, text })).join("");
    return { ...place(row), level, mark, note: words.states[row.state], evidence_html };
  },
  accounts(row) {
    const cells_html = row.cells.split(",").map((cell, place) => {
      const [level, mark, label] = words.cells[cell[0] ?? ""], count = cell.slice(1), region = words.regions[place];
      const title = words.title.replace("{region}", region).replace("{label}", label)
        + (count ? words.found.replace("{count}", count) : "");
      return fill("cell", { level: count && level === "fine" ? "found" : level, mark, count, region, title });
    }).join("");
    return { ...row, cells_html };
  },
  gaps(row) {
    const [level, mark] = words.levels[row.status];
    return { ...place(row), level, mark };
  },
  actions(row) {
    const [level, mark] = words.levels[row.status];
    return { ...place(row), level, mark };
  },
  history(row) {
    const [level, mark] = words.levels[row.event];
    return { ...place(row), level, mark };
  },
};

const ranked = new Set(["severity", "status", "state"]);
const rank = (field, value) => (ranked.has(field) ? words.ranks[value] : value);

async function unpack(name) {
  const packed = document.getElementById(`data-${name}`).textContent;
  const bytes = Uint8Array.from(atob(packed), (letter) => letter.charCodeAt(0));
  return new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"))).json();
}

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

class Listing {
  constructor(place, { fields, rows }) {
    this.place = place;
    this.name = place.dataset.listing;
    this.size = Number(place.dataset.size);
    this.fields = fields;
    this.rows = rows;
    this.texts = new Texts(rows);
    this.page = 0;
    this.filters = [...place.querySelectorAll("[data-filter]")];
    this.body = place.querySelector("tbody");
    this.addBar();
    this.offerWords();
    this.sort([...words.order[this.name]]);
    this.listen();
    for (const button of place.querySelectorAll("[data-sort]")) button.disabled = rows.length < 2;
    this.widen();
    this.filter();
  }

  /** Offer what finds and turns pages, where there is enough to look through. */
  addBar() {
    const isOffered = this.rows.length >= Number(this.place.dataset.least);
    this.place.querySelector("form").hidden = !isOffered;
    this.place.querySelector(".table").insertAdjacentHTML("beforebegin", fill("bar", { what: this.name }));
    this.place.querySelector(".bar").hidden = !isOffered;
  }

  /** Show all where all fit on a page, or where the filter that the page begins with leaves nothing. */
  widen() {
    for (const select of this.filters.filter(({ dataset, value }) => dataset.filter === "state" && value)) {
      const states = select.value.split(" "), column = this.column("state");
      const fits = this.rows.length <= this.size;
      if (fits || !this.rows.some((row) => states.includes(row[column]))) select.value = "";
    }
  }

  column(field) {
    return this.fields.indexOf(field);
  }

  /** Offer in a select what stands in its column. */
  offerWords() {
    this.words = {};
    for (const select of this.place.querySelectorAll("select")) {
      const field = select.dataset.filter;
      const { known } = (this.words[field] = new Words(this.rows, this.column(field)));
      if (field === "state") continue;
      const sorted = [...known].sort((a, b) => (rank(field, a) < rank(field, b) ? -1 : 1));
      for (const word of sorted) select.add(new Option(word, word));
    }
  }

  listen() {
    const form = this.place.querySelector("form");
    form.addEventListener("submit", (event) => event.preventDefault());
    form.addEventListener("input", () => this.filter());
    form.addEventListener("reset", () => setTimeout(() => this.filter()));
    this.place.addEventListener("click", ({ target }) => {
      const button = target.closest("button");
      if (button?.dataset.sort) this.sortBy(button);
      if (button?.dataset.page) this.turn(Number(button.dataset.page));
    });
  }

  /** Return, for each row, the place of what it has in a column among all that stands there. */
  ranks(field) {
    const column = new Words(this.rows, this.column(field));
    const sorted = column.known.map((word, place) => [rank(field, word), place]);
    sorted.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
    const places = new Uint32Array(sorted.length);
    let last = 0;
    sorted.forEach(([word, place], number) => {
      if (number && word !== sorted[number - 1][0]) last = number;
      places[place] = last;
    });
    return column.of.map((word) => places[word]);
  }

  /** Sort by columns, each [field, 1 or -1]; rows that are equal in all stay in the order of the result. */
  sort(keys) {
    const columns = keys.map(([field, direction]) => [direction, this.ranks(field)]);
    this.order = Uint32Array.from(this.rows, (_, number) => number).sort((a, b) => {
      for (const [direction, values] of columns) {
        if (values[a] < values[b]) return -direction;
        if (values[a] > values[b]) return direction;
      }
      return a - b;
    });
  }

  sortBy(button) {
    const head = button.closest("th");
    const direction = head.getAttribute("aria-sort") === "ascending" ? -1 : 1;
    for (const other of this.place.querySelectorAll("th[aria-sort]")) other.removeAttribute("aria-sort");
    head.setAttribute("aria-sort", direction === 1 ? "ascending" : "descending");
    this.sort([[button.dataset.sort, direction], ...words.order[this.name]]);
    this.filter();
  }

  filter() {
    const passes = new Uint8Array(this.rows.length).fill(1);
    for (const { dataset, value } of this.filters.filter(({ value }) => value.trim())) {
      const found = dataset.filter === "text"
        ? this.texts.holding(value.trim().toLowerCase())
        : this.words[dataset.filter].among(dataset.filter === "state" ? value.split(" ") : [value]);
      for (let row = 0; row < passes.length; row += 1) passes[row] &= found[row];
    }
    this.shown = this.order.filter((row) => passes[row]);
    this.page = 0;
    this.draw();
  }

  turn(by) {
    this.page += by;
    this.draw();
    const same = this.place.querySelector(`[data-page="${by}"]:enabled`);
    (same ?? this.place.querySelector("[data-page]:enabled"))?.focus();
  }

  markup(from, to) {
    return Array.from(this.shown.subarray(from, to), (number) => {
      const row = Object.fromEntries(this.fields.map((field, column) => [field, this.rows[number][column]]));
      return fill(words.fragments[this.name], views[this.name](row));
    });
  }

  draw() {
    if (!this.rows.length) return;
    const pages = Math.ceil(this.shown.length / this.size), from = this.page * this.size;
    const columns = this.place.querySelectorAll("thead th").length;
    const markup = pages ? this.markup(from, from + this.size) : [fill("nothing", { columns, text: words.nothing })];
    this.body.innerHTML = markup.join("");
    this.place.querySelector(".count").textContent = `${figure(this.shown.length)} of ${figure(this.rows.length)}`;
    this.place.querySelector(".pager").hidden = pages < 2;
    this.place.querySelector(".page").textContent = `Page ${figure(this.page + 1)} of ${figure(pages)}`;
    this.place.querySelector("[data-page='-1']").disabled = this.page === 0;
    this.place.querySelector("[data-page='1']").disabled = this.page + 1 >= pages;
    for (const note of this.place.querySelectorAll(".static")) note.hidden = true;
  }

  /** Put on paper what the filter shows, opened, up to a number that a browser can lay out. */
  print() {
    if (!this.rows.length) return;
    const rows = this.markup(0, PAPER_ROWS).join("").replaceAll("<details>", "<details open>");
    const columns = this.place.querySelectorAll("thead th").length, left = this.shown.length - PAPER_ROWS;
    const text = words.more_on_paper.replace("{count}", figure(left));
    this.body.innerHTML = rows + (left > 0 ? fill("nothing", { columns, text }) : "");
  }
}

/** Follow a link that picks rows of the findings: to them, with its words in the filters. */
function pick(link) {
  const listing = listings.findings, wanted = new URLSearchParams(link.dataset.pick);
  for (const filter of listing.filters) filter.value = wanted.get(filter.dataset.filter) ?? "";
  listing.filter();
  listing.place.scrollIntoView();
  document.getElementById("findings-title").focus({ preventScroll: true });
}

async function begin() {
  for (const place of document.querySelectorAll("[data-listing]")) {
    listings[place.dataset.listing] = new Listing(place, await unpack(place.dataset.listing));
  }
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-pick]");
    if (!link?.dataset.pick) return;
    event.preventDefault();
    pick(link);
  });
  addEventListener("beforeprint", () => Object.values(listings).forEach((listing) => listing.print()));
  addEventListener("afterprint", () => Object.values(listings).forEach((listing) => listing.draw()));
  document.documentElement.dataset.ready = "";
}

begin();
