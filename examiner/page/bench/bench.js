// The enhancement bench (F8): a chain of steps, its result beside the photograph as taken, three recipes beside each other.

const dialog = find(".bench"), panes = [newPane("as taken"), newPane("result")];
let opened = null, examination = "", read = "", ticket = 0, waiting = null, last = null, sides = [], comparing = false;

find(".panes").append(...panes.map((pane) => pane.node));

function shownPanes() {
  return comparing ? sides : panes;
}

function toggle() {
  if (dialog.open) return dialog.close();
  if (!examination) return;
  dialog.showModal();
  trigger("open", {});
}

function said(words, bad = false) {
  find(".bench-said").textContent = words;
  find(".bench-said").title = words;
  find(".bench-said").classList.toggle("bad", bad);
}

function runSoon(wait) {
  clearTimeout(waiting);
  waiting = setTimeout(run, wait);
}

function run(detail = null) {
  if (!opened) return;
  ticket += 1;
  trigger("run", {
    examination, ticket, chain, photo: Number(find(".which").value), selected: chosen, box: boxInView(panes[1]), detail,
    histogram: find(".want-histogram").checked, spectrum: find(".want-spectrum").checked,
  });
}

// Pixels of the full resolution, where the copies for the browser have fewer.
function askDetail() {
  if (comparing || !last || !dialog.open) return;
  const pane = panes[1], copy = Math.min(1, 2000 / Math.max(pane.picture.width, pane.picture.height));
  if (copy < 1 && scaleOf(pane) * devicePixelRatio > 1.2 * copy) run({ result: boxInView(panes[1]), left: boxInView(panes[0]), what: find(".left").value });
}

function showRan(answer) {
  if (answer.ticket !== ticket) return;
  const pane = panes[1];
  if (answer.error) { show(pane.said, false); return said(answer.error, true); }
  if (answer.part && pane.picture) {
    showPiece(pane, answer.part.url, answer.part.box);
    pane.said.textContent = answer.part.exact ? "the part in view; the whole picture follows" : "preview of the part in view; the whole picture follows";
    show(pane.said, true);
  }
  if (answer.progress) return said(`Working: ${answer.progress}.`);
  if (!answer.result) return;
  last = answer;
  show(pane.said, false);
  showPicture(pane, answer.result);
  paintLeft();
  for (const [at, piece] of [[1, answer.details && answer.details.result], [0, answer.details && answer.details.left]]) if (piece) showPiece(panes[at], piece.url, piece.box);
  // The chain may have been edited since it was asked for: the steps that were run are those with a hash.
  const run = answer.hashes.length;
  said(run ? `${run} steps, ${answer.computed} computed, ${answer.seconds.toFixed(2)} s · result ${answer.hashes.at(-1).slice(0, 12)}` : "as taken");
  paintLooks(answer);
  paintMarks();
}

function paintLeft() {
  if (!last) return;
  const before = find(".left").value === "before", picture = before && last.before ? last.before : last.taken;
  panes[0].label.textContent = before && last.before ? "before the selected step" : "as taken";
  panes[0].node.classList.toggle("tooling", Boolean(tool || picking));
  showPicture(panes[0], picture);
  paintMarks();
}

function paintLooks(answer) {
  const canvas = find(".histogram"), box = find(".spectrum");
  show(canvas, Boolean(answer.histogram));
  show(box, Boolean(answer.spectrum));
  if (answer.histogram) paintHistogram(canvas, answer.histogram);
  if (!answer.spectrum) return;
  const [picture, cut] = box.querySelectorAll("img");
  picture.src = answer.spectrum;
  show(cut, Boolean(answer.notch));
  if (answer.notch) cut.src = answer.notch;
}

function paintHistogram(canvas, { counts, black, white }) {
  const pen = canvas.getContext("2d"), most = Math.max(1, ...counts.flatMap((row) => row.slice(1, -1)));
  pen.clearRect(0, 0, canvas.width, canvas.height);
  pen.globalCompositeOperation = "lighter";
  counts.forEach((row, i) => {
    pen.fillStyle = counts.length === 1 ? "#c9ccd1" : ["#c84848", "#48a848", "#4868d8"][i];
    row.forEach((count, bin) => pen.fillRect((bin * canvas.width) / row.length, canvas.height, canvas.width / row.length, -Math.min(canvas.height, (count / most) * canvas.height)));
  });
  canvas.title = `black ${(100 * black).toFixed(2)} %, white ${(100 * white).toFixed(2)} %`;
}

function showOpened(answer) {
  opened = answer;
  chain = structuredClone(answer.chain);
  chosen = chain.length - 1;
  last = null;
  find(".which").replaceChildren(...answer.photos.map((name, i) => new Option(`${i + 1} ${name}`, i)));
  find(".which").append(new Option("a bare plate (simulated): what appears there was made by the chain", -1));
  find(".which").value = String(answer.photo);
  paintRecipes();
  paintCatalogue();
  paintTools();
  paintChain();
  moveLook({ x: 0.5, y: 0.5, zoom: 1 });
  run();
  note({});
  find(".sought").focus();
}

function paintRecipes() {
  const start = find(".start");
  start.replaceChildren(new Option("choose a recipe …", ""), ...opened.recipes.map((recipe) => new Option(recipe.title, recipe.name)));
  start.value = "";
}

function useRecipe(name) {
  const recipe = opened.recipes.find((known) => known.name === name);
  if (!recipe) return;
  chain = structuredClone(recipe.chain);
  chosen = chain.length - 1;
  chainChanged();
}

