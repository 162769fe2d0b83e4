// What is read, cell by cell, with the confidence that goes with it. Keys only; every sign is data.

const SIGNS = { "?": "unreadable", "~": "trace_only", _: "no_character", " ": "no_character" };
let answers = [], cursor = 0, locked = false;

function readingOf(sign) {
  if (SIGNS[sign]) return { state: SIGNS[sign] };
  if (sign.includes("/")) return { state: "alternatives", alternatives: sign.split("/") };
  return { state: "definite", reading: sign };
}

function stated() {
  return answers.map(({ sign, sure }) => ({ reading: readingOf(sign), confidence: sure }));
}

function paintCells(proposed) {
  find(".cells").replaceChildren(...answers.map(({ sign, sure }, i) => {
    const cell = make("div", "cell");
    cell.setAttribute("role", "option");
    cell.setAttribute("aria-selected", String(i === cursor));
    cell.append(make("span", "sign", sign === " " ? "_" : sign), make("span", "sure", Math.round(sure * 100) + " %"));
    if (proposed && proposed.length) cell.append(make("span", "seen", "→ " + (proposed[i] || "–")));
    cell.addEventListener("click", () => { cursor = i; paintCells(proposed); });
    return cell;
  }));
}

function answerKey(event, proposed, changed) {
  if (event.ctrlKey || event.altKey || event.metaKey) return;
  const steps = { ArrowLeft: -1, ArrowRight: 1 }, sureness = { ArrowUp: 0.05, ArrowDown: -0.05 };
  if (event.key in steps) cursor = Math.max(0, Math.min(locked ? answers.length - 1 : answers.length, cursor + steps[event.key]));
  else if (event.key in sureness && answers[cursor]) answers[cursor].sure = Math.max(0, Math.min(1, Math.round((answers[cursor].sure + sureness[event.key]) * 100) / 100));
  else if (event.key === "Backspace" && !locked) { answers.splice(Math.max(0, Math.min(cursor, answers.length) - (answers[cursor] ? 0 : 1)), 1); cursor = Math.min(cursor, answers.length); }
  else if (event.key === "/") { openAlternatives(); event.preventDefault(); return; }
  else if ([...event.key].length === 1) setAnswer(event.key.toUpperCase());
  else return;
  event.preventDefault();
  paintCells(proposed);
  changed();
}

function setAnswer(sign) {
  if (locked && !answers[cursor]) return;
  answers[cursor] = { sign: sign === " " ? "_" : sign, sure: answers[cursor] ? answers[cursor].sure : 0.8 };
  cursor = Math.min(cursor + 1, locked ? answers.length - 1 : answers.length);
}

function openAlternatives() {
  const field = find(".alternatives");
  show(field, true);
  field.value = "";
  field.focus();
}

function takeAlternatives(text) {
  const parts = [...new Set((text.includes("/") ? text.split("/") : [...text]).map((part) => part.trim().toUpperCase()).filter(Boolean))];
  show(find(".alternatives"), false);
  if (parts.length === 1) setAnswer(parts[0]);
  if (parts.length > 1) setAnswer(parts.join("/"));
  find(".cells").focus();
}
