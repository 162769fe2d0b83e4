// A form made of the fields that the server names: what is in it, and what is read out of it.

function optionsOf(field, value) {
  return (field.type === "choice" ? field.options : ["", ...field.options]).concat(value && !field.options.includes(value) ? [value] : []);
}

// A word of the laboratory, or another one: typed, with the laboratory's offered.
function wordsInput(field, value) {
  const box = make("span"), input = make("input"), list = make("datalist");
  list.id = "words-" + field.name;
  list.append(...field.options.map((word) => new Option(word, word)));
  input.setAttribute("list", list.id);
  input.maxLength = 200;
  input.value = value || "";
  box.append(input, list);
  return box;
}

function choiceInput(field, value) {
  const select = make("select");
  select.append(...optionsOf(field, value).map((word) => new Option(word, word)));
  select.value = value || field.options[0];
  return select;
}

function manyInput(field, value) {
  const box = make("span", "many");
  for (const word of [...new Set([...field.options, ...(value || [])])]) {
    const label = make("label"), check = make("input");
    check.type = "checkbox";
    check.value = word;
    check.checked = (value || []).includes(word);
    label.append(check, make("span", "", word));
    box.append(label);
  }
  return box;
}

function signRow(field, sign) {
  const row = make("div", "sign"), kind = choiceInput(field, sign.kind), note = make("input"), photos = make("input"), away = make("button", "", "×");
  note.value = sign.note || "";
  note.placeholder = "what is seen";
  note.maxLength = 2000;
  photos.placeholder = sign.photos && sign.photos.length ? `${sign.photos.length} kept` : "photos";
  photos.title = "Numbers of photographs of the open series: 1 3";
  row.kept = sign.photos || [];
  away.type = "button";
  away.setAttribute("aria-label", "Remove this sign");
  away.addEventListener("click", () => row.remove());
  row.append(kind, note, photos, away);
  return row;
}

function signsInput(field, value) {
  const box = make("div", "signs"), add = make("button", "add-sign", "+ sign");
  add.type = "button";
  add.addEventListener("click", () => add.before(signRow(field, {})));
  box.append(...(value || []).map((sign) => signRow(field, sign)), add);
  return box;
}

function plainInput(field, value) {
  const input = make(field.type === "text" ? "textarea" : "input");
  input.maxLength = field.type === "text" ? 2000 : 200;
  if (field.type === "number") input.inputMode = "decimal";
  input.value = value === undefined || value === null ? "" : String(value);
  return input;
}

const INPUTS = { words: wordsInput, choice: choiceInput, many: manyInput, signs: signsInput };

function fieldRow(field, value) {
  const tall = ["text", "many", "signs"].includes(field.type);
  const row = make(["many", "signs"].includes(field.type) ? "div" : "label", "field" + (tall ? " tall" : ""));
  row.dataset.name = field.name;
  const input = (INPUTS[field.type] || plainInput)(field, value);
  if (tall) input.setAttribute("aria-label", field.label);
  row.append(make("span", "", field.label), input);
  return row;
}

function readSign(row) {
  const [kind, note, photos] = row.querySelectorAll("select, input");
  const numbers = photos.value.split(/[^0-9]+/).filter(Boolean).map((text) => Number(text) - 1);
  return { kind: kind.value, note: note.value.trim(), photos: [...row.kept, ...numbers] };
}

function readField(row, field) {
  if (field.type === "many") return [...row.querySelectorAll("input:checked")].map((check) => check.value);
  if (field.type === "signs") return [...row.querySelectorAll(".sign")].map(readSign);
  return row.querySelector("input, select, textarea").value.trim();
}

function readForm(form, fields) {
  const value = {};
  for (const field of fields) {
    const row = form.querySelector(`[data-name="${field.name}"]`);
    if (row && !row.hidden) value[field.name] = readField(row, field);
  }
  return value;
}
