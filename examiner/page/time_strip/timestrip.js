// The time strip: photographs × positions. What is shown comes from the server; it is asked for while it is open.

const ASK_AGAIN_MS = 800;
const SHADES = {
  evidence: "evidence", sharpness: "sharpness", contrast: "contrast", glare: "glare",
};
const MEASURES = ["sharpness", "contrast", "glare"];

const gridRows = find(".rows"), columnsNode = find(".columns"), shadeChoice = find(".shade"), scroll = find(".scroll");
const rowNodes = new Map();
let current = null, at = { photo: 0, column: 0 }, looked = null, open = false, asked = 0, seenRevealed = null;
let viewed = -1, focusWanted = false;

function rowOf(photo) {
  return current.rows.find((row) => row.index === photo);
}

function shade() {
  return shadeChoice.value;
}

function meaningOf(name) {
  const words = {
    evidence: `nats for the first candidate against the second, not calibrated; a character counts as seen from ${current.seen_nats}`,
    sharpness: "mean slope of grey, % of the scale per 1/64 of the height; grinding lines are sharp too",
    contrast: "5th to 95th percentile of grey, % of the scale",
    glare: "% of pixels at the end of the scale",
  };
  return words[name] || "";
}

// The reading of a cell under the chosen shade: its number, its sign and how much of the bar it fills.
function valueOf(cell) {
  if (shade() === "evidence") {
    if (cell.nats === null) return { text: "–", share: 0, kind: "weak" };
    const kind = Math.abs(cell.nats) < current.seen_nats ? "weak" : cell.nats > 0 ? "towards" : "against";
    const sign = cell.nats > 0 ? "+" : cell.nats < 0 ? "−" : "";
    return { text: sign + Math.abs(cell.nats).toFixed(Math.abs(cell.nats) < 9.95 ? 1 : 0), share: Math.min(1, Math.abs(cell.nats) / 20), kind };
  }
  const number = MEASURES.indexOf(shade()), value = cell.measures[number];
  return { text: value.toFixed(value < 9.95 ? 1 : 0), share: Math.min(1, value / greatest[number]), kind: "plain" };
}

let greatest = [1, 100, 5];

function measureScale() {
  const all = current.rows.flatMap((row) => row.cells.filter(Boolean).map((cell) => cell.measures));
  greatest = [Math.max(0.1, ...all.map((m) => m[0])), 100, Math.max(5, ...all.map((m) => m[2]))];
}

function startsLine(column) {
  return column > 0 && current.columns[column].line !== current.columns[column - 1].line;
}

function paintColumns() {
  const corner = make("span", "corner", current.revealed && current.columns.length ? "proposed : next\nfirst – last seen\nbest" : "");
  columnsNode.replaceChildren(corner, ...current.columns.map((column, i) => {
    const node = make("span", "column" + (startsLine(i) ? " line-start" : ""));
    node.setAttribute("role", "columnheader");
    const name = make("b", "", current.revealed && column.glyphs.length ? glyphText(column.glyphs[0]) : column.said || String(column.n));
    if (column.glyphs.length > 1) name.append(make("span", "", ":" + glyphText(column.glyphs[1])));
    node.append(name);
    if (current.revealed) node.append(...whenTexts(column).map((text) => make("span", "when", text)));
    else if (column.said) node.append(make("span", "when", String(column.n)));
    node.title = columnWords(column);
    return node;
  }));
}

function glyphText(glyph) {
  return glyph === "" ? "∅" : glyph;
}

function whenTexts(column) {
  if (!column.glyphs.length) return ["–"];
  if (!column.seen.length) return ["unseen"];
  const [first, best, last] = column.seen;
  return [first === last ? `${first}` : `${first}–${last}`, `best ${best}`];
}

function columnWords(column) {
  const where = `Position ${column.n}, line ${column.line + 1}`;
  if (!current.revealed) return where;
  if (!column.glyphs.length) return `${where}: nothing proposed here`;
  const over = column.glyphs.length > 1 ? ` over ${glyphText(column.glyphs[1])}` : "";
  const said = `${where}: evidence for ${glyphText(column.glyphs[0])}${over}`;
  if (!column.seen.length) return `${said}; seen in no photograph`;
  const [first, best, last] = column.seen;
  return `${said}; first seen in photograph ${first}, best in ${best}, last in ${last}`;
}

