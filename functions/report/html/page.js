// The page: unpacks its tables, and keeps in its address what they show, so that the address leads there again.

const paper = document.getElementById("paper");
const listings = [];

async function unpack(name) {
  const packed = document.getElementById(`data-${name}`).textContent;
  const bytes = Uint8Array.from(atob(packed), (letter) => letter.charCodeAt(0));
  return new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"))).json();
}

/** The name of something in the address; the findings are named without their table. */
const named = (listing, what) => (listing.name === "findings" ? what : `${listing.name}.${what}`);

/** Yield what a table shows that it does not show by itself, with its names in the address. */
function* differences(listing) {
  for (const [filter, value] of listing.defaults) {
    if (filter.value !== value) yield [named(listing, filter.dataset.filter), filter.value];
  }
  if (listing.sorting) yield [named(listing, "sort"), listing.sorting];
  if (listing.page && !listing.opened) yield [named(listing, "page"), listing.page + 1];
  if (listing.opened) yield [named(listing, "finding"), listing.opened];
}

const shownBy = (listing) => new URLSearchParams([...differences(listing)]).toString();

/** Write into the address what is shown; another step of the same kind does not make another entry of the history. */
let lastStep = "";
function remember(step = "") {
  const view = new URLSearchParams(listings.flatMap((listing) => [...differences(listing)]));
  if (paper.value) view.set("paper", paper.value);
  const address = location.href.split("#")[0] + (`${view}` ? `#${view}` : "");
  if (address === location.href) return;
  history[step && step === lastStep ? "replaceState" : "pushState"](null, "", address);
  lastStep = step;
}

/** Set a filter, also to a word that does not stand in its column on this page. */
function choose(filter, value) {
  filter.value = value;
  if (filter.value !== value) {
    filter.add(new Option(value, value));
    filter.value = value;
    filter.closest("label").hidden = false;
  }
}

/** Show in a table what the address says, and return the finding that it opens. */
function restore(listing, view) {
  for (const [filter, value] of listing.defaults) {
    choose(filter, view.get(named(listing, filter.dataset.filter)) ?? value);
  }
  const sorting = view.get(named(listing, "sort")) ?? "";
  listing.opened = "";
  listing.sort(listing.fields.includes(sorting.replace("-", "")) ? sorting : "");
  listing.filter();
  const page = Number(view.get(named(listing, "page"))) - 1;
  if (page > 0 && page * listing.size < listing.shown.length) {
    listing.page = page;
    listing.draw();
  }
  const id = view.get(named(listing, "finding"));
  return id ? listing.reveal(id) : null;
}

/** Show what the address says, and go there; an address without a view names a section, and changes nothing. */
function follow() {
  const hash = location.hash.slice(1);
  if (hash && !hash.includes("=")) return;
  const view = new URLSearchParams(hash);
  lastStep = "";
  choosePaper(view.get("paper") ?? "");
  const changed = listings.flatMap((listing) => {
    const before = shownBy(listing), row = restore(listing, view);
    return row || shownBy(listing) !== before ? [[listing, row]] : [];
  });
  if (!hash || !changed.length) return;
  const [listing, row] = changed[0], heading = listing.place.querySelector("h2, h3");
  (row ?? heading).scrollIntoView();
  (row?.querySelector("a") ?? heading).focus({ preventScroll: true });
}

/** Set what is printed: the style of the page depends on it. */
function choosePaper(value) {
  paper.value = [...paper.options].some((option) => option.value === value) ? value : "";
  document.documentElement.dataset.paper = paper.value;
}

/** Copy the command beside a button. */
async function copy(button) {
  const code = button.parentElement.querySelector("code"), label = button.firstChild.data;
  getSelection().selectAllChildren(code);
  try {
    await navigator.clipboard.writeText(code.textContent);
  } catch {
    return; // the browser does not allow it: the command stays selected, for a person to copy
  }
  button.firstChild.data = words.copied;
  setTimeout(() => { button.firstChild.data = label; }, 2000);
}

/** Sort, turn the page, or open a finding, and remember it. */
function click(listing, event) {
  const { target } = event, id = target.closest("tr[id]")?.id.replace("finding=", "");
  const button = target.closest("button"), field = button?.dataset.sort;
  if (field) {
    listing.opened = "";
    listing.sort(listing.sorting === field ? `-${field}` : field);
    listing.filter();
  } else if (button?.dataset.page) {
    listing.opened = "";
    listing.turn(Number(button.dataset.page));
  } else if (target.closest("summary")) {
    listing.opened = target.closest("details").open ? "" : id;
  } else if (target.closest(".title a") && !(event.ctrlKey || event.metaKey || event.shiftKey)) {
    event.preventDefault();
    listing.open(id);
  } else return;
  remember();
}

/** Keep up with what a person does with a table. */
function listen(listing) {
  const form = listing.place.querySelector("form");
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("input", ({ target }) => {
    listing.opened = "";
    listing.filter();
    remember(target.type === "search" ? `${listing.name} text` : "");
  });
  form.addEventListener("reset", (event) => {
    event.preventDefault();
    restore(listing, new URLSearchParams());
    remember();
  });
  listing.place.addEventListener("click", (event) => click(listing, event));
}

async function begin() {
  for (const place of document.querySelectorAll("[data-listing]")) {
    listings.push(new Listing(place, await unpack(place.dataset.listing)));
  }
  listings.sort((a, b) => (b.name === "findings") - (a.name === "findings"));
  listings.forEach(listen);
  pointLinks(document);
  paper.closest(".paper").hidden = false;
  paper.addEventListener("input", () => { choosePaper(paper.value); remember(); });
  document.querySelector("[data-print]").addEventListener("click", () => window.print());
  document.addEventListener("click", ({ target }) => { if (target.closest(".copy")) copy(target.closest(".copy")); });
  addEventListener("beforeprint", () => listings.forEach((listing) => listing.print(paper.value)));
  addEventListener("afterprint", () => listings.forEach((listing) => listing.draw()));
  addEventListener("hashchange", follow);
  follow();
  document.documentElement.dataset.ready = "";
}

begin();
