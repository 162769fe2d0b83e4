// The side of the strip: the current position in words, the reason, answers and edits for the mouse.

const CYRILLIC = "АБВГДЕЖЗИКЛМНОПРСТУФХЦЧШЩЭЮЯ";
const LATIN = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ-./";

const ANSWER_BUTTONS = [
  ["Unreadable", "?", () => give(answer("unreadable"))],
  ["No character", "_", () => give(answer("no_character"))],
  ["Trace only", "~", () => give(answer("trace_only"))],
  ["Alternatives", "/", () => openEntry("alternatives")],
  ["Probable", "!", toggleProbable],
  ["Symbol", "#", () => openEntry("symbol")],
];

const EDIT_BUTTONS = [
  ["Undo", "⌫", () => send({ act: "undo" })],
  ["+ before", "⇧Ins", () => edit("insert_before", "before")],
  ["+ after", "Ins", () => edit("insert_position", "after")],
  ["Remove", "Del", () => edit("delete_position", "position")],
  ["Split", "|", () => edit("split_position", "position")],
  ["Merge", "&", () => edit("merge_positions", "position")],
];

const HELP = [
  ["A–Z 0–9, Cyrillic, - .", "the character that you read here; the same key confirms or corrects"],
  ["?", "unreadable"],
  ["_ or Space", "no character"],
  ["~", "trace only"],
  ["/ then 8/3 Enter", "alternatives, the more likely first; “/” alone is the character / itself"],
  ["# then a name, Enter", "symbol: crown, proof mark, star …"],
  ["!", "changes the reading typed last: definite ↔ probable"],
  ["← → ↑ ↓ Home End", "move between positions"],
  ["Page Down", "next open position, least certain first once the proposal is shown"],
  ["Backspace", "undo the last step, back to the lock or the reveal"],
  ["Insert, Shift+Insert", "add a position after, before this one"],
  ["Delete", "remove this position"],
  ["| and &", "split this position; merge it with the next"],
  ["F2, Alt+1 … 9", "reason for this reading, in your own words or the laboratory's; Enter returns"],
  ["F3", "more about this character: ruled out, features seen, best photographs, layer, read from"],
  ["Ctrl+Enter", "the next step, when every position is answered: lock, reveal, show the second reading, sign"],
  ["F4", "time strip: every character in every photograph"],
  ["F6", "compare this character with another one or a typeface; 1 to 4: view, ↑ ↓: the other one"],
  ["F8", "the bench: a chain of enhancement steps, compared, measured, saved as a recipe"],
  ["F7", "case, item, marking and what was done to it"],
  ["F1", "this list"],
  ["Photograph: + − 0, arrows", "zoom, whole photograph, move"],
  ["Photograph: M, X", "zoom to the positions; show or hide the boxes"],
  ["Photograph: hold B", "the photograph as taken"],
  ["Photograph: D", "draw a band; Esc cancels"],
  ["Photograph: P, O", "set points to register by hand (Enter sets, arrows move, Del removes); show the other photograph"],
  ["Photograph: L", "the lamp follows the mouse, when a fused relief is relit"],
];

function buttons(node, list) {
  node.replaceChildren(...list.map(([label, key, action]) => {
    const button = make("button", "", label);
    button.type = "button";
    button.tabIndex = -1;
    button.append(keycap(key));
    button.addEventListener("click", () => { action(); focusCurrent(); });
    return button;
  }));
}

function paintLetters() {
  const node = find(".keys-row");
  for (const line of [LATIN, CYRILLIC]) {
    const row = make("div", "letters");
    for (const letter of line) {
      const button = make("button", "", letter);
      button.type = "button";
      button.tabIndex = -1;
      button.addEventListener("click", () => { give(characterAnswer(letter)); focusCurrent(); });
      row.append(button);
    }
    node.append(row);
  }
}

function paintHelp() {
  const dialog = find(".help"), list = make("dl");
  for (const [keys, meaning] of HELP) list.append(make("dt", "", keys), make("dd", "", meaning));
  const close = make("button", "strong", "Close");
  close.addEventListener("click", () => dialog.close());
  dialog.append(make("h2", "", "Keys"), list, close);
  dialog.addEventListener("close", focusCurrent);
}

function toggleHelp() {
  const dialog = find(".help");
  if (dialog.open) dialog.close();
  else dialog.showModal();
}

function paintEvidence(cell) {
  const node = find(".evidence");
  node.replaceChildren();
  const support = cell && cell.proposed ? cell.proposed.photos : [];
  if (!support.length) return;
  node.append(make("span", "label", "evidence in each photograph, nats"));
  for (const [index, nats] of support) {
    const button = make("button", "photo-link", `${index + 1}: ${nats >= 0 ? "+" : "−"}${Math.abs(nats).toFixed(1)}`);
    button.type = "button";
    button.tabIndex = -1;
    button.title = "Show photograph " + (index + 1);
    button.addEventListener("click", () => announce("photo", { index }));
    node.append(button);
  }
}

