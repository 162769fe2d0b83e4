// The case: what is open, its photographs by hash, the mode and how far the work has come.

let current = null;

function choices() {
  const groups = new Map();
  for (const choice of current.choices) {
    if (!groups.has(choice.group)) groups.set(choice.group, []);
    groups.get(choice.group).push(choice);
  }
  return [...groups].map(([name, members]) => {
    const group = document.createElement("optgroup");
    group.label = name;
    group.append(...members.map((choice) => new Option(choice.label, choice.value)));
    return group;
  });
}

function fileChip(photo) {
  const chip = make("span", "file");
  chip.title = `${photo.name}\nSHA-256 ${photo.sha256}`;
  chip.append(make("span", "file-name", photo.name), make("code", "", photo.sha256.slice(0, 12)));
  return chip;
}

function files() {
  const chips = current.photos.slice(0, 2).map(fileChip);
  const more = current.photos.length - chips.length;
  if (more > 0) {
    const rest = make("span", "more", `+ ${more} more`);
    rest.title = current.photos.slice(2).map((photo) => `${photo.name}  ${photo.sha256.slice(0, 12)}`).join("\n");
    chips.push(rest);
  }
  return chips;
}

function phases() {
  return current.phases.map((phase) => {
    const item = make("li", phase.state, phase.word);
    if (phase.state === "now") item.setAttribute("aria-current", "step");
    return item;
  });
}

function render() {
  if (!props.value || !props.value.choices) return;
  current = props.value;
  const choice = find(".choice");
  choice.replaceChildren(...choices());
  choice.value = current.chosen;
  find(".examiner").textContent = current.examiner;
  find(".filed").textContent = current.filed || "Case";
  find(".case-button").title = current.filed ? `Filed under ${current.filed}` : "Case, item, marking and procedure: not filed yet";
  show(find(".sign-out"), Boolean(current.sign_out));
  find(".files").replaceChildren(...files());
  find(".phases").replaceChildren(...phases());
  find(".mode").textContent = current.mode_words;
  find(".mode").className = "mode " + current.mode;
  paintQuestion();
}

// Asked before somebody else's examination is opened that could still be read as second examiner.
function paintQuestion() {
  const question = current.question;
  const arrives = Boolean(question) && find(".question").hidden;
  show(find(".question"), Boolean(question));
  find(".question-words").textContent = question ? question.words : "";
  if (arrives) find("[data-do=read-second]").focus();
}

function answerQuestion(sent) {
  const { choice } = current.question;
  current.question = null;
  paintQuestion();
  find(".choice").value = current.chosen;
  if (sent) trigger("open", sent(choice));
}

find("[data-do=read-second]").addEventListener("click", () => answerQuestion((choice) => ({ choice: "second:" + choice })));
find("[data-do=look-anyway]").addEventListener("click", () => answerQuestion((choice) => ({ choice, sure: true })));
find("[data-do=leave-it]").addEventListener("click", () => answerQuestion(null));
find(".question").addEventListener("keydown", (event) => { if (event.key === "Escape") answerQuestion(null); });
find(".case-button").addEventListener("click", () => announce("case", {}));
find(".new-mode").addEventListener("change", (event) => trigger("mode", { mode: event.target.value }));
find(".choice").addEventListener("change", (event) => trigger("open", { choice: event.target.value }));
watch("value", render);
render();
