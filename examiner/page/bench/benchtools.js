// On the photograph as taken: a scale from a ruler, distances, angles, arrows and words. Never in its pixels.

const TOOLS = {
  scale: { label: "Ruler", points: 2, says: "Click two marks of the ruler, then type the distance between them in mm." },
  distance: { label: "Distance", points: 2, says: "Click two points." },
  angle: { label: "Angle", points: 3, says: "Click the corner, then a point on each side of the angle." },
  arrow: { label: "Arrow", points: 2, says: "Click where the arrow begins, then where it points." },
  note: { label: "Text", points: 1, says: "Click where the text begins." },
};
let tool = null, clicks = [], noted = { annotations: [], scale: null }, picking = null;

function apply(matrix, [x, y]) {
  const [a, b, c, d, e, f, g, h, i] = matrix, w = g * x + h * y + i;
  return [(a * x + b * y + c) / w, (d * x + e * y + f) / w];
}

function paintTools() {
  find(".tools").replaceChildren(...Object.entries(TOOLS).map(([name, { label, says }]) => {
    const button = make("button", "", label);
    button.type = "button";
    button.title = says;
    button.dataset.tool = name;
    button.setAttribute("aria-pressed", String(tool === name));
    button.addEventListener("click", () => takeTool(tool === name ? null : name));
    return button;
  }), undoButton());
}

function undoButton() {
  const button = make("button", "", "Undo mark");
  button.type = "button";
  button.title = "Removes the last arrow or text";
  button.disabled = noted.annotations.length === 0;
  button.addEventListener("click", () => note({ annotations: noted.annotations.slice(0, -1) }));
  return button;
}

function takeTool(name) {
  tool = name;
  clicks = [];
  picking = null;
  if (name) find(".left").value = "taken";
  paintLeft();
  paintTools();
  tell(name ? TOOLS[name].says : "");
}

function tell(words) {
  find(".tool-said").textContent = words;
}

// Whether a press on a pane was for a tool; points are kept in stored pixels.
function toolDown(pane, event) {
  if (pane !== panes[0] || (!tool && !picking)) return false;
  const point = pictureAt(pane, event);
  if (picking) return pickedPoint(pane, point);
  clicks.push(apply(last.to_stored, point));
  paintMarks();
  if (clicks.length === TOOLS[tool].points) useTool();
  return true;
}

function useTool() {
  const points = clicks, name = tool;
  clicks = [];
  if (name === "scale") {
    const mm = Number((prompt("Millimetres between the two marks") || "").replace(",", "."));
    if (mm > 0) note({ measured: "scale", points, mm });
  } else if (name === "arrow" || name === "note") {
    const text = (prompt(name === "note" ? "Text" : "Text beside the arrow; it may stay empty") || "").trim();
    const mark = name === "note" ? { kind: "note", at: points[0], text } : { kind: "arrow", tail: points[0], head: points[1], text };
    if (text || name === "arrow") note({ annotations: [...noted.annotations, mark] });
  } else note({ measured: name, points });
  paintMarks();
}

function note(sent) {
  trigger("note", { examination, photo: Number(find(".which").value), ...sent });
}

function showNoted(answer) {
  if (answer.error) return tell(answer.error);
  noted = answer;
  if (answer.said) tell(answer.said);
  paintTools();
  paintMarks();
}

function paintMarks() {
  const pane = panes[0];
  pane.drawn.replaceChildren();
  if (!pane.picture || !last || find(".left").value !== "taken") return;
  const at = (point) => onScreen(pane, apply(last.to_upright, point));
  for (const mark of noted.annotations) {
    if (mark.kind === "arrow") arrow(pane, at(mark.tail), at(mark.head));
    words(pane, at(mark.kind === "arrow" ? mark.tail : mark.at), mark.text);
  }
  for (const point of clicks) cross(pane, at(point));
  if (picking) for (const point of picking.points) cross(pane, onScreen(pane, point));
}

function line(pane, points) {
  for (const kind of ["halo", "mark"]) pane.drawn.append(svg("polyline", { points: points.map((p) => p.join(",")).join(" "), class: kind }));
}

function arrow(pane, [x0, y0], [x1, y1]) {
  const turn = Math.atan2(y1 - y0, x1 - x0), barb = (side) => [x1 - 12 * Math.cos(turn + side), y1 - 12 * Math.sin(turn + side)];
  line(pane, [[x0, y0], [x1, y1]]);
  line(pane, [barb(0.45), [x1, y1], barb(-0.45)]);
}

function cross(pane, [x, y]) {
  line(pane, [[x - 7, y], [x + 7, y]]);
  line(pane, [[x, y - 7], [x, y + 7]]);
}

function words(pane, [x, y], text) {
  const node = svg("text", { x: x + 6, y: y - 6 });
  node.textContent = text;
  pane.drawn.append(node);
}

// Parameters that are places in the picture before the step: four corners, two corners, a ring.
function pick(link, entry) {
  takeTool(null);
  picking = { link, how: entry.picked, points: [], wanted: { corners: 4, region: 2, ring: 3 }[entry.picked] };
  find(".left").value = chosen > 0 ? "before" : "taken";
  paintLeft();
  panes[0].node.classList.add("tooling");
  tell(`Click ${picking.wanted} points in the left picture; Esc cancels.`);
}

function pickedPoint(pane, point) {
  picking.points.push(point);
  paintMarks();
  if (picking.points.length < picking.wanted) return true;
  const { width, height } = pane.picture, { link, how, points } = picking, shares = points.map(([x, y]) => [clip((x + 0.5) / width), clip((y + 0.5) / height)]);
  const xs = shares.map((p) => p[0]), ys = shares.map((p) => p[1]), away = (i) => (100 * Math.hypot(points[i][0] - points[0][0], points[i][1] - points[0][1])) / Math.min(width, height);
  if (how === "corners") link.parameters.corners = shares;
  if (how === "region") Object.assign(link.parameters, { left: Math.min(...xs), right: Math.max(...xs), top: Math.min(...ys), bottom: Math.max(...ys) });
  if (how === "ring") Object.assign(link.parameters, { x: xs[0], y: ys[0], inner: Math.min(away(1), away(2)), outer: Math.max(away(1), away(2)) });
  endPicking();
  chainChanged();
  return true;
}

function endPicking() {
  picking = null;
  panes[0].node.classList.remove("tooling");
  tell("");
  paintMarks();
}

function clip(share) {
  return Math.max(0, Math.min(1, share));
}
