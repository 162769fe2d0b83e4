// Photographs chosen together, how they were taken, and their own order. Everything becomes an act of the record.

const form = find(".conditions"), chosen = new Set();
const FIELDS = ["method", "reagent", "cycle", "light", "note"];

function toggleChosen(photo) {
  if (!chosen.delete(photo)) chosen.add(photo);
  paintChosen();
}

function choose(photos) {
  chosen.clear();
  for (const photo of photos) chosen.add(photo);
  paintChosen();
}

function chooseRange(from, to) {
  const order = current.rows.map((row) => row.index);
  const [a, b] = [order.indexOf(from), order.indexOf(to)].sort((x, y) => x - y);
  choose(order.slice(Math.max(0, a), b + 1));
}

function paintChosen() {
  for (const [photo, { node }] of rowNodes) node.setAttribute("aria-selected", String(chosen.has(photo)));
  paintForm();
}

// The chosen photographs, in the order they are laid out; without any, the one the focus is in.
function described() {
  const rows = current.rows.filter((row) => chosen.has(row.index));
  return rows.length ? rows : current.rows.filter((row) => row.index === at.photo);
}

let formIsFor = "";

function paintForm() {
  if (!current) return;
  const rows = described(), numbers = rows.map((row) => row.index + 1);
  const named = numbers.length > 6 ? `${numbers.length} photographs` : `photograph${numbers.length > 1 ? "s" : ""} ${numbers.join(", ")}`;
  find(".for").textContent = rows.length ? `How ${named} ${numbers.length > 1 ? "were" : "was"} taken` : "";
  find(".set").disabled = !current.may_describe || !rows.length;
  const values = JSON.stringify([current.examination, rows.map((row) => [row.index, row.conditions])]);
  for (const name of FIELDS) form[name].disabled = !current.may_describe || !rows.length;
  if (values === formIsFor) return;
  formIsFor = values;
  for (const name of FIELDS) {
    const different = [...new Set(rows.map((row) => row.conditions[name]))];
    form[name].value = different.length === 1 ? different[0] : "";
    form[name].placeholder = different.length > 1 ? "several" : "";
    form[name].classList.remove("changed");
  }
}

function setConditions(event) {
  event.preventDefault();
  const said = {};
  for (const name of FIELDS) if (form[name].classList.contains("changed")) said[name] = form[name].value;
  const photos = described().map((row) => row.index);
  if (Object.keys(said).length && photos.length) send({ act: "describe_photos", photos, conditions: said });
  moveTo(at.photo, at.column);
}

function layOut(by) {
  send({ act: "order_photos", by, own: by === "own" ? current.rows.map((row) => row.index) : [] });
}

// Moves the photograph that the focus is in; with others chosen too, they stay where they are.
function shift(by) {
  if (!current.may_describe) return;
  const order = current.rows.map((row) => row.index), from = order.indexOf(at.photo), to = from + by;
  if (from < 0 || to < 0 || to >= order.length) return;
  [order[from], order[to]] = [order[to], order[from]];
  send({ act: "order_photos", by: "own", own: order });
}

function send(act) {
  trigger("act", { examination: current.examination, act, seen: current.seen });
}

form.addEventListener("submit", setConditions);
form.addEventListener("input", (event) => event.target.classList.add("changed"));
form.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  formIsFor = "";
  paintForm();
  moveTo(at.photo, at.column);
});