function paintDetail() {
  const cell = cellAt(at), enabled = current.may_answer && Boolean(cell);
  find(".where").textContent = cell ? `Position ${cell.n} of ${current.cells.length}, ${cell.line_label}` : "No position";
  find(".what").textContent = cell ? readingWords(asked(cell)) : "";
  find(".told").textContent = cell ? toldWords(cell) : current.empty_detail;
  find(".set").textContent = cell ? likelihoodWords(cell) : "";
  paintEvidence(cell);
  find(".directions").textContent = current.directions;
  find(".directions").title = current.directions;
  find(".limitation").textContent = current.limitation;
  find(".limitation").title = current.limitation_in_full;
  const reason = find("#reason-field");
  if (document.activeElement !== reason) reason.value = cell && asked(cell) ? asked(cell).reason : "";
  reason.disabled = !enabled;
  const why = current.act === "settle" ? "why it is settled so" : "why kept or changed";
  reason.placeholder = current.reasons.length ? why : "optional, in your own words";
  paintReasons(enabled);
  paintMore(cell, enabled);
  for (const button of find(".answers").children) button.disabled = !enabled;
  const [undo, ...edits] = find(".edits").children;
  undo.disabled = !current.may_undo;
  for (const button of edits) button.disabled = !(current.may_edit && cell);
}

// The machine's own position, then the place that the person marked. No line breaks inside a ratio.
function likelihoodWords(cell) {
  const words = [cell.proposed ? cell.proposed.set_words : "", cell.at_place].filter(Boolean).join(" ");
  return words.replaceAll(/ ([:=<>]) /g, "\u00a0$1\u00a0");
}

function toldWords(cell) {
  const named = (label) => label[0].toUpperCase() + label.slice(1);
  const others = cell.others.map(({ label, reading }) => `${named(label)}: ${reading ? readingWords(reading) : "not marked"}. `).join("");
  const why = cell.settled_why.length ? `Settled, ${cell.settled_why.join("; ")}. ` : "";
  if (!current.revealed) return others + why || (asked(cell) ? "" : "Type the character you read.");
  return others + why + (cell.proposed ? `Machine: ${cell.proposed.state_words}.` : "Machine: no position here.");
}

// The laboratory's words for why a reading is kept or changed.
function paintReasons(enabled) {
  const node = find(".reasons");
  show(node, current.reasons.length > 0);
  node.replaceChildren(...current.reasons.slice(0, 9).map((words, i) => {
    const button = make("button", "", words);
    button.type = "button";
    button.tabIndex = -1;
    button.title = words;
    button.disabled = !enabled;
    button.prepend(keycap(String(i + 1)));
    button.addEventListener("click", () => { giveReason(words); focusCurrent(); });
    return button;
  }));
}

const MORE = { excluded: "#excluded-field", features: "#features-field", photos: "#best-field", layer: "#layer-field", over_stamp: "#over-field", read_from: "#from-field" };

function paintMore(cell, enabled) {
  const reading = cell && asked(cell), on = enabled && Boolean(reading);
  show(find(".unread"), !on && !find(".more-fields").hidden);
  for (const [name, selector] of Object.entries(MORE)) {
    const field = find(selector);
    field.disabled = !on;
    if (document.activeElement === field) continue;
    const value = reading ? reading[name] : undefined;
    if (name === "excluded") field.value = (value || []).join("/");
    else if (name === "photos") field.value = (value || []).map((index) => index + 1).join(" ");
    else if (name === "features" || name === "over_stamp") field.value = value || "";
    else field.value = value || field.options[0].value;
  }
}

function moreOf(reading) {
  const numbers = find("#best-field").value.split(/[^0-9]+/).filter(Boolean).map((text) => Number(text) - 1);
  const glyphs = find("#excluded-field").value.split(/[\s/,]+/).map((glyph) => glyph.toUpperCase()).filter(Boolean);
  return {
    ...reading, excluded: [...new Set(glyphs)], photos: [...new Set(numbers.filter((n) => n >= 0))],
    features: find("#features-field").value.trim(), layer: find("#layer-field").value,
    over_stamp: find("#layer-field").value === "over_stamp" ? "" : find("#over-field").value.trim().toUpperCase(), read_from: find("#from-field").value,
  };
}

function paintSteps() {
  find(".more-steps").replaceChildren(...current.more.map((step) => {
    const button = make("button", "plain", step.label + " …");
    button.type = "button";
    button.title = step.asks;
    button.addEventListener("click", () => openStep(step));
    return button;
  }));
}

function paintExports() {
  const node = find(".exports"), known = [...node.children].map((button) => button.dataset.file).join();
  if (known !== current.exports.map(([file]) => file).join()) node.replaceChildren(...current.exports.map(([file, label, title]) => {
    const button = make("button", "plain download", label);
    button.type = "button";
    button.title = title;
    button.dataset.file = file;
    button.addEventListener("click", () => trigger("give_out", { examination: current.examination, file }));
    return button;
  }));
  for (const button of node.children) button.disabled = Boolean(current.busy);
  if (!current.download) return;
  const link = make("a");
  link.href = current.download.url;
  link.download = current.download.name;
  link.click();
}

function paintActions() {
  paintSteps();
  find(".tally").textContent = current.tally;
  const phase = find(".phase-action");
  show(phase, current.step !== null);
  if (current.step) {
    phase.replaceChildren(document.createTextNode(current.step.label), keycap("Ctrl ⏎"));
    phase.disabled = !current.step.ready || Boolean(current.busy);
  }
  paintExports();
  show(find(".follow"), current.revealed && current.may_answer);
  find(".legend").textContent = current.legend;
}
