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
  ["A–Z 0–9, Cyrillic, - .", "that character stands here; the same key confirms or corrects"],
  ["?", "unreadable"],
  ["_ or Space", "no character"],
  ["~", "trace only"],
  ["/ then 8/3 Enter", "alternatives, the more likely first; “/” alone is the sign itself"],
  ["# then a name, Enter", "symbol: crown, proof mark, star …"],
  ["!", "definite ↔ probable, of the reading typed last"],
  ["← → ↑ ↓ Home End", "move between positions"],
  ["Page Down", "next open position, least certain first once the proposal is shown"],
  ["Backspace", "undo the last act since the lock or the reveal"],
  ["Insert, Shift+Insert", "a position after, before this one"],
  ["Delete", "remove this position"],
  ["| and &", "split this position; merge it with the next"],
  ["F2", "reason for this reading; Enter returns"],
  ["Ctrl+Enter", "lock, reveal, sign: the next step, once nothing is open"],
  ["F4", "time strip: every character in every photograph"],
  ["F6", "compare: this character beside another one, or a typeface; 1 to 4 the view, ↑ ↓ what lies beside"],
  ["F1", "this list"],
  ["Photograph: + − 0, arrows", "zoom, whole photograph, move"],
  ["Photograph: M, X", "the positions; boxes on and off"],
  ["Photograph: hold B", "the photograph as taken"],
  ["Photograph: D", "draw a band; Esc leaves"],
  ["Photograph: P, O", "points to lay it over another by hand (Enter sets, arrows move, Del removes); that other photograph"],
  ["Photograph: L", "the lamp follows the mouse, where a relief is lit anew"],
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
  node.append(make("span", "label", "evidence by photograph, nats"));
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
  find(".where").textContent = cell ? `Position ${cell.n} of ${current.cells.length}` : "No position";
  find(".what").textContent = cell ? readingWords(asked(cell)) : "";
  find(".told").textContent = cell ? toldWords(cell) : current.empty_detail;
  find(".set").textContent = cell && cell.proposed ? cell.proposed.set_words : "";
  paintEvidence(cell);
  find(".limitation").textContent = current.limitation;
  find(".limitation").title = current.limitation_in_full;
  const reason = find("#reason-field");
  if (document.activeElement !== reason) reason.value = cell && asked(cell) ? asked(cell).reason : "";
  reason.disabled = !enabled;
  for (const button of find(".answers").children) button.disabled = !enabled;
  const [undo, ...edits] = find(".edits").children;
  undo.disabled = !current.may_undo;
  for (const button of edits) button.disabled = !(current.may_edit && cell);
}

function toldWords(cell) {
  if (!current.revealed) return asked(cell) ? "" : "Type the character you read.";
  const own = current.blind ? `Own: ${cell.own ? readingWords(cell.own) : "not marked"}. ` : "";
  return own + (cell.proposed ? `Machine: ${cell.proposed.state_words}.` : "Machine: no position here.");
}

function paintActions() {
  find(".tally").textContent = current.tally;
  const phase = find(".phase-action");
  show(phase, current.step !== null);
  if (current.step) {
    phase.replaceChildren(document.createTextNode(current.step.label), keycap("Ctrl ⏎"));
    phase.disabled = !current.step.ready || Boolean(current.busy);
  }
  for (const kind of ["json", "csv", "photographs"]) {
    const link = find("." + kind), file = current.downloads[kind];
    show(link, Boolean(file));
    if (file) {
      link.href = file.url;
      link.download = file.name;
    }
  }
  show(find(".follow"), current.revealed && current.may_answer);
  find(".legend").textContent = current.legend;
}
