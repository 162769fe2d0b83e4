// Watch a restoration, read exercises, lessons. Words come from the server's catalogue; English is the key.

let opened = null, tried = null, read = "", ticket = 0, began = 0, chosen = 0, moving = null, ownNumber = null;

function t(text) {
  return (opened && opened.words[text]) || text;
}

function clock() {
  return Math.round((performance.now() - began) / 100) / 10;
}

function paintWords() {
  for (const node of element.querySelectorAll("[data-t]")) node.textContent = t(node.dataset.t);
  show(find(".unchecked"), opened.unchecked);
  find(".where").textContent = t("Training") + " · " + opened.trainee;
  const language = find(".language");
  language.replaceChildren(...opened.languages.map(([code, name]) => new Option(name, code)));
  language.value = opened.language;
  paintCourse(opened.course);
  show(find("[data-tab=own]"), opened.own.length > 0);
  paintWork();
  paintChoose();
  paintTitles();
}

function paintCourse(course) {
  find(".course").textContent = course ? `${course.title} · ${course.done} / ${course.count}` + (course.proficiency ? " · " + t("proficiency test") : "") : "";
}

function showTab(name) {
  for (const node of element.querySelectorAll(".tab")) show(node, node.classList.contains(name));
  for (const node of element.querySelectorAll("[data-tab]")) node.setAttribute("aria-selected", String(node.dataset.tab === name));
  if (name === "watch") watchPlate();
  if (name === "own") askOwn(0);
}

// Watch

function watched() {
  const value = (name) => Number(find(`.watch [name=${name}]`).value), on = (name) => find(`.watch [name=${name}]`).checked;
  return { ground_mm: value("ground") * opened.depth_mm, dwell: value("dwell"), strength: value("strength"), azimuth: value("azimuth"), elevation: value("elevation"), wet: on("wet"), particles: on("particles") };
}

function watchPlate() {
  ticket += 1;
  for (const slide of element.querySelectorAll(".watch .slide")) slide.querySelector("output").textContent = slide.querySelector("input").value;
  trigger("watch_plate", { ticket, ...watched() });
}

function showWatched(answer) {
  if (answer.error || answer.ticket !== ticket) return;
  find(".watched").src = answer.picture;
  find(".why").replaceChildren(...answer.why.map((text) => make("li", "", text)));
}

// Read it

function paintChoose() {
  const nodes = opened.course ? [button(t("Next exercise of the course"), () => begin({}))] : opened.grades.map(([grade, words]) => button(`${grade} ${words}`, () => begin({ grade })));
  find(".choose").replaceChildren(...nodes);
}

function button(text, action, name = "") {
  const node = make("button", name, text);
  node.type = "button";
  node.addEventListener("click", action);
  return node;
}

function paintWork() {
  const swab = (seconds) => button(`${t("Swab")} ${seconds} s`, () => act({ do: "swab", seconds }));
  find(".work").replaceChildren(
    swab(5), swab(15), swab(40), button(t("Dry"), () => act({ do: "dry" })), button(t("Polish"), () => act({ do: "polish" })),
    button(t("Magnetic particles"), () => act({ do: "particles", on: !tried.worked.particles })), button(t("Photograph"), () => act({ do: "photograph" }), "strong"),
  );
  find(".recipe").replaceChildren(...opened.recipes.map(([name, title]) => new Option(title, name)));
}

function begin(what) {
  answers = [];
  cursor = 0;
  locked = false;
  chosen = 0;
  tried = null;
  began = performance.now();
  find(".training").dataset.stage = "";
  trigger("begin", { ...what });
}

function act(what) {
  trigger("act", { at: clock(), ...what });
}

function say(words, bad = false) {
  find(".told").textContent = words;
  find(".told").classList.toggle("bad", bad);
}

function showTried(answer) {
  if (answer.error) return say(answer.error, true);
  if (answer.progress) return say(answer.progress);
  const fresh = tried === null;
  tried = answer;
  locked = answer.stage !== "working";
  const done = answer.stage === "done";
  find(".training").dataset.stage = answer.stage;
  show(find(".doing"), !done);
  show(find(".score"), done);
  paintCourse(answer.course);
  find(".task").textContent = `${t("grade")}: ${answer.grade}. ${t("Work on the plate, photograph it, read the photographs, lock your reading.")}`;
  find(".now").src = answer.picture;
  paintTaken(fresh);
  for (const node of element.querySelectorAll(".work button, .read .slide input")) node.disabled = locked;
  paintCells(answer.proposed);
  find("[data-do=next]").textContent = answer.stage === "working" ? t("Lock my reading") : t("Finish and see the truth");
  find("[data-do=next]").disabled = answer.stage === "locked" && !answer.proposed.length && !answer.proficiency && answers.length > 0;
  say(answer.stage === "locked" && answer.proposed.length ? t("The proposal is below your characters. Change your reading, or finish.") : "");
  if (fresh || (answer.stage === "locked" && answer.proposed.length)) find(".cells").focus();
  if (!done) return;
  const { struck, score } = answer.result;
  paintScore(find(".score"), struck, score, answer.result);
  find(".score").append(button(t("Another one"), () => { show(find(".score"), false); show(find(".choose"), true); }, "strong"));
}