function compareThree() {
  comparing = !comparing;
  find("[data-do=side]").setAttribute("aria-pressed", String(comparing));
  show(find(".panes"), !comparing);
  show(find(".sides"), comparing);
  if (!comparing) return moveLook({});
  const names = opened.recipes.filter((recipe) => recipe.chain.length).map((recipe) => recipe.name);
  sides = [0, 1, 2].map((i) => {
    const select = make("select", "label");
    select.append(...opened.recipes.map((recipe) => new Option(recipe.title, recipe.name)));
    select.value = names[i] || opened.recipes[0].name;
    select.addEventListener("change", askSides);
    return newPane(select);
  });
  find(".sides").replaceChildren(...sides.map((pane) => pane.node));
  askSides();
}

function askSides() {
  said("Three recipes are in work.");
  trigger("side", { examination, photo: Number(find(".which").value), recipes: sides.map((pane) => pane.label.value) });
}

function showSides(answer) {
  if (answer.error) return said(answer.error, true);
  answer.panes.forEach((picture, i) => { if (sides[i]) showPicture(sides[i], picture); });
  said(answer.panes.map((pane) => pane.title).join(" · "));
}

function showSuggested(answer) {
  if (answer.error) return said(answer.error, true);
  if (answer.progress) return said(answer.progress);
  if (answer.ranked.length === 0) return said("The readers see no character here, or the result may not be shown yet.");
  const node = find(".step-page"), list = make("ol");
  show(node, true);
  for (const suggestion of answer.ranked) {
    const row = make("li"), button = make("button", "", suggestion.title);
    button.type = "button";
    button.addEventListener("click", () => useRecipe(suggestion.recipe));
    row.append(button, make("p", "", `${signed(suggestion.rise, 2)} nats a position: ${suggestion.why}.`));
    list.append(row);
  }
  node.replaceChildren(make("h3", "", "How much the confidence of the readers rises"), make("p", "lies", "Higher confidence does not mean a correct reading: a recipe that makes a false stroke clearer raises it too."), list);
  said("Recipes ranked by the readers' evidence on this row.");
}

function showKept(answer) {
  if (answer.error) return said(answer.error, true);
  opened.recipes = answer.recipes;
  paintRecipes();
  show(find(".saving-as"), false);
  said(`Saved as ${answer.name}; the page uses it now.`);
}

function render() {
  if (!props.value || !props.value.text || props.value.text === read) return;
  read = props.value.text;
  const answer = JSON.parse(read);
  ({ opened: showOpened, ran: showRan, compared: showSides, suggested: showSuggested, kept: showKept, noted: showNoted })[answer.kind](answer);
}

const DO = {
  close: () => dialog.close(),
  suggest: () => trigger("suggest", { examination, photo: Number(find(".which").value) }),
  side: compareThree,
  save: () => { show(find(".saving-as"), find(".saving-as").hidden); if (!find(".saving-as").hidden) find(".saving-as [name=name]").focus(); },
  use: () => trigger("use", { chain }),
  "b-in": () => moveLook({ zoom: look.zoom * 1.4 }), "b-out": () => moveLook({ zoom: look.zoom / 1.4 }),
  "b-fit": () => moveLook({ x: 0.5, y: 0.5, zoom: 1 }), "b-actual": actualPixels,
  lens: () => { lens = !lens; find("[data-do=lens]").setAttribute("aria-pressed", String(lens)); paintLens(null); },
};

dialog.addEventListener("click", (event) => {
  const button = event.target.closest("[data-do]"), entry = event.target.closest(".entry-step");
  if (button) DO[button.dataset.do]();
  if (entry) addStep(entry.dataset.step);
});
dialog.addEventListener("keydown", (event) => {
  const entry = event.target.closest(".entry-step"), link = event.target.closest(".link");
  if (event.key === "Escape" && (picking || tool)) { event.preventDefault(); picking ? endPicking() : takeTool(null); return; }
  if (entry && event.key === "Enter") addStep(entry.dataset.step);
  if (link && event.target === link) linkKey(event, Number(link.dataset.at));
  if (typing(event) || event.ctrlKey || event.altKey) return;
  const key = { "+": "b-in", "-": "b-out", 0: "b-fit", z: "lens" }[event.key.toLowerCase()];
  if (key) { event.preventDefault(); DO[key](); }
});

function linkKey(event, at) {
  const action = { Enter: () => chooseStep(at), Delete: () => removeStep(at), " ": () => { chain[at].on = !chain[at].on; chainChanged(); }, ArrowUp: () => moveStep(at, at - 1), ArrowDown: () => moveStep(at, at + 1) }[event.key];
  if (!action) return;
  event.preventDefault();
  action();
  const node = find(`.link[data-at="${chosen}"]`);
  if (node) node.focus();
}

find(".sought").addEventListener("input", paintCatalogue);
find(".which").addEventListener("change", () => { comparing ? askSides() : run(); if (find(".which").value >= 0) note({}); else showNoted({ annotations: [], scale: null }); });
find(".start").addEventListener("change", (event) => useRecipe(event.target.value));
find(".left").addEventListener("change", paintLeft);
for (const box of [".want-histogram", ".want-spectrum"]) find(box).addEventListener("change", () => run());
find(".saving-as").addEventListener("submit", (event) => {
  event.preventDefault();
  const fields = event.target.elements;
  trigger("use", { chain, name: fields.name.value, title: fields.title.value, purpose: fields.purpose.value, replacing: fields.replacing.checked });
});
dialog.addEventListener("close", () => { picking = null; announce("focus-current", {}); });
new ResizeObserver(() => { for (const pane of shownPanes()) paintPane(pane); paintMarks(); }).observe(find(".middle"));
hear("strip", (told) => { examination = told.examination; });
hear("bench", toggle);
document.addEventListener("keydown", (event) => {
  if (!element.isConnected || event.key !== "F8" || event.ctrlKey || event.altKey) return;
  event.preventDefault();
  toggle();
});
watch("value", render);
render();
