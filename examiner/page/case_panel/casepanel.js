// Case → item → marking → what was done to it, and where the open photographs are filed. F7.

const dialog = find(".case-panel"), LEVELS = ["case", "item", "marking"], NEW = "new";
let current = null, read = "", examination = "";

function section(kind) {
  return element.querySelector(`section[data-kind=${kind}]`);
}

function ask(chosen) {
  trigger("ask", { examination, ...(chosen ? { chosen } : {}) });
}

function toggle() {
  if (dialog.open) return dialog.close();
  current = null;
  dialog.showModal();
  ask();
}

// What is chosen below a level that changed is a new one.
function chosenWith(kind, id) {
  const at = LEVELS.indexOf(kind);
  return Object.fromEntries(LEVELS.map((level, i) => [level, i < at ? current.chosen[level] : i === at ? id : NEW]));
}

function file(kind) {
  const value = readForm(section(kind).querySelector("form"), current.forms[kind]), above = LEVELS[LEVELS.indexOf(kind) - 1];
  if (kind === "procedure") value.marking = current.chosen.marking;
  else {
    if (current.chosen[kind] !== NEW) value.id = current.chosen[kind];
    if (above) value[above] = current.chosen[above];
  }
  trigger("file", { examination, kind, value, chosen: current.chosen });
}

function paintLevel(kind) {
  const node = section(kind), select = node.querySelector("select"), above = LEVELS[LEVELS.indexOf(kind) - 1];
  const possible = !above || current.chosen[above] !== NEW;
  select.replaceChildren(...current.listed[kind].map(([id, label]) => new Option(label, id)), new Option(`new ${kind} …`, NEW));
  select.value = current.chosen[kind];
  select.disabled = !possible;
  const form = node.querySelector("form"), value = current.values[kind], keep = make("button", "file-it", value.id ? "File the change" : `File this ${kind}`);
  form.replaceChildren(...current.forms[kind].map((field) => fieldRow(field, value[field.name])), keep);
  for (const input of form.querySelectorAll("input, select, textarea, button")) input.disabled = !possible;
}

function logRow(step, n) {
  const row = make("li");
  row.append(make("span", "n", String(n + 1)), make("span", "at", step.at), make("span", "", step.kind), make("span", "", step.said), make("span", "", step.note));
  for (const words of step.warnings) row.append(make("span", "against", "⚠ " + words));
  return row;
}

function paintProcedure() {
  const node = section("procedure"), form = node.querySelector("form"), possible = current.chosen.marking !== NEW;
  show(node, possible);
  if (!possible) return;
  const rows = current.steps.map(logRow);
  node.querySelector(".log").replaceChildren(...(rows.length ? rows : [make("li", "none", "Nothing is filed yet.")]));
  const before = form.querySelector("[data-name=kind] select"), kind = before ? before.value : "clean";
  form.replaceChildren(...current.forms.procedure.map((field) => fieldRow(field, field.name === "kind" ? kind : "")), make("button", "file-it", "File what was done"));
  paintAsked();
}

// Only what belongs to what was done is asked; what speaks against it is said before it is filed.
function paintAsked() {
  const form = section("procedure").querySelector("form"), kind = form.querySelector("[data-name=kind] select").value;
  for (const row of form.querySelectorAll(".field")) show(row, row.dataset.name === "kind" || current.of_step[kind].includes(row.dataset.name));
  const reagent = form.querySelector("[data-name=reagent]"), name = reagent.hidden ? "" : reagent.querySelector("input").value;
  find(".warning").textContent = [...current.warnings[kind].map((words) => "⚠ " + words), name && current.reagents[name] ? `${name}: ${current.reagents[name]}.` : ""].filter(Boolean).join(" ");
}

function render() {
  if (!props.value || !props.value.text || props.value.text === read) return;
  read = props.value.text;
  const answered = JSON.parse(read), first = current === null;
  if (answered.examination !== examination || !dialog.open) return;
  const focused = element.contains(document.activeElement) ? document.activeElement.closest("[data-kind]") : null;
  current = answered;
  for (const kind of LEVELS) paintLevel(kind);
  paintProcedure();
  find(".told").textContent = current.notice || (current.filed_here ? "The open photographs are filed under this marking." : "");
  find(".told").classList.toggle("bad", current.wrong);
  find(".attach").disabled = !current.may_attach || current.filed_here;
  const node = first ? section("case") : focused;
  if (node) (node.querySelector("form input, form select") || node).focus();
}

for (const kind of [...LEVELS, "procedure"]) {
  const node = section(kind), form = node.querySelector("form");
  form.addEventListener("submit", (event) => { event.preventDefault(); if (current) file(kind); });
  const select = node.querySelector(".pick select");
  if (select) select.addEventListener("change", () => ask(chosenWith(kind, select.value)));
}
section("procedure").querySelector("form").addEventListener("input", paintAsked);
find(".attach").addEventListener("click", () => trigger("file", { examination, kind: "series", marking: current.chosen.marking, chosen: current.chosen }));
find("[data-do=close]").addEventListener("click", () => dialog.close());
dialog.addEventListener("close", () => announce("focus-current", {}));
hear("strip", (told) => { examination = told.examination; });
hear("case", toggle);
document.addEventListener("keydown", (event) => {
  if (!element.isConnected || event.key !== "F7" || event.ctrlKey || event.altKey) return;
  event.preventDefault();
  toggle();
});
watch("value", render);
render();
