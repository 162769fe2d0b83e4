// One cell per position: crop, proposal, own reading, decision. Cells are kept and refilled, never re-created.

const rows = find(".rows");
const cellNodes = new Map();

function newCell(id) {
  const cell = make("div", "cell");
  cell.dataset.id = id;
  cell.setAttribute("role", "option");
  cell.tabIndex = -1;
  const crop = make("img", "crop");
  crop.draggable = false;
  const parts = {
    head: make("div", "head"), crop, candidates: make("div", "candidates"),
    own: make("div", "own"), final: make("div", "final"), word: make("div", "word"),
  };
  const frame = make("div", "frame");
  parts.edges = make("span", "edges");
  frame.append(crop, parts.edges);
  cell.append(parts.head, frame, parts.candidates, parts.own, parts.final, parts.word);
  cellNodes.set(id, { cell, parts });
  return cellNodes.get(id);
}

function candidateRow(candidate) {
  const row = make("div", "candidate");
  const bar = make("span", "bar");
  const filled = make("i");
  filled.style.width = Math.max(1, Math.min(100, candidate.p * 100)) + "%";
  bar.append(filled);
  const number = make("span", "number", percent(candidate.p));
  number.append(make("span", "unit", " %"));
  row.append(make("span", "glyph", glyphName(candidate.glyph)), bar, number);
  return row;
}

function fillCandidates(node, cell) {
  show(node, current.revealed);
  if (!current.revealed) return node.replaceChildren();
  if (!cell.proposed) return node.replaceChildren(make("p", "none", "no position proposed here"));
  node.replaceChildren(...cell.proposed.candidates.slice(0, 4).map(candidateRow));
}

function flag() {
  const node = make("span", "flag", "≠");
  node.append(make("span", "", " differs"));
  return node;
}

// What stands beside the answer: the own reading, or those of both examiners.
function fillOthers(node, cell) {
  show(node, cell.others.length > 0);
  node.classList.toggle("two", cell.others.length > 1);
  node.replaceChildren(...cell.others.map((other) => {
    const said = make("span", "said");
    said.append(make("span", "label", other.label), make("span", "value", other.reading ? readingText(other.reading) : "—"));
    return said;
  }));
}

// The reading that this phase asks for: own before the lock, the decision after the reveal, what both settle on.
function asked(cell) {
  return pending.get(cell.id) || cell.asked;
}

function stateWord(state) {
  return (current && current.scale[state]) || STATES[state].word;
}

function fillWord(node, cell) {
  const reading = asked(cell);
  const open = current.act === "settle" ? "to settle" : current.act === "decide" ? "to decide" : "open";
  const icon = reading ? STATES[reading.state].icon : "○";
  node.replaceChildren(make("span", "icon", icon), make("span", "", reading ? stateWord(reading.state) : open));
}

function fillCell(entry, cell) {
  const { parts } = entry, reading = asked(cell);
  parts.head.replaceChildren(make("span", "n", String(cell.n)));
  if (pending.has(cell.id)) parts.head.append(make("span", "saving", "…"));
  if (cell.differs) parts.head.append(flag());
  if (parts.crop.getAttribute("src") !== cell.crop) parts.crop.src = cell.crop;
  parts.edges.style.width = cell.share[0] * 100 + "%";
  parts.crop.alt = "Enlarged photograph of position " + cell.n;
  fillCandidates(parts.candidates, cell);
  fillOthers(parts.own, cell);
  parts.final.textContent = reading ? readingText(reading) : "";
  parts.final.classList.toggle("long", parts.final.textContent.length > 3);
  fillWord(parts.word, cell);
  entry.cell.className = "cell " + (reading ? reading.state : "open") + (cell.differs ? " differs" : "");
  entry.cell.setAttribute("aria-label", `Position ${cell.n}, ${spoken(cell)}`);
}

function spoken(cell) {
  const whose = { settle: "settled", decide: "decision" }[current.act] || (current.revealed ? "decision" : "your reading");
  const said = `${whose}: ${readingWords(asked(cell))}`;
  if (!current.revealed) return said;
  return `${proposalWords(cell.proposed)}${cell.differs ? ", readings differ" : ""}; ${said}`;
}

function paintCells() {
  const wanted = new Set(current.cells.map((cell) => cell.id));
  for (const id of [...cellNodes.keys()]) {
    if (!wanted.has(id)) {
      cellNodes.get(id).cell.remove();
      cellNodes.delete(id);
    }
  }
  const byLine = new Map();
  for (const cell of current.cells) {
    const entry = cellNodes.get(cell.id) || newCell(cell.id);
    fillCell(entry, cell);
    if (!byLine.has(cell.line)) byLine.set(cell.line, []);
    byLine.get(cell.line).push(entry.cell);
  }
  paintRows([...byLine.values()]);
  setCellWidth(Math.max(1, ...[...byLine.values()].map((line) => line.length)));
}

// As wide as the longest line allows; wide enough to read, low enough not to scroll.
function setCellWidth(longest) {
  const free = find(".board").clientWidth - 32 - 8 * (longest - 1);
  const width = Math.max(76, Math.min(120, Math.floor(free / longest)));
  rows.style.setProperty("--cell", width + "px");
  rows.classList.toggle("dense", width < 90);
}

function paintRows(lines) {
  while (rows.children.length > lines.length) rows.lastElementChild.remove();
  lines.forEach((nodes, i) => {
    const row = rows.children[i] || rows.appendChild(make("div", "line"));
    const same = row.children.length === nodes.length && nodes.every((node, j) => row.children[j] === node);
    if (!same) row.replaceChildren(...nodes);
  });
}

function markCurrent() {
  if (cellNodes.has(at)) cellNodes.get(at).cell.scrollIntoView({ block: "nearest", inline: "nearest" });
  for (const [id, { cell }] of cellNodes) {
    cell.setAttribute("aria-selected", String(id === at));
    cell.tabIndex = id === at ? 0 : -1;
  }
}
