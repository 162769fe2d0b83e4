// Decisions: focus and keys live here; every act goes to the server, one at a time, and its answer is the truth.

let current = null, at = null, lastTyped = null, entryKind = null, sent = 0, waiting = null, stepWanted = false;
const pending = new Map(), outbox = [];

function cellAt(id) {
  return current ? current.cells.find((cell) => cell.id === id) : undefined;
}

function focusCurrent() {
  const entry = cellNodes.get(at);
  if (entry) entry.cell.focus({ preventScroll: true });
}

function moveTo(id, focus = true) {
  if (id === undefined || id === null) return;
  at = id;
  markCurrent();
  paintDetail();
  if (focus) focusCurrent();
  announce("selected", { id });
  const cell = cellAt(at);
  if (cell) find(".live").textContent = `Position ${cell.n}, ${spoken(cell)}`;
}

// Who goes elsewhere means the position there, no longer the one typed last.
function goTo(id) {
  lastTyped = null;
  moveTo(id);
}

function neighbour(step) {
  const index = current.cells.findIndex((cell) => cell.id === at);
  const next = current.cells[Math.max(0, Math.min(current.cells.length - 1, index + step))];
  return next ? next.id : null;
}

function lineNeighbour(step) {
  const lines = [...new Set(current.cells.map((cell) => cell.line))], cell = cellAt(at);
  if (!cell) return null;
  const line = lines[lines.indexOf(cell.line) + step];
  const rank = current.cells.filter((other) => other.line === cell.line).indexOf(cell);
  const row = current.cells.filter((other) => other.line === line);
  return row.length ? row[Math.min(rank, row.length - 1)].id : at;
}

function leastCertainOpen() {
  const open = current.cells.filter((cell) => !asked(cell) && cell.id !== at);
  const certainty = (cell) => (cell.proposed ? cell.proposed.candidates[0].p : -1);
  if (current.revealed) open.sort((a, b) => certainty(a) - certainty(b));
  return open.length ? open[0].id : null;
}

function afterAnswer() {
  const next = current.revealed && find(".order").value === "least" ? leastCertainOpen() : neighbour(1);
  moveTo(next === null ? at : next);
}

function send(act) {
  if (!current) return;
  const nothingToUndo = !current.may_undo && waiting === null && outbox.length === 0;
  if (act.act === "undo" && nothingToUndo) return;
  outbox.push({ act, examination: current.examination });
  flush();
}

// Acts leave one by one: the next only after the server has answered the one before.
function flush() {
  if (waiting !== null) return;
  if (outbox.length === 0) return takeStep();
  const next = outbox.shift();
  sent += 1;
  waiting = sent;
  trigger("act", { ...next, reply: sent, seen: current.seen });
}

function give(reading, stay = false) {
  const cell = cellAt(at);
  if (!cell || !current.may_answer) return;
  reading.reason = reading.reason || (asked(cell) || { reason: "" }).reason || find("#reason-field").value;
  reading = withWhatWasSaid(reading, asked(cell));
  pending.set(cell.id, reading);
  fillCell(cellNodes.get(cell.id), cell);
  send({ act: current.act, position: cell.id, reading });
  if (!stay) afterAnswer();
  else paintDetail();
}

function toggleProbable() {
  const typed = cellAt(lastTyped) && asked(cellAt(lastTyped)) ? cellAt(lastTyped) : cellAt(at);
  const reading = typed && asked(typed);
  if (!reading || !["definite", "probable"].includes(reading.state)) return;
  const back = at;
  at = typed.id;
  give({ ...reading, state: reading.state === "definite" ? "probable" : "definite" }, true);
  moveTo(back);
}

function typeCharacter(character) {
  lastTyped = at;
  give(characterAnswer(character));
}

function edit(act, field) {
  if (!current.may_edit || !cellAt(at)) return;
  send({ act, [field]: at });
}

function phaseStep() {
  stepWanted = Boolean(current && current.step);
  flush();
}

function takeStep() {
  if (!stepWanted) return;
  stepWanted = false;
  if (current.step && current.step.ready && !current.busy) trigger("step", { examination: current.examination, step: current.step.name, seen: current.seen });
}

// A reason goes to the reading that was typed last, as ! does, where it has none yet.
function giveReason(words) {
  const last = cellAt(lastTyped), wants = last && asked(last) && !asked(last).reason;
  const back = at, cell = wants ? last : cellAt(at);
  if (!cell || !asked(cell)) return;
  at = cell.id;
  give(withReason(asked(cell), words), true);
  if (wants && back !== cell.id) moveTo(back);
}

// A step that is said in words: typed in the same field as alternatives are.
function openStep(step) {
  entryKind = step;
  find(".entry-label").textContent = step.asks + ", then Enter";
  find("#entry-field").maxLength = 2000;
  show(find(".entry"), true);
  find("#entry-field").value = "";
  find("#entry-field").focus();
}