function paintRow(row) {
  const text = JSON.stringify([row, shade(), current.columns, greatest, current.revealed]);
  let known = rowNodes.get(row.index);
  if (!known) {
    known = { node: make("div", "row"), text: "" };
    known.node.setAttribute("role", "row");
    known.node.dataset.photo = row.index;
    rowNodes.set(row.index, known);
  }
  if (known.text !== text) {
    known.text = text;
    known.node.replaceChildren(photoNode(row), ...current.columns.map((column, i) => cellNode(row, column, i)));
  }
  return known.node;
}

function photoNode(row) {
  const node = make("div", "photo");
  node.setAttribute("role", "rowheader");
  node.dataset.column = -1;
  node.tabIndex = -1;
  const state = { waiting: "in preparation …", unaligned: row.registration + ": left out", wrong: row.wrong }[row.state];
  const text = make("span", "text");
  text.append(make("span", "name", row.name));
  if (current.rows.some((other) => other.time)) text.append(make("span", "when", timeText(row.time)));
  if (state) text.append(make("span", row.state === "waiting" ? "words" : "words bad", state));
  else if (row.words) text.append(make("span", "words", row.words));
  node.append(make("span", "tick"), make("span", "n", String(row.index + 1)), text);
  node.title = [row.name, row.time && timeText(row.time), row.words, state].filter(Boolean).join("\n");
  node.setAttribute("aria-label", `Photograph ${row.index + 1}, ${row.name}. ${row.words}. ${state || ""}`);
  return node;
}

// EXIF writes dates with colons.
function timeText(time) {
  return time ? time.slice(0, 10).replaceAll(":", "-") + " " + time.slice(11) : "no EXIF time";
}

function cellNode(row, column, i) {
  const cell = row.cells[i], node = make("div", "cell" + (startsLine(i) ? " line-start" : ""));
  node.setAttribute("role", "gridcell");
  node.dataset.column = i;
  node.tabIndex = -1;
  if (!cell) {
    node.classList.add("none");
    node.setAttribute("aria-label", `Position ${column.n}, photograph ${row.index + 1}: ${row.state === "waiting" ? "not ready yet" : "not in this photograph"}`);
    return node;
  }
  const crop = make("div", "crop"), count = row.cells.length, value = valueOf(cell);
  crop.style.backgroundImage = `url("${row.picture}")`;
  crop.style.backgroundSize = `${count * 100}% 100%`;
  crop.style.backgroundPosition = `${count > 1 ? (i * 100) / (count - 1) : 0}% 0`;
  const bar = make("span", "bar");
  bar.style.width = `${value.share * 100}%`;
  node.append(crop, make("span", "value", value.text), bar);
  node.classList.add(shade() === "evidence" ? "evidence" : "measure", value.kind);
  if (shade() === "evidence" && column.seen[1] === row.index + 1) node.classList.add("best");
  node.title = cellWords(row, column, cell) + (node.classList.contains("best") ? "; best seen here" : "");
  node.setAttribute("aria-label", node.title);
  return node;
}

function cellWords(row, column, cell) {
  const [sharpness, contrast, glare] = cell.measures;
  const parts = [`sharpness ${sharpness.toFixed(1)}`, `contrast ${contrast.toFixed(0)}`, `glare ${glare.toFixed(1)}`];
  if (cell.nats !== null) parts.unshift(`evidence ${cell.nats.toFixed(1)} nats for ${column.glyphs.map(glyphText).join(" over ")}`);
  return `Position ${column.n}, photograph ${row.index + 1}: ${parts.join(", ")}`;
}

function paintShades() {
  const names = Object.keys(SHADES).filter((name) => name !== "evidence" || current.revealed);
  if (seenRevealed === current.revealed && shadeChoice.options.length === names.length) return;
  const before = shadeChoice.value;
  shadeChoice.replaceChildren(...names.map((name) => new Option(SHADES[name], name)));
  shadeChoice.value = current.revealed ? "evidence" : names.includes(before) ? before : "sharpness";
  seenRevealed = current.revealed;
}

