// The catalogue and the chain: what can be added, what is in it, and the page of the step that is chosen.

let chain = [], chosen = -1;

function entryOf(name) {
  return opened.catalogue.find((entry) => entry.name === name);
}

function signed(value, digits) {
  return (value >= 0 ? "+" : "−") + Math.abs(value).toFixed(digits);
}

// Legibility gained and false strokes side by side, as measured on simulated plates.
function figuresLine(figures) {
  const measured = figures.foreign || figures.tuning;
  return measured ? `evidence ${signed(measured.evidence, 2)} nats · contrast ×${measured.contrast.toFixed(2)} · false strokes ${measured.false_strokes.toFixed(2)}` : "not measured: it only moves pixels";
}

function paintCatalogue() {
  const words = find(".sought").value.toLowerCase().split(/\s+/).filter(Boolean), nodes = [];
  let group = "";
  for (const entry of opened.catalogue) {
    const text = [entry.name, entry.title, entry.group, entry.summary, entry.text, entry.assumes, entry.lies].join(" ").toLowerCase();
    if (!words.every((word) => text.includes(word))) continue;
    if (entry.group !== group) nodes.push(make("div", "group", entry.group));
    group = entry.group;
    const node = make("div", "entry-step");
    node.tabIndex = 0;
    node.dataset.step = entry.name;
    node.setAttribute("role", "option");
    node.title = entry.summary;
    node.append(make("span", "name", entry.title), make("span", "slow", entry.slow ? "slow" : ""), make("span", "figures", figuresLine(entry.figures)));
    nodes.push(node);
  }
  find(".entries").replaceChildren(...nodes);
}

function addStep(name) {
  const entry = entryOf(name), at = chosen >= 0 ? chosen + 1 : chain.length;
  const parameters = Object.fromEntries(entry.parameters.map((parameter) => [parameter.name, structuredClone(parameter.default)]));
  chain.splice(at, 0, { step: name, parameters, on: true });
  chosen = at;
  chainChanged();
}

function moveStep(at, to) {
  if (to < 0 || to >= chain.length) return;
  chain.splice(to, 0, ...chain.splice(at, 1));
  chosen = to;
  chainChanged();
}

function removeStep(at) {
  chain.splice(at, 1);
  chosen = Math.min(chosen, chain.length - 1);
  chainChanged();
}

function chainChanged() {
  paintChain();
  runSoon(0);
}

function linkButton(text, label, action) {
  const button = make("button", "", text);
  button.type = "button";
  button.setAttribute("aria-label", label);
  button.addEventListener("click", (event) => { event.stopPropagation(); action(); });
  return button;
}

function paintChain() {
  const list = find(".steps");
  show(find(".empty"), chain.length === 0);
  list.replaceChildren(...chain.map((link, at) => {
    const entry = entryOf(link.step), node = make("li", "link" + (link.on ? "" : " off")), on = make("input");
    node.tabIndex = 0;
    node.dataset.at = at;
    node.setAttribute("aria-current", String(at === chosen));
    on.type = "checkbox";
    on.checked = link.on;
    on.setAttribute("aria-label", entry.title + " on");
    on.addEventListener("change", () => { link.on = on.checked; chainChanged(); });
    on.addEventListener("click", (event) => event.stopPropagation());
    node.append(on, make("span", "title", `${at + 1} ${entry.title}`), linkButton("↑", "Earlier", () => moveStep(at, at - 1)), linkButton("↓", "Later", () => moveStep(at, at + 1)), linkButton("×", "Remove", () => removeStep(at)));
    if (at === chosen) node.append(parameterFields(link, entry));
    node.addEventListener("click", (event) => { if (!event.target.closest(".parameters") && at !== chosen) chooseStep(at); });
    return node;
  }));
  paintStepPage();
}

function chooseStep(at) {
  chosen = at;
  paintChain();
  runSoon(0);
}

function parameterFields(link, entry) {
  const box = make("div", "parameters");
  for (const parameter of entry.parameters) {
    const row = make("label", "parameter", ""), value = link.parameters[parameter.name];
    row.title = parameter.doc + (parameter.unit ? ` (${parameter.unit}, ${parameter.low} to ${parameter.high})` : "");
    if (parameter.kind === "corners") continue;
    row.append(make("span", "", parameter.name.replaceAll("_", " ")), ...parameterInputs(link, parameter, value));
    box.append(row);
  }
  if (entry.picked) box.append(pickButton(link, entry));
  return box;
}

function parameterInputs(link, parameter, value) {
  const set = (next, wait) => { link.parameters[parameter.name] = next; runSoon(wait); };
  if (parameter.kind === "choice") {
    const select = make("select");
    select.append(...parameter.options.map((option) => new Option(option.replaceAll("_", " "), option)));
    select.value = value;
    select.addEventListener("change", () => set(select.value, 0));
    return [select];
  }
  if (parameter.kind === "flag") {
    const flag = make("input");
    flag.type = "checkbox";
    flag.checked = value;
    flag.addEventListener("change", () => set(flag.checked, 0));
    return [flag];
  }
  const slide = make("input"), number = make("input");
  slide.type = "range";
  number.type = "number";
  for (const input of [slide, number]) Object.assign(input, { min: parameter.low, max: parameter.high, step: "any", value });
  number.name = parameter.name;
  slide.setAttribute("aria-label", parameter.name);
  slide.addEventListener("input", () => { const next = Number(Number(slide.value).toPrecision(3)); number.value = next; set(next, 120); });
  number.addEventListener("change", () => { if (number.reportValidity() && number.value !== "") { slide.value = number.value; set(Number(number.value), 0); } });
  return [slide, number];
}

function pickButton(link, entry) {
  const button = make("button", "", { corners: "Click four corners in the left picture, clockwise from the top left", region: "Click two corners in the left picture", ring: "Click the middle, the inner and the outer edge in the left picture" }[entry.picked]);
  button.type = "button";
  button.addEventListener("click", () => pick(link, entry));
  return button;
}

// What a person needs to know before believing the step.
function paintStepPage() {
  const node = find(".step-page"), link = chain[chosen];
  show(node, Boolean(link));
  if (!link) return;
  const entry = entryOf(link.step), parts = [make("h3", "", entry.title), make("p", "", entry.summary)];
  for (const key of ["assumes", "lies", "text", "cost", "reference"]) if (entry[key]) parts.push(make("p", key, entry[key]));
  const rows = Object.entries(entry.figures);
  if (rows.length) {
    const table = make("table"), head = make("tr");
    head.append(...["simulated plates", "evidence, nats", "contrast", "false strokes"].map((text) => make("th", "", text)));
    table.append(head, ...rows.map(([plates, measured]) => {
      const row = make("tr");
      row.append(make("td", "", { foreign: "foreign", tuning: "tuning" }[plates]), make("td", "", `${signed(measured.evidence, 2)} (${signed(measured.evidence_95[0], 2)} to ${signed(measured.evidence_95[1], 2)})`), make("td", "", "×" + measured.contrast.toFixed(2)), make("td", "", measured.false_strokes.toFixed(2)));
      return row;
    }));
    parts.push(table);
  }
  node.replaceChildren(...parts);
}
