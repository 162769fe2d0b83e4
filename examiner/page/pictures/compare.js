// A character beside another one: side by side, overlaid, blinking, or their difference.

const dialog = find(".compare"), beside = find(".beside"), inverted = find(".inverted"), note = find(".note"), period = find(".period");
const still = matchMedia("(prefers-reduced-motion: reduce)");
let current = null, position = 0, examination = "", viewed = "side", turned = false, timer = null, read = "";

function ask(change = {}) {
  trigger("ask", { examination, position, beside: beside.value, inverted: inverted.checked, ...change });
}

function open() {
  if (dialog.open) return dialog.close();
  if (!position) return;
  current = null;
  note.value = "";
  find(".kept").textContent = "";
  dialog.showModal();
  find("[data-view=side]").focus();
  ask({ beside: "" });
}

function render() {
  if (!props.value || !props.value.text || props.value.text === read) return;
  read = props.value.text;
  current = JSON.parse(read);
  if (current.position && current.position !== position) return;
  find(".title").textContent = current.label ? current.label[0].toUpperCase() + current.label.slice(1) : "Compare";
  const groups = new Map();
  for (const choice of current.choices) {
    if (!groups.has(choice.group)) {
      const group = make("optgroup");
      group.label = choice.group;
      groups.set(choice.group, group);
    }
    groups.get(choice.group).append(new Option(choice.label, choice.key));
  }
  beside.replaceChildren(...groups.values());
  beside.value = current.beside || "";
  inverted.checked = Boolean(current.inverted);
  find(".wrong").textContent = current.wrong;
  find(".kept").textContent = current.kept;
  find("[data-do=keep]").disabled = !current.pictures || !current.pictures.one;
  paint();
}

function besideLabel() {
  return beside.selectedOptions.length ? beside.selectedOptions[0].textContent : "";
}

function paint() {
  clearInterval(timer);
  for (const button of element.querySelectorAll("[data-view]")) button.setAttribute("aria-pressed", String(button.dataset.view === viewed));
  find(".period-text").textContent = `${(Number(period.value) / 1000).toFixed(1)} s`;
  show(find(".rate"), viewed === "blink");
  const pictures = current && current.pictures && current.pictures.one ? current.pictures : null;
  show(find(".pictures"), Boolean(pictures));
  if (!pictures) return;
  const second = find(".second");
  show(second, viewed === "side");
  if (viewed === "side") {
    put(find(".first"), pictures.one, current.label);
    put(second, pictures.other, besideLabel());
  } else if (viewed === "blink") {
    turned = false;
    turn();
    // Who does not want motion turns by hand, with the space bar.
    if (!still.matches) timer = setInterval(turn, Number(period.value));
  } else if (viewed === "overlay") {
    put(find(".first"), pictures.overlay, `orange: dark only in ${current.label}; blue: dark only in ${besideLabel()}; agreement of the edges: ${current.agreement}`);
  } else {
    put(find(".first"), pictures.difference, "black where both are the same");
  }
}

function turn() {
  const pictures = current.pictures;
  put(find(".first"), turned ? pictures.other : pictures.one, turned ? besideLabel() : current.label);
  turned = !turned;
}

function put(figure, source, caption) {
  const image = figure.querySelector("img");
  if (image.getAttribute("src") !== source) image.src = source;
  image.alt = caption;
  figure.querySelector("figcaption").textContent = caption;
}

function look(view) {
  viewed = view;
  paint();
}

function keep() {
  if (!current || !current.pictures || !current.pictures.one) return;
  trigger("keep", { examination, position, beside: beside.value, inverted: inverted.checked, view: viewed, note: note.value });
}

function stepBeside(by) {
  const next = beside.selectedIndex + by;
  if (next < 0 || next >= beside.options.length) return;
  beside.selectedIndex = next;
  ask();
}

const KEYS = {
  1: () => look("side"), 2: () => look("overlay"), 3: () => look("blink"), 4: () => look("difference"),
  ArrowDown: () => stepBeside(1), ArrowUp: () => stepBeside(-1), i: () => inverted.click(), I: () => inverted.click(),
  k: keep, K: keep, n: () => note.focus(), N: () => note.focus(), " ": () => { if (viewed === "blink") turn(); },
};

dialog.addEventListener("keydown", (event) => {
  // What is typed here is not meant for the positions below.
  event.stopPropagation();
  if (event.key === "F6") { event.preventDefault(); return dialog.close(); }
  if (event.target === note && event.key === "Enter") { event.preventDefault(); return keep(); }
  const command = KEYS[event.key], chooses = event.target === beside && event.key.startsWith("Arrow");
  if (!command || event.target === note || chooses || event.ctrlKey || event.altKey || event.metaKey) return;
  event.preventDefault();
  command();
});
dialog.addEventListener("close", () => { clearInterval(timer); announce("focus-current", {}); });
beside.addEventListener("change", () => ask());
inverted.addEventListener("change", () => ask());
period.addEventListener("input", paint);
for (const button of element.querySelectorAll("[data-view]")) button.addEventListener("click", () => look(button.dataset.view));
find("[data-do=close]").addEventListener("click", () => dialog.close());
find("[data-do=keep]").addEventListener("click", keep);
hear("selected", ({ id }) => { position = id; });
hear("strip", (said) => { examination = said.examination; });
hear("compare", open);
document.addEventListener("keydown", (event) => {
  if (element.isConnected && event.key === "F6" && !event.altKey && !event.ctrlKey) { event.preventDefault(); open(); }
});
watch("value", render);
render();
