// What the photograph is shown through: a recipe, or a picture fused from the whole series with its settings.

const recipes = find(".recipe"), fusionForm = find(".fusion"), FUSED = "fused:";
let asking = null;

function group(label, entries) {
  const node = make("optgroup");
  node.label = label;
  node.append(...entries.map(({ value, title, lacks }) => {
    const option = new Option(title, value);
    option.disabled = Boolean(lacks);
    option.title = lacks || "";
    return option;
  }));
  return node;
}

function fusionInView() {
  return current.fusion && current.fusions.find((item) => item.name === current.fusion.name);
}

function paintRecipes() {
  recipes.replaceChildren(
    group("One photograph, enhanced", current.recipes.map((item) => ({ value: item.name, title: item.title }))),
    group("The whole series, fused", current.fusions.map((item) => ({ value: FUSED + item.name, ...item }))),
  );
  const fusion = fusionInView();
  const chosen = fusion || current.recipes.find((item) => item.name === current.recipe);
  recipes.value = fusion ? FUSED + fusion.name : current.recipe;
  find(".purpose").textContent = current.fusing || (chosen ? chosen.purpose || chosen.summary : "");
  find(".tag-right").textContent = chosen ? chosen.title : "";
  const lacking = current.fusions.filter((item) => item.lacks);
  find(".lacks").textContent = fusion || lacking.length === 0 ? "" : `${lacking.length} more fusions: ${lacking[0].lacks}.`;
  paintFusion(fusion);
}

function paintFusion(fusion) {
  show(fusionForm, Boolean(fusion));
  if (!fusion) return paintLamp(null);
  const now = current.fusion;
  const other = fusionForm.dataset.name !== fusion.name;
  if (other) {
    fusionForm.dataset.name = fusion.name;
    find(".settings").replaceChildren(...fusion.parameters.map(setting), photographsField());
  }
  if (other || (!asking && !fusionForm.contains(document.activeElement))) {
    for (const { name, kind } of fusion.parameters) {
      if (kind === "flag") fusionForm.elements[name].checked = now.parameters[name];
      else fusionForm.elements[name].value = now.parameters[name];
    }
    fusionForm.elements.photographs.value = ranges(now.photographs);
  }
  const shares = now.weights.map(([index, weight]) => `${index + 1}: ${weightWords(weight)}`).join("   ");
  const out = now.left_out.map((index) => index + 1).join(", ");
  find(".weights").textContent = `In the frame of photograph ${now.reference + 1}. Weights   ${shares}` + (out ? `. Left out, not registered: ${out}.` : ".");
  for (const [part, url] of [[".save-picture", now.save], [".save-provenance", now.provenance]]) {
    find(part).href = url;
    show(find(part), Boolean(url));
  }
  paintLamp(now);
}

function weightWords(weight) {
  return weight >= 0 && weight <= 1 ? Math.round(weight * 100) + " %" : weight.toFixed(2);
}

function setting(parameter) {
  const label = make("label", "setting-" + parameter.kind, parameter.name.replaceAll("_", " "));
  label.title = parameter.doc;
  let field;
  if (parameter.kind === "choice") {
    field = make("select");
    field.append(...parameter.options.map((option) => new Option(option.replaceAll("_", " "), option)));
  } else {
    field = make("input");
    field.type = parameter.kind === "flag" ? "checkbox" : "number";
    if (parameter.kind === "number") Object.assign(field, { min: parameter.low, max: parameter.high, step: "any" });
  }
  field.name = parameter.name;
  label.append(field);
  return label;
}

function photographsField() {
  const label = make("label", "setting-text", "photographs"), field = make("input");
  label.title = "Which photographs are used, for instance 1-4, 7";
  field.name = "photographs";
  label.append(field);
  return label;
}

// 0, 1, 2, 4 as 1-3, 5
function ranges(numbers) {
  const runs = [];
  for (const number of numbers) {
    const last = runs[runs.length - 1];
    if (last && number === last[1] + 1) last[1] = number;
    else runs.push([number, number]);
  }
  return runs.map(([a, b]) => (a === b ? `${a + 1}` : `${a + 1}-${b + 1}`)).join(", ");
}

// The reverse; null where it is not understood.
function numbersOf(text) {
  const numbers = [];
  for (const part of text.split(/[,;\s]+/).filter(Boolean)) {
    const match = /^(\d{1,4})(?:[-–](\d{1,4}))?$/.exec(part);
    if (!match) return null;
    for (let n = Number(match[1]); n <= Number(match[2] || match[1]); n += 1) numbers.push(n - 1);
  }
  return numbers;
}

function askFusion(name, parameters, photographs) {
  trigger("fuse", { examination: current.examination, photo: current.photo, fusion: { name, parameters, photographs } });
}

function askWithSettings() {
  clearTimeout(asking);
  asking = setTimeout(() => {
    asking = null;
    const fusion = fusionInView(), photographs = numbersOf(fusionForm.elements.photographs.value);
    if (!fusion || !fusionForm.reportValidity()) return;
    if (!photographs) return fusionForm.elements.photographs.setCustomValidity("Numbers and ranges, for instance 1-4, 7");
    const parameters = {};
    for (const { name, kind } of fusion.parameters) {
      const field = fusionForm.elements[name];
      parameters[name] = kind === "flag" ? field.checked : kind === "number" ? Number(field.value) : field.value;
    }
    askFusion(fusion.name, parameters, photographs);
  }, 350);
}

recipes.addEventListener("change", () => {
  if (recipes.value.startsWith(FUSED)) return askFusion(recipes.value.slice(FUSED.length), {}, []);
  trigger("look", { examination: current.examination, photo: current.photo, recipe: recipes.value });
});
fusionForm.addEventListener("input", (event) => {
  fusionForm.elements.photographs.setCustomValidity("");
  if (lampFields(event.target)) relight();
  askWithSettings();
});
fusionForm.addEventListener("submit", (event) => event.preventDefault());