// As large as shows all rows and columns, within what can be seen at all and what the crops are made for.
function setCellSize() {
  const wide = (scroll.clientWidth - 260) / Math.max(1, current.columns.length) - 3;
  const high = (scroll.clientHeight - columnsNode.offsetHeight - 14) / Math.max(1, current.rows.length) - 2;
  const height = Math.max(48, Math.min(72, Math.floor(Math.min(high, wide / current.aspect))));
  element.style.setProperty("--h", height + "px");
  element.style.setProperty("--w", Math.round(height * current.aspect) + "px");
}

function focusAt() {
  const known = rowNodes.get(at.photo);
  const node = known && known.node.querySelector(`[data-column="${at.column}"]`);
  for (const other of element.querySelectorAll("[data-column][tabindex='0']")) other.tabIndex = -1;
  if (!node) return null;
  node.tabIndex = 0;
  return node;
}

function moveTo(photo, column) {
  at = { photo, column: Math.max(-1, Math.min(current.columns.length - 1, column)) };
  const node = focusAt();
  if (node) {
    node.focus({ preventScroll: true });
    node.scrollIntoView({ block: "nearest", inline: "nearest" });
    find(".spoken").textContent = node.getAttribute("aria-label");
  }
  paintForm();
}

function step(rows, columns, extend) {
  const index = current.rows.findIndex((row) => row.index === at.photo);
  const next = current.rows[Math.max(0, Math.min(current.rows.length - 1, index + rows))];
  if (!next) return;
  if (extend) chosen.add(at.photo).add(next.index);
  moveTo(next.index, at.column + columns);
  paintChosen();
}

function look() {
  const row = rowOf(at.photo), cell = row && at.column >= 0 ? row.cells[at.column] : null;
  if (!row || (at.column >= 0 && !cell)) return;
  looked = { ...at };
  paintLooked();
  announce("place", { photo: row.index, quad: cell ? cell.quad : null, n: cell ? current.columns[at.column].n : 0 });
}

function paintViewed() {
  for (const [photo, { node }] of rowNodes) node.classList.toggle("viewed", photo === viewed);
}

function paintLooked() {
  for (const node of element.querySelectorAll(".looked")) node.classList.remove("looked");
  const known = looked && rowNodes.get(looked.photo);
  const node = known && known.node.querySelector(`[data-column="${looked.column}"]`);
  if (node && looked.column >= 0) node.classList.add("looked");
}

const KEYS = {
  ArrowUp: (e) => step(-1, 0, e.shiftKey), ArrowDown: (e) => step(1, 0, e.shiftKey),
  ArrowLeft: () => step(0, -1), ArrowRight: () => step(0, 1),
  PageUp: () => step(-5, 0), PageDown: () => step(5, 0),
  Home: () => moveTo(at.photo, -1), End: () => moveTo(at.photo, current.columns.length - 1),
  Enter: () => look(), " ": () => toggleChosen(at.photo), Escape: () => choose([]),
};

function gridKey(event) {
  if (event.ctrlKey && event.key.toLowerCase() === "a") {
    event.preventDefault();
    return choose(current.rows.map((row) => row.index));
  }
  if (event.altKey && (event.key === "ArrowUp" || event.key === "ArrowDown")) {
    event.preventDefault();
    return shift(event.key === "ArrowUp" ? -1 : 1);
  }
  const command = KEYS[event.key];
  if (!command || event.ctrlKey || event.metaKey || event.altKey) return;
  event.preventDefault();
  command(event);
}

function pageKey(event) {
  if (!element.isConnected) return;
  if (event.key === "F4" && !event.altKey && !event.ctrlKey) { event.preventDefault(); setOpen(!open); }
  if (event.key === "F2" && open && current && current.may_describe) { event.preventDefault(); find("[name=method]").select(); }
}

function setOpen(on) {
  open = on;
  if (open) document.documentElement.dataset.lower = "time";
  else delete document.documentElement.dataset.lower;
  announce("lower", { time: open });
  if (!open) return;
  focusWanted = true;
  if (current) render();
  ask();
}

function ask() {
  asked = performance.now();
  const known = current || { examination: "", stamp: "", photos: 0, proposal: "" };
  trigger("refresh", { examination: known.examination, stamp: known.stamp, photos: known.photos, proposal: known.proposal });
}

