// A table of the page: shows one page of its rows at a time, however many there are.

const PAPER_ROWS = { "": { findings: 2000, others: 100 }, details: { findings: 1000, others: 1000 } };
const ESCAPES = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#x27;" };
const words = JSON.parse(document.getElementById("words").textContent);

const figure = (number) => number.toLocaleString("en");

const escaped = (text) => String(text).replace(/[&<>"']/g, (letter) => ESCAPES[letter]);

/** Fill a fragment as the renderer does: what ends in _html is markup already. */
const fill = (name, fields) =>
  document.getElementById(`fragment-${name}`).text.replace(/\$(\w+)/g, (_, field) =>
    field.endsWith("_html") ? fields[field] : escaped(fields[field]));

const filled = (name, rows) => rows.map((row) => fill(name, row)).join("");

const linked = (url, text) => fill(url ? "link" : "text", { url, text });

/** What rows of several tables need: the number beside the account's name, and the mark of a status or severity. */
const marked = (row, word) => {
  const [level, mark] = words.levels[word];
  return { ...row, number: row.name === row.account ? "" : row.account, level, mark };
};

/** What a fragment needs beyond the fields of its row. */
const views = {
  findings: (row) => ({
    ...marked(row, row.severity),
    note: words.states[row.state],
    resource_html: linked(row.console, row.resource),
    command_html: row.command && fill("command", row),
    runbook_html: row.runbook && linked(row.runbook, words.runbook),
    evidence_html: filled("evidence", row.evidence.map(([term, text]) => ({ term, text }))),
  }),
  accounts(row) {
    const cells_html = filled("cell", row.cells.split(",").map((cell, place) => {
      const [level, mark, label] = words.cells[cell[0] ?? ""], count = cell.slice(1), region = words.regions[place];
      const title = words.title.replace("{region}", region).replace("{label}", label)
        + (count ? words.found.replace("{count}", count) : "");
      return { level: count && level === "fine" ? "found" : level, mark, count, region, title };
    }));
    return { ...row, cells_html };
  },
  gaps: (row) => marked(row, row.status),
  history: (row) => marked(row, row.event),
  actions: (row) => ({
    ...marked(row, row.status),
    changes_html: filled("change", row.changes.map(([member, before, after]) => ({ member, before, after }))),
    subject_html: filled("subject", row.subject.map(([term, text]) => ({ term, text }))),
    allowed_html: row.allowed && fill("allowed", row),
  }),
};

const ranked = new Set(["severity", "status", "state"]);

/** What stands for a value in an order: a rank among its own; no value comes after everything else. */
const rank = (field, value) => (ranked.has(field) ? words.ranks[value] : value === "" ? "\uffff" : value);

/** Let links lead to views of the findings, which they cannot do without a script. */
const pointLinks = (place) => {
  for (const link of place.querySelectorAll("[data-pick]")) if (link.dataset.pick) link.hash = link.dataset.pick;
};

class Listing {
  constructor(place, { fields, rows }) {
    this.place = place;
    this.name = place.dataset.listing;
    this.size = Number(place.dataset.size);
    this.fields = fields;
    this.rows = rows;
    this.texts = new Texts(rows);
    this.page = 0;
    this.sorting = "";
    this.opened = "";
    this.filters = [...place.querySelectorAll("[data-filter]")];
    this.body = place.querySelector("tbody");
    this.addBar();
    this.offerWords();
    for (const button of place.querySelectorAll("[data-sort]")) button.disabled = rows.length < 2;
    this.widen();
    this.defaults = new Map(this.filters.map((filter) => [filter, filter.value]));
    this.sort("");
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

  /** Offer in a select what stands in its column; a select that leaves no choice is not shown. */
  offerWords() {
    const names = new Map(this.rows.map((row) => [row[this.column("account")], row[this.column("name")]]));
    this.words = {};
    for (const select of this.place.querySelectorAll("[data-filter]:not(input)")) {
      const field = select.dataset.filter;
      const { known } = (this.words[field] = new Words(this.rows, this.column(field)));
      if (field === "state") continue;
      const label = (word) => (field === "account" && names.get(word) !== word ? `${names.get(word)} ${word}` : word);
      const options = known.filter(Boolean).map((word) => [rank(field, label(word)), word]);
      options.sort(([a], [b]) => (a < b ? -1 : 1));
      for (const [, word] of options) select.add(new Option(label(word), word));
      select.closest("label").hidden = known.length < 2;
    }
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

  /** Sort by a field, downwards with a minus before it; rows that are equal stand in the order that comes without. */
  sort(sorting) {
    this.sorting = sorting;
    const field = sorting.replace("-", ""), direction = sorting.startsWith("-") ? -1 : 1;
    for (const button of this.place.querySelectorAll("[data-sort]")) {
      const isIt = button.dataset.sort === field, head = button.closest("th");
      if (isIt) head.setAttribute("aria-sort", direction === 1 ? "ascending" : "descending");
      else head.removeAttribute("aria-sort");
    }
    const keys = [...(field ? [[field, direction]] : []), ...words.order[this.name]];
    const columns = keys.map(([key, way]) => [way, this.ranks(key)]);
    this.order = Uint32Array.from(this.rows, (_, number) => number).sort((a, b) => {
      for (const [way, values] of columns) {
        if (values[a] < values[b]) return -way;
        if (values[a] > values[b]) return way;
      }
      return a - b;
    });
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
    this.place.querySelector(".gone").textContent = "";
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
    pointLinks(this.body);
    this.open(this.opened);
  }

  /** Open a finding that is on the page, and return its row. */
  open(id) {
    this.opened = id;
    const row = id && document.getElementById(`finding=${id}`);
    if (row) row.querySelector("details").open = true;
    return row;
  }

  /** Turn to a finding, and open it; filters that leave it out are reset. */
  reveal(id) {
    const column = this.column("id"), number = this.rows.findIndex((row) => row[column] === id);
    if (number >= 0 && !this.shown.includes(number)) {
      for (const [filter, value] of this.defaults) filter.value = value;
      this.filter();
    }
    const place = this.shown.indexOf(number);
    if (place < 0) {
      this.place.querySelector(".gone").textContent = words.gone.replace("{id}", id);
      return null;
    }
    this.page = Math.floor(place / this.size);
    this.opened = id;
    this.draw();
    return this.open(id);
  }

  /** Put on paper what the filter shows, up to a number that a browser can lay out. */
  print(paper) {
    const limits = PAPER_ROWS[paper];
    if (!this.rows.length || !limits) return;
    const limit = limits[this.name] ?? limits.others;
    const rows = this.markup(0, limit).join("").replaceAll("<details>", paper ? "<details open>" : "<details>");
    const columns = this.place.querySelectorAll("thead th").length, left = this.shown.length - limit;
    const text = words.more_on_paper.replace("{count}", figure(left));
    this.body.innerHTML = rows + (left > 0 ? fill("nothing", { columns, text }) : "");
  }
}