function openEntry(kind) {
  if (!current.may_answer || !cellAt(at)) return;
  entryKind = kind;
  find(".entry-label").textContent = kind === "symbol" ? "Symbol, then Enter" : "Alternatives, then Enter: 8/3";
  show(find(".entry"), true);
  find("#entry-field").value = "";
  find("#entry-field").focus();
}

function closeEntry() {
  show(find(".entry"), false);
  find("#entry-field").maxLength = 60;
  entryKind = null;
  focusCurrent();
}

function entryKey(event) {
  if (event.key === "Escape") return closeEntry();
  if (event.key !== "Enter") return;
  event.preventDefault();
  const text = event.target.value, step = typeof entryKind === "object" ? entryKind : null;
  if (step) {
    closeEntry();
    if (text.trim()) trigger("step", { examination: current.examination, step: step.name, said: text.trim(), seen: current.seen });
    return;
  }
  const reading = entryKind === "symbol" ? symbolAnswer(text) : alternativesAnswer(text);
  closeEntry();
  lastTyped = at;
  if (reading) give(reading);
}

function reasonKey(event) {
  if (event.key !== "Enter" && event.key !== "Escape") return;
  event.preventDefault();
  const cell = cellAt(at), reading = cell && asked(cell), text = event.target.value.trim();
  if (event.key === "Enter" && reading && reading.reason !== text) give(withReason(reading, text), true);
  focusCurrent();
}

function withReason(reading, text) {
  return { ...reading, reason: text };
}

const WAYS = {
  ArrowLeft: () => neighbour(-1), ArrowRight: () => neighbour(1),
  ArrowUp: () => lineNeighbour(-1), ArrowDown: () => lineNeighbour(1),
  Home: () => current.cells[0].id, End: () => current.cells[current.cells.length - 1].id,
  PageDown: leastCertainOpen,
};

const COMMANDS = {
  Backspace: () => send({ act: "undo" }),
  Delete: () => edit("delete_position", "position"), "|": () => edit("split_position", "position"),
  "&": () => edit("merge_positions", "position"), "!": toggleProbable,
  "/": () => openEntry("alternatives"), "#": () => openEntry("symbol"),
};

function cellKey(event) {
  const composed = event.getModifierState && event.getModifierState("AltGraph");
  if ((event.ctrlKey || event.altKey || event.metaKey) && !composed) return;
  const way = WAYS[event.key];
  const command = way ? () => goTo(way()) : event.key === "Insert" ? () => insertBeside(event.shiftKey) : COMMANDS[event.key];
  const whole = WHOLE_ANSWERS[event.key];
  if (!command && !whole && [...event.key].length !== 1) return;
  event.preventDefault();
  if (command) command();
  else if (whole) { lastTyped = at; give(answer(whole)); }
  else typeCharacter(event.key);
}

function insertBeside(before) {
  if (before) edit("insert_before", "before");
  else edit("insert_position", "after");
}

function pageKey(event) {
  if (!element.isConnected) return;
  if (event.key === "F1") { event.preventDefault(); toggleHelp(); }
  if (event.key === "Enter" && event.ctrlKey) { event.preventDefault(); phaseStep(); }
  if (event.altKey && !event.ctrlKey && /^[1-9]$/.test(event.key) && current && current.reasons[event.key - 1]) {
    event.preventDefault();
    giveReason(current.reasons[event.key - 1]);
  }
  if (event.key === "F3" && !event.ctrlKey) { event.preventDefault(); toggleMore(); }
  if (event.key === "F2" && current && cellAt(at)) { event.preventDefault(); find("#reason-field").focus(); }
}

function toggleMore() {
  const fields = find(".more-fields"), open = fields.hidden;
  show(fields, open);
  show(find(".answers"), !open);
  find(".detail").classList.toggle("telling-more", open);
  find("[data-do=more]").setAttribute("aria-pressed", String(open));
  if (current) paintDetail();
  if (open && !find("#excluded-field").disabled) find("#excluded-field").focus();
  else focusCurrent();
}

function moreKey(event) {
  if (event.key !== "Enter" && event.key !== "Escape") return;
  event.preventDefault();
  if (event.key === "Enter") giveMore();
  focusCurrent();
}

function giveMore() {
  const cell = cellAt(at), reading = cell && asked(cell);
  if (!reading) return;
  const said = moreOf(reading);
  if (JSON.stringify(said) !== JSON.stringify({ ...reading })) give(said, true);
}