// A photograph that joins is to be seen though the characters are in view.
function askAgain() {
  if (!element.isConnected || document.hidden || !(open || (current && current.live.on))) return;
  if (performance.now() - asked >= ASK_AGAIN_MS) ask();
}

function paintLive() {
  const button = find(".live"), live = current.live;
  show(button, live.folder !== "");
  button.textContent = live.on ? `Live: ${live.folder}` : "Live";
  button.title = live.on ? `New photographs in ${live.folder} join this series. Press to stop.` : `Watch ${live.folder} for new photographs`;
  button.setAttribute("aria-pressed", String(live.on));
  button.disabled = !current.may_describe;
  find(".hint").textContent = live.hint;
}

function say(text) {
  show(find(".notice"), text !== "");
  find(".notice-text").textContent = text;
}

let saidLive = "", read = "";

function render() {
  if (props.value && props.value.text && props.value.text !== read) {
    read = props.value.text;
    take(JSON.parse(read));
  }
  if (current) paint();
}

function take(value) {
  const before = current;
  current = value;
  if (before && before.examination !== current.examination) { chosen.clear(); rowNodes.clear(); looked = null; say(""); saidLive = ""; }
  if (current.notice) say(current.notice);
  announce("photographs-seen", { examination: current.examination, seen: current.seen });
  const live = current.live.said.join("\n");
  if (live !== saidLive) { saidLive = live; if (live) say(live); }
}

function paint() {
  paintLive();
  if (!open) return;
  const had = gridRows.contains(document.activeElement);
  measureScale();
  paintShades();
  setCellSize();
  find(".by").value = current.order;
  find(".by").disabled = !current.may_describe;
  find(".meaning").textContent = current.columns.length ? meaningOf(shade()) : "";
  find(".meaning").title = find(".meaning").textContent;
  find(".progress").textContent = current.pending ? `${current.rows.length - current.pending} of ${current.rows.length} ready` : "";
  paintColumns();
  const nodes = current.rows.map(paintRow);
  if (nodes.some((node, i) => gridRows.children[i] !== node) || gridRows.children.length !== nodes.length) gridRows.replaceChildren(...nodes);
  find(".nothing").textContent = current.nothing;
  show(find(".nothing"), current.nothing !== "");
  if (!rowOf(at.photo)) at = { photo: current.rows.length ? current.rows[0].index : 0, column: current.columns.length ? 0 : -1 };
  at.column = Math.min(at.column, current.columns.length - 1);
  const node = focusAt();
  if ((had || focusWanted) && node) node.focus({ preventScroll: true });
  if (node) focusWanted = false;
  paintLooked();
  paintViewed();
  paintChosen();
}

gridRows.addEventListener("keydown", gridKey);
gridRows.addEventListener("click", (event) => {
  const node = event.target.closest("[data-column]");
  if (!node) return;
  const photo = Number(node.closest(".row").dataset.photo), column = Number(node.dataset.column);
  if (event.shiftKey) chooseRange(at.photo, photo);
  else if (event.ctrlKey || event.metaKey || event.target.closest(".tick")) toggleChosen(photo);
  moveTo(photo, column);
  if (!event.shiftKey && !event.ctrlKey && !event.metaKey && !event.target.closest(".tick")) look();
});
gridRows.addEventListener("focusin", (event) => {
  const node = event.target.closest("[data-column]");
  if (!node) return;
  at = { photo: Number(node.closest(".row").dataset.photo), column: Number(node.dataset.column) };
  paintForm();
});
shadeChoice.addEventListener("change", render);
find(".by").addEventListener("change", (event) => layOut(event.target.value));
find(".live").addEventListener("click", () => trigger("live", { examination: current.examination, on: !current.live.on }));
find("[data-do=dismiss]").addEventListener("click", () => say(""));
hear("viewing", ({ photo }) => { viewed = photo; paintViewed(); });
hear("toggle-lower", () => setOpen(!open));
document.addEventListener("keydown", pageKey);
new ResizeObserver(() => { if (open && current) setCellSize(); }).observe(scroll);
setInterval(askAgain, 200);
watch("value", render);
render();