function paintTaken(fresh) {
  const count = tried.photographs.length;
  if (fresh || chosen >= count || count > find(".taken").children.length) chosen = Math.max(0, count - 1);
  find(".taken").replaceChildren(...tried.photographs.map((photo, i) => {
    const node = button("", () => { chosen = i; paintTaken(false); });
    const image = make("img");
    image.src = photo.picture;
    image.alt = `${t("photograph")} ${i + 1}`;
    node.setAttribute("aria-selected", String(i === chosen));
    node.append(image);
    return node;
  }));
  const photo = tried.photographs[chosen];
  find(".large").src = photo ? photo.picture : "";
  show(find(".large"), Boolean(photo));
  if (photo && find(".recipe").value !== "as_taken") trigger("enhance", { photograph: chosen, recipe: find(".recipe").value });
}

function nextStep() {
  act({ do: tried.stage === "working" ? "lock" : "finish", readings: stated() });
}

// Lessons and own photographs

function paintTitles() {
  find(".lessons .titles").replaceChildren(...opened.lessons.map((lesson) => button(lesson.title, () => showLesson(lesson))));
  find(".own .titles").replaceChildren(...opened.own.map(([number, name]) => button(name, () => askOwn(number))));
  showLesson(opened.lessons[0]);
}

function showLesson(lesson) {
  const looks = make("div", "looks");
  looks.append(...lesson.looks.map((look) => {
    const figure = make("figure"), image = make("img");
    image.src = look.picture;
    image.alt = look.caption;
    figure.append(image, make("figcaption", "", look.caption));
    return figure;
  }));
  const tries = Array.from({ length: lesson.tries }, (_, number) => button(`${t("Exercise")} ${number + 1}`, () => { showTab("read"); show(find(".score"), false); begin({ lesson: lesson.name, number }); }, "strong"));
  find(".lessons article").replaceChildren(make("h2", "", lesson.title), ...lesson.paragraphs.map((text) => make("p", "", text)), looks, ...tries);
  [...find(".lessons .titles").children].forEach((node, i) => node.setAttribute("aria-selected", String(opened.lessons[i] === lesson)));
}

function askOwn(number) {
  answers = [];
  cursor = 0;
  locked = false;
  began = performance.now();
  trigger("own", { number });
}

function showOwn(answer) {
  const node = find(".own-score");
  if (answer.error) return node.replaceChildren(make("p", "wrong", answer.error));
  if (answer.score) return paintScore(node, answer.struck, answer.score, null);
  ownNumber = answer.number;
  find(".own-picture").src = answer.picture;
  const field = make("input");
  field.maxLength = 40;
  field.placeholder = t("what you read; ? for unreadable");
  node.replaceChildren(field, button(t("Finish and see the truth"), () => trigger("own", {
    number: ownNumber, at: clock(), readings: [...field.value.toUpperCase().replaceAll(" ", "")].map((sign) => ({ reading: readingOf(sign), confidence: 0.8 })),
  }), "strong"));
}

function showEnhanced(answer) {
  if (!answer.error && answer.photograph === chosen) find(".large").src = answer.picture;
}

function render() {
  if (!props.value || !props.value.text || props.value.text === read) return;
  read = props.value.text;
  const answer = JSON.parse(read);
  if (answer.kind === "opened") {
    const first = opened === null;
    opened = answer;
    paintWords();
    if (first) showTab("watch");
  } else ({ watched: showWatched, tried: showTried, enhanced: showEnhanced, own: showOwn })[answer.kind](answer);
}

for (const tab of element.querySelectorAll("[data-tab]")) tab.addEventListener("click", () => showTab(tab.dataset.tab));
find(".watch .side").addEventListener("input", watchPlate);
find(".language").addEventListener("change", (event) => trigger("open", { language: event.target.value }));
find(".cells").addEventListener("keydown", (event) => answerKey(event, tried ? tried.proposed : [], () => {}));
find(".alternatives").addEventListener("keydown", (event) => {
  if (event.key !== "Enter" && event.key !== "Escape") return;
  event.preventDefault();
  takeAlternatives(event.key === "Enter" ? event.target.value : "");
  paintCells(tried ? tried.proposed : []);
});
for (const slide of element.querySelectorAll(".read .slide input")) slide.addEventListener("input", () => {
  slide.parentElement.querySelector("output").textContent = slide.value;
  clearTimeout(moving);
  moving = setTimeout(() => act({ do: "light", azimuth: Number(find("[name=lamp]").value), elevation: Number(find("[name=height]").value) }), 60);
});
find(".recipe").addEventListener("change", () => paintTaken(false));
find("[data-do=next]").addEventListener("click", nextStep);
watch("value", render);
trigger("open", {});