// Views may come twice or late; only acts under way and what was answered to them outlive another examination or phase.
function receive(view) {
  const same = current !== null && current.examination === view.examination;
  if (waiting !== null && view.reply >= waiting) waiting = null;
  if (same && view.stamp > 0 && view.stamp <= current.stamp) return false;
  if (!same || current.phase !== view.phase) { waiting = null; outbox.length = 0; pending.clear(); }
  // What waits was meant for a state that is gone: its author has to look first.
  if (view.stale) { waiting = null; outbox.length = 0; pending.clear(); stepWanted = false; }
  current = view;
  return true;
}

function settle() {
  if (waiting === null && outbox.length === 0) pending.clear();
}

function paintNotice() {
  const notice = find(".notice");
  show(notice, Boolean(current.notice));
  find(".notice-text").textContent = current.notice ? current.notice.text : "";
  notice.classList.toggle("bad", Boolean(current.notice) && current.notice.kind === "error");
  show(find(".busy"), Boolean(current.busy));
  find(".busy-text").textContent = current.busy || "";
  show(find(".nothing"), current.cells.length === 0 && !current.busy);
  find(".nothing").textContent = current.nothing;
}

// Where the focus goes when positions came, went or the phase changed.
function settleFocus(before) {
  const had = element.contains(document.activeElement) || document.activeElement === document.body;
  if (!cellAt(at)) at = newPosition(before);
  const fresh = !before || before.examination !== current.examination || before.phase !== current.phase;
  if (fresh || before.cells.length === 0) at = current.cells.length ? (current.cells.find((cell) => !asked(cell)) || current.cells[0]).id : null;
  markCurrent();
  const arrived = before && before.cells.length === 0 && current.cells.length > 0;
  if (at !== null && (fresh || !before.cells.some((cell) => cell.id === at))) announce("selected", { id: at });
  if (at !== null && (arrived || had) && !typing({ target: document.activeElement }) || arrived) focusCurrent();
}

function newPosition(before) {
  const known = before ? before.cells.map((cell) => cell.id) : [];
  const fresh = current.cells.find((cell) => !known.includes(cell.id));
  if (fresh) return fresh.id;
  const index = before ? before.cells.findIndex((cell) => cell.id === at) : 0;
  const near = current.cells[Math.min(Math.max(index, 0), current.cells.length - 1)];
  return near ? near.id : null;
}

function render() {
  if (!props.value || !props.value.cells) return;
  const before = current;
  if (!receive(props.value)) { settle(); paintCells(); return flush(); }
  announce("strip", { examination: current.examination });
  settle();
  paintNotice();
  paintCells();
  settleFocus(before);
  paintDetail();
  paintActions();
  flush();
}

buttons(find(".answers"), ANSWER_BUTTONS);
buttons(find(".edits"), EDIT_BUTTONS);
paintLetters();
paintHelp();
rows.addEventListener("keydown", (event) => { if (event.target.closest(".cell")) cellKey(event); });
rows.addEventListener("click", (event) => {
  const cell = event.target.closest(".cell");
  if (cell) goTo(Number(cell.dataset.id));
});
rows.addEventListener("focusin", (event) => {
  const cell = event.target.closest(".cell");
  if (cell && Number(cell.dataset.id) !== at) moveTo(Number(cell.dataset.id), false);
});
find("#entry-field").addEventListener("keydown", entryKey);
find("#reason-field").addEventListener("keydown", reasonKey);
for (const selector of Object.values(MORE)) {
  find(selector).addEventListener("keydown", moreKey);
  find(selector).addEventListener("change", giveMore);
}
find("[data-do=more]").addEventListener("click", toggleMore);
find("[data-do=dismiss]").addEventListener("click", () => { show(find(".notice"), false); focusCurrent(); });
find("[data-do=help]").addEventListener("click", toggleHelp);
find("[data-do=phase]").addEventListener("click", phaseStep);
find("[data-do=letters]").addEventListener("click", (event) => {
  const row = find(".keys-row");
  show(row, row.hidden);
  event.currentTarget.setAttribute("aria-pressed", String(!row.hidden));
  document.documentElement.style.setProperty("--keys", row.hidden ? "0px" : "70px");
  focusCurrent();
});
find("[data-do=compare]").addEventListener("click", () => announce("compare", {}));
hear("focus-current", focusCurrent);
// The time strip shows photographs that were described or ordered there: this window has seen that.
hear("photographs-seen", ({ examination, seen }) => {
  if (current && current.examination === examination) current.seen = { ...current.seen, photographs: seen.photographs };
});
find("[data-do=time]").addEventListener("click", () => announce("toggle-lower", {}));
hear("lower", ({ time }) => {
  find("[data-do=time]").setAttribute("aria-pressed", String(time));
  if (!time) focusCurrent();
});
document.addEventListener("keydown", pageKey);
hear("select", ({ id, focus }) => moveTo(id, focus));
watch("value", render);
render();
